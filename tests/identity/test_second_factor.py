"""Two-step sign-in: codes that are good once, recovery codes, and roles that require it."""

import asyncio
from collections.abc import Callable
from typing import Any, get_type_hints
from uuid import UUID

import asyncpg
import pyotp
import pytest

from app.api.deps import PROOFS
from app.core import clock
from app.core.tables import Format
from app.core.vault import Unsealable, Vault
from app.services.identity import proving, second_factor
from tests.support.browsers import Browser
from tests.support.people import PASSWORD, Company
from tests.support.post import delivered, read_outbox, token_in
from tests.support.routes import Route, endpoint_of, routes
from tests.support.server import Server

VERIFY, ENROLL = "/api/v2/auth/mfa/verify", "/api/v2/auth/mfa/enroll"
CONFIRM, MINE, STEP_UP = "/api/v2/auth/mfa/confirm", "/api/v2/me/mfa", "/api/v2/auth/step-up"


def _code(secret: str, steps: int = 0) -> str:
    """The code of now, or of so many half minutes from now."""
    return pyotp.TOTP(secret).at(int(clock.now().timestamp()) + 30 * steps)


async def _steady() -> None:
    """Wait until the half minute is not about to end: a code is made of it, and looked at in it."""
    left = 30 - clock.now().timestamp() % 30
    await asyncio.sleep(left if left < 1 else 0)


async def _age(behind: asyncpg.Connection, email: str) -> None:
    """Let the last proof of who somebody is be ten minutes old."""
    await behind.execute(
        "update identity.sessions s set proved_at = s.proved_at - $2::interval from identity.users u"
        " where u.id = s.user_id and u.email = $1",
        email,
        proving.FRESH,
    )


async def _set_up(browser: Browser) -> tuple[str, list[str]]:
    """Set an authenticator up while signed in: its secret, and the recovery codes."""
    ticket = (await browser.write("POST", MINE)).json()["mfa_token"]
    shown = (await browser.write("POST", ENROLL, json={"mfa_token": ticket})).json()
    assert shown["uri"].startswith("otpauth://totp/Truckroll:")
    assert shown["qr"].startswith("data:image/svg+xml")
    body = {"mfa_token": ticket, "code": _code(shown["secret"], -1)}
    done = await browser.write("POST", CONFIRM, json=body)
    assert done.status_code == 200, done.text
    return shown["secret"], done.json()["recovery_codes"]


async def _ticket(browser: Browser, email: str, code: str = "mfa_required") -> str:
    """The half of a sign-in that the password is."""
    reply = await browser.sign_in(email, "acme")
    assert (reply.status_code, reply.json()["code"]) == (401, code)
    assert "set-cookie" not in reply.headers
    return str(reply.json()["mfa_token"])


async def _enrolled(
    acme: Company, browser: Browser, email: str, role: str = "viewer"
) -> tuple[str, list[str]]:
    await acme.add(email, "Ma Fa", role)
    assert (await browser.sign_in(email, "acme")).status_code == 200
    return await _set_up(browser)


async def test_who_has_set_it_up_needs_password_and_code(
    acme: Company, browser: Browser, browsers: Callable[[], Browser]
) -> None:
    secret, codes = await _enrolled(acme, browser, "both@example.com")
    standing = (await browser.get(MINE)).json()
    assert standing["enrolled_at"] is not None
    assert (standing["recovery_codes_left"], standing["required"]) == (10, False)
    assert len(set(codes)) == 10

    other = browsers()
    ticket = await _ticket(other, "both@example.com")
    assert not await other.signed_in()
    wrong = await other.write("POST", VERIFY, json={"mfa_token": ticket, "code": "000000"})
    assert (wrong.status_code, wrong.json()["code"]) == (401, "wrong_code")
    right = await other.write("POST", VERIFY, json={"mfa_token": ticket, "code": _code(secret)})
    assert (right.status_code, right.json()["org"]["slug"]) == (200, "acme")
    assert await other.signed_in()
    spent = await other.write("POST", VERIFY, json={"mfa_token": ticket, "code": _code(secret, 1)})
    assert (spent.status_code, spent.json()["code"]) == (422, "ticket_not_valid")


