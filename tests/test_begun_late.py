"""Work that began late: board, alerts, whoever sells and whoever says how much longer reckon with one end."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.core import clock
from tests.support.field import Job, a_job, did
from tests.support.hours import Hours, living
from tests.support.people import Company
from tests.test_alerts import alerts
from tests.test_availability import at_work, offered

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture(autouse=True, scope="module")
def hours() -> Iterator[Hours]:
    with living(clock.now()) as found:
        yield found


async def test_whoever_began_late_is_sold_when_the_board_expects_them_to_be_done(
    acme: Company, hours: Hours
) -> None:
    await hours.at(clock.now(), *acme.people.values())
    job = await a_job(acme)
    tess = await at_work(acme, job)
    visit = await job.planned(tess)
    order = await job.work.order()
    began, ends = job.nine + 50 * MINUTE, job.nine + 110 * MINUTE
    await hours.at(began, *acme.people.values())
    assert await first_start(job, order) == job.nine + HOUR, "the plan is over"
    await did(job.dana, visit, "dispatch")
    # on the way, they begin now at the soonest
    await did(job.dana, visit, "en-route")
    assert await first_start(job, order) >= ends
    await did(job.dana, visit, "arrive")
    await did(job.dana, visit, "start")
    await hours.at(began + 5 * MINUTE, *acme.people.values())
    assert await expected_end(job, visit) == ends
    assert await first_start(job, order) >= ends
    # what they say then counts from there
    longer = await did(job.dana, visit, "extend", minutes=30)
    assert datetime.fromisoformat(longer["expected_end"]) == ends + 30 * MINUTE
    assert await expected_end(job, visit) == ends + 30 * MINUTE
    assert await first_start(job, order) >= ends + 30 * MINUTE
    await hours.at(ends + 34 * MINUTE)
    assert await alerts(job) == {}
    await hours.at(ends + 35 * MINUTE)
    assert await alerts(job) == {visit["id"]: ["overrunning"]}


async def first_start(job: Job, order: Any) -> datetime:
    """When anything that is offered that day begins."""
    found = await offered(job, work_order_id=order["id"])
    return min(datetime.fromisoformat(one["start"]) for one in found["slots"])


async def expected_end(job: Job, visit: Any) -> datetime:
    """When the board expects it to be over."""
    board = await job.dana.got("/api/v2/board", date=job.day)
    [stop] = [
        stop
        for lane in board["lanes"]
        for day in lane["days"]
        for stop in day["stops"]
        if stop["visit_id"] == visit["id"]
    ]
    return datetime.fromisoformat(stop["end"])
