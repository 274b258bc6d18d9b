"""One pooled connection, two organisations in turn, and everything that can go wrong (check A8).

Rollbacks, savepoints, errors, timeouts, callers who leave: what one organisation's transaction set
must be gone when the next one takes the connection, and no statement may see the other's rows.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import asyncpg
import httpx2
import pytest
from sqlalchemy import event, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Scope
from app.core.hot import connection
from app.models.customers import Customer
from app.process import State
from tests.support.database import Database
from tests.support.deep import times
from tests.support.server import serving
from tests.support.world import World

TURNS = times(250, deep=10_000)
ROWS = text(
    "select org_id from customers union select org_id from sites union select org_id from journal"
    " union select org_id from visits union select org_id from stored_replies"
)
"""Read past the session's own criterion: only row-level security stands before these."""


@dataclass(frozen=True)
class Side:
    """One of the two organisations, at the server with the one connection."""

    state: State
    world: World
    person: httpx2.AsyncClient
    customers: frozenset[str]
    """Ids of all that this organisation has."""

    def session(self) -> AsyncSession:
        return self.state.sessions.open(Scope(self.world.company.id))


async def _only_ours(side: Side, session: AsyncSession) -> None:
    assert set(await session.scalars(ROWS)) == {side.world.company.id}
    customers = await session.scalars(select(Customer).order_by(Customer.id).limit(5))
    assert {one.org_id for one in customers} == {side.world.company.id}


async def _customers(admin: asyncpg.Connection, world: World) -> frozenset[str]:
    rows = await admin.fetch("select id from customers where org_id = $1", world.company.id)
    return frozenset(str(row["id"]) for row in rows)


async def reads(side: Side) -> None:
    async with side.session() as session:
        await _only_ours(side, session)


async def rolls_back(side: Side) -> None:
    async with side.session() as session:
        session.add(Customer(name=f"{side.world.mark} never"))
        await session.flush()
        await session.rollback()
        await _only_ours(side, session)


async def saves_and_returns(side: Side) -> None:
    async with side.session() as session:
        with suppress(LookupError):
            async with session.begin_nested():
                session.add(Customer(name=f"{side.world.mark} for a moment"))
                await session.flush()
                raise LookupError
        await _only_ours(side, session)


async def begins_in_a_savepoint(side: Side) -> None:
    async with side.session() as session:
        savepoint = await session.begin_nested()
        await _only_ours(side, session)
        await savepoint.rollback()
        await _only_ours(side, session)


async def fails(side: Side) -> None:
    async with side.session() as session:
        await session.execute(select(Customer.id).limit(1))
        with pytest.raises(DBAPIError):
            await session.execute(text("select 1 / 0"))


async def takes_too_long(side: Side) -> None:
    async with side.session() as session:
        await session.execute(text("set local statement_timeout = '2ms'"))
        with pytest.raises(DBAPIError):
            await session.execute(text("select pg_sleep(5)"))


async def is_cancelled(side: Side) -> None:
    async with side.session() as session:
        await _only_ours(side, session)
        with suppress(TimeoutError):
            async with asyncio.timeout(0.002):
                await session.execute(text("select pg_sleep(5)"))


async def asks(side: Side) -> None:
    reply = await side.person.get("/api/v2/customers", params={"limit": 3})
    assert reply.status_code == 200, reply.text
    assert {one["id"] for one in reply.json()["data"]} <= side.customers


async def is_refused(side: Side) -> None:
    stranger = {"name": f"{side.world.mark} x", "parent_id": str(side.world.company.id)}
    reply = await side.person.post("/api/v2/customers", json=stranger)
    assert reply.status_code == 404


async def leaves(side: Side) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(0.003):
            await side.person.get("/api/v2/customers")


COMMON: tuple[Callable[[Side], Awaitable[None]], ...] = (
    reads, rolls_back, saves_and_returns, begins_in_a_savepoint, fails, asks, is_refused,
)  # fmt: skip
RARE: tuple[Callable[[Side], Awaitable[None]], ...] = (takes_too_long, is_cancelled, leaves)


async def test_nothing_of_one_organisation_is_left_for_the_other(
    database: Database, ours: World, victim: World, admin: asyncpg.Connection
) -> None:
    chosen = random.Random(8).choices(
        [*COMMON, *RARE], [6] * len(COMMON) + [1] * len(RARE), k=TURNS
    )
    seen: list[tuple[int, str]] = []
    left: set[str] = set()
    """What stands in the one connection for what is polled."""

    def look(lent: Any, *_: Any) -> None:
        cursor = lent.cursor()
        cursor.execute("select pg_backend_pid(), coalesce(current_setting('app.org_id', true), '')")
        seen.append(tuple(cursor.fetchone()))
        cursor.close()
        lent.rollback()

    async with serving(database, pool_size=1) as one:
        event.listen(one.state.engine.sync_engine, "checkout", look)
        sides = [
            Side(
                one.state,
                world,
                httpx2.AsyncClient(base_url=one.url, headers=dict(world.owner.headers), timeout=30),
                await _customers(admin, world),
            )
            for world in (ours, victim)
        ]
        bare = await one.state.hot.get()
        for turn, happens in enumerate(chosen):
            await happens(sides[turn % 2])
            async with connection(bare) as polled:
                left.add(
                    await polled.fetchval(
                        "select coalesce(current_setting('app.org_id', true), '')"
                    )
                )
        for side in sides:
            await side.person.aclose()

    assert {org for _, org in seen} == left == {""}
    happened = Counter(chosen)
    assert len(seen) > TURNS - happened[asks] - happened[leaves]
    # only who leaves in the middle of a statement takes the connection along
    assert len({pid for pid, _ in seen}) <= 1 + happened[is_cancelled] + happened[leaves]