async def test_setting_it_up_changes_the_session_and_ends_the_others(
    acme: Company, browser: Browser, browsers: Callable[[], Browser]
) -> None:
    await acme.add("rotate@example.com", "Ro Tate", "viewer")
    elsewhere = browsers()
    await elsewhere.sign_in("rotate@example.com")
    await browser.sign_in("rotate@example.com")
    before = browser.cookies["tr_access"]
    await _set_up(browser)
    assert browser.cookies["tr_access"] != before
    assert await browser.signed_in()
    assert not await elsewhere.signed_in()


async def test_a_code_is_taken_once_however_many_send_it(
    acme: Company, browser: Browser, browsers: Callable[[], Browser]
) -> None:
    secret, codes = await _enrolled(acme, browser, "once@example.com")
    others = [browsers() for _ in range(3)]
    for code in (_code(secret), codes[0], codes[1].replace("-", "").upper()):
        tickets = [await _ticket(other, "once@example.com") for other in others]
        replies = await asyncio.gather(
            *(
                other.write("POST", VERIFY, json={"mfa_token": ticket, "code": code})
                for other, ticket in zip(others, tickets, strict=True)
            )
        )
        assert sorted(reply.status_code for reply in replies) == [200, 401, 401]
    assert (await browser.get(MINE)).json()["recovery_codes_left"] == 8


async def test_a_clock_may_be_half_a_minute_off_and_no_more(
    acme: Company,
    browser: Browser,
    browsers: Callable[[], Browser],
    behind: asyncpg.Connection,
) -> None:
    secret, _ = await _enrolled(acme, browser, "clock@example.com")
    other = browsers()
    await behind.execute("update identity.totps set last_step = 0")
    statuses = []
    for steps in (-2, 3, -1, 0, 1, -1):
        ticket = await _ticket(other, "clock@example.com")
        await _steady()
        body = {"mfa_token": ticket, "code": _code(secret, steps)}
        statuses.append((steps, (await other.write("POST", VERIFY, json=body)).status_code))
    assert statuses == [(-2, 401), (3, 401), (-1, 200), (0, 200), (1, 200), (-1, 401)]


async def test_guessing_codes_is_slowed(
    acme: Company, browser: Browser, browsers: Callable[[], Browser]
) -> None:
    secret, _ = await _enrolled(acme, browser, "guess@example.com")
    other = browsers()
    replies = []
    for _ in range(3):
        ticket = await _ticket(other, "guess@example.com")
        for _ in range(6):
            body = {"mfa_token": ticket, "code": "000000"}
            replies.append(await other.write("POST", VERIFY, json=body))
    statuses = [reply.status_code for reply in replies]
    assert statuses == ([401] * 5 + [422]) * 2 + [429] * 5 + [422]
    ticket = await _ticket(other, "guess@example.com")
    body = {"mfa_token": ticket, "code": _code(secret)}
    assert (await other.write("POST", VERIFY, json=body)).status_code == 429


async def test_a_new_password_does_not_pass_the_second_factor_by(
    server: Server, acme: Company, browser: Browser, browsers: Callable[[], Browser]
) -> None:
    secret, _ = await _enrolled(acme, browser, "skip@example.com")
    seen = 1  # the notice of having set it up
    await browser.post("/api/v2/auth/password/forgot", json={"email": "skip@example.com"})
    await delivered(server, "skip@example.com", more_than=seen)
    mails = await read_outbox(server, "skip@example.com")
    mail = next(one for one in mails if one["Subject"] == "Choose a new password")
    other = browsers()
    half = await _ticket(other, "skip@example.com")
    new = "quite another passphrase"
    body = {"token": token_in(mail), "password": new}
    assert (await other.post("/api/v2/auth/password/reset", json=body)).status_code == 204
    stale = await other.write("POST", VERIFY, json={"mfa_token": half, "code": _code(secret)})
    assert stale.status_code == 422, "what the old password had begun is over"
    reply = await other.sign_in("skip@example.com", password=new)
    assert (reply.status_code, reply.json()["code"]) == (401, "mfa_required")


