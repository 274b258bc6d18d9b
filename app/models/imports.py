"""Imports: a file somebody sent, what was made of each row, and which rows were refused and why."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.model import Long, Short, TenantModel, belongs_to, one_of


class ImportKind(StrEnum):
    customers = "customers"
    contacts = "contacts"
    sites = "sites"
    equipment = "equipment"
    technicians = "technicians"
    work_orders = "work_orders"
    invoices = "invoices"


class ImportStatus(StrEnum):
    queued = "queued"
    running = "running"
    completed = "completed"
    failed = "failed"


class Import(TenantModel):
    __tablename__ = "imports"

    kind: Mapped[ImportKind] = mapped_column(Text)
    status: Mapped[ImportStatus] = mapped_column(Text, default=ImportStatus.queued)
    filename: Mapped[str] = mapped_column(Short)
    content: Mapped[bytes | None] = mapped_column(
        LargeBinary, deferred=True, deferred_raiseload=True
    )
    """The file, until the import has ended."""
    dry_run: Mapped[bool] = mapped_column(default=False)
    key: Mapped[str] = mapped_column(Short, default="external_id")
    """The field that finds a customer again."""
    mapping: Mapped[Mapping[str, Any]] = mapped_column(JSONB, default=dict)
    """`{heading: field}` as given, then as used."""
    rows_read: Mapped[int] = mapped_column(default=0)
    rows_created: Mapped[int] = mapped_column(default=0)
    rows_updated: Mapped[int] = mapped_column(default=0)
    rows_unchanged: Mapped[int] = mapped_column(default=0)
    rows_refused: Mapped[int] = mapped_column(default=0)
    failure: Mapped[str | None] = mapped_column(Long)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    made_by_id: Mapped[UUID | None]

    __table_args__ = (
        belongs_to("made_by_id", "members"),
        one_of("kind", ImportKind),
        one_of("status", ImportStatus),
        CheckConstraint("octet_length(content) <= 10485760", name="content_size"),
        Index("ix_imports_created_at", "org_id", "created_at", "id"),
    )


class ImportIssue(TenantModel):
    """A row that was refused (`error`), or taken and worth a look (`duplicate`)."""

    __tablename__ = "import_issues"

    import_id: Mapped[UUID]
    row: Mapped[int]
    """1 for the first row after the headings."""
    line: Mapped[int]
    column: Mapped[str | None] = mapped_column("column_name", Short)
    severity: Mapped[str] = mapped_column(Short)
    code: Mapped[str] = mapped_column(Short)
    reason: Mapped[str] = mapped_column(Long)
    entity: Mapped[str | None] = mapped_column(Short)
    """The table of the record that it is about."""
    record_id: Mapped[UUID | None]
    """The record that it is about, such as the one that a duplicate resembles."""

    __table_args__ = (
        belongs_to("import_id", "imports", ondelete="CASCADE"),
        CheckConstraint("severity in ('error', 'duplicate')", name="severity"),
        Index("ix_import_issues_import_id", "org_id", "import_id", "row", "id"),
    )
