"""A field that a route does not know is refused, by name, wherever it is put (check A9).

Whoever guesses columns (`org_id`, `role`, `total`) learns only that they are not known, and nothing
is written, not even the part of the request that was right.
"""

from typing import Any

import asyncpg
import pytest

from tests.support.deep import some
from tests.support.fingerprints import fingerprint
from tests.support.routes import Route, plain, routes
from tests.support.world import World

EXTRA = {
    "org_id": "00000000-0000-7000-8000-000000000000",
    "organisation_id": "00000000-0000-7000-8000-000000000000",
    "tenant_id": 1,
    "user_id": "00000000-0000-7000-8000-000000000000",
    "actor_id": "00000000-0000-7000-8000-000000000000",
    "created_by": "somebody",
    "version": 99,
    "created_at": "2001-01-01T00:00:00Z",
    "updated_at": "2001-01-01T00:00:00Z",
    "deleted_at": None,
    "completed_at": "2001-01-01T00:00:00Z",
    "paid_at": "2001-01-01T00:00:00Z",
    "issued_on": "2001-01-01",
    "issued_at": "2001-01-01T00:00:00Z",
    "is_admin": True,
    "is_owner": True,
    "level": 100,
    "permissions": ["organisation:write"],
    "record_scope": "all",
    "perm_version": 1,
    "password_hash": "x",
    "sort_name": "x",
    "subtotal": 1,
    "tax": 0,
    "total": 1,
    "balance": 0,
    "paid": True,
    "cost": 1,
    "seq": 1,
    "allowed_transitions": ["cancel"],
    "status_reason": "x",
    "__proto__": {"role": "owner"},
    "$ref": "x",
}

WITH_BODY = [route for route in routes() if route.operation and route.body is not None]
LISTS = [route for route in routes() if route.allow and route.takes("cursor")]


@pytest.mark.parametrize("route", some(WITH_BODY), ids=lambda route: route.name)
async def test_unknown_fields_are_refused_by_name(
    route: Route, ours: World, admin: asyncpg.Connection
) -> None:
    call = await ours.ready(route)
    assert route.body is not None
    expected = set(_add_to(call.body, route.body, ""))
    assert len(expected) >= 30
    before = await fingerprint(admin, ours.company.id)
    reply = await call.send(ours.owner)
    assert reply.status_code == 422, reply.text
    assert {error["pointer"] for error in reply.json()["errors"]} == expected
    assert await fingerprint(admin, ours.company.id) == before


def _add_to(body: Any, schema: dict[str, Any], place: str) -> list[str]:
    """Put every field that is not known there into each object of the body; where they are now."""
    found, known = [], plain(schema).get("properties", {})
    if isinstance(plain(schema).get("additionalProperties"), dict):
        return []  # whose names are somebody's own, such as the columns of a file
    if isinstance(body, dict):
        for name, inner in list(body.items()):
            found += _add_to(inner, known[name], f"{place}/{name}")
        for name in EXTRA.keys() - known.keys():
            body[name] = EXTRA[name]
            found.append(f"{place}/{name}")
    if isinstance(body, list):
        for n, inner in enumerate(body):
            found += _add_to(inner, plain(schema)["items"], f"{place}/{n}")
    return found


@pytest.mark.parametrize("route", some(LISTS), ids=lambda route: route.name)
async def test_unknown_parameters_are_refused_by_name(route: Route, ours: World) -> None:
    call = ours.call(route)
    call.query["org_id"] = str(ours.company.id)
    reply = await call.send(ours.owner)
    assert reply.status_code == 422, reply.text
    assert [error["pointer"] for error in reply.json()["errors"]] == ["?org_id"]


@pytest.mark.parametrize("route", some(LISTS), ids=lambda route: route.name)
async def test_a_parameter_that_is_there_twice_is_refused(route: Route, ours: World) -> None:
    call = ours.call(route)
    call.query["sort"] = ["created_at", "-created_at"]
    reply = await call.send(ours.owner)
    assert reply.status_code == 422, reply.text
    assert [error["pointer"] for error in reply.json()["errors"]] == ["?sort"]
