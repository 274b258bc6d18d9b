"""Reading an import: its rows become records, batch by batch.

Rows are taken in batches (`taking`), each in one transaction with its progress and what became of each
row, so that after a crash reading goes on at the next row and no row is taken twice. Between batches
somebody may have asked to stop.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from app.core import clock
from app.core.errors import Invalid
from app.core.ids import new_id
from app.core.objects import Key, Missing
from app.core.tables import Row, RowError
from app.core.tools import tools_of
from app.documents.tables import rows_of
from app.models.imports import (
    ROWS,
    Checking,
    Import,
    ImportChange,
    ImportIssue,
    ImportKind,
    ImportRow,
    ImportStatus,
)
from app.models.permissions import Permission
from app.services.context import Ctx
from app.services.facts import Fact, emit
from app.services.imports.kinds import KINDS
from app.services.imports.mapping import Mapping
from app.services.imports.mends import count, forget, marked, mends_of, over_former, to_check
from app.services.imports.rows import LeftOut, Meaning, Rows, read_settings
from app.services.imports.taking import BREATH, Outcome, Taker
from app.services.transactions import Transactions

JOB = "import"
"""The kind of job."""
BATCH = 200
"""Rows a transaction takes at most; a kind may take fewer at once."""
PASSED = 2000
"""Rows after which it is told how far it is, where they are only passed by."""
NOT_KEPT = "The file is not kept any more. Send it again."


@dataclass(frozen=True)
class Batch:
    """Some rows with what they mean; of each, what stands in the file or was put in its place."""

    meanings: Sequence[Meaning]
    cells: dict[int, list[str]]
    last: int
    """The number of the last row that was come to; the last ones may be none to be taken."""


async def read_in(transaction: Transactions, import_id: UUID) -> None:
    """Read an import to its end, from where a former attempt stopped, or until it is canceled."""
    with tempfile.TemporaryDirectory(prefix="truckroll-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "rows"
        async with transaction() as ctx:
            ctx.require(Permission.customers_import)
            imported = await ctx.get(Import, import_id, lock=True)
            kind = KINDS[ImportKind(imported.kind)]
            kind.require(ctx)
            imported.status, imported.failure = ImportStatus.running, None
            imported.finished_at = None
            imported.started_at = imported.started_at or clock.now()
            # jsonb has put the columns in an order of its own
            columns = {one: imported.mapping.get(one) for one in imported.headings}
            rows = Rows(kind, Mapping(columns), imported.key, await read_settings(ctx))
            taker = Taker(kind, imported.key, dry_run=imported.dry_run)
            done = imported.rows_read
            mends = await mends_of(ctx, imported)
            again = await to_check(ctx, imported)
            file = Key(ctx.org_id, imported.file_id, ROWS)
            objects = tools_of(ctx.session).objects
        await _fetch(await _opened(objects, file), path)
        told = mends.over(rows_of(path, imported.headings))
        most = min(BATCH, kind.at_once)
        async for batch in _batches(rows, told, again, after=done, most=most):
            async with transaction() as ctx:
                if not await _take(ctx, import_id, batch, taker):
                    break
        async with transaction(last=True) as ctx:
            await _finish(ctx, await ctx.get(Import, import_id, lock=True))


async def _opened(objects: Any, file: Key) -> AsyncIterator[bytes]:
    try:
        content = await objects.open(file)
    except Missing:
        raise Invalid(NOT_KEPT) from None
    chunks: AsyncIterator[bytes] = content.chunks
    return chunks


async def _fetch(chunks: AsyncIterator[bytes], to: Path) -> None:
    """A copy on this machine: nobody's store keeps a connection open while rows are taken."""
    with to.open("wb") as file:
        async for chunk in chunks:
            await asyncio.to_thread(file.write, chunk)


