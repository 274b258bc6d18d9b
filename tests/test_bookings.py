"""Nobody is ever in two places: planning against planning, by hand, at once, and by raw SQL."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Range

from app.core import clock
from app.core.db import Scope
from app.core.ids import new_id
from app.models.bookings import Booking, BookingKind
from tests.support.database import Database
from tests.support.deep import times
from tests.support.field import VISITS, Job, a_job, did, needs, skill, story, technician, verb
from tests.support.people import Company
from tests.support.server import Server, serving

CROWD = 64
ROUNDS = times(8, deep=500)


@pytest_asyncio.fixture(scope="module")
async def server(database: Database) -> AsyncIterator[Server]:
    """A server with a connection for each of the crowd, so that they really meet in the database."""
    async with serving(database, pool_size=CROWD + 4) as running:
        yield running


async def booked_times(company: Company, technician_id: str) -> list[tuple[Any, Any]]:
    """What is booked of a technician, in order."""
    async with company.server.state.sessions.open(Scope(company.id)) as session:
        found = await session.execute(
            select(Booking.starts_at, Booking.ends_at)
            .where(Booking.resource_id == technician_id)
            .order_by(Booking.starts_at)
        )
        return [(row.starts_at, row.ends_at) for row in found]


async def held(company: Company, technician_id: str, start: Any, *, expires_in: int) -> str:
    """A hold of one hour."""
    made = new_id()
    async with company.server.state.sessions.open(Scope(company.id, source="test")) as session:
        session.add(
            Booking(
                id=made,
                resource_id=technician_id,
                during=Range(start, start + timedelta(hours=1), bounds="[)"),
                kind=BookingKind.hold,
                expires_at=clock.now() + timedelta(minutes=expires_in),
            )
        )
        await session.commit()
    return str(made)


async def test_of_64_who_want_one_slot_one_gets_it(acme: Company) -> None:
    job = await a_job(acme)
    tess = await technician(acme)
    order = await job.work.order()
    visits = [await job.visit(work_order_id=order["id"]) for _ in range(CROWD)]
    replies = await asyncio.gather(*(job.schedule(one, tess, start=job.nine) for one in visits))
    assert Counter(reply.status_code for reply in replies) == {200: 1, 409: CROWD - 1}
    won = next(reply.json() for reply in replies if reply.status_code == 200)
    lost = [reply.json() for reply in replies if reply.status_code == 409]
    assert {one["code"] for one in lost} == {"double_booking"}
    assert {one["clash"]["visit_id"] for one in lost} == {won["id"]}
    assert await booked_times(acme, tess) == [(job.nine, job.nine + timedelta(hours=1))]


async def test_two_dispatchers_want_the_same_slot_again_and_again(acme: Company) -> None:
    job = await a_job(acme)
    dora = Job(acme, await acme.person("dispatcher", "dora"), job.work)
    crew = [await technician(acme, name) for name in ("Tess Ode", "Uma Pan")]
    for n in range(ROUNDS):
        start = job.nine + timedelta(hours=n)
        mine, theirs = await job.visit(), await dora.visit()
        # the one names the crew in the other's opposite order: sorted locks keep them apart
        replies = await asyncio.gather(
            job.schedule(mine, *crew, start=start), dora.schedule(theirs, *crew[::-1], start=start)
        )
        assert sorted(reply.status_code for reply in replies) == [200, 409]
    for one in crew:
        booked = await booked_times(acme, one)
        assert len(booked) == ROUNDS
        assert all(end <= start for (_, end), (start, _) in pairwise(booked))


async def test_a_refusal_names_the_clash_and_the_next_free_times(acme: Company) -> None:
    job = await a_job(acme)
    tess, uma = await technician(acme), await technician(acme, "Uma Pan")
    hour = timedelta(hours=1)
    first = await job.planned(tess)
    await job.planned(tess, at=job.nine + 2 * hour)
    wanted = await job.visit(duration_minutes=90)
    reply = await job.schedule(wanted, uma, tess, start=job.nine + hour / 2)
    assert reply.status_code == 409
    problem = reply.json()
    number = first["work_order"]["number"]
    assert problem["code"] == "double_booking"
    assert problem["detail"] == (
        f"Tess Ode is booked {job.said}, 09:00–10:00 by work order {number}."
        " Choose another time or another technician."
    )
    bookings = await acme_bookings(acme, first["id"])
    assert problem["clash"] == {
        "booking": bookings[0],
        "kind": "visit",
        "visit_id": first["id"],
        "work_order_number": number,
        "technician_id": tess,
        "starts_at": z(job.nine),
        "ends_at": z(job.nine + hour),
    }
    assert problem["next_free"] == [
        {
            "technician_id": uma,
            "start": z(job.nine + hour / 2),
            "end": z(job.nine + 2 * hour),
        },
        {
            "technician_id": tess,
            "start": z(job.nine + 3 * hour),
            "end": z(job.nine + 4 * hour + hour / 2),
        },
    ]
    assert (await acme_bookings(acme, wanted["id"])) == []
    unchanged = await job.dana.got(f"{VISITS}/{wanted['id']}")
    assert unchanged == wanted
    offered = problem["next_free"][1]
    taken = await job.schedule(wanted, uma, tess, start=job.nine + 3 * hour)
    assert taken.status_code == 200
    assert taken.json()["planned_start"] == offered["start"].replace("Z", ".000000Z")


async def acme_bookings(company: Company, visit_id: str) -> list[str]:
    """The ids of a visit's bookings."""
    async with company.server.state.sessions.open(Scope(company.id)) as session:
        found = await session.scalars(select(Booking.id).where(Booking.visit_id == visit_id))
        return [str(one) for one in found]


