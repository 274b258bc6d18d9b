"""Whether what is booked and promised still fits when the work under it changes.

Nobody is moved behind a dispatcher's back: a change that would make a plan or a promise untrue is
refused, and the refusal names the visit and the way out.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import joinedload, selectinload

from app.core import wall
from app.core.errors import Conflict
from app.models.assignments import Assignment
from app.models.job_types import JobType
from app.models.sites import Site
from app.models.technicians import Technician
from app.models.visits import TERMINAL, Visit
from app.models.work_orders import WorkOrder
from app.services.context import Ctx
from app.services.visits.crew import standing
from app.services.visits.skills import missing_skills

MOST = 200
"""Visits of one work order in all its life, and those that are looked at in one go."""


async def refuse_unskilled(ctx: Ctx, work_order: WorkOrder, job_type: JobType, site: Site) -> None:
    """Raise `Conflict` `skill_missing` when the crew of a planned visit cannot do this kind of work."""
    planned = await ctx.session.scalars(
        _open(Visit.work_order_id == work_order.id, Visit.planned_end.is_not(None)).options(
            selectinload(Visit.assignments)
            .joinedload(Assignment.technician)
            .selectinload(Technician.skills)
        )
    )
    for visit in planned:
        assert visit.planned_start is not None
        assert visit.planned_end is not None
        people: Sequence[Technician] = [one.technician for one in standing(visit)]
        day = wall.day(visit.planned_end - timedelta(microseconds=1), site.time_zone)
        if missing := await missing_skills(ctx, job_type, people, day):
            raise Conflict(
                f"Nobody on the visit of {wall.spoken_day(day)} has"
                f" {' or '.join(map(str, missing))}. Unschedule it, or put somebody on it who does.",
                code="skill_missing",
                visit_id=visit.id,
                missing=[
                    {"skill_id": one.skill_id, "name": one.name, "level": one.level, "day": one.day}
                    for one in missing
                ],
            )


async def refuse_other_clock(
    ctx: Ctx, which: ColumnElement[bool], *, was: str, becomes: str
) -> None:
    """Raise `Conflict` `other_time_zone` when an open visit was told or planned by the wall clock of
    the zone `was`: moving it silently to the clock of `becomes` would send somebody at the wrong
    hour."""
    if was == becomes:
        return
    told = Visit.promised_start.is_not(None) | Visit.planned_start.is_not(None)
    visit = await ctx.session.scalar(
        _open(which, told).options(joinedload(Visit.work_order)).limit(1)
    )
    if visit is None:
        return
    start = visit.planned_start or visit.promised_start
    end = visit.planned_end or visit.promised_end
    assert start is not None
    assert end is not None
    mend = "Unschedule it first" if visit.promised_start is None else "Cancel it first"
    raise Conflict(
        f"Work order {visit.work_order.number} has a visit {wall.spoken(start, end, was)}, by the"
        f" clocks of {was}, not {becomes}. {mend}, and plan it anew by the right ones.",
        code="other_time_zone",
        visit_id=visit.id,
    )


def _open(*where: ColumnElement[bool]) -> Select[Visit]:
    return (
        select(Visit)
        .where(*where, Visit.deleted_at.is_(None), Visit.status.not_in(TERMINAL))
        .order_by(Visit.planned_start, Visit.id)
        .limit(MOST)
    )
