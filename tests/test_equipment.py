"""Equipment through the door people use: where it stands, what it is part of, what was done on it."""

import asyncio
from datetime import timedelta
from typing import Any

from tests.support.field import VISITS, a_job, booked_with, did, technician
from tests.support.people import Company, Person
from tests.support.queries import counted
from tests.support.work import ORDERS, some_work

EQUIPMENT, SITES = "/api/v2/equipment", "/api/v2/sites"


async def a_tank(person: Person, site: Any, **more: Any) -> Any:
    draft = {"site_id": site["id"], "type": "Septic tank", "make": "Norwesco", **more}
    return await person.made(EQUIPMENT, draft)


async def another_site(person: Person, customer: Any, street: str = "99 Elm St") -> Any:
    return await person.made(
        SITES, {"customer_id": customer["id"], "street": street, "postal_code": "85001"}
    )


async def test_a_piece_is_added_changed_retired_deleted_and_brought_back(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    site = (await some_work(acme, dana)).site
    tank = await a_tank(
        dana, site, serial="NW-7781", installed_on="2024-05-01", warranty_until="2029-05-01"
    )
    assert (tank["name"], tank["status"]) == ("Septic tank Norwesco (SN NW-7781)", "active")
    assert tank["allowed_transitions"] == ["retire"]
    path = f"{EQUIPMENT}/{tank['id']}"
    changed = await dana.patched(path, 1, {"location": "Behind the garage"})
    assert (changed["location"], changed["version"]) == ("Behind the garage", 2)
    early = await dana.patch(
        path, json={"warranty_until": "2024-01-01"}, headers={"If-Match": '"v2"'}
    )
    assert (early.status_code, early.json()["errors"][0]["pointer"]) == (422, "/warranty_until")
    assert (await dana.made(f"{path}/retire", {"reason": "Cracked"}))["status"] == "retired"
    assert (await dana.post(f"{path}/retire", json={})).json()["code"] == "illegal_transition"
    assert (await dana.made(f"{path}/reinstate", {}))["status"] == "active"
    assert (await dana.delete(path)).status_code == 204
    assert (await dana.made(f"{path}/restore"))["deleted_at"] is None
    story = await dana.got(f"{path}/timeline")
    assert [one["sentence"] for one in story["data"]][::-1] == [
        "Septic tank Norwesco (SN NW-7781) was added at 12 Main St, Phoenix, AZ 85001.",
        "Septic tank Norwesco (SN NW-7781) was changed (location).",
        "Septic tank Norwesco (SN NW-7781) was retired: Cracked.",
        "Septic tank Norwesco (SN NW-7781) is serviced again.",
        "Septic tank Norwesco (SN NW-7781) was deleted.",
        "Septic tank Norwesco (SN NW-7781) was restored.",
    ]
    for q in ("nw-7781", "norwesco tank", "7781"):
        hits = (await dana.got("/api/v2/search", q=q, types="equipment"))["data"]
        assert [hit["id"] for hit in hits] == [tank["id"]], q
    assert (await dana.got(EQUIPMENT, serial="NW-7781"))["data"][0]["id"] == tank["id"]


async def test_parts_are_at_the_same_site_and_close_no_circle(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    work = await some_work(acme, dana)
    elsewhere = await another_site(dana, work.customer)
    tank = await a_tank(dana, work.site)
    pump = await a_tank(dana, work.site, type="Pump", parent_id=tank["id"])
    stray = await dana.post(
        EQUIPMENT, json={"site_id": elsewhere["id"], "type": "Float", "parent_id": tank["id"]}
    )
    assert (stray.status_code, stray.json()["errors"][0]["code"]) == (422, "elsewhere")
    circle = await dana.patch(
        f"{EQUIPMENT}/{tank['id']}", json={"parent_id": pump["id"]}, headers={"If-Match": '"v1"'}
    )
    assert (circle.status_code, circle.json()["errors"][0]["code"]) == (422, "circle")
    kept = await dana.delete(f"{EQUIPMENT}/{tank['id']}")
    assert (kept.status_code, kept.json()["code"]) == (409, "in_use")
    assert "has 1 part." in kept.json()["detail"]

    one, two = await a_tank(dana, work.site), await a_tank(dana, work.site)
    replies = await asyncio.gather(
        *(
            dana.patch(
                f"{EQUIPMENT}/{child['id']}",
                json={"parent_id": parent["id"]},
                headers={"If-Match": '"v1"'},
            )
            for child, parent in ((one, two), (two, one))
        )
    )
    assert sorted(reply.status_code for reply in replies) == [200, 422]


async def test_a_piece_moves_with_its_parts_unless_work_waits_for_it(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    work = await some_work(acme, dana)
    there = await another_site(dana, work.customer)
    tank = await a_tank(dana, work.site, location="Yard")
    pump = await a_tank(dana, work.site, type="Pump", parent_id=tank["id"])
    order = await work.order(equipment_ids=[pump["id"]])
    body = {"site_id": there["id"], "reason": "Sold"}
    awaited = await dana.post(f"{EQUIPMENT}/{tank['id']}/move", json=body)
    assert (awaited.status_code, awaited.json()["code"]) == (409, "in_use")
    assert f"Work order {order['number']} is still to be done on Pump" in awaited.json()["detail"]

    await dana.patched(f"{ORDERS}/{order['id']}", order["version"], {"equipment_ids": []})
    moved = await dana.made(f"{EQUIPMENT}/{tank['id']}/move", body)
    assert (moved["site_id"], moved["location"]) == (there["id"], None)
    part = await dana.got(f"{EQUIPMENT}/{pump['id']}")
    assert (part["site_id"], part["parent_id"]) == (there["id"], tank["id"])
    told = (await dana.got(f"{SITES}/{there['id']}/timeline"))["data"]
    assert any(
        one["sentence"].startswith("Septic tank Norwesco was moved from 12 Main St") for one in told
    )
    again = await dana.post(f"{EQUIPMENT}/{tank['id']}/move", json={"site_id": there["id"]})
    assert (again.status_code, again.json()["code"]) == (409, "already_there")


async def test_a_work_order_is_about_equipment_at_its_site(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    work = await some_work(acme, dana)
    there = await another_site(dana, work.customer)
    tank, other = await a_tank(dana, work.site), await a_tank(dana, there)
    order = await work.order(equipment_ids=[tank["id"], tank["id"]])
    assert [one["id"] for one in order["equipment"]] == [tank["id"]]
    path = f"{ORDERS}/{order['id']}"
    version = {"If-Match": f'"v{order["version"]}"'}
    stray = await dana.patch(path, json={"equipment_ids": [other["id"]]}, headers=version)
    assert stray.json()["errors"][0] == {
        "pointer": "/equipment_ids/0",
        "code": "elsewhere",
        "detail": "Septic tank Norwesco is at another site than the work.",
    }
    left = await dana.patch(path, json={"site_id": there["id"]}, headers=version)
    assert (left.status_code, left.json()["code"]) == (409, "equipment_elsewhere")
    body = {"site_id": there["id"], "equipment_ids": [other["id"]]}
    moved = await dana.patched(path, order["version"], body)
    assert [one["id"] for one in moved["equipment"]] == [other["id"]]
    assert moved["version"] > order["version"]
    gone = await another_site(dana, work.customer, "1 Oak")
    retired = await a_tank(dana, gone)
    await dana.made(f"{EQUIPMENT}/{retired['id']}/retire", {})
    reply = await dana.post(
        ORDERS, json=work.draft(site_id=gone["id"], equipment_ids=[retired["id"]])
    )
    assert reply.json()["errors"][0]["code"] == "retired"


async def test_what_was_done_on_it_and_who_was_there_last(acme: Company) -> None:
    job = await a_job(acme)
    dana, tina = job.dana, await acme.person("technician", "tina")
    tank, other = await a_tank(dana, job.work.site), await a_tank(dana, job.work.site)
    assert (tank["last_visit"], job.work.site["last_visit"]) == (None, None)
    tess = await technician(acme, "Tess Ode")
    order = await job.work.order(equipment_ids=[tank["id"]])
    done = await job.planned(tess, work_order_id=order["id"])
    for verb in ("dispatch", "en-route", "arrive", "start", "complete"):
        done = await did(dana, done, verb)
    nearer = await job.planned(tess, at=job.nine + timedelta(days=1), work_order_id=order["id"])
    unrelated = await job.planned(tess, at=job.nine + timedelta(days=2))

    history = await dana.got(f"{EQUIPMENT}/{tank['id']}/service-history")
    assert [one["id"] for one in history["data"]] == [nearer["id"], done["id"]]
    completed = await dana.got(f"{EQUIPMENT}/{tank['id']}/service-history", status="completed")
    assert [one["id"] for one in completed["data"]] == [done["id"]]
    assert unrelated["id"] not in str(history)
    for path in (f"{EQUIPMENT}/{tank['id']}", f"{SITES}/{job.work.site['id']}"):
        last = (await dana.got(path))["last_visit"]
        assert last == {
            "visit_id": done["id"],
            "work_order_id": order["id"],
            "work_order_number": order["number"],
            "finished_at": done["finished_at"],
            "technician": {"id": tess, "name": "Tess Ode"},
        }, path
    assert (await dana.got(f"{EQUIPMENT}/{other['id']}"))["last_visit"] is None

    # Tina works at the site and was not there then: what she may not open she is not told of
    await booked_with(acme, await job.work.order(), tina, name="Tina")
    assert (await tina.got(f"{EQUIPMENT}/{tank['id']}"))["last_visit"] is None
    assert (await tina.got(f"{EQUIPMENT}/{tank['id']}/service-history"))["data"] == []


async def test_a_technician_sees_the_equipment_of_own_sites(acme: Company) -> None:
    dana, tina = await acme.person("dispatcher"), await acme.person("technician", "tim")
    work = await some_work(acme, dana)
    there = await another_site(dana, work.customer)
    seen, unseen = await a_tank(dana, work.site), await a_tank(dana, there)
    visit = await booked_with(acme, await work.order(), tina, name="Tina")
    assert (await dana.got(f"{VISITS}/{visit['id']}"))["site"]["id"] == work.site["id"]
    assert [one["id"] for one in (await tina.got(EQUIPMENT))["data"]] == [seen["id"]]
    assert (await tina.get(f"{EQUIPMENT}/{unseen['id']}")).status_code == 404
    refused = await tina.post(f"{EQUIPMENT}/{seen['id']}/retire", json={})
    assert (refused.status_code, refused.json()["permission"]) == (403, "equipment:write")


async def test_the_last_visit_costs_lists_no_more_queries(acme: Company) -> None:
    job = await a_job(acme)
    tess = await technician(acme)
    for n in range(4):
        tank = await a_tank(job.dana, job.work.site, type=f"Tank {n}")
        order = await job.work.order(equipment_ids=[tank["id"]])
        await job.planned(tess, at=job.nine + timedelta(hours=2 * n), work_order_id=order["id"])
    for path in (EQUIPMENT, SITES, ORDERS):
        counts = []
        for limit in (1, 4):
            with counted(acme.server) as asked:
                await job.dana.got(path, limit=limit)
            counts.append(len(asked))
        assert counts[0] == counts[1], path
