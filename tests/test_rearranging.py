"""Dispatchers rearrange a day: move, resize, assign, swap, split, spread over days, lock, extend, copy."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from app.core import clock
from tests.support.field import VISITS, Job, a_job, did, facts, story, technician, verb
from tests.support.people import Company

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def at(shown: str) -> datetime:
    return datetime.fromisoformat(shown)


def span(visit: Any) -> tuple[datetime, datetime]:
    """When it is planned."""
    return at(visit["planned_start"]), at(visit["planned_end"])


def people(visit: Any) -> list[str]:
    return [one["technician_id"] for one in visit["assignments"]]


async def now(job: Job, visit: Any) -> Any:
    """The visit as it is by now."""
    return await job.dana.got(f"{VISITS}/{visit['id']}")


async def swapped(job: Job, one: Any, other: Any, **more: Any) -> Any:
    """The reply to swapping two visits as they were seen."""
    body = {"with_id": other["id"], "with_version": other["version"], **more}
    return await verb(job.dana, one, "swap", **body)


async def test_a_move_keeps_the_length_and_the_people(acme: Company) -> None:
    job = await a_job(acme)
    tess, uma = await technician(acme), await technician(acme, "Uma Pan")
    visit = await job.planned(tess, uma, duration_minutes=90)
    later = await did(job.dana, visit, "move", start=(job.nine + 2 * HOUR).isoformat())
    assert span(later) == (job.nine + 2 * HOUR, job.nine + 2 * HOUR + 90 * MINUTE)
    assert people(later) == [tess, uma]
    given = await did(job.dana, visit, "move", start_local=f"{job.day}T13:00", technician_ids=[uma])
    assert (span(given)[0], people(given)) == (job.nine + 4 * HOUR, [uma])
    told = (await story(job.dana, f"{VISITS}/{visit['id']}"))[-1]
    assert told["sentence"] == f"The visit was moved to {job.said}, 13:00–14:30 with Uma Pan."
    free = await job.visit()
    refused = await verb(job.dana, free, "move", start=job.nine.isoformat())
    assert (refused.status_code, refused.json()["code"]) == (409, "illegal_transition")


async def test_a_resize_keeps_the_start_and_meets_the_next_visit(acme: Company) -> None:
    job = await a_job(acme)
    tess = await technician(acme)
    visit, following = await job.planned(tess), await job.planned(tess, at=job.nine + 2 * HOUR)
    longer = await did(job.dana, visit, "resize", minutes=120)
    assert span(longer) == (job.nine, job.nine + 2 * HOUR)
    told = (await story(job.dana, f"{VISITS}/{visit['id']}"))[-1]
    assert told["sentence"] == f"The visit now takes 120 minutes, {job.said}, 09:00–11:00."
    over = await verb(job.dana, longer, "resize", end_local=f"{job.day}T11:30")
    assert (over.status_code, over.json()["code"]) == (409, "double_booking")
    assert over.json()["clash"]["visit_id"] == following["id"]
    for body in ({}, {"minutes": 30, "end_local": f"{job.day}T10:00"}):
        unclear = await verb(job.dana, longer, "resize", **body)
        assert (unclear.status_code, unclear.json()["errors"][0]["pointer"]) == (422, "/minutes")
    assert await now(job, visit) == longer


async def test_who_comes_changes_without_the_time(acme: Company) -> None:
    job = await a_job(acme)
    owner = await acme.person("owner")
    tess, uma = await technician(acme), await technician(acme, "Uma Pan")
    van = (await owner.made("/api/v2/vehicles", {"name": "Van 1"}))["id"]
    visit = await job.planned(tess)
    both = await did(job.dana, visit, "assign", technician_ids=[tess, uma], lead_id=uma)
    assert (span(both), people(both)) == (span(visit), [tess, uma])
    assert [one["is_lead"] for one in both["assignments"]] == [False, True]
    driven = await did(job.dana, visit, "assign", vehicle_ids=[van])
    assert (people(driven), [one["id"] for one in driven["vehicles"]]) == ([tess, uma], [van])
    led = await did(job.dana, visit, "assign", lead_id=tess)
    assert [one["is_lead"] for one in led["assignments"]] == [True, False]
    nobody = await verb(job.dana, led, "assign")
    assert nobody.status_code == 422
    told = (await story(job.dana, f"{VISITS}/{visit['id']}"))[1:]
    assert [one["fact"] for one in told] == ["visit.scheduled", *["visit.assigned"] * 3]
    assert told[1]["sentence"] == (
        f"Now on the visit of {job.said}, 09:00–10:00: Tess Ode and Uma Pan."
    )


async def test_two_visits_swap_times_people_or_both(acme: Company) -> None:
    job = await a_job(acme)
    tess, uma = await technician(acme), await technician(acme, "Uma Pan")
    one = await job.planned(tess)
    other = await job.planned(uma, at=job.nine + 5 * HOUR, duration_minutes=120)
    reply = await swapped(job, one, other, what="people")
    assert reply.status_code == 200, reply.text
    one, other = reply.json(), await now(job, other)
    assert (people(one), people(other)) == ([uma], [tess])
    assert (span(one)[0], span(other)[0]) == (job.nine, job.nine + 5 * HOUR)

    one, other = (await swapped(job, one, other, what="times")).json(), await now(job, other)
    assert (people(one), people(other)) == ([uma], [tess])
    assert span(one) == (job.nine + 5 * HOUR, job.nine + 6 * HOUR), "each keeps its length"
    assert span(other) == (job.nine, job.nine + 2 * HOUR)

    one, other = (await swapped(job, one, other)).json(), await now(job, other)
    assert (span(one)[0], people(one)) == (job.nine, [tess])
    assert (span(other)[0], people(other)) == (job.nine + 5 * HOUR, [uma])
    told = (await story(job.dana, f"{VISITS}/{other['id']}"))[-1]
    assert told["sentence"] == (
        f"The visit swapped times and people with that of work order {one['work_order']['number']}:"
        f" {job.said}, 14:00–16:00 with Uma Pan."
    )
    itself = await swapped(job, one, one)
    assert (itself.status_code, itself.json()["errors"][0]["pointer"]) == (422, "/with_id")


async def test_neighbours_swap_within_the_time_they_had(acme: Company) -> None:
    job = await a_job(acme)
    tess = await technician(acme)
    short = await job.planned(tess)
    long = await job.planned(tess, at=job.nine + HOUR, duration_minutes=120)
    short = (await swapped(job, short, long, what="times")).json()
    assert span(await now(job, long)) == (job.nine, job.nine + 2 * HOUR)
    assert span(short) == (job.nine + 2 * HOUR, job.nine + 3 * HOUR)


async def test_a_swap_that_meets_a_third_changes_neither(acme: Company) -> None:
    job = await a_job(acme)
    tess, uma = await technician(acme), await technician(acme, "Uma Pan")
    short = await job.planned(tess)
    third = await job.planned(tess, at=job.nine + HOUR)
    long = await job.planned(uma, at=job.nine + 5 * HOUR, duration_minutes=120)
    reply = await swapped(job, short, long, what="both")
    assert (reply.status_code, reply.json()["code"]) == (409, "double_booking")
    assert reply.json()["clash"]["visit_id"] == third["id"]
    assert [await now(job, one) for one in (short, long)] == [short, long]


async def test_a_swap_shows_whichever_of_the_two_has_changed(acme: Company) -> None:
    job = await a_job(acme)
    tess, uma = await technician(acme), await technician(acme, "Uma Pan")
    one, other = await job.planned(tess), await job.planned(uma)
    moved = await did(job.dana, other, "move", start=(job.nine + HOUR).isoformat())
    stale = await swapped(job, one, other)
    assert (stale.status_code, stale.json()["current"]) == (412, moved)
    resized = await did(job.dana, one, "resize", minutes=30)
    stale = await swapped(job, one, moved)
    assert (stale.status_code, stale.json()["current"]) == (412, resized)


async def test_two_dispatchers_at_once_overwrite_nothing(acme: Company) -> None:
    job = await a_job(acme)
    dora = Job(acme, await acme.person("dispatcher", "dora"), job.work)
    tess, uma = await technician(acme), await technician(acme, "Uma Pan")
    one, other = await job.planned(tess), await job.planned(uma, at=job.nine + 3 * HOUR)
    said = {
        "swap": {"with_id": other["id"], "with_version": other["version"]},
        "move": {"start": (job.nine + HOUR).isoformat()},
        "resize": {"minutes": 90},
        "assign": {"technician_ids": [tess, uma]},
        "split": {"minutes": 30},
        "lock": {"lock": "time"},
        "unschedule": {},
    }
    replies = await asyncio.gather(
        *(
            verb(who, one, name, **body)
            for who in (job.dana, dora.dana)
            for name, body in said.items()
        )
    )
    assert Counter(reply.status_code for reply in replies) == {200: 1, 412: 13}
    standing = await now(job, one)
    assert standing["version"] == one["version"] + 1
    beaten = [reply.json() for reply in replies if reply.status_code == 412]
    assert all(reply["current"] == standing for reply in beaten)


async def test_a_visit_is_split_and_its_second_part_waits(acme: Company) -> None:
    job = await a_job(acme)
    tess = await technician(acme)
    visit = await job.planned(tess, duration_minutes=180, instructions="Mind the dog")
    first = await did(job.dana, visit, "split", minutes=60, reason="The pump comes tomorrow")
    assert span(first) == (job.nine, job.nine + HOUR)
    second = await job.dana.got(f"{VISITS}/{first['followed_by_id']}")
    assert (second["status"], second["duration_minutes"]) == ("unscheduled", 120)
    assert (second["follows_id"], second["instructions"]) == (visit["id"], "Mind the dog")
    assert second["work_order_id"] == visit["work_order_id"]
    told = (await story(job.dana, f"{VISITS}/{visit['id']}"))[-1]
    assert told["sentence"] == (
        "The visit was split: 60 minutes stay, 120 minutes go on in another part:"
        " The pump comes tomorrow."
    )
    await job.planned(tess, at=job.nine + HOUR)  # the time that was given back
    nothing = await verb(job.dana, first, "split", minutes=60)
    assert (nothing.status_code, nothing.json()["errors"][0]["pointer"]) == (422, "/minutes")


async def test_the_second_part_takes_its_place_with_the_same_people(acme: Company) -> None:
    job = await a_job(acme)
    tess, uma = await technician(acme), await technician(acme, "Uma Pan")
    visit = await job.planned(tess, uma, duration_minutes=120)
    start = job.nine + 4 * HOUR
    first = await did(job.dana, visit, "split", minutes=90, start=start.isoformat())
    second = await job.dana.got(f"{VISITS}/{first['followed_by_id']}")
    assert (span(second), people(second)) == ((start, start + 30 * MINUTE), [tess, uma])
    assert await facts(job.dana, f"{VISITS}/{second['id']}") == [
        "visit.created", "visit.scheduled",
    ]  # fmt: skip
    whole = await swapped(job, first, second, what="times")  # of one piece of work, too
    assert (whole.status_code, span(whole.json())[0]) == (200, start)
    first, second = (await swapped(job, whole.json(), await now(job, second))).json(), second
    # a part between two: the third follows the new one
    middle = await did(job.dana, first, "split", minutes=60)
    third = await now(job, second)
    assert third["follows_id"] == middle["followed_by_id"]
    busy = await verb(
        job.dana, third, "split", minutes=20, start=start.isoformat(), technician_ids=[uma]
    )
    assert (busy.status_code, busy.json()["code"]) == (409, "double_booking")
    assert (await now(job, third))["followed_by_id"] is None


async def test_a_part_that_is_deleted_leaves_the_others_in_line(acme: Company) -> None:
    job = await a_job(acme)
    visit = await job.visit(duration_minutes=180)
    first = await did(job.dana, visit, "split", minutes=120)
    middle = await did(job.dana, {"id": first["followed_by_id"]}, "split", minutes=30)
    reply = await job.dana.delete(f"{VISITS}/{middle['id']}")
    assert reply.status_code == 204, reply.text
    assert (await now(job, visit))["followed_by_id"] == middle["followed_by_id"]
    back = await job.dana.post(f"{VISITS}/{middle['id']}/restore")
    assert (back.status_code, back.json()["follows_id"]) == (200, None)


async def test_work_of_several_days_is_a_part_each_day_booked_whole_or_not(acme: Company) -> None:
    job = await a_job(acme)
    tess = await technician(acme)
    visit = await job.planned(tess)
    hours = {"start_local": "08:00", "end_local": "16:00", "technician_ids": [tess]}
    friday = job.nine.date() + timedelta(days=(4 - job.nine.weekday()) % 7 + 7)
    first = await did(job.dana, visit, "day-parts", first_day=str(friday), days=3, **hours)
    second = await job.dana.got(f"{VISITS}/{first['followed_by_id']}")
    third = await job.dana.got(f"{VISITS}/{second['followed_by_id']}")
    parts = (first, second, third)
    monday = friday + timedelta(days=3)
    assert [one["planned_wall"][:16] for one in parts] == [
        f"{day}T08:00" for day in (friday, monday, monday + timedelta(days=1))
    ]
    assert {one["duration_minutes"] for one in parts} == {480}
    assert {tuple(people(one)) for one in parts} == {(tess,)}
    again = await verb(job.dana, first, "day-parts", days=2, **hours)
    assert (again.status_code, again.json()["code"]) == (409, "parts_follow")

    other = await job.visit()
    clash = await verb(
        job.dana, other, "day-parts", first_day=str(friday - timedelta(days=1)), days=2, **hours
    )
    assert (clash.status_code, clash.json()["code"]) == (409, "double_booking")
    assert await now(job, other) == other, "of two days, both or none"
    weekend = {**hours, "first_day": str(friday + timedelta(days=1)), "days": 2}
    sunday = await verb(job.dana, other, "day-parts", **weekend)
    assert (sunday.status_code, sunday.json()["errors"][0]["pointer"]) == (422, "/first_day")
    until = {**hours, "first_day": str(monday + timedelta(days=2))}
    end = str(monday + timedelta(days=4))
    whole = await did(job.dana, other, "day-parts", until=end, **until)
    assert whole["planned_wall"].startswith(until["first_day"])


async def test_a_part_before_its_predecessor_is_warned_of(acme: Company) -> None:
    job = await a_job(acme)
    tess, uma = await technician(acme), await technician(acme, "Uma Pan")
    visit = await job.planned(tess, duration_minutes=120)
    first = await did(
        job.dana, visit, "split", minutes=60, start=job.nine.isoformat(), technician_ids=[uma]
    )
    second = await job.dana.got(f"{VISITS}/{first['followed_by_id']}")
    assert "before_its_part" in [one["code"] for one in second["warnings"]]
    later = await did(job.dana, second, "move", start=(job.nine + HOUR).isoformat())
    assert "before_its_part" not in [one["code"] for one in later["warnings"]]


async def test_what_is_locked_stays_until_the_lock_is_taken_off(acme: Company) -> None:
    job = await a_job(acme)
    tess, uma = await technician(acme), await technician(acme, "Uma Pan")
    visit = await job.planned(tess, duration_minutes=120)
    other = await job.planned(uma, at=job.nine + 5 * HOUR)
    swap = {"with_id": other["id"], "with_version": other["version"]}
    moves_time: dict[str, dict[str, Any]] = {
        "move": {"start": (job.nine + HOUR).isoformat()},
        "resize": {"minutes": 30},
        "split": {"minutes": 30},
        "swap": {**swap, "what": "times"},
        "unschedule": {},
    }
    moves_people: dict[str, dict[str, Any]] = {
        "assign": {"technician_ids": [uma]},
        "swap": {**swap, "what": "people"},
        "unschedule": {},
    }
    for what, refused, allowed in (
        ("time", moves_time, moves_people),
        ("resource", moves_people, moves_time),
        ("both", {**moves_time, **moves_people}, {}),
    ):
        locked = await did(job.dana, visit, "lock", lock=what)
        assert locked["lock"] == what
        for name, body in refused.items():
            reply = await verb(job.dana, locked, name, **body)
            assert (name, reply.status_code, reply.json()["code"]) == (name, 409, "locked")
        assert await now(job, visit) == locked
        kept = allowed.keys() & {"assign", "resize"}
        for name in kept:
            await did(job.dana, visit, name, **allowed[name])
        await did(job.dana, visit, "unlock")
        await did(
            job.dana, visit, "schedule", technician_ids=[tess], start=job.nine.isoformat(),
            end=(job.nine + 2 * HOUR).isoformat(),
        )  # fmt: skip
    told = [one["sentence"] for one in await story(job.dana, f"{VISITS}/{visit['id']}")]
    assert "Locked: its time and who comes." in told
    assert "The lock was taken off." in told
    freed = await did(job.dana, visit, "unschedule")
    assert freed["lock"] == "none"


async def test_a_lock_keeps_nobody_who_leaves(acme: Company) -> None:
    job = await a_job(acme)
    owner = await acme.person("owner")
    tess = await technician(acme)
    visit = await job.planned(tess)
    await did(job.dana, visit, "lock", lock="both")
    version = (await owner.got(f"/api/v2/technicians/{tess}"))["version"]
    reply = await owner.post(
        f"/api/v2/technicians/{tess}/deactivate",
        json={"reason": "Left"},
        headers={"If-Match": f'"v{version}"'},
    )
    assert reply.status_code == 200, reply.text
    freed = await now(job, visit)
    assert (freed["status"], freed["lock"]) == ("unscheduled", "none")


async def test_work_that_takes_longer_meets_nobodys_calendar(acme: Company) -> None:
    job = await a_job(acme)
    tess = await technician(acme)
    here = clock.now().replace(second=0, microsecond=0)
    visit = await job.planned(tess, at=here - 10 * MINUTE)
    following = await job.planned(tess, at=here + 50 * MINUTE)
    waiting = await verb(job.dana, following, "extend", minutes=30)
    assert (waiting.status_code, waiting.json()["code"]) == (409, "illegal_transition")
    await did(job.dana, visit, "dispatch")
    for name in ("en-route", "arrive", "start"):
        await did(job.dana, visit, name, occurred_at=(here - 10 * MINUTE).isoformat())
    longer = await did(job.dana, visit, "extend", minutes=30, reason="Roots in the pipe")
    assert at(longer["expected_end"]) == here + 80 * MINUTE
    assert span(longer) == span(visit), "the plan stands"
    still = await did(job.dana, visit, "extend", minutes=15)
    assert at(still["expected_end"]) == here + 95 * MINUTE
    less = await did(job.dana, visit, "extend", until=(here + HOUR).isoformat())
    assert at(less["expected_end"]) == here + HOUR
    past = await verb(job.dana, less, "extend", until=(here - HOUR).isoformat())
    assert (past.status_code, past.json()["errors"][0]["pointer"]) == (422, "/until")
    assert "visit.extended" in await facts(job.dana, f"{VISITS}/{visit['id']}")
    assert (await did(job.dana, visit, "complete"))["expected_end"] is None


async def test_work_that_began_late_takes_longer_than_from_there(acme: Company) -> None:
    job = await a_job(acme)
    tess = await technician(acme)
    here = clock.now().replace(second=0, microsecond=0)
    visit = await job.planned(tess, at=here - 70 * MINUTE)
    await did(job.dana, visit, "dispatch")
    for name in ("en-route", "arrive", "start"):
        begun = await did(job.dana, visit, name, occurred_at=(here - 10 * MINUTE).isoformat())
    assert (at(begun["planned_end"]), begun["expected_end"]) == (here - 10 * MINUTE, None)
    # as long as planned from when it began, and half an hour
    longer = await did(job.dana, visit, "extend", minutes=30)
    assert at(longer["expected_end"]) == here + 80 * MINUTE
    # whoever began early holds their time until the plan is over
    early = await job.planned(tess, at=here + 120 * MINUTE)
    await did(job.dana, early, "dispatch")
    await did(job.dana, early, "en-route", occurred_at=(here - 5 * MINUTE).isoformat())
    await did(job.dana, early, "arrive", occurred_at=(here - 5 * MINUTE).isoformat())
    assert at((await did(job.dana, early, "extend", minutes=30))["expected_end"]) == (
        here + 210 * MINUTE
    )


async def test_a_visit_is_copied_and_promised_to_nobody(acme: Company) -> None:
    job = await a_job(acme)
    tess = await technician(acme)
    start = {"window_start": job.nine.isoformat(), "window_end": (job.nine + HOUR).isoformat()}
    visit = await job.planned(tess, duration_minutes=75, instructions="Mind the dog", **start)
    copy = await job.dana.made(f"{VISITS}/{visit['id']}/duplicate")
    assert copy["id"] != visit["id"]
    assert (copy["status"], copy["promise"], copy["assignments"]) == ("unscheduled", None, [])
    assert [copy[name] for name in ("work_order_id", "duration_minutes", "instructions")] == [
        visit[name] for name in ("work_order_id", "duration_minutes", "instructions")
    ]
    assert await now(job, visit) == visit


async def test_all_parts_of_a_piece_of_work_are_cancelled_or_handed_over_at_once(
    acme: Company,
) -> None:
    job = await a_job(acme)
    owner = await acme.person("owner")
    tess = await technician(acme, "Tess Many")
    visit = await job.planned(tess, at=job.nine + timedelta(days=9))
    later = (job.nine + timedelta(days=9, hours=3)).isoformat()
    await did(job.dana, visit, "split", minutes=30, start=later)
    path = f"/api/v2/technicians/{tess}"
    version = (await owner.got(path))["version"]
    gone = await owner.patch(path, json={"active": False}, headers={"If-Match": f'"v{version}"'})
    assert gone.status_code == 200, gone.text
    order = f"/api/v2/work-orders/{visit['work_order_id']}"
    await job.dana.made(f"{order}/cancel", {"reason": "They moved."})
    left = await job.dana.got(VISITS, work_order_id=visit["work_order_id"])
    assert [one["status"] for one in left["data"]] == ["canceled", "canceled"]
