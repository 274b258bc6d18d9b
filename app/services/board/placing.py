"""Dropping a visit on somebody's name: it is planned in the first gap of their day that it fits into.

What is always true: a gap is one that the planner would offer: in the shift, beside breaks and meetings,
with the drives to and from it, inside the site's hours and whatever was promised. The rest is `schedule`.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from pydantic import Field

from app.core import clock, wall
from app.core.errors import Conflict
from app.models.technicians import Technician
from app.models.visits import Visit
from app.scheduling.lanes import Lane
from app.scheduling.model import MINUTE, Interval, Task
from app.scheduling.worktime import utc
from app.services.context import Ctx
from app.services.dispatching import snapshot, wanted
from app.services.dispatching.wanted import Asked
from app.services.inputs import Day
from app.services.visits import planning
from app.services.visits.gating import Override
from app.services.visits.happenings import Happening
from app.services.visits.planning import Plan

NEATLY = 5 * MINUTE
"""Visits begin at such a minute where the gap allows it."""


class OnName(Happening):
    """On whom it was dropped."""

    technician_id: UUID
    day: Day | None = Field(None, description="Silence: today, where the technician works.")
    override: Override | None = None


async def schedule_first(ctx: Ctx, visit: Visit, told: OnName) -> None:
    """Plan a visit in the first gap of a technician's day that it fits into.

    Raises `Conflict` `no_gap` when there is none, and what `planning.schedule` raises; `NotFound`.
    """
    visit.refuse_unless("schedule")
    who = await ctx.get(Technician, told.technician_id, pointer="/technician_id")
    day = told.day or clock.today(who.time_zone)
    work = await wanted.of(ctx, Asked(visit_id=visit.id), day, day, visit=visit)
    task = replace(work.task, roles=1, promised=_promised(visit))
    seen = await snapshot.load(ctx, day, day, technician_ids=[who.id], places=[task.place])
    start = first_start(seen.lanes(without=visit.id), task)
    if start is None:
        minutes = task.duration // MINUTE
        promised = " inside the promised window" if task.promised else ""
        raise Conflict(
            f"{who.name} has no gap of {minutes} minutes on {wall.spoken_day(day)}{promised}, drives"
            " included. Choose another day or somebody else, or place it by hand.",
            code="no_gap",
        )
    plan = Plan(
        technician_ids=[who.id],
        start=utc(start),
        end=utc(start) + timedelta(minutes=visit.duration_minutes),
        override=told.override,
        reason=told.reason,
        occurred_at=told.occurred_at,
    )
    await planning.schedule(ctx, visit, plan)


def first_start(boards: Iterable[Lane], task: Task) -> int | None:
    """The earliest second at which a task can begin on one of these boards, at a neat minute where that
    is still in the gap."""
    starts = [
        min(high, -(-low // NEATLY) * NEATLY)
        for board in boards
        if not board.resource.on_call
        for gap in range(len(board.standing) + 1)
        if (fit := board.line.fit(task, gap)) is not None
        for low, high in fit.starts
    ]
    return min(starts, default=None)


def _promised(visit: Visit) -> Interval | None:
    if visit.promised_start is None or visit.promised_end is None:
        return None
    return Interval(int(visit.promised_start.timestamp()), int(visit.promised_end.timestamp()))
