"""Working time through the doors people use: shifts, holidays, time off, and what comes of them."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from tests.support.field import VISITS, a_job, did, technician
from tests.support.people import Company, Person
from tests.support.server import Server
from tests.support.waiting import until, waiting_for_locks

SHIFTS = "/api/v2/shifts"
TIME_OFF = "/api/v2/time-off"
HOLIDAYS = "/api/v2/holidays"
ROTATION = {
    "name": "Weeks A and B",
    "valid_from": "2026-10-19",
    "rotation_weeks": 2,
    "overtime_minutes": 60,
    "spans": [
        *(
            {"week": 1, "weekday": day, "start": "08:00", "end": "17:00",
             "breaks": [{"start": "12:00", "minutes": 30}]}
            for day in ("mon", "tue", "wed", "thu", "fri")
        ),
        *(
            {"week": 2, "weekday": day, "start": "07:00", "end": "17:30",
             "breaks": [{"minutes": 30, "earliest": "11:00", "latest": "13:00"}]}
            for day in ("mon", "tue", "wed", "thu")
        ),
    ],
}  # fmt: skip


async def working(person: Person, who: str, first: str, last: str) -> dict[str, Any]:
    """The days of somebody's working time, by date."""
    got = await person.got(f"/api/v2/technicians/{who}/working-time", **{"from": first, "to": last})
    return {one["day"]: one for one in got["days"]}


def said(day: Any) -> list[str]:
    """`work 13:00-17:00`, …, in UTC."""
    return [f"{one['kind']} {one['start'][11:16]}-{one['end'][11:16]}" for one in day["pieces"]]


