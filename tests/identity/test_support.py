"""Support access: reasoned, for a while, reading only, and on the record (check I13); personas (A7)."""

from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import pyotp
import pytest_asyncio

from app.services.identity.support import appoint
from tests.support.browsers import Browser
from tests.support.field import technician
from tests.support.people import PASSWORD, Company, Person, sign_in_in_two_steps
from tests.support.server import Server

GRANTS = "/api/v2/support-grants"
SUE = "sue@support.example.com"
LOGIN = {"email": SUE, "password": PASSWORD}


@pytest_asyncio.fixture(scope="module", autouse=True)
async def appointed(server: Server) -> AsyncIterator[None]:
    """Sue of the support."""
    await appoint(server.state.engine, SUE, "Sue Port", PASSWORD)
    yield


async def _granted(owner: Person, hours: int = 2) -> str:
    body = {"email": SUE, "reason": "Wrong tax on an invoice", "hours": hours}
    return str((await owner.made(GRANTS, body))["id"])


async def test_nobody_lets_support_see_what_they_do_not_see_themselves(acme: Company) -> None:
    owner = await acme.person("owner")
    role = {
        "name": "People desk", "level": 80, "record_scope": "all",
        "permissions": ["members:read", "members:write", "customers:read"],
    }  # fmt: skip
    await owner.made("/api/v2/roles", role)
    pat = await acme.person("People desk", "pat")
    refused = await pat.post(GRANTS, json={"email": SUE, "reason": "Look for me"})
    assert (refused.status_code, refused.json()["code"]) == (403, "above_own_role")
    assert "invoices:read" in refused.json()["permissions"]
    assert (await owner.got(GRANTS, limit=1))["data"] == []


async def test_support_comes_in_with_a_second_factor_only(acme: Company, browser: Browser) -> None:
    owner = await acme.person("owner")
    grant = await _granted(owner)
    roles = (await owner.got("/api/v2/roles", limit=200))["data"]
    (role,) = [one for one in roles if one["name"] == "Truckroll support"]
    assert role["requires_mfa"] is True
    freed = await owner.put(f"/api/v2/roles/{role['id']}/mfa", json={"required": False})
    assert (freed.status_code, freed.json()["code"]) == (409, "system_role")

    half = await browser.sign_in(SUE, acme.slug)
    assert (half.status_code, half.json()["code"]) == (401, "mfa_enrollment_required")
    ticket = {"mfa_token": half.json()["mfa_token"]}
    shown = (await browser.write("POST", "/api/v2/auth/mfa/enroll", json=ticket)).json()
    body = {**ticket, "code": pyotp.TOTP(shown["secret"]).now()}
    assert (await browser.write("POST", "/api/v2/auth/mfa/confirm", json=body)).status_code == 200
    assert await browser.signed_in()
    assert (await browser.sign_in(SUE, acme.slug)).json()["code"] == "mfa_required"
    await owner.made(f"{GRANTS}/{grant}/revoke")


