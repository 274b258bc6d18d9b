"""The relay: gives journal entries their numbers as soon as their transactions are visible.

It calls `system.number_journal()` whenever a commit wakes it, and every second anyway. Which entries
are new, the fence between two relays, numbers and hash chain are all in that function, so a relay
may die at any moment and two may run at once.
"""

import asyncio
from collections.abc import Callable, Mapping

import asyncpg
import structlog

from app.core.backoff import Backoff
from app.core.bus import either
from app.core.lost import LOST
from app.core.wake import ANYBODY, JOURNAL, NUMBERED

log = structlog.get_logger()


class Relay:
    """One connection as the relay role, that listens and numbers."""

    def __init__(
        self,
        url: str,
        *,
        every: float = 1.0,
        told: Callable[[Mapping[str, str]], None] | None = None,
    ) -> None:
        """`url` is the relay role's; `every` is the longest pause between two looks, in seconds.
        `told` hears whose entries got numbers, where hubs are not reached by PostgreSQL's own word of it."""
        self._url = url
        self._every = every
        self._told = told
        self._woken = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Number until `stop` is set, through any number of lost connections."""
        backoff = Backoff()
        while not stop.is_set():
            try:
                await self._number(stop, backoff)
            except LOST as error:
                log.warning("relay lost its connection", error=repr(error))
                await backoff.wait(stop)

    async def _number(self, stop: asyncio.Event, backoff: Backoff) -> None:
        connection = await asyncpg.connect(
            self._url,
            timeout=10,
            command_timeout=300,  # a long backlog is numbered in one go; a dead network ends here
            server_settings={"application_name": "truckroll relay"},
        )
        try:
            await connection.add_listener(JOURNAL, lambda *_: self._woken.set())
            if self._told is not None:
                await self._pass_on(connection, self._told)
            going = True
            while going:
                self._woken.clear()
                await connection.fetchval("select system.number_journal()")
                backoff.reset()
                going = await either(self._woken, stop, within=self._every)
        finally:
            await connection.close(timeout=2)

    async def _pass_on(
        self, connection: asyncpg.Connection, told: Callable[[Mapping[str, str]], None]
    ) -> None:
        """Tell what `system.number_journal()` says as it commits. What it said to the one who was here
        before, and died of it, nobody knows: so once to all."""
        await connection.add_listener(NUMBERED, lambda *said: told({NUMBERED: said[-1]}))
        told({NUMBERED: ANYBODY})
