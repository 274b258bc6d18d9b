"""Work orders through the door people use: made, changed, listed, numbered."""

import asyncio
from datetime import timedelta
from uuid import uuid4

from app.core import clock
from tests.support.field import did
from tests.support.money import a_work_order, drafted, issued
from tests.support.people import Company
from tests.support.queries import counted
from tests.support.stages import visit
from tests.support.work import ORDERS, some_work


async def test_a_work_order_is_opened_changed_deleted_and_brought_back(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    work = await some_work(acme, dana, name="Pumping", checklist=("Open lid", "Close lid"))
    made = await dana.post(ORDERS, json=work.draft(customer_reference="PO 7"))
    assert made.status_code == 201, made.text
    assert made.headers["etag"] == '"v1"'
    order = made.json()
    assert order["summary"].startswith("Pumping")
    assert (order["status"], order["priority"], order["customer_reference"]) == (
        "ready", "normal", "PO 7",
    )  # fmt: skip
    assert order["customer"] == {
        "id": work.customer["id"], "name": "Ann Lee", "phone": "+12025550142",
    }  # fmt: skip
    assert order["site"] == {
        "id": work.site["id"],
        "address": "12 Main St, Phoenix, AZ 85001",
        "time_zone": "America/Phoenix",
        "latitude": 33.4484,
        "longitude": -112.074,
    }
    assert order["job_type"] == {"id": work.job_type_id, "name": order["summary"]}
    assert [(step["title"], step["required"]) for step in order["checklist"]] == [
        ("Open lid", False), ("Close lid", False),
    ]  # fmt: skip
    assert order["visits"] == []
    assert order["allowed_transitions"] == ["cancel", "hold"]

    path = f"{ORDERS}/{order['id']}"
    changed = await dana.patched(path, 1, {"summary": "Pump and inspect", "priority": "high"})
    assert (changed["version"], changed["summary"], changed["priority"]) == (
        2, "Pump and inspect", "high",
    )  # fmt: skip
    stale = await dana.patch(path, json={"summary": "x"}, headers={"If-Match": '"v1"'})
    assert stale.status_code == 412
    assert stale.json()["current"] == await dana.got(path)
    assert (await dana.patch(path, json={"summary": "x"})).status_code == 428
    status = await dana.patch(path, json={"status": "closed"}, headers={"If-Match": '"v2"'})
    assert status.status_code == 422
    null = await dana.patch(path, json={"site_id": None}, headers={"If-Match": '"v2"'})
    assert (null.status_code, null.json()["errors"][0]["pointer"]) == (422, "/site_id")

    assert (await dana.delete(path)).status_code == 204
    assert (await dana.get(path)).status_code == 404
    restored = await dana.made(f"{path}/restore")
    assert restored["deleted_at"] is None
    again = await dana.post(f"{path}/restore")
    assert (again.status_code, again.json()["code"]) == (409, "not_deleted")

    told = [
        f"Work order {order['number']} was restored.",
        f"Work order {order['number']} was deleted.",
        f"Work order {order['number']} was changed (priority, summary).",
        f"Work order {order['number']} was added.",
    ]
    story = await dana.got(f"{path}/timeline")
    assert [one["sentence"] for one in story["data"]] == told
    for place in (f"/api/v2/customers/{work.customer['id']}", f"/api/v2/sites/{work.site['id']}"):
        theirs = (await dana.got(f"{place}/timeline"))["data"]
        assert [one["sentence"] for one in theirs if one["entity"] == "work_order"] == told
    history = await dana.got(f"{path}/history")
    assert history["data"][2]["changes"] == {
        "summary": [order["summary"], "Pump and inspect"], "priority": ["normal", "high"],
    }  # fmt: skip


async def test_the_one_who_pays_need_not_be_of_the_site(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    work = await some_work(acme, dana)
    insurer = await dana.made("/api/v2/customers", {"name": "Insurer", "kind": "business"})
    order = await work.order(customer_id=insurer["id"], checklist=[], status="draft")
    assert (order["customer"]["name"], order["status"]) == ("Insurer", "draft")
    assert order["allowed_transitions"] == ["cancel", "ready"]


async def test_an_own_checklist_replaces_the_job_types(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    work = await some_work(acme, dana, checklist=("Open lid",))
    order = await work.order(checklist=[{"title": "Take a photo", "required": True}])
    assert [(step["title"], step["required"]) for step in order["checklist"]] == [
        ("Take a photo", True)
    ]


async def test_the_same_id_again_answers_as_the_first_time(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    work = await some_work(acme, dana)
    draft = work.draft(id=str(uuid4()))
    first, second = await dana.post(ORDERS, json=draft), await dana.post(ORDERS, json=draft)
    assert first.status_code == second.status_code == 201
    assert first.content == second.content
    other = await dana.post(
        ORDERS, json=draft | {"summary": "Other"}, headers={"Idempotency-Key": str(uuid4())}
    )
    assert (other.status_code, other.json()["code"]) == (409, "already_exists")
    assert other.json()["current"]["number"] == first.json()["number"]


async def test_ids_that_are_not_ours_are_not_there(acme: Company, rival: Company) -> None:
    dana, rob = await acme.person("dispatcher"), await rival.person("owner")
    ours, theirs = await some_work(acme, dana), await some_work(rival, rob)
    foreign = {
        "customer_id": theirs.customer["id"],
        "site_id": theirs.site["id"],
        "job_type_id": theirs.job_type_id,
    }
    order = await ours.order()
    for field, stranger in foreign.items():
        for unknown in (stranger, str(uuid4())):
            made = await dana.post(ORDERS, json=ours.draft(**{field: unknown}))
            assert (made.status_code, made.json()["errors"][0]["pointer"]) == (404, f"/{field}")
            patched = await dana.patch(
                f"{ORDERS}/{order['id']}", json={field: unknown}, headers={"If-Match": '"v1"'}
            )
            assert (patched.status_code, patched.json()["errors"][0]["pointer"]) == (
                404, f"/{field}",
            )  # fmt: skip
    assert (await rob.get(f"{ORDERS}/{order['id']}")).status_code == 404
    assert (await rob.post(f"{ORDERS}/{order['id']}/hold", json={"reason": "x"})).status_code == 404


async def test_numbers_are_unique_and_without_a_gap(rival: Company) -> None:
    rob = await rival.person("owner")
    work = await some_work(rival, rob)
    before = int((await work.order())["number"].removeprefix("WO-"))

    async def attempt(n: int) -> int:
        # every third one fails after its number was taken: an own id that is taken already
        twice = {"id": taken["id"], "summary": f"Twice {n}"} if n % 3 == 0 else {}
        draft = work.draft(**twice)
        while (reply := await rob.post(ORDERS, json=draft)).status_code == 503:
            await asyncio.sleep(0.1)  # the server is busy with the others
        return reply.status_code

    taken = await work.order()
    statuses = await asyncio.gather(*(attempt(n) for n in range(30)))
    assert sorted(statuses) == [201] * 20 + [409] * 10
    page = await rob.got(ORDERS, limit=21, sort="-created_at")
    numbers = sorted(int(one["number"].removeprefix("WO-")) for one in page["data"])
    assert numbers == list(range(before + 1, before + 22))


async def test_where_and_for_whom_stand_once_a_visit_has_begun(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    work, elsewhere = await some_work(acme, dana), await some_work(acme, dana)
    order = await work.order()
    path = f"{ORDERS}/{order['id']}"
    going = await visit(acme, order, "scheduled")
    changed = await dana.patched(
        path, 1, {"customer_id": elsewhere.customer["id"], "site_id": elsewhere.site["id"]}
    )
    assert changed["site"]["id"] == elsewhere.site["id"]
    was_theirs = await dana.got(f"/api/v2/customers/{work.customer['id']}/timeline")
    assert was_theirs["data"][0]["fact"] == "work_order.changed"

    await did(dana, going, "en-route")
    refused = await dana.patch(
        path, json={"site_id": work.site["id"]}, headers={"If-Match": '"v2"'}
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "visit_begun")
    same = await dana.patched(
        path, 2, {"site_id": elsewhere.site["id"], "description": "Gate code with Ann."}
    )
    assert same["description"] == "Gate code with Ann."


async def test_whom_an_invoice_bills_stays_the_payer_until_it_is_void(acme: Company) -> None:
    amy, dana = await acme.person("accountant"), await acme.person("dispatcher")
    order = await a_work_order(acme)
    other = (await dana.made("/api/v2/customers", {"name": "Bo Diaz"}))["id"]
    path, patch = f"{ORDERS}/{order['id']}", {"customer_id": other}
    invoice = await issued(amy, order, "10")

    refused = await dana.patch(path, json=patch, headers={"If-Match": '"v1"'})
    assert (refused.status_code, refused.json()["code"]) == (409, "invoiced")
    assert f"Void {invoice['number']}" in refused.json()["detail"]

    await amy.made(f"/api/v2/invoices/{invoice['id']}/void", {"reason": "Bo pays"})
    assert (await dana.patched(path, 1, patch))["customer"]["id"] == other


async def test_whom_a_draft_would_bill_stays_the_payer_until_it_is_deleted(acme: Company) -> None:
    amy, dana = await acme.person("accountant"), await acme.person("dispatcher")
    order = await a_work_order(acme)
    other = (await dana.made("/api/v2/customers", {"name": "Bo Diaz"}))["id"]
    path, patch = f"{ORDERS}/{order['id']}", {"customer_id": other}
    draft = f"/api/v2/invoices/{(await drafted(amy, order, '10'))['id']}"

    refused = await dana.patch(path, json=patch, headers={"If-Match": '"v1"'})
    assert (refused.status_code, refused.json()["code"]) == (409, "invoiced")

    assert (await amy.delete(draft)).status_code == 204
    assert (await dana.patched(path, 1, patch))["customer"]["id"] == other
    back = await amy.post(f"{draft}/restore")
    assert (back.status_code, back.json()["code"]) == (409, "other_payer")


async def test_one_with_visits_is_cancelled_and_not_deleted(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    work = await some_work(acme, dana)
    order = await work.order()
    await visit(acme, order, "unscheduled")
    refused = await dana.delete(f"{ORDERS}/{order['id']}")
    assert (refused.status_code, refused.json()["code"]) == (409, "in_use")


async def test_work_of_a_deleted_customer_stays_deleted(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    work = await some_work(acme, dana)
    order = await work.order()
    assert (await dana.delete(f"{ORDERS}/{order['id']}")).status_code == 204
    assert (await dana.delete(f"/api/v2/customers/{work.customer['id']}")).status_code == 204
    refused = await dana.post(f"{ORDERS}/{order['id']}/restore")
    assert (refused.status_code, refused.json()["code"]) == (409, "deleted")


async def test_the_list_is_filtered_and_narrowed(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    work = await some_work(acme, dana)
    first, second = await work.order(priority="emergency"), await work.order()
    await dana.made(f"{ORDERS}/{second['id']}/cancel", {"reason": "Sold the house"})
    site = {"site_id": work.site["id"]}
    soon = (clock.now() + timedelta(hours=1)).isoformat()

    async def numbers(**filters: str) -> list[str]:
        return [one["number"] for one in (await dana.got(ORDERS, **site, **filters))["data"]]

    both = [second["number"], first["number"]]
    assert await numbers() == both
    assert await numbers(sort="created_at") == both[::-1]
    assert await numbers(status="canceled") == [second["number"]]
    assert await numbers(open="true") == [first["number"]]
    assert await numbers(open="false") == [second["number"]]
    assert await numbers(priority="emergency") == [first["number"]]
    assert await numbers(number=first["number"]) == [first["number"]]
    assert await numbers(customer_id=work.customer["id"], job_type_id=work.job_type_id) == both
    assert await numbers(created_before=soon) == both
    assert await numbers(created_from=soon) == []
    assert (await dana.get(ORDERS, params={"sort": "number"})).status_code == 422


async def test_the_list_takes_as_many_queries_for_one_row_as_for_twenty(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    work = await some_work(acme, dana, checklist=("Open lid",))
    for _ in range(20):
        await visit(acme, await work.order(), "unscheduled")
    with counted(acme.server) as for_one:
        assert len((await dana.got(ORDERS, site_id=work.site["id"], limit=1))["data"]) == 1
    with counted(acme.server) as for_twenty:
        page = await dana.got(ORDERS, site_id=work.site["id"], limit=20)
    assert [len(one["visits"]) for one in page["data"]] == [1] * 20
    assert len(for_one) == len(for_twenty)


async def test_a_technician_sees_the_work_and_visits_they_were_given(acme: Company) -> None:
    dana, tess = await acme.person("dispatcher"), await acme.person("technician", "tess")
    work = await some_work(acme, dana)
    mine, other = await work.order(), await work.order()
    given = await visit(acme, mine, "scheduled", who=tess)
    await visit(acme, mine, "unscheduled")

    [seen] = (await tess.got(ORDERS))["data"]
    assert (seen["id"], [one["id"] for one in seen["visits"]]) == (mine["id"], [given["id"]])
    assert seen["allowed_transitions"] == []
    assert len((await dana.got(f"{ORDERS}/{mine['id']}"))["visits"]) == 2
    assert (await tess.get(f"{ORDERS}/{other['id']}")).status_code == 404
    assert (await tess.post(ORDERS, json=work.draft())).status_code == 403
