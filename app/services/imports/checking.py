"""Putting a file right before it is taken: its mapping, its rows, and looking at it again.

Only of a file that was tried or waits for its mapping, and of which nothing was taken: what was taken
is mended at its record.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field, StringConstraints
from sqlalchemy import ColumnElement, func, or_, select

from app.core.errors import Conflict, NotFound, invalid_field
from app.core.filters import Fields, filterable
from app.core.listing import Column, ListQuery
from app.models.imports import (
    Checking,
    Import,
    ImportIssue,
    ImportRow,
    ImportStatus,
    MappedBy,
    RowDid,
)
from app.services import jobs
from app.services.context import Ctx
from app.services.imports.kinds import KINDS
from app.services.imports.looking import require_codes
from app.services.imports.mends import MOST
from app.services.imports.reading import JOB, NOT_KEPT
from app.services.imports.records import key_for, require_not_run, targets_for
from app.services.imports.remembering import OURS, remember
from app.services.inputs import Draft, Patch

WIDEST = 1000
"""Columns that one request may speak of."""
READY = (
    ImportStatus.waiting,
    ImportStatus.completed,
    ImportStatus.canceled,
    ImportStatus.failed,
)
Heading = Annotated[str, StringConstraints(max_length=10_000)]


class CheckDraft(Draft):
    """How a file is looked at again."""

    rows: Checking = Field(
        Checking.all, description="`changed`: rows that were mended, and those that were refused."
    )
    mapping: Mapping[Heading, Annotated[str, Field(max_length=60)] | None] | None = Field(
        None,
        max_length=WIDEST,
        description="Each column and the field it is read as; null leaves a column out. What is not"
        " named is guessed. With it, all rows are looked at.",
    )
    key: str | None = Field(
        None, max_length=60, description="Finds a record again. With it, all rows are looked at."
    )


class ImportRowPatch(Patch):
    """What is put right in a row of a file."""

    cells: dict[Heading, Annotated[str, Field(max_length=10_000)]] | None = Field(
        None, max_length=WIDEST, description="Columns by their headings; the others stay."
    )
    left_out: bool | None = Field(None, description="Whether the row is not to be taken.")


class Wrong(StrEnum):
    """Why a row is looked at."""

    refused = "refused"
    resembles = "resembles"
    changed = "changed"
    """It was mended or left out."""


class MendingQuery(ListQuery):
    """Filters and sorts of the rows that are worth a look before they are taken."""

    SORTS: ClassVar[dict[str, Column]] = {"row": ImportRow.row}
    DEFAULT_SORT: ClassVar[str] = "row"
    FILTERS: ClassVar[Fields | None] = filterable(
        ImportRow.row, ImportRow.did, ImportRow.mended, ImportRow.left_out, ImportRow.unchecked
    )

    why: Annotated[Wrong | None, Field(description="Without it: for any reason.")] = None


def worth_a_look(imported: Import, why: Wrong | None) -> list[ColumnElement[bool]]:
    """Which rows of an import are refused, resemble somebody, or were changed by people."""
    resembles = (
        select(ImportIssue.id)
        .where(
            ImportIssue.org_id == ImportRow.org_id,
            ImportIssue.import_id == ImportRow.import_id,
            ImportIssue.row == ImportRow.row,
            ImportIssue.severity == "duplicate",
        )
        .exists()
    )
    refused = ImportRow.did == RowDid.refused
    changed = or_(ImportRow.mended, ImportRow.left_out, ImportRow.unchecked)
    wanted: dict[Wrong, ColumnElement[bool]] = {
        Wrong.refused: refused & ~ImportRow.left_out,
        Wrong.resembles: resembles & ~ImportRow.left_out,
        Wrong.changed: changed,
    }
    either = or_(refused, changed, resembles) if why is None else wanted[why]
    return [ImportRow.import_id == imported.id, either]


async def problems_of(ctx: Ctx, imported: Import, rows: list[int]) -> dict[int, list[ImportIssue]]:
    """What was found in these rows of an import, in the file's order."""
    found: dict[int, list[ImportIssue]] = {row: [] for row in rows}
    for issue in await ctx.session.scalars(
        select(ImportIssue)
        .where(ImportIssue.import_id == imported.id, ImportIssue.row.in_(rows))
        .order_by(ImportIssue.row, ImportIssue.id)
        .limit(WIDEST * 10)
    ):
        found[issue.row].append(issue)
    return found


