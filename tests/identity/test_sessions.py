"""Ending sessions: at once, everywhere, and nobody else's."""

from collections.abc import Callable
from uuid import uuid4

import asyncpg

from tests.support.browsers import Browser
from tests.support.people import PASSWORD, Company
from tests.support.server import Server

NEW = "quite another passphrase"
REFRESH = "/api/v2/auth/refresh"


async def test_signing_out_ends_the_session_and_takes_the_cookies(
    server: Server, acme: Company, browser: Browser
) -> None:
    await acme.add("out@example.com", "O Ut", "viewer")
    await browser.sign_in("out@example.com")
    kept = browser.second_tab(server)
    reply = await browser.write("POST", "/api/v2/auth/logout")
    assert reply.status_code == 204
    assert {"tr_access", "tr_refresh", "tr_csrf"}.isdisjoint(browser.cookies)
    assert not await kept.signed_in()
    assert (await kept.write("POST", REFRESH)).status_code == 401
    await kept.aclose()


async def test_sessions_are_listed_and_ended_one_by_one(
    acme: Company, rival: Company, browsers: Callable[[], Browser]
) -> None:
    await acme.add("list@example.com", "Li St", "viewer")
    await rival.add("list@example.com", "Li St", "viewer")
    office, phone = browsers(), browsers()
    office.headers["User-Agent"] = "the office"
    phone.headers["User-Agent"] = "the phone" * 100
    await office.sign_in("list@example.com", "acme")
    await phone.sign_in("list@example.com", "rival")
    listed = (await office.get("/api/v2/me/sessions")).json()["data"]
    assert [one["user_agent"][:10] for one in listed] == ["the phonet", "the office"]
    assert [one["current"] for one in listed] == [False, True]
    assert [one["org_id"] for one in listed] == [str(rival.id), str(acme.id)]
    assert {one["ip"] for one in listed} == {"127.0.0.1"}

    path = f"/api/v2/me/sessions/{listed[0]['id']}"
    assert (await office.write("DELETE", path)).status_code == 204
    assert not await phone.signed_in()
    assert (await phone.write("POST", REFRESH)).status_code == 401
    assert await office.signed_in()
    assert (await office.write("DELETE", path)).status_code == 404


async def test_nobody_ends_anybody_elses_session(
    acme: Company, browsers: Callable[[], Browser]
) -> None:
    await acme.add("mine@example.com", "Mi Ne", "viewer")
    await acme.add("yours@example.com", "Yo Urs", "owner")
    mine, yours = browsers(), browsers()
    await mine.sign_in("mine@example.com")
    await yours.sign_in("yours@example.com")
    session = (await mine.get("/api/v2/me/sessions")).json()["data"][0]["id"]
    foreign = await yours.write("DELETE", f"/api/v2/me/sessions/{session}")
    absent = await yours.write("DELETE", f"/api/v2/me/sessions/{uuid4()}")
    assert foreign.status_code == absent.status_code == 404
    assert foreign.json()["detail"] == absent.json()["detail"]
    assert await mine.signed_in()


async def test_signing_out_everywhere_ends_every_session(
    acme: Company, rival: Company, browsers: Callable[[], Browser]
) -> None:
    await acme.add("every@example.com", "Eve Ry", "viewer")
    await rival.add("every@example.com", "Eve Ry", "viewer")
    here, there = browsers(), browsers()
    await here.sign_in("every@example.com", "acme")
    await there.sign_in("every@example.com", "rival")
    refresh = here.cookies.get("tr_refresh")
    assert (await here.write("DELETE", "/api/v2/me/sessions")).status_code == 204
    assert not await here.signed_in()
    assert not await there.signed_in()
    assert (await here.post(REFRESH, json={"refresh_token": refresh})).status_code == 401
    assert (await there.write("POST", REFRESH)).status_code == 401


async def test_a_new_password_ends_the_other_sessions(
    acme: Company, browsers: Callable[[], Browser]
) -> None:
    await acme.add("new@example.com", "N Ew", "viewer")
    here, there = browsers(), browsers()
    await here.sign_in("new@example.com")
    await there.sign_in("new@example.com")
    body = {"current_password": PASSWORD, "new_password": NEW}
    assert (await here.write("POST", "/api/v2/auth/password", json=body)).status_code == 204
    assert await here.signed_in()
    assert not await there.signed_in()
    assert (await there.write("POST", REFRESH)).status_code == 401
    assert (await there.sign_in("new@example.com")).status_code == 401
    assert (await there.sign_in("new@example.com", password=NEW)).status_code == 200


async def test_a_new_password_takes_the_old_one(acme: Company, browser: Browser) -> None:
    await acme.add("old@example.com", "O Ld", "viewer")
    await browser.sign_in("old@example.com")
    body = {"current_password": "a wrong passphrase", "new_password": NEW}
    refused = await browser.write("POST", "/api/v2/auth/password", json=body)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (
        422,
        "/current_password",
    )
    for _ in range(9):
        assert (await browser.write("POST", "/api/v2/auth/password", json=body)).is_client_error
    enough = await browser.write("POST", "/api/v2/auth/password", json=body)
    assert enough.status_code == 429
    assert await browser.signed_in()


async def test_a_session_nobody_can_use_any_more_is_not_listed_and_swept(
    acme: Company, browsers: Callable[[], Browser], behind: asyncpg.Connection, server: Server
) -> None:
    from app.services.identity import sessions

    await acme.add("swept@example.com", "Swe Pt", "viewer")
    old, present = browsers(), browsers()
    await old.sign_in("swept@example.com")
    old_id = (await old.get("/api/v2/me/sessions")).json()["data"][0]["id"]
    await behind.execute(
        "update identity.sessions set created_at = now() - interval '121 days',"
        " last_used_at = now() - interval '31 days' where id = $1", old_id,
    )  # fmt: skip
    await present.sign_in("swept@example.com")
    listed = (await present.get("/api/v2/me/sessions")).json()["data"]
    assert [one["current"] for one in listed] == [True]
    assert await sessions.sweep(server.state.engine, 1000) == 1
    assert (
        await behind.fetchval("select count(*) from identity.sessions where id = $1", old_id) == 0
    )
    assert await present.signed_in()