def z(at: Any) -> str:
    return at.isoformat().replace("+00:00", "Z")


async def test_no_word_overrules_an_overlap(acme: Company) -> None:
    job = await a_job(acme)
    boss = Job(acme, await acme.person("owner"), job.work)
    tess = await technician(acme)
    await job.planned(tess)
    other = await boss.visit()
    said = {"codes": ["double_booking"], "reason": "I am the owner."}
    reply = await boss.schedule(other, tess, start=job.nine, override=said)
    assert reply.status_code == 422
    assert "can never be overruled" in reply.json()["errors"][0]["detail"]
    said = {"codes": ["skill_missing"], "reason": "I am the owner."}
    reply = await boss.schedule(other, tess, start=job.nine, override=said)
    assert (reply.status_code, reply.json()["code"]) == (409, "double_booking")


async def test_back_to_back_is_no_overlap_and_a_visit_never_clashes_with_itself(
    acme: Company,
) -> None:
    job = await a_job(acme)
    tess, uma = await technician(acme), await technician(acme, "Uma Pan")
    hour = timedelta(hours=1)
    first, second = await job.planned(tess), await job.planned(tess, at=job.nine + hour)
    third = await job.schedule(second, tess, start=job.nine + 90 * hour / 60)
    assert third.status_code == 200
    moved = await job.schedule(first, tess, start=job.nine + hour / 4)
    assert moved.status_code == 200
    booked = await acme_bookings(acme, first["id"])
    resized = await job.schedule(
        moved.json(), tess, start=job.nine, end=z(job.nine + 90 * hour / 60)
    )
    assert (resized.status_code, resized.json()["duration_minutes"]) == (200, 90)
    assert await acme_bookings(acme, first["id"]) == booked, "a move keeps the booking"
    given_away = await job.schedule(resized.json(), uma, start=job.nine)
    assert given_away.status_code == 200
    assert given_away.json()["planned_end"] == resized.json()["planned_end"]
    assert await booked_times(acme, tess) == [
        (job.nine + 90 * hour / 60, job.nine + 150 * hour / 60),
    ]
    assert await booked_times(acme, uma) == [(job.nine, job.nine + 90 * hour / 60)]
    assert [one["fact"] for one in await story(job.dana, f"{VISITS}/{first['id']}")] == [
        "visit.created", "visit.scheduled", "visit.moved", "visit.moved", "visit.moved",
    ]  # fmt: skip


