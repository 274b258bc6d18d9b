"""Notes through the door people use, and who may read them."""

from typing import Any
from uuid import uuid4

import pytest

from tests.support.field import VISITS, booked_with
from tests.support.people import Company, Person
from tests.support.queries import counted
from tests.support.work import some_work

NOTES = "/api/v2/notes"


async def a_customer(person: Person) -> str:
    return str((await person.made("/api/v2/customers", {"name": "Ann Lee"}))["id"])


async def a_note(person: Person, entity: str, entity_id: str, body: str = "Two dogs.") -> Any:
    return await person.made(NOTES, {"entity": entity, "entity_id": entity_id, "body": body})


def pointers(reply: Any) -> list[str]:
    return [error["pointer"] for error in reply.json()["errors"]]


async def test_a_note_is_written_reworded_deleted_and_brought_back(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    ann = await a_customer(dana)
    note = await a_note(dana, "customer", ann, " Two dogs. ")
    assert (note["body"], note["entity"], note["entity_id"]) == ("Two dogs.", "customer", ann)
    assert note["author"] == {"id": str(dana.user_id), "name": "Dispatcher"}
    path = f"{NOTES}/{note['id']}"
    changed = await dana.patched(path, 1, {"body": "Three dogs."})
    assert (changed["version"], changed["body"]) == (2, "Three dogs.")
    stale = await dana.patch(path, json={"body": "x"}, headers={"If-Match": '"v1"'})
    assert stale.status_code == 412
    assert stale.json()["current"] == changed
    assert (await dana.delete(path)).status_code == 204
    assert (await dana.get(path)).status_code == 404
    assert (await dana.got(NOTES, entity="customer", entity_id=ann))["data"] == []
    assert (await dana.made(f"{path}/restore"))["deleted_at"] is None
    again = await dana.post(f"{path}/restore")
    assert (again.status_code, again.json()["code"]) == (409, "not_deleted")

    told = [
        "A note was restored: “Three dogs.”",
        "A note was deleted: “Three dogs.”",
        "A note was changed: “Three dogs.”",
        "A note was written: “Two dogs.”",
    ]
    of_note = await dana.got(f"{path}/timeline")
    assert [one["sentence"] for one in of_note["data"]] == told
    of_ann = await dana.got(f"/api/v2/customers/{ann}/timeline")
    assert [one["sentence"] for one in of_ann["data"]] == [*told, "Customer Ann Lee was added."]
    history = await dana.got(f"{path}/history")
    assert history["data"][2]["changes"] == {"body": ["Two dogs.", "Three dogs."]}


async def test_a_long_note_is_quoted_in_part(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    ann = await a_customer(dana)
    await a_note(dana, "customer", ann, "word " * 100)
    story = await dana.got(f"/api/v2/customers/{ann}/timeline", limit=1)
    assert len(story["data"][0]["sentence"]) < 160
    assert story["data"][0]["sentence"].endswith("…”")


async def test_a_visits_note_is_told_in_its_work_order_too(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    order = await (await some_work(acme, dana)).order(summary="Pump the tank")
    visit = await dana.made(VISITS, {"work_order_id": order["id"]})
    await a_note(dana, "visit", visit["id"], "Bring the long hose.")
    story = await dana.got(f"/api/v2/work-orders/{order['id']}/timeline")
    assert "A note was written: “Bring the long hose.”" in [s["sentence"] for s in story["data"]]


async def test_a_technician_reaches_notes_of_own_work_and_changes_own_notes(acme: Company) -> None:
    dana, tina = await acme.person("dispatcher"), await acme.person("technician")
    work = await some_work(acme, dana)
    mine, other = await work.order(summary="Mine"), await work.order(summary="Not mine")
    await booked_with(acme, mine, tina)
    unseen = await a_note(dana, "work_order", other["id"], "Not for Tina.")
    seen = await a_note(dana, "work_order", mine["id"], "For Tina.")

    listed = await tina.got(NOTES, entity="work_order", entity_id=mine["id"])
    assert [note["body"] for note in listed["data"]] == ["For Tina."]
    params = {"entity": "work_order", "entity_id": other["id"]}
    assert (await tina.get(NOTES, params=params)).status_code == 404
    hidden = await tina.get(f"{NOTES}/{unseen['id']}")
    nothing = await tina.get(f"{NOTES}/{uuid4()}")
    assert (hidden.status_code, hidden.json()["detail"]) == (404, nothing.json()["detail"])
    for story in ("timeline", "history"):
        assert (await tina.get(f"{NOTES}/{unseen['id']}/{story}")).status_code == 404

    version = {"If-Match": '"v1"'}
    path = f"{NOTES}/{seen['id']}"
    refused = await tina.patch(path, json={"body": "Mine now."}, headers=version)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_author")
    assert (await tina.delete(path)).status_code == 403
    assert (await dana.delete(path)).status_code == 204
    assert (await tina.post(f"{path}/restore")).status_code == 403

    own = await a_note(tina, "work_order", mine["id"], "Lid was broken.")
    assert (await tina.patched(f"{NOTES}/{own['id']}", 1, {"body": "Lid broken."}))["version"] == 2
    by_office = await dana.patched(f"{NOTES}/{own['id']}", 2, {"body": "Lid is broken."})
    assert by_office["author"]["id"] == str(tina.user_id)
    assert (await tina.delete(f"{NOTES}/{own['id']}")).status_code == 204


async def test_who_reads_no_invoices_reads_no_notes_on_them(acme: Company) -> None:
    tina = await acme.person("technician")
    params = {"entity": "invoice", "entity_id": str(uuid4())}
    reply = await tina.get(NOTES, params=params)
    assert (reply.status_code, reply.json()["permission"]) == (403, "invoices:read")
    reply = await tina.post(NOTES, json=params | {"body": "x"})
    assert (reply.status_code, reply.json()["permission"]) == (403, "invoices:read")


async def test_notes_go_out_of_reach_with_their_record(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    ann = await a_customer(dana)
    note = await a_note(dana, "customer", ann)
    assert (await dana.delete(f"/api/v2/customers/{ann}")).status_code == 204
    assert (await dana.get(f"{NOTES}/{note['id']}")).status_code == 404
    params = {"entity": "customer", "entity_id": ann}
    assert (await dana.get(NOTES, params=params)).status_code == 404
    await dana.made(f"/api/v2/customers/{ann}/restore")
    assert (await dana.got(f"{NOTES}/{note['id']}"))["body"] == "Two dogs."


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"body": " "}, "/body"),
        ({"body": "x" * 10_001}, "/body"),
        ({"entity": "member"}, "/entity"),
        ({"entity_id": "17"}, "/entity_id"),
        ({"author_id": str(uuid4())}, "/author_id"),
    ],
)
async def test_what_is_wrong_is_named(acme: Company, wrong: dict[str, Any], pointer: str) -> None:
    dana = await acme.person("dispatcher")
    body = {"entity": "customer", "entity_id": await a_customer(dana), "body": "x"}
    reply = await dana.post(NOTES, json=body | wrong)
    assert (reply.status_code, pointers(reply)) == (422, [pointer])