async def test_a_role_that_requires_it_is_set_up_before_coming_in(
    acme: Company, browser: Browser, browsers: Callable[[], Browser]
) -> None:
    owner = await acme.person("owner")
    role = await owner.made(
        "/api/v2/roles", {"name": "Vault", "level": 5, "permissions": ["customers:read"]}
    )
    told = await owner.put(f"/api/v2/roles/{role['id']}/mfa", json={"required": True})
    assert (told.status_code, told.json()["requires_mfa"]) == (200, True)
    await acme.add("forced@example.com", "For Ced", "Vault")
    ticket = await _ticket(browser, "forced@example.com", "mfa_enrollment_required")
    early = await browser.write("POST", CONFIRM, json={"mfa_token": ticket, "code": "123456"})
    assert (early.status_code, early.json()["code"]) == (409, "no_secret")
    swapped = await browser.write("POST", VERIFY, json={"mfa_token": ticket, "code": "123456"})
    assert swapped.status_code == 422
    shown = (await browser.write("POST", ENROLL, json={"mfa_token": ticket})).json()
    body = {"mfa_token": ticket, "code": _code(shown["secret"])}
    assert (await browser.write("POST", CONFIRM, json=body)).status_code == 200
    assert await browser.signed_in()
    assert (await browser.get(MINE)).json()["required"] is True
    refused = await browser.write("DELETE", MINE)
    assert (refused.status_code, refused.json()["code"]) == (409, "mfa_required_by_role")
    await _ticket(browsers(), "forced@example.com")


async def test_nobody_goes_over_to_a_role_that_requires_it_without(
    acme: Company, rival: Company, browser: Browser
) -> None:
    owner = await rival.person("owner")
    body = {"name": "Strict", "level": 5, "permissions": ["customers:read"]}
    role = await owner.made("/api/v2/roles", body)
    await owner.put(f"/api/v2/roles/{role['id']}/mfa", json={"required": True})
    await acme.add("over@example.com", "O Ver", "viewer")
    await rival.add("over@example.com", "O Ver", "Strict")
    await browser.sign_in("over@example.com", "acme")
    reply = await browser.write("POST", "/api/v2/auth/select-org", json={"org": "rival"})
    assert (reply.status_code, reply.json()["code"]) == (403, "mfa_enrollment_required")
    await _set_up(browser)
    over = await browser.write("POST", "/api/v2/auth/select-org", json={"org": "rival"})
    assert over.status_code == 200


async def test_recovery_codes_are_renewed_and_the_factor_switched_off(
    acme: Company, browser: Browser, browsers: Callable[[], Browser]
) -> None:
    _, codes = await _enrolled(acme, browser, "off@example.com")
    renewed = (await browser.write("POST", f"{MINE}/recovery-codes")).json()["recovery_codes"]
    assert set(renewed) & set(codes) == set()
    other = browsers()
    ticket = await _ticket(other, "off@example.com")
    old = await other.write("POST", VERIFY, json={"mfa_token": ticket, "code": codes[0]})
    assert old.status_code == 401
    new = await other.write("POST", VERIFY, json={"mfa_token": ticket, "code": renewed[0]})
    assert new.status_code == 200
    assert (await other.write("DELETE", MINE)).status_code == 204
    assert (await other.write("DELETE", MINE)).json()["code"] == "not_enrolled"
    assert (await browsers().sign_in("off@example.com")).status_code == 200


async def test_secrets_are_sealed_for_their_person_and_move_to_new_keys(
    server: Server, acme: Company, browser: Browser, behind: asyncpg.Connection
) -> None:
    secret, codes = await _enrolled(acme, browser, "sealed@example.com")
    user_id = (await browser.get("/api/v2/me")).json()["user"]["id"]
    tables = await behind.fetch(
        "select format('%I.%I', schemaname, tablename) as name from pg_tables"
        " where schemaname in ('public', 'identity', 'system', 'jobs')"
    )
    assert {"identity.totps", "identity.letters", "public.journal"} < {
        one["name"] for one in tables
    }
    rows = [
        row[0]
        for table in tables
        for row in await behind.fetch(f"select t::text from {table['name']} t")
    ]
    raw = [code.replace("-", "") for code in codes]
    hidden = [secret, secret.encode().hex(), *codes, *raw, *(one.upper() for one in raw)]
    assert [row for row in rows if any(one in row for one in hidden)] == []
    sealed = await behind.fetchval("select secret from identity.totps where user_id = $1", user_id)
    tools = server.state.sessions.tools
    assert tools is not None
    assert tools.vault.open(sealed, f"totp:{user_id}").decode() == secret
    with pytest.raises(Unsealable):
        tools.vault.open(sealed, "totp:somebody-else")
    rotated = Vault({"2027": "another key", "0": "test"})
    assert await second_factor.rewrap(server.state.engine, rotated, 1000) >= 1
    assert await second_factor.rewrap(server.state.engine, rotated, 1000) == 0
    moved = await behind.fetchval("select secret from identity.totps where user_id = $1", user_id)
    assert Vault({"2027": "another key"}).open(moved, f"totp:{user_id}").decode() == secret
    back = Vault({"0": "test", "2027": "another key"})
    await second_factor.rewrap(server.state.engine, back, 1000)


