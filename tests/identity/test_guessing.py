"""Guessing is slowed, and locks nobody out who is known."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import asyncpg
import httpx2
import pytest
import pytest_asyncio

from app.api import limits
from app.core import clock
from app.core.limits import Policy
from app.services.identity import guessing, passwords
from tests.support.browsers import Browser
from tests.support.people import PASSWORD, Company
from tests.support.server import Server, serving

LOGIN = "/api/v2/auth/login"
WRONG = "a wrong guess"


@pytest_asyncio.fixture
async def elsewhere(server: Server) -> AsyncIterator[httpx2.AsyncClient]:
    """Somebody at another address: 127.0.0.2 is as much loopback as 127.0.0.1."""
    transport = httpx2.AsyncHTTPTransport(local_address="127.0.0.2")
    async with httpx2.AsyncClient(base_url=server.url, transport=transport, timeout=60) as client:
        yield client


@pytest.fixture
def three(monkeypatch: pytest.MonkeyPatch) -> None:
    """An allowance of three, where the number is not the point: each try costs a hash."""
    monkeypatch.setattr(guessing, "ALLOWANCE", 3)


async def _guess(client: httpx2.AsyncClient, email: str, password: str = WRONG) -> Any:
    client.cookies.clear()
    return await client.post(LOGIN, json={"email": email, "password": password})


async def test_ten_are_looked_at_however_many_come_at_once(
    acme: Company, elsewhere: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await acme.add("many@example.com", "Ma Ny", "viewer")
    looked_at: list[str] = []
    verify = passwords._hasher.verify

    def counting(password: str, stored: str) -> bool:
        looked_at.append(password)
        return verify(password, stored)

    monkeypatch.setattr(passwords._hasher, "verify", counting)
    replies = await asyncio.gather(
        *(_guess(elsewhere, "many@example.com", f"guess {n}") for n in range(40))
    )
    statuses = [reply.status_code for reply in replies]
    assert (statuses.count(401), statuses.count(429)) == (10, 30)
    assert len(looked_at) == 10
    refused = next(reply for reply in replies if reply.status_code == 429)
    assert 0 < int(refused.headers["retry-after"]) <= 15 * 60
    assert refused.json()["code"] == "too_many_attempts"
    right = await _guess(elsewhere, "many@example.com", PASSWORD)
    assert right.status_code == 429, "not even the right one is looked at"


async def test_guesses_from_many_addresses_share_one_allowance(
    three: None, acme: Company, server: Server
) -> None:
    await acme.add("botnet@example.com", "Bo Tnet", "viewer")
    statuses = []
    for host in range(10, 16):
        transport = httpx2.AsyncHTTPTransport(local_address=f"127.0.0.{host}")
        async with httpx2.AsyncClient(base_url=server.url, transport=transport) as one:
            statuses.append((await _guess(one, "botnet@example.com")).status_code)
    assert statuses == [401] * 3 + [429] * 3


async def test_one_password_for_many_accounts_is_throttled_by_the_address(
    acme: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(limits.TIGHT, "sign_in", Policy("sign-in of this story", 4, 300))
    verified: list[str] = []
    monkeypatch.setattr(passwords._hasher, "verify", lambda _, stored: verified.append(stored))
    with clock.set_to(clock.now()):
        async with (
            serving(acme.server.database, rate_limits_times=1) as strict,
            httpx2.AsyncClient(base_url=strict.url) as sprayer,
        ):
            replies = [await _guess(sprayer, f"sprayed{n}@example.com") for n in range(8)]
    assert [reply.status_code for reply in replies] == [401] * 4 + [429] * 4
    assert replies[-1].json()["policy"] == "sign-in of this story"
    assert len(verified) == 4


async def test_an_unknown_e_mail_is_slowed_the_same(
    three: None, elsewhere: httpx2.AsyncClient
) -> None:
    statuses = [(await _guess(elsewhere, "nobody@example.com")).status_code for _ in range(5)]
    assert statuses == [401] * 3 + [429] * 2


async def test_who_is_known_signs_in_while_strangers_guess(
    three: None, acme: Company, browser: Browser, elsewhere: httpx2.AsyncClient
) -> None:
    await acme.add("known@example.com", "Kno Wn", "viewer")
    await browser.sign_in("known@example.com")
    for _ in range(4):
        reply = await _guess(elsewhere, "known@example.com")
    assert reply.status_code == 429
    assert (await browser.sign_in("known@example.com")).status_code == 200, "its browser"
    browser.cookies.clear()
    assert (await browser.sign_in("known@example.com")).status_code == 200, "its address"


async def test_a_known_browser_signs_in_while_its_neighbours_guess(
    three: None, acme: Company, browsers: Callable[[], Browser]
) -> None:
    await acme.add("shared@example.com", "Sha Red", "viewer")
    own, neighbour = browsers(), browsers()
    await own.sign_in("shared@example.com")
    await own.write("POST", "/api/v2/auth/logout")
    for _ in range(4):
        reply = await neighbour.sign_in("shared@example.com", password=WRONG)
    assert reply.status_code == 429, "the address has used up its allowance"
    assert (await own.sign_in("shared@example.com")).status_code == 200


async def test_a_stolen_browser_guesses_no_more_than_anybody(
    three: None, acme: Company, browser: Browser
) -> None:
    await acme.add("stolen@example.com", "Sto Len", "viewer")
    await browser.sign_in("stolen@example.com")
    await browser.write("POST", "/api/v2/auth/logout")
    replies = [await browser.sign_in("stolen@example.com", password=WRONG) for _ in range(4)]
    assert [reply.status_code for reply in replies] == [401] * 3 + [429]


async def test_one_persons_guesses_do_not_slow_another(
    three: None, acme: Company, elsewhere: httpx2.AsyncClient
) -> None:
    await acme.add("calm@example.com", "Ca Lm", "viewer")
    for _ in range(4):
        await _guess(elsewhere, "target@example.com")
    assert (await _guess(elsewhere, "calm@example.com", PASSWORD)).status_code == 200


async def test_a_quarter_of_an_hour_later_one_may_try_again(
    three: None, acme: Company, elsewhere: httpx2.AsyncClient, behind: asyncpg.Connection
) -> None:
    await acme.add("later@example.com", "La Ter", "viewer")
    for _ in range(3):
        await _guess(elsewhere, "later@example.com")
    await behind.execute(
        "update identity.sign_in_attempts set created_at = created_at - interval '15 minutes'"
    )
    assert (await _guess(elsewhere, "later@example.com", PASSWORD)).status_code == 200


async def test_a_crowd_waits_without_a_connection_and_the_queue_has_an_end(
    real_passwords: None,
    server: Server,
    acme: Company,
    behind: asyncpg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(passwords, "MOST_WAITING", 12)
    owner = await acme.person("owner")
    counted = "select count(*) from identity.sign_in_attempts where not succeeded"
    before = await behind.fetchval(counted)
    async with httpx2.AsyncClient(base_url=server.url, timeout=60) as crowd:
        signing_in = asyncio.gather(*(_guess(crowd, f"crowd{n}@example.com") for n in range(30)))
        meanwhile = [(await owner.get("/api/v2/me")).status_code for _ in range(20)]
        replies = await signing_in
    assert meanwhile == [200] * 20
    busy = [reply for reply in replies if reply.status_code == 503]
    assert {reply.status_code for reply in replies} == {401, 503}
    assert (busy[0].json()["code"], busy[0].headers["retry-after"]) == ("busy", "5")
    looked_at = len(replies) - len(busy)
    assert await behind.fetchval(counted) - before == looked_at, "who was not heard is not counted"
