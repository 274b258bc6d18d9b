"""Sites: where the work is done. A site has its own time zone, and a day there belongs to it.

Who has to do with a site, and in which role, stands in `SiteParty` with dates: the house is sold,
the site and its history stay.
"""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Computed,
    Index,
    Numeric,
    Text,
    case,
    exists,
    false,
    func,
    or_,
    select,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.model import (
    Long,
    Short,
    SoftDeleted,
    TenantModel,
    Viewer,
    WithParts,
    belongs_to,
    one_of,
)
from app.core.places import Precision
from app.models.customers import Customer
from app.models.permissions import Permission as P
from app.models.sensitive import only_for
from app.models.tagged import Tagged


class PlacedBy(StrEnum):
    """Where the coordinates come from; a pin set by hand is never overwritten by a machine."""

    postal_code = "postal_code"
    geocoder = "geocoder"
    pin = "pin"


FOLLOWS = {PlacedBy.pin: Precision.exact, PlacedBy.postal_code: Precision.postal_code}
"""How well a place is known, where nobody said it."""


class Weekday(StrEnum):
    """In the order of `date.weekday()`."""

    mon = "mon"
    tue = "tue"
    wed = "wed"
    thu = "thu"
    fri = "fri"
    sat = "sat"
    sun = "sun"


class Severity(StrEnum):
    """How much harm a hazard does."""

    note = "note"
    caution = "caution"
    danger = "danger"


class PartyRole(StrEnum):
    owner = "owner"
    tenant = "tenant"
    manager = "manager"


class Site(WithParts, Tagged, SoftDeleted, TenantModel):
    __tablename__ = "sites"

    name: Mapped[str | None] = mapped_column(Short)
    street: Mapped[str] = mapped_column(Short)
    unit: Mapped[str | None] = mapped_column(Short)
    house: Mapped[str | None] = mapped_column(
        Text, Computed("split_part(street, ' ', 1)", persisted=True), deferred=True
    )
    """What the street begins with, mostly its number; stored, because looking for an expression uses
    no index."""
    city: Mapped[str] = mapped_column(Short)
    region: Mapped[str] = mapped_column(Short)
    postal_code: Mapped[str] = mapped_column(Short)
    country: Mapped[str] = mapped_column(Short, default="US")
    latitude: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    longitude: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    placed_by: Mapped[PlacedBy | None] = mapped_column(Text)
    precision: Mapped[Precision | None] = mapped_column(Text)
    """How well the place is known, whoever said it; null where it follows from `placed_by`."""
    time_zone: Mapped[str] = mapped_column(Short)
    """IANA, such as `America/Chicago`."""
    access_notes: Mapped[str | None] = mapped_column(Long)
    external_key: Mapped[str | None] = mapped_column(Short)
    """Its key in another system; imports find it again by it."""
    territory_id: Mapped[UUID | None]
    """Where its address lies; or where a person put it, if `territory_pinned`."""
    territory_pinned: Mapped[bool] = mapped_column(default=False, server_default=false())
    gate_code: Mapped[str | None] = mapped_column(Short, info=only_for(P.sites_access_codes))
    """Of gates, lock boxes and alarms; the journal never holds it."""
    access_hours: Mapped[list[dict[str, str]]] = mapped_column(JSONB, server_default="[]")
    """Weekly spans of wall time at the site, in order; none: at any time."""
    hazards: Mapped[list[dict[str, str]]] = mapped_column(JSONB, server_default="[]")
    """What to beware of there, the worst first."""

    parties: Mapped[list["SiteParty"]] = relationship(
        primaryjoin="Site.id == foreign(SiteParty.site_id)",
        order_by="(SiteParty.created_at, SiteParty.id)",
        lazy="raise",
        back_populates="site",
    )

    __table_args__ = (
        belongs_to("territory_id", "territories"),
        one_of("placed_by", PlacedBy),
        one_of("precision", Precision),
        CheckConstraint("latitude between -90 and 90", name="latitude"),
        CheckConstraint("longitude between -180 and 180", name="longitude"),
        CheckConstraint("(latitude is null) = (longitude is null)", name="placed"),
        CheckConstraint("length(trim(street)) > 0", name="street"),
        Index("uq_sites_external_key", "org_id", "external_key", unique=True),
        Index("ix_sites_created_at", "org_id", "created_at", "id"),
        Index("ix_sites_postal_code", "org_id", "postal_code"),
        # sign by sign, not as a language sorts, so that it knows which codes begin like this
        Index(
            "ix_sites_house",
            "org_id",
            "house",
            "postal_code",
            postgresql_ops={"postal_code": "varchar_pattern_ops"},
        ),
        Index("ix_sites_region", "org_id", "region"),
        Index("ix_sites_territory_id", "org_id", "territory_id"),
    )

    @hybrid_property
    def known_precision(self) -> Precision | None:
        """How well the place is known, also of sites that were placed before anybody asked."""
        return self.precision or (FOLLOWS.get(self.placed_by) if self.placed_by else None)

    @known_precision.inplace.expression
    @classmethod
    def _known_precision(cls) -> ColumnElement[Precision | None]:
        return func.coalesce(cls.precision, case(FOLLOWS, value=cls.placed_by))

    @property
    def address(self) -> str:
        """One line, as one would say it."""
        street = f"{self.street}, {self.unit}" if self.unit else self.street
        return f"{street}, {self.city}, {self.region} {self.postal_code}"

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """With the scopes `own` and `team`: the sites of work one sees; with `territory` also what
        lies there."""
        from app.models.scopes import in_my_territories
        from app.models.work_orders import WorkOrder

        if viewer.sees_all:
            return true()
        work = select(WorkOrder.id).where(
            WorkOrder.org_id == cls.org_id, WorkOrder.site_id == cls.id
        )
        worked = exists(work.where(WorkOrder.visible_to(viewer)).correlate(cls))
        return or_(worked, in_my_territories(cls, viewer)) if viewer.sees_territory else worked


class SiteParty(TenantModel):
    """A customer's relation to a site, from a day until a day; open-ended while `ends_on` is None."""

    __tablename__ = "site_parties"

    site_id: Mapped[UUID]
    customer_id: Mapped[UUID]
    role: Mapped[PartyRole] = mapped_column(Text, default=PartyRole.owner)
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]

    site: Mapped[Site] = relationship(
        primaryjoin="foreign(SiteParty.site_id) == Site.id",
        lazy="raise",
        back_populates="parties",
    )
    customer: Mapped[Customer] = relationship(
        primaryjoin="foreign(SiteParty.customer_id) == Customer.id", lazy="raise"
    )

    __table_args__ = (
        belongs_to("site_id", "sites"),
        belongs_to("customer_id", "customers"),
        one_of("role", PartyRole),
        CheckConstraint("ends_on >= starts_on", name="dates"),
        Index(
            "uq_site_parties_current",
            "org_id",
            "site_id",
            "customer_id",
            "role",
            unique=True,
            postgresql_where=text("ends_on is null"),
        ),
        Index("ix_site_parties_site_id", "org_id", "site_id"),
        Index("ix_site_parties_customer_id", "org_id", "customer_id"),
    )
