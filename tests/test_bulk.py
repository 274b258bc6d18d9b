"""One verb for many records, in the background."""

import asyncio
import json
from typing import Any
from uuid import uuid4

from app.services.bulk import DO, doing
from app.tasks.definitions import DEFINITIONS
from tests.support.jobs import working
from tests.support.people import Company, Person
from tests.support.server import Server
from tests.support.work import some_work

BULK = "/api/v2/bulk"


async def ended(person: Person, bulk_id: str, *statuses: str) -> dict[str, Any]:
    async with asyncio.timeout(30):
        while True:
            found: dict[str, Any] = await person.got(f"{BULK}/{bulk_id}")
            if found["status"] in (statuses or ("completed", "canceled", "failed")):
                return found
            await asyncio.sleep(0.05)


async def rows(person: Person, bulk_id: str, outcome: str) -> list[dict[str, Any]]:
    page = await person.got(f"{BULK}/{bulk_id}/rows", outcome=outcome, limit=200)
    return list(page["data"])


def counts(found: dict[str, Any]) -> dict[str, int]:
    names = ("changed", "unchanged", "refused", "restored", "kept")
    return {name: found[f"rows_{name}"] for name in names if found[f"rows_{name}"]}


async def customers(person: Person, count: int, source: str, **more: Any) -> list[dict[str, Any]]:
    return [
        await person.made("/api/v2/customers", {"name": f"B{n}", "source": source, **more})
        for n in range(count)
    ]


def of(source: str) -> dict[str, Any]:
    return {"field": "source", "op": "eq", "value": source}


async def test_many_are_changed_and_taken_back_but_for_those_changed_since(
    acme: Company, server: Server
) -> None:
    dana = await acme.person("dispatcher")
    made = await customers(dana, 60, "fair")
    await dana.patched(f"/api/v2/customers/{made[0]['id']}", 1, {"stage": "former"})
    body = {"list": "customers", "action": "change", "params": {"stage": "former"}}
    body["filter"] = of("fair")
    assert (await dana.made("/api/v2/bulk-preview", body))["rows"] == 60
    asked = await dana.made(BULK, body)
    assert (asked["status"], asked["rows"], asked["rows_done"]) == ("queued", 60, 0)
    await customers(dana, 1, "fair")  # too late to be in it

    async with working(server.database, server.state.sessions):
        done = await ended(dana, asked["id"])
        assert (done["status"], done["rows_done"]) == ("completed", 60)
        assert counts(done) == {"changed": 59, "unchanged": 1}
        page = await dana.got("/api/v2/customers", stage="former", limit=200)
        assert len(page["data"]) == 60
        story = await dana.got(f"/api/v2/customers/{made[1]['id']}/timeline")
        assert story["data"][0]["sentence"] == "Customer B1 was changed (stage)."

        await dana.patched(f"/api/v2/customers/{made[5]['id']}", 2, {"notes": "Called."})
        assert (await dana.post(f"{BULK}/{asked['id']}/undo")).status_code == 202
        undone = await ended(dana, asked["id"], "undone")
    assert counts(undone) == {"unchanged": 1, "restored": 58, "kept": 1}
    (kept,) = await rows(dana, asked["id"], "kept")
    assert (kept["record_id"], kept["reason"]) == (
        made[5]["id"],
        "It was changed since (version 3).",
    )
    former = await dana.got("/api/v2/customers", stage="former")
    assert {one["id"] for one in former["data"]} == {made[0]["id"], made[5]["id"]}
    again = await dana.post(f"{BULK}/{asked['id']}/undo")
    assert (again.status_code, again.json()["code"]) == (409, "not_ended")


