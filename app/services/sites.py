"""Sites: the verbs of where work is done, and of who has to do with the place.

A site is placed and zoned from its postal code (`placing`). Its parties come and go with dates; the
site stays. Deleting is soft and refused while work is open there.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import selectinload

from app.core import clock
from app.core.errors import Conflict, NotFound, invalid_field
from app.core.filters import Fields, FilterField, Kind, filterable, through
from app.core.listing import Column, Filter, ListQuery
from app.core.places import Precision
from app.models.customers import Customer
from app.models.permissions import Permission
from app.models.sites import PartyRole, PlacedBy, Severity, Site, SiteParty, Weekday
from app.models.tags import Tagging
from app.models.visits import Visit
from app.models.work_orders import WorkOrder
from app.services import geocoding, placing, territories
from app.services.context import Ctx, changed
from app.services.facts import Fact, Told, emit, emit_all
from app.services.inputs import (
    Country,
    Day,
    Draft,
    Latitude,
    Longitude,
    LongText,
    Moment,
    Patch,
    ShortText,
    Zone,
    refuse_half_a_position,
)
from app.services.tagging import WithTag
from app.services.usage import count_of, open_work_orders
from app.services.visits.fitting import refuse_other_clock

PostalCode = Annotated[str, Field(min_length=1, max_length=20, examples=["85001"])]
"""In the US also as spreadsheets write it, `2139`; kept as five digits."""

Clock = Annotated[
    str, Field(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$", max_length=5, examples=["08:00"])
]
"""What a clock shows at the site; `24:00` ends a day."""
MOST_SPANS = 28
"""Of access hours; four a day."""
MOST_HAZARDS = 20

MOST_PARTIES = 100
"""Of one site in all its life."""
DERIVED = ("city", "region", "time_zone")
"""What the postal code tells when nobody says it."""
SHOWN = (selectinload(Site.parties).joinedload(SiteParty.customer),)
"""What an output of a site needs loaded."""


PRECISION = FilterField(Kind.choice, Site.known_precision, tuple(Precision))


class AccessSpan(Draft):
    """A stretch of a weekday in which the site may be entered, by the clock at the site."""

    weekday: Weekday
    opens: Clock
    closes: Clock

    @model_validator(mode="after")
    def _in_order(self) -> "AccessSpan":
        if not self.opens < self.closes:
            raise ValueError(
                "It closes after it opens. A span over midnight is two: until 24:00, and from 00:00."
            )
        return self


class Hazard(Draft):
    """Something to beware of at the site."""

    text: ShortText
    severity: Severity = Severity.caution


def _no_overlap(spans: list[AccessSpan]) -> list[AccessSpan]:
    order = list(Weekday)
    spans = sorted(spans, key=lambda span: (order.index(span.weekday), span.opens))
    for before, after in pairwise(spans):
        if before.weekday == after.weekday and after.opens < before.closes:
            raise ValueError(
                f"Two spans of {after.weekday.value} overlap:"
                f" {before.opens}–{before.closes} and {after.opens}–{after.closes}."
            )
    return spans


AccessHours = Annotated[
    list[AccessSpan],
    Field(
        max_length=MOST_SPANS,
        description="When the site may be entered, by its own clock; an empty list: at any time.",
    ),
    AfterValidator(_no_overlap),
]


def _worst_first(hazards: list[Hazard]) -> list[Hazard]:
    order = list(Severity)
    return sorted(hazards, key=lambda hazard: -order.index(hazard.severity))


Hazards = Annotated[list[Hazard], Field(max_length=MOST_HAZARDS), AfterValidator(_worst_first)]


class PartyDraft(Draft):
    """A customer's relation to a site."""

    customer_id: UUID
    role: PartyRole = PartyRole.owner
    starts_on: Day | None = None


class NewParty(PartyDraft):
    """A further party of a site."""

    id: UUID | None = Field(None, description="Your own UUID for it, if you make them.")


class SiteDraft(Draft):
    """A new site. City, region, time zone and position come from the postal code unless given."""

    id: UUID | None = Field(None, description="Your own UUID for it, if you make them.")
    customer_id: UUID | None = Field(None, description="Short for `parties` with this one owner.")
    parties: list[PartyDraft] = Field([], max_length=20)
    name: ShortText | None = None
    street: ShortText
    unit: ShortText | None = None
    city: ShortText | None = None
    region: ShortText | None = None
    postal_code: PostalCode
    country: Country = "US"
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    time_zone: Zone | None = None
    access_notes: LongText | None = None
    gate_code: ShortText | None = None
    external_key: ShortText | None = None
    access_hours: AccessHours = Field([])
    hazards: Hazards = Field([])

    @model_validator(mode="after")
    def _has_a_party(self) -> "SiteDraft":
        if (self.customer_id is None) == (not self.parties):
            raise ValueError("Say whose site it is, with either customer_id or parties.")
        return self


