"""Random boards in the database: each window that is shown can be booked, each alone; what is not shown is
refused, or stands with a warning, for a reason that is true."""

from datetime import timedelta
from random import Random
from typing import Any

from app.core.db import Scope
from app.core.errors import Conflict
from app.models.permissions import Permission
from app.services.context import Ctx
from app.services.dispatching import booking
from app.services.dispatching.booking import SlotBooking
from tests.support.deep import times
from tests.support.field import Job, a_job
from tests.support.people import Company
from tests.test_availability import at_work, desk, offered

__all__ = ["desk"]
HALF = timedelta(minutes=30)


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


async def something_more(job: Job, people: list[str], pick: Random) -> None:
    """A visit somewhere in somebody's day, if they have room, or a promise without anybody."""
    start = job.nine + HALF * pick.randrange(-2, 14)
    if pick.random() < 0.3:
        window = {"window_start": start.isoformat(), "window_end": (start + 4 * HALF).isoformat()}
        await job.visit(**window)
        return
    made = await job.visit(duration_minutes=pick.choice((30, 45, 60, 90)))
    reply = await job.schedule(made, pick.choice(people), start=start)
    assert reply.status_code in (200, 409), reply.text


async def booked_alone(desk: Company, order_id: str, slot: Any) -> Any:
    """What becomes of booking it, taken back at once; the code of a refusal."""
    draft = SlotBooking.model_validate(
        {
            "work_order_id": order_id,
            "window_start": slot["window_start"],
            "window_end": slot["window_end"],
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
