"""The demo as a visitor meets it: two companies, built at a known moment, seen through the API."""

import time
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest_asyncio

from app.core import clock
from app.core.db import Scope
from app.main import document
from app.services.doctor import examine
from app.services.identity.acting import act_for, organisation_slugs
from tests.support.demo import A_CLOSED_JOB, ENTRIES, NOON, Demo, built, everything
from tests.support.field import VISITS, did
from tests.support.server import Server
from tests.support.work import ORDERS

LAWRENCE = ZoneInfo("America/Chicago")
MIDNIGHT = datetime(2031, 5, 14, tzinfo=LAWRENCE)
TODAY = {
    "planned_from": MIDNIGHT.isoformat(),
    "planned_before": (MIDNIGHT + timedelta(days=1)).isoformat(),
}
NOT_BEGUN = ("scheduled", "dispatched")


@pytest_asyncio.fixture(scope="module")
async def demo(server: Server) -> AsyncIterator[Demo]:
    """Both companies, built once for all the tests here."""
    started = time.perf_counter()
    made = await built(server)
    print(f"the demo was built in {time.perf_counter() - started:.1f} s")
    yield made
    await made.close()


async def test_the_company_has_its_customers_sites_and_technicians(demo: Demo) -> None:
    dana = await demo.person("bluestem", "dispatcher")
    customers = await everything(dana, "/api/v2/customers")
    kinds = Counter(customer["kind"] for customer in customers)
    assert kinds == {"person": 300, "business": 100}
    assert {customer["stage"] for customer in customers} == {"active", "prospect", "former"}
    assert len({customer["name"] for customer in customers}) == 400
    phones = [customer["phone"] for customer in customers]
    assert len(set(phones)) == 400
    assert all(phone[5:].startswith("55501") for phone in phones)
    emails = [customer["email"] for customer in customers if customer["email"]]
    assert all(email.endswith("@example.com") for email in emails)

    sites = await everything(dana, "/api/v2/sites")
    assert len(sites) > 400
    assert {site["region"] for site in sites} == {"KS", "MO"}
    assert {site["time_zone"] for site in sites} == {"America/Chicago"}
    assert all(38 < site["latitude"] < 40 and -97 < site["longitude"] < -94 for site in sites)

    technicians = await everything(dana, "/api/v2/technicians")
    assert len(technicians) == 12
    assert [one["name"] for one in technicians if one["member_id"]] == ["Theo Alvarez"]
    ends = sorted(
        skill["expires_on"] for one in technicians for skill in one["skills"] if skill["expires_on"]
    )
    assert ends[0] == "2031-05-26"

    job_types = await everything(dana, "/api/v2/job-types")
    assert all(one["checklist"] and one["skills"] and one["unit_price"] for one in job_types)


async def test_what_stands_at_the_sites_is_known_and_worked_on(demo: Demo) -> None:
    dana = await demo.person("bluestem", "dispatcher")
    pieces = await everything(dana, "/api/v2/equipment")
    kinds = Counter(one["type"] for one in pieces)
    assert kinds["Septic tank"] > 80
    assert set(kinds) > {"Effluent pump", "Water heater"}
    [pumped, *_] = await demo.rows(
        "select o.site_id, e.site_id as stands_at from work_order_equipment w"
        " join work_orders o on o.id = w.work_order_id join equipment e on e.id = w.equipment_id"
    )
    assert pumped["site_id"] == pumped["stands_at"]