ANYBODY, ARCHIVES = UUID(int=1), "/api/v2/organisation/archives"
DANGEROUS: dict[str, tuple[str, str, Any]] = {
    "another address": ("POST", "/api/v2/me/email", {"email": "stepped@example.com"}),
    "a second factor": ("POST", MINE, None),
    "no second factor": ("DELETE", MINE, None),
    "recovery codes": ("POST", f"{MINE}/recovery-codes", None),
    "somebody new": ("POST", "/api/v2/invitations", {}),
    "somebody new again": ("POST", f"/api/v2/invitations/{ANYBODY}/resend", None),
    "somebody's role": ("PATCH", f"/api/v2/memberships/{ANYBODY}", {"role": "admin"}),
    "somebody back": ("POST", f"/api/v2/memberships/{ANYBODY}/reinstate", None),
    "the support": ("POST", "/api/v2/support-grants", {}),
    "a role": ("POST", "/api/v2/roles", {}),
    "another role": ("PATCH", f"/api/v2/roles/{ANYBODY}", {"level": 1}),
    "no role": ("DELETE", f"/api/v2/roles/{ANYBODY}", None),
    "what a role requires": ("PUT", f"/api/v2/roles/{ANYBODY}/mfa", {"required": True}),
    "a list of any length": ("POST", "/api/v2/exports", {}),
    "all there is": ("POST", ARCHIVES, None),
    "all there was": ("GET", f"{ARCHIVES}/{ANYBODY}/content", None),
}
"""What needs a proof; whoever has none is not even told what is wrong with the request."""


async def test_what_is_dangerous_needs_a_fresh_proof(
    acme: Company, browser: Browser, behind: asyncpg.Connection
) -> None:
    email = "fresh@example.com"
    await acme.add(email, "Fre Sh", "owner")
    await browser.sign_in(email)
    await _age(behind, email)
    for name, (method, path, body) in DANGEROUS.items():
        reply = await browser.write(method, path, json=body)
        assert (reply.status_code, reply.json()["code"]) == (403, "step_up_required"), name
    over = await browser.write("POST", "/api/v2/auth/select-org", json={"org": "acme"})
    assert over.status_code == 200
    stale = await browser.write("POST", MINE)
    assert stale.status_code == 403, "a new session in another organisation is no new proof"
    assert (await browser.write("POST", "/api/v2/auth/refresh")).status_code == 200
    assert (await browser.write("POST", MINE)).status_code == 403, "nor is a refresh"
    wrong = await browser.write("POST", STEP_UP, json={"password": "not it"})
    assert wrong.json()["errors"][0]["code"] == "wrong_password"
    both = await browser.write("POST", STEP_UP, json={"password": PASSWORD, "code": "123456"})
    assert both.status_code == 422
    proved = await browser.write("POST", STEP_UP, json={"password": PASSWORD})
    assert proved.status_code == 204
    assert (await browser.write("POST", MINE)).status_code == 200


def test_what_needs_a_proof_is_listed() -> None:
    listed = {
        (method, path.replace(str(ANYBODY), "{id}")) for method, path, _ in DANGEROUS.values()
    }
    asking = {(one.method, one.path) for one in routes() if one.allow and _asks_for_proof(one)}
    assert asking == listed, "a new one is added to DANGEROUS"


def _asks_for_proof(route: Route) -> bool:
    hints = get_type_hints(endpoint_of(route), include_extras=True)
    asked = [one for hint in hints.values() for one in getattr(hint, "__metadata__", ())]
    return any(getattr(one, "dependency", None) in PROOFS for one in asked)


