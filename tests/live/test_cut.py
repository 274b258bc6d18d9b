"""Two people look at a board, and one of them is cut off for half a minute while it changes fifty times:
both hold what the API shows, after every change (issue 6, point 1)."""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta
from itertools import count
from pathlib import Path
from time import monotonic

import pytest

from tests.live.test_picture import agree, other
from tests.live.test_restart import Process
from tests.support.cable import Cable
from tests.support.database import Database
from tests.support.deep import times
from tests.support.field import VISITS, a_job, technician
from tests.support.people import found_company
from tests.support.picture import Picture, kept
from tests.support.process import free_port
from tests.support.server import Server

__all__ = ["other"]  # a fixture
CHANGES, LASTS = times(10, deep=50), times(1, deep=30)
"""How often the board changes while one is cut off, and for how many seconds at least."""
AROUND = times(2, deep=5)
"""How often it changes before, and after."""
WAYS = ["two processes", "one process", "one of two is restarted"]


@pytest.mark.parametrize("way", WAYS[: times(1, deep=3)])
async def test_one_stays_and_one_is_cut_off_while_the_board_changes(
    database: Database, server: Server, other: Server, way: str, tmp_path: Path
) -> None:
    company = await found_company(server, way.replace(" ", "-"))
    job = await a_job(company)
    day, tess = job.nine.date(), await technician(company)
    early, late = [await company.person(role) for role in ("viewer", "manager")]
    visits = [await job.planned(tess, at=job.nine + timedelta(hours=2 * n)) for n in range(2)]
    looked, numbers = 0, count(1)

    async def change(*pictures: Picture) -> None:
        """A visit moves to the next day, or back; whoever is there holds what shows."""
        nonlocal looked
        number = next(numbers)
        now = await job.dana.got(f"{VISITS}/{visits[number % 3]['id']}")
        start = job.nine + timedelta(days=number % 2, hours=number % 7)
        assert (await job.schedule(now, tess, start=start)).status_code == 200
        await agree(database, company, *pictures)
        looked += len(pictures)

    async with AsyncExitStack() as stack:
        urls = {
            "two processes": [other.url],
            "one process": [server.url],
            "one of two is restarted": [f"http://127.0.0.1:{free_port()}", server.url],
        }[way]
        restarts = len(urls) > 1
        goes = Process(database, tmp_path, urls[0])
        if restarts:
            await goes.start()
            stack.push_async_callback(goes.end)
        cable = await stack.enter_async_context(Cable.to(server.url))
        stays = await stack.enter_async_context(kept(early, day, *urls))
        visits.append(await job.visit())
        cut = await stack.enter_async_context(kept(late, day, cable.url))
        for _ in range(AROUND):
            await change(stays, cut)

        seen = len(cut.heard)
        cable.cut()
        begun = monotonic()
        restarting = asyncio.create_task(goes.restart(LASTS / 5)) if restarts else None
        for number in range(CHANGES):
            await change(stays)
            assert not cut.live.connected
            assert len(cut.heard) == seen
            await asyncio.sleep(begun + LASTS * (number + 1) / CHANGES - monotonic())
        lasted = monotonic() - begun
        if restarting is not None:
            await restarting
            await stays.live.cut()  # and to the process that is there again
        cable.mend()
        async with asyncio.timeout(60):
            while not cut.live.connected:
                await asyncio.sleep(0.02)
        away = monotonic() - begun
        for _ in range(AROUND):
            await change(stays, cut)

        assert lasted >= LASTS
        assert cable.turned_away > 0, "it tried, and nobody answered"
        assert stays.resyncs == cut.resyncs == 1, "what was missed was replayed, not read anew"
        seqs = [one["seq"] for one in cut.heard]
        assert seqs == sorted(set(seqs)), "in order, and nothing twice"
        assert [one for one in stays.heard if one["seq"] >= seqs[0]] == cut.heard
        assert stays.unseen == cut.unseen == []
        assert len(cut.heard) >= CHANGES + 2 * AROUND
        print(
            f"{way}: cut off for {lasted:.1f} s during {CHANGES} changes, back after {away:.1f} s and"
            f" {cable.turned_away} tries; {looked} pictures compared with the API after"
            f" {CHANGES + 2 * AROUND} changes, 0 differ; {len(cut.heard)} events each,"
            f" none missed, none twice; lines of who stayed: {len(stays.story)}"
        )
    await company.close()
