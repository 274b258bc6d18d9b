"""Who comes in, and who is shown out again (checks H4, H5, A11, B8)."""

import asyncio
import json
import random
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from app.realtime.bounds import Bounds
from tests.live.test_picture import head
from tests.support.database import Database
from tests.support.deep import times
from tests.support.field import a_job, booked_with, did, technician
from tests.support.live import address, board, listening, ticket
from tests.support.people import PASSWORD, Company, Person, sign_in
from tests.support.picture import example
from tests.support.server import Server


async def answered(url: str, said: str | bytes) -> int | str:
    """What becomes of a connection that begins so: a close code, or the type of the first answer."""
    async with connect(address(url)) as connection:
        await connection.send(said)
        try:
            return str(json.loads(await connection.recv())["type"])
        except ConnectionClosed:
            return connection.close_code or 0


ROLE = {
    "name": "Planner",
    "level": 5,
    "record_scope": "all",
    "permissions": ["visits:read", "customers:read"],
}


def hello(good: str) -> str:
    return json.dumps({"type": "hello", "ticket": good})


async def test_a_ticket_opens_one_socket_once_and_soon(server: Server, acme: Company) -> None:
    dana = await acme.person("dispatcher")
    one = await ticket(dana)
    tries = await asyncio.gather(*(answered(server.url, hello(one)) for _ in range(8)))
    assert sorted(map(str, tries)) == ["4401"] * 7 + ["welcome"]

    late = await ticket(dana)
    admin = await asyncpg.connect(server.database.admin)
    await admin.execute("update identity.tickets set expires_at = expires_at - interval '30 s'")
    await admin.close()
    assert await answered(server.url, hello(late)) == 4401

    assert await answered(server.url, hello("tr_tk_" + "A" * 43)) == 4401
    assert await answered(server.url, json.dumps({"type": "subscribe", "topic": "me"})) == 4401
    assert await answered(server.url, "hello") == 1003
    assert await answered(server.url, b"\x00") == 1003

    # a ticket is its session's: when that has ended, it opens nothing
    again = await sign_in(server, dana.email, acme.slug)
    orphan = await ticket(again)
    await again.post("/api/v2/auth/logout")
    assert await answered(server.url, hello(orphan)) == 4401
    await again.aclose()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Cookie": "theme=dark; tr_access=stolen"}, 403),
        ({"Origin": "https://evil.example", "Cookie": "tr_access=stolen"}, 403),
        ({"Cookie": "theme=dark"}, 101),
    ],
)
async def test_other_sites_open_nothing(
    server: Server, headers: dict[str, str], status: int
) -> None:
    try:
        async with connect(address(server.url), additional_headers=headers):
            answer = 101
    except InvalidStatus as refused:
        answer = refused.response.status_code
    assert answer == status


async def test_our_own_pages_come_in(server: Server) -> None:
    async with connect(address(server.url), origin=server.url, compression=None):  # type: ignore[arg-type]
        pass


async def test_a_topic_is_refused_as_its_record_would_be(acme: Company, rival: Company) -> None:
    job = await a_job(acme)
    theirs = await a_job(rival)
    tom = await acme.person("technician", "tom")
    foreign = (await theirs.visit())["id"]
    mine = (await job.visit())["id"]
    wanted = {
        f"visit:{mine}": "not_found",
        f"visit:{foreign}": "not_found",
        f"visit:{uuid4()}": "not_found",
        f"invoice:{uuid4()}": "forbidden",
        "visit:7": "no_such_topic",
        "moon:full": "no_such_topic",
        "board:2026-02-30": "no_such_topic",
        "board:tomorrow": "no_such_topic",
    }
    async with listening(tom, *wanted, "me") as live:
        said = await live.one("subscribed")
        assert {one["topic"]: one["code"] for one in said["refused"]} == wanted
        assert said["topics"] == ["me"]
        await live.say("subscribe", topic=f"board:{job.day}")
        await live.until(lambda: len(live.all("subscribed")) == 2)
        await live.say("dance")
        assert (await live.one("refused"))["code"] == "not_understood"


