"""Crews, vehicles and events: more than one resource at a time, and none of them twice."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.core.db import Scope
from app.models.bookings import Booking
from tests.support.field import VISITS, Job, a_job, did, technician
from tests.support.people import Company

CREWS = "/api/v2/crews"
VEHICLES = "/api/v2/vehicles"
EVENTS = "/api/v2/events"
SHIFTS = "/api/v2/shifts"
HOUR = timedelta(hours=1)


async def vehicle(company: Company, name: str = "Vac truck 7", **more: Any) -> str:
    """A vehicle; its id."""
    dana = await company.person("dispatcher")
    return str((await dana.made(VEHICLES, {"name": name, **more}))["id"])


async def crew(job: Job, lead: str, *others: str, **more: Any) -> Any:
    """A crew for all time, led by the first."""
    members = [{"technician_id": one, "first_day": "2026-01-01"} for one in (lead, *others)]
    return await job.dana.made(
        CREWS, {"name": "North crew", "lead_id": lead, "members": members, **more}
    )


async def plan(job: Job, visit: Any, **body: Any) -> Any:
    """The reply to planning a visit at nine, for whom `body` says."""
    return await job.dana.post(
        f"{VISITS}/{visit['id']}/schedule",
        json={"start": job.nine.isoformat(), **body},
        headers={"If-Match": f'"v{visit["version"]}"'},
    )


async def booked(company: Company, visit_id: str) -> set[str]:
    """Whom and what a visit has booked."""
    async with company.server.state.sessions.open(Scope(company.id)) as session:
        found = await session.scalars(
            select(Booking.resource_id).where(Booking.visit_id == visit_id)
        )
        return {str(one) for one in found}


async def test_a_crew_is_booked_with_its_vehicle_one_row_each(acme: Company) -> None:
    job = await a_job(acme)
    tess, uma = await technician(acme), await technician(acme, "Uma Pan")
    truck = await vehicle(acme, capacity={"gallons": 2500}, plate="TRK 7")
    north = await crew(job, tess, uma, vehicle_id=truck)
    reply = await plan(job, await job.visit(), crew_id=north["id"])
    assert reply.status_code == 200, reply.text
    visit = reply.json()
    assert visit["crew"] == {"id": north["id"], "name": "North crew"}
    assert visit["vehicles"] == [{"id": truck, "name": "Vac truck 7"}]
    assert {one["technician_id"]: one["is_lead"] for one in visit["assignments"]} == {
        tess: True, uma: False,
    }  # fmt: skip
    assert await booked(acme, visit["id"]) == {tess, uma, truck}

    moved = await did(
        job.dana, visit, "schedule", technician_ids=[tess, uma], start=(job.nine + HOUR).isoformat()
    )
    assert (moved["crew"]["id"], moved["vehicles"]) == (north["id"], visit["vehicles"])
    alone = await did(
        job.dana, visit, "schedule", technician_ids=[uma], vehicle_ids=[],
        start=(job.nine + HOUR).isoformat(),
    )  # fmt: skip
    assert (alone["crew"], alone["vehicles"]) == (None, [])
    assert await booked(acme, visit["id"]) == {uma}
    off = await did(job.dana, visit, "unschedule")
    assert (off["vehicles"], await booked(acme, visit["id"])) == ([], set())


async def test_members_count_by_the_day(acme: Company) -> None:
    job = await a_job(acme)
    tess, uma = await technician(acme), await technician(acme, "Uma Pan")
    gone = [
        {"technician_id": tess, "first_day": "2026-01-01"},
        {"technician_id": uma, "first_day": "2026-01-01", "last_day": "2026-02-01"},
    ]
    north = await job.dana.made(CREWS, {"name": "North crew", "members": gone})
    visit = (await plan(job, await job.visit(), crew_id=north["id"])).json()
    assert [one["technician_id"] for one in visit["assignments"]] == [tess]
    nobody = await job.dana.made(CREWS, {"name": "Nobody yet"})
    empty = await plan(job, await job.visit(), crew_id=nobody["id"])
    assert (empty.status_code, empty.json()["code"]) == (409, "crew_empty")
    outside = await job.dana.post(CREWS, json={"name": "Odd", "lead_id": uma})
    assert (outside.status_code, outside.json()["errors"][0]["pointer"]) == (422, "/lead_id")


async def test_a_vehicle_is_never_in_two_places(acme: Company) -> None:
    job = await a_job(acme)
    truck = await vehicle(acme)
    people = [await technician(acme, f"Tech {n}") for n in range(8)]
    visits = [await job.visit() for _ in people]
    replies = await asyncio.gather(
        *(
            plan(job, visit, technician_ids=[who], vehicle_ids=[truck])
            for visit, who in zip(visits, people, strict=True)
        )
    )
    assert Counter(reply.status_code for reply in replies) == {200: 1, 409: 7}
    lost = next(reply.json() for reply in replies if reply.status_code == 409)
    assert lost["code"] == "double_booking"
    assert lost["clash"]["vehicle_id"] == truck
    assert lost["detail"].startswith("Vac truck 7 is booked ")
    assert lost["detail"].endswith("Choose another time or another vehicle.")
    refused = await job.dana.delete(f"{VEHICLES}/{truck}")
    assert (refused.status_code, refused.json()["code"]) == (409, "in_use")
    version = (await job.dana.got(f"{VEHICLES}/{truck}"))["version"]
    await job.dana.patched(f"{VEHICLES}/{truck}", version, {"active": False})
    broken = await plan(job, visits[0], technician_ids=[people[0]], vehicle_ids=[truck])
    assert broken.status_code in (409, 412)


async def test_a_crews_shifts_are_its_members_until_they_have_their_own(acme: Company) -> None:
    job = await a_job(acme)
    tess, uma = await technician(acme), await technician(acme, "Uma Pan")
    north = await crew(job, tess, uma)
    monday = {"weekday": "mon", "start": "06:00", "end": "14:00"}
    pattern = {"name": "Early", "valid_from": "2026-01-01", "spans": [monday]}
    await job.dana.made(SHIFTS, {"crew_id": north["id"], **pattern})
    own = {"weekday": "mon", "start": "10:00", "end": "18:00"}
    await job.dana.made(SHIFTS, {"technician_id": uma, **pattern, "spans": [own]})
    day = {"from": "2026-11-23", "to": "2026-11-23"}
    starts = [
        (await job.dana.got(f"/api/v2/technicians/{one}/working-time", **day))["days"][0]["pieces"][
            0
        ]["start"][11:16]
        for one in (tess, uma)
    ]
    assert starts == ["12:00", "16:00"]
    both = await job.dana.post(
        SHIFTS, json={"crew_id": north["id"], "technician_id": uma, **pattern}
    )
    assert (both.status_code, both.json()["errors"][0]["code"]) == (422, "whose")


async def test_an_event_takes_the_time_of_everybody_in_it(acme: Company) -> None:
    job = await a_job(acme)
    tess, uma = await technician(acme), await technician(acme, "Uma Pan")
    truck = await vehicle(acme)
    meeting = {
        "title": "Safety hour",
        "starts_at": job.nine.isoformat(),
        "ends_at": (job.nine + HOUR).isoformat(),
        "technician_ids": [tess, uma],
        "vehicle_ids": [truck],
    }
    made = await job.dana.made(EVENTS, meeting)
    assert [one["name"] for one in made["technicians"]] == ["Tess Ode", "Uma Pan"]
    assert [one["name"] for one in made["vehicles"]] == ["Vac truck 7"]
    over = await plan(job, await job.visit(), technician_ids=[uma])
    assert (over.status_code, over.json()["clash"]["event_id"]) == (409, made["id"])
    assert "is booked" in over.json()["detail"]
    assert "for “Safety hour”" in over.json()["detail"]
    twice = await job.dana.post(EVENTS, json={**meeting, "title": "Lunch", "vehicle_ids": []})
    assert (twice.status_code, twice.json()["code"]) == (409, "double_booking")
    assert len((await job.dana.got(EVENTS))["data"]) == 1
    # its time alone is another one: it is booked then, and nowhere else, and all are told
    there = await job.planned(uma, at=job.nine + 2 * HOUR)
    onto = {"starts_at": there["planned_start"], "ends_at": there["planned_end"]}
    patch = {"json": onto, "headers": {"If-Match": f'"v{made["version"]}"'}}
    refused = await job.dana.patch(f"{EVENTS}/{made['id']}", **patch)
    assert (refused.status_code, refused.json()["code"]) == (409, "double_booking")
    assert refused.json()["clash"]["visit_id"] == there["id"]
    half = {name: (datetime.fromisoformat(made[name]) + HOUR / 2).isoformat() for name in onto}
    made = await job.dana.patched(f"{EVENTS}/{made['id']}", made["version"], half)
    ahead = {"start": (job.nine - HOUR / 2).isoformat(), "technician_ids": [uma]}
    before = await plan(job, await job.visit(), **ahead)
    assert before.status_code == 200, before.text
    during = {"start": (job.nine + HOUR).isoformat(), "technician_ids": [uma]}
    over = await plan(job, await job.visit(), **during)
    assert (over.status_code, over.json()["clash"]["event_id"]) == (409, made["id"])
    await did(job.dana, before.json(), "unschedule", reason="another day")

    later = {
        "starts_at": (job.nine + 3 * HOUR).isoformat(),
        "ends_at": (job.nine + 4 * HOUR).isoformat(),
    }
    moved = await job.dana.patched(
        f"{EVENTS}/{made['id']}", made["version"], {**later, "technician_ids": [tess]}
    )
    assert [one["id"] for one in moved["technicians"]] == [tess]
    assert [one["id"] for one in moved["vehicles"]] == [truck]
    free = await plan(job, await job.visit(), technician_ids=[tess, uma], vehicle_ids=[truck])
    assert free.status_code == 200
    assert (await job.dana.delete(f"{EVENTS}/{made['id']}")).status_code == 204
    await job.planned(tess, at=job.nine + 3 * HOUR)
    back = await job.dana.post(f"{EVENTS}/{made['id']}/restore")
    assert (back.status_code, back.json()["code"]) == (409, "double_booking")


async def test_an_event_lies_somewhere(acme: Company) -> None:
    job = await a_job(acme)
    tess = await technician(acme)
    fetch = {
        "title": "Pump from Ferguson",
        "kind": "supply_house",
        "starts_at": job.nine.isoformat(),
        "ends_at": (job.nine + HOUR).isoformat(),
        "technician_ids": [tess],
    }
    there = {"place": "Ferguson, 51st Ave", "latitude": 33.4512, "longitude": -112.1712}
    made = await job.dana.made(EVENTS, {**fetch, **there})
    assert {name: made[name] for name in there} == there
    half = await job.dana.post(EVENTS, json={**fetch, "latitude": 33.4})
    assert (half.status_code, half.json()["errors"][0]["pointer"]) == (422, "/longitude")
    abroad = {"street": "Invalidenstr. 1", "city": "Berlin", "region": "BE", "country": "DE"}
    owner = {"customer_id": job.work.customer["id"], "postal_code": "10115"}
    berlin = await job.dana.made("/api/v2/sites", {**abroad, **owner, "time_zone": "Europe/Berlin"})
    nowhere = await job.dana.post(EVENTS, json={**fetch, "site_id": berlin["id"]})
    assert (nowhere.status_code, nowhere.json()["errors"][0]["code"]) == (422, "not_on_the_map")
    spot = {"latitude": 33.5, "longitude": -112.0}
    site = await job.dana.got(f"/api/v2/sites/{job.work.site['id']}")
    await job.dana.patched(f"/api/v2/sites/{site['id']}", site["version"], spot)
    moved = await job.dana.patched(
        f"{EVENTS}/{made['id']}", made["version"], {"site_id": site["id"]}
    )
    assert {name: moved[name] for name in spot} == spot
    assert moved["place"] == site["address"]
    home = await job.dana.patched(
        f"{EVENTS}/{made['id']}", moved["version"], {"latitude": None, "longitude": None}
    )
    assert (home["latitude"], home["longitude"]) == (None, None)


async def test_a_technician_sees_the_events_they_take_part_in(acme: Company) -> None:
    job = await a_job(acme)
    tess = await acme.person("technician", "tess")
    mine, theirs = await technician(acme, who=tess), await technician(acme, "Uma Pan")
    times = {"starts_at": job.nine.isoformat(), "ends_at": (job.nine + HOUR).isoformat()}
    for title, who in (("Mine", mine), ("Theirs", theirs)):
        await job.dana.made(EVENTS, {"title": title, "technician_ids": [who], **times})
    assert [one["title"] for one in (await tess.got(EVENTS))["data"]] == ["Mine"]
