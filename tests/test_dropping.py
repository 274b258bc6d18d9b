"""A visit is dropped on somebody's name: the first gap of the day in which it can be done."""

from datetime import datetime, timedelta
from typing import Any

from tests.support.field import Job, a_job, needs, skill, technician, verb
from tests.support.people import Company

HOUR = timedelta(hours=1)
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


async def at_work(job: Job, name: str = "Tess Ode") -> str:
    """Somebody who works from eight to four, and whose day begins near the site."""
    made = await technician(job.company, name)
    owner = await job.company.person("owner")
    here = {
        "base_latitude": job.work.site["latitude"],
        "base_longitude": job.work.site["longitude"],
        "time_zone": "America/Phoenix",
    }
    await owner.patched(f"/api/v2/technicians/{made}", 1, here)
    spans = [{"weekday": day, "start": "08:00", "end": "16:00"} for day in WEEK]
    shift = {"name": "Day", "valid_from": "2026-01-01", "spans": spans}
    await owner.made("/api/v2/shifts", {"technician_id": made, **shift})
    return made


async def dropped(job: Job, visit: Any, who: str) -> Any:
    """The reply to dropping it on a name, that day."""
    return await verb(job.dana, visit, "drop", technician_id=who, day=job.day)


def span(visit: Any) -> tuple[datetime, datetime]:
    return datetime.fromisoformat(visit["planned_start"]), datetime.fromisoformat(
        visit["planned_end"]
    )


async def test_a_visit_dropped_on_a_name_takes_the_first_gap(acme: Company) -> None:
    job = await a_job(acme)
    tess = await at_work(job)
    standing = await job.planned(tess)
    long = await dropped(job, await job.visit(), tess)
    assert long.status_code == 200, long.text
    assert span(long.json())[0] == job.nine + HOUR, "an hour and the drive do not fit before nine"
    assert [one["technician_id"] for one in long.json()["assignments"]] == [tess]
    short = await dropped(job, await job.visit(duration_minutes=30), tess)
    start, end = span(short.json())
    assert job.nine - HOUR <= start
    assert end <= job.nine
    window = {
        "window_start": (job.nine + 4 * HOUR).isoformat(),
        "window_end": (job.nine + 5 * HOUR).isoformat(),
    }
    promised = await dropped(job, await job.visit(**window), tess)
    assert span(promised.json())[0] == job.nine + 4 * HOUR
    assert await job.dana.got(f"/api/v2/visits/{standing['id']}") == standing


async def test_where_there_is_no_gap_the_reason_is_true(acme: Company) -> None:
    job = await a_job(acme)
    tess = await at_work(job)
    long = await job.visit(duration_minutes=9 * 60)
    refused = await dropped(job, long, tess)
    assert (refused.status_code, refused.json()["code"]) == (409, "no_gap")
    assert f"Tess Ode has no room for 540 minutes on {job.said}" in refused.json()["detail"]
    early = {
        "window_start": (job.nine - 3 * HOUR).isoformat(),
        "window_end": (job.nine - 2 * HOUR).isoformat(),
    }
    promised = await dropped(job, await job.visit(**early), tess)
    assert "within what was promised" in promised.json()["detail"]
    gas = await skill(acme, "Gas")
    await needs(acme, job, {"skill_id": gas, "level": 1})
    unskilled = await dropped(job, await job.visit(), tess)
    assert (unskilled.status_code, unskilled.json()["rule"]) == (409, "skill_missing")
    assert await job.dana.got(f"/api/v2/visits/{long['id']}") == long