async def require_row(ctx: Ctx, imported: Import, row_id: UUID) -> None:
    """Raise `NotFound` unless the row is one of this import's."""
    its_own = select(ImportRow.id).where(ImportRow.id == row_id, ImportRow.import_id == imported.id)
    if await ctx.session.scalar(its_own) is None:
        raise NotFound("There is no such import row.")


async def mend(
    ctx: Ctx, imported: Import, row_id: UUID, patch: ImportRowPatch, *, seen: int
) -> ImportRow:
    """Put other words into a row's cells, or leave it out or take it in again.

    `imported` is locked. It counts from the next look at the file on, or when it is run. Raises
    `Conflict` once something of the file was taken, and `Invalid` for a column that it has not.
    """
    await _require_untaken(ctx, imported)
    await require_row(ctx, imported, row_id)
    row = await ctx.get(ImportRow, row_id, at=seen)
    if not (row.mended or row.left_out):
        await _require_room(ctx, imported)
    if patch.cells is not None:
        row.cells = _cells(imported, row, patch.cells)
        row.mended = True
    if patch.left_out is not None:
        row.left_out = patch.left_out
    row.unchecked = True
    await ctx.session.flush()
    return row


def _cells(imported: Import, row: ImportRow, said: Mapping[str, str]) -> list[str]:
    if row.cells is None:
        raise Conflict(
            f"Row {row.row} is in order: what stands in it is not kept here. It can be left out.",
            code="in_order",
        )
    stood = dict(zip(imported.headings, row.cells, strict=True))
    for heading in said:
        if heading not in stood or heading in OURS:
            raise invalid_field("cells", f"The file has no column “{heading}”.")
    return list((stood | dict(said)).values())


async def check(ctx: Ctx, imported: Import, draft: CheckDraft) -> Import:
    """Have the file looked at again, as it stands now; `imported` is locked.

    Raises `Forbidden` where codes of somebody else's file could be read as something that more people
    see, `Conflict` once something of it was taken, and `Invalid` for a mapping that makes no sense.
    """
    kind = KINDS[imported.kind]
    kind.require(ctx)
    require_codes(ctx, imported)
    await _require_untaken(ctx, imported)
    anew = draft.mapping is not None or draft.key is not None
    if draft.mapping is not None:
        imported.mapping = targets_for(kind, imported.headings, draft.mapping)
        imported.mapped_by = MappedBy.given
    used = {target for target in imported.mapping.values() if target is not None}
    if (detail := kind.refuse_mapping(used)) is not None:
        raise invalid_field("mapping", detail, code="no_name")
    imported.key = key_for(kind, draft.key if anew else imported.key, used)
    if anew:
        await remember(ctx, imported.kind, dict(imported.mapping), imported.key)
    first = imported.started_at is None
    whole = anew or imported.status != ImportStatus.completed
    imported.checking = None if first else Checking.all if whole else draft.rows
    imported.status, imported.failure = ImportStatus.queued, None
    imported.cancel_asked, imported.finished_at, imported.rows_read = False, None, 0
    if imported.checking != Checking.changed:
        for did in RowDid:
            setattr(imported, f"rows_{did}", 0)
    await jobs.ask(ctx, JOB, imported)
    return imported


async def _require_untaken(ctx: Ctx, imported: Import) -> None:
    """Raise `Conflict` unless it was only tried, is not being read, and nothing of it was taken."""
    if not imported.dry_run:
        raise Conflict(
            "This list was taken: mend what it made, or take it back and send it again.",
            code="not_a_trial",
        )
    if imported.file_removed_at is not None:
        raise Conflict(NOT_KEPT, code="file_gone")
    if imported.status not in READY:
        raise Conflict(
            f"This import is {imported.status}. Wait for its end, or stop it.", code="not_ended"
        )
    await require_not_run(ctx, imported)


async def _require_room(ctx: Ctx, imported: Import) -> None:
    changed = select(func.count()).select_from(
        select(ImportRow.id)
        .where(ImportRow.import_id == imported.id, or_(ImportRow.mended, ImportRow.left_out))
        .limit(MOST)
        .subquery()
    )
    if (await ctx.session.scalar(changed) or 0) >= MOST:
        raise Conflict(
            f"{MOST:,} rows of this file were changed here. Mend the rest in the file, and send it"
            " again.",
            code="too_many_changes",
        )
