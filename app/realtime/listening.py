"""What the hub of one process hears: whose entries were numbered, and what is said to live.

Notices carry ids only. A notice that got lost (the line was away) costs nothing: whoever is heard by anew
lets everybody look.
"""

import asyncio
from collections.abc import Callable

import structlog

from app.core.backoff import Backoff
from app.core.bus import Bus
from app.core.lost import LOST
from app.core.wake import LIVE, NUMBERED

log = structlog.get_logger()


class Listener:
    """Calls `numbered` with ids of organisations, `said` with what was told to live, and `back` after
    it has been away."""

    def __init__(
        self,
        bus: Bus,
        *,
        numbered: Callable[[str], None],
        said: Callable[[str], None],
        back: Callable[[], None],
    ) -> None:
        """`bus` is how this process is reached."""
        self._bus = bus
        self._heard = {NUMBERED: _if_read(numbered), LIVE: _if_read(said)}
        self._back = back

    async def run(self, stop: asyncio.Event) -> None:
        """Listen until `stop` is set, through any number of lost lines."""
        backoff = Backoff()

        def back() -> None:
            backoff.reset()
            self._back()

        while not stop.is_set():
            try:
                await self._bus.hear(self._heard, back, stop)
            except LOST as error:
                log.warning("the hub lost its line", error=repr(error))
            await backoff.wait(stop)


def _if_read(take: Callable[[str], None]) -> Callable[[str], None]:
    """What is no notice of ours ends nobody's listening: others may speak where we are told."""

    def taken(payload: str) -> None:
        try:
            take(payload)
        except ValueError:
            log.warning("what was heard is no notice", begins=payload[:100])

    return taken
