"""Nobody overwrites what they have not seen: `If-Match` on every route that takes it (check D5)."""

import asyncio
from itertools import filterfalse
from typing import Any

import pytest

from tests.support.deep import some, times
from tests.support.people import Person
from tests.support.routes import Route, routes
from tests.support.world import Call, World

VERSIONED = [route for route in routes() if route.takes("If-Match")]
REQUIRED = [route for route in VERSIONED if route.wants_version]
NAMED = ("work-orders", "visits", "quotes", "invoices", "customers", "sites", "organisation")
"""Records that many people change at once: `api.md`, and the settings everybody shares."""


def _is_named(route: Route) -> bool:
    return route.path.split("/")[3] in NAMED


CHANGES = [route for route in REQUIRED if route.method == "PATCH"]
TRIED = [*filter(_is_named, CHANGES), *some(filterfalse(_is_named, CHANGES))]


def named(route: Route) -> str:
    return route.name


@pytest.mark.parametrize("route", some(REQUIRED), ids=named)
async def test_without_a_version_it_is_refused(route: Route, ours: World) -> None:
    call = await ours.ready(route)
    del call.headers["If-Match"]
    reply = await call.send(ours.owner)
    assert (reply.status_code, reply.json()["code"]) == (428, "if_match_required")


@pytest.mark.parametrize("route", some(VERSIONED, start=1), ids=named)
async def test_a_version_that_is_none_is_refused(route: Route, ours: World) -> None:
    call = await ours.ready(route)
    call.headers["If-Match"] = "version one"
    reply = await call.send(ours.owner)
    assert (reply.status_code, reply.json()["code"]) == (400, "bad_if_match")


@pytest.mark.parametrize("route", VERSIONED, ids=named)
async def test_an_old_version_is_answered_with_the_current_row(route: Route, ours: World) -> None:
    call = await ours.ready(route)
    seen = int(call.headers["If-Match"].strip('"v'))
    call.headers["If-Match"] = f'"v{seen + 1}"'
    reply = await call.send(ours.owner)
    assert (reply.status_code, reply.json()["code"]) == (412, "stale"), reply.text
    assert reply.json()["current"]["version"] == seen
    assert (await ours.ready(route)).headers["If-Match"] == f'"v{seen}"'


@pytest.mark.parametrize("route", TRIED, ids=named)
async def test_of_many_writers_on_one_version_one_succeeds(route: Route, ours: World) -> None:
    calls = [await ours.ready(route) for _ in range(2)]
    assert calls[0].headers == calls[1].headers
    assert calls[0].body != calls[1].body, "Every writer writes something else."
    writers = times(25, deep=50) if _is_named(route) else times(10, deep=50)
    sent = [ours.call(route) for _ in range(writers)]
    for call in sent:
        call.headers = calls[0].headers
    replies = await asyncio.gather(*(_insist(call, ours.owner) for call in sent))

    statuses = sorted(reply.status_code for reply in replies)
    assert statuses == [200] + [412] * (writers - 1)
    [winner] = [reply for reply in replies if reply.status_code == 200]
    beaten = [reply.json()["current"]["version"] for reply in replies if reply is not winner]
    assert set(beaten) == {winner.json()["version"]}


async def _insist(call: Call, who: Person) -> Any:
    """Its answer; asked again while the server is busy with the others."""
    while (reply := await call.send(who)).status_code == 503:
        await asyncio.sleep(0.1)
    return reply
