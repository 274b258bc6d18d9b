"""Refreshing: a token is spent once, a spent one ends the session, and two tabs stay signed in."""

import asyncio
from collections.abc import Callable
from typing import Any

import asyncpg
import pyotp
import pytest

from tests.support.browsers import Browser
from tests.support.people import PASSWORD, Company, Person
from tests.support.server import Server
from tests.support.waiting import until, waiting_for_locks

REFRESH = "/api/v2/auth/refresh"


async def test_a_refresh_gives_the_next_pair_and_ends_the_last(acme: Company) -> None:
    ray = await acme.person("viewer", "ray")
    second = await ray.made(REFRESH, {"refresh_token": ray.tokens["refresh_token"]})
    assert second["access_token"] != ray.tokens["access_token"]
    assert second["refresh_token"] != ray.tokens["refresh_token"]
    assert (await ray.get("/api/v2/me")).status_code == 401
    assert (await _me(ray, second)).status_code == 200
    third = await ray.made(REFRESH, {"refresh_token": second["refresh_token"]})
    assert (await _me(ray, third)).status_code == 200
    sessions = (await _me(ray, third, "/sessions")).json()["data"]
    assert len(sessions) == 1, "it is one session all along"


async def _me(person: Person, tokens: Any, path: str = "") -> Any:
    access = {"Authorization": f"Bearer {tokens['access_token']}"}
    return await person.get(f"/api/v2/me{path}", headers=access)


async def test_a_spent_token_ends_the_session(acme: Company) -> None:
    rob = await acme.person("viewer", "rob")
    spent = {"refresh_token": rob.tokens["refresh_token"]}
    second = await rob.made(REFRESH, spent)
    again = await rob.post(REFRESH, json=spent)
    assert (again.status_code, again.headers["www-authenticate"]) == (401, "Bearer")
    assert (await _me(rob, second)).status_code == 401
    fresh = await rob.post(REFRESH, json={"refresh_token": second["refresh_token"]})
    assert fresh.status_code == 401
    assert again.json()["detail"] == fresh.json()["detail"]


async def test_a_grandparent_token_ends_the_session(acme: Company) -> None:
    gus = await acme.person("viewer", "gus")
    second = await gus.made(REFRESH, {"refresh_token": gus.tokens["refresh_token"]})
    third = await gus.made(REFRESH, {"refresh_token": second["refresh_token"]})
    first = await gus.post(REFRESH, json={"refresh_token": gus.tokens["refresh_token"]})
    assert first.status_code == 401
    assert (await _me(gus, third)).status_code == 401


async def test_of_eight_at_once_one_succeeds_and_the_session_lives(
    acme: Company, server: Server, behind: asyncpg.Connection
) -> None:
    ida = await acme.person("viewer", "ida")
    token = {"refresh_token": ida.tokens["refresh_token"]}
    async with behind.transaction():
        await behind.execute(
            "select from identity.refresh_tokens where session_id ="
            " (select id from identity.sessions where user_id = $1) for update", ida.user_id,
        )  # fmt: skip
        # fewer than the pool has connections: all have seen the token unspent before one spends it
        racing = asyncio.gather(*(ida.post(REFRESH, json=token) for _ in range(8)))
        await until(lambda: waiting_for_locks(behind, 8))
    replies = await racing
    statuses = sorted(reply.status_code for reply in replies)
    assert statuses == [200] + [409] * 7
    codes = {reply.json()["code"] for reply in replies if reply.status_code == 409}
    assert codes == {"already_refreshed"}
    winner = next(reply.json() for reply in replies if reply.status_code == 200)
    assert (await _me(ida, winner)).status_code == 200


async def test_without_help_at_most_one_of_many_succeeds(acme: Company) -> None:
    ivo = await acme.person("viewer", "ivo")
    token = {"refresh_token": ivo.tokens["refresh_token"]}
    replies = await asyncio.gather(*(ivo.post(REFRESH, json=token) for _ in range(20)))
    statuses = [reply.status_code for reply in replies]
    assert statuses.count(200) == 1
    assert set(statuses) <= {200, 401, 409}


async def test_two_tabs_that_wake_at_the_same_moment_stay_signed_in(
    server: Server, acme: Company, browser: Browser
) -> None:
    await acme.add("tabs@example.com", "Ta Bs", "dispatcher")
    await browser.sign_in("tabs@example.com")
    other = browser.second_tab(server)
    assert (await browser.write("POST", REFRESH)).status_code == 200
    # the second tab's request left with the old cookies, before the reply reached the browser
    late = await other.write("POST", REFRESH)
    assert (late.status_code, late.json()["code"]) == (409, "already_refreshed")
    assert "set-cookie" not in late.headers
    assert await browser.signed_in()
    for cookie in browser.cookies.jar:
        other.cookies.jar.set_cookie(cookie)
    made = await other.write("POST", "/api/v2/customers", json={"name": "From the second tab"})
    assert made.status_code == 201
    await other.aclose()


