"""Windows that are offered, and booking them."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest_asyncio

from app.core.ids import new_id
from tests.support.field import VISITS, Job, a_job, did, needs, skill, story, technician
from tests.support.people import Company, found_company
from tests.support.server import Server
from tests.test_warnings import shift

HOUR = timedelta(hours=1)
AVAILABILITY, BOOK = "/api/v2/availability", "/api/v2/slots/book"


@pytest_asyncio.fixture
async def desk(server: Server) -> AsyncIterator[Company]:
    """A company of the test's own: everybody who works there is found."""
    company = await found_company(server, f"desk{new_id().hex[-12:]}")
    yield company
    await company.close()


async def offered(job: Job, **asked: Any) -> Any:
    """What is offered on the job's day."""
    asked = {"from": job.day, "to": job.day, **asked}
    return await job.dana.got(AVAILABILITY, **asked)


def windows(found: Any) -> list[str]:
    return [one["start_local"] for one in found["slots"]]


def booking(order: Any, slot: Any, **more: Any) -> dict[str, Any]:
    """What books an offered window for a work order."""
    named = {"window_start": slot["window_start"], "window_end": slot["window_end"]}
    return {"work_order_id": order["id"], **named, **more}


async def at_work(desk: Company, job: Job, name: str = "Tess Ode", **more: Any) -> str:
    """Somebody who works from eight to five; the id."""
    who = await technician(desk, name)
    await shift(job, who, **more)
    return who


async def test_a_window_is_offered_with_its_reason_and_booked(desk: Company) -> None:
    job = await a_job(desk)
    tess = await at_work(desk, job)
    order = await job.work.order()
    found = await offered(job, work_order_id=order["id"])
    assert windows(found) == ["08:00", "10:00", "12:00", "14:00"]
    assert (found["time_zone"], found["nothing_because"]) == ("America/Phoenix", None)
    first = found["slots"][0]
    assert first["end_local"] == "10:00"
    assert first["reason"] == "A free day, with 40 minutes of driving."
    assert found["soonest"] == first
    [comes] = first["technicians"]
    assert (comes["technician_id"], comes["drive_minutes"]) == (tess, 20)
    room = first["room"]
    assert (room["available"], room["sold"], room["reserved"], room["takes"]) == (90, 0, 9, 60)

    visit = await job.dana.made(BOOK, booking(order, first, told_via="phone", told_to="Ann"))
    assert visit["status"] == "scheduled"
    assert (visit["planned_start"], visit["planned_end"]) == (first["start"], first["end"])
    assert visit["promise"]["told_to"] == "Ann"
    assert [one["technician_id"] for one in visit["assignments"]] == [tess]
    assert visit["warnings"] == []
    facts = [one["fact"] for one in await story(job.dana, f"{VISITS}/{visit['id']}")]
    assert facts == ["visit.created", "visit.promised", "visit.scheduled"]

    again = await offered(job, work_order_id=(await job.work.order())["id"])
    assert sorted(windows(again)) == ["10:00", "12:00", "14:00"]
    beside = next(one for one in again["slots"] if one["start_local"] == "10:00")
    assert beside["reason"] == "On the way between 12 Main St and the base."


async def test_what_was_sold_meanwhile_is_gone_and_the_rest_is_named(desk: Company) -> None:
    job = await a_job(desk)
    tess = await at_work(desk, job)
    order = await job.work.order()
    slot = (await offered(job, work_order_id=order["id"]))["slots"][0]
    await job.planned(tess, at=datetime.fromisoformat(slot["start"]))
    gone = await job.dana.post(BOOK, json=booking(order, slot))
    assert (gone.status_code, gone.json()["code"]) == (409, "slot_gone")
    left = gone.json()["slots"]
    assert sorted(one["start_local"] for one in left) == ["10:00", "12:00", "14:00"]
    assert gone.json()["detail"] == (
        f"{job.said}, 08:00–10:00 cannot be booked any more. Choose one of the others."
    )
    assert (await job.dana.got(VISITS, work_order_id=order["id"]))["data"] == []
    booked = await job.dana.made(BOOK, booking(order, left[0]))
    assert booked["planned_start"] == left[0]["start"]


