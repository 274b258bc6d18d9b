"""Waking those who wait for a commit: one publisher per process, on a connection of its own.

Business transactions never NOTIFY (it serialises commits). They commit, poke, and this publisher
says so once for however many commits have piled up; what a lost connection may have swallowed is said again
on the next one. A lost poke loses nothing: whoever is woken here also looks by itself, only later.

The relay and the worker are woken through PostgreSQL, which they hang on anyway. What the hubs of all
processes hear may travel otherwise (`core.bus`).
"""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping

import structlog

from app.core.backoff import Backoff
from app.core.bus import Bus, Postgres, either
from app.core.lost import LOST

JOURNAL = "truckroll_journal"
"""The journal has new entries: the relay numbers them."""
NUMBERED = "truckroll_numbered"
"""Entries of the organisations in the payload, a line each, have numbers: the hubs fan them out."""
LIVE = "truckroll_live"
"""Something that is not in the journal changed: hubs with listeners look at it."""
TO_HUBS = (NUMBERED, LIVE)
"""Channels whose notices are lines, of which none takes another's place."""
ANYBODY = "*"
"""In the place of an organisation: some of them have numbers, and it is not known which."""
MOST = 5_000
"""Notices to live that pile up; older ones are dropped, for whoever missed one sees the next."""
FITS = 7_900
"""Bytes that one NOTIFY carries."""
GATHER = 0.002
"""Seconds in which pokes pile up into one notice."""

Said = dict[str, OrderedDict[str, None]]
"""Channels, and the lines that are to be said on them."""
log = structlog.get_logger()


class Wake:
    """Takes pokes and has them said. `poke` is what `Sessions(after_commit=…)` calls."""

    def __init__(self, url: str, hubs: Bus | None = None) -> None:
        """`url` is the application role's. `hubs` is how hubs are reached; PostgreSQL unless told."""
        database = _Publisher(Postgres(url))
        self._publishers = [database]
        self._hubs = database
        if hubs is not None and not isinstance(hubs, Postgres):
            self._hubs = _Publisher(hubs)
            self._publishers.append(self._hubs)

    def poke(self, wakes: Mapping[str, str]) -> None:
        """Something was committed that these channels wait for. Returns at once."""
        for channel, payload in wakes.items():
            by = self._hubs if channel in TO_HUBS else self._publishers[0]
            by.poke({channel: payload})

    async def run(self, stop: asyncio.Event) -> None:
        """Publish until `stop` is set, through any number of lost connections."""
        await asyncio.gather(*(one.run(stop) for one in self._publishers))


class _Publisher:
    """Coalesces pokes into what one bus is told at once."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._poked = asyncio.Event()
        self._said: Said = {}

    def poke(self, wakes: Mapping[str, str]) -> None:
        """These channels are to be told."""
        for channel, payload in wakes.items():
            if channel in TO_HUBS:
                self._add(channel, (line for line in payload.split("\n") if line))
            else:
                self._said[channel] = OrderedDict({payload: None})
        self._poked.set()

    def _add(self, channel: str, lines: Iterable[str]) -> None:
        """Each once, where it was said last; the latest of too many. However many wait, one more costs
        no more."""
        said = self._said.setdefault(channel, OrderedDict())
        for line in lines:
            said[line] = None
            said.move_to_end(line)
            if len(said) > MOST:
                said.popitem(last=False)

    async def run(self, stop: asyncio.Event) -> None:
        """Publish until `stop` is set. Nothing that one organisation has said may end it: it is
        everybody's."""
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
        async with self._bus.speaking() as say:
            while await either(self._poked, stop):
                await asyncio.sleep(GATHER)
                self._poked.clear()
                taken, self._said = self._said, {}
                try:
                    await say(_apart(taken))
                except LOST:
                    self._said, later = taken, self._said
                    for channel, lines in later.items():
                        self._add(channel, lines)
                    self._poked.set()
                    raise
                backoff.reset()


def together(*notices: str) -> str:
    """Notices to live as one: a line each, each once, the latest of too many."""
    lines = dict.fromkeys(line for one in notices for line in one.split("\n") if line)
    return "\n".join(list(lines)[-MOST:])


def _apart(said: Said) -> list[tuple[str, str]]:
    """Channel and payload, cut between lines so that no payload is larger than a notice may be."""
    return [(channel, part) for channel, lines in said.items() for part in _parts(lines)]


def _parts(lines: Iterable[str]) -> Iterator[str]:
    fitting: list[str] = []
    size = 0
    for line in lines:
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