async def test_an_old_cookie_that_comes_back_later_ends_the_session(
    server: Server, acme: Company, browser: Browser, behind: asyncpg.Connection
) -> None:
    await acme.add("thief@example.com", "Thi Ef", "viewer")
    await browser.sign_in("thief@example.com")
    thief = browser.second_tab(server)
    assert (await browser.write("POST", REFRESH)).status_code == 200
    await behind.execute(
        "update identity.refresh_tokens set used_at = used_at - interval '11 seconds'"
    )
    assert (await thief.write("POST", REFRESH)).status_code == 401
    assert not await browser.signed_in()
    assert (await browser.write("POST", REFRESH)).status_code == 401
    await thief.aclose()


async def test_by_cookie_it_takes_the_csrf_token(acme: Company, browser: Browser) -> None:
    await acme.add("csrf@example.com", "Cs Rf", "viewer")
    await browser.sign_in("csrf@example.com")
    bare = await browser.post(REFRESH)
    assert (bare.status_code, bare.json()["code"]) == (403, "csrf")
    wrong = await browser.write("POST", REFRESH, headers={"X-CSRF-Token": "tr_cs_wrong"})
    assert wrong.status_code == 403
    foreign = await browser.write("POST", REFRESH, headers={"Origin": "https://evil.example"})
    assert (foreign.status_code, foreign.json()["code"]) == (403, "foreign_origin")
    assert (await browser.write("POST", REFRESH)).status_code == 200, "nothing was spent"


@pytest.mark.parametrize(
    ("table", "moved"),
    [
        ("refresh_tokens", "expires_at = now() - interval '1 second'"),
        ("sessions", "created_at = now() - interval '90 days'"),
    ],
)
async def test_what_has_run_out_is_refused(
    acme: Company, behind: asyncpg.Connection, table: str, moved: str
) -> None:
    old = await acme.person("viewer", f"old {table}")
    which = "id" if table == "sessions" else "session_id"
    await behind.execute(
        f"update identity.{table} set {moved} where {which} in"
        " (select id from identity.sessions where user_id = $1)", old.user_id,
    )  # fmt: skip
    reply = await old.post(REFRESH, json={"refresh_token": old.tokens["refresh_token"]})
    assert reply.status_code == 401


async def test_an_access_token_runs_out(acme: Company, behind: asyncpg.Connection) -> None:
    eve = await acme.person("viewer", "eve")
    await behind.execute(
        "update identity.sessions set access_expires_at = now() where user_id = $1", eve.user_id
    )
    assert (await eve.get("/api/v2/me")).status_code == 401
    assert (await _me(eve, await eve.made(REFRESH, _of(eve)))).status_code == 200


def _of(person: Person) -> dict[str, str]:
    return {"refresh_token": person.tokens["refresh_token"]}


async def test_what_is_no_refresh_token_is_refused(
    acme: Company, browsers: Callable[[], Browser]
) -> None:
    una = await acme.person("viewer", "una")
    access = {"refresh_token": una.tokens["access_token"]}
    for body in ({"refresh_token": "tr_rt_unknown"}, access, {"refresh_token": ""}, {}, None):
        reply = await browsers().post(REFRESH, json=body)
        assert (reply.status_code, reply.json()["code"]) == (401, "not_signed_in")
    assert (await una.get("/api/v2/me")).status_code == 200


async def test_a_second_factor_that_is_required_meanwhile_reaches_live_sessions(
    acme: Company, behind: asyncpg.Connection
) -> None:
    owner = await acme.person("owner")
    body = {"name": "Guarded", "level": 5, "permissions": ["customers:read"]}
    role = await owner.made("/api/v2/roles", body)
    old, new = await acme.person("Guarded", "old"), await acme.person("Guarded", "new")
    await behind.execute(
        "update identity.sessions set proved_at = proved_at - interval '10 minutes'"
        " where user_id = $1", old.user_id,
    )  # fmt: skip
    told = await owner.put(f"/api/v2/roles/{role['id']}/mfa", json={"required": True})
    assert told.status_code == 200
    for one in (old, new):
        stale = await one.get("/api/v2/customers")
        assert (stale.status_code, stale.headers["x-permission-stale"]) == (401, "true")

    half = [await new.post(REFRESH, json=_of(new)) for _ in range(2)]
    assert [one.status_code for one in half] == [401, 401], "nothing is spent by asking"
    assert {one.json()["code"] for one in half} == {"mfa_enrollment_required"}
    assert "access_token" not in half[1].json()
    ticket = {"mfa_token": half[1].json()["mfa_token"]}
    shown = await new.made("/api/v2/auth/mfa/enroll", ticket)
    code = pyotp.TOTP(shown["secret"]).now()
    done = await new.made("/api/v2/auth/mfa/confirm", {**ticket, "code": code})
    assert (await _me(new, done)).status_code == 200
    assert (await new.post(REFRESH, json=_of(new))).status_code == 401, "that session has ended"

    refused = await old.post(REFRESH, json=_of(old))
    assert (refused.status_code, refused.json()["code"]) == (401, "mfa_enrollment_required")
    assert "mfa_token" not in refused.json(), "a stolen cookie makes nobody's authenticator"
    again = await old.post(
        "/api/v2/auth/login", json={"email": old.email, "password": PASSWORD, "org": "acme"}
    )
    assert "mfa_token" in again.json()
