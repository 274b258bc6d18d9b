"""What a plan is warned of, what became untrue of it since, and the windows that are offered."""

import re
from datetime import timedelta
from typing import Any

from app.core import clock
from tests.support.field import PHOENIX, VISITS, Job, a_job, did, needs, skill, technician
from tests.support.people import Company

HOUR = timedelta(hours=1)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


async def shift(job: Job, who: str, **more: Any) -> Any:
    """Somebody in Phoenix works from eight to five on every day, with an hour of overtime."""
    dana = job.dana
    path = f"/api/v2/technicians/{who}"
    version = (await dana.got(path))["version"]
    await dana.patched(path, version, {"time_zone": "America/Phoenix"})
    spans = [{"weekday": day, "start": "08:00", "end": "17:00"} for day in DAYS]
    body = {"name": "Days", "valid_from": "2026-01-01", "spans": spans, "overtime_minutes": 60}
    return await dana.made("/api/v2/shifts", {"technician_id": who, **body, **more})


def codes(visit: Any) -> list[str]:
    return [one["code"] for one in visit["warnings"]]


async def alerts(job: Job) -> dict[str, list[str]]:
    """The codes of each visit that no longer fits."""
    found = await job.dana.got("/api/v2/visit-alerts")
    return {one["visit_id"]: [p["code"] for p in one["problems"]] for one in found["data"]}


async def test_a_plan_outside_the_shift_stands_and_is_warned_of(acme: Company) -> None:
    job = await a_job(acme)
    tess = await technician(acme)
    await shift(job, tess)
    fits = await job.planned(tess)
    assert fits["warnings"] == []
    late = await job.planned(tess, at=job.nine + 7.5 * HOUR)
    assert late["warnings"] == [
        {"code": "overtime", "detail": "Tess Ode works 30 minutes overtime."}
    ]
    assert (await job.dana.got(f"{VISITS}/{late['id']}"))["warnings"] == late["warnings"]
    night = await job.planned(tess, at=job.nine + 10 * HOUR)
    assert night["warnings"] == [
        {"code": "outside_shift", "detail": f"Tess Ode does not work {job.said}, 19:00–20:00."}
    ]
    moved = await did(
        job.dana, night, "schedule", technician_ids=[tess], start=(job.nine + 2 * HOUR).isoformat()
    )
    assert moved["warnings"] == []


async def test_breaks_and_asked_for_time_off_and_promises_are_warned_of(acme: Company) -> None:
    job = await a_job(acme)
    tess = await technician(acme)
    noon = [{"start": "12:00", "minutes": 30}]
    await shift(
        job,
        tess,
        spans=[{"weekday": day, "start": "08:00", "end": "17:00", "breaks": noon} for day in DAYS],
    )
    await job.dana.made(
        "/api/v2/time-off", {"technician_id": tess, "kind": "vacation", "first_day": job.day}
    )
    visit = await job.planned(
        tess,
        at=job.nine + 3 * HOUR,
        window_start_local=f"{job.day}T08:00",
        window_end_local=f"{job.day}T10:00",
    )
    assert codes(visit) == ["no_room_for_break", "time_off_requested", "outside_promise"]
    assert visit["warnings"][0]["detail"] == f"Tess Ode has a break, {job.said}, 12:00–12:30."


async def test_without_any_hours_nothing_is_warned_of(acme: Company) -> None:
    job = await a_job(acme)
    owner = await acme.person("owner")
    version = (await owner.got("/api/v2/organisation"))["version"]
    await owner.patched("/api/v2/organisation", version, {"working_hours": {}})
    night = await job.planned(await technician(acme), at=job.nine + 14 * HOUR)
    assert night["warnings"] == []


