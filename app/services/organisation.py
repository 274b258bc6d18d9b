"""The organisation's own settings: what its documents say, how it counts, when it works.

There is one row, made with the organisation. What documents were issued with stays on them; the
currency stays as soon as one was.
"""

import asyncio
from decimal import Decimal
from typing import Annotated, Any, Literal

from babel import Locale, UnknownLocaleError
from pydantic import AfterValidator, Field
from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from app.core.errors import Conflict, FieldError, Invalid, NotFound
from app.core.money import Rounding, known_currency
from app.documents import pictures
from app.models.invoices import Invoice, InvoiceStatus
from app.models.organisations import (
    WEEKDAYS,
    Counter,
    LogoFormat,
    OrganisationSettings,
    RoundTaxOn,
    Series,
    parse_working_hours,
)
from app.services.context import Ctx, changed
from app.services.facts import Fact, emit
from app.services.gates import Gate, stored
from app.services.identity.organisations import rename
from app.services.inputs import (
    Country,
    Email,
    Latitude,
    Longitude,
    Name,
    Patch,
    Phone,
    Prefix,
    ShortText,
    TaxRate,
    Zone,
    degrees,
    refuse_half_a_position,
)
from app.services.usage import count_of

Line = Annotated[str, Field(max_length=200)]
Paragraph = Annotated[str, Field(max_length=10_000)]
Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", max_length=5)]
"""Local wall time, `08:00`."""
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def _currency(code: str) -> str:
    if not known_currency(code):
        raise ValueError(f"“{code}” is not a currency. Use an ISO 4217 code such as USD.")
    return code


def _locale(name: str) -> str:
    try:
        return str(Locale.parse(name.replace("-", "_")))
    except (ValueError, UnknownLocaleError):
        raise ValueError(f"“{name}” is not a language and country. Write it like en_US.") from None


def _hours(hours: dict[str, Any]) -> dict[str, Any]:
    parse_working_hours(hours)
    return {day: [list(span) for span in hours[day]] for day in WEEKDAYS if day in hours}


Currency = Annotated[
    str, Field(max_length=3, pattern="^[A-Z]{3}$", examples=["USD"]), AfterValidator(_currency)
]
LocaleName = Annotated[
    str, Field(min_length=2, max_length=20, examples=["en_US"]), AfterValidator(_locale)
]
WorkingHours = Annotated[
    dict[Weekday, Annotated[list[tuple[Clock, Clock]], Field(max_length=10)]],
    AfterValidator(_hours),
]
"""Spans of each weekday in order, in local wall time; a day that is left out is free."""

BASE = ("base_latitude", "base_longitude")
SHOWN = (selectinload(OrganisationSettings.numbering),)
"""What an output of the settings needs loaded."""


class SeriesPatch(Patch):
    """What stands before the number."""

    prefix: Prefix = ""


class NumberingPatch(Patch):
    """New prefixes; numbers go on counting."""

    work_order: SeriesPatch | None = None
    invoice: SeriesPatch | None = None


class OrganisationPatch(Patch):
    """Changes to the organisation's settings; null empties what may be empty."""

    name: Name = ""
    legal_name: ShortText | None = None
    time_zone: Zone = ""
    currency: Currency = ""
    locale: LocaleName = ""
    country: Country = ""
    rounding: Rounding = Rounding.half_up
    round_tax_on: RoundTaxOn = RoundTaxOn.document
    tax_label: ShortText = ""
    tax_rate: TaxRate = Decimal(0)
    tax_number: ShortText | None = None
    payment_terms_days: int = Field(30, ge=0, le=365, strict=True)
    working_hours: WorkingHours = Field({})
    street: Line = ""
    city: Line = ""
    region: Line = ""
    postal_code: Annotated[str, Field(max_length=20)] = ""
    base_latitude: Latitude | None = Field(
        None, description="Where people's days begin and end who have no base of their own."
    )
    base_longitude: Longitude | None = None
    phone: Phone | None = None
    email: Email | None = None
    website: ShortText | None = None
    invoice_footer: Paragraph = ""
    payment_instructions: Paragraph = ""
    numbering: NumberingPatch | None = None
    gate: Gate = Field([])


async def settings(ctx: Ctx, *, at: int | None = None, lock: bool = False) -> OrganisationSettings:
    """The settings with their number series, at the version the caller saw. Raises `Stale`."""
    return await ctx.get(OrganisationSettings, ctx.org_id, at=at, lock=lock, options=SHOWN)


