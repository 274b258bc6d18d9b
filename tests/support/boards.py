"""A client that shows a board and keeps it right by events alone, as docs/board.md tells it to.

What is always true: nothing is read again but what an event named, and, once the minute has turned, the
lanes with something to come, whose expected times go on with the clock. So while the clock stands, a board
that is not told of a change does not show it.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.core import clock
from tests.support.live import Live, listening
from tests.support.people import Person

BOARD = "/api/v2/board"
DRAWN_FROM = {"crew", "vehicle", "shift", "holiday", "time_off", "event", "organisation_settings"}
"""A change of one of these is read with the whole board."""


@dataclass
class Board:
    """What somebody's screen shows of a day."""

    person: Person
    day: str
    live: Live
    shown: dict[str, Any] = field(default_factory=dict)
    patches: int = 0
    _read: int = 0
    """Events that were looked at."""
    _minute: datetime | None = None
    """For which the expected times of all lanes were read."""

    async def open(self) -> None:
        """Read it whole."""
        self.shown = await self.person.got(BOARD, date=self.day)
        self._minute = datetime.fromisoformat(self.shown["now"])

    @property
    def unheard(self) -> list[dict[str, Any]]:
        """The events that it was told and has not looked at."""
        return self.live.all("event")[self._read :]

    async def settle(self, seq: int) -> None:
        """Take every event up to a number of the journal, and the clock as it stands."""
        await self.live.up_to(seq)
        new = self.unheard
        self._read += len(new)
        if any(one["entity"] in DRAWN_FROM for one in new):
            await self.open()
            return
        visits = {one["id"] for one in new if one["entity"] == "visit"}
        people = {one["id"] for one in new if one["entity"] == "technician"}
        holds = {one["id"] for one in new if one["entity"] == "hold"}
        going = self._going() if self._minute_turned() else set()
        await self._patch(visits, people | going | await self._held(holds))

    async def _held(self, holds: set[str]) -> set[str]:
        """The lanes on which these holds stand, and those on which they stood."""
        shown = {
            lane["id"]
            for lane in self.shown["lanes"]
            for day in lane["days"]
            if holds & {one["hold_id"] for one in day["holds"]}
        }
        present = [await self.person.got(f"/api/v2/holds/{id}") for id in sorted(holds)]
        return shown | {who["id"] for one in present for who in one["technicians"]}

    async def _patch(self, visits: set[str], lanes: set[str]) -> None:
        ids = sorted(visits)
        where = {
            lane["id"]
            for lane in self.shown["lanes"]
            for day in lane["days"]
            if visits & set(day["visit_ids"])
        }
        asked = sorted(where | lanes)
        while ids or asked:
            now, ids = ids[:50], ids[50:]
            here, asked = asked[:50], asked[50:]
            reply = await self.person.got(BOARD + "/visits", date=self.day, ids=now, lanes=here)
            self._take(reply, set(now))
            self.patches += 1

    def _take(self, reply: dict[str, Any], asked: set[str]) -> None:
        cells = {one["id"]: one for one in self.shown["visits"] if one["id"] not in reply["gone"]}
        cells |= {one["id"]: one for one in reply["visits"]}
        self.shown["visits"] = list(cells.values())
        for name in ("unassigned", "without_lane"):
            rest = [one for one in self.shown[name] if one not in asked]
            self.shown[name] = rest + reply[name]
        self.shown["alerts"] = reply["alerts"]
        lanes = {one["id"]: one for one in self.shown["lanes"]}
        self.shown["lanes"] = list((lanes | {one["id"]: one for one in reply["lanes"]}).values())

    def _minute_turned(self) -> bool:
        """Whether it is another minute than when the board was read, or when it last turned."""
        now = clock.now().replace(second=0, microsecond=0)
        turned = now != self._minute
        self._minute = now
        return turned

    def _going(self) -> set[str]:
        """Lanes with something to come: their expected times go on with the clock."""
        return {
            lane["id"] for lane in self.shown["lanes"] if any(day["stops"] for day in lane["days"])
        }

    @property
    def picture(self) -> dict[str, Any]:
        """What it comes to, in an order that does not matter."""
        return picture_of(self.shown)


def picture_of(shown: dict[str, Any]) -> dict[str, Any]:
    """A board without the moment at which it was read, and with everything in order."""
    return {
        "visits": {one["id"]: one for one in shown["visits"]},
        "lanes": {one["id"]: one for one in shown["lanes"]},
        "alerts": sorted(one["visit_id"] for one in shown["alerts"]),
        "unassigned": sorted(shown["unassigned"]),
        "without_lane": sorted(shown["without_lane"]),
    }


@asynccontextmanager
async def showing(person: Person, *days: str) -> AsyncIterator[list[Board]]:
    """Boards of these days, on a socket each, until the block ends."""
    boards: list[Board] = []
    async with _sockets(person, list(days)) as lives:
        for day, live in zip(days, lives, strict=True):
            board = Board(person, day, live)
            await board.open()
            boards.append(board)
        yield boards


@asynccontextmanager
async def _sockets(person: Person, days: list[str]) -> AsyncIterator[list[Live]]:
    if not days:
        yield []
        return
    async with (
        listening(person, f"board:{days[0]}") as live,
        _sockets(person, days[1:]) as others,
    ):
        yield [live, *others]


async def settled(boards: list[Board], seq: int) -> None:
    """All of them at once."""
    await asyncio.gather(*(one.settle(seq) for one in boards))
