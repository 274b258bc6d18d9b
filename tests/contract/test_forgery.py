"""Another site cannot write with somebody's cookies, and no read writes (check B2)."""

import json
from typing import Any

import asyncpg
import pytest

from app.api import edge
from tests.support.browsers import Browser
from tests.support.deep import some
from tests.support.fingerprints import everything
from tests.support.problems import faults
from tests.support.routes import READS, Route, routes
from tests.support.world import Call, World, creations

UNSAFE = [route for route in routes() if route.method not in READS]
SAFE = [route for route in routes() if route.method in READS]
WITHOUT_SESSION = {
    "accept_invitation", "confirm_email", "confirm_mfa", "confirm_sign_up", "enroll_mfa",
    "forget_password", "reset_password", "sign_in", "sign_up", "verify_mfa",
}  # fmt: skip
"""Routes that cookies do not sign in: there is no session whose token could be asked for."""

JSON = {"Content-Type": "application/json"}
FORGERIES: dict[str, tuple[dict[str, str], int]] = {
    "foreign origin": ({"Origin": "https://evil.example", **JSON}, 403),
    "null origin": ({"Origin": "null", **JSON}, 403),
    "cross-site": ({"Sec-Fetch-Site": "cross-site", **JSON}, 403),
    "no token": ({"X-CSRF-Token": "", **JSON}, 403),
    "another's token": ({"X-CSRF-Token": "tr_cs_another", **JSON}, 403),
    "a form's text": ({"Content-Type": "text/plain"}, 415),
    "a form": ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
    "no type": ({}, 415),
    "method override": ({"X-HTTP-Method-Override": "DELETE", **JSON}, 400),
}
"""What another site's page might send, and the answer."""


async def _send(page: Browser, call: Call, headers: dict[str, str], **options: Any) -> Any:
    body = json.dumps(call.body if call.body is not None else {}).encode()
    return await page.write(
        call.route.method,
        call.route.path.format(**call.path),
        content=body,
        headers={**call.headers, **headers},
        **options,
    )


async def _send_whole(page: Browser, call: Call, headers: dict[str, str]) -> Any:
    """As a form on another site would: with its file, if it takes one."""
    if not call.files:
        return await _send(page, call, headers)
    of_form = {name: value for name, value in headers.items() if name != "Content-Type"}
    return await page.write(
        call.route.method,
        call.route.path.format(**call.path),
        data=call.form,
        files=call.files,
        headers={**call.headers, **of_form},
    )


@pytest.mark.parametrize("name", ["no token", "another's token", "foreign origin", "cross-site"])
async def test_a_forged_form_is_refused_and_changes_nothing(
    name: str, world: World, page: Browser, admin: asyncpg.Connection
) -> None:
    before = await everything(admin)
    call = await world.creating("create_file")
    reply = await _send_whole(page, call, FORGERIES[name][0])
    assert (reply.status_code, faults(reply)) == (403, [])
    assert await everything(admin) == before


def _expected(route: Route) -> dict[str, int]:
    expected = {name: status for name, (_, status) in FORGERIES.items()}
    if route.id in WITHOUT_SESSION:
        del expected["no token"], expected["another's token"]
    return expected


@pytest.mark.parametrize("route", some(UNSAFE), ids=lambda route: route.name)
async def test_a_forged_write_is_refused_and_changes_nothing(
    route: Route, world: World, page: Browser, admin: asyncpg.Connection
) -> None:
    before = await everything(admin)
    call = world.call(route)
    expected = _expected(route)
    replies = {name: await _send(page, call, FORGERIES[name][0]) for name in expected}
    assert {name: reply.status_code for name, reply in replies.items()} == expected
    assert [fault for reply in replies.values() for fault in faults(reply)] == []
    assert await everything(admin) == before
    assert await page.signed_in()


@pytest.mark.parametrize("operation", some(creations(), 3, start=1))
async def test_without_the_check_they_would_write(
    operation: str, world: World, page: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge, "refuse_forgery", lambda *_: None)
    call = await world.creating(operation)
    reply = await _send_whole(page, call, FORGERIES["foreign origin"][0])
    assert reply.status_code == 201, reply.text


@pytest.mark.parametrize("route", some(SAFE), ids=lambda route: route.name)
async def test_a_read_changes_nothing(
    route: Route, world: World, page: Browser, admin: asyncpg.Connection
) -> None:
    before = await everything(admin)
    call = world.call(route)
    path = call.route.path.format(**call.path)
    got, headed = await page.get(path), await page.head(path)
    assert got.status_code < 500
    assert (headed.status_code, headed.content) == (got.status_code, b"")
    assert headed.headers["content-type"] == got.headers["content-type"]
    for sneaky in ("POST", "DELETE"):
        over = await page.get(path, headers={"X-HTTP-Method-Override": sneaky})
        assert (over.status_code, over.json()["code"]) == (400, "method_override")
        asked = await page.get(path, params={"_method": sneaky})
        assert asked.status_code in {got.status_code, 422}
    assert await everything(admin) == before