async def test_a_rotation_with_a_swap_a_half_day_and_a_night_is_computed(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    tess = await technician(acme)
    await dana.made(SHIFTS, {"technician_id": tess, **ROTATION})
    saturday = {
        "technician_id": tess,
        "overrides": True,
        "valid_from": "2026-10-24",
        "valid_until": "2026-10-24",
    }
    span = {"weekday": "sat", "start": "09:00", "end": "13:00"}
    await dana.made(SHIFTS, {**saturday, "name": "Swapped with Uma", "spans": [span]})
    await dana.made(
        SHIFTS,
        {
            "technician_id": tess,
            "name": "On call",
            "kind": "on_call",
            "valid_from": "2026-10-30",
            "spans": [{"weekday": "sat", "start": "22:00", "end": "06:00"}],
        },
    )
    half = {"day": "2026-10-28", "name": "Founders’ Day", "start_time": "12:00"}
    holiday = await dana.made(HOLIDAYS, half)

    days = await working(dana, tess, "2026-10-19", "2026-11-02")
    assert len(days) == 15
    assert said(days["2026-10-19"]) == ["work 13:00-17:00", "break 17:00-17:30", "work 17:30-22:00"]
    assert said(days["2026-10-24"]) == ["work 14:00-18:00"]
    assert days["2026-10-24"]["pieces"][0]["name"] == "Swapped with Uma"
    assert said(days["2026-10-28"]) == ["work 12:00-17:00", "holiday 17:00-22:30"]
    assert days["2026-10-28"]["pieces"][1]["source"] == holiday["id"]
    assert said(days["2026-10-31"]) == ["on_call 03:00-05:00"]
    assert said(days["2026-11-01"]) == ["on_call 05:00-12:00"]
    assert days["2026-11-01"]["on_call_minutes"] == 7 * 60
    assert [days[f"2026-10-{n}"]["work_minutes"] for n in (19, 24, 25, 27, 28, 30)] == [
        510, 240, 0, 600, 270, 0,
    ]  # fmt: skip
    (flexible,) = days["2026-10-27"]["flexible_breaks"]
    assert (flexible["earliest"][11:16], flexible["latest"][11:16]) == ("16:00", "18:00")
    (overtime,) = days["2026-10-27"]["overtime"]
    assert (overtime["start"][11:16], overtime["end"][11:16]) == ("22:30", "23:30")


async def test_without_shifts_the_organisations_hours_hold_and_without_those_nothing_is_known(
    acme: Company,
) -> None:
    owner = await acme.person("owner")
    tess = await technician(acme)
    usual = await working(owner, tess, "2026-11-23", "2026-11-23")
    assert usual["2026-11-23"]["pieces"][0]["source"] == "organisation"
    version = (await owner.got("/api/v2/organisation"))["version"]
    await owner.patched("/api/v2/organisation", version, {"working_hours": {}})
    nothing = (await working(owner, tess, "2026-11-23", "2026-11-23"))["2026-11-23"]
    assert (nothing["known"], nothing["pieces"]) == (False, [])


async def test_a_branch_keeps_hours_of_its_own(acme: Company) -> None:
    owner = await acme.person("owner")
    early = {"name": "Mesa", "working_hours": {"mon": [["06:00", "14:00"]]}}
    branch = await owner.made("/api/v2/branches", early)
    assert branch["working_hours"] == early["working_hours"]
    team = await owner.made("/api/v2/teams", {"name": "Early", "branch_id": branch["id"]})
    made = await owner.made("/api/v2/technicians", {"name": "Tess", "team_id": team["id"]})
    tess = str(made["id"])
    monday = (await working(owner, tess, "2026-11-23", "2026-11-24"))["2026-11-23"]
    (piece,) = monday["pieces"]
    assert (piece["start"][11:16], piece["end"][11:16]) == ("12:00", "20:00")  # Chicago's winter
    assert piece["source"] == branch["id"]
    version = (await owner.got("/api/v2/organisation"))["version"]
    late = {"working_hours": {"mon": [["10:00", "18:00"]]}}
    await owner.patched("/api/v2/organisation", version, late)
    await owner.patched(f"/api/v2/branches/{branch['id']}", 1, {"working_hours": None})
    usual = (await working(owner, tess, "2026-11-23", "2026-11-23"))["2026-11-23"]
    assert {one["source"] for one in usual["pieces"]} == {"organisation"}
    twisted = {"name": "Odd", "working_hours": {"mon": [["14:00", "06:00"]]}}
    refused = await owner.post("/api/v2/branches", json=twisted)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (
        422,
        "/working_hours",
    )


async def test_a_technicians_own_clock_counts(acme: Company) -> None:
    owner = await acme.person("owner")
    made = await owner.made(
        "/api/v2/technicians", {"name": "Lars Holm", "time_zone": "Europe/Berlin"}
    )
    span = {"weekday": "sun", "start": "02:30", "end": "08:00"}
    shift = {"technician_id": made["id"], "name": "Early", "valid_from": "2027-03-01"}
    await owner.made(SHIFTS, {**shift, "spans": [span]})
    got = await owner.got(
        f"/api/v2/technicians/{made['id']}/working-time",
        **{"from": "2027-03-28", "to": "2027-03-28"},
    )
    assert got["time_zone"] == "Europe/Berlin"
    (day,) = got["days"]
    assert said(day) == ["work 01:30-06:00"]
    assert day["moved"] == [{"wall": "2027-03-28T02:30", "became": "2027-03-28T03:30"}]


async def test_nonsense_is_refused_where_it_stands(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    tess = await technician(acme)
    shift = {"technician_id": tess, "name": "Odd", "valid_from": "2026-11-02"}
    span = {"weekday": "mon", "start": "08:00", "end": "17:00"}
    refused = [
        ("/valid_until", {"valid_until": "2026-11-01"}),
        ("/spans/0/week", {"spans": [{**span, "week": 2}]}),
        ("/spans/0/breaks/0", {"spans": [{**span, "breaks": [{"minutes": 30}]}]}),
        ("/spans/0/start", {"spans": [{**span, "start": "8"}]}),
    ]
    for pointer, more in refused:
        reply = await dana.post(SHIFTS, json={**shift, **more})
        assert reply.status_code == 422, reply.text
        assert reply.json()["errors"][0]["pointer"] == pointer
    path = f"/api/v2/technicians/{tess}/working-time"
    long = await dana.get(path, params={"from": "2026-01-01", "to": "2026-03-04"})
    assert (long.status_code, long.json()["errors"][0]["pointer"]) == (422, "?to")
    assert len(await working(dana, tess, "2026-01-01", "2026-03-03")) == 62


async def test_a_regions_holidays_are_taken_over_once(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    await dana.made(HOLIDAYS, {"day": "2026-12-25", "name": "We are closed"})
    adopted = await dana.made(
        "/api/v2/public-holidays", {"country": "US", "region": "TX", "year": 2026}
    )
    by_day = {one["day"]: one["name"] for one in adopted["data"]}
    assert by_day["2026-07-04"] == "Independence Day"
    assert by_day["2026-03-02"] == "Texas Independence Day"
    assert "2026-12-25" not in by_day
    again = await dana.made(
        "/api/v2/public-holidays", {"country": "US", "region": "TX", "year": 2026}
    )
    assert again["data"] == []
    unknown = await dana.post(
        "/api/v2/public-holidays", json={"country": "US", "region": "ZZ", "year": 2026}
    )
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "/region")


async def test_approved_time_off_cannot_be_booked_over_and_booked_visits_stay(
    acme: Company,
) -> None:
    job = await a_job(acme)
    tess = await technician(acme)
    before = await job.planned(tess)
    asked = await job.dana.made(
        TIME_OFF, {"technician_id": tess, "kind": "vacation", "first_day": job.day}
    )
    assert (asked["status"], asked["allowed_transitions"]) == (
        "requested", ["approve", "cancel", "decline"],
    )  # fmt: skip
    meanwhile = await job.planned(tess, at=job.nine + timedelta(hours=2))
    approved = await job.dana.made(f"{TIME_OFF}/{asked['id']}/approve", {"reason": "Enjoy"})
    assert approved["status"] == "approved"
    for visit in (before, meanwhile):  # nothing moved
        kept = await job.dana.got(f"{VISITS}/{visit['id']}")
        assert (kept["status"], kept["planned_start"]) == ("scheduled", visit["planned_start"])
    wanted = await job.visit()
    over = await job.schedule(wanted, tess, start=job.nine + timedelta(hours=5))
    assert (over.status_code, over.json()["code"]) == (409, "double_booking")
    assert over.json()["clash"]["kind"] == "time_off"
    assert over.json()["detail"].startswith("Tess Ode has time off, ")
    offered = datetime.fromisoformat(over.json()["next_free"][0]["start"])
    assert offered >= datetime.fromisoformat(approved["ends_at"])

    await did(job.dana, before, "unschedule")  # and leaves no hole behind
    hole = await job.schedule(wanted, tess, start=job.nine)
    assert (hole.status_code, hole.json()["clash"]["kind"]) == (409, "time_off")

    await job.dana.made(f"{TIME_OFF}/{asked['id']}/cancel")
    free = await job.schedule(wanted, tess, start=job.nine)
    assert free.status_code == 200


async def test_a_technician_asks_for_themselves_and_sees_only_their_own(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    tess, uma = await acme.person("technician", "tess"), await acme.person("technician", "uma")
    mine, theirs = await technician(acme, who=tess), await technician(acme, "Uma Pan", who=uma)
    asked = {"kind": "sick", "first_day": "2026-12-01"}
    own = await tess.made(TIME_OFF, {"technician_id": mine, **asked})
    path, moved = f"/api/v2/technicians/{mine}", {"time_zone": "Europe/Berlin"}
    early = await dana.patch(path, json=moved, headers={"If-Match": '"v1"'})
    assert (early.status_code, early.json()["code"]) == (409, "time_off_ahead")
    assert "has 1 absence ahead" in early.json()["detail"]
    other = await tess.post(TIME_OFF, json={"technician_id": theirs, **asked})
    assert (other.status_code, other.json()["code"]) == (403, "not_yours")
    assert (await tess.post(f"{TIME_OFF}/{own['id']}/approve")).status_code == 403
    assert [one["id"] for one in (await tess.got(TIME_OFF))["data"]] == [own["id"]]
    assert (await uma.got(TIME_OFF))["data"] == []
    assert (await uma.get(f"{TIME_OFF}/{own['id']}")).status_code == 404
    declined = await dana.made(f"{TIME_OFF}/{own['id']}/decline", {"reason": "Too many are away"})
    assert (declined["status"], declined["decision_reason"]) == ("declined", "Too many are away")
    assert (await dana.patched(path, 1, moved))["time_zone"] == "Europe/Berlin"
    again = await dana.post(f"{TIME_OFF}/{own['id']}/approve")
    assert (again.status_code, again.json()["code"]) == (409, "illegal_transition")


async def test_hours_off_are_cut_out_of_the_day(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    tess = await technician(acme)
    await dana.made(SHIFTS, {"technician_id": tess, **ROTATION})
    hours = {"first_day": "2026-11-03", "start_time": "15:00", "end_time": "16:00"}
    off = await dana.made(TIME_OFF, {"technician_id": tess, "kind": "other", **hours})
    asked = await working(dana, tess, "2026-11-03", "2026-11-03")
    assert asked["2026-11-03"]["work_minutes"] == 510
    await dana.made(f"{TIME_OFF}/{off['id']}/approve")
    day = (await working(dana, tess, "2026-11-03", "2026-11-03"))["2026-11-03"]
    assert (day["work_minutes"], said(day)[-2:]) == (
        450,
        ["time_off 21:00-22:00", "work 22:00-23:00"],
    )
    several = {"first_day": "2026-11-03", "last_day": "2026-11-04", "start_time": "15:00"}
    refused = await dana.post(TIME_OFF, json={"technician_id": tess, "kind": "other", **several})
    assert refused.status_code == 422


async def test_time_off_is_of_the_clock_that_its_technician_has_by_then(
    acme: Company, server: Server
) -> None:
    dana = await acme.person("dispatcher")
    tia = await technician(acme, "Tia Moves")
    path, berlin = f"/api/v2/technicians/{tia}", {"time_zone": "Europe/Berlin"}
    off = {"technician_id": tia, "kind": "vacation", "first_day": "2027-03-01"}
    behind = await asyncpg.connect(server.database.admin)
    async with behind.transaction():
        await behind.execute("select from resources where id = $1 for update", UUID(tia))
        moving = asyncio.create_task(dana.patched(path, 1, berlin))
        await until(lambda: waiting_for_locks(behind, 1))
        asking = asyncio.create_task(dana.made(TIME_OFF, off))
        await until(lambda: waiting_for_locks(behind, 2))
    await behind.close()
    assert (await moving)["time_zone"] == "Europe/Berlin"
    asked = await asking
    assert asked["starts_at"] == "2027-02-28T23:00:00.000000Z"
