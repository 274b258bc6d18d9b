"""A visit is dropped on somebody's name: it gets the first gap of their day in which it can be done.

What a gap must be is what the slots ask (`scheduling.slots`): shift, breaks, drives, hours of access, and
the promise if one was given for that day. Nothing that stands on the day moves, and no rule is
overruled; who wants it otherwise says a start.
"""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from pydantic import Field

from app.core import clock, wall
from app.core.errors import Conflict
from app.models.technicians import Technician
from app.models.visits import Visit
from app.scheduling import slots
from app.scheduling.model import Interval, Task
from app.scheduling.rules.pairing import PAIRING
from app.scheduling.worktime import instants_of, utc
from app.services.context import Ctx
from app.services.dispatching import snapshot, wanted
from app.services.dispatching.pictures import WEIGHTS
from app.services.dispatching.snapshot import Snapshot
from app.services.dispatching.wanted import Sought
from app.services.inputs import Day
from app.services.visits import crew, planning
from app.services.visits.happenings import Happening
from app.services.visits.planning import Plan

STEP = 15 * 60
"""Seconds: the day is asked a quarter of an hour at a time, so that the first gap is found, not the
cheapest."""
ONE_DAY = timedelta(days=1)


class Drop(Happening):
    """On whose name, and which day."""

    technician_id: UUID
    day: Day | None = Field(
        None, description="By the clock at the site; silence: the day of its plan, or today."
    )


async def drop(ctx: Ctx, visit: Visit, told: Drop) -> None:
    """Plan the visit with this one technician, at the first start that is possible on the day.

    Raises `Conflict` `no_gap` with the reason, and as `planning.schedule` does; `NotFound` for a
    technician who is not there.
    """
    visit.refuse_unless("schedule")
    person = await ctx.get(Technician, told.technician_id, pointer="/technician_id")
    await crew.technicians(ctx, [person.id])
    zone = visit.work_order.site.time_zone
    day = told.day or wall.day(visit.planned_start or clock.now(), zone)
    work = await wanted.of(ctx, Sought(visit_id=visit.id), day, day, visit=visit)
    task = replace(work.task, roles=1)
    seen = await snapshot.load(
        ctx, day - ONE_DAY, day + ONE_DAY, technician_ids=[person.id], places=[task.place]
    )
    first, last = instants_of(zone, day, day)
    if visit.promised_start is not None and visit.promised_end is not None:
        first = max(first, int(visit.promised_start.timestamp()))
        last = min(last, int(visit.promised_end.timestamp()) + 1)
    windows = [
        Interval(start, min(start + STEP, last) - 1)
        for start in range(max(first, seen.now), last, STEP)
    ]
    found = slots.search(task, seen.lanes(without=visit.id), windows, WEIGHTS)
    if found.soonest is None:
        raise _no_gap(visit, person, task, seen, day)
    plan = Plan(
        technician_ids=[person.id],
        start=utc(found.soonest.start),
        reason=told.reason,
        occurred_at=told.occurred_at,
    )
    await planning.schedule(ctx, visit, plan)


def _no_gap(visit: Visit, person: Technician, task: Task, seen: Snapshot, on: date) -> Conflict:
    """Why there is none: what they may not do comes first, then the promise, then the time."""
    broken = [
        found
        for one in seen.days
        if one.person.day == on
        for rule in PAIRING
        if (found := rule(one.resource, task)) is not None
    ]
    minutes, day = task.duration // 60, wall.spoken_day(on)
    if broken:
        detail = f"{broken[0].detail} Choose somebody else."
    elif visit.promised_start is not None and visit.promised_end is not None:
        zone = visit.work_order.site.time_zone
        promised = wall.spoken(visit.promised_start, visit.promised_end, zone)
        detail = (
            f"{person.name} has no room for {minutes} minutes on {day} within what was promised:"
            f" {promised}. Choose another day or somebody else, promise another window, or say a start."
        )
    else:
        detail = (
            f"{person.name} has no room for {minutes} minutes on {day}: shift, breaks, drives and"
            " visits leave none. Choose another day or somebody else, or say a start."
        )
    return Conflict(
        detail,
        code="no_gap",
        technician_id=person.id,
        rule=broken[0].code if broken else None,
    )