async def test_a_crew_is_booked_whole_or_not_at_all(acme: Company) -> None:
    job = await a_job(acme)
    tess, uma = await technician(acme), await technician(acme, "Uma Pan")
    await job.planned(uma)
    both = await job.visit()
    assert (await job.schedule(both, tess, uma, start=job.nine)).status_code == 409
    assert await booked_times(acme, tess) == []
    later = await job.schedule(both, tess, uma, start=job.nine + timedelta(hours=1), lead_id=uma)
    assert later.status_code == 200
    assert [(one["name"], one["is_lead"]) for one in later.json()["assignments"]] == [
        ("Tess Ode", False), ("Uma Pan", True),
    ]  # fmt: skip
    alone = await job.schedule(later.json(), tess, start=job.nine + timedelta(hours=1))
    assert [(one["name"], one["is_lead"]) for one in alone.json()["assignments"]] == [
        ("Tess Ode", True),
    ]  # fmt: skip
    assert len(await booked_times(acme, uma)) == 1


async def test_a_hold_stands_until_it_expires(acme: Company) -> None:
    job = await a_job(acme)
    tess = await technician(acme)
    fresh = await held(acme, tess, job.nine, expires_in=10)
    await held(acme, tess, job.nine + timedelta(hours=2), expires_in=-1)
    visit = await job.visit()
    refused = await job.schedule(visit, tess, start=job.nine)
    assert (refused.status_code, refused.json()["clash"]["booking"]) == (409, fresh)
    assert refused.json()["clash"]["kind"] == "hold"
    assert refused.json()["clash"]["work_order_number"] is None
    booked = await job.schedule(visit, tess, start=job.nine + timedelta(hours=2))
    assert booked.status_code == 200


async def test_taking_it_off_the_board_or_cancelling_frees_the_time(acme: Company) -> None:
    job = await a_job(acme)
    tess = await technician(acme)
    first = await job.planned(tess)
    first = await did(job.dana, first, "unschedule", reason="Rain")
    assert (first["status"], first["planned_start"], first["assignments"]) == (
        "unscheduled", None, [],
    )  # fmt: skip
    second = await job.planned(tess)
    second = await did(job.dana, second, "cancel", reason="Moved away")
    assert second["assignments"][0]["name"] == "Tess Ode", "they see that it is cancelled"
    await job.planned(tess)
    assert len(await booked_times(acme, tess)) == 1


async def test_an_end_frees_what_is_left_of_the_planned_time(acme: Company) -> None:
    job = await a_job(acme)
    tess = await technician(acme)
    hour = timedelta(hours=1)
    now = clock.now().replace(microsecond=0)
    running = await job.planned(tess, at=now - hour, duration_minutes=240)
    await did(job.dana, running, "complete", **ran(now - hour, now - hour / 2, now))
    assert await booked_times(acme, tess) == [(now - hour, now)]

    early = await job.planned(tess, at=now + hour)
    await did(job.dana, early, "complete", **ran(now - hour, now - hour, now - hour / 2))
    assert await booked_times(acme, tess) == [(now - hour, now)], (
        "it never began in its planned time"
    )

    late = await job.planned(tess, at=now - 5 * hour)
    await did(job.dana, late, "complete", **ran(now - 2 * hour, now - 2 * hour, now))
    reopened = await did(job.dana, late, "reopen", reason="It leaks again")
    assert reopened["status"] == "working"
    assert await booked_times(acme, tess) == [
        (now - 5 * hour, now - 4 * hour), (now - hour, now),
    ], "work that runs over, or on, meets nobody's calendar"  # fmt: skip


def ran(arrived: Any, started: Any, finished: Any) -> dict[str, str]:
    return {"arrived_at": z(arrived), "started_at": z(started), "finished_at": z(finished)}


async def test_a_stale_board_changes_nothing(acme: Company) -> None:
    job = await a_job(acme)
    tess, uma = await technician(acme), await technician(acme, "Uma Pan")
    visit = await job.planned(tess)
    handed_over = await job.schedule(visit, uma, start=job.nine)
    assert handed_over.json()["version"] == visit["version"] + 1, "another crew is another version"
    stale = await job.schedule(visit, tess, start=job.nine)
    assert stale.status_code == 412
    assert stale.json()["current"]["assignments"][0]["technician_id"] == uma
    path = f"{VISITS}/{visit['id']}"
    for name in ("schedule", "unschedule"):
        reply = await job.dana.post(
            f"{path}/{name}", json={"technician_ids": [tess], "start": z(job.nine)}
        )
        assert reply.status_code in (422, 428)
    missing = await job.dana.post(f"{path}/unschedule")
    assert (missing.status_code, missing.json()["code"]) == (428, "if_match_required")


