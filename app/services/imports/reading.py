"""Reading an import: its rows become records, batch by batch.

Rows are taken in batches (`taking`), each in one transaction with its progress, so that after a crash
reading goes on at the next row and no row is taken twice.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.orm import undefer

from app.core import clock
from app.core.errors import Invalid
from app.core.tables import read_table
from app.models.imports import Import, ImportIssue, ImportKind, ImportStatus
from app.models.permissions import Permission
from app.services.context import Ctx
from app.services.facts import Fact, emit
from app.services.imports.kinds import KINDS
from app.services.imports.mapping import Mapping
from app.services.imports.rows import Meaning, Rows, read_settings
from app.services.imports.taking import Taker

BATCH = 200
"""Rows a transaction takes."""


class Transactions(Protocol):
    """Opens the next transaction; `last` is the one after which the import has ended."""

    def __call__(self, *, last: bool = False) -> AbstractAsyncContextManager[Ctx]: ...


async def read_in(transaction: Transactions, import_id: UUID) -> None:
    """Read an import to its end, from where a former attempt stopped."""
    async with transaction() as ctx:
        ctx.require(Permission.customers_import)
        imported = await ctx.get(Import, import_id, lock=True, options=[undefer(Import.content)])
        if imported.content is None:
            raise Invalid("The file is not kept any more. Send it again.")
        table = read_table(imported.content)
        # jsonb has put the columns in an order of its own
        columns = {heading: imported.mapping.get(heading) for heading in table.headings}
        kind = KINDS[ImportKind(imported.kind)]
        kind.require(ctx)
        rows = Rows(kind, Mapping(columns), imported.key, await read_settings(ctx))
        taker = Taker(kind, imported.key, dry_run=imported.dry_run)
        done = imported.rows_read
        imported.status, imported.failure, imported.finished_at = ImportStatus.running, None, None
        imported.started_at = imported.started_at or clock.now()
    async for batch in _batches(rows, table, after=done):
        async with transaction() as ctx:
            await _take(ctx, await ctx.get(Import, import_id, lock=True), batch, taker)
    async with transaction(last=True) as ctx:
        await _finish(ctx, await ctx.get(Import, import_id, lock=True))


async def _batches(rows: Rows, table: Any, *, after: int) -> AsyncIterator[list[Meaning]]:
    batch: list[Meaning] = []
    for row in table:
        await asyncio.sleep(0)  # others are served in between
        meaning = await rows.read(row)  # also of a row that was taken before: its key counts
        if row.number > after:
            batch.append((row.number, meaning))
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


async def _take(ctx: Ctx, imported: Import, batch: Sequence[Meaning], taker: Taker) -> None:
    outcome = await taker.take(ctx, batch)
    imported.rows_read = batch[-1][0]
    imported.rows_created += outcome.created
    imported.rows_updated += outcome.updated
    imported.rows_unchanged += outcome.unchanged
    imported.rows_refused += outcome.refused
    ctx.session.add_all(
        ImportIssue(
            import_id=imported.id,
            row=issue.row,
            line=issue.line,
            column=issue.column and issue.column[:200],
            severity=issue.severity,
            code=issue.code,
            reason=issue.reason,
            entity=issue.entity,
            record_id=issue.record_id,
        )
        for issue in outcome.issues
    )


async def _finish(ctx: Ctx, imported: Import) -> None:
    imported.status, imported.finished_at = ImportStatus.completed, clock.now()
    imported.content = None
    if not imported.dry_run:
        await emit(
            ctx,
            Fact.import_finished,
            imported,
            filename=imported.filename,
            created=imported.rows_created,
            updated=imported.rows_updated,
            refused=imported.rows_refused,
        )
