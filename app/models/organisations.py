"""An organisation's own settings: typed, one row, its `id` equal to the organisation's.

Also its number series: `Counter` rows are locked by whoever allocates the next number, so a number
is unique and, because a rollback returns it, without gap.
"""

from datetime import time
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, LargeBinary, Numeric, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, attribute_keyed_dict, mapped_column, relationship, validates

from app.core.model import Long, Short, TenantModel, TenantRow, WithParts, one_of, placed
from app.core.money import Rounding


class RoundTaxOn(StrEnum):
    """Whether tax is rounded once per document or once per line."""

    document = "document"
    line = "line"


class Series(StrEnum):
    """What is numbered, each kind by itself."""

    work_order = "work_order"
    invoice = "invoice"


class LogoFormat(StrEnum):
    """The pictures a document can print."""

    png = "png"
    svg = "svg"


class OrganisationSettings(WithParts, TenantModel):
    __tablename__ = "organisation_settings"

    name: Mapped[str] = mapped_column(Short)
    legal_name: Mapped[str | None] = mapped_column(Short)
    time_zone: Mapped[str] = mapped_column(Short)
    currency: Mapped[str] = mapped_column(Short)
    locale: Mapped[str] = mapped_column(Short, default="en_US")
    country: Mapped[str] = mapped_column(Short, default="US")
    rounding: Mapped[Rounding] = mapped_column(Text, default=Rounding.half_up)
    round_tax_on: Mapped[RoundTaxOn] = mapped_column(Text, default=RoundTaxOn.document)
    tax_label: Mapped[str] = mapped_column(Short, default="Sales tax")
    tax_rate: Mapped[Decimal] = mapped_column(Numeric(7, 6), default=Decimal(0))
    tax_number: Mapped[str | None] = mapped_column(Short)
    payment_terms_days: Mapped[int] = mapped_column(default=30)
    working_hours: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    """`{"mon": [["08:00", "17:00"]], …}` in local wall time."""
    street: Mapped[str] = mapped_column(Short, default="")
    city: Mapped[str] = mapped_column(Short, default="")
    region: Mapped[str] = mapped_column(Short, default="")
    postal_code: Mapped[str] = mapped_column(Short, default="")
    base_latitude: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    """Where people's days begin and end who have no base of their own."""
    base_longitude: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    phone: Mapped[str | None] = mapped_column(Short)
    email: Mapped[str | None] = mapped_column(Short)
    website: Mapped[str | None] = mapped_column(Short)
    invoice_footer: Mapped[str] = mapped_column(Long, default="")
    payment_instructions: Mapped[str] = mapped_column(Long, default="")
    gate: Mapped[list[dict[str, Any]]] = mapped_column(
        JSONB, default=list, server_default=text("'[]'")
    )
    """What must be there before work moves on, where its job type says nothing (`models.gates`)."""
    logo: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True, deferred_raiseload=True)
    logo_format: Mapped[LogoFormat | None] = mapped_column(Text)

    flags: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")
    """What this organisation has said of `models.flags.Flags`."""
    reserves: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB(none_as_null=True))
    """What of each window is kept back, for whom, until when; None: as everybody begins
    (`services.dispatching.reserves`)."""

    numbering: Mapped[dict[str, "Counter"]] = relationship(
        primaryjoin="OrganisationSettings.org_id == foreign(Counter.org_id)",
        collection_class=attribute_keyed_dict("series"),
        viewonly=True,
        lazy="raise",
    )

    __table_args__ = (
        one_of("rounding", Rounding),
        one_of("round_tax_on", RoundTaxOn),
        *placed("base_latitude", "base_longitude", "base"),
        CheckConstraint("tax_rate >= 0 and tax_rate < 1", name="tax_rate"),
        CheckConstraint("payment_terms_days between 0 and 365", name="payment_terms_days"),
        CheckConstraint("octet_length(logo) <= 1000000", name="logo_size"),
        one_of("logo_format", LogoFormat),
        CheckConstraint("(logo is null) = (logo_format is null)", name="logo"),
    )

    @validates("logo")
    def _keep_logo_format(self, _: str, logo: bytes | None) -> bytes | None:
        if logo is None:
            self.logo_format = None
        else:
            self.logo_format = LogoFormat.png if logo.startswith(b"\x89PNG") else LogoFormat.svg
        return logo


class Counter(TenantRow):
    """The next number of a series. Not journalled: the record that takes a number is."""

    __tablename__ = "counters"

    series: Mapped[Series] = mapped_column(Text, primary_key=True)
    prefix: Mapped[str] = mapped_column(Short)
    next: Mapped[int]

    __table_args__ = (one_of("series", Series), CheckConstraint("next > 0", name="next"))


WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def parse_working_hours(hours: dict[str, Any]) -> dict[str, list[tuple[time, time]]]:
    """The stored form as times. Raises ValueError with a sentence on anything that is not one."""
    parsed: dict[str, list[tuple[time, time]]] = {}
    for day, spans in hours.items():
        if day not in WEEKDAYS:
            raise ValueError(f"“{day}” is not a weekday; use {', '.join(WEEKDAYS)}.")
        last: time | None = None
        parsed[day] = []
        for span in spans:
            start, end = (time.fromisoformat(edge) for edge in span)
            if start >= end:
                raise ValueError(f"On {day}, {span[0]}–{span[1]} ends before it starts.")
            if last is not None and start < last:
                raise ValueError(f"On {day}, {span[0]} overlaps the span before it.")
            parsed[day].append((start, end))
            last = end
    return parsed
