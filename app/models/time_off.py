"""Time off: asked for, then approved or declined. Only what is approved takes time.

Whole calendar days, or hours of one, on the technician's own clock; `starts_at` and `ends_at` are
the instants these meant when they were written.
"""

from collections.abc import Mapping
from datetime import date, datetime, time
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, Index, Text, exists, select, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.model import Short, TenantModel, Viewer, belongs_to, one_of
from app.models.moves import Move, Moving, moves
from app.models.permissions import Permission as P
from app.models.technicians import Technician


class TimeOffKind(StrEnum):
    vacation = "vacation"
    sick = "sick"
    training = "training"
    other = "other"


class TimeOffStatus(StrEnum):
    requested = "requested"
    approved = "approved"
    declined = "declined"
    canceled = "canceled"


S = TimeOffStatus


class TimeOff(Moving, TenantModel):
    __tablename__ = "time_off"
    CALLED = "time off"

    MOVES: ClassVar[Mapping[str, Move]] = {
        "approve": moves(P.time_off_approve, S.approved, S.requested),
        "decline": moves(P.time_off_approve, S.declined, S.requested),
        "cancel": moves(P.time_off_write, S.canceled, S.requested, S.approved),
    }

    technician_id: Mapped[UUID]
    status: Mapped[TimeOffStatus] = mapped_column(Text, default=TimeOffStatus.requested)
    kind: Mapped[TimeOffKind] = mapped_column(Text)
    first_day: Mapped[date]
    last_day: Mapped[date]
    start_time: Mapped[time | None]
    end_time: Mapped[time | None]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    note: Mapped[str | None] = mapped_column(Short)
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[UUID | None]
    decision_reason: Mapped[str | None] = mapped_column(Short)

    technician: Mapped[Technician] = relationship(
        primaryjoin="foreign(TimeOff.technician_id) == Technician.id", lazy="raise"
    )

    __table_args__ = (
        belongs_to("technician_id", "technicians"),
        belongs_to("decided_by_id", "members"),
        one_of("kind", TimeOffKind),
        one_of("status", TimeOffStatus),
        CheckConstraint("first_day <= last_day", name="days"),
        CheckConstraint("starts_at < ends_at", name="instants"),
        CheckConstraint(
            "(start_time is null and end_time is null) or first_day = last_day", name="hours"
        ),
        Index("ix_time_off_technician_id", "org_id", "technician_id", "starts_at"),
        Index("ix_time_off_created_at", "org_id", "created_at", "id"),
        Index("ix_time_off_starts_at", "org_id", "starts_at", "id"),
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """With the scope `own`: one's own time off."""
        if viewer.sees_all:
            return true()
        mine = select(Technician.id).where(
            Technician.org_id == cls.org_id,
            Technician.id == cls.technician_id,
            Technician.of_member(viewer.user_id),
        )
        return exists(mine.correlate(cls))
