"""What the hub of one process hears: whose entries were numbered, and what is said to live.

Notices carry ids only. A notice that got lost (the line was away) costs nothing: whoever is heard by anew
lets everybody look. So does a notice that cannot be read: others may speak where we are told, and none
of them ends anybody's listening.
"""

import asyncio
from collections.abc import Callable

import structlog

from app.core.backoff import Backoff
from app.core.bus import Bus
from app.core.lost import LOST
from app.core.telemetry import UNREADABLE
from app.core.wake import FITS, LIVE, NUMBERED

log = structlog.get_logger()
GATHER = 1.0
"""Seconds of notices that cannot be read, after which everybody looks once for all of them."""


class Listener:
    """Calls `numbered` with ids of organisations, `said` with what was told to live, and `back` after
    it has been away or has heard what it cannot read."""

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
        self._heard = {
            NUMBERED: self._if_read(NUMBERED, numbered),
            LIVE: self._if_read(LIVE, said),
        }
        self._back = back
        self._looking: asyncio.TimerHandle | None = None

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
            except Exception:
                log.exception("the hub's line stumbled: it begins anew")
            await backoff.wait(stop)

    def _if_read(self, channel: str, take: Callable[[str], None]) -> Callable[[str], None]:
        def taken(payload: str) -> None:
            try:
                if len(payload) > FITS:
                    raise ValueError("longer than anything that we say")
                take(payload)
            except ValueError as error:
                self._pass_over(channel, payload, error)

        return taken

    def _pass_over(self, channel: str, payload: str, error: ValueError) -> None:
        """Whoever spoke may have meant something: everybody looks, in a moment, once for many."""
        UNREADABLE.inc()
        if self._looking is None:
            log.warning(
                "what was heard is no notice",
                channel=channel,
                begins=payload[:100],
                error=str(error)[:100],
            )
            self._looking = asyncio.get_running_loop().call_later(GATHER, self._look)

    def _look(self) -> None:
        self._looking = None
        self._back()
