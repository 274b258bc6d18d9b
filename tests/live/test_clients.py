"""The clients we give away, when the server was away for ten seconds: they hold what they held, say how
old it is, come back by themselves, and let go of what was taken from them meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from tests.live.test_picture import head
from tests.live.test_restart import Process
from tests.support.cable import Cable
from tests.support.database import Database
from tests.support.deep import times
from tests.support.field import a_job, did, technician
from tests.support.live import address, ticket
from tests.support.people import Company, Person, found_company, sign_in
from tests.support.picture import Picture, example, kept, snapshot
from tests.support.process import free_port
from tests.support.server import Server

AWAY = times(1, deep=10)
"""Seconds."""
WAYS = ["its line is cut", "it is restarted"]
Says = dict[str, Any]
"""What a client says of itself: `connected`, `stale`, `age` in seconds, `mark`, `resyncs`, `records` as
id → version, the topics that have `ended`, and those it was `refused`, with why."""


async def away_and_back(
    database: Database,
    server: Server,
    company: Company,
    way: str,
    data: Path,
    client: Callable[[AsyncExitStack, Person, date, str, tuple[str, ...]], Awaitable[Any]],
) -> None:
    """The story; `client` starts one at an address, and what it answers is asked what it holds."""
    job, tom = await a_job(company), await company.person("technician", f"tom {way}")
    dana, them = job.dana, await technician(company, "Tom", who=tom)
    taken, stays = [await job.planned(them, at=job.nine + timedelta(hours=3 * n)) for n in range(2)]
    topic, day = f"work_order:{taken['work_order_id']}", job.nine.date()
    async with AsyncExitStack() as stack:
        if way == "it is restarted":
            url = f"http://127.0.0.1:{free_port()}"
            process = Process(database, data, url)
            await process.start()
            stack.push_async_callback(process.end)
            goes, comes = process.end, process.start
        else:
            cable = await stack.enter_async_context(Cable.to(server.url))
            url = cable.url
            goes, comes = _soon(cable.cut), _soon(cable.mend)
        there = await sign_in(replace(server, url=url), tom.email, company.slug)
        stack.push_async_callback(there.aclose)
        says = await client(stack, there, day, url, (topic,))

        async def until(**wanted: Any) -> Says:
            """Once it says this."""
            given_up, now = monotonic() + 30, await says()  # its longest pause by then is 16 s
            while any(now[name] != one for name, one in wanted.items()):
                assert monotonic() < given_up, (wanted, now)
                await asyncio.sleep(0.02)
                now = await says()
            return now

        async def shown() -> dict[str, int]:
            """What the API shows its person."""
            return {id: version for id, (version, _) in (await snapshot(tom, day)).items()}

        before = await until(
            mark=await head(database, company), records=await shown(), connected=True
        )
        assert before["records"].keys() == {taken["id"], stays["id"]}
        assert not before["stale"]
        assert before["age"] < 5

        await goes()
        gone = monotonic()
        await until(connected=False)
        await did(dana, taken, "unschedule")
        ages, since = [], monotonic()
        while not ages or monotonic() < since + AWAY:
            now = await says()
            assert now["records"] == before["records"], "it holds what it held"
            assert now["stale"], "and says that it may be wrong"
            assert not now["connected"]
            ages.append(now["age"])
            await asyncio.sleep(AWAY / 20)
        assert ages == sorted(ages)
        assert ages[-1] - ages[0] > AWAY / 2

        await comes()
        back = await until(
            mark=await head(database, company), records=await shown(), connected=True
        )
        after = monotonic() - gone
        assert back["records"].keys() == {stays["id"]}
        assert not back["stale"]
        assert back["age"] < ages[-1]
        assert back["ended"] == [topic]
        assert back["refused"] == [[topic, "not_found"]]

        await did(dana, taken, "schedule", technician_ids=[them], start=job.nine.isoformat())
        await until(mark=await head(database, company), records=await shown(), ended=[])
        print(
            f"{client.__name__}, {way}: away for {AWAY} s, said to be {ages[-1]:.1f} s old in the end and"
            f" held all {len(before['records'])}, whole again {after:.1f} s after it went;"
            f" reads of everything: {back['resyncs'] - before['resyncs']}"
        )


def _soon(act: Callable[[], None]) -> Callable[[], Awaitable[None]]:
    async def done() -> None:
        act()

    return done


async def python(
    stack: AsyncExitStack, person: Person, day: date, url: str, also: tuple[str, ...]
) -> Callable[[], Awaitable[Says]]:
    """`docs/examples/live.py`."""
    picture: Picture = await stack.enter_async_context(kept(person, day, url, also=also))

    async def says() -> Says:
        live = picture.live
        return {
            **{name: getattr(live, name) for name in ("connected", "stale", "age", "mark")},
            "resyncs": picture.resyncs,
            "records": {id: version for id, (version, _) in picture.records.items()},
            "ended": sorted(live.ended),
            "refused": [[one["topic"], one["code"]] for one in picture.refused],
        }

    return says


@pytest.mark.parametrize("way", WAYS[: times(1, deep=2)])
async def test_the_client_in_python_outlives_its_server(
    database: Database, server: Server, way: str, tmp_path: Path
) -> None:
    company = await found_company(server, f"python-{way.replace(' ', '-')}")
    await away_and_back(database, server, company, way, tmp_path, python)
    await company.close()


async def test_what_cannot_be_taken_is_asked_for_more_and_more_seldom(acme: Company) -> None:
    """One record that nobody can show does not bring a client back four times a second for ever."""
    job = await a_job(acme)
    waited: list[float] = []

    async def event(_: Says) -> None:
        waited.append(live._wait)
        raise RuntimeError("nobody can show that")

    async def read(_: list[str]) -> None:
        pass

    live = example.Live(
        address(acme.server.url),
        lambda: ticket(job.dana),
        [f"board:{job.day}"],
        event=event,
        resync=read,
    )
    running = asyncio.create_task(live.run())
    async with asyncio.timeout(20):
        while not live.connected:
            await asyncio.sleep(0.01)
        await job.visit()
        while len(waited) < 4:
            await asyncio.sleep(0.01)
    running.cancel()
    first = example.FIRST
    assert waited == [first, 2 * first, 4 * first, 8 * first]
