"""Imports: a file somebody sent, what was made of each row, and which rows were refused and why.

The rows of the file stand in the store of objects (`ROWS`), under the id of the import that they were
sent for. What became of each row, and each change made to a record, is kept here for a while, so that
it can be looked at, mended and taken back.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, Text, text
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
    waiting = "waiting"
    """For somebody to say which column is which: nothing was read yet."""
    queued = "queued"
    running = "running"
    completed = "completed"
    canceled = "canceled"
    failed = "failed"
    undoing = "undoing"
    undone = "undone"


class ImportFormat(StrEnum):
    csv = "csv"
    xlsx = "xlsx"


class Encoding(StrEnum):
    utf_8 = "utf-8"
    utf_16_le = "utf-16-le"
    utf_16_be = "utf-16-be"
    windows_1252 = "windows-1252"


class Separator(StrEnum):
    comma = "comma"
    semicolon = "semicolon"
    tab = "tab"
    pipe = "pipe"

    @property
    def character(self) -> str:
        """What stands between the cells."""
        return {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}[self]


class MappedBy(StrEnum):
    """Who said which column is which field."""

    given = "given"
    remembered = "remembered"
    """As with the last file that had these headings."""
    guessed = "guessed"


class RowDid(StrEnum):
    """What became of a row, or would have."""

    created = "created"
    updated = "updated"
    unchanged = "unchanged"
    refused = "refused"
    left_out = "left_out"
    """Somebody said that it is not to be taken."""


class Checking(StrEnum):
    """What is read again of a file that was tried before."""

    all = "all"
    changed = "changed"
    """What was mended, and what was refused."""


class Undone(StrEnum):
    undone = "undone"
    kept = "kept"


ROWS = "rows"
"""The part under which the rows of a file are kept."""


class Import(TenantModel):
    __tablename__ = "imports"

    kind: Mapped[ImportKind] = mapped_column(Text)
    status: Mapped[ImportStatus] = mapped_column(Text, default=ImportStatus.queued)
    filename: Mapped[str] = mapped_column(Short)
    content: Mapped[bytes | None] = mapped_column(
        LargeBinary, deferred=True, deferred_raiseload=True
    )
    """Where files were kept before there was a store for them; nothing is written into it."""
    format: Mapped[ImportFormat] = mapped_column(Text)
    encoding: Mapped[Encoding | None] = mapped_column(Text)
    separator: Mapped[Separator | None] = mapped_column(Text)
    sheet: Mapped[str | None] = mapped_column(Short)
    headings: Mapped[Sequence[str]] = mapped_column(JSONB, default=list)
    """In the file's order."""
    file_of_id: Mapped[UUID | None]
    """The dry run that the file was sent for; None: for this one."""
    file_removed_at: Mapped[datetime | None]
    """When the rows, and what became of each, were let go of."""
    dry_run: Mapped[bool] = mapped_column(default=False)
    key: Mapped[str] = mapped_column(Short, default="external_id")
    """The field that finds a customer again."""
    mapping: Mapped[Mapping[str, Any]] = mapped_column(JSONB, default=dict)
    """`{heading: field}` as used."""
    mapped_by: Mapped[MappedBy] = mapped_column(Text, default=MappedBy.guessed)
    rows_total: Mapped[int]
    rows_read: Mapped[int] = mapped_column(default=0)
    rows_created: Mapped[int] = mapped_column(default=0)
    rows_updated: Mapped[int] = mapped_column(default=0)
    rows_unchanged: Mapped[int] = mapped_column(default=0)
    rows_refused: Mapped[int] = mapped_column(default=0)
    rows_left_out: Mapped[int] = mapped_column(default=0)
    checking: Mapped[Checking | None] = mapped_column(Text)
    """What is read again; None: it is read for the first time."""
    changes: Mapped[int] = mapped_column(default=0)
    """Records made or changed, each time counted."""
    changes_undone: Mapped[int] = mapped_column(default=0)
    changes_kept: Mapped[int] = mapped_column(default=0)
    cancel_asked: Mapped[bool] = mapped_column(default=False)
    failure: Mapped[str | None] = mapped_column(Long)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    made_by_id: Mapped[UUID | None]

    __table_args__ = (
        belongs_to("made_by_id", "members"),
        belongs_to("file_of_id", "imports"),
        one_of("kind", ImportKind),
        one_of("status", ImportStatus),
        one_of("format", ImportFormat),
        one_of("encoding", Encoding),
        one_of("separator", Separator),
        one_of("mapped_by", MappedBy),
        one_of("checking", Checking),
        CheckConstraint("octet_length(content) <= 10485760", name="content_size"),
        CheckConstraint("rows_read between 0 and rows_total", name="rows_read"),
        CheckConstraint("changes_undone + changes_kept <= changes", name="changes"),
        Index("ix_imports_created_at", "org_id", "created_at", "id"),
        Index("ix_imports_file_of_id", "org_id", "file_of_id"),
    )

    @property
    def file_id(self) -> UUID:
        """The id under which the rows of its file are kept."""
        return self.file_of_id or self.id


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


