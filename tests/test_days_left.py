"""What a day leaves, as its hours and the days after it go by: what is still to come is not left, and
nothing that is left is forgotten at midnight."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.core import clock
from tests.support.field import Job, a_job, did, technician
from tests.support.hours import Hours, living
from tests.support.people import Company

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True, scope="module")
def hours() -> Iterator[Hours]:
    with living(clock.now()) as found:
        yield found


async def left(job: Job, day: str | None = None) -> tuple[list[str], list[str], list[str]]:
    """Visits not closed out, visits with no next one, work orders that are not billed."""
    found = await job.dana.got("/api/v2/end-of-day", **({"day": day} if day else {}))
    for part in ("not_closed_out", "no_next_visit", "unbilled"):
        assert found[part]["total"] == len(found[part]["data"])
    return (
        [one["visit_id"] for one in found["not_closed_out"]["data"]],
        [one["visit_id"] for one in found["no_next_visit"]["data"]],
        [one["work_order_id"] for one in found["unbilled"]["data"]],
    )


def window(begins: datetime) -> dict[str, str]:
    return {"window_start": begins.isoformat(), "window_end": (begins + HOUR).isoformat()}


async def test_of_today_only_what_should_be_over_is_left(acme: Company, hours: Hours) -> None:
    job = await a_job(acme)
    tess, tom = await technician(acme), await technician(acme, "Tom Vega")
    first = await job.planned(tess)
    second = await job.planned(tess, at=job.nine + 2 * HOUR)
    begun = await job.planned(tom, at=job.nine + 2 * HOUR)
    waiting = await job.visit(**window(job.nine + 3 * HOUR))
    people = acme.people.values()
    await hours.at(job.nine - 1.5 * HOUR, *people)
    for day in (None, job.day):
        assert await left(job, day) == ([], [], [])
    await hours.at(job.nine + 59 * HOUR / 60, *people)
    assert (await left(job))[0] == []
    await hours.at(job.nine + HOUR, *people)
    assert (await left(job))[0] == [first["id"]]
    await hours.at(job.nine + 2 * HOUR, *people)
    for name in ("dispatch", "en-route"):
        await did(job.dana, begun, name)
    assert (await left(job))[0] == [first["id"], begun["id"]]
    await hours.at(job.nine + 4 * HOUR, *people)
    stays = [first["id"], *sorted((second["id"], begun["id"])), waiting["id"]]
    assert (await left(job))[0] == stays
    # it is no other the next day, nor when one looks back
    await hours.at(job.nine + DAY, *people)
    assert (await left(job))[0] == stays
    assert (await left(job, job.day))[0] == stays
    [last] = (await job.dana.got("/api/v2/end-of-day"))["not_closed_out"]["data"][-1:]
    names = ("status", "planned_start", "promised_start", "technicians")
    assert [last[name] for name in names] == ["unscheduled", None, waiting["promised_start"], []]
    await did(job.dana, waiting, "cancel", reason="another week")
    assert (await left(job))[0] == stays[:-1]


async def test_what_is_not_billed_is_left_day_after_day_the_oldest_first(
    rival: Company, hours: Hours
) -> None:
    people = rival.people.values()
    await hours.at(clock.now(), *people)
    job = await a_job(rival)
    tess = await technician(rival)
    owner = await rival.person("owner")
    done, later = await job.planned(tess), await job.planned(tess, at=job.nine + 2 * HOUR)
    undone = await job.planned(tess, at=job.nine + 4 * HOUR)
    half = await job.planned(tess, at=job.nine + 3 * HOUR)
    rest = await job.visit(work_order_id=half["work_order_id"])
    await hours.at(job.nine + 6 * HOUR, *people, job.dana, owner)
    for visit, hour in ((later, 2), (half, 3), (done, 0), (undone, 4)):
        at = [(job.nine + hour * HOUR + n * HOUR / 4).isoformat() for n in range(3)]
        for name, moment in zip(("en-route", "arrive", "start"), at, strict=True):
            await did(job.dana, visit, name, occurred_at=moment)
        ended = (job.nine + (hour + 1) * HOUR).isoformat()
        name, why = ("complete", {})
        if visit is undone:
            name, why = "incomplete", {"reason": "a part is missing"}
        await did(job.dana, visit, name, occurred_at=ended, **why)
    orders = [done["work_order_id"], later["work_order_id"]]
    assert await left(job) == ([], [undone["id"]], orders)

    await hours.at(job.nine + 3 * DAY, *people, job.dana, owner)
    assert await left(job) == ([], [undone["id"]], orders)
    before = (datetime.fromisoformat(job.day) - DAY).date().isoformat()
    assert await left(job, before) == ([], [], [])
    await owner.made(f"/api/v2/work-orders/{orders[0]}/invoices", {})
    await job.visit(work_order_id=undone["work_order_id"])
    assert await left(job) == ([], [], orders[1:])
    # done days ago, and complete only now: nobody has to come for the rest
    await did(job.dana, rest, "cancel", reason="it works")
    assert await left(job) == ([], [], [*orders[1:], half["work_order_id"]])


async def test_a_promise_that_nobody_kept_is_said_to_be_broken(acme: Company, hours: Hours) -> None:
    people = acme.people.values()
    await hours.at(clock.now(), *people)
    job = await a_job(acme)
    tess = await technician(acme)
    nobody = await job.visit(**window(job.nine))
    late = await job.planned(tess, at=job.nine, **window(job.nine))
    again = await job.visit(**window(job.nine))
    off = await job.visit(**window(job.nine))

    async def kept(visit: Any) -> list[bool | None]:
        found = await job.dana.got("/api/v2/promises", visit_id=visit["id"], sort="created_at")
        return [one["kept"] for one in found["data"]]

    await did(job.dana, again, "promise", **window(job.nine + DAY), told_via="phone")
    await did(job.dana, off, "cancel", reason="another week")
    await hours.at(job.nine + HOUR, *people)
    assert [await kept(one) for one in (nobody, late)] == [[None], [None]]
    await hours.at(job.nine + 61 * HOUR / 60, *people)
    assert [await kept(one) for one in (nobody, late, again, off)] == [
        [False], [False], [None, None], [None],
    ]  # fmt: skip
    # they were there, and said so late
    for name, minutes in (("en-route", 40), ("arrive", 60)):
        at = (job.nine + minutes * HOUR / 60).isoformat()
        await did(job.dana, late, name, occurred_at=at)
    assert await kept(late) == [True]