class SitePatch(Patch):
    """Changes to a site; null empties, and lets the postal code tell again."""

    name: ShortText | None = None
    street: ShortText = ""
    unit: ShortText | None = None
    city: ShortText | None = None
    region: ShortText | None = None
    postal_code: PostalCode = ""
    country: Country = ""
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    time_zone: Zone | None = None
    access_notes: LongText | None = None
    gate_code: ShortText | None = None
    external_key: ShortText | None = None
    access_hours: AccessHours = Field([])
    hazards: Hazards = Field([])
    territory_id: UUID | None = Field(None, description="Null: where its address lies.")


class SiteQuery(ListQuery):
    """Filters and sorts of the list of sites."""

    SORTS: ClassVar[dict[str, Column]] = {"created_at": Site.created_at}
    FILTERS: ClassVar[Fields | None] = {
        **filterable(
            Site.id,
            Site.created_at,
            Site.updated_at,
            Site.name,
            Site.street,
            Site.unit,
            Site.city,
            Site.region,
            Site.postal_code,
            Site.country,
            Site.latitude,
            Site.longitude,
            Site.placed_by,
            Site.time_zone,
            Site.external_key,
            Site.territory_id,
            Site.deleted_at,
            many={
                "tags": through(Site, Tagging.entity_id, Tagging.tag_id),
                "customers": through(
                    Site, SiteParty.site_id, SiteParty.customer_id, SiteParty.ends_on.is_(None)
                ),
            },
        ),
        "precision": PRECISION,
    }

    customer_id: UUID | None = Field(None, description="Sites to which this customer belongs now.")
    postal_code: Annotated[PostalCode | None, Filter(Site.postal_code)] = None
    region: Annotated[ShortText | None, AfterValidator(str.upper), Filter(Site.region)] = None
    territory_id: Annotated[UUID | None, Filter(Site.territory_id)] = None
    external_key: Annotated[ShortText | None, Filter(Site.external_key)] = None
    tag_id: Annotated[UUID | None, WithTag(Site.id)] = None
    created_from: Annotated[Moment | None, Filter(Site.created_at, "gte")] = None
    created_before: Annotated[Moment | None, Filter(Site.created_at, "lt")] = None

    def conditions(self) -> list[ColumnElement[bool]]:
        found = super().conditions()
        if self.customer_id is not None:
            party = select(SiteParty.id).where(
                SiteParty.org_id == Site.org_id,
                SiteParty.site_id == Site.id,
                SiteParty.customer_id == self.customer_id,
                SiteParty.ends_on.is_(None),
            )
            found.append(party.correlate(Site).exists())
        return found


async def create(ctx: Ctx, draft: SiteDraft) -> Site:
    """Add a site with its parties, placed and zoned.

    Raises `Invalid` for an impossible postal code or half a position, `NotFound` for a customer
    that is not there, `Conflict` for an id that another site has.
    """
    if draft.gate_code is not None:
        ctx.require(Permission.sites_access_codes)
    parties = await _parties(ctx, draft)
    given = draft.model_dump(
        exclude_none=True,
        exclude={"customer_id", "parties", "latitude", "longitude"},
    )
    given |= draft.model_dump(mode="json", include={"access_hours", "hazards"})
    site = Site(**(dict.fromkeys(DERIVED, "") | given))
    if (point := _point(draft.latitude, draft.longitude)) is not None:
        placing.pin(site, *point)
    await placing.settle(site, moved=True)
    await territories.place(ctx, site)
    site.parties = parties
    await ctx.add(site)
    about = tuple(party.customer_id for party in parties)
    await emit(ctx, Fact.site_created, site, about=about, name=site.address)
    await geocoding.note(ctx, site)
    return site


async def _parties(ctx: Ctx, draft: SiteDraft) -> list[SiteParty]:
    if draft.customer_id is not None:
        owner = await ctx.get(Customer, draft.customer_id, pointer="/customer_id")
        return [SiteParty(customer=owner, role=PartyRole.owner)]
    customers = await ctx.get_all(
        Customer,
        [party.customer_id for party in draft.parties],
        pointer="/parties/{}/customer_id",
    )
    seen: set[tuple[UUID, PartyRole]] = set()
    for place, party in enumerate(draft.parties):
        if (party.customer_id, party.role) in seen:
            raise invalid_field(
                f"parties/{place}", "This customer is named twice in this role.", code="twice"
            )
        seen.add((party.customer_id, party.role))
    return [
        SiteParty(customer=customer, role=party.role, starts_on=party.starts_on)
        for customer, party in zip(customers, draft.parties, strict=True)
    ]


def _point(latitude: float | None, longitude: float | None) -> tuple[float, float] | None:
    refuse_half_a_position(latitude, longitude)
    return None if latitude is None or longitude is None else (latitude, longitude)


