"""The board and the list of alerts say the same of a day, whatever it is that goes wrong."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from app.core import clock
from tests.support.alerts import everywhere
from tests.support.field import Job, a_job, did, technician
from tests.support.hours import Hours, living
from tests.support.people import Company
from tests.support.tracking import ago, at_work, ping, told
from tests.test_warnings import shift

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture(autouse=True, scope="module")
def hours() -> Iterator[Hours]:
    with living(clock.now()) as found:
        yield found


@pytest.fixture
async def job(acme: Company, hours: Hours) -> Job:
    await hours.at(clock.now(), *acme.people.values())
    found = await a_job(acme)
    await hours.at(clock.now(), *acme.people.values())
    return found


async def begun(job: Job, visit: Any) -> None:
    for verb in ("en-route", "arrive", "start"):
        await did(job.dana, visit, verb)


def window(job: Job, after: timedelta, lasts: timedelta = HOUR) -> dict[str, str]:
    begins = job.nine + after
    return {"window_start": begins.isoformat(), "window_end": (begins + lasts).isoformat()}


async def test_a_visit_is_watched_where_its_lead_stands(job: Job, hours: Hours) -> None:
    lead, helper = [await technician(job.company, name) for name in ("Lea Ode", "Hal Ode")]
    own = await job.planned(helper)
    both = await job.planned(lead, helper, at=job.nine + 2 * HOUR)
    await hours.at(job.nine - 16 * MINUTE, *job.company.people.values())
    assert await everywhere(job.dana, job.day) == {}
    await begun(job, own)
    await did(job.dana, own, "extend", minutes=180)
    # whoever helps comes too late; whoever leads does not
    assert await everywhere(job.dana, job.day) == {}
    await hours.at(job.nine + 105 * MINUTE, *job.company.people.values())
    assert await everywhere(job.dana, job.day) == {both["id"]: ["late_to_leave"]}
    await did(job.dana, own, "complete")


async def test_who_was_told_nothing_is_not_asked_to_confirm_it(job: Job, hours: Hours) -> None:
    tess = await technician(job.company)
    visit = await job.planned(tess, **window(job, timedelta(0)))
    await hours.at(job.nine - 2 * HOUR, *job.company.people.values())
    assert await everywhere(job.dana, job.day) == {}
    said = {"visit_id": visit["id"], "told_via": "phone", "told_to": "Ann"}
    reply = await job.dana.post("/api/v2/customers-to-tell", json=said)
    assert reply.status_code < 300, reply.text
    assert await everywhere(job.dana, job.day) == {visit["id"]: ["not_confirmed"]}
    await did(job.dana, visit, "confirm", via="phone")
    assert await everywhere(job.dana, job.day) == {}


async def test_who_comes_from_an_event_comes_late(job: Job, hours: Hours) -> None:
    tess = await technician(job.company)
    event = {
        "title": "Parts",
        "kind": "supply_house",
        "technician_ids": [tess],
        "starts_at": job.nine.isoformat(),
        "ends_at": (job.nine + HOUR).isoformat(),
        "place": "Supply house",
        "latitude": 33.9,
        "longitude": -112.4,
    }
    await job.dana.made("/api/v2/events", event)
    visit = await job.planned(tess, at=job.nine + HOUR)
    await hours.at(job.nine - 2 * HOUR, *job.company.people.values())
    assert await everywhere(job.dana, job.day) == {visit["id"]: ["late_to_arrive"]}


async def test_whoever_is_on_the_way_is_expected_from_where_they_are(
    job: Job, hours: Hours
) -> None:
    owner = await job.company.person("owner")
    site = f"/api/v2/sites/{job.work.site['id']}"
    version = (await owner.got(site))["version"]
    await owner.patched(site, version, {"latitude": 33.45, "longitude": -112.07})
    tess = await at_work(job.company, "Tess Away")
    visit = await job.planned(tess, **window(job, timedelta(0)))
    await hours.at(job.nine - 30 * MINUTE, *job.company.people.values())
    await did(job.dana, visit, "en-route")
    assert await everywhere(job.dana, job.day) == {}
    await told(job.dana, tess, [ping(ago(1), 34.9, -112.07)])  # two hours away
    late = {visit["id"]: ["late_to_arrive", "window_at_risk"]}
    assert await everywhere(job.dana, job.day) == late
    await hours.at(job.nine - 25 * MINUTE, *job.company.people.values())
    await told(job.dana, tess, [ping(ago(0), 33.46, -112.07)])
    assert await everywhere(job.dana, job.day) == {}
    await did(job.dana, visit, "cancel", reason="nobody there")


async def test_a_window_that_nobody_has_room_for_stands_beside_the_lanes(
    rival: Company, hours: Hours
) -> None:
    await hours.at(clock.now(), *rival.people.values())
    job = await a_job(rival)
    tess = await technician(rival)
    await shift(job, tess)
    one = await job.visit(**window(job, timedelta(0)), duration_minutes=120)
    other = await job.visit(**window(job, timedelta(0)), duration_minutes=120)
    await hours.at(job.nine - 3 * HOUR, *rival.people.values())
    board = await job.dana.got("/api/v2/board", date=job.day)
    assert {*board["unassigned"]} == {one["id"], other["id"]}
    [alert] = board["alerts"]
    assert alert["code"] == "window_oversold"
    assert await everywhere(job.dana, job.day) == {alert["visit_id"]: ["window_oversold"]}
    # a patch says all of them, whatever it is a patch of
    patch = await job.dana.got("/api/v2/board/visits", date=job.day, lanes=[tess])
    assert patch["alerts"] == board["alerts"]
    [rest] = {one["id"], other["id"]} - {alert["visit_id"]}
    await did(job.dana, {"id": rest}, "cancel", reason="another week")
    assert await everywhere(job.dana, job.day) == {}
