"""Signing in: into one of several organisations, and never by what was there before."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import asyncpg
import httpx2
import pytest
from pydantic import SecretStr

from app.config import Environment, Settings
from app.core.crypto import new_token, token_hash
from app.main import create_app
from app.services.identity import passwords
from tests.support.browsers import Browser
from tests.support.people import PASSWORD, Company
from tests.support.server import Server

LOGIN = "/api/v2/auth/login"
WRONG = {"password": "not the right passphrase"}


async def test_who_belongs_to_one_organisation_names_none(acme: Company, browser: Browser) -> None:
    await acme.add("solo@example.com", "So Lo", "dispatcher")
    reply = await browser.sign_in(" SOLO@example.com ")
    assert reply.status_code == 200, reply.text
    tokens = reply.json()
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 1800)
    assert tokens["org"] == {
        "id": str(acme.id), "name": "Acme", "slug": "acme", "role": "dispatcher",
    }  # fmt: skip
    me = (await browser.get("/api/v2/me")).json()
    assert me["user"] == tokens["user"]
    assert me["permissions"] == tokens["permissions"]


async def test_who_belongs_to_several_chooses(
    acme: Company, rival: Company, browser: Browser
) -> None:
    await acme.add("two@example.com", "Two Homes", "viewer")
    await rival.add("two@example.com", "Two Homes", "owner")
    asked = await browser.sign_in("two@example.com")
    assert (asked.status_code, asked.json()["code"]) == (409, "org_selection_required")
    assert asked.json()["organisations"] == [
        {"id": str(acme.id), "name": "Acme", "slug": "acme"},
        {"id": str(rival.id), "name": "Rival", "slug": "rival"},
    ]
    assert "tr_access" not in browser.cookies
    by_slug = await browser.sign_in("two@example.com", "rival")
    assert by_slug.json()["org"]["role"] == "owner"
    by_id = await browser.sign_in("two@example.com", str(acme.id))
    assert by_id.json()["org"]["role"] == "viewer"


async def test_an_organisation_one_does_not_belong_to_is_as_one_that_is_not_there(
    acme: Company, rival: Company, browser: Browser
) -> None:
    await acme.add("one@example.com", "On E", "viewer")
    foreign = await browser.sign_in("one@example.com", "rival")
    nowhere = await browser.sign_in("one@example.com", "nowhere")
    assert foreign.status_code == nowhere.status_code == 401
    assert _said(foreign) == _said(nowhere)


async def test_an_unknown_e_mail_is_answered_as_a_wrong_password(
    real_passwords: None,
    acme: Company,
    browsers: Callable[[], Browser],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await acme.add("known@example.com", "Kno Wn", "viewer")
    hashed: list[str] = []
    verify = passwords._hasher.verify

    def counting(password: str, stored: str) -> bool:
        hashed.append(stored.rsplit("$", 2)[0])
        return verify(password, stored)

    monkeypatch.setattr(passwords._hasher, "verify", counting)
    wrong = await browsers().sign_in("known@example.com", **WRONG)
    unknown = await browsers().sign_in("unknown@example.com", **WRONG)
    assert wrong.status_code == unknown.status_code == 401
    assert _said(wrong) == _said(unknown)
    assert set(wrong.headers) == set(unknown.headers)
    assert len(hashed) == 2
    assert hashed[0] == hashed[1], "the same cost"


def _said(reply: Any) -> dict[str, Any]:
    return {name: value for name, value in reply.json().items() if name != "request_id"}


async def test_both_leave_the_same_trace(
    acme: Company, browser: Browser, behind: asyncpg.Connection
) -> None:
    await acme.add("trace@example.com", "Tra Ce", "viewer")
    before = await behind.fetchval("select count(*) from identity.sign_in_attempts")
    await browser.sign_in("trace@example.com", **WRONG)
    await browser.sign_in("no-trace@example.com", **WRONG)
    rows = await behind.fetch(
        "select place, succeeded, ip, device_hash from identity.sign_in_attempts"
        " order by created_at offset $1", before,
    )  # fmt: skip
    assert len(rows) == 2
    assert rows[0] == rows[1]


async def test_cookies_are_out_of_reach_of_scripts_and_other_sites(
    acme: Company, browser: Browser
) -> None:
    await acme.add("jar@example.com", "J Ar", "viewer")
    reply = await browser.sign_in("jar@example.com")
    set_cookies = {
        line.partition("=")[0]: line.partition(";")[2].lower()
        for line in reply.headers.get_list("set-cookie")
    }
    assert set(set_cookies) == {"tr_access", "tr_refresh", "tr_csrf", "tr_device"}
    assert all("samesite=" in attributes for attributes in set_cookies.values())
    scripted = {name for name, attributes in set_cookies.items() if "httponly" not in attributes}
    assert scripted == {"tr_csrf"}
    assert "samesite=strict" in set_cookies["tr_refresh"]
    assert "path=/api/v2/auth" in set_cookies["tr_refresh"]
    assert not any("secure" in attributes for attributes in set_cookies.values())


async def test_a_session_begins_with_new_tokens_and_ends_the_one_before(
    acme: Company, browser: Browser
) -> None:
    await acme.add("again@example.com", "Aga In", "viewer")
    first = (await browser.sign_in("again@example.com")).json()
    session = (await browser.get("/api/v2/me/sessions")).json()["data"][0]["id"]
    second = (await browser.sign_in("again@example.com")).json()
    for name in ("access_token", "refresh_token", "csrf_token"):
        assert first[name] != second[name]
    listed = (await browser.get("/api/v2/me/sessions")).json()["data"]
    assert [one["current"] for one in listed] == [True]
    assert listed[0]["id"] != session
    old = await browser.get(
        "/api/v2/me", headers={"Authorization": f"Bearer {first['access_token']}"}
    )
    assert old.status_code == 401


async def test_a_cookie_that_was_set_before_never_becomes_a_session(
    server: Server, acme: Company, browsers: Callable[[], Browser]
) -> None:
    await acme.add("fix@example.com", "Fi X", "viewer")
    victim, thief = browsers(), browsers()
    planted = {"tr_access": "tr_at_planted", "tr_refresh": "tr_rt_planted",
               "tr_csrf": "tr_cs_planted", "tr_device": "tr_dv_planted"}  # fmt: skip
    for name, value in planted.items():
        victim.cookies.set(name, value, domain="127.0.0.1", path="/")
        thief.cookies.set(name, value, domain="127.0.0.1", path="/")
    reply = await victim.sign_in("fix@example.com")
    assert set(planted.values()).isdisjoint(
        line.partition(";")[0].partition("=")[2] for line in reply.headers.get_list("set-cookie")
    )
    assert not await thief.signed_in()
    assert (await thief.write("POST", "/api/v2/auth/refresh")).status_code == 401


async def test_going_over_to_another_organisation_is_a_new_session(
    acme: Company, rival: Company, browser: Browser
) -> None:
    await acme.add("over@example.com", "O Ver", "viewer")
    await rival.add("over@example.com", "O Ver", "owner")
    first = (await browser.sign_in("over@example.com", "acme")).json()
    over = await browser.write("POST", "/api/v2/auth/select-org", json={"org": "rival"})
    assert (over.status_code, over.json()["org"]["slug"]) == (200, "rival")
    me = (await browser.get("/api/v2/me")).json()
    assert me["org"]["slug"] == "rival"
    assert [(one["slug"], one["role"]) for one in me["organisations"]] == [
        ("acme", "viewer"), ("rival", "owner"),
    ]  # fmt: skip
    assert (me["time_zone"], me["currency"]) == ("America/Chicago", "USD")
    for name in ("access_token", "refresh_token", "csrf_token"):
        assert over.json()[name] != first[name]
    browser.cookies.clear()
    access = {"Authorization": f"Bearer {first['access_token']}"}
    assert (await browser.get("/api/v2/me", headers=access)).status_code == 401
    refresh = {"refresh_token": first["refresh_token"]}
    assert (await browser.post("/api/v2/auth/refresh", json=refresh)).status_code == 401


async def test_going_over_to_a_strange_organisation_changes_nothing(
    acme: Company, rival: Company, browser: Browser
) -> None:
    await acme.add("stay@example.com", "St Ay", "viewer")
    await browser.sign_in("stay@example.com")
    strange = await browser.write("POST", "/api/v2/auth/select-org", json={"org": "rival"})
    absent = await browser.write("POST", "/api/v2/auth/select-org", json={"org": "nowhere"})
    assert (strange.status_code, _said(strange)) == (404, _said(absent))
    assert await browser.signed_in()


async def test_tokens_and_passwords_are_stored_as_hashes(
    real_passwords: None, acme: Company, browser: Browser, behind: asyncpg.Connection
) -> None:
    await acme.add("store@example.com", "Sto Re", "viewer")
    tokens = (await browser.sign_in("store@example.com")).json()
    reply = await browser.write(
        "POST", "/api/v2/auth/select-org", json={"org": "acme"}, headers={"Idempotency-Key": "k"}
    )
    secrets = [
        *(one[name] for one in (tokens, reply.json())
          for name in ("access_token", "refresh_token", "csrf_token")),
        browser.cookies["tr_device"], PASSWORD,
    ]  # fmt: skip
    everything = await _dump(behind)
    assert token_hash(secrets[3]).hex() in everything, "the dump holds what is stored"
    assert [secret for secret in secrets if secret in everything] == []
    hashed = await behind.fetchval(
        "select password_hash from identity.users where email = 'store@example.com'"
    )
    assert hashed.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


async def _dump(connection: asyncpg.Connection) -> str:
    tables = await connection.fetch(
        "select format('%I.%I', schemaname, tablename) from pg_tables"
        " where schemaname in ('public', 'identity', 'system')"
    )
    rows = [await connection.fetch(f"select t::text from {name} t") for (name,) in tables]
    return "\n".join(row[0] for table in rows for row in table)


async def test_in_production_cookies_travel_over_https_only(server: Server, acme: Company) -> None:
    await acme.add("secure@example.com", "Se Cure", "viewer")
    settings = Settings(
        environment=Environment.production,
        secret_key=SecretStr(new_token("secret")),
        database_url=server.database.app,
    )
    app = create_app(replace(server.state, settings=settings))
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="https://us.example") as client:
        body = {"email": "secure@example.com", "password": PASSWORD}
        reply = await client.post(LOGIN, json=body)
        lines = reply.headers.get_list("set-cookie")
        assert len(lines) == 4
        assert all("; secure" in line.lower() for line in lines)
        csrf = {"X-CSRF-Token": reply.json()["csrf_token"]}
        out = await client.post("/api/v2/auth/logout", headers=csrf)
        assert out.status_code == 204
        assert client.cookies.get("tr_access") is None


async def test_another_origin_of_ours_may_write(server: Server, acme: Company) -> None:
    await acme.add("origin@example.com", "Ori Gin", "viewer")
    settings = server.state.settings.model_copy(
        update={"allowed_origins": ("https://app.example",)}
    )
    transport = httpx2.ASGITransport(create_app(replace(server.state, settings=settings)))
    async with httpx2.AsyncClient(transport=transport, base_url="https://api.example") as client:
        body = {"email": "origin@example.com", "password": PASSWORD}
        for origin, status in {
            "https://app.example": 200, "https://app.example.evil": 403, "http://app.example": 403,
            "https://evil.example": 403, "null": 403, "": 403, "https://api.example": 200,
        }.items():  # fmt: skip
            reply = await client.post(LOGIN, json=body, headers={"Origin": origin})
            assert reply.status_code == status, origin


async def test_any_header_a_client_may_send_is_borne(
    server: Server, acme: Company, browsers: Callable[[], Browser]
) -> None:
    await acme.add("header@example.com", "Hea Der", "viewer")
    for agent in (b"caf\xe9 \xff", b"x" * 5000, b"\xf0\x9f\x9a\x9a", b"", b"a\tb"):
        browser = browsers()
        body = {"email": "header@example.com", "password": PASSWORD}
        reply = await browser.post(LOGIN, json=body, headers=[(b"User-Agent", agent)])
        assert reply.status_code == 200
        sessions = (await browser.get("/api/v2/me/sessions")).json()["data"]
        assert sessions[0]["user_agent"] == agent.decode("latin-1")[:300]
    for name in ("Authorization", "If-Match", "Idempotency-Key", "X-CSRF-Token", "Accept-Encoding"):
        for value in (b"\xff\xfe", b"x" * 10_000, b"\xc0\x80"):
            headers = [(name.encode(), value)]
            reply = await browser.post("/api/v2/customers", json={}, headers=headers)
            assert 400 <= reply.status_code < 500, (name, value)