async def test_support_reads_by_a_grant_and_each_read_is_listed(
    server: Server, acme: Company, rival: Company
) -> None:
    owner = await acme.person("owner")
    refused = await owner.post("/api/v2/auth/login", json={**LOGIN, "org": acme.slug})
    assert (refused.status_code, refused.json()["code"]) == (401, "no_such_membership")
    grant = await _granted(owner)
    sue = await sign_in_in_two_steps(server, SUE, acme.slug)
    await owner.made("/api/v2/customers", {"name": "Seen"})
    listed = await sue.got("/api/v2/customers", limit=5)
    assert [one["name"] for one in listed["data"]] == ["Seen"]
    assert (await sue.got("/api/v2/me"))["org"]["role"] == "Truckroll support"

    for path, body in (("/api/v2/customers", {"name": "No"}), (GRANTS, {})):
        reply = await sue.post(path, json=body)
        assert reply.status_code == 403, path
    named = await sue.post("/api/v2/auth/select-org", json={"org": rival.slug})
    assert named.status_code == 404

    reads = (await owner.got(f"{GRANTS}/{grant}/reads"))["data"]
    assert [one["path"] for one in reads] == ["/api/v2/me", "/api/v2/customers?limit=5"]
    told = (await owner.got("/api/v2/organisation/timeline"))["data"]
    assert told[0]["sentence"] == (
        "Sue Port of the support may read here for 2 h: Wrong tax on an invoice."
    )
    twice = await owner.post(GRANTS, json={"email": SUE, "reason": "Again"})
    assert (twice.status_code, twice.json()["code"]) == (409, "already_granted")

    revoked = await owner.made(f"{GRANTS}/{grant}/revoke")
    assert revoked["revoked_at"] is not None
    assert (await sue.get("/api/v2/customers")).status_code == 401
    assert (
        await sue.post("/api/v2/auth/login", json={**LOGIN, "org": acme.slug})
    ).status_code == 401
    over = await owner.post(f"{GRANTS}/{grant}/revoke")
    assert (over.status_code, over.json()["code"]) == (409, "already_ended")
    await sue.aclose()


async def test_a_grant_ends_by_itself(server: Server, acme: Company) -> None:
    owner = await acme.person("owner")
    grant = await _granted(owner)
    sue = await sign_in_in_two_steps(server, SUE, acme.slug)
    assert (await sue.get("/api/v2/customers")).status_code == 200
    connection = await asyncpg.connect(server.database.admin)
    past = timedelta(hours=3)
    await connection.execute(
        "update identity.memberships set expires_at = expires_at - $1::interval where expires_at is not null",
        past,
    )
    await connection.close()
    assert (await sue.get("/api/v2/customers")).status_code == 401
    spent = await sue.post(
        "/api/v2/auth/refresh", json={"refresh_token": sue.tokens["refresh_token"]}
    )
    assert spent.status_code == 401
    again = await sue.post("/api/v2/auth/login", json={**LOGIN, "org": acme.slug})
    assert again.status_code == 401
    await owner.made(f"{GRANTS}/{grant}/revoke")
    await sue.aclose()


async def test_who_may_be_let_in_by_whom(acme: Company) -> None:
    owner, dana = await acme.person("owner"), await acme.person("dispatcher")
    body = {"email": SUE, "reason": "Look"}
    assert (await dana.post(GRANTS, json=body)).status_code == 403
    stranger = await owner.post(GRANTS, json={**body, "email": "nobody@example.com"})
    assert stranger.json()["errors"][0]["pointer"] == "/email"
    long = await owner.post(GRANTS, json={**body, "hours": 25})
    assert long.status_code == 422
    grant = await _granted(owner)
    sue = (await owner.got(f"{GRANTS}/{grant}"))["member"]
    raised = await owner.patch(f"/api/v2/memberships/{sue['id']}", json={"role": "admin"})
    assert (raised.status_code, raised.json()["code"]) == (409, "support_person")
    await owner.made(f"{GRANTS}/{grant}/revoke")


async def test_one_person_is_office_technician_and_contact_at_once(acme: Company) -> None:
    owner, max_ = await acme.person("owner"), await acme.person("dispatcher", "max")
    first = (await max_.got("/api/v2/me"))["personas"]
    assert [one["kind"] for one in first] == ["member"]
    his = await technician(acme, "Max Rolls", who=max_)
    customer = await owner.made("/api/v2/customers", {"name": "Max's home"})
    contact = await owner.made(
        "/api/v2/contacts",
        {
            "name": "Max at home",
            "email": max_.email,
            "customers": [{"customer_id": customer["id"]}],
        },
    )
    now = (await max_.got("/api/v2/me"))["personas"]
    assert now == [
        {"kind": "member", "id": str(max_.user_id), "name": "Max"},
        {"kind": "technician", "id": his, "name": "Max Rolls"},
        {"kind": "contact", "id": contact["id"], "name": "Max at home"},
    ]
