"""Pauses: stretches of a visit in which work stood still. One is open while the visit is paused."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.model import Short, TenantModel, belongs_to


class Pause(TenantModel):
    __tablename__ = "visit_pauses"

    visit_id: Mapped[UUID]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(Short)

    __table_args__ = (
        belongs_to("visit_id", "visits"),
        CheckConstraint("started_at <= ended_at", name="order"),
        Index("ix_visit_pauses_visit_id", "org_id", "visit_id", "started_at"),
        Index(
            "uq_visit_pauses_open",
            "org_id",
            "visit_id",
            unique=True,
            postgresql_where=text("ended_at is null"),
        ),
    )
