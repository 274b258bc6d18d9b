"""Meetings that repeat: the same hour whatever the clocks do, booked as one, changed one, some or all."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.core import clock
from tests.support.field import VISITS, a_job, did, technician
from tests.support.people import Company, Person, found_company
from tests.support.server import Server

EVENTS = "/api/v2/events"


def monday(*, weeks: int = 2) -> date:
    """A Monday to come."""
    soon = clock.now().date() + timedelta(weeks=weeks)
    return soon - timedelta(days=soon.weekday())


def meeting(day: date, hour: int, zone: str, **more: Any) -> dict[str, Any]:
    """An hour of a day."""
    start = datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo(zone))
    return {
        "title": "Team meeting",
        "starts_at": start.isoformat(),
        "ends_at": (start + timedelta(hours=1)).isoformat(),
        **more,
    }


async def series(person: Person, one: Any) -> list[Any]:
    """The events of a series, in their order."""
    found = await person.got(EVENTS, series_id=one["series_id"], sort="starts_at", limit=200)
    return list(found["data"])


def local(events: list[Any], zone: str) -> list[str]:
    there = ZoneInfo(zone)
    times = (datetime.fromisoformat(one["starts_at"]).astimezone(there) for one in events)
    return [f"{at:%a %H:%M}" for at in times]


@pytest.mark.parametrize("zone", ["Europe/Paris", "America/New_York"])
async def test_weekly_at_three_stays_at_three_and_is_booked(server: Server, zone: str) -> None:
    company = await found_company(server, zone.split("/")[1].lower().replace("_", "-"), zone)
    dana = await company.person("dispatcher")
    tess = await technician(company)
    body = meeting(monday(), 15, zone, technician_ids=[tess])
    first = await dana.made(EVENTS, body | {"repeats": {"frequency": "weekly", "count": 54}})
    events = await series(dana, first)
    assert len(events) == 54
    assert events[0] == first
    assert set(local(events, zone)) == {"Mon 15:00"}
    assert len({one["starts_at"][11:16] for one in events}) == 2  # in summer and in winter
    assert {one["repeats"]["frequency"] for one in events} == {"weekly"}
    again = await dana.post(EVENTS, json=meeting(monday(weeks=40), 15, zone, technician_ids=[tess]))
    assert again.json()["code"] == "double_booking"

    day = next_forward(zone)
    night = meeting(day - timedelta(days=1), 2, zone, repeats={"frequency": "daily", "count": 3})
    night["starts_at"] = night["starts_at"].replace("T02:00", "T02:30")
    moved = await series(dana, await dana.made(EVENTS, night))
    assert [one[4:] for one in local(moved, zone)] == ["02:30", "03:30", "02:30"]
    assert [one["series_day"] for one in moved] == [
        str(day + timedelta(days=n)) for n in (-1, 0, 1)
    ]
    await company.close()


def next_forward(zone: str) -> date:
    """The next day on which clocks there go forward, but not in the next week."""
    there = ZoneInfo(zone)
    days = (clock.now().astimezone(there).date() + timedelta(days=n) for n in range(7, 400))
    for day in days:
        ends = (
            datetime(one.year, one.month, one.day, tzinfo=there)
            for one in (day, day + timedelta(1))
        )
        start, end = (one.timestamp() for one in ends)
        if end - start < 24 * 3600:
            return day
    raise AssertionError(f"clocks never change in {zone}")


async def test_days_that_have_no_place_are_named_and_nothing_is_made(acme: Company) -> None:
    job = await a_job(acme)
    tess = await technician(acme)
    third = monday() + timedelta(weeks=2)
    start = meeting(third, 9, "America/Chicago")["starts_at"]
    await job.planned(tess, at=datetime.fromisoformat(start))
    body = meeting(monday(), 9, "America/Chicago", technician_ids=[tess])
    rule = {"frequency": "weekly", "count": 5}
    refused = await job.dana.post(EVENTS, json=body | {"repeats": rule})
    assert (refused.status_code, refused.json()["code"]) == (409, "double_booking")
    (clash,) = refused.json()["clashes"]
    assert clash["day"] == str(third)
    assert "is booked" in clash["detail"]
    assert refused.json()["detail"].startswith("Of 5 events, 1 meet other bookings: Mon ")
    assert (await job.dana.got(EVENTS, technician_id=tess))["data"] == []
    rule["except_days"] = [str(third)]
    made = await series(job.dana, await job.dana.made(EVENTS, body | {"repeats": rule}))
    assert [one["series_day"] for one in made] == [
        str(monday() + timedelta(weeks=n)) for n in (0, 1, 3, 4)
    ]


async def test_one_or_some_or_all_of_them_are_changed_and_called_off(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    zone = "America/Chicago"
    tess, bo = await technician(acme), await technician(acme, "Bo Diaz")
    rule = {"frequency": "weekly", "count": 6}
    body = meeting(monday(weeks=30), 10, zone, technician_ids=[tess], repeats=rule)
    made = await series(dana, await dana.made(EVENTS, body))

    def patched(one: Any, of: str, **changes: Any) -> Any:
        return dana.patched(f"{EVENTS}/{one['id']}?of={of}", one["version"], changes)

    one = await patched(made[1], "this", title="Budget")
    assert (one["title"], one["series_id"]) == ("Budget", made[0]["series_id"])
    later = datetime.fromisoformat(made[3]["starts_at"]) + timedelta(days=1, hours=4)
    moved = await patched(
        made[3],
        "following",
        starts_at=later.isoformat(),
        ends_at=(later + timedelta(minutes=90)).isoformat(),
        technician_ids=[tess, bo],
    )
    apart = await series(dana, moved)
    assert local(apart, zone) == ["Tue 14:00"] * 3
    assert [[who["name"] for who in it["technicians"]] for it in apart] == [
        ["Tess Ode", "Bo Diaz"]
    ] * 3
    assert [it["repeats"] for it in apart] == [None] * 3
    rest = await series(dana, made[0])
    assert [it["title"] for it in rest] == ["Team meeting", "Budget", "Team meeting"]
    assert local(rest, zone) == ["Mon 10:00"] * 3

    at = datetime.fromisoformat(rest[0]["starts_at"]) - timedelta(hours=3)
    both = {"starts_at": at.isoformat(), "ends_at": (at + timedelta(hours=1)).isoformat()}
    await patched(rest[0], "all", **both, place="Yard")
    all_of = await series(dana, rest[0])
    assert local(all_of, zone) == ["Mon 07:00"] * 3
    assert {it["place"] for it in all_of} == {"Yard"}
    assert {it["repeats"]["frequency"] for it in all_of} == {"weekly"}
    free = await dana.post(EVENTS, json=meeting(monday(weeks=31), 10, zone, technician_ids=[tess]))
    assert free.status_code == 201  # the hour that they left

    gone = await dana.delete(f"{EVENTS}/{apart[1]['id']}", params={"of": "following"})
    assert gone.status_code == 204
    assert [it["id"] for it in await series(dana, moved)] == [apart[0]["id"]]
    assert (await dana.delete(f"{EVENTS}/{rest[2]['id']}", params={"of": "all"})).status_code == 204
    assert await series(dana, rest[0]) == []
    alone = await dana.delete(f"{EVENTS}/{free.json()['id']}", params={"of": "all"})
    assert (alone.status_code, alone.json()["code"]) == (409, "no_series")


@pytest.mark.parametrize(
    ("repeats", "pointer"),
    [
        ({"frequency": "weekly"}, "/repeats"),
        ({"frequency": "weekly", "count": 3, "until": "2030-01-01"}, "/repeats"),
        ({"frequency": "daily", "weekdays": ["mon"], "count": 3}, "/repeats"),
        ({"frequency": "weekly", "count": 121}, "/repeats/count"),
        ({"frequency": "yearly", "count": 5}, "/repeats/count"),
        ({"frequency": "weekly", "until": "2035-01-01"}, "/repeats/until"),
        ({"frequency": "weekly", "until": "2020-01-01"}, "/repeats"),
        ({"frequency": "yearly", "months": [2], "count": 1}, "/repeats/months"),
    ],
)
async def test_a_series_nobody_can_mean_is_refused(
    acme: Company, repeats: dict[str, Any], pointer: str
) -> None:
    dana = await acme.person("dispatcher")
    reply = await dana.post(EVENTS, json=meeting(monday(), 9, "America/Chicago", repeats=repeats))
    assert reply.status_code == 422
    assert reply.json()["errors"][0]["pointer"] == pointer
    assert reply.json()["errors"][0]["detail"]


async def test_a_meeting_that_lasts_into_the_next_is_refused(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    body = meeting(monday(), 9, "America/Chicago", repeats={"frequency": "daily", "count": 3})
    body["ends_at"] = (datetime.fromisoformat(body["starts_at"]) + timedelta(hours=30)).isoformat()
    reply = await dana.post(EVENTS, json=body)
    assert (reply.status_code, reply.json()["errors"][0]["pointer"]) == (422, "/ends_at")


async def test_a_visit_that_is_planned_meets_the_meeting(acme: Company) -> None:
    job = await a_job(acme)
    tess = await technician(acme)
    body = meeting(monday(), 11, "America/Chicago", technician_ids=[tess])
    made = await job.dana.made(EVENTS, body | {"repeats": {"frequency": "weekly", "count": 4}})
    last = (await series(job.dana, made))[-1]
    visit = await job.visit()
    at = datetime.fromisoformat(last["starts_at"])
    reply = await job.schedule(visit, tess, start=at)
    assert (reply.status_code, reply.json()["clash"]["event_id"]) == (409, last["id"])
    await did(
        job.dana,
        visit,
        "schedule",
        technician_ids=[tess],
        start=(at + timedelta(hours=1)).isoformat(),
    )
    assert (await job.dana.got(f"{VISITS}/{visit['id']}"))["status"] == "scheduled"
