"""Sample records in somebody's own organisation: that they were asked for, and which records they are.

The records themselves are ordinary; only this says that they are samples, and what version each had
when it was made, so that whatever somebody has touched since is told from the rest.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.model import Long, Short, TenantModel, belongs_to, one_of


class SampleStatus(StrEnum):
    loading = "loading"
    loaded = "loaded"
    removing = "removing"
    removed = "removed"
    failed = "failed"
    """Loading or removing was given up; what is there can be removed."""


class Sample(TenantModel):
    """One loading of sample records, and its removal."""

    __tablename__ = "samples"

    status: Mapped[SampleStatus] = mapped_column(Text, default=SampleStatus.loading)
    steps: Mapped[int]
    """Of what is being done now: loading or removing."""
    steps_done: Mapped[int] = mapped_column(default=0)
    records_made: Mapped[int] = mapped_column(default=0)
    records_removed: Mapped[int] = mapped_column(default=0)
    records_kept: Mapped[int] = mapped_column(default=0)
    failure: Mapped[str | None] = mapped_column(Long)
    asked_by_id: Mapped[UUID | None]
    loaded_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]

    __table_args__ = (
        belongs_to("asked_by_id", "members"),
        one_of("status", SampleStatus),
        CheckConstraint("steps_done between 0 and steps", name="steps_done"),
        Index("ix_samples_created_at", "org_id", "created_at", "id"),
        Index("ix_samples_asked_by_id", "org_id", "asked_by_id"),
    )


class SampleOutcome(StrEnum):
    removed = "removed"
    kept = "kept"


class SampleRecord(TenantModel):
    """A record that was made as a sample, and what became of it."""

    __tablename__ = "sample_records"

    sample_id: Mapped[UUID]
    position: Mapped[int]
    """From 1, in the order of making; they are removed the other way round."""
    table: Mapped[str] = mapped_column("table_name", Short)
    record_id: Mapped[UUID]
    record_version: Mapped[int]
    """When the loading had ended."""
    outcome: Mapped[SampleOutcome | None] = mapped_column(Text)
    name: Mapped[str | None] = mapped_column(Short)
    """Of one that is kept."""
    reason: Mapped[str | None] = mapped_column(Long)

    __table_args__ = (
        belongs_to("sample_id", "samples"),
        one_of("outcome", SampleOutcome),
        Index("uq_sample_records_position", "org_id", "sample_id", "position", unique=True),
    )
