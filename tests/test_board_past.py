"""The board as it was: what one reads of a past moment is what one would have read then."""

import asyncio
import random
from datetime import datetime, timedelta
from typing import Any

from app.core import clock
from tests.live.test_boards import Hands
from tests.support.deep import times
from tests.support.field import a_job, technician
from tests.support.people import Company, found_company
from tests.support.server import Server
from tests.test_board import BOARD, z
from tests.test_warnings import shift

MOMENTS = times(6, deep=50)


def as_it_stood(board: Any) -> Any:
    """Without what tells when it was read."""
    return {name: value for name, value in board.items() if name not in ("seq", "now", "as_of")}


async def test_the_board_as_of_a_moment_is_the_board_that_was_read_then(server: Server) -> None:
    job = await a_job(await found_company(server, "past"))
    owner = await job.company.person("owner")
    people = [await technician(job.company, f"Number {n}") for n in range(3)]
    await shift(job, people[0])
    luck = random.Random(5)
    hands = Hands(job, people, luck)
    seen: list[tuple[datetime, Any]] = []
    for number in range(MOMENTS):
        for _ in range(luck.randrange(1, 5)):
            await hands.step()
        if number % 3 == 1:
            name = f"Renamed {number}"
            path = f"/api/v2/technicians/{people[1]}"
            await owner.patched(path, (await owner.got(path))["version"], {"name": name})
        if number % 3 == 2:
            start = job.nine + number * timedelta(minutes=5)
            event = {"title": f"Talk {number}", "technician_ids": [people[2]]}
            times_ = {"starts_at": z(start), "ends_at": z(start + timedelta(minutes=5))}
            await owner.post("/api/v2/events", json={**event, **times_})
        moment = clock.now()
        seen.append((moment, await owner.got(BOARD, date=job.day)))
        await asyncio.sleep(0.01)
    for moment, then in luck.sample(seen, len(seen)):
        again = await owner.got(BOARD, date=job.day, as_of=z(moment))
        assert again["as_of"] == z(moment)
        assert as_it_stood(again) == as_it_stood(then)
    assert as_it_stood(seen[0][1]) != as_it_stood(seen[-1][1])


async def test_nobody_looks_ahead_or_back_further_than_they_see(acme: Company) -> None:
    job = await a_job(acme)
    ahead = await job.dana.get(BOARD, params={"as_of": z(clock.now() + timedelta(hours=1))})
    assert (ahead.status_code, ahead.json()["errors"][0]["pointer"]) == (422, "?as_of")
    early = await job.dana.get(BOARD, params={"as_of": "2020-01-01T00:00:00Z"})
    assert (early.status_code, early.json()["errors"][0]["code"]) == (422, "too_early")
    tom = await acme.person("technician")
    reply = await tom.get(BOARD, params={"as_of": z(clock.now() - timedelta(hours=1))})
    assert (reply.status_code, reply.json()["code"]) == (403, "scope_too_narrow")
