"""How this process is, looked at every few seconds for whoever watches: `docs/operations/alerts.md`.

Whatever cannot be looked at is not guessed: the gauge stays as it was, and the failed look is counted.
Whether the database answers is asked on a connection of its own. Nothing here may end a process.
"""

import asyncio
from contextlib import suppress

import asyncpg
import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.core import queue
from app.core.lost import LOST, answers
from app.core.telemetry import (
    BEHIND,
    CONNECTIONS,
    JOBS_OLDEST,
    JOBS_WAITING,
    LOOP_LAG,
    LOOP_SILENT,
    PAUSED,
    REACHABLE,
    STRANGERS,
    UNNUMBERED,
    UNSEEN,
)
from app.process import State
from app.realtime import changes

log = structlog.get_logger()
EVERY = 10.0
"""Seconds between two looks."""
TICK = 0.25
"""Seconds: how often it is seen whether the loop is late."""
FAILURES = (*LOST, SQLAlchemyError, TimeoutError)
_UNNUMBERED = """
    select coalesce(extract(epoch from system.clock() - min(j.at)), 0)::float8
      from system.relay_state s
      join public.journal j
        on j.xid >= pg_snapshot_xmax(s.snapshot) or j.xid = any (array(select pg_snapshot_xip(s.snapshot)))
     where s.id = 1
"""


class Vitals:
    """The looks of one process."""

    def __init__(self, state: State, relay_url: str | None, *, every: float = EVERY) -> None:
        """`relay_url` is the relay role's: it alone sees entries of all organisations."""
        self._state, self._relay_url, self._every = state, relay_url, every

    async def run(self, stop: asyncio.Event) -> None:
        """Look until `stop` is set."""
        ticking = asyncio.create_task(_tick())
        try:
            while not stop.is_set():
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), self._every)
                await self.look()
        finally:
            ticking.cancel()

    async def look(self) -> None:
        """Everything once. What cannot be looked at is counted, and keeps nobody from the rest."""
        for name, one in (
            ("database", self._database),
            ("connections", self._count),
            ("jobs", self._jobs),
            ("hub", self._hub),
            ("journal", self._journal),
        ):
            try:
                await one()
            except FAILURES as error:
                UNSEEN.labels(name).inc()
                log.warning("vitals could not be looked at", look=name, error=repr(error))
            except Exception:
                UNSEEN.labels(name).inc()
                log.exception("a look at vitals failed", look=name)

    async def _database(self) -> None:
        url = self._state.engine.url.set(drivername="postgresql")
        REACHABLE.set(await answers(url.render_as_string(hide_password=False)))

    async def _jobs(self) -> None:
        waiting, oldest = await queue.waiting(self._state.engine)
        JOBS_WAITING.set(waiting)
        JOBS_OLDEST.set(oldest)

    async def _count(self) -> None:
        pool, (size, idle) = self._state.engine.pool, self._state.hot.held
        used: int = pool.checkedout()  # type: ignore[attr-defined]
        spare: int = pool.checkedin()  # type: ignore[attr-defined]
        for name, in_use, free in (("sessions", used, spare), ("hot", size - idle, idle)):
            CONNECTIONS.labels(name, "in_use").set(in_use)
            CONNECTIONS.labels(name, "idle").set(free)
        CONNECTIONS.labels("sessions", "most").set(self._state.settings.pool_size)
        CONNECTIONS.labels("hot", "most").set(self._state.settings.pool_size)
        hub = self._state.hub
        STRANGERS.set(hub.strangers.total())
        PAUSED.set(sum(socket.line.paused for socket in hub.sockets))

    async def _hub(self) -> None:
        """How far the slowest room is behind what has a number."""
        rooms = list(self._state.hub.rooms.values())
        heads = await changes.heads(self._state.engine, [room.org_id for room in rooms])
        # told meanwhile: no lag
        lags = [heads.get(room.org_id, 0) - room.cursor for room in rooms]
        BEHIND.set(max(0, *lags, 0))

    async def _journal(self) -> None:
        if self._relay_url is not None:
            UNNUMBERED.set(await self._unnumbered(self._relay_url))

    async def _unnumbered(self, url: str) -> float:
        connection = await asyncpg.connect(
            url,
            timeout=5,
            command_timeout=5,
            server_settings={"application_name": "truckroll vitals"},
        )
        try:
            return float(await connection.fetchval(_UNNUMBERED))
        finally:
            await connection.close(timeout=2)


async def _tick() -> None:
    """See how late the loop is, without an end: a blocked one is seen from outside meanwhile, for what
    is scraped is answered by a thread of its own."""
    loop = asyncio.get_running_loop()
    last = loop.time()
    LOOP_SILENT.set_function(lambda: max(0.0, loop.time() - last - TICK))
    try:
        while True:
            await asyncio.sleep(TICK)
            now = loop.time()
            LOOP_LAG.observe(max(0.0, now - last - TICK))
            last = now
    finally:
        LOOP_SILENT.set_function(lambda: 0.0)
