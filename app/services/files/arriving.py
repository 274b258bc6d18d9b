"""Files that come with an archive: into their places once its rows have committed, or not at all.

The rows commit together with the job that moves the files, so whoever dies in between leaves it to a
worker. Without the job nothing has committed, and what has been put beside the places is removed.

No transaction is open while the store is spoken to: whoever moves files is alone by a lock that a
connection holds, and that goes with it.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.db import Scope, Sessions, scope_of
from app.core.errors import Conflict, Unavailable
from app.models.jobs import Job, JobStatus
from app.services import jobs
from app.services.context import Ctx

log = structlog.get_logger()

JOB = "settle_files"
MOST = 100
"""Objects that are moved in one step."""
HALF_KEPT = timedelta(days=1)
"""Nothing is being written for so long."""


async def alone(session: AsyncSession) -> None:
    """Be the only one who brings this organisation in, to the end of the transaction. Raises
    `Conflict` where somebody does."""
    mark = _mark(scope_of(session).org_id)
    if not await session.scalar(select(func.pg_try_advisory_xact_lock(mark))):
        raise _taken()


@asynccontextmanager
async def alone_outside(sessions: Sessions, org_id: UUID) -> AsyncIterator[None]:
    """The same for a block in which no transaction is open. Raises `Conflict`."""
    async with sessions.engine.connect() as connection:
        connection = await connection.execution_options(isolation_level="AUTOCOMMIT")
        if not await connection.scalar(select(func.pg_try_advisory_lock(_mark(org_id)))):
            raise _taken()
        try:
            yield
        finally:
            try:
                await connection.execute(select(func.pg_advisory_unlock(_mark(org_id))))
            except BaseException:
                await connection.invalidate()  # the lock goes with the connection, not to the next
                raise


def _mark(org_id: UUID) -> ColumnElement[Any]:
    return func.hashtextextended(f"restore {org_id}", 0)


def _taken() -> Conflict:
    return Conflict(
        "This organisation is being brought in by somebody else. Wait until that has ended.",
        code="being_brought_in",
    )


async def ask(ctx: Ctx) -> None:
    """Have the files put in their places once this transaction has committed."""
    await jobs.ask(ctx, JOB, as_system=True)


async def settle(sessions: Sessions, org_id: UUID) -> bool:
    """Put some in their places. Whether that was all. Raises `Conflict` while somebody else does."""
    assert sessions.tools is not None
    async with alone_outside(sessions, org_id):
        return await sessions.tools.objects.arriving(org_id).settle(MOST)


async def awaited(session: AsyncSession) -> bool:
    """Whether rows are here whose files are still on their way."""
    return await session.scalar(_PENDING.with_only_columns(Job.id)) is not None


async def finish(sessions: Sessions, org_id: UUID) -> None:
    """Let files of a former time be in their places, or gone: whichever its rows are.

    Raises `Conflict` while somebody brings it in, `Unavailable` where the store is out of reach.
    """
    assert sessions.tools is not None
    arriving, done = sessions.tools.objects.arriving(org_id), False
    while not done:
        async with alone_outside(sessions, org_id):
            if not await _is_pending(sessions, org_id):
                done = await arriving.forget(MOST)
            elif await arriving.settle(MOST):
                await _end(sessions, org_id)


async def _is_pending(sessions: Sessions, org_id: UUID) -> bool:
    async with sessions.open(Scope(org_id, source="restore")) as session:
        return await awaited(session)


async def _end(sessions: Sessions, org_id: UUID) -> None:
    async with sessions.open(Scope(org_id, source="restore")) as session:
        job = await session.scalar(_PENDING.with_for_update())
        if job is not None:
            job.status, job.finished_at = JobStatus.done, clock.now()
        await session.commit()


async def sweep(sessions: Sessions) -> None:
    """Finish what somebody who died has begun, in organisations that are not here either."""
    assert sessions.tools is not None
    for org_id in await sessions.tools.objects.expected():
        try:
            await finish(sessions, org_id)
        except (Conflict, Unavailable) as refusal:
            log.info("files are left where they are", org_id=str(org_id), why=refusal.detail)


async def remove_halves(sessions: Sessions) -> None:
    """Remove what processes that were killed long ago had not written to its end."""
    assert sessions.tools is not None
    await sessions.tools.objects.remove_halves(clock.now() - HALF_KEPT)


_PENDING = (
    select(Job)
    .where(Job.kind == JOB, Job.status != JobStatus.done)
    .order_by(Job.created_at)
    .limit(1)
)
