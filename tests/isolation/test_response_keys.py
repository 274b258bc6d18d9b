"""What answers hold: for each role the keys that the checked-in table allows, and no other (check A10).

Everything is asked for by roles that see everything and not all of it: get, list, table, history,
timeline and search of a world that holds one of everything, a gate code and a pay rate among it.
"""

import csv
import io
from typing import Any

import pytest

from tests.support.policy import table
from tests.support.response_keys import (
    REF,
    SENSITIVE,
    TABLE,
    Schema,
    allowed,
    answer_of,
    refused,
    shape,
    shapes_in,
    written,
)
from tests.support.routes import Route, routes
from tests.support.world import World

READS = [route for route in routes() if route.method == "GET" and answer_of(route)]


def test_the_table_has_a_row_for_each_key() -> None:
    assert TABLE.read_text() == written(), "Look at what changed, then write it anew: make policy"


def test_a_key_that_the_table_does_not_have_is_seen() -> None:
    site = {"$ref": "#/components/schemas/SiteOut"}
    page = {"type": "object", "properties": {}}
    assert refused({"id": 1, "gate_code": "4711"}, site, "viewer") == {("SiteOut", "gate_code")}
    assert refused({"id": 1, "margin": 12}, site, "owner") == {("SiteOut", "margin")}
    assert refused({"id": 1, "gate_code": "4711"}, site, "dispatcher") == set()
    assert refused({"changes": {"pay_rate": [1, 2]}}, page, "manager") == {("", "pay_rate")}


@pytest.mark.parametrize("role", ["technician", "viewer"])
async def test_answers_hold_what_the_role_may_see(role: str, ours: World) -> None:
    who = await ours.company.person(role, f"keys {role}")
    allowed = [route for route in READS if _may(route, role)]
    found: dict[str, Any] = {}
    answered = 0
    for route in allowed:
        reply = await ours.call(route).send(who)
        assert reply.status_code in (200, 404, 403), (route.id, reply.text)
        if reply.status_code == 200:
            answered += 1
            found[route.id] = refused(reply.json(), answer_of(route), role)
    assert {name: keys for name, keys in found.items() if keys} == {}
    assert answered > len(allowed) // 2


async def test_tables_and_stories_hold_what_the_role_may_see(ours: World) -> None:
    viewer = await ours.company.person("viewer", "keys viewer")
    seen = {}
    for route in READS:
        if _may(route, "viewer") and route.takes("cursor") and _hides(route):
            call = ours.call(route)
            call.headers["Accept"] = "text/csv"
            reply = await call.send(viewer)
            assert reply.status_code == 200, (route.id, reply.text)
            (headings, *_) = csv.reader(io.StringIO(reply.content.decode("utf-8-sig")))
            tops = {heading.partition(".")[0] for heading in headings}
            seen[route.id] = tops & (SENSITIVE.keys() | _withheld(route, "viewer"))
    assert seen.keys() >= {"list_sites", "list_job_types", "list_invoices"}
    assert set().union(*seen.values()) == set()


def _may(route: Route, role: str) -> bool:
    return table().get(route.id, {}).get(role) == "yes"


def _hides(route: Route) -> bool:
    named = shapes_in(answer_of(route))
    known = any(SENSITIVE.keys() & shape(one).get("properties", {}).keys() for one in named)
    return known or bool(_withheld(route, "viewer"))


def _withheld(route: Route, role: str) -> set[str]:
    """The keys of a row of this list that the role is not given."""
    items = _page(answer_of(route)).get("properties", {}).get("data", {}).get("items", {})
    name = items.get("$ref", "").removeprefix(REF)
    keys = shape(name).get("properties", {}) if name else {}
    return {key for key in keys if (name, key, role) not in allowed()}


def _page(schema: Schema) -> Schema:
    return shape(schema["$ref"].removeprefix(REF)) if "$ref" in schema else schema
