"""Many people with narrow scopes look at one board: what each may see is asked for all of them at once."""

from contextlib import AsyncExitStack
from dataclasses import replace

from app.realtime.bounds import Bounds
from tests.support.database import Database
from tests.support.field import Job, a_job, technician
from tests.support.live import listening, living
from tests.support.people import Company, Person
from tests.support.queries import counted
from tests.support.server import Server

QUIET = replace(Bounds(), recheck=3600, heartbeat=3600, marks=50)
"""Nothing is asked but what changes ask for."""
A_PAGE = 30
"""Statements that one reading of the journal takes, at most; a change comes in one or in two."""


async def asked_for(server: Server, job: Job, people: list[Person]) -> int:
    """How many statements it takes to plan a visit, and to tell a dispatcher and all of these."""
    on_it = await technician(job.company, f"Tess {len(people)}")
    async with AsyncExitStack() as stack:
        board = [
            await stack.enter_async_context(listening(one, f"board:{job.day}", url=server.url))
            for one in (*people, job.dana)
        ]
        with counted(server) as asked:
            await job.planned(on_it)
            last = (await board[-1].fact("visit.scheduled"))["seq"]
            for live in board:
                await live.up_to(last)
        told = [len(live.all("event")) for live in board]
        assert told[:-1] == [0] * len(people), "none of it is theirs"
    return len(asked)


async def test_a_change_is_asked_about_once_for_all_of_a_scope(
    acme: Company, server: Server, database: Database
) -> None:
    name = "Field lead"
    role = {
        "name": name, "level": 5, "record_scope": "territory",
        "permissions": ["visits:read", "work-orders:read", "sites:read"],
    }  # fmt: skip
    await (await acme.person("owner")).made("/api/v2/roles", role)
    leads = [await acme.person(name, f"lead {number}") for number in range(3)]
    job = await a_job(acme)
    async with living(database, bounds=QUIET) as quiet:
        one = await asked_for(quiet, job, leads[:1])
        many = await asked_for(quiet, job, leads * 4)
    assert many < one + A_PAGE
