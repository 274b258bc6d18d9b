"""Random boards in the database: each window that is shown can be booked, each alone; what is not shown is
refused, or stands with a warning, for a reason that is true."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from app.core.db import Scope
from app.core.errors import Conflict
from app.models.permissions import Permission
from app.services.context import Ctx
from app.services.dispatching import booking
from app.services.dispatching.booking import SlotBooking
from tests.support.deep import times
from tests.support.field import Job, a_job, did
from tests.support.people import Company
from tests.test_availability import at_work, desk, offered, windows
from tests.test_window_capacity import CAPACITY, phoenix

__all__ = ["desk"]
HALF = timedelta(minutes=30)
HOUR = 2 * HALF
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


async def test_each_window_of_a_random_board_can_be_booked_alone(desk: Company) -> None:
    job = await a_job(desk)
    people = [await at_work(desk, job, name) for name in ("Tess", "Tom")]
    order = await job.work.order()
    pick = Random(7)
    for _ in range(times(2, deep=25)):
        await something_more(job, people, pick)
        found = await offered(job, work_order_id=order["id"])
        for slot in found["slots"]:
            visit = await booked_alone(desk, order["id"], slot)
            assert visit.planned_start is not None
            assert visit.planned_start.isoformat(timespec="microseconds") == slot["start"].replace(
                "Z", "+00:00"
            )
            assert visit.warnings == []
        shown = {one["start_local"] for one in found["slots"]}
        for hour in (8, 10, 12, 14, 16):
            if f"{hour:02}:00" not in shown:
                start = job.nine + timedelta(hours=hour - 9)
                window = {"window_start": start, "window_end": start + 4 * HALF}
                assert await booked_alone(desk, order["id"], window) == "slot_gone"


async def test_work_over_midnight_takes_its_time_on_the_day_behind_it(desk: Company) -> None:
    job = await a_job(desk)
    spans = [{"weekday": day, "start": "00:00", "end": "23:45"} for day in WEEK]
    tess, _ = [await at_work(desk, job, name, spans=spans) for name in ("Tess", "Tom")]
    alone = {"technician_ids": [tess]}
    night = await job.planned(tess, at=job.nine - 10 * HOUR, duration_minutes=150)
    order = await job.work.order()
    found = await offered(job, work_order_id=order["id"], **alone)
    starts = await each_is_booked(desk, order["id"], found, **alone)
    assert min(starts) >= job.nine - 7.5 * HOUR, "they are at work until half past one"
    gone = await booked_alone(desk, order["id"], between(job, 0, 1), **alone)
    assert gone == "slot_gone"
    # about to be planned anew, it is in nobody's way
    own = await offered(job, visit_id=night["id"], duration_minutes=60, **alone)
    assert datetime.fromisoformat(own["slots"][0]["start"]) < job.nine - 8 * HOUR
    await did(job.dana, night, "unschedule", reason="another day")
    again = await offered(job, work_order_id=order["id"], **alone)
    assert min(await each_is_booked(desk, order["id"], again, **alone)) < job.nine - 8 * HOUR


async def test_work_of_several_days_takes_its_time_on_each(desk: Company) -> None:
    await phoenix(desk)
    job = await a_job(desk)
    tess = await at_work(desk, job)
    days = {"from": job.day, "to": job.day}
    empty = (await job.dana.got(CAPACITY, **days))["windows"]
    long = await job.visit()
    ends = (job.nine + 2 * HOUR).isoformat()
    reply = await job.schedule(long, tess, start=job.nine - 42 * HOUR, end=ends)
    assert reply.status_code == 200, reply.text
    order = await job.work.order()
    found = await offered(job, work_order_id=order["id"])
    assert "08:00" not in windows(found)
    assert min(await each_is_booked(desk, order["id"], found)) >= job.nine + 2 * HOUR
    assert await booked_alone(desk, order["id"], between(job, 8, 10)) == "slot_gone"
    # what it takes is sold once, and nobody works less for it
    held = (await job.dana.got(CAPACITY, **days))["windows"]
    assert [one["available"] for one in held] == [one["available"] for one in empty]
    assert [one["sold"] for one in held] == [120, 60, *(0 for _ in held[2:])]
    # where it leaves a day, that is free again
    await did(job.dana, long, "move", start=(job.nine - 44 * HOUR).isoformat())
    again = await offered(job, work_order_id=order["id"])
    assert "08:00" not in windows(again), "it ends at nine"
    assert min(await each_is_booked(desk, order["id"], again)) < job.nine + 2 * HOUR
    await did(job.dana, long, "resize", minutes=90)
    assert "08:00" in windows(await offered(job, work_order_id=order["id"]))
    free = (await job.dana.got(CAPACITY, **days))["windows"]
    assert free == empty


def between(job: Job, begins: int, ends: int) -> dict[str, Any]:
    """A window of the job's day, by the clock at the site."""
    start = job.nine + HOUR * (begins - 9)
    return {"window_start": start, "window_end": start + HOUR * (ends - begins)}


async def each_is_booked(desk: Company, order_id: str, found: Any, **more: Any) -> list[datetime]:
    """When work begins in what is offered, each of which can be booked."""
    starts = []
    for slot in found["slots"]:
        visit = await booked_alone(desk, order_id, slot, **more)
        assert not isinstance(visit, str), (slot["start_local"], visit)
        starts.append(visit.planned_start)
    return starts


async def something_more(job: Job, people: list[str], pick: Random) -> None:
    """A visit somewhere in somebody's day, if they have room, or in the days before and behind it, or a
    promise without anybody."""
    start = job.nine + HALF * pick.randrange(-2, 14)
    if pick.random() < 0.3:
        window = {"window_start": start.isoformat(), "window_end": (start + 4 * HALF).isoformat()}
        await job.visit(**window)
        return
    made = await job.visit(duration_minutes=pick.choice((30, 45, 60, 90)))
    more = {}
    if pick.random() < 0.2:
        start -= HOUR * pick.randrange(12, 60)
        more["end"] = (start + HOUR * pick.randrange(8, 72)).isoformat()
    reply = await job.schedule(made, pick.choice(people), start=start, **more)
    assert reply.status_code in (200, 409), reply.text


async def booked_alone(desk: Company, order_id: str, slot: Any, **more: Any) -> Any:
    """What becomes of booking it, taken back at once; the code of a refusal."""
    draft = SlotBooking.model_validate(
        {
            "work_order_id": order_id,
            "window_start": slot["window_start"],
            "window_end": slot["window_end"],
            **more,
        }
    )
    async with desk.server.state.sessions.open(Scope(desk.id)) as session:
        ctx = Ctx(session, desk.id, None, frozenset(Permission))
        try:
            visit = await booking.book(ctx, draft)
            await session.flush()
        except Conflict as refusal:
            return refusal.code
        finally:
            session.sync_session.expunge_all()
            await session.rollback()
        return visit
