"""A board as a client holds it: one snapshot, and then what events say, through `docs/examples/live.py`."""

import asyncio
import importlib.util
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from tests.support.field import VISITS
from tests.support.live import TICKETS, address
from tests.support.people import Person

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "examples" / "live.py"
HERE = ZoneInfo("America/Chicago")
"""Where tests' companies are."""
_spec = importlib.util.spec_from_file_location("docs_examples_live", EXAMPLE)
assert _spec is not None
assert _spec.loader is not None
example = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(example)


def shows(visit: dict[str, Any], day: date) -> bool:
    """Whether the board of a day shows a visit: it is planned, promised or wished for then, or in the
    tray."""
    if visit["planned_start"] is None:
        return True
    for kind in ("planned", "promised", "requested"):
        start, end = visit[f"{kind}_start"], visit[f"{kind}_end"]
        if start and _day(start) <= day <= _day(end):
            return True
    return False


def _day(moment: str) -> date:
    return datetime.fromisoformat(moment).astimezone(HERE).date()


async def snapshot(person: Person, day: date) -> dict[str, tuple[int, str]]:
    """What the API shows of the board now: visit → its version and status."""
    found: dict[str, tuple[int, str]] = {}
    cursor: str | None = ""
    while cursor is not None:
        reply = await person.get(
            VISITS, params={"limit": 200, **({"cursor": cursor} if cursor else {})}
        )
        if reply.status_code == 401:
            raise ConnectionError("signed out: the socket is about to be closed, too")
        if reply.status_code == 403:
            return {}
        page = reply.json()
        cursor = page["next_cursor"]
        found |= {
            one["id"]: (one["version"], one["status"]) for one in page["data"] if shows(one, day)
        }
    return found


@dataclass
class Picture:
    """One person's, kept by a socket alone."""

    person: Person
    day: date
    urls: list[str]
    """Servers; each new connection is to the next one."""
    also: tuple[str, ...] = ()
    """Topics besides the board and oneself."""
    refused: list[dict[str, Any]] = field(default_factory=list)
    records: dict[str, tuple[int, str]] = field(default_factory=dict)
    heard: list[dict[str, Any]] = field(default_factory=list)
    unseen: list[dict[str, Any]] = field(default_factory=list)
    """Events about records that the API did not show when it was asked at once."""
    resyncs: int = 0
    story: list[str] = field(default_factory=list)
    """What became of its connections, for whoever wonders why a test failed."""
    reading: asyncio.Event = field(default_factory=asyncio.Event)
    """Cleared: a slow reader, who takes nothing for now."""
    connects: asyncio.Event = field(default_factory=asyncio.Event)
    """Cleared: it is cut off, and stays so."""
    live: Any = None
    task: Any = None

    def __post_init__(self) -> None:
        self.reading.set()
        self.connects.set()
        self.live = example.Live(
            self.address,
            self.ticket,
            [f"board:{self.day}", "me", *self.also],
            event=self.event,
            resync=self.resync,
            other=self.other,
        )

    def address(self) -> str:
        self.urls.append(self.urls.pop(0))
        return address(self.urls[-1])

    async def ticket(self) -> str:
        """A ticket; after a change of rights, of the session refreshed."""
        await self.connects.wait()
        self.story.append(f"closed {self.live.closed}, comes back at {self.live.mark}")
        reply = await self.person.post(TICKETS)
        if reply.status_code == 401:
            await self.person.again()
            reply = await self.person.post(TICKETS)
        if reply.status_code == 401:
            raise example.SignedOut
        return str(reply.json()["ticket"])

    async def event(self, event: dict[str, Any]) -> None:
        """Look again at the record that is named."""
        await self.reading.wait()
        self.heard.append(event)
        if event["entity"] != "visit":
            return
        reply = await self.person.get(f"{VISITS}/{event['id']}")
        if reply.status_code == 401:
            raise ConnectionError("signed out: the socket is about to be closed, too")
        visit = reply.json() if reply.status_code == 200 else None
        if visit is None:
            self.unseen.append(event)
        if visit is not None and shows(visit, self.day):
            self.records[event["id"]] = (visit["version"], visit["status"])
        else:
            self.records.pop(event["id"], None)

    async def resync(self, topics: list[str]) -> None:
        """Look at everything again."""
        await self.reading.wait()
        if any(topic.startswith("board:") for topic in topics):
            self.records = await snapshot(self.person, self.day)
            self.resyncs += 1
            self.story.append(f"read anew at {self.live.mark}: {len(self.records)}")

    async def other(self, frame: dict[str, Any]) -> None:
        """A board that one may not look at any more is forgotten."""
        await self.reading.wait()
        if frame["type"] == "refused":
            self.refused.append(frame)
        if frame["type"] in ("refused", "unsubscribed") and frame["topic"].startswith("board:"):
            self.records = {}
            self.story.append(f"{frame['code']} at {self.live.mark}")

    def told_of(self, ids: set[str]) -> str:
        """How it came to hold what it holds of these records."""
        heard = [
            f"{one['seq']} {one['action']} v{one['version']}"
            for one in self.heard
            if one["id"] in ids
        ]
        return f"{self.person.email} at {self.live.mark}: {heard}, {self.story[-12:]}"

    async def up_to(self, seq: int) -> None:
        """Wait until it is complete up to a number."""
        async with asyncio.timeout(30):
            while (self.live.mark or 0) < seq or not self.live.connected:
                assert not self.task.done(), self.task
                await asyncio.sleep(0.02)


Kept = TypeVar("Kept", bound=Picture)


@asynccontextmanager
async def kept(
    person: Person,
    day: date,
    *urls: str,
    also: tuple[str, ...] = (),
    made: Callable[..., Kept] = Picture,  # type: ignore[assignment]
) -> AsyncIterator[Kept]:
    """A picture that is kept until the block ends."""
    picture = made(person, day, list(urls), also)
    picture.task = task = asyncio.create_task(picture.live.run())
    async with asyncio.timeout(10):
        while not picture.live.connected:
            assert not task.done(), task.exception()
            await asyncio.sleep(0.02)
    try:
        yield picture
    finally:
        picture.reading.set()
        picture.connects.set()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
