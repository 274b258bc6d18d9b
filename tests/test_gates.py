"""The completion gate: what must be there before work moves on."""

from datetime import timedelta
from typing import Any

import pytest

from app.core import clock
from tests.support.people import Company, Person
from tests.support.pictures import make_png
from tests.support.work import ORDERS, some_work

TYPES = "/api/v2/job-types"
VISITS = "/api/v2/visits"


def soon() -> str:
    """Tomorrow at this time; each visit has a technician of its own."""
    return (clock.now() + timedelta(days=1)).isoformat()


async def _gated(company: Company, name: str, *gate: dict[str, Any], **more: Any) -> Any:
    """A work order of a type with this gate, and its one visit, on which somebody is at work."""
    owner = await company.person("owner")
    kind = await owner.made(
        TYPES,
        {"name": name, "trade": "septic", "duration_minutes": 60, "gate": list(gate), **more},
    )
    dana = await company.person("dispatcher")
    order = await (await some_work(company, dana)).order(job_type_id=kind["id"])
    return order, await at_work(company, dana, order)


async def at_work(company: Company, dana: Person, order: Any) -> Any:
    """A visit of the order at which somebody works."""
    owner = await company.person("owner")
    technician = await owner.made("/api/v2/technicians", {"name": f"Tess {order['number']}"})
    visit = await dana.made(VISITS, {"work_order_id": order["id"]})
    reply = await dana.post(
        f"{VISITS}/{visit['id']}/schedule",
        json={"technician_ids": [technician["id"]], "start": soon()},
        headers={"If-Match": f'"v{visit["version"]}"'},
    )
    assert reply.status_code == 200, reply.text
    for verb in ("en-route", "arrive", "start"):
        visit = await owner.made(f"{VISITS}/{visit['id']}/{verb}", {})
    return visit


async def _photo(person: Person, entity: str, entity_id: str) -> None:
    sent = await person.post("/api/v2/files", files={"file": ("tank.png", make_png(), "image/png")})
    assert sent.status_code == 201, sent.text
    await person.made(
        "/api/v2/attachments",
        {"file_id": sent.json()["id"], "entity": entity, "entity_id": entity_id, "kind": "photo"},
    )


async def test_a_visit_ends_when_what_its_gate_asks_for_is_there(acme: Company) -> None:
    order, visit = await _gated(
        acme,
        "Pumping with proof",
        {"before": "visit.complete", "need": "required_steps"},
        {"before": "visit.complete", "need": "notes"},
        {"before": "visit.complete", "need": "photos", "at_least": 2},
        tasks=[{"title": "Depth of the sludge", "kind": "number", "required": True}],
    )
    owner = await acme.person("owner")
    path = f"{VISITS}/{visit['id']}"
    step = order["checklist"][0]["id"]
    told = [
        ("visit.complete", f"/checklist/{step}", "“Depth of the sludge” is not done."),
        ("visit.complete", "/notes", "A note is missing. Write down what was done."),
        (
            "visit.complete",
            "/attachments",
            "2 photos are missing. Take one of the work and attach it.",
        ),
    ]
    assert [(m["before"], m["pointer"], m["detail"]) for m in visit["missing"]] == told
    listed = await owner.got(VISITS, work_order_id=order["id"])
    assert listed["data"][0]["missing"] == visit["missing"]

    refused = await owner.post(f"{path}/complete", json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "gate")
    assert [(e["pointer"], e["detail"]) for e in refused.json()["errors"]] == [
        (pointer, detail) for _, pointer, detail in told
    ]
    assert refused.json()["detail"].startswith("This visit cannot be completed yet: “Depth")
    assert (await owner.got(path))["status"] == "working"

    await owner.made(f"{ORDERS}/{order['id']}/checklist-items/{step}/done", {"answer": "14"})
    await owner.made("/api/v2/notes", {"entity": "visit", "entity_id": visit["id"], "body": "Ok."})
    await _photo(owner, "visit", visit["id"])
    assert [m["detail"] for m in (await owner.got(path))["missing"]] == [
        "A photo is missing. Take one of the work and attach it."
    ]
    await _photo(owner, "visit", visit["id"])
    done = await owner.made(f"{path}/complete", {})
    assert (done["status"], done["missing"]) == ("completed", [])
    assert (await owner.got(f"{ORDERS}/{order['id']}"))["status"] == "completed"


