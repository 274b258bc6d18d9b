"""Bulk actions: one verb for many records, done in the background, with what became of each.

The records are settled when it is asked for: what matches later is not in it. Its rows say what
became of each record, and what it held before, so that it can be taken back where nobody has changed
the record since.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    ColumnElement,
    Index,
    Text,
    Uuid,
    exists,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.model import Long, Short, TenantModel, Viewer, belongs_to, one_of


class BulkStatus(StrEnum):
    queued = "queued"
    running = "running"
    completed = "completed"
    canceled = "canceled"
    failed = "failed"
    undoing = "undoing"
    undone = "undone"


class BulkOutcome(StrEnum):
    changed = "changed"
    unchanged = "unchanged"
    """It was so already."""
    refused = "refused"
    restored = "restored"
    """Taken back."""
    kept = "kept"
    """Not taken back: somebody has changed it since, or it would be refused."""


class BulkAction(TenantModel):
    __tablename__ = "bulk_actions"

    list: Mapped[str] = mapped_column(Short)
    action: Mapped[str] = mapped_column(Short)
    params: Mapped[Mapping[str, Any]] = mapped_column(JSONB, default=dict)
    status: Mapped[BulkStatus] = mapped_column(Text, default=BulkStatus.queued)
    ids: Mapped[Sequence[UUID]] = mapped_column(ARRAY(Uuid), deferred=True, deferred_raiseload=True)
    """The records, in the order in which they are taken."""
    rows: Mapped[int]
    rows_done: Mapped[int] = mapped_column(default=0)
    rows_changed: Mapped[int] = mapped_column(default=0)
    rows_unchanged: Mapped[int] = mapped_column(default=0)
    rows_refused: Mapped[int] = mapped_column(default=0)
    rows_restored: Mapped[int] = mapped_column(default=0)
    rows_kept: Mapped[int] = mapped_column(default=0)
    cancel_asked: Mapped[bool] = mapped_column(default=False)
    failure: Mapped[str | None] = mapped_column(Long)
    asked_by_id: Mapped[UUID | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    __table_args__ = (
        belongs_to("asked_by_id", "members"),
        one_of("status", BulkStatus),
        CheckConstraint("rows between 1 and 10000", name="rows"),
        CheckConstraint("rows_done between 0 and rows", name="rows_done"),
        Index("ix_bulk_actions_created_at", "org_id", "created_at", "id"),
        Index("ix_bulk_actions_asked_by_id", "org_id", "asked_by_id"),
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """One's own; all to whoever sees all records."""
        return true() if viewer.sees_all else cls.asked_by_id == viewer.user_id


class BulkRow(TenantModel):
    """What became of one record."""

    __tablename__ = "bulk_rows"

    bulk_action_id: Mapped[UUID]
    position: Mapped[int]
    """From 1, in the order in which they were taken."""
    record_id: Mapped[UUID]
    outcome: Mapped[BulkOutcome] = mapped_column(Text)
    code: Mapped[str | None] = mapped_column(Short)
    reason: Mapped[str | None] = mapped_column(Long)
    """Why it was refused, or kept."""
    version_after: Mapped[int | None]
    before: Mapped[Mapping[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """What the fields held that it changed."""

    __table_args__ = (
        belongs_to("bulk_action_id", "bulk_actions", ondelete="CASCADE"),
        one_of("outcome", BulkOutcome),
        Index("uq_bulk_rows_position", "org_id", "bulk_action_id", "position", unique=True),
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Those of bulk actions one sees."""
        action = select(BulkAction.id).where(
            BulkAction.org_id == cls.org_id, BulkAction.id == cls.bulk_action_id
        )
        return exists(action.where(BulkAction.visible_to(viewer)).correlate(cls))
