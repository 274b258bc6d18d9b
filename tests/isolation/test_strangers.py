"""Every route, every method, every id slot, filled with another organisation's id (checks A1, A6).

With both walls, with row-level security alone (the session's criterion is taken out), and with the
session alone (row-level security is switched off): the answer is always the one that a random id
gets, holds nothing of the victim, and changes nothing of theirs.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeVar
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio

from tests.isolation.walls import without_row_level_security, without_the_criterion
from tests.support.catalog import tenant_tables
from tests.support.deep import some
from tests.support.fingerprints import fingerprint
from tests.support.routes import READS, routes
from tests.support.slots import Slot, slots
from tests.support.world import World, resource_of

SIGNED_IN = [route for route in routes() if route.operation and route.allow]
POINTING = [slot for route in SIGNED_IN for slot in slots(route) if not slot.chosen]
CHOSEN = [slot for route in SIGNED_IN for slot in slots(route) if slot.chosen]
READABLE = [route for route in SIGNED_IN if route.method in READS and "{" not in route.path]
NAMED: Any = {"ids": lambda one: getattr(one, "name", one), "indirect": ["walls"]}
NO_SUCH_NUMBER = 2**52
HELD_OTHERWISE = {
    "/api/v2/invitations/{id}",  # of the identity plane: the statement names the organisation
    "/api/v2/roles/{id}",  # as well
    "/api/v2/saved-views/{id}",  # shared with a role that one has not
    "/api/v2/exports/{id}",  # for whoever asked for it
}
"""Records that stay hidden when both walls are down, and what hides them."""


@asynccontextmanager
async def _nothing(_: asyncpg.Connection) -> AsyncIterator[None]:
    yield


WALLS = {
    "both walls": _nothing,
    "row-level security alone": without_the_criterion,
    "the session alone": without_row_level_security,
}


Case = TypeVar("Case")


def behind(cases: list[Case]) -> list[tuple[str, Case]]:
    """Every case behind both walls; behind each alone some of them, other ones, and deep all."""
    rls, session = list(WALLS)[1:]
    return [
        *(("both walls", case) for case in cases),
        *((rls, case) for case in some(cases, 5)),
        *((session, case) for case in some(cases, 5, start=2)),
    ]


@pytest_asyncio.fixture(scope="module", params=WALLS)
async def walls(
    request: pytest.FixtureRequest, admin: asyncpg.Connection, ours: World, victim: World
) -> AsyncIterator[str]:
    """Which walls stand."""
    async with WALLS[request.param](admin):
        yield request.param


async def test_the_worlds_hold_one_of_everything(
    admin: asyncpg.Connection, ours: World, victim: World
) -> None:
    for world in (ours, victim):
        rows = await fingerprint(admin, world.company.id)
        empty = {t for t in await tenant_tables(admin) if rows[f"public.{t}"].startswith("0 ")}
        assert empty == set(), "Let the world make one (tests/support/world.py)."


@pytest.mark.parametrize(("walls", "slot"), behind(POINTING), **NAMED)
async def test_a_strangers_id_is_no_id(
    walls: str, slot: Slot, ours: World, victim: World, admin: asyncpg.Connection
) -> None:
    before = await fingerprint(admin, victim.company.id)
    need = [slot.place] if slot.where == "body" else []
    call = await ours.ready(slot.route, need)
    theirs = victim.id(slot.resource)
    nobodys = NO_SUCH_NUMBER if slot.kind == "number" else str(uuid4())
    strangers = await slot.filled(call, theirs).send(ours.owner)
    random = await slot.filled(call, nobodys).send(ours.owner)

    assert same(strangers, theirs) == same(random, nobodys)
    assert theirs_in(strangers, theirs, victim) == []
    assert await fingerprint(admin, victim.company.id) == before
    assert refused_as_expected(slot, strangers), (strangers.status_code, strangers.text)


@pytest.mark.parametrize(("walls", "route"), behind(READABLE), **NAMED)
async def test_what_is_read_without_an_id_is_ours(
    walls: str, route: Any, ours: World, victim: World
) -> None:
    call = ours.call(route)
    call.query |= {"limit": 200} if route.takes("limit") else {}
    reply = await call.send(ours.owner)
    assert reply.status_code == 200, reply.text
    assert theirs_in(reply, "", victim) == []


@pytest.mark.parametrize(("walls", "slot"), behind(CHOSEN), **NAMED)
async def test_a_chosen_id_tells_nothing_of_strangers(
    walls: str, slot: Slot, ours: World, victim: World, admin: asyncpg.Connection
) -> None:
    """Each organisation chooses among all ids; that another has used one cannot be seen."""
    theirs = await victim.make(slot.route.id)
    victim.ids[resource_of(slot.route)].remove(theirs)  # in a moment it is an id of ours, too
    before = await fingerprint(admin, victim.company.id)
    taken = await slot.filled(await ours.creating(slot.route.id), theirs).send(ours.owner)
    free = await slot.filled(await ours.creating(slot.route.id), str(uuid4())).send(ours.owner)

    assert taken.status_code == free.status_code == 201, (taken.text, free.text)
    assert sorted(taken.json()) == sorted(free.json())
    assert theirs_in(taken, theirs, victim) == []
    assert await fingerprint(admin, victim.company.id) == before


async def test_without_any_wall_all_of_it_would_be_seen(
    admin: asyncpg.Connection, ours: World, victim: World
) -> None:
    """What the tests above would see if both walls fell: they are not blind."""
    reading = [slot for slot in POINTING if re.fullmatch(r"GET [^{]*{id} path /id", slot.name)]
    hidden = set()
    async with without_the_criterion(admin), without_row_level_security(admin):
        for slot in reading:
            theirs = victim.id(slot.resource)
            reply = await slot.filled(ours.call(slot.route), theirs).send(ours.owner)
            if reply.status_code == 404:
                hidden.add(slot.route.path)
    assert hidden == HELD_OTHERWISE


def refused_as_expected(slot: Slot, reply: Any) -> bool:
    """A refusal that names the slot and nothing else; a filter that finds nothing."""
    if slot.where == "query" and reply.status_code == 200:
        return bool(reply.json()["data"] == [])
    if slot.where == "path" or slot.kind == "text":
        return bool(reply.status_code == 404)
    named = [error["pointer"] for error in reply.json().get("errors", [])]
    return bool(reply.status_code in {404, 422} and named == [slot.pointer])


def same(reply: Any, asked: Any) -> Any:
    """Status, headers and body, without what differs between any two requests."""
    unlike = {"x-request-id", "date", "ratelimit"}
    unlike |= {"content-length"} if isinstance(asked, int) else set()
    headers = {name: value for name, value in reply.headers.items() if name not in unlike}
    text = reply.text.replace(reply.headers["x-request-id"], "‹request›")
    return reply.status_code, headers, text.replace(str(asked), "‹asked›")


def theirs_in(reply: Any, asked: Any, victim: World) -> list[str]:
    """What of the victim's stands in a reply, besides the id it was asked for."""
    text = reply.text.replace(str(asked), "")
    ids = [one for made in victim.ids.values() for one in made if isinstance(one, str)]
    return [one for one in (victim.mark, victim.company.slug, *ids) if one in text]