async def test_today_s_board_is_partly_filled_and_shows_what_can_go_wrong(demo: Demo) -> None:
    dana = await demo.person("bluestem", "dispatcher")
    today = await everything(dana, "/api/v2/visits", **TODAY)
    lanes = Counter(one["technician_id"] for visit in today for one in visit["assignments"])
    assert len(lanes) == 12
    assert all(2 <= visits <= 5 for visits in lanes.values())
    statuses = Counter(visit["status"] for visit in today)
    assert statuses["completed"] > 5
    assert statuses["working"] > 2
    assert statuses["scheduled"] + statuses["dispatched"] > 7
    assert statuses["no_access"] == 1
    late = [v for v in today if v["status"] in NOT_BEGUN and _at(v["planned_start"]) < NOON]
    assert len(late) == 1
    assert _at(late[0]["promised_end"]) < NOON

    waiting = await everything(dana, "/api/v2/visits", unassigned="true")
    assert [visit["status"] for visit in waiting] == ["unscheduled"] * 3
    assert all(_at(visit["promised_start"]) > NOON for visit in waiting)
    assert {_at(visit["promised_end"]).astimezone(LAWRENCE).date() for visit in waiting} == {
        MIDNIGHT.date()
    }
    held = await everything(dana, "/api/v2/work-orders", status="on_hold")
    assert [order["status_reason"] for order in held] == [
        "Waiting for the county's permit to extend the field"
    ]

    tomorrow = {"planned_from": TODAY["planned_before"]}
    ahead = await everything(dana, "/api/v2/visits", **tomorrow)
    assert 5 < len(ahead) < 40
    assert {visit["status"] for visit in ahead} == {"scheduled"}


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


OVERLAPS = """
select count(*) from visits v join assignments a on a.visit_id = v.id
  join assignments b on b.technician_id = a.technician_id and b.visit_id <> a.visit_id
  join visits w on w.id = b.visit_id
 where v.status <> 'canceled' and w.status <> 'canceled'
   and v.planned_start < w.planned_end and w.planned_start < v.planned_end
"""
FIELD_OVERLAPS = """
select count(*) from visits v join assignments a on a.visit_id = v.id
  join assignments b on b.technician_id = a.technician_id and b.visit_id <> a.visit_id
  join visits w on w.id = b.visit_id
 where v.travel_started_at < w.finished_at and w.travel_started_at < v.finished_at
"""
MISSING_SKILLS = """
select count(*) from visits v
  join work_orders o on o.id = v.work_order_id
  join job_type_skills n on n.job_type_id = o.job_type_id
  join assignments a on a.visit_id = v.id
  join sites s on s.id = o.site_id
  left join technician_skills h on h.technician_id = a.technician_id and h.skill_id = n.skill_id
   and h.level >= n.level
   and (h.expires_on is null
     or h.expires_on >= (v.planned_end at time zone s.time_zone)::date)
 where h.id is null
"""
OUTSIDE_SHIFT = """
select count(*) from visits v join work_orders o on o.id = v.work_order_id
  join sites s on s.id = o.site_id
 where (v.planned_start at time zone s.time_zone)::time < '08:00'
    or (v.planned_end at time zone s.time_zone)::time > '17:00'
"""
OUTSIDE_WINDOW = """
select count(*) from visits
 where planned_start not between promised_start and promised_end - interval '1 minute'
"""
AHEAD_OF_TIME = """
select count(*) from journal where at > $1
 union all select count(*) from visits where greatest(travel_started_at, finished_at) > $1
 union all select count(*) from work_orders where greatest(created_at, updated_at) > $1
"""


async def test_nobody_is_in_two_places_or_does_what_they_cannot(demo: Demo) -> None:
    async def count(query: str, *values: Any) -> list[int]:
        return [row[0] for row in await demo.rows(query, *values)]

    assert await count("select count(*) > 1400 from assignments") == [True]
    assert await count(OVERLAPS) == [0]
    assert await count(FIELD_OVERLAPS) == [0]
    assert await count(MISSING_SKILLS) == [0]
    assert await count(OUTSIDE_SHIFT) == [0]
    assert await count(OUTSIDE_WINDOW) == [0]
    assert await count(AHEAD_OF_TIME, NOON) == [0, 0, 0]


STATUS_AND_BALANCE = """
select i.status, count(*) as invoices, min(e.owed) = 0 and max(e.owed) = 0 as settled,
       bool_and(e.owed = i.total) as open, bool_and(e.owed between 1 and i.total - 1) as partly
  from invoices i cross join lateral (
    select coalesce(sum(l.amount), 0)::bigint as owed from ledger_entries l
     where l.invoice_id = i.id and l.account = 'receivable') e
 where i.org_id = $1 group by 1
"""


