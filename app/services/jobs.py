"""Jobs: asking for work that commits with what asks for it, seeing it, and trying a dead one again.

Asking writes the job and its place in the queue in the caller's own transaction: both are there
after the commit, or neither is. Doing it is `app.tasks.worker`'s.
"""

from datetime import timedelta
from typing import Annotated, ClassVar
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import queue
from app.core.errors import Conflict
from app.core.filters import Fields, filterable
from app.core.listing import Column, Filter, ListQuery
from app.core.model import TenantModel
from app.models.jobs import Job, JobStatus
from app.services.context import Ctx
from app.services.facts import Fact, emit
from app.services.inputs import ShortText


class JobQuery(ListQuery):
    """Filters and sorts of the list of jobs."""

    SORTS: ClassVar[dict[str, Column]] = {
        "created_at": Job.created_at,
        "finished_at": Job.finished_at,
    }
    FILTERS: ClassVar[Fields | None] = filterable(
        Job.id,
        Job.created_at,
        Job.updated_at,
        Job.kind,
        Job.status,
        Job.subject_id,
        Job.asked_by_id,
        Job.request_id,
        Job.attempts,
        Job.failure,
        Job.started_at,
        Job.finished_at,
    )

    status: Annotated[JobStatus | None, Filter(Job.status)] = None
    kind: Annotated[ShortText | None, Filter(Job.kind)] = None
    subject_id: Annotated[UUID | None, Filter(Job.subject_id)] = None


async def ask(
    ctx: Ctx,
    kind: str,
    subject: TenantModel | None = None,
    *,
    as_system: bool = False,
    after: timedelta | None = None,
) -> Job:
    """Have `kind` done about `subject` once this transaction has committed, in this person's name,
    or `as_system` in nobody's: what has been said is said, though they may have left by then. With
    `after`: so much later."""
    job = await ctx.add(
        Job(
            kind=kind,
            subject_id=subject.id if subject is not None else None,
            asked_by_id=None if as_system else ctx.user_id,
            request_id=ctx.request_id,
        )
    )
    await ctx.session.flush()  # a batch adds at its end
    await enqueue(ctx.session, job, after=after)
    return job


async def enqueue(
    session: AsyncSession, job: Job, *, afresh: bool = False, after: timedelta | None = None
) -> None:
    """Put a flushed job into the queue; unless `afresh`, nothing happens when it stands there."""
    ticket = {"org_id": str(job.org_id), "job_id": str(job.id), "request_id": job.request_id}
    await queue.enqueue(
        session,
        job.kind,
        orjson.dumps(ticket),
        key=f"{job.org_id} {job.id}",
        afresh=afresh,
        after=after,
    )


async def requeue(ctx: Ctx, job: Job) -> Job:
    """Try a dead job again from its first attempt. Raises `Conflict` for one that is not dead."""
    if job.status != JobStatus.dead:
        raise Conflict(
            f"This job is {job.status}. Only a dead one can be put back into the queue.",
            code="not_dead",
        )
    job.status, job.attempts, job.finished_at = JobStatus.queued, 0, None
    await emit(ctx, Fact.job_requeued, job, kind=job.kind)
    await enqueue(ctx.session, job, afresh=True)
    return job
