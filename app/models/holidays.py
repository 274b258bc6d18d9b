"""Holidays: days, or parts of days, on which the organisation's patterns rest."""

from datetime import date, time

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.model import Short, TenantModel


class Holiday(TenantModel):
    __tablename__ = "holidays"

    day: Mapped[date]
    name: Mapped[str] = mapped_column(Short)
    start_time: Mapped[time | None]
    """On each technician's own clock; None: from midnight."""
    end_time: Mapped[time | None]

    __table_args__ = (
        UniqueConstraint("org_id", "day", "name"),
        CheckConstraint("start_time < end_time", name="times"),
        CheckConstraint("length(trim(name)) > 0", name="name"),
        Index("ix_holidays_created_at", "org_id", "created_at", "id"),
    )
