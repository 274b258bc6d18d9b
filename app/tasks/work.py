"""One attempt at one job: its transactions, and how it ends.

The attempt is counted before anything runs. Each transaction locks the job's row and looks whether
this attempt is still the present one, so a worker that was given up for dead cannot write over the
one that took its place; the last transaction marks the job done together with its effect.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.db import Scope, Sessions, hold_still
from app.core.errors import Forbidden, Invalid, NotFound, Refusal
from app.models.jobs import Job, JobStatus
from app.services.context import Ctx
from app.services.identity.acting import act_for

log = structlog.get_logger()

FINAL = (Forbidden, NotFound, Invalid)
"""Refusals that no waiting changes."""
LONGEST_DELAY = timedelta(minutes=10)
NEXT_LOOK = timedelta(seconds=2)
"""Before a job looks again whether its organisation's others of the kind have ended."""


class InterruptedWork(Exception):
    """The worker is stopping: the rest of this job is another worker's, and no attempt is lost."""


class NotYet(Exception):
    """As many of the kind are being done for this organisation as may be: others come first."""


class Overtaken(Exception):
    """Another worker has taken the job over, or it has ended."""


@dataclass(frozen=True)
class Definition:
    """How a kind of job is done.

    `run` receives the attempt and the job's subject; it works in `async with work.transaction()`
    and does nothing twice that a former attempt has committed.
    """

    run: "Callable[[Work, UUID | None], Awaitable[None]]"
    attempts: int = 5
    delay: timedelta = timedelta(seconds=5)
    """Before the second attempt; it doubles from there."""
    source: str = "job"
    """What the journal says of who did it."""
    at_once: int = 0
    """How many of the kind run at a time, of all workers together; 0: as many as come."""
    of_each: int = 0
    """How many of these are one organisation's, so that nobody waits for another's; 0: any number."""
    gave_up: Callable[[Ctx, UUID | None, str], Awaitable[None]] | None = None
    """What to tell the subject when the last attempt has failed, and why it did."""


@dataclass
class Work:
    """The present attempt."""

    sessions: Sessions
    definition: Definition
    org_id: UUID
    job_id: UUID
    request_id: str
    stop: asyncio.Event
    attempt: int = field(default=0, init=False)
    subject_id: UUID | None = field(default=None, init=False)
    asked_by_id: UUID | None = field(default=None, init=False)
    ended: bool = field(default=False, init=False)

    async def begin(self) -> bool:
        """Count this attempt. False when there is nothing to do any more, or no attempt left.

        Raises `NotYet` when it is not this organisation's turn.
        """
        async with self._open() as session:
            job = await self._job(session)
            if job is None or job.status in (JobStatus.done, JobStatus.dead):
                return False
            if job.attempts >= self.definition.attempts:
                # it was counted and never came back: it takes its worker with it
                await self._bury(session, job, job.failure or "It ended its worker each time.")
                return False
            await self._wait_for_turn(session, job)
            job.attempts += 1
            job.status, job.started_at = JobStatus.running, clock.now()
            self.attempt, self.subject_id = job.attempts, job.subject_id
            self.asked_by_id = job.asked_by_id
            await session.commit()
            return True

    @asynccontextmanager
    async def transaction(
        self, *, last: bool = False, stopping: bool = False
    ) -> AsyncIterator[Ctx]:
        """A transaction in the name of whoever asked, committed at the end of the block.

        `last` marks the job done in it; `stopping` opens it even when the worker is to stop, for
        what cannot be left undone. Raises `InterruptedWork` when the worker is to stop and
        `Overtaken` when this attempt is not the present one any more.
        """
        if self.stop.is_set() and not stopping:
            raise InterruptedWork
        async with self._open(self.asked_by_id) as session:
            job = await self._mine(session)
            yield await act_for(session, self.asked_by_id)
            if last:
                job.status, job.failure, job.finished_at = JobStatus.done, None, clock.now()
            await session.commit()
            self.ended = self.ended or last

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Ctx]:
        """A transaction that only reads, all of it at one moment, in the name of whoever asked."""
        if self.stop.is_set():
            raise InterruptedWork
        async with self._open(self.asked_by_id) as session:
            await hold_still(session)
            yield await act_for(session, self.asked_by_id)

    async def give_back(self) -> None:
        """Leave the job to another worker, without having used up an attempt."""
        async with self._open() as session:
            job = await self._mine(session)
            job.status, job.attempts = JobStatus.queued, job.attempts - 1
            await session.commit()

    async def failed(self, error: Exception) -> timedelta | None:
        """Note why the attempt failed; how long to wait for the next, or None when it was the last."""
        async with self._open() as session:
            job = await self._mine(session)
            said = self._say(error)
            if isinstance(error, FINAL) or job.attempts >= self.definition.attempts:
                await self._bury(session, job, said)
                return None
            job.status, job.failure = JobStatus.queued, said
            await session.commit()
            return min(self.definition.delay * (1 << (job.attempts - 1)), LONGEST_DELAY)

    async def _wait_for_turn(self, session: AsyncSession, job: Job) -> None:
        if not self.definition.of_each:
            return
        # one after the other, so that two that begin at once see each other
        mark = func.hashtextextended(f"{self.org_id} {job.kind}", 0)
        await session.execute(select(func.pg_advisory_xact_lock(mark)))
        running = await session.scalars(
            select(Job.id)
            .where(
                Job.kind == job.kind,
                Job.status == JobStatus.running,
                Job.finished_at.is_(None),
                Job.id != job.id,
            )
            .limit(self.definition.of_each)
        )
        if len(running.all()) >= self.definition.of_each:
            raise NotYet

    async def _bury(self, session: AsyncSession, job: Job, why: str) -> None:
        job.status, job.failure, job.finished_at = JobStatus.dead, why, clock.now()
        if self.definition.gave_up is not None:
            await self.definition.gave_up(await act_for(session, None), job.subject_id, why)
        log.error("job given up", kind=job.kind, job_id=str(job.id), attempts=job.attempts)
        await session.commit()

    def _open(self, actor_id: UUID | None = None) -> AsyncSession:
        return self.sessions.open(
            Scope(self.org_id, actor_id, self.definition.source, self.request_id)
        )

    async def _job(self, session: AsyncSession) -> Job | None:
        return await session.get(Job, (self.org_id, self.job_id), with_for_update=True)

    async def _mine(self, session: AsyncSession) -> Job:
        job = await self._job(session)
        if job is None or job.status != JobStatus.running or job.attempts != self.attempt:
            raise Overtaken
        return job

    def _say(self, error: Exception) -> str:
        if isinstance(error, Refusal):
            return error.detail
        return (
            f"Something went wrong on our side ({type(error).__name__}). It has been logged under"
            f" the request id {self.request_id}."
        )
