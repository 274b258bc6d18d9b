"""Every refusal of every route is a problem document that tells a person what to do (check D3)."""

import asyncio
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from tests.support.deep import some
from tests.support.fingerprints import everything
from tests.support.people import Person
from tests.support.problems import faults
from tests.support.routes import READS, Route, routes
from tests.support.world import Call, World

DOCUMENTED = [route for route in routes() if route.operation]
SIGNED_IN = [route for route in DOCUMENTED if route.allow]
PERMITTED = [route for route in SIGNED_IN if route.allow and route.allow.permission]
WITH_ID = [route for route in DOCUMENTED if "{" in route.path]
VERSIONED = [route for route in DOCUMENTED if route.takes("If-Match")]
WITH_BODY = [route for route in DOCUMENTED if route.body is not None or route.uploads]
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")
BY = {"ids": lambda route: route.name}


def _refusal(route: Route, reply: Any, *statuses: int) -> None:
    assert reply.status_code in statuses, reply.text
    assert reply.status_code in route.answers, "It is not documented."
    assert faults(reply) == []


@pytest.mark.parametrize("route", some(SIGNED_IN), **BY)
async def test_who_is_not_signed_in_is_told_so(route: Route, world: World) -> None:
    call = world.call(route)
    headers = call.headers
    for token in ("", "Bearer tr_at_unknown"):
        call.headers = {**headers, "Authorization": token}
        reply = await call.send(world.owner)
        _refusal(route, reply, 401)
        assert reply.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("token", ["Basic ZGFuYTpkYW5h", "Bearer", "tr_at_x", "bearer x"])
async def test_what_is_no_token_signs_nobody_in(token: str, world: World) -> None:
    reply = await world.owner.get("/api/v2/me", headers={"Authorization": token})
    assert (reply.status_code, faults(reply)) == (401, [])


@pytest.mark.parametrize("route", some(PERMITTED, start=1), **BY)
async def test_who_may_not_is_told_which_permission_is_missing(
    route: Route, world: World, admin: asyncpg.Connection
) -> None:
    nil = await _without_permissions(world, admin)
    before = await everything(admin)
    reply = await world.call(route).send(nil)
    _refusal(route, reply, 403)
    assert route.allow is not None
    assert reply.json()["permission"] == route.allow.permission
    assert await everything(admin) == before


async def _without_permissions(world: World, admin: asyncpg.Connection) -> Person:
    """Somebody whose role may nothing at all."""
    if "nil" not in world.company.people:
        await admin.execute(
            "insert into identity.roles (org_id, id, name, level, record_scope, permissions, system,"
            " created_at) values ($1, $2, 'nil', 0, 'own', '{}', false, now())",
            world.company.id, uuid4(),
        )  # fmt: skip
    return await world.company.person("nil")


@pytest.mark.parametrize("route", some(WITH_ID, start=2), **BY)
async def test_what_is_not_there_is_said_so(
    route: Route, world: World, admin: asyncpg.Connection
) -> None:
    before = await everything(admin)
    call = world.call(route)
    for place in call.path:
        absent = 2**52 if str(call.path[place]).isdigit() else str(uuid4())
        reply = await Call(route, {**call.path, place: absent}, {}, call.body, call.headers).send(
            world.owner
        )
        _refusal(route, reply, 404)
    assert await everything(admin) == before


@pytest.mark.parametrize("route", some(VERSIONED, start=1), **BY)
async def test_a_version_that_is_none_or_past_is_said_so(
    route: Route, world: World, admin: asyncpg.Connection
) -> None:
    before = await everything(admin)
    call = world.call(route)
    for tag, status in {"v1": 400, '"1"': 400, '"v0"': 400, "*": 400, '"v999"': 412}.items():
        call.headers = {"If-Match": tag}
        reply = await call.send(world.owner)
        _refusal(route, reply, status)
        assert status != 412 or reply.json()["current"]["version"] < 999
    assert await everything(admin) == before


@pytest.mark.parametrize("route", some(WITH_BODY, start=2), **BY)
async def test_a_body_of_another_type_is_refused(
    route: Route, world: World, admin: asyncpg.Connection
) -> None:
    before = await everything(admin)
    call = world.call(route)
    path = route.path.format(**call.path)
    kinds = ("text/plain", "application/xml", "application/x-www-form-urlencoded", "", "json")
    for kind in (
        *kinds,
        "application/json" if route.uploads else "multipart/form-data; boundary=b",
    ):
        headers = {**call.headers, **({"Content-Type": kind} if kind else {})}
        reply = await world.owner.request(route.method, path, content=b"{}", headers=headers)
        _refusal(route, reply, 415)
    assert await everything(admin) == before


