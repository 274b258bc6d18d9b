"""The promise ledger: every window a customer was told, by whom, how, and why it changed.

Rows are never changed except to be closed, and where new time zone data makes the wall times another
instant; the visit carries the one that stands.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.model import Short, TenantModel, belongs_to, one_of


class ToldVia(StrEnum):
    phone = "phone"
    email = "email"
    sms = "sms"
    in_person = "in_person"
    portal = "portal"
    not_yet = "not_yet"


class Promise(TenantModel):
    __tablename__ = "promises"

    visit_id: Mapped[UUID]
    window_start: Mapped[datetime]
    window_end: Mapped[datetime]
    wall_start: Mapped[str] = mapped_column(Short)
    """Local wall time as the customer heard it, with its offset: `2026-11-23T08:00-06:00`."""
    wall_end: Mapped[str] = mapped_column(Short)
    time_zone: Mapped[str] = mapped_column(Short)
    told_via: Mapped[ToldVia] = mapped_column(Text)
    told_to: Mapped[str | None] = mapped_column(Short)
    reason: Mapped[str | None] = mapped_column(Short)
    closed_at: Mapped[datetime | None]

    __table_args__ = (
        belongs_to("visit_id", "visits"),
        one_of("told_via", ToldVia),
        CheckConstraint("window_start < window_end", name="window"),
        Index("ix_promises_visit_id", "org_id", "visit_id", "created_at"),
        Index(
            "uq_promises_standing",
            "org_id",
            "visit_id",
            unique=True,
            postgresql_where=text("closed_at is null"),
        ),
    )
