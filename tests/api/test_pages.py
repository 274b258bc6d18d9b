"""Pages follow each other however the table moves, and a cursor is good for one list (check D6)."""

import asyncio
import csv
import inspect
import io
import json
import random
from typing import Any, get_args

import asyncpg
import pytest

from tests.support.deep import times
from tests.support.routes import Route, endpoint_of, routes
from tests.support.world import World

ROWS, WRITERS = times(600, deep=10_000), times(10, deep=50)
CUSTOMERS = "/api/v2/customers"
LISTS = [route for route in routes() if route.allow and route.takes("cursor")]
every_list = pytest.mark.parametrize("route", LISTS, ids=lambda route: route.name)


def sorts(route: Route) -> list[str]:
    """What a list can be sorted by, downwards and upwards."""
    for parameter in inspect.signature(endpoint_of(route)).parameters.values():
        for one in (parameter.annotation, *get_args(parameter.annotation)):
            if inspect.isclass(one) and (names := getattr(one, "SORTS", ())):
                return [f"{sign}{name}" for name in names for sign in ("", "-")]
    raise AssertionError(f"{route.name} takes a cursor and says nothing of SORTS.")


async def pages(ours: World, path: str, **query: Any) -> list[list[dict[str, Any]]]:
    """Every page of a list from its first to its last."""
    found, cursor = [], None
    while True:
        page = await ours.owner.got(path, **query, **({"cursor": cursor} if cursor else {}))
        found.append([still(row) for row in page["data"]])
        cursor = page["next_cursor"]
        if cursor is None:
            return found


def still(row: dict[str, Any]) -> dict[str, Any]:
    """A row without what goes on with the clock."""
    return {
        name: still(value) if isinstance(value, dict) else value
        for name, value in row.items()
        if name != "age_seconds"
    }


@every_list
async def test_short_pages_hold_each_row_once_in_every_order(route: Route, ours: World) -> None:
    call = ours.call(route)
    everything = set()
    for sort in sorts(route):
        whole = await pages(
            ours, route.path.format(**call.path), **call.query, sort=sort, limit=200
        )
        short = await pages(ours, route.path.format(**call.path), **call.query, sort=sort, limit=7)
        assert [row for page in short for row in page] == [row for page in whole for row in page]
        assert all(len(page) <= 7 for page in short)
        everything.add(frozenset(str(row) for page in whole for row in page))
    assert len(everything) == 1, "in each order the same rows"


@every_list
async def test_a_page_has_its_limits(route: Route, ours: World) -> None:
    for limit in (0, -1, 201, 10**9, "many"):
        call = ours.call(route)
        call.query["limit"] = limit
        reply = await call.send(ours.owner)
        assert reply.status_code == 422, limit
        assert [error["pointer"] for error in reply.json()["errors"]] == ["?limit"]


async def test_each_row_alive_throughout_is_read_once(
    ours: World, admin: asyncpg.Connection
) -> None:
    alive = await _many_customers(ours, admin)
    reading = asyncio.Event()
    writers = [asyncio.create_task(_write(ours, n, reading)) for n in range(WRITERS)]
    seen = {}
    try:
        for sort in ("created_at", "-created_at", "name", "-name"):
            read = await pages(ours, CUSTOMERS, sort=sort, limit=100)
            seen[sort] = sorted(row["id"] for page in read for row in page if row["id"] in alive)
    finally:
        reading.set()
        written = sum(await asyncio.gather(*writers))
    assert [sort for sort, ids in seen.items() if ids != sorted(alive)] == []
    assert written > WRITERS


