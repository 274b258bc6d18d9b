"""Random boards in the database: each window that is shown can be booked, each alone; what is not shown is
refused, or stands with a warning, for a reason that is true."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest

from app.core.db import Scope
from app.core.errors import Conflict
from app.core.ids import new_id
from app.models.branches import Territory
from app.models.permissions import Permission
from app.models.visits import Visit
from app.scheduling.model import Interval
from app.scheduling.table_search import search_tables
from app.services.context import Ctx
from app.services.dispatching import booking, capacity, offers, wanted
from app.services.dispatching.booking import SlotBooking
from app.services.dispatching.capacity import Window
from app.services.dispatching.offers import Looked
from app.services.dispatching.pictures import WEIGHTS
from app.services.dispatching.wanted import Asked, Wanted
from app.services.visits import drafts, planning
from app.services.visits.taking import take
from tests.support.by_hand import asked_off, wrong
from tests.support.deep import times
from tests.support.drawn_boards import Drawn, a_board, a_company
from tests.support.field import PHOENIX, Job, a_job, did
from tests.support.people import Company, found_company
from tests.support.server import Server
from tests.test_availability import AVAILABILITY, at_work, desk, offered, windows
from tests.test_window_capacity import CAPACITY, phoenix

__all__ = ["desk"]
HALF = timedelta(minutes=30)
HOUR = 2 * HALF
ONE_DAY = timedelta(days=1)
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass
class Tally:
    """What was tried, and what became of it."""

    boards: int = 0
    people: Counter[int] = field(default_factory=Counter)
    showing: int = 0
    slots: int = 0
    booked: int = 0
    starts: int = 0
    said: dict[str, Counter[str]] = field(
        default_factory=lambda: {"refused": Counter(), "warned": Counter()}
    )
    """Codes with which starts that are not shown were refused, or stood."""
    silent: Counter[str] = field(default_factory=Counter)
    """What was wrong with those that stood without a warning."""
    sold: int = 0
    """Nothing was wrong with them: their windows are sold."""
    owed: int = 0
    """Or the time is kept for what was promised without anybody."""


@pytest.mark.timeout(times(300, deep=3000))
async def test_each_window_of_a_random_board_can_be_booked_alone(server: Server) -> None:
    tally = Tally()
    for seed in range(times(2, deep=50)):
        company = await found_company(server, f"drawn{new_id().hex[-12:]}")
        drawn = await a_company(company, Random(seed))
        tally.people[len(drawn.people)] += 1
        for _ in range(times(3, deep=10)):
            await a_board(drawn)
            await tried(company, drawn, tally)
        await company.close()
        print(f"{seed}: {tally}", flush=True)
    assert tally.booked == tally.slots
    assert tally.showing > tally.boards // 3
    assert tally.said["refused"]
    assert tally.said["warned"]


async def tried(company: Company, drawn: Drawn, tally: Tally) -> None:
    """Every slot of a board, and some starts that it does not show."""
    order = await drawn.order()
    days = {"from": drawn.said, "to": drawn.said}
    found = await drawn.job.dana.got(AVAILABILITY, work_order_id=order["id"], **days)
    tally.boards += 1
    tally.showing += bool(found["slots"])
    for slot in found["slots"]:
        tally.slots += 1
        await stands_alone(company, drawn, order, slot)
        tally.booked += 1
    for _ in range(times(4, deep=2)):
        await not_shown(company, drawn, order, tally)


@asynccontextmanager
async def taken_back(company: Company) -> AsyncIterator[Ctx]:
    """A transaction in which everything may be done, and of which nothing stays."""
    async with company.server.state.sessions.open(Scope(company.id)) as session:
        try:
            yield Ctx(session, company.id, None, frozenset(Permission))
        finally:
            session.sync_session.expunge_all()
            await session.rollback()


async def stands_alone(company: Company, drawn: Drawn, order: Any, slot: Any) -> None:
    """A window that is shown is booked as it was shown, and nothing is wrong with it."""
    named = {name: slot[name] for name in ("window_start", "window_end")}
    draft = SlotBooking.model_validate({"work_order_id": order["id"], **named})
    people = [one["technician_id"] for one in slot["technicians"]]
    start = datetime.fromisoformat(slot["start"])
    async with taken_back(company) as ctx:
        day = start.date()
        work = await wanted.of(ctx, draft, day - ONE_DAY, day + ONE_DAY)
        assert await wrong(ctx, work.task, people, start) == set(), slot
        before = await held(ctx, drawn, work)
        visit = await booking.book(ctx, draft)
        await ctx.session.flush()
        assert visit.planned_start == start
        assert visit.planned_end == datetime.fromisoformat(slot["end"])
        assert {one["code"] for one in visit.warnings} <= {"time_off_requested"}
        assert {str(one.technician_id) for one in visit.assignments} == set(people)
        urgent = order["priority"] == "emergency"
        for was, now in zip(before, await held(ctx, drawn, work), strict=True):
            minutes = common(now, visit) // timedelta(minutes=1)
            assert abs(now.sold - was.sold - (minutes if now.available else 0)) <= 1
            if minutes and now.available:
                kept = 0 if urgent else now.reserved
                assert now.sold + now.shadows + now.held <= now.available - kept, (was, now)


async def held(ctx: Ctx, drawn: Drawn, work: Wanted) -> list[Window]:
    """What the windows of the day and of the night behind it hold for such work."""
    first = drawn.day.astimezone(PHOENIX).date()
    area = work.site.territory_id if work.site is not None else None
    territory = await ctx.get(Territory, area) if area is not None else None
    found = await capacity.of_days(ctx, first, first + ONE_DAY, territory, work.job_type, None)
    return found.windows


def common(window: Window, visit: Visit) -> timedelta:
    assert visit.planned_start is not None
    assert visit.planned_end is not None
    begins = max(window.window_start, visit.planned_start)
    return max(timedelta(0), min(window.window_end, visit.planned_end) - begins)


async def not_shown(company: Company, drawn: Drawn, order: Any, tally: Tally) -> None:
    """A start in a window in which some people are not offered is refused, or stands with a warning, for
    what is wrong with it indeed."""
    people, day = drawn.some(), drawn.day.astimezone(PHOENIX).date()
    begins = drawn.day + 2 * HOUR * drawn.pick.choice((*range(3, 10), *range(4, 9), *range(12)))
    start = begins + timedelta(minutes=drawn.pick.randrange(5, 120, 5))
    ids = [UUID(one) for one in people]
    async with taken_back(company) as ctx:
        asked = Asked(work_order_id=order["id"], technician_ids=ids, crew_size=len(people))
        work = await wanted.of(ctx, asked, day, day)
        looked = await offers.look(ctx, work, day, day, oldest=1)
        if begins in {one.window.start for one in looked.choices}:
            return
        plain = await wanted.of(ctx, Asked(work_order_id=order["id"]), day, day)
        truth = await wrong(ctx, plain.task, people, start)
        told = set(truth)
        if told & NOT_AT_WORK:
            told |= NOT_AT_WORK
        if await asked_off(ctx, people, start, start + timedelta(seconds=plain.task.duration)):
            told.add("time_off_requested")
        full = not truth and await sold_out(ctx, drawn, work, start)
        owed = [one for one in looked.picture.seen.shadows if one.id != work.task.id]
        how, *codes = await by_hand(ctx, order, ids, start)
    tally.starts += 1
    tally.said[how].update(codes)
    assert told.issuperset(codes), (how, codes, truth, people, start)
    if codes:
        return
    if truth:
        assert truth <= SHORTLY, (truth, people, start)
        tally.silent[" ".join(sorted(truth))] += 1
    elif full or shown_but_for_windows(looked, begins):
        tally.sold += 1
    else:
        assert owed, ("nothing says why it is not shown", people, start)
        tally.owed += 1


NOT_AT_WORK = {"outside_shift", "overtime", "time_off"}
"""What the checker calls it when somebody does not work then: between two stretches of a day they are off."""
SHORTLY = {"outside_access_hours"}
"""What a plan by hand is not warned of: a quarter of an hour before or behind the hours of access."""


async def sold_out(ctx: Ctx, drawn: Drawn, work: Wanted, start: datetime) -> bool:
    """Whether a window that it would reach into has no room for what it would take there."""
    end = start + timedelta(seconds=work.task.duration)
    for one in await held(ctx, drawn, work):
        takes = min(end, one.window_end) - max(start, one.window_start)
        if one.available and takes > timedelta(minutes=one.remaining):
            return True
    return False


def shown_but_for_windows(looked: Looked, begins: datetime) -> bool:
    """Whether it is what windows hold that is in the way: for as soon as somebody could begin there, for
    the finder tries no later minute of a gap."""
    window = Interval(int(begins.timestamp()), int((begins + 2 * HOUR).timestamp()))
    return bool(search_tables(looked.table, looked.wanted.task, [window], WEIGHTS).slots)


async def by_hand(ctx: Ctx, order: Any, people: list[UUID], start: datetime) -> tuple[str, ...]:
    """What is said when somebody puts it there all the same: how it went, and the codes."""
    made = await drafts.create(ctx, drafts.VisitDraft(work_order_id=order["id"]))
    visit = await take(ctx, made.id)
    try:
        await planning.schedule(ctx, visit, planning.Plan(technician_ids=people, start=start))
        await ctx.session.flush()
    except Conflict as refusal:
        return "refused", refusal.code
    return "warned", *(one["code"] for one in visit.warnings)


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
