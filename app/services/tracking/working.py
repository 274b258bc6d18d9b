"""When somebody is at work: in a shift (its breaks included), or while a visit of theirs is under way.

Only then may they be followed. Who is on call is at home until they set off, and so is everybody of
whose day nothing is known. A visit that nobody ended counts for so long and no longer.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select

from app.core import clock
from app.models.assignments import Assignment, AssignmentStatus
from app.models.technicians import Technician
from app.models.visits import Visit
from app.scheduling.values import PieceKind
from app.scheduling.worktime import days_of, utc
from app.services import working_time
from app.services.context import Ctx

Span = tuple[datetime, datetime]
LONGEST = timedelta(hours=16)
"""How long a visit under way lets its technician be followed, at most."""
MOST = 500
FIRST = datetime(1970, 1, 1, tzinfo=UTC)


async def spans(ctx: Ctx, technician: Technician, first: datetime, last: datetime) -> list[Span]:
    """The stretches of work from `first` to `last`; they may overlap."""
    zone = ZoneInfo(technician.time_zone)
    day, until = first.astimezone(zone).date(), last.astimezone(zone).date()
    calendar = (await working_time.calendars(ctx, [technician], day, until))[technician.id]
    shifts = [
        (utc(piece.start), utc(piece.end))
        for one in days_of(calendar, day, until)
        for piece in one.pieces
        if piece.kind in (PieceKind.work, PieceKind.pause)
    ]
    return shifts + await _visits(ctx, technician, first, last)


async def _visits(ctx: Ctx, technician: Technician, first: datetime, last: datetime) -> list[Span]:
    rows = await ctx.session.execute(
        select(Visit.travel_started_at, Visit.finished_at)
        .join(Assignment, (Assignment.org_id == Visit.org_id) & (Assignment.visit_id == Visit.id))
        .where(
            Assignment.technician_id == technician.id,
            Assignment.status.not_in((AssignmentStatus.removed, AssignmentStatus.declined)),
            Visit.travel_started_at.between(first - LONGEST, last),
            or_(Visit.finished_at.is_(None), Visit.finished_at >= first),
            Visit.deleted_at.is_(None),
        )
        .limit(MOST)
    )
    found = []
    for began, ended in rows:
        assert began is not None
        longest = began + LONGEST
        found.append((began, min(ended, longest) if ended is not None else longest))
    return found


def within(spans: Sequence[Span], at: datetime) -> bool:
    """Whether somebody is at work at an instant."""
    return any(start <= at <= end for start, end in spans)


async def is_at_work(ctx: Ctx, technician: Technician) -> bool:
    """Whether somebody is at work now."""
    now = clock.now()
    return within(await spans(ctx, technician, now, now), now)
