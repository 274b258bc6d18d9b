"""Holds: time that is kept for a customer who has not decided yet. A hold has an end of its own.

It takes its people's time as a visit does (a row of `bookings` each) and says what the planner needs: where,
which kind of work, how long. It is a promise to nobody. It ends when it is booked, released, or over.
"""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Index,
    Numeric,
    Text,
    exists,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.model import Short, TenantModel, Viewer, belongs_to, one_of, placed
from app.models.bookings import Booking
from app.models.job_types import JobType
from app.models.sites import Site
from app.models.technicians import Technician
from app.models.work_orders import Priority, WorkOrder


class HoldStatus(StrEnum):
    open = "open"
    booked = "booked"
    released = "released"
    expired = "expired"


class Hold(TenantModel):
    __tablename__ = "holds"

    status: Mapped[HoldStatus] = mapped_column(Text, default=HoldStatus.open)
    site_id: Mapped[UUID | None]
    """None: at a point that is no site yet."""
    latitude: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    longitude: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    time_zone: Mapped[str] = mapped_column(Short)
    """By whose clock its window is spoken of."""
    job_type_id: Mapped[UUID]
    work_order_id: Mapped[UUID | None]
    visit_id: Mapped[UUID | None]
    """The visit it is for; once it is booked, the one it became."""
    lead_id: Mapped[UUID]
    priority: Mapped[Priority] = mapped_column(Text, default=Priority.normal)
    channel: Mapped[str | None] = mapped_column(Short)
    window_start: Mapped[datetime]
    window_end: Mapped[datetime]
    starts_at: Mapped[datetime]
    """When work would begin; its people's time is booked from then on."""
    ends_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    note: Mapped[str | None] = mapped_column(Short)

    job_type: Mapped[JobType] = relationship(
        primaryjoin="foreign(Hold.job_type_id) == JobType.id", lazy="raise"
    )
    site: Mapped[Site | None] = relationship(
        primaryjoin="foreign(Hold.site_id) == Site.id", lazy="raise"
    )
    work_order: Mapped[WorkOrder | None] = relationship(
        primaryjoin="foreign(Hold.work_order_id) == WorkOrder.id", lazy="raise"
    )
    lead: Mapped[Technician] = relationship(
        primaryjoin="foreign(Hold.lead_id) == Technician.id", lazy="raise"
    )
    bookings: Mapped[list[Booking]] = relationship(
        primaryjoin="Hold.id == foreign(Booking.hold_id)",
        order_by="Booking.resource_id",
        lazy="raise",
        viewonly=True,
    )
    """The time that it takes; none once it has ended."""

    __table_args__ = (
        belongs_to("site_id", "sites"),
        belongs_to("job_type_id", "job_types"),
        belongs_to("work_order_id", "work_orders"),
        belongs_to("visit_id", "visits"),
        belongs_to("lead_id", "technicians"),
        one_of("status", HoldStatus),
        one_of("priority", Priority),
        *placed("latitude", "longitude", "placed"),
        CheckConstraint("(site_id is null) = (latitude is not null)", name="somewhere"),
        CheckConstraint("window_start < window_end", name="window"),
        CheckConstraint("starts_at < ends_at", name="times"),
        CheckConstraint("status <> 'booked' or visit_id is not null", name="booked"),
        Index("ix_holds_created_at", "org_id", "created_at", "id"),
        Index("ix_holds_status", "org_id", "status", "expires_at", "id"),
        Index("ix_holds_site_id", "org_id", "site_id"),
        Index("ix_holds_job_type_id", "org_id", "job_type_id"),
        Index("ix_holds_work_order_id", "org_id", "work_order_id"),
        Index("ix_holds_visit_id", "org_id", "visit_id"),
        Index("ix_holds_lead_id", "org_id", "lead_id"),
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """With the scope `own`: the ones that one would lead; with `team` the team's, too; with
        `territory` also those at its sites."""
        from app.models.scopes import in_my_territories, of_my_teams

        if viewer.sees_all:
            return true()
        leads = Technician.of_member(viewer.user_id)
        if viewer.sees_team:
            leads = or_(leads, of_my_teams(Technician, viewer))
        theirs = select(Technician.id).where(
            Technician.org_id == cls.org_id, Technician.id == cls.lead_id, leads
        )
        reached = [exists(theirs.correlate(cls))]
        if viewer.sees_territory:
            there = select(Site.id).where(
                Site.org_id == cls.org_id, Site.id == cls.site_id, in_my_territories(Site, viewer)
            )
            reached.append(exists(there.correlate(cls)))
        return or_(*reached)
