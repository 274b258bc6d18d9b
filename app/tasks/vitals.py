"""How this process is, looked at every few seconds for whoever watches: `docs/operations/alerts.md`.

Whatever cannot be looked at is not guessed: the gauge stays as it was, and that the database did not
answer is a gauge of its own. Nothing here may end a process.
"""

import asyncio

import asyncpg
import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.core import queue
from app.core.db import Scope
from app.core.lost import LOST
from app.core.telemetry import (
    BEHIND,
    CONNECTIONS,
    JOBS_OLDEST,
    JOBS_WAITING,
    LOOP_LAG,
    PAUSED,
    REACHABLE,
    STRANGERS,
    UNNUMBERED,
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
        while not stop.is_set():
            LOOP_LAG.set(await self._lateness(stop))
            self._count()
            try:
                await self.look()
                REACHABLE.set(1)
            except FAILURES as error:
                REACHABLE.set(0)
                log.warning("the database could not be looked at", error=repr(error))

    async def look(self) -> None:
        """Ask the database what it alone knows. Raises what `FAILURES` names."""
        waiting, oldest = await queue.waiting(self._state.engine)
        JOBS_WAITING.set(waiting)
        JOBS_OLDEST.set(oldest)
        await self._hub()
        if self._relay_url is not None:
            UNNUMBERED.set(await self._unnumbered(self._relay_url))

    async def _lateness(self, stop: asyncio.Event) -> float:
        """By how many seconds the loop came too late at worst, until the next look."""
        loop, worst = asyncio.get_running_loop(), 0.0
        until = loop.time() + self._every
        while loop.time() < until and not stop.is_set():
            due = loop.time() + TICK
            await asyncio.sleep(TICK)
            worst = max(worst, loop.time() - due)
        return worst

    def _count(self) -> None:
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
        worst = 0
        for room in list(self._state.hub.rooms.values()):
            async with self._state.sessions.open(Scope(room.org_id, source="clock")) as session:
                head = await changes.head(session, room.org_id)
            worst = max(worst, head - room.cursor)  # told meanwhile: no lag
        BEHIND.set(worst)

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