async def change(ctx: Ctx, site: Site, patch: SitePatch) -> Site:
    """Change what the patch names. What the postal code told follows a new postal code; what a
    person said, and a pin, stay. Raises `Invalid` as `create` does, `Conflict` for another time zone
    while visits are told or planned by this one's clock."""
    given, was, stood = patch.given(), site.time_zone, geocoding.address_of(site)
    if "gate_code" in given:
        ctx.require(Permission.sites_access_codes)
    for name in ("access_hours", "hazards"):
        if name in given:
            given[name] = [one.model_dump(mode="json") for one in given[name]]
    moved = any(
        given.get(name, getattr(site, name)) != getattr(site, name)
        for name in ("postal_code", "country")
    )
    if moved:
        await placing.unsettle(site)
    if given.keys() & {"latitude", "longitude"}:
        point = _point(given.pop("latitude", None), given.pop("longitude", None))
        moved = moved or point is None
        site.placed_by = None
        if point is not None:
            placing.pin(site, *point)
    pinned = "territory_id" in given
    pin = given.pop("territory_id", None)
    for name, value in given.items():
        setattr(site, name, "" if value is None and name in DERIVED else value)
    if moved or given.keys() & set(DERIVED):
        await placing.settle(site, moved=moved)
    with ctx.session.no_autoflush:  # what is changed is asked for below
        if pinned:
            await territories.pin(ctx, site, pin)
        elif moved or "region" in given:
            await territories.place(ctx, site)
        here = Visit.work_order_id.in_(select(WorkOrder.id).where(WorkOrder.site_id == site.id))
        await refuse_other_clock(ctx, here, was=was, becomes=site.time_zone)
    if geocoding.address_of(site) != stood and site.placed_by == PlacedBy.geocoder:
        await placing.settle(site, moved=True)  # what a provider said was of the other address
    fields = changed(site)
    if fields:
        await emit(ctx, Fact.site_changed, site, name=site.address, fields=", ".join(fields))
    if geocoding.address_of(site) != stood or "placed_by" in fields:
        await geocoding.note(ctx, site)
    return site


async def add_party(ctx: Ctx, site: Site, draft: NewParty) -> Site:
    """Give the site a further party; `site` is locked and has its parties loaded.

    Raises `NotFound` for a customer that is not there, `Conflict` when they have this role already.
    """
    if len(site.parties) >= MOST_PARTIES:
        raise Conflict(f"A site keeps at most {MOST_PARTIES} parties.", code="too_many")
    customer = await ctx.get(Customer, draft.customer_id, pointer="/customer_id")
    for party in site.parties:
        if (party.customer_id, party.role, party.ends_on) == (customer.id, draft.role, None):
            raise Conflict(
                f"{customer.name} is {draft.role} of this site already.",
                code="already_exists",
            )
    party = SiteParty(**draft.model_dump(exclude_none=True, exclude={"customer_id"}))
    party.customer = customer
    site.parties.append(party)
    site.touch()
    await _say(ctx, Fact.site_party_added, site, party)
    return site


async def end_party(ctx: Ctx, site: Site, party_id: UUID) -> None:
    """End a party today, by the site's calendar; one that has not begun is taken out.

    `site` is locked and has its parties loaded. Raises `NotFound` for a party that is not of this
    site, `Conflict` for one that has ended.
    """
    party = next((party for party in site.parties if party.id == party_id), None)
    if party is None:
        raise NotFound("There is no such site party.")
    if party.ends_on is not None:
        raise Conflict(
            f"{party.customer.name} ceased to be {party.role} on {party.ends_on}.",
            code="already_ended",
        )
    today = clock.today(site.time_zone)
    if party.starts_on is not None and party.starts_on > today:
        await ctx.session.delete(party)
    else:
        party.ends_on = today
    site.touch()
    await _say(ctx, Fact.site_party_ended, site, party)


async def _say(ctx: Ctx, fact: Fact, site: Site, party: SiteParty) -> None:
    said: dict[str, Any] = {"customer": party.customer.name, "role": party.role}
    await emit(ctx, fact, site, about=(party.customer.id,), site=site.address, **said)


async def delete(ctx: Ctx, site: Site) -> None:
    """Take a site out of sight. Raises `Conflict` while work is open there."""
    await delete_all(ctx, [site])


async def delete_all(ctx: Ctx, sites: Sequence[Site]) -> None:
    """As `delete` each, all or none, with a number of queries that does not grow."""
    busy = await open_work_orders(ctx, WorkOrder.site_id, [site.id for site in sites])
    now = clock.now()
    for site in sites:
        if number := busy.get(site.id):
            raise Conflict(
                f"{site.address} has {count_of(number, 'open work order', 'open work orders')}."
                " Close or cancel them first.",
                code="in_use",
            )
        site.deleted_at = now
    told = [Told(Fact.site_deleted, site, data={"name": site.address}) for site in sites]
    await emit_all(ctx, told)


async def restore(ctx: Ctx, site: Site) -> Site:
    """Bring a deleted site back. Raises `Conflict` when it is not deleted."""
    if site.deleted_at is None:
        raise Conflict("This site is not deleted.", code="not_deleted")
    site.deleted_at = None
    await emit(ctx, Fact.site_restored, site, name=site.address)
    return site
