"""What the clock tells of alerts: each in its minute, and none is called over before it is cured."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from app.core import clock
from tests.support.alerts import everywhere, tick
from tests.support.field import Job, a_job, did, story, technician
from tests.support.hours import Hours, living
from tests.support.people import Company
from tests.support.tracking import at_work
from tests.test_warnings import shift

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
TOLD = ("visit.alert_raised", "visit.alert_cleared", "visit.alert_left")


@pytest.fixture(autouse=True, scope="module")
def hours() -> Iterator[Hours]:
    with living(clock.now()) as found:
        yield found


async def a_desk(company: Company, hours: Hours) -> Job:
    await hours.at(clock.now(), *company.people.values())
    job = await a_job(company)
    await company.person("owner")
    await hours.at(clock.now(), *company.people.values())
    return job


async def told(job: Job, visit: Any) -> list[tuple[str, str]]:
    """What was said of a visit's alerts, oldest first: raised, cleared or left, and which."""
    owner = await job.company.person("owner")
    found = [
        await owner.got(f"/api/v2/journal/{one['id']}")
        for one in await story(job.dana, f"/api/v2/visits/{visit['id']}")
        if one["fact"] in TOLD
    ]
    return [(one["action"].removeprefix("visit.alert_"), one["changes"]["code"]) for one in found]


async def test_what_goes_on_past_midnight_is_not_over(acme: Company, hours: Hours) -> None:
    job = await a_desk(acme, hours)
    tess = await at_work(acme, "Tess Night")
    late = job.nine + 13 * HOUR  # ten in the evening
    visit = await job.planned(tess, at=late)
    await hours.at(late - 20 * MINUTE, *acme.people.values())
    await did(job.dana, visit, "en-route")
    await hours.at(late, *acme.people.values())
    for verb in ("arrive", "start"):
        await did(job.dana, visit, verb)
    for at in (64, 65):
        await hours.at(late + at * MINUTE, *acme.people.values())
        await tick(acme)
        assert await told(job, visit) == [("raised", "overrunning")] * (at == 65)
    for after in (2, 3, 10, 26):
        await hours.at(late + after * HOUR, *acme.people.values())
        await tick(acme)
        assert await told(job, visit) == [("raised", "overrunning")]
        today = (late + after * HOUR - 7 * HOUR).date().isoformat()
        assert (await everywhere(job.dana, today))[visit["id"]] == ["overrunning"]
    await did(job.dana, visit, "complete")
    await tick(acme)
    assert await told(job, visit) == [("raised", "overrunning"), ("cleared", "overrunning")]


async def test_what_nobody_began_stands_until_the_list_of_the_day_has_it(
    acme: Company, hours: Hours
) -> None:
    job = await a_desk(acme, hours)
    left = await job.planned(await technician(acme, "Ny Ode"))
    cured = await job.planned(await technician(acme, "Al Ode"))
    await hours.at(job.nine, *acme.people.values())
    await tick(acme)
    raised = [("raised", "late_to_arrive"), ("raised", "late_to_leave")]
    assert sorted(await told(job, left)) == raised
    for days in (1, 2):
        await hours.at(job.nine + days * DAY, *acme.people.values())
        await tick(acme)
        for one in (left, cured):
            assert sorted(await told(job, one)) == raised
            assert one["id"] in await everywhere(job.dana, job.day)
    await did(job.dana, cured, "unschedule", reason="another day")
    await tick(acme)
    over = [("cleared", "late_to_arrive"), ("cleared", "late_to_leave")]
    assert sorted(await told(job, cured)) == over + raised
    await hours.at(job.nine + 7 * DAY - MINUTE, *acme.people.values())
    await tick(acme)
    assert sorted(await told(job, left)) == raised
    await hours.at(job.nine + 7 * DAY, *acme.people.values())
    for _ in range(2):
        await tick(acme)
    gone = [("left", "late_to_arrive"), ("left", "late_to_leave")]
    assert sorted(await told(job, left)) == gone + raised
    said = (await story(job.dana, f"/api/v2/visits/{left['id']}"))[-1]["sentence"]
    assert said == (
        "Still late to leave after 7 days, and left to the list of what was not closed out."
    )
    list_of_the_day = (await job.dana.got("/api/v2/end-of-day"))["not_closed_out"]["data"]
    assert left["id"] in {one["visit_id"] for one in list_of_the_day}


async def test_a_window_is_oversold_in_its_minute_and_past_midnight(
    rival: Company, hours: Hours
) -> None:
    job = await a_desk(rival, hours)
    await shift(job, await technician(rival))
    window = {
        "window_start": job.nine.isoformat(),
        "window_end": (job.nine + HOUR).isoformat(),
    }
    visit = await job.visit(**window)
    await hours.at(job.nine - HOUR, *rival.people.values())
    await tick(rival)
    # nobody knows where the base is, so the drive is taken to be 20 minutes; nothing else happens
    for minutes in (39, 40):
        await hours.at(job.nine + minutes * MINUTE, *rival.people.values())
        await tick(rival)
        assert await told(job, visit) == []
    await hours.at(job.nine + 41 * MINUTE, *rival.people.values())
    await tick(rival)
    assert await told(job, visit) == [("raised", "window_oversold")]
    for after in (13, 15, 17, 30):  # midnight in Phoenix, and in Chicago
        await hours.at(job.nine + after * HOUR, *rival.people.values())
        await tick(rival)
        assert await told(job, visit) == [("raised", "window_oversold")]
        assert visit["id"] in await everywhere(job.dana, job.day)
    await did(job.dana, visit, "cancel", reason="another week")
    await tick(rival)
    assert (await told(job, visit))[1:] == [("cleared", "window_oversold")]


async def test_a_window_of_another_day_is_oversold_at_once(rival: Company, hours: Hours) -> None:
    job = await a_desk(rival, hours)
    tess = await technician(rival)
    await shift(job, tess)
    begins = job.nine + 5 * DAY
    window = {"window_start": begins.isoformat(), "window_end": (begins + HOUR).isoformat()}
    visit = await job.visit(**window)
    await tick(rival)
    assert await told(job, visit) == []
    everybody = (await job.dana.got("/api/v2/technicians", limit=100))["data"]
    taken = [
        await job.planned(one["id"], at=begins - HOUR, duration_minutes=540)
        for one in everybody
        if one["active"]
    ]
    await tick(rival)
    assert await told(job, visit) == [("raised", "window_oversold")]
    await did(job.dana, taken[0], "unschedule", reason="another day")
    await tick(rival)
    assert await told(job, visit) == [("raised", "window_oversold"), ("cleared", "window_oversold")]
