"""Bookings: the planned time of a resource. Two of them cannot overlap; the database sees to it.

A booking is a visit's planned time for one technician, a hold that expires, an event or an absence.
Actual times never meet the constraint. `starts_at` and `ends_at` are generated from `during`,
because under row-level security a range operator reaches no index and a timestamp does.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, Index, Text, text
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.model import TenantModel, belongs_to, one_of


class BookingKind(StrEnum):
    visit = "visit"
    hold = "hold"
    event = "event"
    time_off = "time_off"


class Booking(TenantModel):
    __tablename__ = "bookings"

    resource_id: Mapped[UUID]
    during: Mapped[Any] = mapped_column(TSTZRANGE)
    """`[start, end)` in UTC."""
    starts_at: Mapped[datetime] = mapped_column(Computed("lower(during)", persisted=True))
    ends_at: Mapped[datetime] = mapped_column(Computed("upper(during)", persisted=True))
    kind: Mapped[BookingKind] = mapped_column(Text)
    visit_id: Mapped[UUID | None]
    time_off_id: Mapped[UUID | None]
    event_id: Mapped[UUID | None]
    hold_id: Mapped[UUID | None]
    """The hold that says what the time is held for."""
    expires_at: Mapped[datetime | None]

    __table_args__ = (
        belongs_to("resource_id", "resources"),
        belongs_to("visit_id", "visits"),
        belongs_to("time_off_id", "time_off"),
        belongs_to("event_id", "events"),
        belongs_to("hold_id", "holds"),
        one_of("kind", BookingKind),
        CheckConstraint("not isempty(during)", name="during"),
        CheckConstraint("not lower_inf(during) and not upper_inf(during)", name="bounded"),
        CheckConstraint("(kind = 'visit') = (visit_id is not null)", name="visit"),
        CheckConstraint("(kind = 'time_off') = (time_off_id is not null)", name="time_off"),
        CheckConstraint("(kind = 'event') = (event_id is not null)", name="event"),
        CheckConstraint("(kind = 'hold') = (expires_at is not null)", name="hold"),
        CheckConstraint("hold_id is null or kind = 'hold'", name="held"),
        ExcludeConstraint(
            ("org_id", "="),
            ("resource_id", "="),
            ("during", "&&"),
            name="no_double_booking",
            using="gist",
            deferrable=True,
            initially="IMMEDIATE",
        ),
        Index("uq_bookings_visit", "org_id", "visit_id", "resource_id", unique=True),
        Index(
            "ix_bookings_time_off_id",
            "org_id",
            "time_off_id",
            postgresql_where=text("time_off_id is not null"),
        ),
        Index(
            "ix_bookings_event_id",
            "org_id",
            "event_id",
            postgresql_where=text("event_id is not null"),
        ),
        Index(
            "ix_bookings_hold_id",
            "org_id",
            "hold_id",
            postgresql_where=text("hold_id is not null"),
        ),
        Index("ix_bookings_starts_at", "org_id", "resource_id", "starts_at", "ends_at"),
    )
