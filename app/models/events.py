"""Events: time that people and vehicles spend on something that is no job, such as a meeting.

Each participant is booked for it, so that nobody is in two places.
"""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Index,
    Numeric,
    Text,
    UniqueConstraint,
    exists,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB
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
    placed,
)
from app.models.technicians import Technician


class EventKind(StrEnum):
    meeting = "meeting"
    training = "training"
    vehicle_service = "vehicle_service"
    supply_house = "supply_house"
    other = "other"


class EventParticipant(TenantModel):
    """A technician or vehicle that takes part."""

    __tablename__ = "event_participants"

    event_id: Mapped[UUID]
    resource_id: Mapped[UUID]

    __table_args__ = (
        belongs_to("event_id", "events", ondelete="CASCADE"),
        belongs_to("resource_id", "resources"),
        UniqueConstraint("org_id", "event_id", "resource_id"),
        Index("ix_event_participants_resource_id", "org_id", "resource_id"),
    )


class Event(WithParts, SoftDeleted, TenantModel):
    __tablename__ = "events"

    title: Mapped[str] = mapped_column(Short)
    kind: Mapped[EventKind] = mapped_column(Text, default=EventKind.meeting)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    wall_start: Mapped[str | None] = mapped_column(Short)
    """`starts_at` on the wall of `time_zone`, with its offset."""
    time_zone: Mapped[str | None] = mapped_column(Short)
    place: Mapped[str | None] = mapped_column(Short)
    latitude: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    """Of the place: people drive there and back; None: nobody has to drive for it."""
    longitude: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    description: Mapped[str | None] = mapped_column(Long)
    series_id: Mapped[UUID | None]
    """Events that repeat share it; those that one of them was set apart with share another."""
    series_day: Mapped[date | None]
    """The day by the rule: the key of the occurrence, wherever it was moved to."""
    repeats: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """The rule as it was said; None once it is true no more."""

    participants: Mapped[list[EventParticipant]] = relationship(
        primaryjoin="Event.id == foreign(EventParticipant.event_id)",
        order_by="(EventParticipant.created_at, EventParticipant.id)",
        cascade="all, delete-orphan",
        lazy="raise",
    )

    __table_args__ = (
        one_of("kind", EventKind),
        CheckConstraint("starts_at < ends_at", name="times"),
        *placed("latitude", "longitude", "placed"),
        CheckConstraint("length(trim(title)) > 0", name="title"),
        CheckConstraint("(series_id is null) = (series_day is null)", name="series"),
        Index("uq_events_series", "org_id", "series_id", "series_day", unique=True),
        Index("ix_events_starts_at", "org_id", "starts_at", "id"),
        Index("ix_events_created_at", "org_id", "created_at", "id"),
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """With the scope `own`: what one takes part in."""
        if viewer.sees_all:
            return true()
        mine = (
            select(EventParticipant.id)
            .join(
                Technician,
                (Technician.org_id == EventParticipant.org_id)
                & (Technician.id == EventParticipant.resource_id),
            )
            .where(
                EventParticipant.org_id == cls.org_id,
                EventParticipant.event_id == cls.id,
                Technician.of_member(viewer.user_id),
            )
        )
        return exists(mine.correlate(cls))
