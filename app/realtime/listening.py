"""One connection per process that hears what was committed: numbered entries, and what is said to live.

Notices carry ids only. A notice that got lost (the connection was away) costs nothing: whoever connects
anew lets everybody look.
"""

import asyncio
from collections.abc import Callable

import asyncpg
import structlog

from app.core.backoff import Backoff
from app.core.lost import LOST
from app.core.wake import LIVE, NUMBERED

log = structlog.get_logger()


class Listener:
    """Calls `numbered` with an organisation's id, `said` with what was told to live, and `back` after
    it has been away."""

    def __init__(
        self,
        url: str,
        *,
        numbered: Callable[[str], None],
        said: Callable[[str], None],
        back: Callable[[], None],
    ) -> None:
        """`url` is the application role's."""
        self._url = url
        self._heard = {NUMBERED: numbered, LIVE: said}
        self._back = back

    async def run(self, stop: asyncio.Event) -> None:
        """Listen until `stop` is set, through any number of lost connections."""
        backoff = Backoff()
        while not stop.is_set():
            try:
                await self._listen(stop, backoff)
            except LOST as error:
                log.warning("the hub lost its connection", error=repr(error))
                await backoff.wait(stop)

    async def _listen(self, stop: asyncio.Event, backoff: Backoff) -> None:
        gone = asyncio.Event()
        connection = await asyncpg.connect(
            self._url,
            timeout=10,
            command_timeout=10,
            server_settings={"application_name": "truckroll hub"},
        )
        try:
            connection.add_termination_listener(lambda _: gone.set())
            for channel in self._heard:
                await connection.add_listener(channel, self._hear)
            self._back()
            backoff.reset()
            waits = [asyncio.ensure_future(one.wait()) for one in (gone, stop)]
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for wait in waits:
                wait.cancel()
        finally:
            await connection.close(timeout=2)
        if not stop.is_set():
            await backoff.wait(stop)

    def _hear(self, _: object, __: int, channel: str, payload: str) -> None:
        self._heard[channel](payload)
