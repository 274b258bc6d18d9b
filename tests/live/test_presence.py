"""Who looks at a board or a record now, in whichever process they are (F16)."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from app.core.bus import Say
from app.core.wake import FITS, LIVE, MOST, Wake, _apart
from app.realtime.presence import MOST as NAMED
from app.realtime.topics import LONGEST
from tests.support.database import Database
from tests.support.field import a_job
from tests.support.live import Live, listening, living
from tests.support.people import Company
from tests.support.server import Server


@pytest_asyncio.fixture(scope="module")
async def other(database: Database, server: Server) -> AsyncIterator[Server]:
    """Another process on the same database."""
    async with living(database) as running:
        yield running


async def sees(live: Live, *names: str) -> None:
    """Wait until the last that was told of who looks are just these."""
    await live.until(
        lambda: (
            live.all("presence")
            and [one["name"] for one in live.all("presence")[-1]["people"]] == list(names)
        )
    )


async def test_who_looks_at_a_board_is_told_across_processes(acme: Company, other: Server) -> None:
    job = await a_job(acme)
    topic = f"board:{job.day}"
    ada, bo = await acme.person("dispatcher", "ada"), await acme.person("manager", "bo")
    tom = await acme.person("technician", "tom")
    async with (
        listening(ada, topic) as here,
        listening(tom, topic) as field,
    ):
        await here.say("here", topic=topic)
        await sees(here, "Ada")
        async with listening(bo, topic, url=other.url) as there:
            await sees(there, "Ada")  # whoever comes later is told, too
            await there.say("here", topic=topic)
            await sees(here, "Ada", "Bo")
            await here.say("away", topic=topic)
            await sees(there, "Bo")
        await sees(here)  # the socket went, and its person with it
        await here.say("here", topic="me")
        assert (await here.one("refused"))["code"] == "not_subscribed"
        assert field.all("presence") == []  # whoever may not know the members is told of none


async def test_a_process_that_falls_silent_is_forgotten(acme: Company, server: Server) -> None:
    topic = "board:2027-01-01"
    ada = await acme.person("dispatcher", "ada")
    room_of = server.state.hub.rooms
    async with listening(ada, topic) as here:
        room = room_of[acme.id]
        room.presence.hear(f"{topic} another-process {ada.user_id}")
        await sees(here, "Ada")
        for _ in range(4):
            room.presence.beat()
        await sees(here)


class Away:
    """A bus on which nobody can speak until it is back."""

    def __init__(self) -> None:
        self.back = asyncio.Event()
        self.said: list[tuple[str, str]] = []

    @asynccontextmanager
    async def speaking(self) -> AsyncIterator[Say]:
        async def say(notices: Sequence[tuple[str, str]]) -> None:
            if not self.back.is_set():
                raise ConnectionError("away")
            self.said += notices

        yield say

    async def hear(self, *_: Any) -> None:
        raise NotImplementedError


async def test_what_piles_up_while_nobody_can_be_told_is_told_once_and_the_latest() -> None:
    bus, stop = Away(), asyncio.Event()
    wake = Wake("postgresql://nobody@127.0.0.1:9/none", bus)
    (_, publisher) = wake._publishers
    speaking = asyncio.create_task(publisher.run(stop))
    for number in range(3 * MOST):
        wake.poke({LIVE: f"gps org {number % (2 * MOST)}"})
    wake.poke({LIVE: "presence org board ada"})
    await asyncio.sleep(0.05)  # it has tried, and did not get through
    for line in ("presence org board nobody", "presence org board ada"):
        wake.poke({LIVE: line})
    bus.back.set()
    while not bus.said:
        await asyncio.sleep(0.01)
    stop.set()
    await speaking
    assert max(len(payload) for _, payload in bus.said) <= FITS
    lines = [line for _, payload in bus.said for line in payload.split("\n")]
    assert len(lines) == len(set(lines)) == MOST
    assert lines[-2:] == ["presence org board nobody", "presence org board ada"]


async def test_a_crowd_that_looks_at_much_ends_nothing(acme: Company, server: Server) -> None:
    """Fifty people on records with long names are more than one notice carries."""
    topic = "board:2027-01-02"
    ada = await acme.person("dispatcher", "ada")
    publish = server.state.sessions.lent["after_commit"]
    assert publish
    crowd = ",".join(str(uuid4()) for _ in range(NAMED))
    async with listening(ada, topic) as here:
        for _ in range(9):
            publish({LIVE: f"presence {acme.id} technician:{uuid4()} {uuid4().hex} {crowd}"})
        await here.say("here", topic=topic)
        await sees(here, "Ada")


@given(st.lists(st.integers(1, 2 * LONGEST + 37 * NAMED), max_size=40), st.sampled_from("aé€😀"))
def test_notices_are_cut_between_lines(sizes: list[int], letter: str) -> None:
    lines = [f"{number}{letter * size}" for number, size in enumerate(sizes)]
    parts = [payload for _, payload in _apart({LIVE: OrderedDict.fromkeys(lines)})]
    assert all(len(part.encode()) <= FITS for part in parts)
    said = [line for part in parts for line in part.split("\n")] if lines else []
    assert said == [line for line in lines if len(line.encode()) < FITS]
