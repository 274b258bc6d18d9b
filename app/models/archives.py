"""Archives: an organisation's records, files and journal as one file that its owner takes away.

An archive is of one moment. It is not journalled: what is known of it stands outside of what it holds,
or no archive would equal the next. That one was made, and taken, is said as a fact afterwards.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.model import Long, Short, TenantModel, belongs_to, one_of


class ArchiveStatus(StrEnum):
    queued = "queued"
    running = "running"
    ready = "ready"
    failed = "failed"
    removed = "removed"
    """It had its time: its file is gone."""


class Archive(TenantModel):
    __tablename__ = "archives"

    status: Mapped[ArchiveStatus] = mapped_column(Text, default=ArchiveStatus.queued)
    steps: Mapped[int] = mapped_column(default=0)
    """Rows and files to be written, once they are counted."""
    steps_done: Mapped[int] = mapped_column(default=0)
    length: Mapped[int | None]
    """Bytes."""
    sha256: Mapped[str | None] = mapped_column(Short)
    """Of the whole file."""
    content_sha256: Mapped[str | None] = mapped_column(Short)
    """Of what it holds: two archives with the same one hold the same."""
    missing_files: Mapped[int] = mapped_column(default=0)
    """Files that are known and whose content was not in the store."""
    failure: Mapped[str | None] = mapped_column(Long)
    asked_by_id: Mapped[UUID | None]
    finished_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    """Until then it can be downloaded."""

    __table_args__ = (
        belongs_to("asked_by_id", "members"),
        one_of("status", ArchiveStatus),
        CheckConstraint("steps_done between 0 and steps", name="steps_done"),
        CheckConstraint(
            "status <> 'ready' or (length is not null and sha256 is not null"
            " and content_sha256 is not null and expires_at is not null)",
            name="ready",
        ),
        Index("ix_archives_created_at", "org_id", "created_at", "id"),
        Index("ix_archives_asked_by_id", "org_id", "asked_by_id"),
        Index(
            "uq_archives_being_made",
            "org_id",
            unique=True,
            postgresql_where=text("status in ('queued', 'running')"),
        ),
    )
