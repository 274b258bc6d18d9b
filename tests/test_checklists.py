"""Checklists: written by the office, ticked off in the field."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from app.core import clock
from tests.support.people import Company, Person
from tests.support.stages import visit
from tests.support.work import ORDERS, some_work


async def titles(person: Person, order: Any) -> list[tuple[int, str]]:
    seen = await person.got(f"{ORDERS}/{order['id']}")
    return [(step["position"], step["title"]) for step in seen["checklist"]]


async def test_the_office_writes_the_list(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    work = await some_work(acme, dana, checklist=("Open lid", "Close lid"))
    order = await work.order()
    items = f"{ORDERS}/{order['id']}/checklist-items"
    last = await dana.made(items, {"title": "Sweep"})
    assert (last["position"], last["required"], last["done_at"]) == (2, False, None)
    pump = await dana.made(items, {"title": "Pump", "position": 1, "required": True})
    assert await titles(dana, order) == [
        (0, "Open lid"), (1, "Pump"), (2, "Close lid"), (3, "Sweep"),
    ]  # fmt: skip

    changed = await dana.patched(f"{items}/{last['id']}", 2, {"position": 0, "title": "Lay mats"})
    assert (changed["position"], changed["title"]) == (0, "Lay mats")
    stale = await dana.patch(
        f"{items}/{last['id']}", json={"title": "x"}, headers={"If-Match": '"v2"'}
    )
    assert (stale.status_code, stale.json()["current"]["title"]) == (412, "Lay mats")
    assert (await dana.delete(f"{items}/{pump['id']}")).status_code == 204
    assert await titles(dana, order) == [(0, "Lay mats"), (1, "Open lid"), (2, "Close lid")]

    story = (await dana.got(f"{ORDERS}/{order['id']}/timeline"))["data"]
    assert [one["sentence"] for one in story[:4]] == [
        "“Pump” was taken off the checklist.",
        "“Lay mats” was changed on the checklist (title, position).",
        "“Pump” was put on the checklist.",
        "“Sweep” was put on the checklist.",
    ]
    assert (await dana.got(f"{ORDERS}/{order['id']}"))["version"] == 1


async def test_a_technician_ticks_off_and_does_not_write(acme: Company) -> None:
    dana, tess = await acme.person("dispatcher"), await acme.person("technician", "tess")
    work = await some_work(acme, dana, checklist=("Open lid",))
    order, other = await work.order(), await work.order()
    await visit(acme, order, "scheduled", who=tess)
    step = f"{ORDERS}/{order['id']}/checklist-items/{order['checklist'][0]['id']}"
    earlier = (clock.now() - timedelta(hours=2)).isoformat()

    ticked = await tess.made(f"{step}/done", {"occurred_at": earlier})
    assert (ticked["done_by_id"], ticked["version"]) == (str(tess.user_id), 2)
    again = await dana.made(f"{step}/done")
    assert (again["done_at"], again["done_by_id"], again["version"]) == (
        ticked["done_at"], str(tess.user_id), 2,
    )  # fmt: skip
    done = await dana.delete(step)
    assert (done.status_code, done.json()["code"]) == (409, "done")
    opened = await tess.made(f"{step}/undo")
    assert (opened["done_at"], opened["done_by_id"]) == (None, None)
    story = (await dana.got(f"{ORDERS}/{order['id']}/timeline"))["data"]
    assert [one["sentence"] for one in story[:2]] == [
        "“Open lid” was opened again.",
        "“Open lid” was ticked off.",
    ]
    assert story[1]["actor"]["name"] == "Tess"

    assert (await tess.patch(step, json={"title": "x"})).status_code == 403
    assert (await tess.delete(step)).status_code == 403
    hidden = f"{ORDERS}/{other['id']}/checklist-items/{other['checklist'][0]['id']}"
    assert (await tess.post(f"{hidden}/done")).status_code == 404
    future = (clock.now() + timedelta(days=1)).isoformat()
    assert (await tess.post(f"{step}/done", json={"occurred_at": future})).status_code == 422


async def test_a_step_is_reached_through_its_own_work_order(acme: Company, rival: Company) -> None:
    dana, rob = await acme.person("dispatcher"), await rival.person("owner")
    work, theirs = await some_work(acme, dana, checklist=("A",)), await some_work(rival, rob)
    order, other, foreign = await work.order(), await work.order(), await theirs.order()
    step = order["checklist"][0]["id"]
    for person, path in (
        (dana, f"{other['id']}/checklist-items/{step}"),
        (dana, f"{order['id']}/checklist-items/{uuid4()}"),
        (rob, f"{order['id']}/checklist-items/{step}"),
        (rob, f"{foreign['id']}/checklist-items/{step}"),
    ):
        for verb in ("done", "undo"):
            assert (await person.post(f"{ORDERS}/{path}/{verb}")).status_code == 404
        assert (await person.patch(f"{ORDERS}/{path}", json={"title": "x"})).status_code == 404
        assert (await person.delete(f"{ORDERS}/{path}")).status_code == 404
    assert await titles(dana, order) == [(0, "A")]


async def test_the_list_stands_when_the_work_is_complete(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    work = await some_work(acme, dana, checklist=("Open lid", "Close lid"))
    order = await work.order()
    items = f"{ORDERS}/{order['id']}/checklist-items"
    ticked, step = (one["id"] for one in order["checklist"])
    await dana.made(f"{items}/{ticked}/done")
    await visit(acme, order, "completed")
    for reply in (
        await dana.post(items, json={"title": "Late"}),
        await dana.patch(f"{items}/{step}", json={"title": "Late"}),
        await dana.post(f"{items}/{step}/done"),
        await dana.post(f"{items}/{ticked}/undo"),
        await dana.delete(f"{items}/{step}"),
    ):
        assert (reply.status_code, reply.json()["code"]) == (409, "work_order_ended")
        assert "Reopen it" in reply.json()["detail"]


async def test_taking_the_last_missing_step_away_completes_the_work(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    work = await some_work(acme, dana)
    step = {"title": "Photo", "required": True}
    removed, relaxed = await work.order(checklist=[step]), await work.order(checklist=[step])
    for order in (removed, relaxed):
        await visit(acme, order, "completed")
        assert (await dana.got(f"{ORDERS}/{order['id']}"))["status"] == "in_progress"
    path = f"{ORDERS}/{removed['id']}/checklist-items/{removed['checklist'][0]['id']}"
    assert (await dana.delete(path)).status_code == 204
    path = f"{ORDERS}/{relaxed['id']}/checklist-items/{relaxed['checklist'][0]['id']}"
    assert (await dana.patch(path, json={"required": False})).status_code == 200
    for order in (removed, relaxed):
        assert (await dana.got(f"{ORDERS}/{order['id']}"))["status"] == "completed"


async def test_a_list_has_an_end(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    work = await some_work(acme, dana)
    too_many = [{"title": "Step"}] * 101
    assert (await dana.post(ORDERS, json=work.draft(checklist=too_many))).status_code == 422
    order = await work.order(checklist=too_many[:100])
    reply = await dana.post(f"{ORDERS}/{order['id']}/checklist-items", json={"title": "One more"})
    assert (reply.status_code, reply.json()["code"]) == (409, "too_many")
