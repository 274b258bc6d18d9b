"""Visits through the door people use: made, promised, carried out, ended, told."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.core import clock
from app.core.db import Scope
from app.models.promises import Promise
from tests.support.field import VISITS, Job, a_job, did, story, technician, verb
from tests.support.people import Company
from tests.support.queries import counted


async def test_a_visit_is_planned_carried_out_and_told_whole(acme: Company) -> None:
    job = await a_job(acme)
    tom = await acme.person("technician", "tom")
    tech = await technician(acme, "Tom Ode", who=tom)
    order = await job.work.order()
    made = await job.dana.post(
        VISITS,
        json={
            "work_order_id": order["id"],
            "window_start": job.nine.isoformat(),
            "window_end": (job.nine + timedelta(hours=2)).isoformat(),
            "told_via": "phone",
            "told_to": "Mrs Lee",
            "instructions": "Use the side gate.",
        },
    )
    assert made.status_code == 201, made.text
    assert made.headers["etag"] == '"v1"'
    visit = made.json()
    assert (visit["status"], visit["duration_minutes"]) == ("unscheduled", 60)
    assert visit["time_zone"] == "America/Phoenix"
    assert visit["promise"]["wall_start"] == f"{job.day}T09:00-07:00"
    assert (visit["promise"]["told_via"], visit["promise"]["told_to"]) == ("phone", "Mrs Lee")
    assert visit["allowed_transitions"] == [
        "cancel", "day-parts", "insert", "promise", "schedule", "split",
    ]  # fmt: skip

    booked = await job.schedule(visit, tech, start=job.nine)
    assert booked.status_code == 200, booked.text
    visit = booked.json()
    assert (visit["status"], visit["planned_wall"]) == ("scheduled", f"{job.day}T09:00-07:00")
    assert visit["assignments"] == [
        {
            "technician_id": tech,
            "name": "Tom Ode",
            "status": "offered",
            "is_lead": True,
            "dispatched_at": None,
            "reason": None,
        }
    ]
    await did(job.dana, visit, "confirm", via="sms")
    await did(job.dana, visit, "dispatch")
    for name in ("accept", "en-route", "arrive", "start", "pause", "resume", "complete"):
        visit = await did(tom, visit, name)
    assert (visit["status"], visit["allowed_transitions"]) == ("completed", [])
    assert visit["assignments"][0]["status"] == "done"
    assert visit["travel_started_at"] < visit["arrived_at"] < visit["started_at"]
    assert visit["started_at"] < visit["pauses"][0]["started_at"] < visit["pauses"][0]["ended_at"]
    assert visit["pauses"][0]["ended_at"] < visit["finished_at"]

    told = await story(job.dana, f"/api/v2/work-orders/{order['id']}")
    number = order["number"]
    assert [one["sentence"] for one in told] == [
        f"Work order {number} was added.",
        "A visit of 60 minutes was added.",
        f"Arrival was promised for {job.said}, 09:00–11:00 (by phone, Mrs Lee).",
        f"The visit was booked for {job.said}, 09:00–10:00 with Tom Ode.",
        f"Work order {number} is scheduled.",
        "The customer confirmed the visit (by text message).",
        "The visit was dispatched to Tom Ode.",
        "Tom Ode accepted the visit.",
        "Tom Ode set off.",
        f"Work order {number} is in progress.",
        "Tom Ode arrived on site.",
        "Tom Ode started work.",
        "Work was paused.",
        "Work went on.",
        "Tom Ode completed the visit.",
        f"Work order {number} is complete.",
    ]
    assert {one["actor"]["name"] for one in told} == {"Dispatcher", "Tom"}
    for place in (f"{VISITS}/{visit['id']}", f"/api/v2/sites/{visit['site']['id']}"):
        assert "Tom Ode arrived on site." in [
            one["sentence"] for one in await story(job.dana, place)
        ]


async def test_a_visit_is_changed_deleted_and_brought_back(acme: Company) -> None:
    job = await a_job(acme)
    visit = await job.visit(instructions="Ring twice.")
    path = f"{VISITS}/{visit['id']}"
    changed = await job.dana.patched(
        path, 1, {"instructions": "Ring three times.", "duration_minutes": 45}
    )
    assert (changed["version"], changed["instructions"], changed["duration_minutes"]) == (
        2, "Ring three times.", 45,
    )  # fmt: skip
    stale = await job.dana.patch(path, json={"instructions": None}, headers={"If-Match": '"v1"'})
    assert (stale.status_code, stale.json()["current"]) == (412, changed)
    assert (await job.dana.patch(path, json={"instructions": None})).status_code == 428

    assert (await job.dana.delete(path)).status_code == 204
    assert (await job.dana.get(path)).status_code == 404
    assert (await verb(job.dana, {"id": visit["id"]}, "cancel", reason="x")).status_code == 404
    restored = await job.dana.made(f"{path}/restore")
    assert (restored["deleted_at"], restored["instructions"]) == (None, "Ring three times.")
    again = await job.dana.post(f"{path}/restore")
    assert (again.status_code, again.json()["code"]) == (409, "not_deleted")
    assert [one["sentence"] for one in await story(job.dana, path)] == [
        "A visit of 60 minutes was added.",
        "The visit was changed (duration minutes, instructions).",
        "The visit was deleted.",
        "The visit was restored.",
    ]
    history = await job.dana.got(f"{path}/history")
    assert history["data"][-2]["changes"] == {
        "duration_minutes": [60, 45], "instructions": ["Ring twice.", "Ring three times."],
    }  # fmt: skip


async def test_window_plan_and_status_have_verbs_of_their_own(acme: Company) -> None:
    job = await a_job(acme)
    visit = await job.planned(await technician(acme))
    path = f"{VISITS}/{visit['id']}"
    at = {"If-Match": f'"v{visit["version"]}"'}
    for field, value, named in (
        ("window_start", job.nine.isoformat(), "/{id}/promise"),
        ("promised_end", None, "/{id}/promise"),
        ("start", job.nine.isoformat(), "/{id}/schedule"),
        ("technician_ids", [], "/{id}/schedule"),
        ("status", "completed", "verbs"),
    ):
        reply = await job.dana.patch(path, json={field: value}, headers=at)
        assert (reply.status_code, reply.json()["code"]) == (422, "not_by_patch")
        assert reply.json()["errors"][0]["pointer"] == f"/{field}"
        assert named in reply.json()["detail"]
    resized = await job.dana.patch(path, json={"duration_minutes": 30}, headers=at)
    assert (resized.status_code, resized.json()["code"]) == (409, "planned")
    canceled = await did(job.dana, visit, "cancel", reason="Sold the house")
    over = await job.dana.patch(
        path, json={"instructions": "x"}, headers={"If-Match": f'"v{canceled["version"]}"'}
    )
    assert (over.status_code, over.json()["code"]) == (409, "visit_over")


async def test_what_anybody_was_told_of_is_cancelled_and_not_deleted(acme: Company) -> None:
    job = await a_job(acme)
    promised = await job.visit(**window(job))
    booked = await did(job.dana, await job.planned(await technician(acme)), "unschedule")
    for visit in (promised, booked):
        reply = await job.dana.delete(f"{VISITS}/{visit['id']}")
        assert (reply.status_code, reply.json()["code"]) == (409, "cancel_instead")


def window(job: Job, hours: int = 2, after: int = 0) -> dict[str, str]:
    """A window of arrival that begins at nine, or some hours after."""
    start = job.nine + timedelta(hours=after)
    end = start + timedelta(hours=hours)
    return {"window_start": start.isoformat(), "window_end": end.isoformat()}


async def test_every_promise_is_in_the_ledger_and_one_stands(acme: Company) -> None:
    job = await a_job(acme)
    visit = await job.planned(await technician(acme), **window(job))
    assert visit["promise"]["told_via"] == "not_yet"
    visit = await did(job.dana, visit, "confirm", via="phone")
    assert (visit["confirmed_via"], visit["confirmed_at"] is not None) == ("phone", True)
    moved = await job.schedule(
        visit, visit["assignments"][0]["technician_id"], start=job.nine + timedelta(minutes=30)
    )
    assert moved.json()["confirmed_via"] == "phone", "the window that was confirmed still stands"
    same = await did(job.dana, visit, "promise", told_via="email", told_to="Ann", **window(job))
    assert (same["confirmed_via"], same["promise"]["told_to"]) == ("phone", "Ann")
    later = await did(
        job.dana,
        visit,
        "promise",
        told_via="sms",
        reason="Truck broke down",
        **window(job, after=3),
    )
    assert (later["confirmed_at"], later["confirmed_via"]) == (None, None)
    assert later["promised_start"] == later["promise"]["window_start"]
    unscheduled = await did(job.dana, later, "unschedule")
    assert unscheduled["promise"] == later["promise"], "promised, and on nobody's board"
    canceled = await did(job.dana, later, "cancel", reason="Moved away")
    assert (canceled["promise"], canceled["promised_start"]) == (None, later["promised_start"])
    told = [
        one["sentence"]
        for one in await story(job.dana, f"{VISITS}/{visit['id']}")
        if one["fact"] == "visit.promised"
    ]
    assert told == [
        f"Arrival was promised for {job.said}, 09:00–11:00 (not told yet).",
        f"Arrival was promised for {job.said}, 09:00–11:00 (by e-mail, Ann).",
        f"Arrival was promised for {job.said}, 12:00–14:00 (by text message): Truck broke down.",
    ]
    async with acme.server.state.sessions.open(Scope(acme.id)) as session:
        rows = await session.scalars(
            select(Promise).where(Promise.visit_id == visit["id"]).order_by(Promise.created_at)
        )
        ledger = [(row.wall_start, row.time_zone, row.closed_at is not None) for row in rows]
    assert ledger == [
        (f"{job.day}T09:00-07:00", "America/Phoenix", True),
        (f"{job.day}T09:00-07:00", "America/Phoenix", True),
        (f"{job.day}T12:00-07:00", "America/Phoenix", True),
    ]


async def test_without_a_promise_it_is_the_time_that_was_confirmed(acme: Company) -> None:
    job = await a_job(acme)
    tess = await technician(acme)
    visit = await job.planned(tess)
    unsaid = await verb(job.dana, visit, "confirm", via="not_yet")
    assert (unsaid.status_code, unsaid.json()["errors"][0]["pointer"]) == (422, "/via")
    visit = await did(job.dana, visit, "confirm", via="in_person")
    moved = await job.schedule(visit, tess, start=job.nine + timedelta(hours=3))
    assert (moved.json()["confirmed_at"], moved.json()["confirmed_via"]) == (None, None)


async def test_a_window_can_be_wished_for_and_promised_to_nobody(acme: Company) -> None:
    job = await a_job(acme)
    visit = await job.visit(promised=False, **window(job))
    assert (visit["promise"], visit["promised_start"]) == (None, None)
    assert visit["requested_start"] == job.nine.isoformat().replace("+00:00", ".000000Z")
    for body in ({"promised": False, **window(job)}, {}):
        reply = await job.dana.post(
            VISITS,
            json={"work_order_id": visit["work_order_id"], "told_via": "phone", **body},
        )
        assert (reply.status_code, reply.json()["errors"][0]["code"]) == (422, "nothing_to_tell")


async def test_a_window_is_whole_and_the_right_way_round(acme: Company) -> None:
    job = await a_job(acme)
    visit = await job.visit()
    whole = window(job)
    for body, pointer in (
        ({"window_start": whole["window_start"]}, "/window_end"),
        ({"window_end": whole["window_end"]}, "/window_start"),
        ({"window_start": whole["window_end"], "window_end": whole["window_start"]}, "/window_end"),
        (window(job, hours=200), "/window_end"),
        (window(job, after=24 * 900), "/window_start"),
        ({**whole, "window_end_local": f"{job.day}T11:00"}, "/window_end_local"),
    ):
        reply = await verb(job.dana, visit, "promise", told_via="phone", **body)
        assert reply.status_code == 422, (body, reply.text)
        assert reply.json()["errors"][0]["pointer"] == pointer
    assert (await verb(job.dana, visit, "promise", told_via="phone")).status_code == 422
    assert (await verb(job.dana, visit, "promise", **whole)).status_code == 422


async def test_a_time_that_the_clocks_skip_is_refused_with_its_neighbours(acme: Company) -> None:
    job = await a_job(acme)
    skipping, skipped = await a_site_that_skips(job)
    day = skipped.date().isoformat()
    visit = await job.dana.made(VISITS, {"work_order_id": skipping["id"]})
    reply = await verb(
        job.dana,
        visit,
        "promise",
        window_start_local=f"{day}T02:30",
        window_end_local=f"{day}T04:30",
        told_via="phone",
    )
    assert (reply.status_code, reply.json()["code"]) == (422, "skipped_time")
    assert reply.json()["nearest"] == [f"{day}T01:59", f"{day}T03:00"]
    assert reply.json()["errors"][0]["pointer"] == "/window_start_local"
    tess = await technician(acme)
    reply = await verb(
        job.dana, visit, "schedule", technician_ids=[tess], start_local=f"{day}T02:00"
    )
    assert (reply.status_code, reply.json()["nearest"]) == (
        422, [f"{day}T01:59", f"{day}T03:00"],
    )  # fmt: skip
    made = await job.dana.made(
        VISITS,
        {
            "work_order_id": skipping["id"],
            "window_start_local": f"{day}T01:30",
            "window_end_local": f"{day}T03:30",
        },
    )
    assert made["promise"]["wall_start"] == f"{day}T01:30-06:00"
    assert made["promise"]["wall_end"] == f"{day}T03:30-05:00"
    start, end = (datetime.fromisoformat(made[f"promised_{edge}"]) for edge in ("start", "end"))
    assert end - start == timedelta(hours=1)


async def test_a_time_that_comes_twice_is_the_first_or_the_second_if_asked(acme: Company) -> None:
    job = await a_job(acme)
    order, _ = await a_site_that_skips(job)
    day = next_change(back=True).date().isoformat()
    for fold, offset in ((0, "-05:00"), (1, "-06:00")):
        made = await job.dana.made(
            VISITS,
            {
                "work_order_id": order["id"],
                "window_start_local": f"{day}T01:30",
                "window_end_local": f"{day}T05:00",
                "fold": fold,
            },
        )
        assert made["promise"]["wall_start"] == f"{day}T01:30{offset}"


async def a_site_that_skips(job: Job) -> tuple[Any, datetime]:
    """A work order in Chicago, and the moment of the next change to summer time there."""
    site = await job.dana.made(
        "/api/v2/sites",
        {"customer_id": job.work.customer["id"], "street": "1 Lake St", "postal_code": "60601"},
    )
    assert site["time_zone"] == "America/Chicago"
    return await job.work.order(site_id=site["id"]), next_change(back=False)


def next_change(*, back: bool) -> datetime:
    """The hour in which clocks in Chicago change next, forward or back."""
    chicago = ZoneInfo("America/Chicago")
    hours = [(clock.now() + timedelta(hours=n)).astimezone(chicago) for n in range(24 * 366)]
    offsets = [at.utcoffset() or timedelta() for at in hours]
    return next(
        at
        for at, before, after in zip(hours, offsets, offsets[1:], strict=False)
        if (after < before if back else after > before)
    )


async def test_a_list_is_filtered_and_takes_the_same_queries_for_one_row_as_for_twenty(
    acme: Company,
) -> None:
    job = await a_job(acme)
    tess, uma = await technician(acme), await technician(acme, "Uma Pan")
    order = await job.work.order()
    made = [
        await job.dana.made(VISITS, {"work_order_id": order["id"], **window(job, after=n)})
        for n in range(20)
    ]
    for n, visit in enumerate(made):
        await job.schedule(visit, tess, uma, start=job.nine + timedelta(hours=n))
    mine = {"work_order_id": order["id"]}
    with counted(acme.server) as for_one:
        page = await job.dana.got(VISITS, limit=1, include_total="false", **mine)
    assert len(page["data"]) == 1
    with counted(acme.server) as for_twenty:
        page = await job.dana.got(VISITS, limit=20, include_total="false", **mine)
    assert len(page["data"]) == 20
    assert len(for_one) == len(for_twenty)

    other = await job.dana.made(VISITS, {**mine, **window(job, after=40)})
    gone = await did(
        job.dana, await job.dana.made(VISITS, mine), "cancel", reason="A second one by mistake"
    )
    alone = await job.dana.made(VISITS, mine)
    alone = (await job.schedule(alone, uma, start=job.nine + timedelta(days=9))).json()

    async def found(**filters: Any) -> list[str]:
        page = await job.dana.got(VISITS, limit=200, **mine, **filters)
        return [one["id"] for one in page["data"]]

    assert await found(unassigned="true") == [other["id"]]
    assert other["id"] not in await found(unassigned="false")
    assert gone["id"] in await found(status="canceled")
    assert alone["id"] not in await found(technician_id=tess)
    assert len(await found(technician_id=uma)) == 21
    hour = timedelta(hours=1)
    assert await found(
        planned_from=(job.nine + 3 * hour).isoformat(),
        planned_before=(job.nine + 5 * hour).isoformat(),
        sort="planned_start",
    ) == [made[3]["id"], made[4]["id"]]
    assert await found(
        promised_from=(job.nine + 19 * hour).isoformat(),
        promised_before=(job.nine + 41 * hour).isoformat(),
        sort="-promised_start",
    ) == [other["id"], made[19]["id"]]


async def test_visits_need_a_work_order_that_goes_on(acme: Company, rival: Company) -> None:
    job, theirs = await a_job(acme), await a_job(rival)
    foreign = await theirs.work.order()
    for unknown in (foreign["id"], str(uuid4())):
        reply = await job.dana.post(VISITS, json={"work_order_id": unknown})
        assert (reply.status_code, reply.json()["errors"][0]["pointer"]) == (
            404, "/work_order_id",
        )  # fmt: skip
    draft = await job.work.order(status="draft")
    reply = await job.dana.post(VISITS, json={"work_order_id": draft["id"]})
    assert (reply.status_code, reply.json()["code"]) == (409, "work_order_draft")
    visit = await job.visit()
    await job.dana.made(
        f"/api/v2/work-orders/{visit['work_order_id']}/cancel", {"reason": "Sold the house"}
    )
    reply = await job.dana.post(VISITS, json={"work_order_id": visit["work_order_id"]})
    assert (reply.status_code, reply.json()["code"]) == (409, "work_order_ended")


async def test_strangers_see_and_move_nothing(acme: Company, rival: Company) -> None:
    job = await a_job(acme)
    visit = await job.planned(await technician(acme))
    rob = await rival.person("owner")
    path = f"{VISITS}/{visit['id']}"
    assert (await rob.get(path)).status_code == 404
    assert (await rob.get(f"{path}/timeline")).status_code == 404
    assert visit["id"] not in [one["id"] for one in (await rob.got(VISITS))["data"]]
    for name in ("dispatch", "complete", "unschedule"):
        assert (await verb(rob, visit, name)).status_code == 404
