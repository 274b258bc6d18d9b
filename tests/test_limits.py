"""Rate limits: what a burst meets, between processes and between organisations."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import count
from uuid import uuid4

import asyncpg
import httpx2
import pytest

from app.api import limits
from app.core import clock
from app.core.limits import Policy, sweep
from tests.support.people import Company, Person, found_company
from tests.support.queries import counted
from tests.support.routes import routes
from tests.support.server import Server, serving

ME = "/api/v2/me"
Few = Callable[..., None]


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> Few:
    """Sets the quotas of the table, where the number is not the point."""

    def change(**quotas: int) -> None:
        for name, quota in quotas.items():
            policy: Policy = getattr(limits, name)
            monkeypatch.setattr(limits, name, Policy(policy.name, quota, policy.seconds))

    return change


@asynccontextmanager
async def standing_still(company: Company, **settings: int) -> AsyncIterator[Server]:
    """A server whose clock stands still, so that nothing comes back meanwhile."""
    with clock.set_to(clock.now()):
        async with serving(company.server.database, rate_limits_times=1, **settings) as strict:
            yield strict


async def _many(person: httpx2.AsyncClient, requests: int, path: str = ME) -> list[httpx2.Response]:
    return await asyncio.gather(*(person.get(path) for _ in range(requests)))


def _statuses(replies: list[httpx2.Response]) -> dict[int, int]:
    return dict(Counter(reply.status_code for reply in replies))


async def _at(server: Server, person: Person, address: str = "127.0.0.1") -> Person:
    """The same person, with the same token, at another server."""
    transport = httpx2.AsyncHTTPTransport(
        local_address=address, limits=httpx2.Limits(max_connections=6)
    )
    other = Person(
        base_url=server.url, headers=dict(person.headers), timeout=30, transport=transport
    )
    assert (await other.get(ME)).status_code == 200  # from now on it knows whose the token is
    return other


async def test_a_burst_over_the_limit_is_told_when_to_go_on(acme: Company, few: Few) -> None:
    few(CALLER=30)
    async with standing_still(acme) as strict:
        dana = await _at(strict, await acme.person("dispatcher"))
        replies = await _many(dana, 40)
        assert _statuses(replies) == {200: 30, 429: 10}
        refused = next(reply for reply in replies if reply.status_code == 429)
        assert refused.json()["code"] == "too_many_requests"
        assert refused.json()["policy"] == "caller"
        assert "at most 30 in one minute" in refused.json()["detail"]
        assert 1 <= int(refused.headers["retry-after"]) <= 2
        assert refused.headers["ratelimit-policy"] == '"caller";q=30;w=60'
        assert refused.headers["ratelimit"].startswith('"caller";r=0;t=')
        await dana.aclose()


async def test_every_reply_says_what_is_left(acme: Company, few: Few) -> None:
    few(CALLER=50, ORGANISATION=500)
    async with standing_still(acme) as strict:
        left = await _at(strict, await acme.person("viewer"))
        for path, status in ((ME, 200), ("/api/v2/customers/nothing", 422)):
            reply = await left.get(path)
            assert reply.status_code == status
            policy = '"caller";q=50;w=60, "organisation";q=500;w=60'
            assert reply.headers["ratelimit-policy"] == policy
        assert reply.headers["ratelimit"].startswith('"caller";r=48;t=')
        await left.aclose()


async def test_two_processes_share_one_allowance(acme: Company, few: Few) -> None:
    few(CALLER=60)
    mona = await acme.person("manager")
    async with (
        standing_still(acme) as one,
        standing_still(acme) as two,
    ):
        here, there = await _at(one, mona), await _at(two, mona)
        replies = await asyncio.gather(_many(here, 50), _many(there, 50))
        assert _statuses([*replies[0], *replies[1]]) == {200: 60, 429: 40}
        await here.aclose()
        await there.aclose()


async def test_one_organisation_at_twenty_times_its_limit_leaves_another_alone(
    acme: Company, rival: Company, few: Few
) -> None:
    few(ORGANISATION=40)
    crowd = await found_company(acme.server, "crowd")
    async with standing_still(acme) as strict:
        greedy = [
            await _at(strict, await crowd.person(role)) for role in ("owner", "admin", "accountant")
        ]
        calm = await _at(strict, await rival.person("owner"))
        flood, replies = await asyncio.gather(
            asyncio.gather(*(_many(one, 270) for one in greedy)), _many(calm, 39)
        )
        assert _statuses([one for each in flood for one in each]) == {200: 40, 429: 770}
        assert _statuses(replies) == {200: 39}
        with counted(strict) as asked:
            await _many(greedy[0], 20)
        assert len(asked) <= 2, "a refusal is worth no sign-in, let alone an answer"
        for person in (*greedy, calm):
            await person.aclose()
    await crowd.close()


async def test_after_the_window_it_goes_on(acme: Company, few: Few) -> None:
    few(CALLER=10)
    patient = await found_company(acme.server, "patient")
    technician = await patient.person("technician")
    begun = clock.now()

    async def later(passed: timedelta) -> dict[int, int]:
        with clock.set_to(begun + passed):
            async with serving(acme.server.database, rate_limits_times=1) as strict:
                tess = await _at(strict, technician, "127.0.0.3")
                replies = await _many(tess, 12)
                await tess.aclose()
                return _statuses(replies)

    assert await later(timedelta()) == {200: 10, 429: 2}
    assert await later(timedelta(seconds=13)) == {200: 2, 429: 10}, "as much as came back"
    assert await later(timedelta(minutes=2)) == {200: 10, 429: 2}
    await patient.close()


async def test_a_forged_forwarding_header_buys_nothing(
    acme: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(limits.TIGHT, "sign_in", Policy("sign-in", 5, 300))
    nobody = count()

    async def tries(server: Server, *forwarded: str) -> dict[int, int]:
        async with httpx2.AsyncClient(base_url=server.url, timeout=30) as stranger:
            return _statuses(
                [
                    await stranger.post(
                        "/api/v2/auth/login",
                        json={"email": f"nobody{next(nobody)}@example.com", "password": "wrong"},
                        headers={"X-Forwarded-For": hops},
                    )
                    for hops in forwarded
                ]
            )

    forged = [f"203.0.113.{n}" for n in range(8)]
    async with standing_still(acme) as alone:
        assert await tries(alone, *forged) == {401: 5, 429: 3}
    behind = [f"{hop}, 198.51.100.7" for hop in forged]
    async with standing_still(acme, trusted_proxies=1) as proxied:
        assert await tries(proxied, *behind) == {401: 5, 429: 3}, "what our own proxy saw"
        assert await tries(proxied, "198.51.100.8") == {401: 1}, "another caller"


async def test_search_has_a_tighter_limit(acme: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(limits.TIGHT, "search", Policy("search", 3, 60))
    async with standing_still(acme) as strict:
        sam = await _at(strict, await acme.person("owner"))
        replies = [await sam.get("/api/v2/search", params={"q": "smith"}) for _ in range(5)]
        assert [reply.status_code for reply in replies] == [200] * 3 + [429] * 2
        assert '"search";q=3;w=60' in replies[0].headers["ratelimit-policy"]
        assert (await sam.get(ME)).status_code == 200, "everything else goes on"
        await sam.aclose()


async def test_positions_have_a_limit_of_their_own(
    acme: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert limits.TIGHT["send_positions"].quota < limits.CALLER.quota
    monkeypatch.setitem(limits.TIGHT, "send_positions", Policy("positions", 2, 60))
    async with standing_still(acme) as strict:
        box = await _at(strict, await acme.person("owner"))
        where = f"/api/v2/technicians/{uuid4()}/positions"
        pings = [{"at": "2026-11-20T12:00:00Z", "latitude": 1, "longitude": 1, "accuracy_m": 1}]
        replies = [await box.post(where, json={"pings": pings}) for _ in range(3)]
        assert [reply.status_code for reply in replies] == [404, 404, 429]
        assert (await box.get(ME)).status_code == 200, "everything else goes on"
        await box.aclose()


async def test_who_is_far_below_the_limit_costs_no_statement(acme: Company) -> None:
    admin = await acme.person("admin")
    await admin.got(ME)
    await admin.got(ME)
    with counted(acme.server, limits_too=True) as seen:
        for _ in range(20):
            await admin.got(ME)
    assert [one for one in seen if "system.take" in one] == []


async def test_allowances_that_are_whole_again_are_forgotten(acme: Company) -> None:
    behind = await asyncpg.connect(acme.server.database.owner)
    await acme.person("dispatcher")
    kept = "select count(*) from system.allowances"
    assert await behind.fetchval(kept) > 0
    await behind.execute("update system.allowances set full_at = 0")
    assert await sweep(acme.server.state.engine, 1) == 1
    assert await sweep(acme.server.state.engine, 1000) > 0
    assert await behind.fetchval(kept) == 0
    await behind.close()


def test_the_tight_limits_name_operations_that_exist() -> None:
    assert set(limits.TIGHT) <= {route.id for route in routes()}


async def test_a_token_that_lets_nobody_in_is_charged_as_an_address(
    acme: Company, few: Few
) -> None:
    async with standing_still(acme) as strict:
        gone = await _at(strict, await acme.person("viewer", "gone tomorrow"))
        assert (await gone.post("/api/v2/auth/logout")).status_code == 204
        first, second = await gone.get(ME), await gone.get(ME)
        assert first.status_code == second.status_code == 401
        assert '"address"' in second.headers["ratelimit-policy"]
        assert '"organisation"' not in second.headers["ratelimit-policy"]
        await gone.aclose()


async def test_tables_have_a_limit_of_their_own_however_they_are_asked_for(
    acme: Company, few: Few
) -> None:
    few(EXPORT=2)
    async with standing_still(acme) as strict:
        dana = await _at(strict, await acme.person("dispatcher"))
        replies = [
            await dana.get("/api/v2/skills", headers={"Accept": spelled})
            for spelled in ("text/csv", "Text/CSV", "application/json;q=0.1, text/csv;q=0.9")
        ]
        assert [reply.status_code for reply in replies] == [200, 200, 429]
        assert replies[-1].json()["policy"] == "export"
        await dana.aclose()