async def test_a_table_holds_each_row_alive_throughout_once(
    ours: World, admin: asyncpg.Connection
) -> None:
    alive = await _many_customers(ours, admin)
    begins = {"field": "name", "op": "starts_with"}
    some = {"filter": json.dumps({"or": [{**begins, "value": f"Page {n}"} for n in range(1, 5)]})}
    there = {row["id"] for page in await pages(ours, CUSTOMERS, **some, limit=200) for row in page}
    reading = asyncio.Event()
    writers = [asyncio.create_task(_write(ours, n, reading)) for n in range(WRITERS)]
    try:
        reply = await ours.owner.get(
            CUSTOMERS, params={**some, "sort": "-name"}, headers={"Accept": "text/csv"}
        )
    finally:
        reading.set()
        written = sum(await asyncio.gather(*writers))
    assert written >= WRITERS
    table = csv.DictReader(io.StringIO(reply.content.decode("utf-8-sig"), newline=""))
    stayed = there & alive
    assert sorted(row["id"] for row in table if row["id"] in stayed) == sorted(stayed)
    assert len(stayed) > 200, "more than a page"


async def _many_customers(ours: World, admin: asyncpg.Connection) -> set[str]:
    """Rows that stay, half of them made in the same instant, so that only the id tells them apart."""
    made: set[str] = set()
    for now in ("2026-01-01T00:00:00Z", ""):
        async with admin.transaction():
            await admin.execute(
                "select set_config('app.org_id', $1, true), set_config('app.source', 'test', true),"
                " set_config('app.request_id', 'pages', true), set_config('app.now', $2, true)",
                str(ours.company.id), now,
            )  # fmt: skip
            rows = await admin.fetch(
                "insert into customers (org_id, id, kind, stage, name, sort_name, tax_exempt, source)"
                " select $1, gen_random_uuid(), 'person', 'active', 'Page ' || n % 100,"
                " 'page ' || n % 100, false, 'paged' from generate_series(1, $2::int) n"
                " returning id",
                ours.company.id, ROWS // 2,
            )  # fmt: skip
        made |= {str(row["id"]) for row in rows}
    return made


async def _write(ours: World, writer: int, reading: asyncio.Event) -> int:
    """Add, move, touch and delete customers of one's own until nobody reads any more."""
    chance, done = random.Random(writer), 0
    while not reading.is_set():
        name = f"Page {chance.randrange(100)}"
        made = await ours.owner.made(CUSTOMERS, {"name": name, "source": "paged"})
        path = f"{CUSTOMERS}/{made['id']}"
        await ours.owner.patched(path, 1, {"name": f"Page {chance.randrange(100)}"})
        assert (await ours.owner.delete(path)).status_code == 204
        done += 1
    return done


async def test_a_cursor_that_was_touched_is_refused(ours: World) -> None:
    page = await ours.owner.got(CUSTOMERS, limit=1)
    cursor = page["next_cursor"]
    chance = random.Random(1)
    touched = {_touched(cursor, chance) for _ in range(200)}
    for wrong in (*touched, "x", cursor[:-1], cursor[1:], cursor * 2, "'; drop table customers"):
        reply = await ours.owner.get(CUSTOMERS, params={"cursor": wrong})
        assert (reply.status_code, reply.json()["code"]) == (400, "bad_cursor"), wrong


def _touched(cursor: str, chance: random.Random) -> str:
    place = chance.randrange(len(cursor) - 1)  # the last character may hold unused bits
    other = chance.choice([one for one in "ABCxyz019-_" if one != cursor[place]])
    return cursor[:place] + other + cursor[place + 1 :]


async def test_a_cursor_is_good_for_its_list_its_filter_and_its_organisation(
    ours: World, victim: World
) -> None:
    cursor = (await ours.owner.got(CUSTOMERS, limit=1))["next_cursor"]
    assert (await ours.owner.got(CUSTOMERS, cursor=cursor))["data"]
    for person, path, more in (
        (victim.owner, CUSTOMERS, {}),
        (ours.owner, "/api/v2/sites", {}),
        (ours.owner, CUSTOMERS, {"kind": "person"}),
        (ours.owner, CUSTOMERS, {"sort": "name"}),
        (ours.owner, CUSTOMERS, {"deleted": "true"}),
    ):
        reply = await person.get(path, params={"cursor": cursor, **more})
        assert (reply.status_code, reply.json()["code"]) == (400, "bad_cursor"), (path, more)
