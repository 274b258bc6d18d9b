"""Two web processes' worth of server and a worker on one database: nothing is kept in any of them
that another needs (docs/operations/scale-out.md)."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import httpx2
import pytest_asyncio

from tests.support.database import Database
from tests.support.jobs import MISBEHAVING, asked, ended, working
from tests.support.people import Company, Person, found_company
from tests.support.server import Server, a_state, serving


@pytest_asyncio.fixture(scope="module")
async def other(database: Database) -> AsyncIterator[Server]:
    """Another web process: its own pool, memory and limits."""
    async with serving(database, pool_size=3) as running:
        yield running


@pytest_asyncio.fixture
async def company(server: Server) -> Company:
    return await found_company(server, "scale")


def at(server: Server, person: Person) -> httpx2.AsyncClient:
    """The same person, at another process."""
    return httpx2.AsyncClient(
        base_url=server.url, headers={"Authorization": person.headers["Authorization"]}
    )


async def test_any_process_answers_and_none_keeps_anything(
    server: Server, other: Server, company: Company, database: Database
) -> None:
    here = await company.person("owner")
    there = at(other, here)

    # one key sent to both at once has one effect
    key = {"Idempotency-Key": "one booking, two doors"}
    body = {"name": "Once"}
    replies = await asyncio.gather(
        *(one.post("/api/v2/customers", json=body, headers=key) for one in (here, there) * 4)
    )
    made = {reply.json()["id"] for reply in replies if reply.status_code == 201}
    assert len(made) == 1
    assert {reply.status_code for reply in replies} <= {201, 409}
    for number in range(3):
        await here.made("/api/v2/customers", {"name": f"Customer {number}"})

    # what is written here is read there, a page goes on there, and an old version is refused there
    page = await here.got("/api/v2/customers", limit=2)
    rest = await there.get("/api/v2/customers", params={"limit": 2, "cursor": page["next_cursor"]})
    assert len({one["id"] for one in [*page["data"], *rest.json()["data"]]}) == 4
    path = f"/api/v2/customers/{made.pop()}"
    await here.patched(path, 1, {"notes": "Rings twice"})
    stale = await there.patch(path, json={"notes": "x"}, headers={"If-Match": '"v1"'})
    assert (stale.status_code, stale.json()["current"]["notes"]) == (412, "Rings twice")

    # a file sent here is read there; a job asked for here is done by whoever works
    files = {"file": ("gate.txt", b"The gate sticks; lift it.", "text/plain")}
    file = (await here.post("/api/v2/files", files=files)).json()
    content = await there.get(f"/api/v2/files/{file['id']}/content")
    assert content.content == b"The gate sticks; lift it."
    worker = a_state(database, pool_size=2)
    async with working(database, worker.sessions, MISBEHAVING):
        job = await asked(company, "test.greet")
        await ended(company, job, "done")
    await worker.engine.dispose()

    # no process takes more connections than its pool has
    admin = await asyncpg.connect(database.admin)
    busy = asyncio.gather(*(there.get("/api/v2/customers") for _ in range(40)))
    assert {reply.status_code for reply in await busy} <= {200, 503}  # 503: none was free in 2 s
    taken = await admin.fetchval(
        "select count(*) from pg_stat_activity where datname = current_database()"
        " and usename = 'truckroll_app'"
    )
    assert taken <= 10 + 3
    await admin.close()

    # a session ends everywhere at once
    assert (await there.post("/api/v2/auth/logout")).status_code == 204
    assert (await here.get("/api/v2/customers")).status_code == 401
    await there.aclose()
