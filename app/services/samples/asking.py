"""Asking for sample records and for their removal, and how far it is."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select

from app.core.errors import Conflict, NotFound
from app.models.organisations import OrganisationSettings
from app.models.samples import Sample, SampleOutcome, SampleRecord, SampleStatus
from app.services import jobs
from app.services.context import Ctx
from app.services.samples.content import STEPS

LOAD, REMOVE = "samples_load", "samples_remove"
"""Kinds of jobs."""
MOST = 200
"""More records than any loading makes."""


async def present(ctx: Ctx, *, lock: bool = False) -> Sample:
    """The last loading. Raises `NotFound` when there was none."""
    statement = ctx.select(Sample).order_by(Sample.created_at.desc(), Sample.id.desc()).limit(1)
    if lock:
        statement = statement.with_for_update(key_share=True)
    sample = await ctx.session.scalar(statement.execution_options(populate_existing=True))
    if sample is None:
        raise NotFound("No sample records were ever loaded here.")
    return sample


async def kept(ctx: Ctx, sample: Sample) -> Sequence[SampleRecord]:
    """The records that a removal has left, in the order of their making."""
    return (
        await ctx.session.scalars(
            ctx.select(SampleRecord)
            .where(SampleRecord.sample_id == sample.id, SampleRecord.outcome == SampleOutcome.kept)
            .order_by(SampleRecord.position)
            .limit(MOST)
        )
    ).all()


async def load(ctx: Ctx) -> Sample:
    """Have sample records made after the commit, in this person's name.

    Raises `Conflict` while there are some already.
    """
    await ctx.get(OrganisationSettings, ctx.org_id, lock=True)  # of two that ask, one waits
    last = await ctx.session.scalar(
        ctx.select(Sample).order_by(Sample.created_at.desc(), Sample.id.desc()).limit(1)
    )
    if last is not None and last.status != SampleStatus.removed:
        mend = "Remove them first." if last.status != SampleStatus.removing else "Wait a moment."
        raise Conflict(f"There are sample records here already. {mend}", code="already_loaded")
    sample = await ctx.add(Sample(steps=len(STEPS), asked_by_id=ctx.user_id))
    await jobs.ask(ctx, LOAD, sample)
    return sample


async def remove(ctx: Ctx) -> Sample:
    """Have the sample records removed after the commit.

    Raises `NotFound` when there are none, `Conflict` while they are being loaded or removed.
    """
    sample = await present(ctx, lock=True)
    if sample.status == SampleStatus.removed:
        raise NotFound("The sample records have been removed already.")
    if sample.status not in (SampleStatus.loaded, SampleStatus.failed):
        raise Conflict(
            f"The sample records are being {'loaded' if sample.status == SampleStatus.loading else 'removed'}."
            " Wait until that has ended.",
            code="not_ended",
        )
    sample.steps = (
        await ctx.session.scalar(
            select(func.count())
            .select_from(SampleRecord)
            .where(SampleRecord.sample_id == sample.id)
        )
        or 0
    )
    sample.status, sample.steps_done, sample.failure = SampleStatus.removing, 0, None
    await jobs.ask(ctx, REMOVE, sample)
    return sample


async def give_up(ctx: Ctx, sample_id: UUID | None, why: str) -> None:
    """The last attempt has failed: say so."""
    assert sample_id is not None
    sample = await ctx.get(Sample, sample_id, lock=True)
    sample.status, sample.failure = SampleStatus.failed, why