async def test_nothing_of_others_is_told(acme: Company, rival: Company) -> None:
    job, theirs = await a_job(acme), await a_job(rival)
    tom = await acme.person("technician", "tom")
    order = await job.work.order()
    visit = await booked_with(acme, order, tom)
    async with listening(tom, "me", f"work_order:{order['id']}", board(visit)) as live:
        await theirs.visit()
        other = await job.planned(await technician(acme, "Una"), at=job.nine + timedelta(hours=3))
        await job.dana.made(
            "/api/v2/notes",
            {"entity": "work_order", "entity_id": order["id"], "body": "x", "audience": "office"},
        )
        line = {"description": "Pumping", "unit_price": "100"}
        owner = await acme.person("owner")
        await owner.made(f"/api/v2/work-orders/{order['id']}/invoices", {"lines": [line]})
        await did(job.dana, visit, "dispatch")
        await live.fact("visit.dispatched")
        told = {one["id"] for one in live.all("event")}
        assert visit["id"] in told
        assert other["id"] not in told
        assert {one["entity"] for one in live.all("event")}.isdisjoint({"note", "invoice"})


async def test_work_that_is_taken_away_is_not_told_any_more(acme: Company) -> None:
    job = await a_job(acme)
    tim = await acme.person("technician", "tim")
    order = await job.work.order()
    visit = await booked_with(acme, order, tim)
    topics = [f"work_order:{order['id']}", board(visit), "me"]
    async with listening(tim, *topics) as live:
        await did(job.dana, visit, "unschedule")
        gone = await live.one("unsubscribed")
        assert (gone["topic"], gone["code"]) == (topics[0], "not_found")
        again = await live.one("resync")
        assert topics[1] in again["topics"]
        assert live.all("event") == []


async def rights_change(company: Company, person: Person, role: str) -> None:
    owner = await company.person("owner")
    path = f"/api/v2/memberships/{person.user_id}"
    version = (await owner.got(path))["version"]
    await owner.patched(path, version, {"role": role})


async def test_rights_that_change_close_the_socket(acme: Company) -> None:
    job = await a_job(acme)
    mo = await acme.person("dispatcher", "mo")
    async with listening(mo, f"board:{job.day}") as live:
        await rights_change(acme, mo, "accountant")
        await job.visit()
        assert await live.ended() == 4401
        assert live.all("event") == []
    assert (await mo.get("/api/v2/visits")).status_code == 401
    mark = live.mark
    await mo.again()
    async with listening(mo, f"board:{job.day}", since=mark) as back:
        await back.one("resync")  # what they may see has changed while they were away


async def test_a_session_that_ends_closes_its_socket(server: Server, acme: Company) -> None:
    """However it ends, and though nothing happens that would be told: within two rounds of looking."""
    owner = await acme.person("owner")
    await owner.made("/api/v2/roles", ROLE)
    roles = await owner.got("/api/v2/roles", limit=200)
    [role] = [one for one in roles["data"] if one["name"] == ROLE["name"]]
    names = ("out", "everywhere", "by id", "password", "suspended", "demoted", "narrowed", "stays")
    people = {
        name: await acme.person(ROLE["name"] if name == "narrowed" else "dispatcher", f"sid {name}")
        for name in names
    }
    beside = {
        name: await sign_in(server, people[name].email, acme.slug) for name in ("by id", "password")
    }
    listed = (await beside["by id"].got("/api/v2/me/sessions"))["data"]
    [other] = [one["id"] for one in listed if not one["current"]]
    body = {"current_password": PASSWORD, "new_password": "another long enough passphrase"}
    member = f"/api/v2/memberships/{people['suspended'].user_id}"
    ends = {
        "out": lambda: people["out"].post("/api/v2/auth/logout"),
        "everywhere": lambda: people["everywhere"].delete("/api/v2/me/sessions"),
        "by id": lambda: beside["by id"].delete(f"/api/v2/me/sessions/{other}"),
        "password": lambda: beside["password"].post("/api/v2/auth/password", json=body),
        "suspended": lambda: owner.post(f"{member}/suspend"),
        "demoted": lambda: rights_change(acme, people["demoted"], "accountant"),
        "narrowed": lambda: owner.patched(
            f"/api/v2/roles/{role['id']}", role["version"], {"permissions": ["visits:read"]}
        ),
    }
    async with AsyncExitStack() as stack:
        lives = {
            name: await stack.enter_async_context(listening(person, "me"))
            for name, person in people.items()
        }
        for end in ends.values():
            await end()
        codes = {name: await lives[name].ended() for name in ends}
        assert codes == dict.fromkeys(ends, 4401)
        said = {name: (await people[name].get("/api/v2/me")).status_code for name in names}
        assert said == dict.fromkeys(ends, 401) | {"stays": 200}
        assert lives["stays"].closed is None
    assert 2 * Bounds().recheck < 5
    for one in beside.values():
        await one.aclose()