class ImportRow(TenantModel):
    """What a row became, or would have in a dry run."""

    __tablename__ = "import_rows"

    import_id: Mapped[UUID]
    row: Mapped[int]
    line: Mapped[int]
    did: Mapped[RowDid] = mapped_column(Text)
    entity: Mapped[str | None] = mapped_column(Short)
    record_id: Mapped[UUID | None]
    says: Mapped[Mapping[str, Any]] = mapped_column(JSONB, default=dict)
    """The fields as they were understood, in words."""
    cells: Mapped[Sequence[str] | None] = mapped_column(JSONB(none_as_null=True))
    """Of a row that is refused, resembles somebody, was mended or left out: what stands in it now."""
    mended: Mapped[bool] = mapped_column(default=False)
    """Somebody wrote into `cells`: they stand for what is in the file."""
    left_out: Mapped[bool] = mapped_column(default=False)
    """Somebody said that the row is not to be taken."""
    unchecked: Mapped[bool] = mapped_column(default=False)
    """It was changed, and not read since: `did` and `says` are what it was before."""

    __table_args__ = (
        belongs_to("import_id", "imports", ondelete="CASCADE"),
        one_of("did", RowDid),
        Index("uq_import_rows_row", "org_id", "import_id", "row", unique=True),
        Index("ix_import_rows_did", "org_id", "import_id", "did", "row"),
        Index(
            "ix_import_rows_mended",
            "org_id",
            "import_id",
            "row",
            postgresql_where=text("mended or left_out or unchecked"),
        ),
    )


class ImportChange(TenantModel):
    """One record that an import made or changed, and what an undo did about it."""

    __tablename__ = "import_changes"

    import_id: Mapped[UUID]
    position: Mapped[int]
    """From 1, in the order in which they were made."""
    row: Mapped[int]
    entity: Mapped[str] = mapped_column(Short)
    record_id: Mapped[UUID]
    did: Mapped[str] = mapped_column(Short)
    version_after: Mapped[int]
    before: Mapped[Mapping[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """What the fields held that it changed."""
    undone: Mapped[Undone | None] = mapped_column(Text)
    version_undone: Mapped[int | None]
    """The version that taking it back has made."""
    name: Mapped[str | None] = mapped_column(Short)
    code: Mapped[str | None] = mapped_column(Short)
    reason: Mapped[str | None] = mapped_column(Long)
    """Why it was kept."""

    __table_args__ = (
        belongs_to("import_id", "imports", ondelete="CASCADE"),
        one_of("undone", Undone),
        CheckConstraint("did in ('created', 'changed')", name="did"),
        Index("uq_import_changes_position", "org_id", "import_id", "position", unique=True),
        Index("ix_import_changes_record_id", "org_id", "import_id", "record_id"),
        Index("ix_import_changes_row", "org_id", "import_id", "row"),
    )


class ImportMapping(TenantModel):
    """Which column was which field in the last file of a kind with these headings."""

    __tablename__ = "import_mappings"

    kind: Mapped[ImportKind] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(Short)
    """Of the headings, in any order."""
    headings: Mapped[Sequence[str]] = mapped_column(JSONB)
    mapping: Mapped[Mapping[str, Any]] = mapped_column(JSONB)
    key: Mapped[str] = mapped_column(Short)

    __table_args__ = (
        one_of("kind", ImportKind),
        Index("uq_import_mappings_digest", "org_id", "kind", "digest", unique=True),
        Index("ix_import_mappings_created_at", "org_id", "created_at", "id"),
    )
