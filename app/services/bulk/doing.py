"""Doing a bulk action in batches, and taking it back.

A batch is one transaction with the place it has come to, so a worker that dies takes no record
twice. Within it every record has a savepoint: what its verb refuses is undone and noted with the
reason, and the others go on.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.core import clock
from app.core.errors import Refusal
from app.models.bulk import BulkAction, BulkOutcome, BulkRow, BulkStatus
from app.services.bulk.actions import Action, action_called, params_of
from app.services.context import Ctx
from app.services.dispatching import commands
from app.services.facts import Fact, emit
from app.services.transactions import Transactions

DO, UNDO = "bulk", "bulk_undo"
"""Kinds of jobs."""
BATCH = 50


async def carry_out(transaction: Transactions, bulk_id: UUID) -> None:
    """Do it from where it has come to, until its end or until somebody stops it."""
    going_on = True
    while going_on:
        async with transaction() as ctx:
            going_on = await _batch(ctx, bulk_id)
    async with transaction(last=True) as ctx:
        asked = await ctx.get(BulkAction, bulk_id, lock=True)
        stopped = asked.rows_done < asked.rows
        asked.status = BulkStatus.canceled if stopped else BulkStatus.completed
        asked.finished_at = clock.now()
        await emit(
            ctx,
            Fact.bulk_action_canceled if stopped else Fact.bulk_action_finished,
            asked,
            action=asked.action,
            list=asked.list.replace("-", " "),
            changed=asked.rows_changed,
            refused=asked.rows_refused,
        )


async def _batch(ctx: Ctx, bulk_id: UUID) -> bool:
    """The next records; whether there are more."""
    asked = await ctx.get(BulkAction, bulk_id, lock=True)
    if asked.cancel_asked or asked.rows_done == asked.rows:
        return False
    if asked.started_at is None:
        asked.status, asked.started_at = BulkStatus.running, clock.now()
    action = action_called(asked.list, asked.action)
    ctx.require(action.permission)
    params = params_of(action, asked.params)
    start, before = asked.rows_done, asked.rows_changed
    ids = await ctx.session.scalar(
        select(BulkAction.ids[start + 1 : start + BATCH]).where(BulkAction.id == bulk_id)
    )
    for place, record_id in enumerate(ids or (), start=start + 1):
        row = BulkRow(bulk_action_id=bulk_id, position=place, record_id=record_id)
        await _one(ctx, action, row, params)
        ctx.session.add(row)
        _count(asked, row.outcome)
    asked.rows_done = start + len(ids or ())
    if action.command is not None and asked.rows_changed > before:
        await commands.note_batch(ctx, asked, f"bulk_{action.command}", action.permission)
    return asked.rows_done < asked.rows


async def _one(ctx: Ctx, action: Action, row: BulkRow, params: Any) -> None:
    try:
        async with ctx.session.begin_nested():
            if action.first is not None:
                await action.first(ctx, row.record_id)
            record = await ctx.get(action.model, row.record_id, lock=True, options=action.options)
            names = params.model_fields_set if action.restore is not None else ()
            held, before = {name: getattr(record, name) for name in names}, record.version
            await action.run(ctx, record, params)
            await ctx.session.flush()
            moved = record.version != before
            row.outcome = BulkOutcome.changed if moved else BulkOutcome.unchanged
            row.version_after = record.version
            row.before = held if moved and held else None
    except (Refusal, IntegrityError) as error:
        _note(row, BulkOutcome.refused, error)


def _note(row: BulkRow, outcome: BulkOutcome, error: Refusal | IntegrityError) -> None:
    row.outcome = outcome
    row.code = error.code if isinstance(error, Refusal) else "conflict"
    row.reason = error.detail if isinstance(error, Refusal) else "It conflicts with another record."


def _count(asked: BulkAction, outcome: BulkOutcome) -> None:
    name = f"rows_{outcome}"
    setattr(asked, name, getattr(asked, name) + 1)


async def take_back(transaction: Transactions, bulk_id: UUID) -> None:
    """Give each changed record back what it held, unless somebody has changed it since."""
    left = True
    while left:
        async with transaction() as ctx:
            left = await _batch_back(ctx, bulk_id)
    async with transaction(last=True) as ctx:
        asked = await ctx.get(BulkAction, bulk_id, lock=True)
        asked.status, asked.finished_at = BulkStatus.undone, clock.now()
        await emit(
            ctx,
            Fact.bulk_action_undone,
            asked,
            action=asked.action,
            list=asked.list.replace("-", " "),
            restored=asked.rows_restored,
            kept=asked.rows_kept,
        )


async def _batch_back(ctx: Ctx, bulk_id: UUID) -> bool:
    asked = await ctx.get(BulkAction, bulk_id, lock=True)
    action = action_called(asked.list, asked.action)
    ctx.require(action.permission)
    rows = list(
        await ctx.session.scalars(
            select(BulkRow)
            .where(BulkRow.bulk_action_id == bulk_id, BulkRow.outcome == BulkOutcome.changed)
            .order_by(BulkRow.position)
            .limit(BATCH)
        )
    )
    for row in rows:
        await _one_back(ctx, action, row)
        asked.rows_changed -= 1
        _count(asked, row.outcome)
    await ctx.session.flush()
    return len(rows) == BATCH


async def _one_back(ctx: Ctx, action: Action, row: BulkRow) -> None:
    assert action.restore is not None
    try:
        async with ctx.session.begin_nested():
            record = await ctx.get(action.model, row.record_id, lock=True)
            if record.version != row.version_after:
                row.outcome, row.code = BulkOutcome.kept, "changed_since"
                row.reason = f"It was changed since (version {record.version})."
                return
            await action.restore(ctx, record, row.before or {})
            await ctx.session.flush()
            row.outcome = BulkOutcome.restored
    except (Refusal, IntegrityError) as error:
        _note(row, BulkOutcome.kept, error)


async def give_up(ctx: Ctx, bulk_id: UUID | None, why: str) -> None:
    """Say that it was not done to its end."""
    assert bulk_id is not None
    asked = await ctx.get(BulkAction, bulk_id, lock=True)
    asked.status, asked.failure = BulkStatus.failed, why
    asked.finished_at = clock.now()
