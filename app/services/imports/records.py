"""Imports: taking a file in, and what becomes of it.

What is wrong with the file as a whole (no headings, a mapping that makes no sense, a spreadsheet) is
refused at once; what is wrong with a row is found when it is read, and costs that row only.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from app.core import clock
from app.core.errors import TooLarge, UnsupportedMedia, invalid_field
from app.core.filters import Fields, filterable
from app.core.listing import Column, Filter, ListQuery
from app.core.tables import TableError, read_table
from app.models.imports import Import, ImportIssue, ImportKind, ImportStatus
from app.services import jobs
from app.services.context import Ctx
from app.services.imports.kinds import KINDS
from app.services.imports.kinds.base import NO_KEY, Kind
from app.services.imports.mapping import MappingError, map_columns
from app.services.inputs import Draft

JOB = "import"
LARGEST = 10 * 1024 * 1024
"""Bytes of a file."""
SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How the files of spreadsheet programs begin: zipped XML, and what came before it."""


class Severity(StrEnum):
    error = "error"
    duplicate = "duplicate"


class ImportDraft(Draft):
    """A file to be read."""

    kind: ImportKind
    filename: str = Field(max_length=1000)
    content: bytes
    mapping: Mapping[str, str | None] | None = None
    dry_run: bool = False
    key: str | None = Field(None, max_length=60)


class ImportQuery(ListQuery):
    """Filters and sorts of the list of imports."""

    SORTS: ClassVar[dict[str, Column]] = {"created_at": Import.created_at}
    FILTERS: ClassVar[Fields | None] = filterable(
        Import.id,
        Import.created_at,
        Import.updated_at,
        Import.kind,
        Import.status,
        Import.filename,
        Import.dry_run,
        Import.key,
        Import.rows_read,
        Import.rows_created,
        Import.rows_updated,
        Import.rows_unchanged,
        Import.rows_refused,
        Import.failure,
        Import.started_at,
        Import.finished_at,
        Import.made_by_id,
    )

    status: Annotated[ImportStatus | None, Filter(Import.status)] = None


class IssueQuery(ListQuery):
    """Filters and sorts of what was found in an import."""

    SORTS: ClassVar[dict[str, Column]] = {"row": ImportIssue.row}
    DEFAULT_SORT: ClassVar[str] = "row"
    FILTERS: ClassVar[Fields | None] = filterable(
        ImportIssue.row,
        ImportIssue.line,
        ImportIssue.column,
        ImportIssue.severity,
        ImportIssue.code,
        ImportIssue.reason,
        ImportIssue.entity,
        ImportIssue.record_id,
    )

    severity: Annotated[Severity | None, Filter(ImportIssue.severity)] = None


async def begin(ctx: Ctx, draft: ImportDraft) -> Import:
    """Take the file in and have it read after the commit. Raises as `create` does."""
    imported = await create(ctx, draft)
    await jobs.ask(ctx, JOB, imported)
    return imported


async def create(ctx: Ctx, draft: ImportDraft) -> Import:
    """Take a file in, to be read by `read_in`.

    Raises `Forbidden` for whoever could not write such records by hand, `UnsupportedMedia` for a spreadsheet, `TooLarge`, and `Invalid` for a file without good
    headings, a mapping that makes no sense, or a key that no column holds.
    """
    kind = KINDS[draft.kind]
    kind.require(ctx)
    if draft.content.startswith(SPREADSHEETS):
        raise UnsupportedMedia("This is a spreadsheet. Save it as CSV and send that.")
    if len(draft.content) > LARGEST:
        raise TooLarge(f"The file is larger than {LARGEST // 1024 // 1024} MB. Split it.")
    try:
        headings = read_table(draft.content).headings
    except TableError as error:
        raise invalid_field("file", str(error), code="unreadable") from error
    try:
        mapping = map_columns(kind, headings, draft.mapping)
    except MappingError as error:
        raise invalid_field("mapping", str(error), code="bad_mapping") from error
    targets = {target for target in mapping.targets.values() if target is not None}
    if (detail := kind.refuse_mapping(targets)) is not None:
        raise invalid_field("mapping", detail, code="no_name")
    key = _key(kind, draft.key, targets)
    return await ctx.add(
        Import(
            kind=draft.kind,
            filename=draft.filename[:200],
            content=draft.content,
            dry_run=draft.dry_run,
            key=key,
            mapping=mapping.targets,
            made_by_id=ctx.user_id,
        )
    )


def _key(kind: Kind, wanted: str | None, targets: set[str]) -> str:
    """By what the rows find their records: what was asked for, or the first key that is theirs."""
    if wanted is None:
        first = kind.keys[0]
        return first.name if targets.issuperset(first.targets) else NO_KEY
    if wanted == NO_KEY:
        return wanted
    key = kind.key(wanted)
    if key is None:
        names = ", ".join([*(one.name for one in kind.keys), NO_KEY])
        many = kind.name.value.replace("_", " ")
        raise invalid_field("key", f"{many.capitalize()} are found by one of: {names}.")
    for target in key.targets:
        if target not in targets:
            detail = f"No column is mapped to {target}, so no {kind.called} can be found by it."
            raise invalid_field("key", detail, code="key_not_mapped")
    return key.name


async def give_up(ctx: Ctx, import_id: UUID | None, why: str) -> None:
    """Say that the import was not read to its end; the file stays, so that it can be tried again."""
    assert import_id is not None
    imported = await ctx.get(Import, import_id, lock=True)
    imported.status, imported.failure = ImportStatus.failed, why
    imported.finished_at = clock.now()
