"""Too many at once, and people who leave while they wait: nothing leaks, and it passes."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import asyncpg
import httpx2
import pytest_asyncio

from app.core.db import Sessions, make_engine
from app.main import create_app
from tests.support.database import Database
from tests.support.people import Company, Person, found_company
from tests.support.problems import faults
from tests.support.server import Server, serving
from tests.support.waiting import until, waiting_for_locks

POOL = 5


@pytest_asyncio.fixture(scope="module")
async def server(database: Database) -> AsyncIterator[Server]:
    """A server with a small pool."""
    async with serving(database, pool_size=POOL) as running:
        yield running


@pytest_asyncio.fixture(scope="module")
async def acme(server: Server) -> AsyncIterator[Company]:
    company = await found_company(server, "acme")
    yield company
    await company.close()


@pytest_asyncio.fixture
async def holder(server: Server) -> AsyncIterator[asyncpg.Connection]:
    """A connection that holds what the server wants."""
    connection = await asyncpg.connect(server.database.admin)
    yield connection
    await connection.close()


async def _customer(dana: Person) -> str:
    return str((await dana.made("/api/v2/customers", {"name": "Wanted"}))["id"])


async def _ask_and_leave(server: Server, request: bytes, gone: asyncio.Event) -> None:
    host, port = server.url.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    writer.write(request)
    await writer.drain()
    await gone.wait()
    writer.transport.abort()


async def _backends(connection: asyncpg.Connection, state: str) -> int:
    number = await connection.fetchval(
        "select count(*) from pg_stat_activity where datname = current_database()"
        " and application_name = 'truckroll' and state = $1", state,
    )  # fmt: skip
    return int(number)


def _lent(server: Server) -> int:
    pool: Any = server.state.engine.pool
    return int(pool.checkedout())


async def test_three_hundred_leave_in_the_middle_and_nothing_leaks(
    server: Server, acme: Company, holder: asyncpg.Connection
) -> None:
    dana = await acme.person("dispatcher")
    customer = await _customer(dana)
    request = (
        f"DELETE /api/v2/customers/{customer} HTTP/1.1\r\nHost: us\r\n"
        f"Authorization: {dana.headers['authorization']}\r\n\r\n"
    ).encode()
    gone = asyncio.Event()
    async with holder.transaction():
        await holder.execute("select from customers where id = $1 for update", customer)
        leaving = asyncio.gather(*(_ask_and_leave(server, request, gone) for _ in range(300)))
        await until(lambda: waiting_for_locks(holder, POOL))
        gone.set()
        await leaving
    await until(lambda: _all_returned(server))
    assert await _backends(holder, "idle in transaction") == 0
    assert await _backends(holder, "active") == 0
    assert await _backends(holder, "idle") <= POOL
    replies = await asyncio.gather(*(dana.get("/api/v2/me") for _ in range(4 * POOL)))
    assert {reply.status_code for reply in replies} == {200}
    assert (await dana.get(f"/api/v2/customers/{customer}")).status_code == 404, "one was the first"


async def _all_returned(server: Server) -> bool:
    return _lent(server) == 0


async def test_a_full_pool_is_said_so_in_two_seconds_and_empties_again(
    server: Server, acme: Company, holder: asyncpg.Connection
) -> None:
    dana = await acme.person("dispatcher")
    customer = await _customer(dana)
    async with holder.transaction():
        await holder.execute("select from customers where id = $1 for update", customer)
        stuck = [
            asyncio.ensure_future(
                dana.patch(
                    f"/api/v2/customers/{customer}",
                    json={"notes": f"n{n}"},
                    headers={"If-Match": '"v1"'},
                )
            )
            for n in range(POOL)
        ]
        await until(lambda: waiting_for_locks(holder, POOL))
        assert _lent(server) == POOL

        begun = time.monotonic()
        refused, live, ready = await asyncio.gather(
            dana.get("/api/v2/me"), dana.get("/health/live"), dana.get("/health")
        )
        took = time.monotonic() - begun
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        assert (refused.json()["code"], faults(refused)) == ("unavailable", [])
        assert 1.5 < took < 3
        assert (live.status_code, ready.status_code) == (200, 200), "they use no pool"
    replies = await asyncio.gather(*stuck)
    assert sorted(reply.status_code for reply in replies) == [200] + [412] * (POOL - 1)
    assert (await dana.get("/api/v2/me")).status_code == 200


async def test_what_is_polled_waits_no_longer_for_a_connection(
    server: Server, acme: Company
) -> None:
    dana = await acme.person("dispatcher")
    pool = await server.state.hot.get()
    held = [await pool.acquire() for _ in range(POOL)]
    paths = ("customers", "search?q=ann", f"visits/{uuid4()}")
    replies = await asyncio.gather(*(dana.get(f"/api/v2/{path}") for path in paths))
    assert [(one.status_code, one.headers["retry-after"]) for one in replies] == [(503, "1")] * 3
    assert [faults(one) for one in replies] == [[]] * 3
    for one in held:
        await pool.release(one)
    assert (await dana.get("/api/v2/customers")).status_code == 200


async def test_a_lock_that_is_not_given_is_said_so(
    server: Server, acme: Company, holder: asyncpg.Connection
) -> None:
    dana = await acme.person("dispatcher")
    customer = await _customer(dana)
    async with holder.transaction():
        await holder.execute("select from customers where id = $1 for update", customer)
        reply = await dana.delete(f"/api/v2/customers/{customer}")
    assert (reply.status_code, reply.headers["retry-after"]) == (503, "1")
    assert _lent(server) == 0
    assert (await dana.delete(f"/api/v2/customers/{customer}")).status_code == 204


async def test_connections_that_died_are_said_so_and_replaced(
    server: Server, acme: Company, holder: asyncpg.Connection
) -> None:
    dana = await acme.person("dispatcher")
    await asyncio.gather(*(dana.get("/api/v2/customers") for _ in range(POOL)))
    await holder.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where datname = current_database() and application_name = 'truckroll'"
    )
    replies = await asyncio.gather(*(dana.get("/api/v2/customers") for _ in range(POOL)))
    assert {reply.status_code for reply in replies} <= {200, 503}
    assert {r.headers["retry-after"] for r in replies if r.status_code == 503} <= {"2"}
    assert (await dana.get("/api/v2/customers")).status_code == 200


async def test_a_database_that_is_away_is_said_so(server: Server) -> None:
    engine = make_engine(server.database.app.replace(f":{server.database.cluster.port}/", ":1/"))
    app = create_app(replace(server.state, engine=engine, sessions=Sessions(engine)))
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app), base_url="http://us"
    ) as client:
        reply = await client.get("/api/v2/me", headers={"Authorization": "Bearer tr_at_any"})
        ready, live = await client.get("/health"), await client.get("/health/live")
    assert (reply.status_code, reply.headers["retry-after"]) == (503, "2")
    assert faults(reply) == faults(ready) == []
    assert (ready.status_code, live.status_code) == (503, 200)


async def test_a_crowd_at_the_health_check_is_one_connection(
    server: Server, acme: Company, holder: asyncpg.Connection
) -> None:
    dana = await acme.person("dispatcher")
    sessions = "select sessions from pg_stat_database where datname = current_database()"
    before = await holder.fetchval(sessions)
    replies = await asyncio.gather(*(dana.get("/health/ready") for _ in range(60)))
    assert {reply.status_code for reply in replies} == {200}
    await holder.execute("select pg_stat_force_next_flush()")
    assert await holder.fetchval(sessions) - before < 30
