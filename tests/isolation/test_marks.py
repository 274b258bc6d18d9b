"""Nothing that gathers or quotes shows a word of another organisation (check A13).

Every text of the victim carries its mark; lists, their counts and tables, search, saved views, bulk
actions and the sentences of refusals are looked through for it.
"""

import json
from typing import Any

import pytest

from tests.support.routes import READS, Route, routes
from tests.support.world import World

LISTS = [r for r in routes() if r.allow and r.method in READS and r.takes("include_total")]


def contains(world: World) -> str:
    return json.dumps({"field": "name", "op": "contains", "value": world.mark})


@pytest.mark.parametrize("route", LISTS, ids=lambda route: route.name)
async def test_no_list_and_no_table_shows_a_mark(route: Route, ours: World, victim: World) -> None:
    call = ours.call(route)
    call.query |= {"include_total": True, "limit": 200}
    listed = await call.send(ours.owner)
    assert listed.status_code == 200, listed.text
    assert victim.mark not in listed.text
    assert listed.json()["total"] == len(listed.json()["data"])

    table = ours.call(route)
    table.headers["Accept"] = "text/csv"
    written = await table.send(ours.owner)
    assert written.status_code == 200, written.text
    assert victim.mark not in written.text


async def test_search_completes_nothing_of_others(ours: World, victim: World) -> None:
    for q in (victim.mark, victim.mark.lower()[:6], f"{victim.mark[:-1]}x", "5550142", "name"):
        reply = await ours.owner.get("/api/v2/search", params={"q": q, "limit": 200})
        assert reply.status_code == 200
        assert victim.mark not in reply.text, q
    assert (await ours.owner.got("/api/v2/search", q=victim.mark))["data"] == []


async def test_counts_know_nothing_of_others(ours: World, victim: World) -> None:
    page = await ours.owner.got("/api/v2/customers", filter=contains(victim), include_total=True)
    assert page["total"] == 0
    body: dict[str, Any] = {"list": "customers", "action": "change", "params": {"source": "x"}}
    reply = await ours.owner.post(
        "/api/v2/bulk-preview", json={**body, "filter": json.loads(contains(victim))}
    )
    assert (reply.status_code, reply.json()["errors"][0]["code"]) == (422, "nothing")


async def test_refusals_quote_nothing_of_others(ours: World, victim: World) -> None:
    for path, params in (
        ("/api/v2/customers", {"view": victim.id("saved_view")}),
        ("/api/v2/customers", {"filter": json.dumps({"field": victim.id("customer")})}),
        (f"/api/v2/customers/{victim.id('customer')}", {}),
        (f"/api/v2/bulk/{victim.id('bulk')}/rows", {}),
    ):
        reply = await ours.owner.get(path, params=params)
        assert reply.status_code in (404, 422)
        assert victim.mark not in reply.text