async def test_one_version_moves_once(acme: Company) -> None:
    job = await a_job(acme)
    tess = await technician(acme)
    visit = await job.visit()
    replies = await asyncio.gather(
        *(job.schedule(visit, tess, start=job.nine + timedelta(hours=n)) for n in range(16))
    )
    assert Counter(reply.status_code for reply in replies) == {200: 1, 412: 15}
    assert len(await booked_times(acme, tess)) == 1


async def test_the_database_refuses_an_overlap_from_anybody(
    acme: Company, database: Database
) -> None:
    job = await a_job(acme)
    tess = await technician(acme)
    visit = await job.planned(tess)
    connection = await asyncpg.connect(database.app)
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute("select set_config('app.org_id', $1, true)", str(acme.id))
    with pytest.raises(asyncpg.ExclusionViolationError) as refused:
        await connection.execute(
            "insert into bookings (org_id, id, resource_id, during, kind, expires_at)"
            " values ($1, $2, $3, tstzrange($4::timestamptz, $5::timestamptz), 'hold', $5)",
            acme.id, uuid4(), tess, job.nine, job.nine + timedelta(minutes=1),
        )  # fmt: skip
    assert refused.value.sqlstate == "23P01"
    assert refused.value.constraint_name == "no_double_booking"
    await transaction.rollback()
    await connection.close()
    assert visit["status"] == "scheduled"


async def test_somebody_of_the_crew_has_each_skill_on_the_day(acme: Company) -> None:
    job = await a_job(acme)
    pumping, backflow = await skill(acme, "Pumping"), await skill(acme, "Backflow")
    await needs(acme, job, {"skill_id": pumping, "level": 2}, {"skill_id": backflow, "level": 1})
    tess = await technician(acme, skills=({"skill_id": pumping, "level": 3},))
    low = await technician(acme, "Low Lee", skills=({"skill_id": pumping, "level": 1},))
    last_day = {"skill_id": backflow, "level": 1, "expires_on": job.day}
    uma = await technician(acme, "Uma Pan", skills=(last_day,))
    visit = await job.visit()

    alone = await job.schedule(visit, tess, start=job.nine)
    assert (alone.status_code, alone.json()["code"]) == (409, "skill_missing")
    assert [one["skill_id"] for one in alone.json()["missing"]] == [backflow]
    assert alone.json()["missing"][0]["day"] == job.day
    assert f"(level 1, valid on {job.said})" in alone.json()["detail"]
    weak = await job.schedule(visit, low, uma, start=job.nine)
    assert [one["skill_id"] for one in weak.json()["missing"]] == [pumping]

    together = await job.schedule(visit, tess, uma, start=job.nine)
    assert together.status_code == 200, together.text
    next_day = await job.schedule(together.json(), tess, uma, start=job.nine + timedelta(days=1))
    assert (next_day.status_code, next_day.json()["code"]) == (409, "skill_missing")
    # 23:30 there is the next day in UTC, and still the day the certificate is good for
    late = job.nine + timedelta(hours=14, minutes=30)
    evening = await job.schedule(
        together.json(), tess, uma, start=late, end=z(late + timedelta(minutes=30))
    )
    assert evening.status_code == 200, evening.text


async def test_a_missing_skill_is_overruled_by_who_may_with_a_reason_on_record(
    acme: Company,
) -> None:
    job = await a_job(acme)
    gas = await skill(acme, "Gas")
    await needs(acme, job, {"skill_id": gas, "level": 1})
    tess = await technician(acme)
    visit = await job.visit()
    said = {"codes": ["skill_missing"], "reason": "Supervised by phone"}
    dispatcher = await job.schedule(visit, tess, start=job.nine, override=said)
    assert dispatcher.status_code == 403
    assert dispatcher.json()["permission"] == "dispatch:override"
    assert await booked_times(acme, tess) == []
    wordless = await job.schedule(
        visit, tess, start=job.nine, override={"codes": ["skill_missing"]}
    )
    assert wordless.status_code == 422

    mia = Job(acme, await acme.person("manager"), job.work)
    booked = await mia.schedule(visit, tess, start=job.nine, override=said)
    assert booked.status_code == 200, booked.text
    fact = (await story(job.dana, f"{VISITS}/{visit['id']}"))[-1]
    assert fact["sentence"].endswith(f"valid on {job.said}): “Supervised by phone”.")
    entry = await job.dana.got(f"/api/v2/journal/{fact['id']}")
    assert entry["changes"]["overruled"] == ["skill_missing"]
    assert entry["changes"]["overruled_because"] == "Supervised by phone"
    assert entry["actor"]["name"] == "Manager"