async def _batches(
    rows: Rows,
    told: Iterator[tuple[Row | RowError, bool]],
    again: set[int] | None,
    *,
    after: int,
    most: int,
) -> AsyncIterator[Batch]:
    """The rows in batches; of `again`, those that it names and what is wrong by now."""
    meanings: list[Meaning] = []
    cells: dict[int, list[str]] = {}
    passed = last = after
    for row, left_out in told:
        last = row.number
        if last % BREATH == 0:
            await asyncio.sleep(0)  # others are served in between
        # also of a row that was taken before: its key counts
        meaning = LeftOut(row.line) if left_out else await rows.read(row)
        if last > after and (again is None or last in again or isinstance(meaning, list)):
            meanings.append((last, meaning))
            cells[last] = list((row.cells or {}).values())
        if len(meanings) == most or last - passed >= PASSED:
            yield Batch(meanings, cells, last)
            meanings, cells, passed = [], {}, last
    if last > passed:
        yield Batch(meanings, cells, last)


async def _take(ctx: Ctx, import_id: UUID, batch: Batch, taker: Taker) -> bool:
    """Take these rows, unless somebody has asked to stop."""
    imported = await ctx.get(Import, import_id)
    if imported.cancel_asked:
        return False
    # whoever asked for it may have lost the right since the batch before
    ctx.require(Permission.customers_import)
    KINDS[ImportKind(imported.kind)].require(ctx)
    outcome = await taker.take(ctx, batch.meanings) if batch.meanings else Outcome()
    # only now: somebody who looks or asks to stop does not wait for the batch
    imported = await ctx.get(Import, import_id, lock=True)
    start = imported.changes
    imported.rows_read = batch.last
    if imported.checking != Checking.changed:  # then all are counted at the end
        imported.rows_created += outcome.created
        imported.rows_updated += outcome.updated
        imported.rows_unchanged += outcome.unchanged
        imported.rows_refused += outcome.refused
        imported.rows_left_out += outcome.left_out
    imported.changes += len(outcome.touched)
    await ctx.session.flush()
    await _note(ctx, imported, outcome, batch, start)
    return True


async def _note(ctx: Ctx, imported: Import, outcome: Outcome, batch: Batch, start: int) -> None:
    """Keep what became of each row, and every change."""
    key = {"org_id": ctx.org_id, "import_id": imported.id}
    kept = {issue.row for issue in outcome.issues}
    kept |= {row.row for row in outcome.rows if row.did in ("refused", "left_out")}
    mended = await marked(ctx, imported, [row.row for row in outcome.rows])
    if imported.checking is not None:
        await forget(ctx, imported, [row.row for row in outcome.rows])
    rows = [
        {
            **key,
            "id": new_id(),
            **{one.name: getattr(row, one.name) for one in fields(row)},
            "mended": False,
            "left_out": row.did == "left_out",
            "unchecked": False,
            "cells": batch.cells[row.row] if row.row in kept or row.row in mended else None,
        }
        for row in sorted(outcome.rows, key=lambda row: row.did)  # alike in one statement
    ]
    changes = [
        {
            **key,
            "id": new_id(),
            "position": position,
            "row": one.row,
            "entity": one.entity,
            "record_id": one.record_id,
            "did": one.did,
            "version_after": one.version,
            "before": one.before,
        }
        for position, one in enumerate(outcome.touched, start=start + 1)
    ]
    issues = [
        {
            **key,
            "id": new_id(),
            **asdict(issue),
            "column": issue.column and issue.column[:200],
        }
        for issue in outcome.issues
    ]
    into_rows = insert(ImportRow) if imported.checking is None else over_former()
    for statement, values in (
        (into_rows, rows),
        (insert(ImportChange), changes),
        (insert(ImportIssue), issues),
    ):
        if values:
            await ctx.session.execute(statement, values)


async def _finish(ctx: Ctx, imported: Import) -> None:
    canceled = imported.rows_read < imported.rows_total
    imported.status = ImportStatus.canceled if canceled else ImportStatus.completed
    imported.finished_at = clock.now()
    imported.cancel_asked = False
    if imported.checking == Checking.changed:
        await count(ctx, imported)
    if not imported.dry_run:
        await emit(
            ctx,
            Fact.import_canceled if canceled else Fact.import_finished,
            imported,
            filename=imported.filename,
            read=imported.rows_read,
            created=imported.rows_created,
            updated=imported.rows_updated,
            refused=imported.rows_refused,
        )