@pytest.mark.parametrize("media_type", [one.media_type for one in Format])
async def test_a_whole_list_leaves_with_a_fresh_proof_only(
    acme: Company, browser: Browser, behind: asyncpg.Connection, media_type: str
) -> None:
    email, asked = f"{media_type[-4:]}@example.com", {"headers": {"Accept": media_type}}
    await acme.add(email, "Ta Ble", "viewer")
    await browser.sign_in(email)
    assert (await browser.get("/api/v2/customers", **asked)).status_code == 200
    await _age(behind, email)
    refused = await browser.get("/api/v2/customers", **asked)
    assert (refused.status_code, refused.json()["code"]) == (403, "step_up_required")
    assert (await browser.get("/api/v2/customers")).status_code == 200, "reading goes on"
    assert (await browser.get("/api/v2/employees", **asked)).json()["code"] == "not_allowed"
    await browser.write("POST", STEP_UP, json={"password": PASSWORD})
    assert (await browser.get("/api/v2/customers", **asked)).status_code == 200


async def test_a_code_is_a_proof_too(
    acme: Company, browser: Browser, behind: asyncpg.Connection
) -> None:
    email = "by-code@example.com"
    secret, _ = await _enrolled(acme, browser, email)
    await _age(behind, email)
    assert (await browser.write("POST", MINE)).json()["code"] == "step_up_required"
    password = await browser.write("POST", STEP_UP, json={"password": PASSWORD})
    assert password.json()["errors"][0]["code"] == "code_needed"
    await _steady()
    by_code = await browser.write("POST", STEP_UP, json={"code": _code(secret)})
    assert by_code.status_code == 204
    again = await browser.write("POST", STEP_UP, json={"code": _code(secret)})
    assert again.json()["errors"][0]["code"] == "wrong_code"
    assert (await browser.write("POST", MINE)).status_code == 200


async def test_requiring_a_second_factor_of_a_role_needs_a_fresh_proof(
    acme: Company, behind: asyncpg.Connection
) -> None:
    owner, admin = await acme.person("owner"), await acme.person("admin")
    roles = (await owner.got("/api/v2/roles"))["data"]
    path = {one["name"]: f"/api/v2/roles/{one['id']}/mfa" for one in roles}
    above = await admin.put(path["owner"], json={"required": True})
    assert (above.status_code, above.json()["code"]) == (403, "above_own_role")
    await _age(behind, owner.email)
    reply = await owner.put(path["viewer"], json={"required": True})
    assert (reply.status_code, reply.json()["code"]) == (403, "step_up_required")


async def test_nobody_takes_an_authenticators_place_with_the_password_alone(
    acme: Company, browser: Browser, browsers: Callable[[], Browser]
) -> None:
    email, thief = "placed@example.com", browsers()
    await acme.add(email, "Pla Ced", "viewer")
    for one in (browser, thief):
        assert (await one.sign_in(email, "acme")).status_code == 200
    early = (await thief.write("POST", MINE)).json()["mfa_token"]
    shown = (await thief.write("POST", ENROLL, json={"mfa_token": early})).json()
    secret, _ = await _set_up(browser)
    late = await thief.write(
        "POST", CONFIRM, json={"mfa_token": early, "code": _code(shown["secret"])}
    )
    assert late.status_code == 422
    ticket = await _ticket(browsers(), email)
    entered = await browsers().post(VERIFY, json={"mfa_token": ticket, "code": _code(secret)})
    assert entered.status_code == 200


async def test_nobody_frees_themselves_of_the_second_step(acme: Company, browser: Browser) -> None:
    owner = await acme.person("owner")
    await owner.made(STEP_UP, {"password": PASSWORD})
    await _enrolled(acme, browser, "freed@example.com", "admin")
    roles = (await owner.got("/api/v2/roles"))["data"]
    path = next(f"/api/v2/roles/{one['id']}/mfa" for one in roles if one["name"] == "admin")
    assert (await owner.put(path, json={"required": True})).status_code == 200
    stale = await browser.write("PUT", path, json={"required": False})
    assert (stale.status_code, stale.json()["code"]) == (401, "permissions_stale")
    assert (await browser.write("POST", "/api/v2/auth/refresh")).status_code == 200
    freed = await browser.write("PUT", path, json={"required": False})
    assert (freed.status_code, freed.json()["code"]) == (409, "own_role")
    assert (await owner.put(path, json={"required": False})).status_code == 200
