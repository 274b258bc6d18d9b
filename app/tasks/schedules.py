"""What the clock does: sweeping out what has had its time. Each may run twice without harm."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog
from sqlalchemy import delete, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core import clock, queue
from app.core.db import Scope, Sessions
from app.models.bookings import Booking, BookingKind
from app.models.idempotency import StoredReply
from app.models.imports import Import, ImportStatus
from app.models.jobs import Job, JobStatus
from app.services import jobs
from app.services.context import Ctx
from app.services.identity import sessions
from app.services.identity.acting import act_for, organisation_ids

log = structlog.get_logger()

REPLIES_KEPT = timedelta(hours=24)
FAILED_FILES_KEPT = timedelta(days=7)
DONE_JOBS_KEPT = timedelta(days=30)
LOST_AFTER = timedelta(minutes=5)
MOST = 1000
"""Rows a transaction takes away at most; the next run takes the rest."""


async def sweep_holds(ctx: Ctx) -> None:
    """Free the time that expired holds kept."""
    expired = (
        select(Booking.id)
        .where(Booking.kind == BookingKind.hold, Booking.expires_at <= clock.now())
        .order_by(Booking.id)
        .limit(MOST)
    )
    await ctx.session.execute(delete(Booking).where(Booking.id.in_(expired)))


async def sweep_replies(ctx: Ctx) -> None:
    """Forget replies that nobody asks for again."""
    await ctx.session.execute(
        delete(StoredReply).where(StoredReply.created_at < clock.now() - REPLIES_KEPT)
    )


async def sweep_imports(ctx: Ctx) -> None:
    """Forget the files of imports that failed and that nobody tried again."""
    await ctx.session.execute(
        update(Import)
        .where(
            Import.status == ImportStatus.failed,
            Import.content.is_not(None),
            Import.finished_at < clock.now() - FAILED_FILES_KEPT,
        )
        .values(content=None)
    )


async def sweep_jobs(ctx: Ctx) -> None:
    """Forget jobs that were done long ago, and queue again what has fallen out of the queue."""
    await ctx.session.execute(
        delete(Job).where(
            Job.status == JobStatus.done, Job.finished_at < clock.now() - DONE_JOBS_KEPT
        )
    )
    waiting = await ctx.session.scalars(
        select(Job)
        .where(
            Job.status.in_((JobStatus.queued, JobStatus.running)),
            Job.updated_at < clock.now() - LOST_AFTER,
        )
        .order_by(Job.created_at)
        .limit(MOST)
    )
    for job in waiting:
        await jobs.enqueue(ctx.session, job)


IN_EACH: dict[str, tuple[str, Callable[[Ctx], Awaitable[None]]]] = {
    # when (cron, UTC), and what is done in every organisation
    "sweep_holds": ("* * * * *", sweep_holds),
    "sweep_imports": ("27 * * * *", sweep_imports),
    "sweep_jobs": ("*/5 * * * *", sweep_jobs),
    "sweep_replies": ("17 * * * *", sweep_replies),
}
ONCE: dict[str, tuple[str, Callable[[AsyncEngine], Awaitable[object]]]] = {
    "sweep_identity": ("37 * * * *", sessions.sweep),
    "sweep_queue": ("47 * * * *", queue.sweep),
}


async def in_each(made: Sessions, name: str, task: Callable[[Ctx], Awaitable[None]]) -> None:
    """Do `task` in every organisation; one where it fails does not keep it from the others."""
    for org_id in await organisation_ids(made.engine):
        try:
            async with made.open(Scope(org_id, source="clock", request_id=name)) as session:
                await task(await act_for(session, None))
                await session.commit()
        except SQLAlchemyError:
            log.exception("schedule failed", schedule=name, org_id=str(org_id))
