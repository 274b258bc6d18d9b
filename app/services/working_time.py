"""Working time as computed: what the planner's pure functions need, read for many at once.

A technician's own shifts come before their crew's, and these before the working hours of their
branch, or of the organisation where the branch has none; without any of them nothing is known of a day,
which is said and never taken for a day off.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from app.models.branches import Branch, Team
from app.models.crews import Crew, CrewMember
from app.models.holidays import Holiday
from app.models.organisations import WEEKDAYS, parse_working_hours
from app.models.shifts import Shift
from app.models.technicians import Technician
from app.models.time_off import TimeOff, TimeOffStatus
from app.scheduling import values
from app.scheduling.values import Calendar, Pattern, Rank, ShiftKind
from app.services.context import Ctx

MOST = 5000
"""Rows of each kind that are read for it."""
ONE_DAY = timedelta(days=1)
EPOCH = date(1970, 1, 1)


async def calendars(
    ctx: Ctx, technicians: Sequence[Technician], first: date, last: date
) -> dict[UUID, Calendar]:
    """What decides when each works from `first` to `last`, in as many queries for one as for 20."""
    first, last = first - ONE_DAY, last + ONE_DAY  # a night before, and one over a border of zones
    ids = [one.id for one in technicians]
    memberships = await _memberships(ctx, ids, first, last)
    shifts = await ctx.session.scalars(
        select(Shift)
        .where(
            or_(
                Shift.technician_id.in_(ids),
                Shift.crew_id.in_({one.crew_id for one in memberships}),
            ),
            Shift.valid_from <= last,
            or_(Shift.valid_until.is_(None), Shift.valid_until >= first),
        )
        .order_by(Shift.created_at, Shift.id)
        .limit(MOST)
    )
    of_each: dict[UUID, list[Pattern]] = {id: [] for id in ids}
    for shift in shifts:
        if shift.technician_id is not None:
            of_each[shift.technician_id].append(_pattern(shift))
        for one in memberships:
            if one.crew_id == shift.crew_id and (pattern := _of_member(shift, one)):
                of_each[one.technician_id].append(pattern)
    absences = await _absences(ctx, ids, first, last)
    holidays = await _holidays(ctx, first, last)
    everywhere = _usual("organisation", (await ctx.organisation()).working_hours)
    usual = await _of_branches(ctx, technicians)
    return {
        one.id: Calendar(
            one.time_zone,
            (*of_each[one.id], *usual.get(one.team_id, everywhere)),
            holidays,
            tuple(absences.get(one.id, ())),
        )
        for one in technicians
    }


async def _of_branches(
    ctx: Ctx, technicians: Sequence[Technician]
) -> dict[UUID | None, tuple[Pattern, ...]]:
    """The working hours of those teams' branches that have some of their own, by team."""
    found = await ctx.session.execute(
        select(Team.id, Branch.id, Branch.working_hours)
        .join(Branch, (Branch.org_id == Team.org_id) & (Branch.id == Team.branch_id))
        .where(
            Team.id.in_({one.team_id for one in technicians if one.team_id is not None}),
            Branch.working_hours.is_not(None),
        )
    )
    return {team: _usual(str(branch), hours or {}) for team, branch, hours in found}


async def _memberships(
    ctx: Ctx, ids: Sequence[UUID], first: date, last: date
) -> Sequence[CrewMember]:
    found = await ctx.session.scalars(
        select(CrewMember)
        .join(Crew, (Crew.org_id == CrewMember.org_id) & (Crew.id == CrewMember.crew_id))
        .where(
            CrewMember.technician_id.in_(ids),
            CrewMember.first_day <= last,
            or_(CrewMember.last_day.is_(None), CrewMember.last_day >= first),
            Crew.active,
            Crew.deleted_at.is_(None),
        )
        .order_by(CrewMember.created_at, CrewMember.id)
        .limit(MOST)
    )
    return found.all()


async def _absences(
    ctx: Ctx, ids: Sequence[UUID], first: date, last: date
) -> dict[UUID, list[values.Absence]]:
    found = await ctx.session.scalars(
        select(TimeOff)
        .where(
            TimeOff.technician_id.in_(ids),
            TimeOff.status == TimeOffStatus.approved,
            TimeOff.first_day <= last,
            TimeOff.last_day >= first,
        )
        .order_by(TimeOff.starts_at, TimeOff.id)
        .limit(MOST)
    )
    absences: dict[UUID, list[values.Absence]] = {}
    for off in found:
        absences.setdefault(off.technician_id, []).append(
            # its kind is nobody's business but theirs and the office's
            values.Absence(
                str(off.id), "Time off", off.first_day, off.last_day, off.start_time, off.end_time
            )
        )
    return absences


async def _holidays(ctx: Ctx, first: date, last: date) -> tuple[values.Holiday, ...]:
    found = await ctx.session.scalars(
        select(Holiday)
        .where(Holiday.day.between(first, last))
        .order_by(Holiday.day, Holiday.id)
        .limit(MOST)
    )
    return tuple(
        values.Holiday(str(one.id), one.name, one.day, one.start_time, one.end_time)
        for one in found
    )


def _pattern(shift: Shift) -> Pattern:
    return Pattern(
        key=str(shift.id),
        name=shift.name,
        kind=ShiftKind(shift.kind),
        rank=Rank.own_override if shift.overrides else Rank.own,
        first=shift.valid_from,
        last=shift.valid_until,
        anchor=shift.anchor,
        shifts=tuple(_spans(shift.spans)),
        weeks=shift.rotation_weeks,
        overtime_minutes=shift.overtime_minutes,
    )


def _of_member(shift: Shift, member: CrewMember) -> Pattern | None:
    """A crew's pattern, for as long as somebody belongs to the crew."""
    first = max(shift.valid_from, member.first_day)
    ends = [one for one in (shift.valid_until, member.last_day) if one is not None]
    last = min(ends, default=None)
    if last is not None and last < first:
        return None
    rank = Rank.crew_override if shift.overrides else Rank.crew
    return replace(_pattern(shift), first=first, last=last, rank=rank)


def _spans(spans: Iterable[dict[str, Any]]) -> Iterable[values.Shift]:
    for span in spans:
        yield values.Shift(
            weekday=WEEKDAYS.index(span["weekday"]),
            start=time.fromisoformat(span["start"]),
            end=time.fromisoformat(span["end"]),
            breaks=tuple(_break(one) for one in span["breaks"]),
            week=span["week"],
        )


def _break(one: dict[str, Any]) -> values.FixedBreak | values.FlexibleBreak:
    if "start" in one:
        return values.FixedBreak(time.fromisoformat(one["start"]), one["minutes"])
    return values.FlexibleBreak(
        one["minutes"], time.fromisoformat(one["earliest"]), time.fromisoformat(one["latest"])
    )


def _usual(key: str, stored: dict[str, Any]) -> tuple[Pattern, ...]:
    """Working hours, for whoever has no shifts."""
    hours = parse_working_hours(stored)
    shifts = tuple(
        values.Shift(WEEKDAYS.index(day), start, end)
        for day, spans in hours.items()
        for start, end in spans
    )
    if not shifts:
        return ()
    return (
        Pattern(
            key=key,
            name="Working hours",
            kind=ShiftKind.normal,
            rank=Rank.organisation,
            first=EPOCH,
            last=None,
            anchor=EPOCH,
            shifts=shifts,
        ),
    )
