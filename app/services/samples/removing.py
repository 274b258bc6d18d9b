"""Removing sample records: what nobody has touched or used goes, by its own verb; the rest is named."""

from typing import Any
from uuid import UUID

from app.core import clock
from app.core.errors import Refusal
from app.models.samples import Sample, SampleOutcome, SampleRecord, SampleStatus
from app.services.context import Ctx, called
from app.services.facts import Fact, emit
from app.services.samples.records import MODELS, REMOVERS, name_of
from app.services.transactions import Transactions
from app.services.uses import user_of

BATCH = 10


async def take_away(transaction: Transactions, sample_id: UUID) -> None:
    """Remove what is not looked at yet, the last that was made first."""
    going_on = True
    while going_on:
        async with transaction() as ctx:
            going_on = await _batch(ctx, sample_id)
    async with transaction(last=True) as ctx:
        sample = await ctx.get(Sample, sample_id, lock=True)
        sample.status, sample.removed_at = SampleStatus.removed, clock.now()
        await emit(
            ctx,
            Fact.sample_removed,
            sample,
            removed=sample.records_removed,
            kept=sample.records_kept,
        )


async def _batch(ctx: Ctx, sample_id: UUID) -> bool:
    sample = await ctx.get(Sample, sample_id, lock=True)
    records = await ctx.session.scalars(
        ctx.select(SampleRecord)
        .where(SampleRecord.sample_id == sample_id, SampleRecord.outcome.is_(None))
        .order_by(SampleRecord.position.desc())
        .limit(BATCH)
    )
    found = records.all()
    for one in found:
        why = await _one(ctx, one)
        one.outcome = SampleOutcome.kept if why else SampleOutcome.removed
        one.reason = why
        sample.records_kept += why is not None
        sample.records_removed += why is None
        sample.steps_done += 1
    return len(found) == BATCH


async def _one(ctx: Ctx, one: SampleRecord) -> str | None:
    """Remove a record; or why it stays."""
    model = MODELS[one.table]
    record: Any = await ctx.session.get(
        model,
        (ctx.org_id, one.record_id),
        populate_existing=True,
        with_for_update={"key_share": True, "of": model},
    )
    if record is None or record.deleted_at is not None:
        return None  # somebody has removed it already
    one.name = name_of(record)[:200]
    if record.version != one.record_version:
        return f"This {called(model)} has been changed since."
    # samples that point at it have gone before it, so whatever is left is somebody's own
    if (user := await user_of(ctx, model, [one.record_id])) is not None:
        return f"It is used by {user}."
    try:
        async with ctx.session.begin_nested():
            await REMOVERS[model](ctx, record)
            await ctx.session.flush()
    except Refusal as refusal:
        return refusal.detail
    one.name = None
    return None
