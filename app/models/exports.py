"""Exports: a list of any length as a file, made in the background by the list's own rules.

It is whoever's asked for it, and nobody else's: what it holds is what they could see. Its file is an
object of its own beside the database, named here only once it is whole; it goes when its time is over,
and the row stays to say what was taken away, and by whom.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, Index, Text, text, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.model import Long, Short, TenantModel, Viewer, belongs_to, one_of
from app.core.tables import Format

EXPORTED = "export"
"""The part of an export's object (`core.objects.Key`)."""


class ExportStatus(StrEnum):
    queued = "queued"
    running = "running"
    ready = "ready"
    """Its file can be downloaded."""
    failed = "failed"
    canceled = "canceled"
    expired = "expired"
    """Its file is gone."""


UNFINISHED = (ExportStatus.queued, ExportStatus.running)


class Export(TenantModel):
    __tablename__ = "exports"

    list: Mapped[str] = mapped_column(Short)
    """The list, as its address says: `work-orders`."""
    format: Mapped[Format] = mapped_column(Text)
    asked: Mapped[Mapping[str, str]] = mapped_column(JSONB, default=dict)
    """What the list's own address would be sent: filters, sort, view."""
    columns: Mapped[Sequence[str] | None] = mapped_column(JSONB(none_as_null=True))
    """In this order; None: those of the view, or all."""
    status: Mapped[ExportStatus] = mapped_column(Text, default=ExportStatus.queued)
    rows_total: Mapped[int | None]
    rows_written: Mapped[int] = mapped_column(default=0)
    object_id: Mapped[UUID | None]
    """Where its file is, while it is ready."""
    length: Mapped[int | None]
    """Bytes."""
    rights: Mapped[Mapping[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """What its person was allowed when it was made: whoever is allowed less does not open it."""
    failure: Mapped[str | None] = mapped_column(Long)
    asked_by_id: Mapped[UUID]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    """When its file goes."""

    __table_args__ = (
        belongs_to("asked_by_id", "members"),
        one_of("format", Format),
        one_of("status", ExportStatus),
        CheckConstraint("rows_written >= 0", name="rows_written"),
        CheckConstraint("(status = 'ready') = (object_id is not null)", name="object_id"),
        Index("ix_exports_created_at", "org_id", "created_at", "id"),
        Index("ix_exports_asked_by_id", "org_id", "asked_by_id"),
        Index(
            "ix_exports_object_id",
            "org_id",
            "object_id",
            postgresql_where=text("object_id is not null"),
        ),
        Index(
            "ix_exports_expires_at",
            "org_id",
            "expires_at",
            postgresql_where=text("status = 'ready'"),
        ),
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """One's own, whatever one's role; all to the system, which makes and sweeps them."""
        return true() if viewer.user_id is None else cls.asked_by_id == viewer.user_id
