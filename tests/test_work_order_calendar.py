"""Work orders by days: whose day it is, how many there are, and what narrows them."""

import json
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.support.field import Job, a_job, technician
from tests.support.people import Company, Person

CALENDAR = "/api/v2/work-orders/calendar"
HERE = ZoneInfo("America/Chicago")
"""The organisation's zone; the site's is Phoenix, an hour or two behind it."""


async def days(person: Person, job: Job, *more: Any, **asked: Any) -> list[Any]:
    """The calendar of this job's customer from the day before `job.nine` on."""
    theirs = {"field": "customer_id", "op": "eq", "value": job.work.customer["id"]}
    narrowed = {"and": [theirs, *more]}
    first = job.nine.astimezone(HERE).date() - timedelta(days=1)
    shown = await person.got(
        CALENDAR, first=first.isoformat(), days=3, filter=json.dumps(narrowed), **asked
    )
    assert shown["time_zone"] == "America/Chicago"
    return list(shown["days"])


async def test_a_visit_is_on_its_day_in_the_organisations_zone(acme: Company) -> None:
    job = await a_job(acme)
    tess = await technician(acme)
    there = job.nine.astimezone(HERE)
    last_minute = there.replace(hour=23, minute=45)
    late = await job.planned(tess, at=last_minute)
    _, today, tomorrow = await days(job.dana, job)
    assert today["day"] == there.date().isoformat()
    [shown] = today["visits"]
    assert (today["count"], shown["visit_id"]) == (1, late["id"])
    assert (shown["number"], shown["customer"]) == (late["work_order"]["number"], "Ann Lee")
    assert (shown["is_planned"], shown["status"]) == (True, "scheduled")
    assert (tomorrow["count"], tomorrow["visits"]) == (0, [])


async def test_a_day_names_the_first_and_counts_all(acme: Company) -> None:
    job = await a_job(acme)
    tess = await technician(acme)
    there = job.nine.astimezone(HERE).replace(hour=12)
    second = await job.planned(tess, at=there)
    first = await job.visit(
        window_start=(there - timedelta(hours=4)).isoformat(),
        window_end=(there - timedelta(hours=2)).isoformat(),
    )
    gone = await job.planned(tess, at=there + timedelta(hours=2))
    _, today, _ = await days(job.dana, job, each=1)
    assert (today["count"], [one["visit_id"] for one in today["visits"]]) == (3, [first["id"]])
    assert today["visits"][0]["is_planned"] is False
    reply = await job.dana.post(
        f"/api/v2/visits/{gone['id']}/cancel", json={"reason": "Called off"}
    )
    assert reply.status_code == 200, reply.text
    _, today, _ = await days(job.dana, job)
    assert (today["count"], [one["visit_id"] for one in today["visits"]]) == (
        2,
        [first["id"], second["id"]],
    )


async def test_a_calendar_is_narrowed_as_the_list_is(acme: Company) -> None:
    job = await a_job(acme)
    tess = await technician(acme)
    calm = await job.planned(tess)
    urgent = await job.planned(
        tess,
        at=job.nine + timedelta(hours=2),
        work_order_id=(await job.work.order(priority="emergency"))["id"],
    )
    high = {"field": "priority", "op": "eq", "value": "emergency"}
    view = await job.dana.made(
        "/api/v2/saved-views",
        {
            "list": "work-orders",
            "name": "Urgent",
            "filter": high,
        },
    )
    for found in (await days(job.dana, job, high), await days(job.dana, job, view=view["id"])):
        _, today, _ = found
        assert [one["visit_id"] for one in today["visits"]] == [urgent["id"]]
    tom = await acme.person("technician", "tom")
    assert [one["count"] for one in await days(tom, job)] == [0, 0, 0]
    _, today, _ = await days(job.dana, job)
    assert [one["visit_id"] for one in today["visits"]] == [calm["id"], urgent["id"]]
    nonsense = await job.dana.get(
        CALENDAR, params={"first": job.day, "filter": '{"field": "moon"}'}
    )
    assert nonsense.status_code == 422
