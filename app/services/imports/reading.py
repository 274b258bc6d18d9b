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
from app.services.imports.rows import Meaning, Rows, read_settings
from app.services.imports.taking import BREATH, Outcome, Taker
from app.services.transactions import Transactions

JOB = "import"
"""The kind of job."""
BATCH = 200
"""Rows a transaction takes at most; a kind may take fewer at once."""
NOT_KEPT = "The file is not kept any more. Send it again."


@dataclass(frozen=True)
class Batch:
    """Some rows with what they mean; of each, what stands in the file."""

    meanings: Sequence[Meaning]
    cells: dict[int, list[str]]

    @property
    def last(self) -> int:
        """The number of its last row."""
        return self.meanings[-1][0]


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
            file = Key(ctx.org_id, imported.file_id, ROWS)
            objects = tools_of(ctx.session).objects
        await _fetch(await _opened(objects, file), path)
        told = rows_of(path, imported.headings)
        async for batch in _batches(rows, told, after=done, most=min(BATCH, kind.at_once)):
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
    rows: Rows, told: Iterator[Row | RowError], *, after: int, most: int
) -> AsyncIterator[Batch]:
    meanings: list[Meaning] = []
    cells: dict[int, list[str]] = {}
    for row in told:
        if row.number % BREATH == 0:
            await asyncio.sleep(0)  # others are served in between
        meaning = await rows.read(row)  # also of a row that was taken before: its key counts
        if row.number > after:
            meanings.append((row.number, meaning))
            cells[row.number] = list((row.cells or {}).values())
        if len(meanings) == most:
            yield Batch(meanings, cells)
            meanings, cells = [], {}
    if meanings:
        yield Batch(meanings, cells)


async def _take(ctx: Ctx, import_id: UUID, batch: Batch, taker: Taker) -> bool:
    """Take these rows, unless somebody has asked to stop."""
    imported = await ctx.get(Import, import_id)
    if imported.cancel_asked:
        return False
    # whoever asked for it may have lost the right since the batch before
    ctx.require(Permission.customers_import)
    KINDS[ImportKind(imported.kind)].require(ctx)
    outcome = await taker.take(ctx, batch.meanings)
    # only now: somebody who looks or asks to stop does not wait for the batch
    imported = await ctx.get(Import, import_id, lock=True)
    start = imported.changes
    imported.rows_read = batch.last
    imported.rows_created += outcome.created
    imported.rows_updated += outcome.updated
    imported.rows_unchanged += outcome.unchanged
    imported.rows_refused += outcome.refused
    imported.changes += len(outcome.touched)
    await ctx.session.flush()
    await _note(ctx, imported, outcome, batch, start)
    return True


async def _note(ctx: Ctx, imported: Import, outcome: Outcome, batch: Batch, start: int) -> None:
    """Keep what became of each row, and every change."""
    key = {"org_id": ctx.org_id, "import_id": imported.id}
    rows = [
        {
            **key,
            "id": new_id(),
            **{one.name: getattr(row, one.name) for one in fields(row)},
            "cells": batch.cells[row.row] if row.did == "refused" else None,
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
    for table, values in ((ImportRow, rows), (ImportChange, changes), (ImportIssue, issues)):
        if values:
            await ctx.session.execute(insert(table), values)


async def _finish(ctx: Ctx, imported: Import) -> None:
    canceled = imported.rows_read < imported.rows_total
    imported.status = ImportStatus.canceled if canceled else ImportStatus.completed
    imported.finished_at = clock.now()
    imported.cancel_asked = False
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
