"""The worker: takes jobs from the queue, does them, and runs what the clock asks for.

A job is delivered again when its worker has died (no heartbeat for `heartbeat`) or has failed; what
keeps it from being done twice is in `app.tasks.work`. Any number of workers share one queue.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from uuid import UUID

import asyncpg
import orjson
import structlog
from pgqueuer.core.qm import QueueManager
from pgqueuer.core.sm import SchedulerManager
from pgqueuer.domain.errors import FailingListenerError, RetryRequested
from pgqueuer.domain.models import Job as Ticket
from pgqueuer.domain.models import Schedule
from pgqueuer.queries import Queries
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core import queue
from app.core.backoff import Backoff
from app.core.db import Sessions
from app.core.errors import Refusal
from app.core.lost import LOST
from app.core.telemetry import JOB_SECONDS, JOBS, trace_of, traced
from app.core.vault import Vault
from app.tasks.definitions import DEFINITIONS, WITHOUT_ORGANISATION
from app.tasks.schedules import IN_EACH, IN_THE_STORE, MOST, ONCE, WITH_VAULT, in_each
from app.tasks.work import NEXT_LOOK, Definition, InterruptedWork, NotYet, Overtaken, Work

log = structlog.get_logger()

HEARTBEAT = timedelta(seconds=30)
"""A worker that is silent for so long is dead; longer than any stall of the event loop."""
AT_ONCE = 10
"""Jobs one worker takes at a time."""
STUMBLED = timedelta(seconds=5)
"""Before a job is taken again whose attempt could not even be counted, or its failure noted."""


class Worker:
    """One connection to the queue, and a session for each transaction of a job."""

    def __init__(
        self,
        sessions: Sessions,
        url: str,
        *,
        definitions: Mapping[str, Definition] = DEFINITIONS,
        heartbeat: timedelta = HEARTBEAT,
        schedules: bool = True,
    ) -> None:
        """`url` is the application role's; without `schedules` it does jobs alone, and the clock is
        another worker's."""
        self._sessions = sessions
        self._url = url
        self._definitions = definitions
        self._heartbeat = heartbeat
        self._schedules = schedules

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, through any number of lost connections."""
        backoff = Backoff()
        while not stop.is_set():
            try:
                await self._work(stop, backoff)
            except (*LOST, FailingListenerError) as error:
                log.warning("worker lost its connection", error=repr(error))
                await backoff.wait(stop)

    async def _work(self, stop: asyncio.Event, backoff: Backoff) -> None:
        connection = await asyncpg.connect(
            self._url,
            timeout=10,
            command_timeout=30,
            server_settings={"application_name": "truckroll worker"},
        )
        try:
            jobs, timer = self._managers(connection, stop)
            backoff.reset()
            running = [
                asyncio.ensure_future(
                    jobs.run(
                        dequeue_timeout=self._heartbeat,  # how often it looks for dead workers' jobs
                        batch_size=AT_ONCE // 2,
                        max_concurrent_tasks=AT_ONCE,
                        heartbeat_timeout=self._heartbeat,
                        log_aggregation_interval=timedelta(0),
                        shutdown_on_listener_failure=True,
                    )
                ),
            ]
            if timer is not None:
                running.append(asyncio.ensure_future(timer.run()))
            lost = asyncio.Event()
            connection.add_termination_listener(lambda _: lost.set())
            ending = [asyncio.ensure_future(event.wait()) for event in (stop, lost)]
            try:
                await asyncio.wait([*running, *ending], return_when=asyncio.FIRST_COMPLETED)
            finally:
                # shut down, never cancelled: a cancelled job would leave the queue undone
                for waiting in ending:
                    waiting.cancel()
                jobs.shutdown.set()
                if timer is not None:
                    timer.shutdown.set()
                ended = await asyncio.gather(*running, return_exceptions=True)
            for error in ended:
                if isinstance(error, BaseException):
                    raise error
        finally:
            await connection.close(timeout=2)

    def _managers(
        self, connection: "asyncpg.Connection[asyncpg.Record]", stop: asyncio.Event
    ) -> tuple[QueueManager, SchedulerManager | None]:
        queries = queue.queries(connection)
        jobs = QueueManager(queries, queue.CHANNEL)
        for kind, definition in self._definitions.items():
            jobs.entrypoint(kind, concurrency_limit=definition.at_once)(
                self._doing(definition, stop)
            )
        for kind, do in WITHOUT_ORGANISATION.items():
            jobs.entrypoint(kind)(self._before_any_organisation(do))
        for kind in (*self._definitions, *WITHOUT_ORGANISATION):
            JOBS.labels(
                kind, "dead"
            )  # from none to one is a step that is seen; from nothing is not
        return jobs, self._timer(queries) if self._schedules else None

    def _timer(self, queries: Queries) -> SchedulerManager:
        timer = SchedulerManager(queries)
        for name, (when, task) in IN_EACH.items():
            timer.schedule(name, when)(self._everywhere(name, task))
        for name, (when, once) in ONCE.items():
            timer.schedule(name, when)(self._once(once))
        for name, (when, moving) in WITH_VAULT.items():
            timer.schedule(name, when)(self._with_vault(moving))
        for name, (when, looking) in IN_THE_STORE.items():
            timer.schedule(name, when)(self._in_the_store(looking))
        return timer

    def _doing(
        self, definition: Definition, stop: asyncio.Event
    ) -> Callable[[Ticket], Awaitable[None]]:
        async def do(ticket: Ticket) -> None:
            try:
                await self._attempt(definition, ticket, stop)
            except RetryRequested:
                raise
            except Overtaken:
                log.info("job taken over by another worker", kind=ticket.entrypoint)
            except Exception as error:
                log.exception("job stumbled", kind=ticket.entrypoint)
                raise RetryRequested(STUMBLED) from error

        return do

    def _before_any_organisation(
        self, do: Callable[[Sessions, UUID], Awaitable[timedelta | None]]
    ) -> Callable[[Ticket], Awaitable[None]]:
        async def run(ticket: Ticket) -> None:
            assert ticket.payload is not None
            headers = _carried(ticket)
            asked = headers.get("request_id", "")
            with (
                structlog.contextvars.bound_contextvars(
                    request_id=asked,
                    job=ticket.entrypoint,
                    **trace_of(headers.get("traceparent", "")),
                ),
                traced(ticket.entrypoint, asked, headers),
            ):
                begun = time.perf_counter()
                try:
                    delay = await do(self._sessions, UUID(ticket.payload.decode()))
                except Exception as error:
                    log.exception("job stumbled")
                    raise RetryRequested(STUMBLED) from error
                _note(ticket.entrypoint, "done" if delay is None else "failed", begun)
                if delay is not None:
                    raise RetryRequested(delay)

        return run

    async def _attempt(self, definition: Definition, ticket: Ticket, stop: asyncio.Event) -> None:
        ids = orjson.loads(ticket.payload or b"{}")
        work = Work(
            self._sessions,
            definition,
            UUID(ids["org_id"]),
            UUID(ids["job_id"]),
            ids["request_id"],
            stop,
        )
        headers = _carried(ticket)
        with (
            structlog.contextvars.bound_contextvars(
                request_id=work.request_id,
                job_id=ids["job_id"],
                job=ticket.entrypoint,
                **trace_of(headers.get("traceparent", "")),
            ),
            traced(ticket.entrypoint, work.request_id, headers),
        ):
            try:
                if not await work.begin():
                    return
            except NotYet:
                raise RetryRequested(NEXT_LOOK) from None
            outcome, begun = "done", time.perf_counter()
            try:
                await definition.run(work, work.subject_id)
                if not work.ended:
                    async with work.transaction(last=True):
                        pass
            except InterruptedWork:
                outcome = "interrupted"
                await work.give_back()
                raise RetryRequested from None
            except Overtaken:
                outcome = "overtaken"
                raise
            except Exception as error:
                outcome = "failed"
                refused = error.code if isinstance(error, Refusal) else None
                trace = None if refused else error
                log.error("job failed", attempt=work.attempt, refused=refused, exc_info=trace)
                if (delay := await work.failed(error)) is not None:
                    raise RetryRequested(
                        delay
                    ) from None  # the queue keeps no trace: it may name people
                outcome = "dead"
            finally:
                _note(ticket.entrypoint, outcome, begun, attempt=work.attempt)

    def _everywhere(
        self, name: str, task: Callable[..., Awaitable[int]]
    ) -> Callable[[Schedule], Awaitable[None]]:
        async def do(_: Schedule) -> None:
            with structlog.contextvars.bound_contextvars(request_id=name):
                await in_each(self._sessions, name, task)

        return do

    def _in_the_store(
        self, task: Callable[[Sessions], Awaitable[None]]
    ) -> Callable[[Schedule], Awaitable[None]]:
        async def do(_: Schedule) -> None:
            await task(self._sessions)

        return do

    def _with_vault(
        self, task: Callable[[AsyncEngine, Vault, int], Awaitable[int]]
    ) -> Callable[[Schedule], Awaitable[None]]:
        async def do(_: Schedule) -> None:
            tools = self._sessions.tools
            assert tools is not None
            while await task(self._sessions.engine, tools.vault, MOST) >= MOST:
                log.info("schedule goes on", schedule=task.__name__)

        return do

    def _once(self, task: Callable[..., Awaitable[int]]) -> Callable[[Schedule], Awaitable[None]]:
        async def do(_: Schedule) -> None:
            while await task(self._sessions.engine, MOST) >= MOST:
                log.info("schedule goes on", schedule=task.__name__)

        return do


def _carried(ticket: Ticket) -> dict[str, str]:
    """What it was queued with: the request's id, and its trace."""
    return {name: str(value) for name, value in (ticket.headers or {}).items()}


def _note(kind: str, outcome: str, begun: float, **more: int) -> None:
    """An attempt has ended: for whoever counts, and whoever reads."""
    took = time.perf_counter() - begun
    JOBS.labels(kind, outcome).inc()
    JOB_SECONDS.labels(kind).observe(took)
    log.info("job ended", outcome=outcome, seconds=round(took, 3), **more)