async def test_what_is_refused_is_named_and_costs_no_other(acme: Company, server: Server) -> None:
    dana = await acme.person("dispatcher")
    work = await some_work(acme, dana)
    orders = [await work.order() for _ in range(3)]
    await dana.made(f"/api/v2/work-orders/{orders[1]['id']}/cancel", {"reason": "Moved away"})
    asked = await dana.made(
        BULK,
        {
            "list": "work-orders",
            "action": "cancel",
            "params": {"reason": "Storm"},
            "ids": [one["id"] for one in orders],
        },
    )
    async with working(server.database, server.state.sessions):
        done = await ended(dana, asked["id"])
    assert counts(done) == {"changed": 2, "refused": 1}
    refused = {one["record_id"]: one["reason"] for one in await rows(dana, asked["id"], "refused")}
    assert "canceled" in refused[orders[1]["id"]]
    shown = await dana.got(f"/api/v2/work-orders/{orders[0]['id']}")
    assert (shown["status"], shown["status_reason"]) == ("canceled", "Storm")
    undo = await dana.post(f"{BULK}/{asked['id']}/undo")
    assert (undo.status_code, undo.json()["code"]) == (409, "not_undoable")


async def test_it_stops_between_batches_when_asked_to(acme: Company, server: Server) -> None:
    dana = await acme.person("dispatcher")
    await customers(dana, doing.BATCH + 1, "long")
    body = {"list": "customers", "action": "change", "params": {"source": "new"}}
    asked = await dana.made(BULK, {**body, "filter": of("long")})
    stopped = await dana.made(f"{BULK}/{asked['id']}/cancel")
    assert stopped["cancel_asked"]
    async with working(server.database, server.state.sessions):
        done = await ended(dana, asked["id"])
    assert (done["status"], done["rows_done"]) == ("canceled", 0)
    late = await dana.post(f"{BULK}/{asked['id']}/cancel")
    assert (late.status_code, late.json()["code"]) == (409, "ended")


async def test_nothing_is_taken_that_could_not_be_done(acme: Company) -> None:
    dana, theo = await acme.person("dispatcher"), await acme.person("technician")
    one = await dana.made("/api/v2/customers", {"name": "Right"})
    right = {
        "list": "customers",
        "action": "change",
        "params": {"stage": "former"},
        "ids": [one["id"]],
    }
    missing = await dana.post(BULK, json=right | {"ids": [one["id"], str(uuid4())]})
    assert (missing.status_code, missing.json()["errors"][0]["pointer"]) == (404, "/ids/1")
    for wrong, pointer in (
        ({"list": "ledgers"}, "/list"),
        ({"list": "payments"}, "/list"),
        ({"action": "explode"}, "/action"),
        ({"params": {"stage": "asleep"}}, "/params/stage"),
        ({"params": {"name": "All the same"}}, "/params/name"),
        ({"params": {"priority": "high"}}, "/params/priority"),
        ({"ids": None, "filter": {"field": "shoe"}}, "/filter/field"),
        ({"ids": None, "filter": of("nobody says this")}, "/filter"),
    ):
        reply = await dana.post(BULK, json=right | wrong)
        assert reply.status_code == 422, (wrong, reply.text)
        assert reply.json()["errors"][0]["pointer"] == pointer
    both = await dana.post(BULK, json=right | {"filter": of("fair")})
    assert (both.status_code, both.json()["code"]) == (422, "which_records")
    assert (await theo.post(BULK, json=right)).json()["permission"] == "bulk:write"
    ann = await acme.person("accountant")
    assert (await ann.post(BULK, json=right)).json()["permission"] == "customers:write"


async def test_another_worker_goes_on_where_one_stopped(acme: Company, server: Server) -> None:
    """A batch and the place it has come to are one transaction."""
    dana = await acme.person("dispatcher")
    await customers(dana, doing.BATCH * 2 + 5, "twice")
    body = {"list": "customers", "action": "change", "params": {"payment_terms_days": 9}}
    asked = await dana.made(BULK, {**body, "filter": of("twice")})
    async with working(server.database, server.state.sessions, {DO: DEFINITIONS[DO]}):
        await ended(dana, asked["id"], "running", "completed")
    async with working(server.database, server.state.sessions):
        done = await ended(dana, asked["id"])
    assert counts(done) == {"changed": doing.BATCH * 2 + 5}
    page = await dana.got("/api/v2/customers", limit=200, filter=json.dumps(of("twice")))
    assert {one["version"] for one in page["data"]} == {2}
