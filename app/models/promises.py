"""The promise ledger: every window a customer was told, by whom, how, and why it changed.

Rows are never changed except to be closed, and where new time zone data makes the wall times another
instant; the visit carries the one that stands.
"""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, Index, Text, select, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.model import Short, TenantModel, Viewer, belongs_to, one_of

if TYPE_CHECKING:
    from app.models.visits import Visit


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
    told_by_id: Mapped[UUID | None]
    """The member who told it, or noted that somebody did."""
    closed_at: Mapped[datetime | None]

    visit: Mapped["Visit"] = relationship(
        primaryjoin="foreign(Promise.visit_id) == Visit.id", lazy="raise", viewonly=True
    )

    __table_args__ = (
        belongs_to("visit_id", "visits"),
        belongs_to("told_by_id", "members"),
        one_of("told_via", ToldVia),
        CheckConstraint("window_start < window_end", name="window"),
        Index("ix_promises_visit_id", "org_id", "visit_id", "created_at"),
        Index("ix_promises_created_at", "org_id", "created_at", "id"),
        Index("ix_promises_window_start", "org_id", "window_start", "id"),
        Index("ix_promises_told_by_id", "org_id", "told_by_id"),
        Index(
            "ix_promises_untold",
            "org_id",
            "window_start",
            postgresql_where=text("closed_at is null and told_via = 'not_yet'"),
        ),
        Index(
            "uq_promises_standing",
            "org_id",
            "visit_id",
            unique=True,
            postgresql_where=text("closed_at is null"),
        ),
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """With the visit."""
        from app.models.visits import Visit

        if viewer.sees_all:
            return true()
        mine = select(Visit.id).where(
            Visit.org_id == cls.org_id, Visit.id == cls.visit_id, Visit.visible_to(viewer)
        )
        return mine.correlate(cls).exists()
