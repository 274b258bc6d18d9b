"""Which days the clock looks at for alerts, and which visits on them.

What is always true: a visit is watched from a day before it begins until it is over, past midnight and on the days
after it, and a promised window until somebody comes; for a week at most. Then the list of what was not closed out
has them (`closing`), which keeps them for as long as it takes.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import Date, cast, func, select

from app.core import wall
from app.models.assignments import GONE, Assignment
from app.models.technicians import Technician
from app.models.visits import BEGUN, OCCUPYING, Visit, VisitStatus
from app.models.work_orders import WorkOrder
from app.scheduling.worktime import instants_of, utc
from app.services.context import Ctx
from app.services.dispatching.oversold import Shadow

MOST = 10_000
KEPT = timedelta(days=7)
"""For so long after it should have begun."""
AHEAD = timedelta(hours=26)
"""A promise wants to be confirmed a day before, and the clock looks once an hour at least."""
NEAR = timedelta(days=2)
LONGEST = timedelta(days=27)
"""So many days of windows are looked at together."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What there is to look at."""

    days: Mapping[date, Sequence[UUID]]
    """Local days of those who come, each with its open visits."""
    shadows: Sequence[Sequence[Shadow]]
    """What was promised and has nobody: what lies close together, in the order of its time."""
    again: datetime | None
    """When there is something else to look at, if nobody does anything: the next day begins of somebody who
    has begun, or something is watched no more."""


async def of(ctx: Ctx, now: datetime) -> Watched:
    """What the clock looks at now."""
    rows = await ctx.session.execute(
        select(
            Visit.id,
            Visit.status,
            Visit.planned_start,
            Technician.time_zone,
            cast(func.timezone(Technician.time_zone, Visit.planned_start), Date).label("day"),
        )
        .join(Assignment, (Assignment.org_id == Visit.org_id) & (Assignment.visit_id == Visit.id))
        .join(
            Technician,
            (Technician.org_id == Assignment.org_id) & (Technician.id == Assignment.technician_id),
        )
        .where(
            Visit.status.in_(OCCUPYING),
            Visit.planned_start > now - KEPT,
            Visit.planned_start < now + AHEAD,
            Visit.deleted_at.is_(None),
            Assignment.status.not_in(GONE),
        )
        .order_by(Visit.planned_start, Visit.id)
        .limit(MOST)
    )
    days: dict[date, dict[UUID, None]] = defaultdict(dict)
    zones, again = set(), []
    for id, status, begins, zone, day in rows:
        assert begins is not None
        again.append(begins + KEPT)
        days[day][id] = None
        if status in BEGUN:
            days[max(day, wall.day(now, zone))][id] = None  # it is there still
            zones.add(zone)
    again += [utc(instants_of(one, wall.day(now, one), wall.day(now, one))[1]) for one in zones]
    shadows = await _shadows(ctx, now)
    again += [one.end + KEPT for row in shadows for one in row]
    return Watched(
        {day: list(ids) for day, ids in sorted(days.items())}, shadows, min(again, default=None)
    )


async def _shadows(ctx: Ctx, now: datetime) -> list[list[Shadow]]:
    rows = await ctx.session.execute(
        select(Visit.id, Visit.promised_start, Visit.promised_end)
        .join(WorkOrder, (WorkOrder.org_id == Visit.org_id) & (WorkOrder.id == Visit.work_order_id))
        .where(
            Visit.status == VisitStatus.unscheduled,
            Visit.promised_end > now - KEPT,
            Visit.deleted_at.is_(None),
            WorkOrder.deleted_at.is_(None),
        )
        .order_by(Visit.promised_start, Visit.id)
        .limit(MOST)
    )
    found: list[list[Shadow]] = []
    for id, start, end in rows:
        assert start is not None
        assert end is not None
        if not found or start - found[-1][-1].start > NEAR or start - found[-1][0].start > LONGEST:
            found.append([])
        found[-1].append(Shadow(str(id), start, end))
    return found


def is_left(visit: Visit, now: datetime) -> bool:
    """Whether it is watched no more, though nobody has said what became of it."""
    if visit.status == VisitStatus.unscheduled:
        return visit.promised_end is not None and visit.promised_end <= now - KEPT
    begins = visit.planned_start
    return visit.status in OCCUPYING and begins is not None and begins <= now - KEPT