async def test_the_books_balance_and_the_numbers_have_no_gap(demo: Demo) -> None:
    assert await demo.rows(
        "select posting_id from ledger_entries group by 1 having sum(amount) <> 0"
    ) == []  # fmt: skip
    [[org]] = await demo.rows("select id from identity.organisations where slug = 'bluestem'")
    by_status = {row["status"]: row for row in await demo.rows(STATUS_AND_BALANCE, org)}
    assert by_status.keys() == {"paid", "partially_paid", "issued", "void"}
    assert by_status["paid"]["settled"]
    assert by_status["void"]["settled"]
    assert by_status["issued"]["open"]
    assert by_status["partially_paid"]["partly"]
    number = {status: row["invoices"] for status, row in by_status.items()}
    assert 0.75 < number["paid"] / sum(number.values()) < 0.85
    assert 5 < number["void"] < 40

    ines = await demo.person("bluestem", "accountant")
    invoices = await everything(ines, "/api/v2/invoices")
    numbers = sorted(int(one["number"].removeprefix("INV-")) for one in invoices)
    assert numbers == list(range(1, len(invoices) + 1))
    assert len(numbers) == sum(number.values())
    by_number = sorted(invoices, key=lambda one: int(one["number"].removeprefix("INV-")))
    assert [one["issued_at"] for one in by_number] == sorted(one["issued_at"] for one in invoices)
    overdue = [one for one in invoices if one["balance"] > 0 and one["due_on"] < "2031-05-14"]
    assert len(overdue) > 30


async def test_the_doctor_finds_nothing_wrong_with_the_demo(demo: Demo) -> None:
    found = {}
    with clock.set_to(NOON):
        for id, slug in (await organisation_slugs(demo.server.state.engine)).items():
            async with demo.server.state.sessions.open(Scope(id)) as session:
                told = await examine(await act_for(session, None))
            found[slug] = {one.detector.code: one.found.total for one in told.diagnoses}
            assert told.left_out == []
    assert found["prairie-drain"] == {}
    assert found["bluestem"] == {  # whose board shows on purpose what can go wrong
        "promise_without_anybody": 3,
        "visit_never_begun": 1,
        "work_order_without_visit": 1,
        "certificate_expires": 1,
    }


async def test_the_next_numbers_go_on_from_the_last(demo: Demo) -> None:
    dana = await demo.person("bluestem", "dispatcher")
    ines = await demo.person("bluestem", "accountant")
    [last] = (await dana.got("/api/v2/work-orders", limit=1, sort="-created_at"))["data"]
    orders = await everything(dana, "/api/v2/work-orders")
    taken = sorted(int(one["number"].removeprefix("WO-")) for one in orders)
    assert taken == list(range(1001, 1001 + len(taken)))
    refs = {f"{name}_id": last[name]["id"] for name in ("customer", "site", "job_type")}
    made = await dana.made("/api/v2/work-orders", refs)
    assert made["number"] == f"WO-{taken[-1] + 1}"
    draft = await ines.made(f"/api/v2/work-orders/{made['id']}/invoices", {})
    issued = await ines.made(f"/api/v2/invoices/{draft['id']}/issue")
    issued_ones = await everything(ines, "/api/v2/invoices")
    assert issued["number"] == f"INV-{len(issued_ones)}"


async def test_every_list_answers(demo: Demo) -> None:
    ruth = await demo.person("bluestem", "owner")
    paths: dict[str, Any] = document()["paths"]
    lists = [
        path
        for path, operations in paths.items()
        if path.startswith("/api/v2/")
        and "{" not in path
        and path != "/api/v2/organisation/demo"  # samples are there once somebody wants some
        and path != "/api/v2/availability"  # asked about some work
        and "get" in operations
        and not any(one.get("required") for one in operations["get"].get("parameters", []))
    ]
    assert len(lists) > 12
    statuses = {path: (await ruth.get(path)).status_code for path in lists}
    assert set(statuses.values()) == {200}, statuses