async def test_an_incomplete_crew_is_warned_of(acme: Company) -> None:
    job = await a_job(acme)
    tess, uma = await technician(acme), await technician(acme, "Uma Pan")
    await shift(job, tess)
    members = [{"technician_id": one, "first_day": "2026-01-01"} for one in (tess, uma)]
    north = await job.dana.made("/api/v2/crews", {"name": "North crew", "members": members})
    made = await job.visit()
    alone = await did(
        job.dana, made, "schedule", technician_ids=[tess], crew_id=north["id"],
        start=job.nine.isoformat(),
    )  # fmt: skip
    assert alone["warnings"] == [
        {"code": "crew_incomplete", "detail": "Uma Pan of North crew is not on it."}
    ]


async def test_another_territory_is_warned_of(acme: Company) -> None:
    job = await a_job(acme)
    owner = await acme.person("owner")
    path = "/api/v2/territories"
    here = await owner.made(path, {"name": "Downtown", "postal_codes": ["85001"]})
    there = await owner.made(path, {"name": "Tucson", "postal_codes": ["857"]})
    people = {}
    for name, areas in (("Tess Ode", [there]), ("Uma Pan", [here, there]), ("Ida Low", [])):
        who = await acme.person("technician", name)
        member = f"/api/v2/memberships/{who.user_id}"
        version = (await owner.got(member))["version"]
        ids = [one["id"] for one in areas]
        await owner.patched(member, version, {"territory_ids": ids})
        people[name] = await technician(acme, name, who=who)
        await shift(job, people[name])
    visit = await job.planned(*people.values())
    assert visit["warnings"] == [
        {"code": "other_territory", "detail": "Tess Ode does not work in Downtown."}
    ]
    assert (await alerts(job))[visit["id"]] == ["other_territory"]
    theirs = [people["Uma Pan"], people["Ida Low"]]
    assert (await did(job.dana, visit, "assign", technician_ids=theirs))["warnings"] == []


async def test_visits_stay_and_become_alerts_when_what_they_stand_on_changes(
    acme: Company,
) -> None:
    job = await a_job(acme)
    gas = await skill(acme, "Gas")
    until = (job.nine + timedelta(days=400)).date().isoformat()
    tess = await technician(acme, skills=({"skill_id": gas, "level": 2, "expires_on": until},))
    pattern = await shift(job, tess)
    await needs(acme, job, {"skill_id": gas, "level": 2})
    visit = await job.planned(tess)
    assert visit["id"] not in await alerts(job)

    path = f"/api/v2/shifts/{pattern['id']}"
    ends = clock.now().astimezone(PHOENIX).date().isoformat()
    await job.dana.patched(path, pattern["version"], {"valid_until": ends, "spans": []})
    off = await job.dana.made(
        "/api/v2/time-off", {"technician_id": tess, "kind": "sick", "first_day": job.day}
    )
    assert "time_off_requested" in (await alerts(job))[visit["id"]]
    await job.dana.made(f"/api/v2/time-off/{off['id']}/approve")
    who = await job.dana.got(f"/api/v2/technicians/{tess}")
    expired = [{"skill_id": gas, "level": 2, "expires_on": ends}]
    await job.dana.patched(f"/api/v2/technicians/{tess}", who["version"], {"skills": expired})
    assert set((await alerts(job))[visit["id"]]) >= {"time_off", "skill_missing"}
    kept = await job.dana.got(f"{VISITS}/{visit['id']}")
    assert (kept["status"], kept["planned_start"], kept["version"]) == (
        "scheduled", visit["planned_start"], visit["version"],
    )  # fmt: skip
    await did(job.dana, visit, "unschedule")
    assert visit["id"] not in await alerts(job)


