"""When somebody is at work: in a shift (its breaks included), or while a visit of theirs is under way.

Only then may they be followed. Who is on call is at home until they set off, and so is everybody of
whose day nothing is known. A visit that nobody ended counts for so long and no longer.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select

from app.models.assignments import GONE, Assignment
from app.models.technicians import Technician
from app.models.visits import Visit
from app.scheduling.values import PieceKind
from app.scheduling.worktime import days_of, utc
from app.services import working_time
from app.services.context import Ctx

Span = tuple[datetime, datetime]
LONGEST = timedelta(hours=16)
"""How long a visit under way lets its technician be followed, at most."""
MOST = 5000


async def spans(
    ctx: Ctx, technicians: Sequence[Technician], first: datetime, last: datetime
) -> dict[UUID, list[Span]]:
    """The stretches of work of each from `first` to `last`; they may overlap."""
    found = await planned(ctx, technicians, first, last)
    for id, span in await visits(ctx, list(found), first, last):
        found[id].append(span)
    return found


async def planned(
    ctx: Ctx, technicians: Sequence[Technician], first: datetime, last: datetime
) -> dict[UUID, list[Span]]:
    """What the plan alone says: shifts, and the breaks in them. What it is read from is in
    `system.working_marks`."""
    if not technicians:
        return {}
    zones = {one.time_zone: ZoneInfo(one.time_zone) for one in technicians}
    days = {
        name: (first.astimezone(zone).date(), last.astimezone(zone).date())
        for name, zone in zones.items()
    }
    calendars = await working_time.calendars(
        ctx, technicians, min(one for one, _ in days.values()), max(one for _, one in days.values())
    )
    return {
        one.id: [
            (utc(piece.start), utc(piece.end))
            for day in days_of(calendars[one.id], *days[one.time_zone])
            for piece in day.pieces
            if piece.kind in (PieceKind.work, PieceKind.pause)
        ]
        for one in technicians
    }


async def visits(
    ctx: Ctx, ids: Sequence[UUID], first: datetime, last: datetime
) -> list[tuple[UUID, Span]]:
    """What visits of theirs that were under way then add to it."""
    if not ids:
        return []
    rows = await ctx.session.execute(
        select(Assignment.technician_id, Visit.travel_started_at, Visit.finished_at)
        .join(Visit, (Visit.org_id == Assignment.org_id) & (Visit.id == Assignment.visit_id))
        .where(
            Assignment.technician_id.in_(ids),
            Assignment.status.not_in(GONE),
            Visit.travel_started_at.between(first - LONGEST, last),
            or_(Visit.finished_at.is_(None), Visit.finished_at >= first),
            Visit.deleted_at.is_(None),
        )
        .limit(MOST)
    )
    found = []
    for id, began, ended in rows:
        assert began is not None
        longest = began + LONGEST
        found.append((id, (began, min(ended, longest) if ended is not None else longest)))
    return found


def within(spans: Sequence[Span], at: datetime) -> bool:
    """Whether somebody is at work at an instant."""
    return any(start <= at <= end for start, end in spans)


async def at_work(ctx: Ctx, technicians: Sequence[Technician], at: datetime) -> set[UUID]:
    """Those of them who are at work at an instant."""
    found = await spans(ctx, technicians, at, at)
    return {id for id, stretches in found.items() if within(stretches, at)}