@pytest.mark.parametrize("path", some(sorted({route.path for route in routes()})))
async def test_a_method_an_address_does_not_take_is_refused(
    path: str, world: World, admin: asyncpg.Connection
) -> None:
    here = [route for route in routes() if route.path == path]
    taken = {route.method for route in here}
    taken |= {"HEAD"} if taken & READS else set()
    before = await everything(admin)
    address = path.format(**world.call(here[0]).path)
    for method in set(METHODS) - taken:
        reply = await world.owner.request(method, address)
        assert reply.status_code == 405, (method, reply.text)
        assert faults(reply) == []
        assert set(reply.headers["allow"].split(", ")) == taken
    assert await everything(admin) == before


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/api/v2/nothing-here", 404), ("/api/v2/customers/", 404), ("/API/V2/customers", 404),
        ("/api/v2//customers", 404), ("/api/v2/../../etc/passwd", 404), ("/%2e%2e/etc", 404),
        ("/api/v2/customers?limit=%00", 400), ("/api/v2/%ff", 400), ("/%00", 400),
        ("/api/v2/customers/a%00b", 400), ("/api/v2/customers/%ed%a0%80", 400),
        ("/api/v2/customers?limit=%ff", 400), ("/api/v2/customers?%c0%80", 400),
        ("/api/v2/customers/-1", 422), ("/api/v2/customers/%F0%9F%9A%9A", 422),
        ("/api/v2/customers/..%2f..%2fetc", 404), ("/api/v2/customers/" + "x" * 5000, 422),
        ("/api/v2/customers?limit=201", 422), ("/api/v2/customers?unknown=1", 422),
        ("/api/v2/customers?cursor=AAAA", 400), ("/api/v2/customers?sort=-password", 422),
        ("/" + "x" * 5000, 404), ("/docs", 404), ("/openapi.json", 404), ("/metrics", 404),
    ],
)  # fmt: skip
async def test_an_address_that_leads_nowhere_is_refused(
    address: str, status: int, world: World
) -> None:
    reply = await world.owner.get(address)
    assert reply.status_code == status
    assert faults(reply) == []


@pytest.mark.parametrize("given", ["mine-1", "a" * 100, "trace:1/2_3.4", "0" * 32])
async def test_a_request_id_is_kept_and_given_back(given: str, world: World) -> None:
    for path in ("/health/live", "/api/v2/me", "/api/v2/nothing-here"):
        reply = await world.owner.get(path, headers={"X-Request-ID": given})
        assert reply.headers["x-request-id"] == given
    assert reply.json()["request_id"] == given


@pytest.mark.parametrize(
    "given", ["", "a b", "a" * 101, "<script>", "ä", "a\tb", "a;b", "%0d%0a", '"', "a,b"]
)
async def test_a_request_id_that_could_do_harm_is_replaced(given: str, world: World) -> None:
    sent = {"X-Request-ID": given.encode("latin-1")}
    replies = await asyncio.gather(
        *(world.owner.get("/api/v2/nothing-here", headers=sent) for _ in range(2))
    )
    ids = {reply.headers["x-request-id"] for reply in replies}
    assert given not in ids
    assert len(ids) == 2
    assert {len(one) for one in ids} == {36}
    assert {reply.json()["request_id"] for reply in replies} == ids


async def test_a_request_id_stands_in_the_journal(world: World) -> None:
    made = await world.owner.post(
        "/api/v2/customers", json={"name": "Traced"}, headers={"X-Request-ID": "from-outside-7"}
    )
    path = f"/api/v2/customers/{made.json()['id']}/timeline"
    story = await world.owner.got(path)
    assert story["data"][0]["request_id"] == "from-outside-7"


async def test_headers_keep_browsers_careful(world: World) -> None:
    for path in ("/api/v2/me", "/api/v2/nothing-here", "/health", "/"):
        headers = (await world.owner.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-opener-policy"] == "same-origin"
    assert (await world.owner.get("/api/v2/me")).headers["cache-control"] == "no-store"