async def test_certificates_that_expire_are_listed_first_things_first(acme: Company) -> None:
    job = await a_job(acme)
    gas, septic = await skill(acme, "Gas"), await skill(acme, "Septic")
    today = clock.now().date()
    soon, later = (today + timedelta(days=n) for n in (20, 40))
    paper = {"certificate_number": "G-17", "issuer": "State board", "issued_on": "2024-01-01"}
    await technician(
        acme,
        skills=(
            {"skill_id": gas, "expires_on": later.isoformat(), **paper},
            {"skill_id": septic, "expires_on": soon.isoformat()},
        ),
    )
    path = "/api/v2/expiring-certificates"
    found = (await job.dana.got(path, within_days=60))["data"]
    both = [one for one in found if one["skill_id"] in (gas, septic)]
    assert [one["skill_id"] for one in both] == [septic, gas]
    assert (both[1]["certificate_number"], both[1]["technician"]) == ("G-17", "Tess Ode")
    less = (await job.dana.got(path, within_days=25))["data"]
    assert [one["skill_id"] for one in less if one["skill_id"] in (gas, septic)] == [septic]
    wrong = {"skill_id": gas, "issued_on": "2026-02-01", "expires_on": "2026-01-01"}
    owner = await acme.person("owner")
    refused = await owner.post("/api/v2/technicians", json={"name": "Bo", "skills": [wrong]})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/skills/0")


async def test_windows_are_offered_by_the_clock_at_the_site(acme: Company) -> None:
    job = await a_job(acme)
    owner = await acme.person("owner")
    usual = [{"start": "10:00", "end": "12:00"}, {"start": "08:00", "end": "10:00"}]
    await owner.made("/api/v2/arrival-windows", {"name": "Mornings", "windows": usual})
    site = job.work.site["id"]
    path, asked = f"/api/v2/sites/{site}/arrival-windows", {"job_type_id": job.work.job_type_id}
    day = await job.dana.got(path, day="2026-11-23", **asked)
    assert day["time_zone"] == "America/Phoenix"
    assert [(one["start"][:16], one["start_local"]) for one in day["windows"]] == [
        ("2026-11-23T15:00", "08:00"), ("2026-11-23T17:00", "10:00"),
    ]  # fmt: skip
    own = [
        {"start": "13:00", "end": "17:00", "weekdays": ["mon"]},
        {"start": "07:00", "end": "09:00", "weekdays": ["sat"]},
    ]
    body = {"name": "Pumping", "job_type_id": job.work.job_type_id, "windows": own}
    made = await owner.made("/api/v2/arrival-windows", body)
    monday = await job.dana.got(path, day="2026-11-23", **asked)
    assert [one["start_local"] for one in monday["windows"]] == ["13:00"]
    assert (await job.dana.got(path, day="2026-11-24", **asked))["windows"] == []
    offered = monday["windows"][0]
    visit = await job.visit(window_start=offered["start"], window_end=offered["end"])
    assert visit["promised_start"] == offered["start"]
    assert (await owner.delete(f"/api/v2/arrival-windows/{made['id']}")).status_code == 204
    assert len((await job.dana.got(path, day="2026-11-23", **asked))["windows"]) == 2


async def test_a_branch_offers_windows_of_its_own(acme: Company) -> None:
    job = await a_job(acme)
    owner = await acme.person("owner")
    windows = "/api/v2/arrival-windows"
    branch = await owner.made("/api/v2/branches", {"name": "Mesa"})
    territory = {"name": "Mesa", "branch_id": branch["id"], "regions": []}
    territory = await owner.made("/api/v2/territories", territory)
    path, asked = f"/api/v2/sites/{job.work.site['id']}/arrival-windows", {"day": "2026-11-23"}
    typed = asked | {"job_type_id": job.work.job_type_id}
    sets = {
        "08:00": {},
        "09:00": {"branch_id": branch["id"]},
        "10:00": {"job_type_id": job.work.job_type_id},
        "11:00": {"job_type_id": job.work.job_type_id, "branch_id": branch["id"]},
    }

    async def offered(**question: str) -> list[str]:
        return [one["start_local"] for one in (await job.dana.got(path, **question))["windows"]]

    made = {}
    for start, whose in sets.items():
        hours = [{"start": start, "end": "18:00"}]
        made[start] = await owner.made(windows, {"name": start, "windows": hours, **whose})
    assert "08:00" in await offered(**asked)
    assert await offered(**typed) == ["10:00"]
    site = await owner.got(f"/api/v2/sites/{job.work.site['id']}")
    there = {"territory_id": territory["id"]}
    await owner.patched(f"/api/v2/sites/{site['id']}", site["version"], there)
    assert (await offered(**asked), await offered(**typed)) == (["09:00"], ["11:00"])
    await owner.delete(f"{windows}/{made['11:00']['id']}")
    assert await offered(**typed) == ["10:00"]
    refused = await owner.delete(f"/api/v2/branches/{branch['id']}")
    assert (refused.status_code, refused.json()["code"]) == (409, "in_use")
    assert "1 set of arrival windows" in refused.json()["detail"]


