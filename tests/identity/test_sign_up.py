"""Beginning with a new organisation, and setting a forgotten password anew."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import asyncpg
import httpx2
import pytest
import pytest_asyncio

from app.core import clock
from app.services.identity import passwords
from tests.support.browsers import Browser
from tests.support.people import PASSWORD, Company, sign_in
from tests.support.post import delivered, read_outbox, text_of, token_in
from tests.support.queries import counted
from tests.support.server import Server

SIGN_UP, CONFIRM = "/api/v2/auth/sign-up", "/api/v2/auth/sign-up/confirm"
FORGOT, RESET = "/api/v2/auth/password/forgot", "/api/v2/auth/password/reset"
NEW = "quite another passphrase"


def _wanted(email: str, organisation: str = "Brook & Söhne Plumbing") -> dict[str, str]:
    return {
        "email": email,
        "name": "Bea Brook",
        "organisation": organisation,
        "time_zone": "America/Denver",
    }


async def test_a_new_owner_signs_up_confirms_and_comes_in(
    server: Server, browser: Browser, behind: asyncpg.Connection
) -> None:
    before = await behind.fetchval("select count(*) from identity.organisations")
    reply = await browser.write("POST", SIGN_UP, json=_wanted("Bea@Brook.example.com"))
    assert (reply.status_code, reply.json()) == (202, {"sent_to": "Bea@brook.example.com"})
    assert await behind.fetchval("select count(*) from identity.organisations") == before
    assert not await browser.signed_in()
    mail = await delivered(server, "bea@brook.example.com")
    assert mail["Subject"] == "Confirm your e-mail to begin with Brook & Söhne Plumbing"
    token = token_in(mail)

    weak = await browser.write("POST", CONFIRM, json={"token": token, "password": "Plumbing1"})
    assert weak.json()["errors"][0]["code"] == "too_personal"
    made = await browser.write("POST", CONFIRM, json={"token": token, "password": PASSWORD})
    assert (made.status_code, made.json()) == (
        201,
        {
            "name": "Brook & Söhne Plumbing",
            "slug": "brook-sohne-plumbing",
            "email": "bea@brook.example.com",
        },
    )
    assert not await browser.signed_in()
    again = await browser.write("POST", CONFIRM, json={"token": token, "password": PASSWORD})
    assert (again.status_code, again.json()["code"]) == (422, "ticket_not_valid")

    bea = await sign_in(server, "bea@brook.example.com", "brook-sohne-plumbing")
    me = await bea.got("/api/v2/me")
    assert (me["user"]["name"], me["org"]["role"]) == ("Bea Brook", "owner")
    organisation = await bea.got("/api/v2/organisation")
    assert organisation["time_zone"] == "America/Denver"
    await bea.made("/api/v2/customers", {"name": "The first"})
    await bea.aclose()


async def test_a_currency_that_is_none_is_refused_at_the_door(browser: Browser) -> None:
    for code in ("XXQ", "usd", "DOLLAR"):
        reply = await browser.write(
            "POST", SIGN_UP, json={**_wanted("coin@example.com"), "currency": code}
        )
        assert (reply.status_code, reply.json()["errors"][0]["pointer"]) == (422, "/currency")


async def test_two_companies_of_one_name_have_two_addresses(
    server: Server, browser: Browser
) -> None:
    slugs = []
    for who in ("one", "two"):
        email = f"{who}@twins.example.com"
        await browser.write("POST", SIGN_UP, json=_wanted(email, "Twins"))
        body = {"token": token_in(await delivered(server, email)), "password": PASSWORD}
        slugs.append((await browser.write("POST", CONFIRM, json=body)).json()["slug"])
    assert slugs[0] == "twins"
    assert slugs[1].startswith("twins-")


async def test_who_has_an_account_confirms_with_the_password_they_have(
    server: Server, acme: Company, browser: Browser
) -> None:
    await acme.add("have@example.com", "Ha Ve", "viewer")
    reply = await browser.write("POST", SIGN_UP, json=_wanted("have@example.com", "Second"))
    assert reply.status_code == 202
    mail = await delivered(server, "have@example.com")
    assert "has an account already" in text_of(mail)
    body = {"token": token_in(mail), "password": NEW}
    wrong = await browser.write("POST", CONFIRM, json=body)
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (422, "wrong_password")
    right = await browser.write("POST", CONFIRM, json={**body, "password": PASSWORD})
    assert right.status_code == 201
    assert (await browser.sign_in("have@example.com")).json()["code"] == "org_selection_required"
    assert (await browser.sign_in("have@example.com", "second")).status_code == 200


async def _cost(
    server: Server, behind: asyncpg.Connection, client: httpx2.AsyncClient, path: str, body: Any
) -> Any:
    """Status, body and headers of the answer; how many statements and letters it took."""
    letters = "select count(*) from identity.letters"
    before = await behind.fetchval(letters)
    with counted(server) as queries:
        reply = await client.post(path, json=body)
    unlike = {"x-request-id", "date"}
    headers = sorted(name for name in reply.headers if name not in unlike)
    kinds = [" ".join(one.split()[:4]) for one in queries]
    said = {**reply.json(), "sent_to": "‹asked›"}
    return reply.status_code, said, headers, kinds, await behind.fetchval(letters) - before


@pytest.mark.parametrize(("path", "wanted"), [(SIGN_UP, _wanted), (FORGOT, None)])
async def test_a_known_e_mail_costs_and_says_what_an_unknown_one_does(
    path: str,
    wanted: Callable[[str], dict[str, str]] | None,
    server: Server,
    acme: Company,
    behind: asyncpg.Connection,
    browser: Browser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name = path.rpartition("/")[2]
    await acme.add(f"known@{name}.example.com", "Kno Wn", "viewer")
    hashes: list[str] = []
    for verb in ("hash", "verify"):
        monkeypatch.setattr(passwords._hasher, verb, lambda *_: hashes.append("hashed"))
    costs = []
    for who in ("known", "nobody"):
        email = f"{who}@{name}.example.com"
        body = wanted(email) if wanted else {"email": email}
        costs.append(await _cost(server, behind, browser, path, body))
    assert costs[0] == costs[1]
    assert (costs[0][0], costs[0][4], hashes) == (202, 1, [])


async def test_signing_in_costs_the_same_for_an_unknown_e_mail(
    server: Server, acme: Company, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    await acme.add("cost@example.com", "Co St", "viewer")
    hashed: list[str] = []
    verify = passwords._hasher.verify

    def counting(password: str, stored: str) -> bool:
        hashed.append(stored.rsplit("$", 2)[0])
        return verify(password, stored)

    monkeypatch.setattr(passwords._hasher, "verify", counting)
    seen = []
    for email in ("cost@example.com", "no-cost@example.com"):
        with counted(server) as queries:
            reply = await browser.post(
                "/api/v2/auth/login", json={"email": email, "password": "wrong"}
            )
        said = {k: v for k, v in reply.json().items() if k != "request_id"}
        seen.append((reply.status_code, said, [" ".join(one.split()[:4]) for one in queries]))
    assert seen[0] == seen[1]
    assert len(hashed) == 2
    assert hashed[0] == hashed[1]


async def test_nobody_is_sent_more_than_a_handful(browser: Browser) -> None:
    for path, body in ((SIGN_UP, _wanted("flood@example.com")), (FORGOT, {"email": "fl@x.org"})):
        replies = await asyncio.gather(*(browser.post(path, json=body) for _ in range(9)))
        statuses = sorted(reply.status_code for reply in replies)
        assert statuses == [202] * 5 + [429] * 4


async def test_a_forgotten_password_is_set_anew_once_and_signs_out_everywhere(
    server: Server, acme: Company, browsers: Callable[[], Browser]
) -> None:
    await acme.add("lost@example.com", "Lo St", "viewer")
    signed_in, elsewhere = browsers(), browsers()
    await signed_in.sign_in("lost@example.com")
    await elsewhere.post(FORGOT, json={"email": "LOST@example.com"})
    first = token_in(await delivered(server, "lost@example.com"))
    await elsewhere.post(FORGOT, json={"email": "lost@example.com"})
    second = token_in(await delivered(server, "lost@example.com", more_than=1))
    stale = await elsewhere.post(RESET, json={"token": first, "password": NEW})
    assert (stale.status_code, stale.json()["code"]) == (422, "ticket_not_valid")
    weak = await elsewhere.post(RESET, json={"token": second, "password": "lostlost"})
    assert weak.json()["errors"][0]["pointer"] == "/password"
    assert await signed_in.signed_in()

    body = {"token": second, "password": NEW}
    at_once = await asyncio.gather(*(elsewhere.post(RESET, json=body) for _ in range(4)))
    assert sorted(reply.status_code for reply in at_once) == [204, 422, 422, 422]
    assert not await signed_in.signed_in()
    assert "set-cookie" not in at_once[0].headers
    assert (await signed_in.sign_in("lost@example.com")).status_code == 401
    assert (await signed_in.sign_in("lost@example.com", password=NEW)).status_code == 200
    told = await delivered(server, "lost@example.com", more_than=2)
    assert "Your password was set anew" in text_of(told)


async def test_a_ticket_is_for_one_thing_and_for_half_an_hour(
    server: Server, acme: Company, browser: Browser, behind: asyncpg.Connection
) -> None:
    await acme.add("late@example.com", "La Te", "viewer")
    await browser.post(FORGOT, json={"email": "late@example.com"})
    token = token_in(await delivered(server, "late@example.com"))
    left = await behind.fetchval(
        "select expires_at - created_at from identity.tickets where email = 'late@example.com'"
    )
    assert left == timedelta(minutes=30)
    for path in (CONFIRM, "/api/v2/invitations/accept"):
        reply = await browser.post(path, json={"token": token, "password": NEW})
        assert reply.json()["code"] == "ticket_not_valid"
    await behind.execute(
        "update identity.tickets set expires_at = $1 where email = 'late@example.com'", clock.now()
    )
    reply = await browser.post(RESET, json={"token": token, "password": NEW})
    assert reply.json()["code"] == "ticket_not_valid"


async def test_an_unknown_address_is_told_that_there_is_no_account(
    server: Server, browser: Browser
) -> None:
    await browser.post(FORGOT, json={"email": "whoever@example.com"})
    mail = await delivered(server, "whoever@example.com")
    assert mail["Subject"] == "There is no account with this address"
    assert "#token=" not in text_of(mail)


async def test_tokens_of_mails_are_stored_hashed_and_letters_sealed(
    server: Server, acme: Company, browser: Browser, behind: asyncpg.Connection
) -> None:
    await acme.add("canary@example.com", "Ca Nary", "viewer")
    await browser.post(FORGOT, json={"email": "canary@example.com"})
    waiting = await behind.fetch("select t::text from identity.letters t")
    token = token_in(await delivered(server, "canary@example.com"))
    tables = await behind.fetch(
        "select format('%I.%I', schemaname, tablename) from pg_tables where tablename <> 'outbox'"
        " and schemaname in ('public', 'identity', 'system', 'jobs')"
    )
    now = [await behind.fetch(f"select t::text from {name} t") for (name,) in tables]
    everything = [row[0] for rows in (waiting, *now) for row in rows]
    canaries = (token, token.encode().hex(), "somebody, we hope you", b"we hope you".hex())
    assert [one for one in everything if any(canary in one for canary in canaries)] == []
    assert len(await read_outbox(server, "canary@example.com")) == 1


@pytest_asyncio.fixture
async def changer(acme: Company, browser: Browser) -> Browser:
    """Somebody who wants another address."""
    await acme.add("old@example.com", "Ol De", "viewer")
    await browser.sign_in("old@example.com")
    return browser


async def test_an_address_changes_once_the_new_mailbox_has_confirmed(
    server: Server, acme: Company, rival: Company, changer: Browser
) -> None:
    await rival.add("old@example.com", "Ol De", "viewer")
    path, confirm = "/api/v2/me/email", "/api/v2/auth/email/confirm"
    same = await changer.write("POST", path, json={"email": "old@example.com"})
    assert same.json()["errors"][0]["code"] == "unchanged"
    reply = await changer.write("POST", path, json={"email": "new@example.com"})
    assert (reply.status_code, reply.json()) == (202, {"sent_to": "new@example.com"})
    token = token_in(await delivered(server, "new@example.com"))
    told = await delivered(server, "old@example.com")
    assert "another address" in text_of(told)
    assert (await changer.get("/api/v2/me")).json()["user"]["email"] == "old@example.com"

    confirmed = await changer.post(confirm, json={"token": token})
    assert confirmed.json() == {"email": "new@example.com"}
    assert (await changer.post(confirm, json={"token": token})).status_code == 422
    assert (await changer.get("/api/v2/me")).json()["user"]["email"] == "new@example.com"
    await delivered(server, "old@example.com", more_than=1)
    for company in (acme, rival):
        owner = await company.person("owner")
        people = (await owner.got("/api/v2/memberships", limit=200))["data"]
        assert [one["name"] for one in people if one["email"] == "new@example.com"] == ["Ol De"]
        assert [one for one in people if one["email"] == "old@example.com"] == []
    assert (await changer.sign_in("old@example.com", "acme")).status_code == 401
    assert (await changer.sign_in("new@example.com", "acme")).status_code == 200


async def test_anothers_address_is_told_in_its_own_mailbox_only(
    server: Server, acme: Company, browser: Browser
) -> None:
    for email in ("mine@example.com", "theirs@example.com"):
        await acme.add(email, "So Me", "viewer")
    await browser.sign_in("mine@example.com")
    path = "/api/v2/me/email"
    taken = await browser.write("POST", path, json={"email": "theirs@example.com"})
    free = await browser.write("POST", path, json={"email": "free@example.com"})
    assert taken.status_code == free.status_code == 202
    assert sorted(taken.headers) == sorted(free.headers)
    mail = await delivered(server, "theirs@example.com")
    assert mail["Subject"] == "This address has an account already"
    assert "#token=" not in text_of(mail)
