"""Shifts: the patterns of somebody's working week, with the days on which they hold.

A pattern repeats every `rotation_weeks` weeks, counted from the week of `anchor`; its spans are wall
times of the technician's own zone. One that overrides takes the place of all others on its days, so
a swapped Saturday is an override of one day, and an override without spans is a day off.
"""

from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.model import Short, TenantModel, belongs_to, one_of


class ShiftKind(StrEnum):
    normal = "normal"
    on_call = "on_call"


class Shift(TenantModel):
    __tablename__ = "shifts"

    technician_id: Mapped[UUID | None]
    crew_id: Mapped[UUID | None]
    """Whose pattern it is: a technician's own, or that of a crew, for its members."""
    name: Mapped[str] = mapped_column(Short)
    kind: Mapped[ShiftKind] = mapped_column(Text, default=ShiftKind.normal)
    overrides: Mapped[bool] = mapped_column(default=False)
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    """The last day; None: until further notice."""
    anchor: Mapped[date]
    """A day in the first week of the rotation."""
    rotation_weeks: Mapped[int] = mapped_column(default=1)
    spans: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    """`{"week": 1, "weekday": "mon", "start": "08:00", "end": "17:00", "breaks": […]}`."""
    overtime_minutes: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        belongs_to("technician_id", "technicians"),
        belongs_to("crew_id", "crews"),
        one_of("kind", ShiftKind),
        CheckConstraint("(technician_id is null) <> (crew_id is null)", name="whose"),
        CheckConstraint("valid_from <= valid_until", name="valid"),
        CheckConstraint("rotation_weeks between 1 and 52", name="rotation_weeks"),
        CheckConstraint("overtime_minutes between 0 and 720", name="overtime_minutes"),
        CheckConstraint("length(trim(name)) > 0", name="name"),
        Index("ix_shifts_technician_id", "org_id", "technician_id", "valid_from"),
        Index("ix_shifts_crew_id", "org_id", "crew_id", "valid_from"),
        Index("ix_shifts_created_at", "org_id", "created_at", "id"),
        Index("ix_shifts_valid_from", "org_id", "valid_from", "id"),
    )