async def at(job: Job, latitude: float) -> Any:
    """A site so far north, for whoever comes."""
    site = await job.dana.got(f"/api/v2/sites/{job.work.site['id']}")
    there = {"latitude": latitude, "longitude": -112.0}
    return await job.dana.patched(f"/api/v2/sites/{site['id']}", site["version"], there)


async def test_a_drive_that_does_not_fit_is_warned_of(acme: Company) -> None:
    job, other = await a_job(acme), await a_job(acme)
    tess = await technician(acme)
    await shift(job, tess)
    await at(job, 33.4)
    await at(other, 33.6)  # 22 km
    seen = await job.dana.got(f"/api/v2/technicians/{tess}")
    base = {"base_name": "Yard", "base_latitude": 33.4, "base_longitude": -112.0}
    await (await acme.person("owner")).patched(f"/api/v2/technicians/{tess}", seen["version"], base)
    first = await job.planned(tess, at=job.nine)
    assert first["warnings"] == []
    tight = await other.planned(tess, at=job.nine + 1.25 * HOUR)
    [said] = tight["warnings"]
    assert said["code"] == "travel_does_not_fit"
    street = (await job.dana.got(f"/api/v2/sites/{job.work.site['id']}"))["street"]
    more = rf"Tess Ode needs \d+ minutes more for the drive from {re.escape(street)}\."
    assert re.fullmatch(more, said["detail"])
    wide = await did(
        job.dana, tight, "schedule", technician_ids=[tess], start=(job.nine + 2 * HOUR).isoformat()
    )
    assert wide["warnings"] == []
    early = await did(
        job.dana, wide, "schedule", technician_ids=[tess], start=(job.nine - HOUR).isoformat()
    )
    assert codes(early) == ["outside_shift", "travel_does_not_fit"]
    home = early["warnings"][0]["detail"]
    assert re.fullmatch(r"Tess Ode would set out \d+ minutes before the shift begins\.", home)
    late = await did(
        job.dana, early, "schedule", technician_ids=[tess], start=(job.nine + 7 * HOUR).isoformat()
    )
    [said] = late["warnings"]
    assert said["code"] == "overtime"
    assert "after the shift has ended" in said["detail"]


async def test_a_floating_break_without_room_is_warned_of(acme: Company) -> None:
    job = await a_job(acme)
    tess = await technician(acme)
    lunch = [{"earliest": "11:00", "latest": "13:00", "minutes": 30}]
    await shift(
        job,
        tess,
        spans=[{"weekday": day, "start": "08:00", "end": "17:00", "breaks": lunch} for day in DAYS],
    )
    await job.planned(tess, at=job.nine + 1.5 * HOUR, duration_minutes=60)
    fits = await job.planned(tess, at=job.nine + 3 * HOUR, duration_minutes=90)
    assert fits["warnings"] == []
    reply = await did(
        job.dana, fits, "schedule", technician_ids=[tess], start=(job.nine + 2.5 * HOUR).isoformat(),
        end=(job.nine + 5 * HOUR).isoformat(),
    )  # fmt: skip
    assert reply["warnings"] == [
        {
            "code": "no_room_for_break",
            "detail": "Tess Ode has no room for the break of 30 minutes.",
        }
    ]