async def test_a_list_names_its_record(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    reply = await dana.get(NOTES)
    assert (reply.status_code, pointers(reply)) == (422, ["?entity", "?entity_id"])


async def test_a_strangers_ids_are_like_ids_of_nothing(acme: Company, rival: Company) -> None:
    dana, rob = await acme.person("dispatcher"), await rival.person("owner")
    ann = await a_customer(dana)
    note = await a_note(dana, "customer", ann)

    async def answers_to(id: str, customer_id: str) -> list[Any]:
        told = []
        of = {"entity": "customer", "entity_id": customer_id}
        for method, path, body, params in (
            ("GET", f"{NOTES}/{id}", None, {}),
            ("PATCH", f"{NOTES}/{id}", {"body": "x"}, {}),
            ("DELETE", f"{NOTES}/{id}", None, {}),
            ("POST", f"{NOTES}/{id}/restore", None, {}),
            ("GET", f"{NOTES}/{id}/timeline", None, {}),
            ("GET", f"{NOTES}/{id}/history", None, {}),
            ("GET", NOTES, None, of),
            ("POST", NOTES, of | {"body": "x"}, {}),
        ):
            reply = await rob.request(
                method, path, json=body, params=params, headers={"If-Match": '"v1"'}
            )
            told.append((reply.status_code, reply.json()["detail"], reply.json()["errors"]))
        return told

    strange = await answers_to(note["id"], ann)
    assert strange == await answers_to(str(uuid4()), str(uuid4()))
    assert {status for status, _, _ in strange} == {404}
    assert [errors[0]["pointer"] for _, _, errors in strange[-2:]] == ["?entity_id", "/entity_id"]


async def test_the_list_asks_as_much_for_one_row_as_for_twenty(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    few, many = await a_customer(dana), await a_customer(dana)
    await a_note(dana, "customer", few)
    for n in range(20):
        await a_note(dana, "customer", many, f"Note {n}")
    with counted(acme.server) as one:
        assert len((await dana.got(NOTES, entity="customer", entity_id=few))["data"]) == 1
    with counted(acme.server) as twenty:
        page = await dana.got(NOTES, entity="customer", entity_id=many)
    assert [note["body"] for note in page["data"]][:2] == ["Note 19", "Note 18"]
    assert len(page["data"]) == 20
    assert len(one) == len(twenty)


async def test_a_note_is_read_by_those_it_is_meant_for(acme: Company) -> None:
    dana, mia = await acme.person("dispatcher"), await acme.person("manager")
    theo = await acme.person("technician", "theo")
    work = await some_work(acme, dana)
    order = await work.order()
    await booked_with(acme, order, theo, name="Theo")
    on = {"entity": "work_order", "entity_id": order["id"]}
    made = {
        audience: await dana.made(NOTES, on | {"body": f"For {audience}.", "audience": audience})
        for audience in ("everyone", "office", "author")
    }
    assert made["author"]["audience"] == "author"
    for person, meant in (
        (dana, ["everyone", "office", "author"]),
        (mia, ["everyone", "office"]),
        (theo, ["everyone"]),
    ):
        listed = (await person.got(NOTES, **on, sort="created_at"))["data"]
        assert [note["audience"] for note in listed] == meant
        for audience, note in made.items():
            opened = await person.get(f"{NOTES}/{note['id']}")
            assert (opened.status_code == 200) is (audience in meant)
        story = (await person.got(f"/api/v2/work-orders/{order['id']}/timeline", limit=200))["data"]
        told = [one["sentence"] for one in story if one["fact"] == "note.added"]
        assert told == [f"A note was written: “For {audience}.”" for audience in reversed(meant)]

    secret = await dana.got(f"{NOTES}/{made['author']['id']}/timeline")
    entry = f"/api/v2/journal/{secret['data'][0]['id']}"
    assert "For author." in (await dana.got(entry))["sentence"]
    withheld = await mia.got(entry)
    assert (withheld["changes"], withheld["sentence"]) == ({}, None)
    await dana.patched(f"{NOTES}/{made['author']['id']}", 1, {"audience": "everyone"})
    assert (await theo.get(f"{NOTES}/{made['author']['id']}")).status_code == 200
    own = await theo.made(NOTES, on | {"body": "Fix my report.", "audience": "author"})
    assert (await mia.get(f"{NOTES}/{own['id']}")).status_code == 404