async def change(
    ctx: Ctx, organisation: OrganisationSettings, patch: OrganisationPatch
) -> OrganisationSettings:
    """Change what the patch names; `organisation` has its number series loaded.

    Raises `Conflict` for another currency once an invoice was issued or while one is drafted.
    """
    given = patch.given()
    numbering: NumberingPatch | None = given.pop("numbering", None)
    if "gate" in given:
        given["gate"] = stored(patch.gate)
    if given.get("currency", organisation.currency) != organisation.currency:
        await _refuse_mixed_currencies(ctx, organisation)
    if given.get("name", organisation.name) != organisation.name:
        await rename(ctx, given["name"])
    prefixes = _set_prefixes(organisation, numbering) if numbering else {}
    if prefixes:
        organisation.touch()
    for name, value in given.items():
        setattr(organisation, name, degrees(value) if name in BASE else value)
    refuse_half_a_position(organisation.base_latitude, organisation.base_longitude, BASE)
    fields = [name for name in changed(organisation) if name != "parts_version"]
    fields += [f"prefix of {series.replace('_', ' ')}s" for series in prefixes]
    if fields:
        await emit(
            ctx,
            Fact.organisation_changed,
            organisation,
            name=organisation.name,
            fields=", ".join(fields),
            prefixes=prefixes,
        )
    return organisation


async def _refuse_mixed_currencies(ctx: Ctx, organisation: OrganisationSettings) -> None:
    # whoever issues an invoice takes its number from this row; while we hold it nobody does
    await ctx.session.execute(
        select(Counter).where(Counter.series == Series.invoice).with_for_update()
    )
    numbered = select(Invoice.id).where(Invoice.number.is_not(None)).limit(1)
    if (await ctx.session.execute(numbered)).first() is not None:
        raise _fixed("The currency cannot change once an invoice has been issued.")
    drafts = (
        select(func.count())
        .select_from(Invoice)
        .where(Invoice.status == InvoiceStatus.draft, Invoice.deleted_at.is_(None))
    )
    if number := (await ctx.session.execute(drafts)).scalar_one():
        drafted = count_of(number, "draft invoice", "draft invoices")
        raise _fixed(f"You have {drafted} in {organisation.currency}. Delete before you change it.")


def _fixed(detail: str) -> Conflict:
    return Conflict(
        detail, code="currency_fixed", errors=[FieldError("/currency", "currency_fixed", detail)]
    )


def _set_prefixes(
    organisation: OrganisationSettings, numbering: NumberingPatch
) -> dict[str, list[str]]:
    """Set the prefixes that differ; which series, with the prefix before and after."""
    moved: dict[str, list[str]] = {}
    for series, patch in numbering.given().items():
        counter = organisation.numbering[series]
        if patch is not None and patch.prefix != counter.prefix:
            moved[series] = [counter.prefix, patch.prefix]
            counter.prefix = patch.prefix
    return moved


async def set_logo(ctx: Ctx, picture: bytes) -> OrganisationSettings:
    """Print this picture on documents from now on. Raises `Invalid` with the reason for one that
    cannot be printed."""
    reason = await asyncio.to_thread(pictures.refusal, picture)
    if reason is not None:
        raise Invalid(
            reason, code="bad_picture", errors=[FieldError("/file", "bad_picture", reason)]
        )
    organisation = await settings(ctx, lock=True)
    organisation.logo = picture
    await _say_logo(ctx, organisation)
    return organisation


async def remove_logo(ctx: Ctx) -> None:
    """Print no logo any more. Raises `NotFound` when there is none."""
    organisation = await settings(ctx, lock=True)
    if organisation.logo_format is None:
        raise NotFound("There is no logo.")
    organisation.logo = None
    await _say_logo(ctx, organisation)


async def _say_logo(ctx: Ctx, organisation: OrganisationSettings) -> None:
    await emit(ctx, Fact.organisation_changed, organisation, name=organisation.name, fields="logo")


async def logo(ctx: Ctx) -> tuple[bytes, LogoFormat]:
    """The logo and its format. Raises `NotFound` when there is none."""
    picture, kind = (
        await ctx.session.execute(
            select(OrganisationSettings.logo, OrganisationSettings.logo_format)
        )
    ).one()
    if picture is None or kind is None:
        raise NotFound("There is no logo.")
    return picture, LogoFormat(kind)