async def test_only_technicians_who_work_here_are_booked(acme: Company, rival: Company) -> None:
    job = await a_job(acme)
    owner = await acme.person("owner")
    tess, gone, idle = [await technician(acme, name) for name in ("Tess", "Gone", "Idle")]
    assert (await owner.delete(f"/api/v2/technicians/{gone}")).status_code == 204
    await owner.patched(f"/api/v2/technicians/{idle}", 1, {"active": False})
    strangers = await technician(rival)
    visit = await job.visit()
    for unknown in (gone, strangers, str(uuid4())):
        reply = await job.schedule(visit, tess, unknown, start=job.nine)
        assert reply.status_code == 404
        assert [one["pointer"] for one in reply.json()["errors"]] == ["/technician_ids/1"]
    inactive = await job.schedule(visit, tess, idle, start=job.nine)
    assert (inactive.status_code, inactive.json()["code"]) == (409, "technician_inactive")
    twice = await job.schedule(visit, tess, tess, start=job.nine)
    assert twice.status_code == 422
    led = await job.schedule(visit, tess, start=job.nine, lead_id=idle)
    assert (led.status_code, led.json()["errors"][0]["pointer"]) == (422, "/lead_id")
    assert await booked_times(acme, tess) == []


async def test_nobody_is_deleted_while_being_booked(acme: Company) -> None:
    job = await a_job(acme)
    owner = await acme.person("owner")
    for _ in range(8):
        tess = await technician(acme)
        visit = await job.visit()
        booked, deleted = await asyncio.gather(
            job.schedule(visit, tess, start=job.nine), owner.delete(f"/api/v2/technicians/{tess}")
        )
        assert (booked.status_code, deleted.status_code) in {(200, 409), (404, 204)}


async def test_planned_times_are_possible_ones(acme: Company) -> None:
    job = await a_job(acme)
    tess = await technician(acme)
    visit = await job.visit()
    minute = timedelta(minutes=1)
    impossible = [
        ("/end", {"end": z(job.nine - minute)}),
        ("/end", {"end": z(job.nine + 4 * minute)}),
        ("/end", {"end": z(job.nine + timedelta(days=8))}),
        ("/start_local", {"start_local": f"{job.day}T09:00"}),
    ]
    for pointer, body in impossible:
        reply = await job.schedule(visit, tess, start=job.nine, **body)
        assert (reply.status_code, reply.json()["errors"][0]["pointer"]) == (422, pointer)
    for far in (clock.now() - timedelta(days=400), clock.now() + timedelta(days=800)):
        reply = await job.schedule(visit, tess, start=far)
        assert (reply.status_code, reply.json()["errors"][0]["pointer"]) == (422, "/start")
    no_start = await verb(job.dana, visit, "schedule", technician_ids=[tess])
    assert (no_start.status_code, no_start.json()["errors"][0]["pointer"]) == (422, "/start")
    naive = await verb(job.dana, visit, "schedule", technician_ids=[tess], start=f"{job.day}T09:00")
    assert naive.status_code == 422
    nobody = await verb(job.dana, visit, "schedule", technician_ids=[], start=z(job.nine))
    assert nobody.status_code == 422


async def test_a_wall_time_is_meant_at_the_site(acme: Company) -> None:
    job = await a_job(acme)
    tess = await technician(acme)
    visit = await job.visit()
    reply = await verb(
        job.dana,
        visit,
        "schedule",
        technician_ids=[tess],
        start_local=f"{job.day}T09:00",
        end_local=f"{job.day}T10:30",
    )
    assert reply.status_code == 200, reply.text
    assert await booked_times(acme, tess) == [(job.nine, job.nine + timedelta(minutes=90))]
    assert reply.json()["planned_wall"] == f"{job.day}T09:00-07:00"
    count = select(func.count()).select_from(Booking).where(Booking.visit_id == visit["id"])
    async with acme.server.state.sessions.open(Scope(acme.id)) as session:
        assert await session.scalar(count) == 1
