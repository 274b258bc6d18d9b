"""The same request twice is done once, and answered to the byte as the first time (check D4)."""

import asyncio
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
import pytest

from tests.support.deep import times
from tests.support.fingerprints import fingerprint
from tests.support.people import Person
from tests.support.routes import Route
from tests.support.world import World, creations

KEYS, AT_ONCE = times(8, deep=200), 10
CUSTOMERS = "/api/v2/customers"


@pytest.mark.parametrize("route", creations().values(), ids=lambda route: route.name)
async def test_every_creation_can_be_repeated(
    route: Route, ours: World, admin: asyncpg.Connection
) -> None:
    call = await ours.creating(route.id)
    first = await call.send(ours.owner)
    assert first.status_code == 201, first.text
    after = await fingerprint(admin, ours.company.id)
    second = await call.send(ours.owner)
    assert (second.status_code, second.content) == (first.status_code, first.content)
    assert second.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert second.headers.get("etag") == first.headers.get("etag")
    assert await fingerprint(admin, ours.company.id) == after


async def test_keys_sent_many_times_at_once_have_one_effect_each(
    ours: World, admin: asyncpg.Connection
) -> None:
    replies = await asyncio.gather(
        *(_until_answered(ours.owner, f"many {n}", ours.text("many")) for n in range(KEYS))
    )
    for of_one_key in replies:
        assert {reply.status_code for reply in of_one_key} == {201}
        assert len({reply.content for reply in of_one_key}) == 1
        fresh = [one for one in of_one_key if "idempotent-replayed" not in one.headers]
        assert len(fresh) <= 1  # its one fresh reply may have been lost on the way
    made = await admin.fetchval(
        "select count(*) from customers where org_id = $1 and source = 'many'", ours.company.id
    )
    assert made == KEYS


async def _until_answered(person: Person, key: str, name: str) -> list[Any]:
    """Ten senders of one request, each of whom asks again while another's is in flight."""

    async def send() -> Any:
        while True:
            try:
                reply = await person.post(
                    CUSTOMERS,
                    json={"name": name, "source": "many"},
                    headers={"Idempotency-Key": key, "Accept-Encoding": "identity"},
                )
            except httpx2.TransportError:
                continue  # a connection that broke: what the key is for
            if reply.status_code not in (409, 503):
                return reply
            assert reply.json()["code"] in ("request_in_flight", "unavailable"), reply.text
            await asyncio.sleep(0.02)

    return await asyncio.gather(*(send() for _ in range(AT_ONCE)))


async def test_a_key_belongs_to_its_request(ours: World) -> None:
    key = {"Idempotency-Key": "belongs to one"}
    body = {"name": ours.text("one")}
    assert (await ours.owner.post(CUSTOMERS, json=body, headers=key)).status_code == 201
    for other in (
        await ours.owner.post(CUSTOMERS, json={"name": ours.text("two")}, headers=key),
        await ours.owner.post("/api/v2/skills", json=body, headers=key),
    ):
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_a_key_belongs_to_its_organisation(ours: World, victim: World) -> None:
    key = {"Idempotency-Key": "of two organisations"}
    body = {"name": "The same words"}
    mine = await ours.owner.post(CUSTOMERS, json=body, headers=key)
    theirs = await victim.owner.post(CUSTOMERS, json=body, headers=key)
    assert mine.status_code == theirs.status_code == 201
    assert mine.json()["id"] != theirs.json()["id"]
    assert "idempotent-replayed" not in theirs.headers


async def test_a_key_belongs_to_its_person(ours: World) -> None:
    dana = await ours.company.person("dispatcher")
    key = {"Idempotency-Key": "of two people"}
    mine = await ours.owner.post(CUSTOMERS, json={"name": "Mine"}, headers=key)
    hers = await dana.post(CUSTOMERS, json={"name": "Hers"}, headers=key)
    assert mine.status_code == hers.status_code == 201
    assert (mine.json()["name"], hers.json()["name"]) == ("Mine", "Hers")


async def test_while_the_first_is_in_flight_the_second_waits_for_its_turn(
    ours: World, admin: asyncpg.Connection
) -> None:
    key = {"Idempotency-Key": "in flight"}
    first = admin.transaction()
    await first.start()
    await _hold(admin, ours.company.id, ours.owner.user_id, "key:in flight")
    held = await ours.owner.post(CUSTOMERS, json={"name": "Held"}, headers=key)
    await first.rollback()
    assert (held.status_code, held.json()["code"]) == (409, "request_in_flight")
    assert held.headers["retry-after"] == "1"
    done = await ours.owner.post(CUSTOMERS, json={"name": "Held"}, headers=key)
    assert done.status_code == 201


async def _hold(admin: asyncpg.Connection, org_id: UUID, user_id: UUID, key: str) -> None:
    """What a request in another process holds until it has committed."""
    await admin.execute(
        "select pg_advisory_xact_lock(hashtextextended($1::text || $2::text || $3, 0))",
        str(org_id), str(user_id), key,
    )  # fmt: skip


async def test_a_refused_request_may_be_put_right_under_its_key(ours: World) -> None:
    key = {"Idempotency-Key": "put right"}
    refused = await ours.owner.post(CUSTOMERS, json={"name": ""}, headers=key)
    assert refused.status_code == 422
    right = await ours.owner.post(CUSTOMERS, json={"name": "Put right"}, headers=key)
    assert right.status_code == 201


async def test_no_reply_with_a_token_is_stored(ours: World, admin: asyncpg.Connection) -> None:
    ana = await ours.company.person("viewer", "Ana")
    reply = await ana.post(
        "/api/v2/auth/select-org",
        json={"org": str(ours.company.id)},
        headers={"Idempotency-Key": "tokens"},
    )
    assert reply.status_code == 200, reply.text
    assert "access_token" in reply.json()
    kept = await admin.fetchval("select count(*) from stored_replies where key = 'key:tokens'")
    assert kept == 0
