"""Waking those who wait for a commit: one publisher per process, on a connection of its own.

Business transactions never NOTIFY (it serialises commits). They commit, poke, and this publisher
says so once for however many commits have piled up; what a lost connection may have swallowed is said again
on the next one. A lost poke loses nothing: whoever is woken here also looks by itself, only later.
"""

import asyncio
from collections.abc import Iterator, Mapping

import asyncpg
import structlog

from app.core.backoff import Backoff
from app.core.lost import LOST

JOURNAL = "truckroll_journal"
"""The journal has new entries: the relay numbers them."""
NUMBERED = "truckroll_numbered"
"""Entries of the organisation in the payload have numbers: the hubs fan them out."""
LIVE = "truckroll_live"
"""Something that is not in the journal changed: hubs with listeners look at it."""
MOST = 5_000
"""Notices to live that pile up; older ones are dropped, for whoever missed one sees the next."""
FITS = 7_900
"""Bytes that one NOTIFY carries."""
GATHER = 0.002
"""Seconds in which pokes pile up into one notice."""

log = structlog.get_logger()


class Wake:
    """Coalesces pokes into `pg_notify`. `poke` is what `Sessions(after_commit=…)` calls."""

    def __init__(self, url: str) -> None:
        """`url` is the application role's."""
        self._url = url
        self._poked = asyncio.Event()
        self._wakes: dict[str, str] = {}

    def poke(self, wakes: Mapping[str, str]) -> None:
        """Something was committed that these channels wait for. Returns at once."""
        live = together(self._wakes.get(LIVE, ""), wakes.get(LIVE, ""))
        self._wakes.update(wakes)
        if live:
            self._wakes[LIVE] = live
        self._poked.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Publish until `stop` is set, through any number of lost connections. Nothing that one
        organisation has said may end it: it is everybody's."""
        backoff = Backoff()
        while not stop.is_set():
            try:
                await self._publish(stop, backoff)
            except LOST as error:
                log.warning("publisher lost its connection", error=repr(error))
                await backoff.wait(stop)
            except Exception:
                log.exception("publisher stumbled: it begins anew")
                await backoff.wait(stop)

    async def _publish(self, stop: asyncio.Event, backoff: Backoff) -> None:
        connection = await asyncpg.connect(
            self._url,
            timeout=10,
            command_timeout=10,
            server_settings={"application_name": "truckroll wake"},
        )
        try:
            while await either(self._poked, stop):
                await asyncio.sleep(GATHER)
                self._poked.clear()
                taken, self._wakes = self._wakes, {}
                wakes = _apart(taken)
                try:
                    await connection.execute(
                        "select pg_notify(channel, payload)"
                        " from unnest($1::text[], $2::text[]) as wake (channel, payload)",
                        [channel for channel, _ in wakes],
                        [payload for _, payload in wakes],
                    )
                except asyncpg.DataError:
                    raise  # it can never be said
                except LOST:
                    self._wakes, later = taken, self._wakes
                    self.poke(later)
                    raise
                backoff.reset()
        finally:
            await connection.close(timeout=2)


def together(*notices: str) -> str:
    """Notices to live as one: a line each, each once, the latest of too many."""
    lines = dict.fromkeys(line for one in notices for line in one.split("\n") if line)
    return "\n".join(list(lines)[-MOST:])


def _apart(wakes: Mapping[str, str]) -> list[tuple[str, str]]:
    """Channel and payload, cut between lines so that no payload is larger than a notice may be."""
    return [(channel, part) for channel, payload in wakes.items() for part in _parts(payload)]


def _parts(payload: str) -> Iterator[str]:
    fitting: list[str] = []
    size = 0
    for line in payload.split("\n"):
        needs = len(line.encode()) + 1
        if needs > FITS:
            log.error("a notice is longer than one may be: it is not said", begins=line[:100])
            continue
        if size + needs > FITS:
            yield "\n".join(fitting)
            fitting, size = [], 0
        fitting.append(line)
        size += needs
    if fitting:
        yield "\n".join(fitting)


async def either(
    awaited: asyncio.Event, stop: asyncio.Event, *, within: float | None = None
) -> bool:
    """Wait for `awaited`, at most `within` seconds; False as soon as `stop` is set."""
    waits = [asyncio.ensure_future(event.wait()) for event in (awaited, stop)]
    try:
        await asyncio.wait(waits, timeout=within, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
    return not stop.is_set()
