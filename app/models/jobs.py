"""Jobs: work that was asked for in a transaction and is done after it, once, however often it dies.

A job carries ids only. It counts its attempts before each of them, so that one which kills its
worker stops too: it becomes a dead letter, which people see and may put back into the queue.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.model import Long, Short, TenantModel, belongs_to, one_of


class JobStatus(StrEnum):
    queued = "queued"
    """Waiting for a worker, or for its next attempt."""
    running = "running"
    done = "done"
    dead = "dead"
    """Given up after its last attempt."""


class Job(TenantModel):
    __tablename__ = "jobs"

    kind: Mapped[str] = mapped_column(Short)
    """The definition that does it (`app.tasks.definitions`)."""
    status: Mapped[JobStatus] = mapped_column(Text, default=JobStatus.queued)
    subject_id: Mapped[UUID | None]
    """What it is about: the import to read, …"""
    asked_by_id: Mapped[UUID | None]
    """The member in whose name it acts; None: the system."""
    request_id: Mapped[str] = mapped_column(Short)
    attempts: Mapped[int] = mapped_column(default=0)
    failure: Mapped[str | None] = mapped_column(Long)
    """Why the last attempt failed."""
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    __table_args__ = (
        belongs_to("asked_by_id", "members"),
        one_of("status", JobStatus),
        CheckConstraint("attempts >= 0", name="attempts"),
        Index("ix_jobs_created_at", "org_id", "created_at", "id"),
        Index("ix_jobs_asked_by_id", "org_id", "asked_by_id"),
        Index("ix_jobs_subject_id", "org_id", "subject_id"),
        Index("ix_jobs_finished_at", "org_id", "finished_at"),
    )
