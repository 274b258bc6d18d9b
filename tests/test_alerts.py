"""What is about to go wrong on a day: each alert in its minute, and gone when it is cured."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.core import clock
from app.services.dispatching import watching
from app.tasks.schedules import in_each
from tests.support.field import VISITS, Job, a_job, did, technician
from tests.support.hours import Hours, living
from tests.support.people import Company
from tests.support.queries import counted
from tests.support.world import number_the_journal
from tests.test_warnings import shift

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
ALERTS = "/api/v2/alerts"


@pytest.fixture(autouse=True, scope="module")
def hours() -> Iterator[Hours]:
    with living(clock.now()) as found:
        yield found


async def alerts(job: Job) -> dict[str, list[str]]:
    """The codes by visit, now."""
    shown: dict[str, list[str]] = {}
    for one in (await job.dana.got(ALERTS, day=job.day))["data"]:
        shown.setdefault(one["visit_id"], []).append(one["code"])
    return shown


async def tick(company: Company) -> None:
    """The clock looks, as it does every minute."""
    await number_the_journal(company.server)
    await in_each(company.server.state.sessions, "watch_the_day", watching.tick)


async def stories(job: Job, visit: Any) -> list[str]:
    found = await job.dana.got(f"{VISITS}/{visit['id']}/timeline")
    return [one["sentence"] for one in found["data"]]


async def test_a_day_goes_wrong_and_is_put_right(acme: Company, hours: Hours) -> None:
    job = await a_job(acme)
    tess = await technician(acme)
    await shift(job, tess)
    first = await job.planned(tess)
    window = {
        "window_start": (job.nine + 2 * HOUR).isoformat(),
        "window_end": (job.nine + 2.5 * HOUR).isoformat(),
    }
    second = await job.planned(tess, at=job.nine + 2 * HOUR, **window)
    await hours.at(job.nine - HOUR, *acme.people.values())
    assert await alerts(job) == {}

    # nobody knows where the base is, so the drive is taken to be 20 minutes
    leave = job.nine - 20 * MINUTE
    await hours.at(leave + 4 * MINUTE)
    assert await alerts(job) == {}
    await hours.at(leave + 5 * MINUTE)
    assert await alerts(job) == {first["id"]: ["late_to_leave"]}
    await hours.at(leave + 10 * MINUTE)
    assert await alerts(job) == {first["id"]: ["late_to_leave", "late_to_arrive"]}
    await did(job.dana, first, "en-route")
    assert await alerts(job) == {first["id"]: ["late_to_arrive"]}
    await hours.at(job.nine + 15 * MINUTE)
    await did(job.dana, first, "arrive")
    await did(job.dana, first, "start")
    await hours.at(job.nine + 79 * MINUTE)
    assert await alerts(job) == {}
    await hours.at(job.nine + 80 * MINUTE)
    assert await alerts(job) == {first["id"]: ["overrunning"]}
    await hours.at(job.nine + 3 * HOUR)
    assert (await alerts(job))[second["id"]] == [
        "late_to_leave",
        "late_to_arrive",
        "window_at_risk",
    ]
    times = {"started_at": job.nine + 15 * MINUTE, "finished_at": job.nine + 70 * MINUTE}
    said = {name: at.isoformat() for name, at in times.items()}
    await did(job.dana, first, "complete", **said)
    assert first["id"] not in await alerts(job)
    await did(job.dana, second, "unschedule", reason="another day")
    # its window is over and nobody came: that stands until somebody says what becomes of it
    assert await alerts(job) == {second["id"]: ["window_oversold"]}
    await did(job.dana, second, "cancel", reason="another week")
    assert await alerts(job) == {}


async def test_the_clock_tells_each_alert_once_and_when_it_is_over(
    acme: Company, hours: Hours
) -> None:
    await hours.at(clock.now(), *acme.people.values())
    job = await a_job(acme)
    tess = await technician(acme)
    visit = await job.planned(tess)
    await hours.at(job.nine - HOUR, *acme.people.values())
    await tick(acme)
    before = await stories(job, visit)
    assert not [one for one in before if "attention" in one]

    late = job.nine - 15 * MINUTE
    await hours.at(late)
    for _ in range(2):
        await tick(acme)
    said = "Needs attention: Should have set off at 8:40 AM, 5 minutes ago."
    assert await stories(job, visit) == [said, *before]
    [one] = [
        each
        for each in (await job.dana.got(ALERTS, day=job.day))["data"]
        if each["visit_id"] == visit["id"]
    ]
    assert datetime.fromisoformat(one["since"]) == late
    for languages, hour in (("en-US,en;q=0.9", "8:40 AM"), ("de-DE,de;q=0.9", "08:40")):
        reads = {"Accept-Language": languages}
        read = (await job.dana.get(ALERTS, params={"day": job.day}, headers=reads)).json()
        detail = next(each["detail"] for each in read["data"] if each["visit_id"] == visit["id"])
        assert detail == f"Should have set off at {hour}, 5 minutes ago."
    await did(job.dana, visit, "en-route")
    await hours.at(late + MINUTE)
    await tick(acme)
    assert (await stories(job, visit))[0] == "No longer late to leave."


async def test_a_window_nobody_has_room_for_is_oversold(rival: Company, hours: Hours) -> None:
    job = await a_job(rival)
    await shift(job, await technician(rival))
    window = {
        "window_start": job.nine.isoformat(),
        "window_end": (job.nine + HOUR).isoformat(),
        "duration_minutes": 120,
    }
    one, other = await job.visit(**window), await job.visit(**window)
    await hours.at(job.nine - 3 * HOUR, job.dana)
    found = await alerts(job)
    assert list(found.values()) == [["window_oversold"]]
    [oversold] = found
    assert oversold in (one["id"], other["id"])
    await did(job.dana, {"id": oversold}, "cancel", reason="moved to another week")
    assert await alerts(job) == {}


async def test_a_promise_that_nobody_kept_is_not_forgotten_when_its_window_is_over(
    rival: Company, hours: Hours
) -> None:
    await hours.at(clock.now(), *rival.people.values())
    job = await a_job(rival)
    tess = await technician(rival)
    await shift(job, tess)

    async def waiting(begins: datetime, minutes: int = 60) -> Any:
        ends = begins + HOUR
        window = {"window_start": begins.isoformat(), "window_end": ends.isoformat()}
        return await job.visit(**window, duration_minutes=minutes)

    kept_from_all = await waiting(job.nine, 600)  # nobody works for ten hours
    early, late = await waiting(job.nine), await waiting(job.nine + 3 * HOUR)
    await hours.at(job.nine - HOUR, *rival.people.values())
    assert await alerts(job) == {kept_from_all["id"]: ["window_oversold"]}
    look = (await job.dana.got(ALERTS, day=job.day))["look_again_at"]
    # every minute takes from what room there is
    assert datetime.fromisoformat(look) == clock.now() + MINUTE

    # the windows of some are over, or nobody gets there any more, and then that of the last
    both = {one["id"]: ["window_oversold"] for one in (kept_from_all, early)}
    await hours.at(job.nine + 40 * MINUTE)
    assert await alerts(job) == {kept_from_all["id"]: ["window_oversold"]}
    await hours.at(job.nine + 41 * MINUTE)
    assert await alerts(job) == both
    await hours.at(job.nine + HOUR, *rival.people.values())
    assert await alerts(job) == both
    await hours.at(job.nine + 4 * HOUR, *rival.people.values())
    all_three = {**both, late["id"]: ["window_oversold"]}
    assert await alerts(job) == all_three
    [told] = [
        one["detail"]
        for one in (await job.dana.got(ALERTS, day=job.day))["data"]
        if one["visit_id"] == early["id"]
    ]
    assert told.startswith("Promised for ")
    assert told.endswith(", and nobody came.")
    # they are cured by planning, by another window, by calling it off
    reply = await job.schedule(early, tess, start=job.nine + 5 * HOUR)
    assert reply.status_code == 200, reply.text
    tomorrow = job.nine + 24 * HOUR
    window = {"window_start": tomorrow.isoformat(), "window_end": (tomorrow + HOUR).isoformat()}
    await did(job.dana, late, "promise", **window, told_via="phone")
    assert [id for id, codes in (await alerts(job)).items() if "window_oversold" in codes] == [
        kept_from_all["id"]
    ]
    await did(job.dana, kept_from_all, "cancel", reason="another week")
    shown = (await alerts(job)).values()
    assert "window_oversold" not in [code for codes in shown for code in codes]


async def test_a_quiet_organisation_is_asked_one_small_question(rival: Company) -> None:
    await tick(rival)
    await tick(rival)
    with counted(rival.server) as queries:
        await tick(rival)
    assert not [one for one in queries if "from visits" in one.lower()]


async def test_many_visits_take_as_many_questions_as_one(acme: Company, hours: Hours) -> None:
    await hours.at(clock.now(), *acme.people.values())
    job = await a_job(acme)
    people = [await technician(acme, f"Number {n}") for n in range(4)]
    await hours.at(job.nine + HOUR, *acme.people.values())
    await job.dana.got(ALERTS, day=job.day)  # from now on one knows who works
    asked = []
    for some in (people[:1], people[1:]):
        for who in some:
            await job.planned(who)
        with counted(acme.server) as queries:
            found = await job.dana.got(ALERTS, day=job.day)
        assert len(found["data"]) >= 2 * len(some)
        asked.append(len(queries))
    assert asked[0] == asked[1]