async def test_a_technician_sees_their_own_day(demo: Demo) -> None:
    theo = await demo.person("bluestem", "technician")
    today = await everything(theo, "/api/v2/visits", **TODAY)
    assert 2 <= len(today) <= 5
    assert {one["name"] for visit in today for one in visit["assignments"]} == {"Theo Alvarez"}


async def test_the_small_company_s_owner_belongs_to_both(demo: Demo) -> None:
    walt = await demo.somebody("prairie-drain", "walt@prairiedrain.example.com")
    also = await demo.somebody("bluestem", "walt@prairiedrain.example.com")
    here, there = await walt.got("/api/v2/me"), await also.got("/api/v2/me")
    assert here["user"]["id"] == there["user"]["id"]
    assert (here["org"]["slug"], there["org"]["slug"]) == ("prairie-drain", "bluestem")
    assert "organisation:write" in here["permissions"]
    customers = await everything(walt, "/api/v2/customers")
    assert len(customers) == 25
    assert len(await everything(walt, "/api/v2/technicians")) == 3


async def test_an_invoice_looks_like_a_good_company_s(demo: Demo) -> None:
    ines = await demo.person("bluestem", "accountant")
    [invoice] = (await ines.got("/api/v2/invoices", limit=1, status="paid"))["data"]
    pdf = await ines.get(f"/api/v2/invoices/{invoice['id']}/pdf")
    assert pdf.status_code == 200
    assert pdf.content.startswith(b"%PDF")
    settings = await ines.got("/api/v2/organisation")
    assert settings["logo_format"] == "svg"
    assert settings["invoice_footer"]
    assert settings["street"]


async def test_what_is_earned_is_known_but_for_what_nobody_said(demo: Demo) -> None:
    ines = await demo.person("bluestem", "accountant")
    bills = (await ines.got("/api/v2/invoices", limit=200))["data"]
    assert all(
        one["margin"] == one["subtotal"] - one["discount"] - one["cost"] > 0 for one in bills
    )
    unknown = Counter(one["lines_without_cost"] for one in bills)
    assert unknown[0] > unknown[1] > 0
    dana = await demo.person("bluestem", "dispatcher")
    assert "cost" not in str((await dana.got("/api/v2/invoices", limit=200))["data"])


async def lived(demo: Demo) -> Any:
    """A job of the past, done by the technician who signs in, paid in two parts, closed."""
    [[org]] = await demo.rows("select id from identity.organisations where slug = 'bluestem'")
    [job] = await demo.rows(A_CLOSED_JOB, org)
    return job


async def live(demo: Demo, job: Any) -> str:
    """The same kind of job, through the verbs; the work order's id."""
    dana = await demo.person("bluestem", "dispatcher")
    theo = await demo.person("bluestem", "technician")
    ines = await demo.person("bluestem", "accountant")
    customer = await dana.got(f"/api/v2/customers/{job['customer_id']}")
    begin = clock.now().replace(second=0, microsecond=0) - timedelta(minutes=20)
    order = await dana.made(
        ORDERS,
        {
            **{name: job[name] for name in ("customer_id", "site_id", "job_type_id")},
            "summary": "The same again",
            "source": "phone",
        },
    )
    visit = await dana.made(
        VISITS,
        {
            "work_order_id": order["id"],
            "window_start": begin.isoformat(),
            "window_end": (begin + timedelta(hours=2)).isoformat(),
            "told_via": "phone",
            "told_to": customer["name"],
        },
    )
    await did(
        dana, visit, "schedule", technician_ids=[job["technician_id"]], start=begin.isoformat()
    )
    await did(dana, visit, "dispatch")
    for verb in ("accept", "en-route", "arrive", "start"):
        await did(theo, visit, verb)
    steps = (await theo.got(f"{ORDERS}/{order['id']}"))["checklist"]
    for step in steps:
        await theo.made(f"{ORDERS}/{order['id']}/checklist-items/{step['id']}/done")
    note = {"entity": "work_order", "entity_id": order["id"], "body": job["note"]}
    await theo.made("/api/v2/notes", note)
    await did(theo, visit, "complete")
    await ines.made(f"{ORDERS}/{order['id']}/approve")
    await pay_as_before(ines, job["invoice_id"], order["id"])
    await ines.made(f"{ORDERS}/{order['id']}/close")
    return str(order["id"])