async def test_whatever_one_asks_for_one_hears_nothing_of_others(
    database: Database, server: Server, acme: Company, rival: Company
) -> None:
    """10,000 topics in the deep run: every kind, with ids of others, of one's own house, and made up."""
    luck = random.Random(7)
    ted = await acme.person("technician", "ted")
    jobs = [await a_job(company) for company in (acme, rival)]
    visits = [await job.planned(await technician(job.company, "Ann")) for job in jobs]
    ids = [
        *(visit[name] for visit in visits for name in ("id", "work_order_id")),
        *(visit[name]["id"] for visit in visits for name in ("customer", "site")),
        *(str(job.company.people["dispatcher"].user_id) for job in jobs),
    ]
    open_to_all = {"job_type", "technician", "tag", "skill", "member"}
    kinds = sorted(server.state.hub.kinds.keys() - open_to_all)
    answers = []
    async with AsyncExitStack() as stack:
        lives = [
            await stack.enter_async_context(listening(ted, "me")) for _ in range(times(1, deep=4))
        ]
        for live in lives:  # one says no more than a few in a second
            for number in range(times(4, deep=50)):
                topics = set[str]()
                while len(topics) < 50:
                    id = luck.choice([*ids, str(uuid4())])
                    topics.add(f"{luck.choice(kinds)}:{id}")
                await live.say("subscribe", topics=sorted(topics))
                await live.until(lambda live=live, n=number: len(live.all("subscribed")) == n + 2)  # type: ignore[misc]
            answers += live.all("subscribed")[1:]
        for job, visit in zip(jobs, visits, strict=True):
            await did(job.dana, visit, "dispatch")
        seq = await head(database, acme)
        for live in lives:
            await live.up_to(seq)
            assert live.all("event") == []
    refused = [one for answer in answers for one in answer["refused"]]
    assert [answer["topics"] for answer in answers if answer["topics"]] == []
    assert {one["code"] for one in refused} == {"not_found", "forbidden"}
    print(f"{len(refused):,} topics asked for, {len(refused):,} refused, 0 told of")


async def test_a_record_that_comes_back_is_told_of_again(acme: Company) -> None:
    """A team's lead listens to a visit whose technician leaves the team, and comes back to it."""
    owner = await acme.person("owner")
    job = await a_job(acme)
    needed = ("visits", "work-orders", "technicians", "customers", "sites", "members")
    await owner.made(
        "/api/v2/roles",
        {
            "name": "Lead",
            "level": 5,
            "record_scope": "team",
            "permissions": [f"{one}:read" for one in needed],
        },
    )
    lea = await acme.person("Lead", "lea person")
    one, two = [await owner.made("/api/v2/teams", {"name": name}) for name in ("One", "Two")]
    tom = await technician(acme, "Tom")

    async def joins(team: str) -> None:
        now = await owner.got(f"/api/v2/technicians/{tom}")
        await owner.patched(f"/api/v2/technicians/{tom}", now["version"], {"team_id": team})

    await joins(one["id"])
    changed = await owner.patch(f"/api/v2/memberships/{lea.user_id}", json={"team_id": one["id"]})
    assert changed.status_code == 200, changed.text
    await lea.again()
    visit = await job.planned(tom)
    topic = f"visit:{visit['id']}"
    heard: list[dict[str, Any]] = []
    anew: list[list[str]] = []

    async def hear(frame: dict[str, Any]) -> None:
        heard.append(frame)

    async def look(topics: list[str]) -> None:
        anew.append(topics)

    url = address(str(lea.base_url).rstrip("/"))
    client = example.Live(url, partial(ticket, lea), [topic], event=hear, resync=look, other=hear)

    async def until(holds: Callable[[], Any]) -> None:
        async with asyncio.timeout(10):
            while not holds():
                assert not running.done(), running
                await asyncio.sleep(0.02)

    running = asyncio.create_task(client.run())
    await until(lambda: client.connected)
    await joins(two["id"])
    await until(lambda: client.ended == {topic} and len(anew) == 2)
    assert heard == [{"type": "unsubscribed", "topic": topic, "code": "not_found"}]
    await joins(one["id"])
    await until(lambda: client.topics == [topic])
    assert anew[-1] == [topic]
    await did(job.dana, visit, "dispatch")
    await until(lambda: heard[-1].get("fact") == "visit.dispatched")
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
