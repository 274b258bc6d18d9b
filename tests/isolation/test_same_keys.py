"""One id, one key, one name, one person in two organisations: neither meets the other (check A12).

What is kept by a key (rows, replies, objects, allowances, jobs, search, cursors) is kept by an
organisation's key.
"""

import asyncio
import io
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from app.api import limits
from app.core import clock
from app.core.ids import drawn_from, new_id
from app.core.limits import Policy
from app.models.customers import Customer
from app.models.files import Part
from app.models.permissions import Permission
from app.services import files, jobs
from app.services.context import Ctx
from tests.support.database import Database
from tests.support.jobs import MISBEHAVING, working
from tests.support.people import Person, sign_in
from tests.support.server import Server, serving
from tests.support.waiting import until
from tests.support.world import World

CUSTOMERS, FILES = "/api/v2/customers", "/api/v2/files"
EMAIL = "both@example.com"
Both = tuple[Person, Person]


@pytest_asyncio.fixture(scope="module")
async def both(server: Server, ours: World, victim: World) -> AsyncIterator[Both]:
    """One person, who works in both organisations and is signed in to each."""
    for world in (ours, victim):
        await world.company.add(EMAIL, f"Bo {world.mark}", "owner")
    here = await sign_in(server, EMAIL, ours.company.slug)
    there = await sign_in(server, EMAIL, victim.company.slug)
    assert here.user_id == there.user_id
    yield here, there
    await here.aclose()
    await there.aclose()


async def _names(person: Person, **params: str) -> list[str]:
    return [one["name"] for one in (await person.got(CUSTOMERS, **params))["data"]]


async def test_one_id_and_one_external_key_are_a_row_of_each(both: Both) -> None:
    id = str(new_id())
    replies = await asyncio.gather(
        *(
            person.post(CUSTOMERS, json={"id": id, "name": f"At {person.org}", "external_key": "K"})
            for person in both
        )
    )
    assert [reply.status_code for reply in replies] == [201, 201]
    here, there = both
    changed = await here.patched(f"{CUSTOMERS}/{id}", 1, {"notes": "only here"})
    assert (await there.got(f"{CUSTOMERS}/{id}"))["notes"] is None
    assert await _names(here, external_key="K") == [f"At {here.org}"]
    assert await _names(there, external_key="K") == [f"At {there.org}"]
    await here.delete(f"{CUSTOMERS}/{id}")
    assert (await there.got(f"{CUSTOMERS}/{id}"))["version"] == changed["version"] - 1
    told = await there.got(f"{CUSTOMERS}/{id}/timeline")
    assert [one["fact"] for one in told["data"]] == ["customer.created"]


async def test_one_idempotency_key_is_a_reply_of_each(both: Both) -> None:
    key = {"Idempotency-Key": "the same in both"}
    replies = [
        await person.post(CUSTOMERS, json={"name": "Same body"}, headers=key)
        for person in (*both, *both)
    ]
    assert [reply.status_code for reply in replies] == [201] * 4
    first, second, first_again, second_again = (reply.json()["id"] for reply in replies)
    assert first != second
    assert (first_again, second_again) == (first, second)
    other = await both[0].post(CUSTOMERS, json={"name": "Another body"}, headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_one_object_key_is_an_object_of_each(both: Both, ours: World, victim: World) -> None:
    id = new_id()
    for world, person in zip((ours, victim), both, strict=True):
        content = io.BytesIO(f"of {person.org}".encode())
        async with (
            files.receive(content, "same.txt", most=100) as received,
            world.session() as session,
        ):
            ctx = Ctx(session, world.company.id, person.user_id, frozenset(Permission))
            with drawn_from(lambda: id):
                await files.add(ctx, received, most_stored=10**9)
            await session.commit()
    here, there = both
    for person in both:
        reply = await person.get(f"{FILES}/{id}/{Part.content}")
        assert reply.text == f"of {person.org}"
    await here.delete(f"{FILES}/{id}")
    assert (await here.get(f"{FILES}/{id}/content")).status_code == 404
    assert (await there.get(f"{FILES}/{id}/content")).text == f"of {there.org}"


async def test_one_job_id_is_a_job_of_each(
    server: Server, both: Both, ours: World, victim: World
) -> None:
    id = new_id()
    for world, person in zip((ours, victim), both, strict=True):
        async with world.session() as session:
            ctx = Ctx(session, world.company.id, person.user_id, frozenset(Permission))
            customer = await ctx.get(Customer, UUID(world.id("customer")))
            with drawn_from(lambda: id):
                await jobs.ask(ctx, "test.greet", customer)
            await session.commit()

    async def done() -> bool:
        statuses = [(await person.got(f"/api/v2/jobs/{id}"))["status"] for person in both]
        return statuses == ["done", "done"]

    async with working(server.database, server.state.sessions, MISBEHAVING):
        await until(done)
    for person in both:
        greeted = [name for name in await _names(person, limit="200") if str(id) in name]
        assert len(greeted) == 1


async def test_one_name_is_found_by_each_in_their_own(both: Both) -> None:
    made = [
        await one.made(CUSTOMERS, {"name": "Quetzalcoatl", "phone": "+12025550188"}) for one in both
    ]
    for person, mine in zip(both, made, strict=True):
        for words in ("quetzalcoatl", "5550188"):
            found: Any = await person.got("/api/v2/search", q=words)
            assert mine["id"] in str(found)
            assert [one["id"] for one in made if one["id"] in str(found)] == [mine["id"]]


async def test_a_cursor_is_good_in_its_own_organisation(both: Both) -> None:
    here, there = both
    cursor = (await here.got(CUSTOMERS, limit="1"))["next_cursor"]
    reply = await there.get(CUSTOMERS, params={"limit": "1", "cursor": cursor})
    assert (reply.status_code, reply.json()["code"]) == (400, "bad_cursor")


async def test_one_person_has_an_allowance_in_each(
    database: Database, both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "CALLER", Policy("caller", 4, 60))
    monkeypatch.setattr(limits, "ORGANISATION", Policy("organisation", 6, 60))
    with clock.set_to(clock.now()):
        async with serving(database, rate_limits_times=1) as strict:
            statuses = {}
            for person in both:
                async with Person(base_url=strict.url, headers=dict(person.headers)) as there:
                    replies = [await there.get("/api/v2/me") for _ in range(8)]
                    statuses[person.org] = [reply.status_code for reply in replies]
    for answers in statuses.values():  # eight by one of them alone would have used up the other's
        assert answers[:4] == [200] * 4
        assert answers[-1] == 429
