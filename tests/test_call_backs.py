"""Work that comes again: call-backs of what was finished, and copies of work orders."""

from typing import Any

from tests.support.field import VISITS, a_job, did, story, technician, verb
from tests.support.people import Company
from tests.support.work import ORDERS


async def test_finished_work_is_called_back_and_stays_as_it_was(acme: Company) -> None:
    job = await a_job(acme)
    tess = await technician(acme)
    order = await job.work.order(summary="Pump the tank")
    early = await job.dana.post(f"{ORDERS}/{order['id']}/call-back", json={"reason": "It smells"})
    assert (early.status_code, early.json()["code"]) == (409, "not_finished")
    visit = await job.planned(tess, work_order_id=order["id"])
    for name in ("dispatch", "en-route", "arrive", "start", "complete"):
        await did(job.dana, visit, name)
    done = await job.dana.got(f"{ORDERS}/{order['id']}")
    assert (done["status"], done["call_backs"]) == ("completed", [])

    body = {"reason": "It smells again", "priority": "high", "duration_minutes": 45}
    made = await job.dana.made(f"{ORDERS}/{order['id']}/call-back", body)
    assert made["call_back_of"] == {"id": order["id"], "number": order["number"]}
    assert (made["summary"], made["priority"]) == ("Call-back: Pump the tank", "high")
    assert (made["customer_id"], made["site_id"]) == (order["customer_id"], order["site_id"])
    [waiting] = made["visits"]
    assert (waiting["status"], waiting["promised_start"]) == ("unscheduled", None)
    assert (await job.dana.got(f"{VISITS}/{waiting['id']}"))["duration_minutes"] == 45

    after = await job.dana.got(f"{ORDERS}/{order['id']}")
    link = {"id": made["id"], "number": made["number"], "status": "ready"}
    assert after == {**done, "call_backs": [link]}
    for one in (order, made):
        told = await story(job.dana, f"{ORDERS}/{one['id']}")
        assert (
            f"{order['number']} was called back: It smells again. The work goes on in"
            f" {made['number']}."
        ) in [fact["sentence"] for fact in told]
    found = await job.dana.got(
        ORDERS, filter=f'{{"field": "call_back_of_id", "op": "eq", "value": "{order["id"]}"}}'
    )
    assert [one["id"] for one in found["data"]] == [made["id"]]


async def test_a_call_back_costs_nothing_unless_somebody_says_so(acme: Company) -> None:
    job, owner = await a_job(acme), await acme.person("owner")
    tess = await technician(acme)
    visit = await job.planned(tess)
    for name in ("dispatch", "en-route", "arrive", "start", "complete"):
        await did(job.dana, visit, name)
    first = visit["work_order"]
    path = f"{ORDERS}/{first['id']}"
    again = await job.dana.made(f"{path}/call-back", {"reason": "It smells again"})

    bill = await owner.made(f"{ORDERS}/{again['id']}/invoices", {})
    assert [line["unit_price"] for line in bill["lines"]] == ["189"]
    assert (bill["subtotal"], bill["discount"], bill["total"]) == (18_900, 18_900, 0)
    assert bill["discount_label"] == f"No charge: call-back of {first['number']}"
    issued = await owner.made(f"/api/v2/invoices/{bill['id']}/issue", {})
    assert (issued["status"], issued["balance"]) == ("paid", 0)

    usual = await owner.made(f"{path}/invoices", {})
    assert (usual["discount"], usual["discount_label"]) == (0, None)
    said: list[dict[str, Any]] = [
        {"discount": 0},
        {"lines": [{"description": "A new pump", "unit_price": "400"}]},
    ]
    charged = [await owner.made(f"{ORDERS}/{again['id']}/invoices", body) for body in said]
    assert [(one["subtotal"], one["discount"]) for one in charged] == [(18_900, 0), (40_000, 0)]


async def test_a_work_order_is_copied_with_its_steps_open(acme: Company) -> None:
    job = await a_job(acme, checklist=("Look into the tank", "Rinse"))
    order = await job.work.order(summary="Pump", customer_reference="PO 17", priority="high")
    visit = await job.visit(work_order_id=order["id"], duration_minutes=95)
    step = order["checklist"][0]["id"]
    await job.dana.made(f"{ORDERS}/{order['id']}/checklist-items/{step}/done")
    copy = await job.dana.made(f"{ORDERS}/{order['id']}/duplicate")
    same = ("customer_id", "site_id", "job_type_id", "summary", "priority", "description")
    assert [copy[name] for name in same] == [order[name] for name in same]
    assert copy["number"] != order["number"]
    assert (copy["customer_reference"], copy["external_key"]) == (None, None)
    steps = [(one["title"], one["done_at"]) for one in copy["checklist"]]
    assert steps == [("Look into the tank", None), ("Rinse", None)]
    [waiting] = copy["visits"]
    assert waiting["id"] != visit["id"]
    assert (await job.dana.got(f"{VISITS}/{waiting['id']}"))["duration_minutes"] == 95


async def test_a_customer_who_is_not_served_is_not_called_back(acme: Company) -> None:
    job = await a_job(acme)
    owner = await acme.person("owner")
    order = await job.work.order()
    stop = {"reason": "Threw a brick"}
    await owner.made(f"/api/v2/customers/{order['customer_id']}/stop-service", stop)
    refused = await job.dana.post(f"{ORDERS}/{order['id']}/duplicate", json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "do_not_service")
    said: dict[str, Any] = {"codes": ["do_not_service"], "reason": "He said sorry"}
    copy = await owner.made(f"{ORDERS}/{order['id']}/duplicate", {"override": said})
    assert len(copy["visits"]) == 1


async def test_whoever_was_left_alone_does_not_move(acme: Company) -> None:
    """A visit that everybody declined keeps its time; whom to move is to be said."""
    job = await a_job(acme)
    tess, uma = await technician(acme), await technician(acme, "Uma Pan")
    visit = await job.planned(tess)
    await did(job.dana, visit, "dispatch")
    alone = await did(job.dana, visit, "decline", technician_id=tess, reason="Ill")
    refused = await verb(job.dana, alone, "move", start=job.nine.isoformat())
    assert (refused.status_code, refused.json()["code"]) == (409, "nobody_assigned")
    again = await did(job.dana, alone, "assign", technician_ids=[uma])
    assert [one["name"] for one in again["assignments"] if one["status"] == "offered"] == [
        "Uma Pan"
    ]