async def test_a_promise_without_anybody_keeps_its_place(desk: Company) -> None:
    job = await a_job(desk)
    await at_work(desk, job)
    order = await job.work.order()
    slot = (await offered(job, work_order_id=order["id"]))["slots"][0]
    promised = await job.dana.made(BOOK, booking(order, slot, assign=False))
    assert (promised["status"], promised["assignments"]) == ("unscheduled", [])
    assert promised["promised_start"] == slot["window_start"]
    other = await job.work.order()
    found = await offered(job, work_order_id=other["id"])
    assert sorted(windows(found)) == ["10:00", "12:00", "14:00"]
    gone = await job.dana.post(BOOK, json=booking(other, slot))
    assert gone.json()["code"] == "slot_gone"
    # its own place it finds, and is put on it
    own = await offered(job, visit_id=promised["id"])
    assert "08:00" in windows(own)
    named = {"window_start": slot["window_start"], "window_end": slot["window_end"]}
    planned = await job.dana.made(BOOK, {"visit_id": promised["id"], **named})
    assert planned["status"] == "scheduled"
    ledger = [one["fact"] for one in await story(job.dana, f"{VISITS}/{planned['id']}")]
    assert ledger.count("visit.promised") == 1


async def test_nothing_is_offered_that_would_need_an_overrule(desk: Company) -> None:
    job = await a_job(desk)
    order = await job.work.order()
    idle = await offered(job, work_order_id=order["id"])
    assert idle["nothing_because"].startswith("Nobody works on these days.")
    await at_work(desk, job)
    vacuum = await skill(desk, "Vacuum truck")
    await needs(desk, job, {"skill_id": vacuum, "level": 1})
    unable = await offered(job, work_order_id=order["id"])
    assert unable["nothing_because"].startswith("Nobody who works on these days may do this")
    ben = await technician(desk, "Ben", skills=({"skill_id": vacuum, "level": 1},))
    await shift(job, ben)
    able = await offered(job, work_order_id=order["id"])
    assert {one["technicians"][0]["technician_id"] for one in able["slots"]} == {ben}
    site = await job.dana.got(f"/api/v2/sites/{job.work.site['id']}")
    weekday = job.nine.astimezone().strftime("%a").lower()
    hours = [{"weekday": weekday, "opens": "13:00", "closes": "15:00"}]
    path = f"/api/v2/sites/{site['id']}"
    await job.dana.patched(path, site["version"], {"access_hours": hours})
    closed = await offered(job, work_order_id=order["id"])
    assert set(windows(closed)) == {"12:00", "14:00"}


async def test_a_question_says_what_and_where(desk: Company) -> None:
    job = await a_job(desk)
    await at_work(desk, job)
    kind = {"job_type_id": job.work.job_type_id}
    there = await offered(job, **kind, latitude=33.45, longitude=-112.07)
    assert windows(there)
    for asked, field in (
        ({}, "?work_order_id"),
        (kind, "?site_id"),
        ({**kind, "latitude": 33.4}, "?longitude"),
        ({"work_order_id": (await job.work.order())["id"], "priority": "high"}, "?priority"),
    ):
        refused = await job.dana.get(AVAILABILITY, params=asked)
        assert refused.status_code == 422
        assert [one["pointer"] for one in refused.json()["errors"]] == [field]
    long = await job.dana.get(AVAILABILITY, params={**kind, "from": job.day, "to": "2027-12-01"})
    assert long.json()["errors"][0]["pointer"] == "?to"
    window = {"window_start": job.nine.isoformat(), "window_end": (job.nine + HOUR).isoformat()}
    nothing = await job.dana.post(BOOK, json=window)
    assert nothing.json()["errors"][0]["pointer"] == "/work_order_id"


async def test_a_planned_visit_is_looked_for_anew(desk: Company) -> None:
    job = await a_job(desk)
    tess = await at_work(desk, job)
    visit = await job.planned(tess, at=job.nine)
    found = await offered(job, visit_id=visit["id"])
    assert set(windows(found)) == {"08:00", "10:00", "12:00", "14:00"}
    slot = next(one for one in found["slots"] if one["start_local"] == "14:00")
    named = {"window_start": slot["window_start"], "window_end": slot["window_end"]}
    moved = await job.dana.made(
        BOOK,
        {"visit_id": visit["id"], "visit_version": visit["version"], **named},
    )
    assert moved["planned_start"] == slot["start"]
    stale = await job.dana.post(
        BOOK,
        json={"visit_id": visit["id"], "visit_version": visit["version"], **named},
    )
    assert stale.status_code == 412
    await did(job.dana, moved, "cancel", reason="changed their mind")
    over = await job.dana.get(AVAILABILITY, params={"visit_id": visit["id"]})
    assert over.json()["code"] == "illegal_transition"