async def test_a_work_order_completes_by_itself_when_the_last_of_it_arrives(acme: Company) -> None:
    order, visit = await _gated(
        acme,
        "Two notes",
        {"before": "work_order.complete", "need": "notes", "at_least": 2},
        {"before": "work_order.approve", "need": "signatures"},
    )
    owner = await acme.person("owner")
    path = f"{ORDERS}/{order['id']}"
    assert [(m["before"], m["code"]) for m in order["missing"]] == [
        ("work_order.complete", "notes"),
        ("work_order.approve", "signatures"),
    ]
    await owner.made(f"{VISITS}/{visit['id']}/complete", {})
    assert (await owner.got(path))["status"] == "in_progress"
    gate = await owner.post(f"{path}/complete")
    assert (gate.status_code, gate.json()["code"]) == (409, "gate")
    assert gate.json()["errors"][0]["detail"] == "2 notes are missing. Write down what was done."
    for entity, id in (("visit", visit["id"]), ("work_order", order["id"])):
        await owner.made("/api/v2/notes", {"entity": entity, "entity_id": id, "body": "Done."})
    seen = await owner.got(path)
    assert (seen["status"], [m["before"] for m in seen["missing"]]) == (
        "completed",
        ["work_order.approve"],
    )

    refused = await owner.post(f"{path}/approve")
    assert (refused.status_code, refused.json()["code"]) == (409, "gate")
    approved = await owner.made(f"{path}/approve", {"waived": "Signed on paper"})
    assert (approved["status"], approved["status_reason"]) == ("approved", "Signed on paper")
    assert approved["missing"] == []
    assert (await owner.got(f"{path}/timeline"))["data"][0]["sentence"] == (
        f"Work order {order['number']} was approved, although something is missing:"
        " Signed on paper."
    )


async def test_who_may_approve_waives_a_visits_gate_with_a_reason(acme: Company) -> None:
    _, visit = await _gated(acme, "Strict", {"before": "visit.complete", "need": "attachments"})
    dana, owner = await acme.person("dispatcher"), await acme.person("owner")
    path = f"{VISITS}/{visit['id']}"
    refused = await dana.post(f"{path}/complete", json={"waived": "No camera"})
    assert (refused.status_code, refused.json()["permission"]) == (403, "work-orders:approve")
    done = await owner.made(f"{path}/complete", {"waived": "No camera"})
    assert done["status_reason"] == "although something is missing: No camera"
    story = await owner.got(f"{path}/timeline")
    assert "although something is missing: No camera" in story["data"][0]["sentence"]


async def test_the_organisations_gate_holds_where_the_type_says_nothing(acme: Company) -> None:
    owner = await acme.person("owner")
    settings = await owner.got("/api/v2/organisation")
    everywhere = [{"before": "visit.complete", "need": "every_step", "at_least": 1}]
    changed = await owner.patched("/api/v2/organisation", settings["version"], {"gate": everywhere})
    assert changed["gate"] == everywhere
    dana = await acme.person("dispatcher")
    bound = await (await some_work(acme, dana, checklist=("Look",))).order()
    free, _ = await _gated(acme, "Free", checklist=["Look"])
    assert (await at_work(acme, dana, bound))["missing"][0]["code"] == "undone_item"
    [visit] = (await owner.got(VISITS, work_order_id=free["id"]))["data"]
    assert visit["missing"] == []
    await owner.patched("/api/v2/organisation", changed["version"], {"gate": []})


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"before": "visit.start", "need": "notes"}, "/gate/0/before"),
        ({"before": "visit.complete", "need": "luck"}, "/gate/0/need"),
        ({"before": "visit.complete", "need": "notes", "at_least": 0}, "/gate/0/at_least"),
        ({"before": "visit.complete"}, "/gate/0/need"),
    ],
)
async def test_a_gate_that_means_nothing_is_refused(
    acme: Company, wrong: dict[str, Any], pointer: str
) -> None:
    owner = await acme.person("owner")
    body = {"name": "Wrong", "trade": "septic", "duration_minutes": 60, "gate": [wrong]}
    reply = await owner.post(TYPES, json=body)
    assert (reply.status_code, reply.json()["errors"][0]["pointer"]) == (422, pointer)
