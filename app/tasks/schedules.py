"""What the clock does: sweeping out what has had its time. Each may run twice without harm."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

import structlog
from sqlalchemy import CursorResult, Delete, Update, delete, select, tuple_, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core import clock, limits, queue
from app.core.db import Scope, Sessions
from app.core.errors import Refusal
from app.core.vault import Vault
from app.models.bookings import Booking, BookingKind
from app.models.commands import Command
from app.models.idempotency import StoredReply
from app.models.jobs import Job, JobStatus
from app.models.mails import Mail
from app.services import geocoding, imports, jobs, leaving, time_zones
from app.services.context import Ctx
from app.services.dispatching import commands, holding, watching
from app.services.exports import sweeping as expiring
from app.services.files import arriving, sweeping
from app.services.identity import letters, second_factor, sessions, tickets
from app.services.identity.acting import act_for, organisation_ids
from app.services.tracking import following, roads
from app.services.tracking import keeping as tracking

log = structlog.get_logger()

REPLIES_KEPT = timedelta(hours=24)
DONE_JOBS_KEPT = timedelta(days=30)
UNSENT_KEPT = timedelta(days=7)
LOST_AFTER = timedelta(minutes=5)
MOST = 1000
"""Rows a transaction takes away at most: a statement that takes too long takes nothing, ever."""


async def sweep_holds(ctx: Ctx) -> int:
    """End what is held no more, and free the time that it kept."""
    ended = await holding.sweep(ctx)
    expired = (
        select(Booking.id)
        .where(Booking.kind == BookingKind.hold, Booking.expires_at <= clock.now())
        .order_by(Booking.id)
        .limit(MOST)
    )
    return max(ended, await _gone(ctx, delete(Booking).where(Booking.id.in_(expired))))


async def sweep_replies(ctx: Ctx) -> int:
    """Forget replies that nobody asks for again."""
    key = tuple_(StoredReply.principal_id, StoredReply.key)
    old = (
        select(StoredReply.principal_id, StoredReply.key)
        .where(StoredReply.created_at < clock.now() - REPLIES_KEPT)
        .order_by(StoredReply.created_at)
        .limit(MOST)
    )
    return await _gone(ctx, delete(StoredReply).where(key.in_(old)))


async def sweep_jobs(ctx: Ctx) -> int:
    """Forget jobs that were done long ago."""
    old = (
        select(Job.id)
        .where(Job.status == JobStatus.done, Job.finished_at < clock.now() - DONE_JOBS_KEPT)
        .order_by(Job.finished_at)
        .limit(MOST)
    )
    return await _gone(ctx, delete(Job).where(Job.id.in_(old)))


async def sweep_mails(ctx: Ctx) -> int:
    """Let go of messages that could not be sent; that they were written stays."""
    old = (
        select(Mail.id)
        .where(Mail.message.is_not(None), Mail.created_at < clock.now() - UNSENT_KEPT)
        .order_by(Mail.created_at)
        .limit(MOST)
    )
    return await _gone(ctx, update(Mail).where(Mail.id.in_(old)).values(message=None))


async def sweep_commands(ctx: Ctx) -> int:
    """Forget what was done on the board so long ago that nobody undoes it; the journal keeps it."""
    old = await commands.old(ctx, MOST)
    return await _gone(ctx, delete(Command).where(Command.id.in_(old))) if old else 0


async def requeue_lost_jobs(ctx: Ctx) -> int:
    """Queue again what has fallen out of the queue; what stands in it is left alone."""
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
    return 0  # a second look would find the same ones


async def _gone(ctx: Ctx, statement: Delete | Update) -> int:
    done = await ctx.session.execute(statement.execution_options(synchronize_session=False))
    return cast(CursorResult[Any], done).rowcount


IN_EACH: dict[str, tuple[str, Callable[[Ctx], Awaitable[int]]]] = {
    # when (cron, UTC), and what is done in every organisation: how many rows it took away
    "sweep_holds": ("* * * * *", sweep_holds),
    "watch_the_day": ("* * * * *", watching.tick),
    "look_up_sites": ("* * * * *", geocoding.go_on),
    "go_on_asking_roads": ("* * * * *", roads.go_on),
    "sweep_imports": ("27 * * * *", imports.sweep),
    "requeue_lost_jobs": ("*/5 * * * *", requeue_lost_jobs),
    "sweep_jobs": ("27 * * * *", sweep_jobs),
    "sweep_commands": ("57 * * * *", sweep_commands),
    "sweep_mails": ("7 * * * *", sweep_mails),
    "remove_orphans": ("12 * * * *", sweeping.remove_orphans),
    "report_lost_files": ("22 * * * *", sweeping.report_lost),
    "purge_files": ("32 * * * *", sweeping.purge),
    "follow_tracks": ("* * * * *", following.follow),
    "sweep_positions": ("2 * * * *", tracking.sweep),
    "sweep_archives": ("42 * * * *", leaving.sweep),
    "expire_exports": ("42 * * * *", expiring.expire),
    "sweep_replies": ("17 * * * *", sweep_replies),
    "follow_time_zones": ("37 3 * * *", time_zones.follow),
}
WITH_VAULT: dict[str, tuple[str, Callable[[AsyncEngine, Vault, int], Awaitable[int]]]] = {
    "rewrap_secrets": ("22 * * * *", second_factor.rewrap),
}
"""What moves secrets to the key that seals now, as `ONCE`."""
IN_THE_STORE: dict[str, tuple[str, Callable[[Sessions], Awaitable[None]]]] = {
    "finish_arrivals": ("2 * * * *", arriving.sweep),
    "remove_halves": ("52 3 * * *", arriving.remove_halves),
}
"""What looks after organisations that the store knows, whether or not they are here."""
ONCE: dict[str, tuple[str, Callable[[AsyncEngine, int], Awaitable[int]]]] = {
    "sweep_allowances": ("*/5 * * * *", limits.sweep),
    "keep_ping_days": ("*/10 * * * *", tracking.keep_days),
    "sweep_identity": ("37 * * * *", sessions.sweep),
    "sweep_letters": ("*/5 * * * *", letters.sweep),
    "sweep_tickets": ("52 * * * *", tickets.sweep),
    "sweep_queue": ("47 * * * *", queue.sweep),
}


async def in_each(made: Sessions, name: str, task: Callable[[Ctx], Awaitable[int]]) -> None:
    """Do `task` in every organisation, again while it finds as much as it takes at once; one where
    it fails does not keep it from the others. Raises what nobody foresaw once all had their turn."""
    bugs = []
    for org_id in await organisation_ids(made.engine):
        try:
            while await _in_one(made, name, task, org_id) >= MOST:
                log.debug("schedule goes on", schedule=name, org_id=str(org_id))
        except (SQLAlchemyError, Refusal):
            log.exception("schedule failed", schedule=name, org_id=str(org_id))
        except Exception as bug:
            bugs.append(bug)
    if bugs:
        raise ExceptionGroup(f"{name} stumbled", bugs)


async def _in_one(
    made: Sessions, name: str, task: Callable[[Ctx], Awaitable[int]], org_id: UUID
) -> int:
    async with made.open(Scope(org_id, source="clock", request_id=name)) as session:
        taken = await task(await act_for(session, None))
        await session.commit()
        return taken