async def pay_as_before(ines: Any, invoice_id: str, order_id: str) -> None:
    before = await ines.got(f"/api/v2/invoices/{invoice_id}")
    told = ("description", "quantity", "unit", "unit_price", "unit_cost", "taxable")
    lines = [{name: line[name] for name in told} for line in before["lines"]]
    draft = await ines.made(f"{ORDERS}/{order_id}/invoices", {"lines": lines})
    issued = await ines.made(f"/api/v2/invoices/{draft['id']}/issue")
    assert issued["total"] == before["total"]
    paid = (await ines.got("/api/v2/payments", invoice_id=invoice_id, sort="created_at"))["data"]
    for payment in paid:
        sums = {name: payment[name] for name in ("amount", "method", "reference")}
        await ines.made(f"/api/v2/invoices/{draft['id']}/payments", sums)


async def test_a_job_of_the_past_left_the_entries_that_the_verbs_leave(demo: Demo) -> None:
    job = await lived(demo)
    past = await demo.rows(ENTRIES, job["order_id"])
    present = await demo.rows(ENTRIES, await live(demo, job))
    assert len(past) > 50
    one, other = (
        # a verb may write a row twice where the demo does once: each field counts by itself
        # (and what a plan is warned of depends on the hours of whoever is free at present)
        Counter(
            (row["what"], row["actor"], key)
            for row in rows
            for key in row["keys"]
            if key != "warnings"
        )
        for rows in (past, present)
    )
    assert one - other == other - one == Counter()


async def test_its_timeline_tells_the_whole_story_in_order(demo: Demo) -> None:
    dana = await demo.person("bluestem", "dispatcher")
    job = await lived(demo)
    story = (await dana.got(f"{ORDERS}/{job['order_id']}/timeline", limit=200))["data"][::-1]
    facts = [one["fact"] for one in story if one["fact"] != "checklist_item.done"]
    assert facts == [
        "work_order.created", "visit.created", "visit.promised", "visit.scheduled",
        "work_order.scheduled", "visit.dispatched", "visit.accepted", "visit.en_route",
        "work_order.in_progress", "visit.arrived", "visit.started", "note.added",
        "visit.completed", "work_order.completed", "work_order.approved", "invoice.drafted",
        "invoice.issued", *["payment.recorded"] * job["payments"], "invoice.paid",
        "work_order.closed",
    ]  # fmt: skip
    assert [one["at"] for one in story] == sorted(one["at"] for one in story)
    assert {one["actor"]["name"] for one in story} == {
        "Dana Whitfield", "Theo Alvarez", "Ines Park",
    }  # fmt: skip
    assert all(one["sentence"].endswith((".", "”")) and one["source"] for one in story)
    for one in story:
        entry = await dana.got(f"/api/v2/journal/{one['id']}")
        assert (entry["action"], entry["at"]) == (one["fact"], one["at"])
    visit_id = next(one["entity_id"] for one in story if one["fact"] == "visit.completed")
    changes = (await dana.got(f"{VISITS}/{visit_id}/history"))["data"]
    assert [one["changes"]["status"][1] for one in changes if "status" in one["changes"]] == [
        "completed", "working", "on_site", "en_route", "dispatched", "scheduled", "unscheduled",
    ]  # fmt: skip
    moments = {one["at"] for one in story if one["fact"].startswith("visit.")}
    assert {one["at"] for one in changes} <= moments


async def test_facts_speak_of_versions_that_were_there(demo: Demo) -> None:
    wrong = await demo.rows(
        "select f.action, f.version, r.version from journal f cross join lateral ("
        "  select version from journal r where r.entity_id = f.entity_id and r.entity = f.entity"
        "  and not r.is_fact and r.at <= f.at and r.source = 'demo' order by r.id desc limit 1) r"
        " where f.is_fact and f.source = 'demo' and f.entity <> 'organisation' and f.version <> r.version limit 5"
    )
    assert wrong == []
