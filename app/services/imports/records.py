"""Imports: taking a file in, having it read, stopping it, and having it taken back.

What is wrong with the file as a whole (no headings, a mapping that makes no sense) is refused at once;
what is wrong with a row is found when it is read, and costs that row only.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID

import structlog
from pydantic import Field
from sqlalchemy import select

from app.core import clock
from app.core.errors import Conflict, invalid_field
from app.core.filters import Fields, filterable
from app.core.ids import new_id
from app.core.listing import Column, Filter, ListQuery
from app.core.objects import Key
from app.core.tools import tools_of
from app.documents.tables import Unrolled
from app.models.imports import (
    ROWS,
    Encoding,
    Import,
    ImportChange,
    ImportFormat,
    ImportIssue,
    ImportKind,
    ImportRow,
    ImportStatus,
    MappedBy,
    RowDid,
    Separator,
    Undone,
)
from app.services import jobs
from app.services.context import Ctx
from app.services.imports.kinds import KINDS
from app.services.imports.kinds.base import NO_KEY, Kind
from app.services.imports.mapping import MappingError, map_columns
from app.services.imports.reading import JOB, NOT_KEPT
from app.services.imports.remembering import remember, remembered
from app.services.imports.reverting import UNDO
from app.services.inputs import Draft

log = structlog.get_logger()
FILES_KEPT = timedelta(days=30)
"""How long a file can be run, mended and taken back after it was read."""
ENDED = (ImportStatus.completed, ImportStatus.canceled, ImportStatus.failed)


class Severity(StrEnum):
    error = "error"
    duplicate = "duplicate"


class ImportDraft(Draft):
    """A file to be read."""

    kind: ImportKind
    filename: str = Field(max_length=1000)
    mapping: Mapping[str, str | None] | None = None
    dry_run: bool = False
    wait: bool = False
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
        Import.format,
        Import.encoding,
        Import.separator,
        Import.sheet,
        Import.file_of_id,
        Import.dry_run,
        Import.key,
        Import.mapped_by,
        Import.rows_total,
        Import.rows_read,
        Import.rows_created,
        Import.rows_updated,
        Import.rows_unchanged,
        Import.rows_refused,
        Import.changes,
        Import.changes_undone,
        Import.changes_kept,
        Import.cancel_asked,
        Import.failure,
        Import.started_at,
        Import.finished_at,
        Import.file_removed_at,
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


class ImportRowQuery(ListQuery):
    """Filters and sorts of what became of the rows."""

    SORTS: ClassVar[dict[str, Column]] = {"row": ImportRow.row}
    DEFAULT_SORT: ClassVar[str] = "row"
    FILTERS: ClassVar[Fields | None] = filterable(
        ImportRow.row, ImportRow.line, ImportRow.did, ImportRow.entity, ImportRow.record_id
    )

    did: Annotated[RowDid | None, Filter(ImportRow.did)] = None


class ImportChangeQuery(ListQuery):
    """Filters and sorts of the changes that an import made."""

    SORTS: ClassVar[dict[str, Column]] = {"position": ImportChange.position}
    DEFAULT_SORT: ClassVar[str] = "position"
    FILTERS: ClassVar[Fields | None] = filterable(
        ImportChange.position,
        ImportChange.row,
        ImportChange.entity,
        ImportChange.record_id,
        ImportChange.did,
        ImportChange.undone,
        ImportChange.code,
        ImportChange.reason,
    )

    undone: Annotated[Undone | None, Filter(ImportChange.undone)] = None


async def begin(ctx: Ctx, draft: ImportDraft, unrolled: Unrolled) -> Import:
    """Take the file in and have it read after the commit, unless it waits for a check. Raises as `create` does."""
    imported = await create(ctx, draft, unrolled)
    if not draft.wait:
        await jobs.ask(ctx, JOB, imported)
    return imported


async def create(ctx: Ctx, draft: ImportDraft, unrolled: Unrolled) -> Import:
    """Keep a file that was received, to be read by `read_in`; a rollback leaves it to the sweeper.

    Raises `Forbidden` for whoever could not write such records by hand, and `Invalid` for a mapping
    that makes no sense or a key that no column holds.
    """
    kind = KINDS[draft.kind]
    kind.require(ctx)
    targets, mapped_by, known_key = await _mapped(ctx, kind, draft, unrolled)
    used = {target for target in targets.values() if target is not None}
    if not draft.wait and (detail := kind.refuse_mapping(used)) is not None:
        raise invalid_field("mapping", detail, code="no_name")
    key = key_for(kind, draft.key or known_key, used)
    if draft.mapping or draft.key is not None:
        await remember(ctx, draft.kind, targets, key)
    separator = next((one for one in Separator if one.character == unrolled.delimiter), None)
    imported = await ctx.add(
        Import(
            id=new_id(),
            kind=draft.kind,
            filename=draft.filename[-200:],
            format=ImportFormat(unrolled.format),
            encoding=Encoding(unrolled.encoding) if unrolled.encoding is not None else None,
            separator=separator,
            sheet=unrolled.sheet[:200] if unrolled.sheet is not None else None,
            headings=unrolled.headings,
            rows_total=unrolled.rows,
            dry_run=draft.dry_run or draft.wait,
            status=ImportStatus.waiting if draft.wait else ImportStatus.queued,
            key=key,
            mapping=targets,
            mapped_by=mapped_by,
            made_by_id=ctx.user_id,
        )
    )
    await tools_of(ctx.session).objects.put(Key(ctx.org_id, imported.id, ROWS), unrolled.path)
    return imported


async def _mapped(
    ctx: Ctx, kind: Kind, draft: ImportDraft, unrolled: Unrolled
) -> tuple[dict[str, str | None], MappedBy, str | None]:
    """Each column and its field, who said so, and the key that goes with it."""
    headings = unrolled.headings
    if draft.mapping is None and (known := await remembered(ctx, draft.kind, headings)):
        try:
            return (
                map_columns(kind, headings, known.mapping).targets,
                MappedBy.remembered,
                known.key,
            )
        except MappingError as error:
            log.info("a mapping that was kept fits no more: guessed again", why=str(error))
    targets = targets_for(kind, headings, draft.mapping)
    return targets, MappedBy.given if draft.mapping else MappedBy.guessed, None


def targets_for(
    kind: Kind, headings: Sequence[str], said: Mapping[str, str | None] | None
) -> dict[str, str | None]:
    """Each column and its field: as it was said, else guessed. Raises `Invalid`."""
    try:
        return map_columns(kind, headings, said).targets
    except MappingError as error:
        raise invalid_field("mapping", str(error), code="bad_mapping") from error


def key_for(kind: Kind, wanted: str | None, targets: set[str]) -> str:
    """By what rows find their records: what was asked for, else the first that is theirs.

    Raises `Invalid` for one that no column holds.
    """
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


async def run(ctx: Ctx, imported: Import) -> Import:
    """Do what is left to be done with a file; `imported` is locked.

    After a dry run a new import of the same file, which does it; after one that failed or was
    canceled, the same one goes on after its last row. Raises `Conflict` when nothing is left, and
    for a list that was taken already.
    """
    kind = KINDS[imported.kind]
    kind.require(ctx)
    if imported.file_removed_at is not None:
        raise Conflict(NOT_KEPT, code="file_gone")
    if imported.status in (ImportStatus.failed, ImportStatus.canceled):
        if imported.changes_undone or imported.changes_kept:
            raise Conflict(
                "This import was being taken back. Undo it to the end, then send the file again.",
                code="half_undone",
            )
        imported.status, imported.failure = ImportStatus.queued, None
        imported.cancel_asked, imported.finished_at = False, None
        await jobs.ask(ctx, JOB, imported)
        return imported
    if imported.status != ImportStatus.completed or not imported.dry_run:
        raise Conflict(
            f"This import is {imported.status}; there is nothing left to run. A dry run that is"
            " completed can be run, and an import that failed or was canceled goes on.",
            code="nothing_to_run",
        )
    await require_not_run(ctx, imported)
    real = await ctx.add(
        Import(
            id=new_id(),
            kind=imported.kind,
            filename=imported.filename,
            format=imported.format,
            encoding=imported.encoding,
            separator=imported.separator,
            sheet=imported.sheet,
            headings=imported.headings,
            rows_total=imported.rows_total,
            dry_run=False,
            key=imported.key,
            mapping=imported.mapping,
            mapped_by=imported.mapped_by,
            file_of_id=imported.file_id,
            made_by_id=ctx.user_id,
        )
    )
    await jobs.ask(ctx, JOB, real)
    return real


async def require_not_run(ctx: Ctx, imported: Import) -> None:
    """Raise `Conflict` when the list was taken, and not taken back since; `imported` is locked."""
    taken = (
        select(Import.id)
        .where(Import.file_of_id == imported.id, Import.status != ImportStatus.undone)
        .limit(1)
    )
    if await ctx.session.scalar(taken) is not None:
        raise Conflict(
            "This list was taken. Take that back first, then mend it here and run it again.",
            code="was_run",
        )


async def cancel(ctx: Ctx, imported: Import) -> Import:
    """Stop before the next batch, also of an undo; what is done stays. `imported` is locked.

    What was read can be undone, and an undo that was stopped goes on when it is undone again. Raises
    `Conflict` when nothing is going on.
    """
    if imported.status in (*ENDED, ImportStatus.undone, ImportStatus.waiting):
        has = "has failed" if imported.status == ImportStatus.failed else f"is {imported.status}"
        raise Conflict(f"This import {has}; there is nothing left to stop.", code="ended")
    imported.cancel_asked = True
    return imported


async def undo(ctx: Ctx, imported: Import) -> Import:
    """Have everything it did taken back that nobody has touched since. `imported` is locked.

    Raises `Conflict` for a dry run, while it runs, and when what it did is not kept any more.
    """
    KINDS[imported.kind].require_undo(ctx)
    if imported.dry_run:
        raise Conflict("This was a dry run: there is nothing to undo.", code="dry_run")
    if imported.status == ImportStatus.undone:
        raise Conflict("This import is undone already.", code="undone")
    if imported.status == ImportStatus.undoing:
        raise Conflict("This import is being undone already.", code="undoing")
    if imported.status not in ENDED:
        raise Conflict(
            f"This import is {imported.status}. Wait for its end or cancel it, then undo it.",
            code="not_ended",
        )
    if imported.file_removed_at is not None:
        raise Conflict(
            f"What it did is kept for {FILES_KEPT.days} days, and cannot be undone any more.",
            code="file_gone",
        )
    imported.status, imported.failure, imported.finished_at = ImportStatus.undoing, None, None
    imported.cancel_asked = False
    await jobs.ask(ctx, UNDO, imported)
    return imported


async def give_up(ctx: Ctx, import_id: UUID | None, why: str) -> None:
    """Say that the import was not read to its end; the file stays, so that it can go on."""
    assert import_id is not None
    imported = await ctx.get(Import, import_id, lock=True)
    imported.status, imported.finished_at = ImportStatus.failed, clock.now()
    read = imported.rows_read
    if not read:
        imported.failure = f"{why} No row was taken.{'' if why == NOT_KEPT else ' Run it again.'}"
        return
    again = (
        "You can undo them" if why == NOT_KEPT else "Run it again to go on after them, or undo it"
    )
    imported.failure = f"{why} {_rows_to(read)} as taken. {again}."


def _rows_to(last: int) -> str:
    return "Row 1 stays" if last == 1 else f"Rows 1 to {last:,} stay"
