"""Whoever was away goes on where they were, or is told to look at everything again (checks H6, H8)."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from uuid import uuid4

import asyncpg
import pytest_asyncio

from app.realtime.bounds import Bounds
from tests.support.database import Database
from tests.support.deep import times
from tests.support.journal import begin
from tests.support.live import listening, living, ticket
from tests.support.people import Company
from tests.support.raw_sockets import Raw
from tests.support.server import Server

SMALL = replace(Bounds(), buffered=8 * 1024, behind=150, page=50)
MANY = 450


async def a_skill(company: Company, name: str) -> str:
    """Something whose changes are cheap to make; its id."""
    owner = await company.person("owner")
    return str((await owner.made("/api/v2/skills", {"name": name}))["id"])


async def change(database: Database, company: Company, skill: str, many: int) -> None:
    """So many changes of a skill, in one transaction."""
    connection = await asyncpg.connect(database.app)
    transaction = await begin(connection, company.id)
    for _ in range(many):
        await connection.execute("update skills set name = $1 where id = $2", str(uuid4()), skill)
    await transaction.commit()
    await connection.close()


async def test_whoever_comes_back_gets_what_they_missed_and_no_more(
    database: Database, acme: Company
) -> None:
    dana = await acme.person("dispatcher")
    skill = await a_skill(acme, "Pumping")
    topic = f"skill:{skill}"
    async with listening(dana, topic) as stays:
        async with listening(dana, topic) as live:
            await change(database, acme, skill, 3)
            await live.until(lambda: len(live.all("event")) == 3)
        mark = live.mark
        await change(database, acme, skill, times(120, deep=1500))
        await stays.until(lambda: len(stays.all("event")) == 3 + times(120, deep=1500))
        async with listening(dana, topic, since=mark) as back:
            await back.up_to(stays.mark)
            assert live.all("event") + back.all("event") == stays.all("event")
        async with listening(dana, topic, since=stays.mark + 10_000) as ahead:
            await ahead.one("resync")  # a number nobody gave yet: the database is another one


@pytest_asyncio.fixture(scope="module")
async def tight(database: Database, server: Server) -> AsyncIterator[Server]:
    """Another process on the same database, with small bounds."""
    async with living(database, bounds=SMALL) as running:
        yield running


async def test_too_long_away_is_told_to_look_again(
    database: Database, acme: Company, tight: Server
) -> None:
    dana = await acme.person("dispatcher")
    skill = await a_skill(acme, "Digging")
    tight.state.hub.bounds = replace(SMALL, replay=20)
    async with listening(dana, f"skill:{skill}", url=tight.url) as live:
        mark = live.mark
    await change(database, acme, skill, 30)
    async with listening(dana, f"skill:{skill}") as there:
        head = there.mark
    async with listening(dana, f"skill:{skill}", url=tight.url, since=mark) as back:
        assert (await back.one("resync"))["seq"] == head
        assert back.all("event") == []
    tight.state.hub.bounds = SMALL


async def test_who_does_not_read_holds_up_nobody_and_misses_nothing(
    database: Database, acme: Company, tight: Server
) -> None:
    dana = await acme.person("dispatcher")
    skill = await a_skill(acme, "Fishing")
    topic = f"skill:{skill}"
    hub = tight.state.hub
    async with AsyncExitStack() as stack:
        readers = [
            await stack.enter_async_context(listening(dana, topic, url=tight.url))
            for _ in range(times(3, deep=19))
        ]
        slow = await Raw.open(tight.url, kept=4096)
        await slow.say("hello", ticket=await ticket(dana), topics=[topic])
        assert (await slow.message())["type"] == "welcome"
        await slow.message()
        waiting = []
        for _ in range(MANY // 50):
            await change(database, acme, skill, 50)
            for live in readers:
                await live.until(lambda live=live: len(live.all("event")) % 50 == 0)  # type: ignore[misc]
            waiting.append(max(one.line.waiting for one in hub.sockets))
        for live in readers:
            await live.until(lambda live=live: len(live.all("event")) == MANY)  # type: ignore[misc]
        expected = readers[0].all("event")
        assert all(live.all("event") == expected for live in readers)
        assert max(waiting) <= SMALL.buffered + 1024

        got = [one for one in await slow.rest() if one["type"] == "event"]
        assert slow.close_code == 1013
        assert 0 < len(got) < MANY
        assert got == expected[: len(got)]
        await slow.end()
        async with listening(dana, topic, url=tight.url, since=got[-1]["seq"]) as back:
            await back.until(lambda: len(back.all("event")) == MANY - len(got))
            assert got + back.all("event") == expected


async def test_another_history_is_read_anew(acme: Company, server: Server) -> None:
    """Numbers that were given again, after a backup was put back, are not those one was told."""
    dana = await acme.person("dispatcher", "dana historian")
    async with listening(dana, "board:2027-03-01") as live:
        await (await acme.person("owner")).made("/api/v2/vehicles", {"name": "Van of before"})
        told = await live.fact("vehicle.created")
    came_from = {"since": told["seq"], "proof": told["proof"]}
    admin = await asyncpg.connect(server.database.admin)
    chain = "update system.journal_numbers set chain = $3 where org_id = $1 and seq = $2"
    was = await admin.fetchval(
        "select chain from system.journal_numbers where org_id = $1 and seq = $2",
        acme.id,
        told["seq"],
    )
    async with listening(dana, "board:2027-03-01", **came_from) as back:
        await back.say("unsubscribe", topic="board:2027-03-01")
        await back.one("unsubscribed")
        assert back.all("resync") == []
    await admin.execute(chain, acme.id, told["seq"], b"of another history")
    async with listening(dana, "board:2027-03-01", **came_from) as back:
        await back.one("resync")
    await admin.execute(chain, acme.id, told["seq"], was)
    await admin.close()
