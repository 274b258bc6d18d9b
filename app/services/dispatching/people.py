"""Technicians as the planner sees them: one `Resource` for each of their local days.

What is always true: somebody of whose day nothing is known has a day of no length there, which no work
fits into; that is shown and found by the doctor, and never taken for a free day or left out.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.core.errors import Conflict
from app.core.geo import Point
from app.models.branches import TerritoryMember
from app.models.job_types import JobType
from app.models.skills import JobTypeSkill
from app.models.technicians import Technician
from app.scheduling.model import Break, Busy, BusyKind, Interval, Place, Resource
from app.scheduling.travel import NOWHERE
from app.scheduling.values import Piece, PieceKind, WorkDay
from app.scheduling.worktime import days_of
from app.services import working_time
from app.services.context import Ctx
from app.services.dispatching.marks import Mark

MOST = 500
"""Technicians that are planned together."""
BASE = "the base"
"""What a base is called that has no name."""
CALL = ":call"
"""What the id of a day on call ends with."""
BUSY = {
    PieceKind.pause: BusyKind.pause,
    PieceKind.holiday: BusyKind.time_off,
    PieceKind.time_off: BusyKind.time_off,
}


@dataclass(frozen=True, slots=True)
class PersonDay:
    """Somebody's local day: the day as it was computed, and as the planner takes it."""

    technician_id: UUID
    day: date
    work: WorkDay
    resource: Resource


@dataclass(frozen=True, slots=True)
class Team:
    """Everybody who works at present, and their days, as somebody read them a moment ago."""

    first: date
    last: date
    technicians: Sequence[Technician]
    days: Sequence[PersonDay]
    mark: Mark
    """Made before they were read."""


async def technicians(ctx: Ctx, ids: Sequence[UUID] | None = None) -> list[Technician]:
    """Those who work at present, or these, by name. Raises `Conflict` when they are too many."""
    query = (
        select(Technician)
        .options(selectinload(Technician.skills))
        .order_by(Technician.sort_name, Technician.id)
        .limit(MOST + 1)
    )
    if ids is None:
        query = query.where(Technician.active, Technician.deleted_at.is_(None))
    else:
        query = query.where(Technician.id.in_(ids))
    found = (await ctx.session.scalars(query)).all()
    if len(found) > MOST:
        raise Conflict(
            f"More than {MOST} technicians are too many to plan at once. Name the technicians.",
            code="too_many",
        )
    return list(found)


async def days(ctx: Ctx, people: Sequence[Technician], first: date, last: date) -> list[PersonDay]:
    """Each one's local days from `first` to `last`, both included, in as many queries for 1 as for 20.

    A day on call is one more resource beside the day's own, with `CALL` behind its id.
    """
    calendars = await working_time.calendars(ctx, people, first, last)
    territories = await _territories(ctx, people)
    kinds = await _kinds_of_work(ctx)
    organisation = await ctx.organisation()
    home = _place("base", organisation.base_latitude, organisation.base_longitude, BASE)
    found = []
    for one in people:
        own = _place(f"base:{one.id}", one.base_latitude, one.base_longitude, one.base_name or BASE)
        base = home if own.point == NOWHERE else own
        for work in days_of(calendars[one.id], first, last):
            skills = {
                str(held.skill_id): held.level for held in one.skills if held.covers(0, work.day)
            }
            trades = frozenset(
                trade
                for trade, needs in kinds
                if all(skills.get(skill, 0) >= level for skill, level in needs)
            )
            plain = Resource(
                id=f"{one.id}:{work.day.isoformat()}",
                technician=str(one.id),
                day=work.day,
                start=base,
                end=base,
                shift=Interval(work.start, work.start),
                name=one.name,
                skills=skills,
                territories=frozenset(territories.get(one.member_id, ())),
                trades=trades,
            )
            gone = not one.active or one.deleted_at is not None
            shifts = [plain] if gone else _shifts(plain, work)
            found += [PersonDay(one.id, work.day, work, each) for each in shifts]
    return found


def _shifts(plain: Resource, work: WorkDay) -> list[Resource]:
    """The day's own resource, always, and one for being on call."""
    of_work = [one for one in work.pieces if one.kind is PieceKind.work]
    on_call = [one for one in work.pieces if one.kind is PieceKind.on_call]
    day = _stretched(plain, work, of_work) if of_work else plain
    if not on_call:
        return [day]
    call = _stretched(plain, work, on_call)
    return [day, replace(call, id=f"{plain.id}{CALL}", on_call=True, pause=None)]


def _stretched(plain: Resource, work: WorkDay, pieces: Sequence[Piece]) -> Resource:
    """From the first piece to the last; what lies between is busy, and so are fixed breaks."""
    shift = Interval(min(one.start for one in pieces), max(one.end for one in pieces))
    between = [
        Busy(one.start, one.end, one.name, BUSY.get(one.kind, BusyKind.event))
        for one in work.pieces
        if one not in pieces and one.start < shift.end and one.end > shift.start
    ]
    at = shift.start
    taken = [(one.start, one.end) for one in pieces] + [(one.start, one.end) for one in between]
    for low, high in sorted(taken):
        if low > at:
            between.append(Busy(at, low, "", BusyKind.time_off))
        at = max(at, high)
    floating = [
        one for one in work.breaks if one.earliest < shift.end and one.latest >= shift.start
    ]
    # one break floats, further ones begin when they may (`scheduling.md`)
    between += [
        Busy(one.earliest, one.earliest + one.minutes * 60, "Break", BusyKind.pause)
        for one in floating[1:]
    ]
    pause = None
    if floating:
        one = floating[0]
        pause = Break(one.minutes * 60, one.earliest, one.latest)
    return replace(
        plain, shift=shift, pause=pause, busy=tuple(sorted(between, key=lambda it: it.start))
    )


def merged(busy: Sequence[Busy]) -> tuple[Busy, ...]:
    """In order, without overlaps: the planner asks for that, people's calendars do not."""
    found: list[Busy] = []
    for one in sorted(busy, key=lambda it: (it.start, it.end)):
        if found and one.start < found[-1].end:
            if one.end > found[-1].end:
                found.append(replace(one, start=found[-1].end))
            continue
        found.append(one)
    return tuple(found)


def _place(key: str, latitude: object, longitude: object, name: str = "") -> Place:
    if latitude is None or longitude is None:
        return Place(key, NOWHERE, name)
    return Place(key, Point(float(str(latitude)), float(str(longitude))), name)


async def _territories(ctx: Ctx, people: Sequence[Technician]) -> Mapping[UUID | None, list[str]]:
    """What those who look after some territories look after, by member."""
    rows = await ctx.session.execute(
        select(TerritoryMember.member_id, TerritoryMember.territory_id)
        .where(TerritoryMember.member_id.in_({one.member_id for one in people if one.member_id}))
        .limit(MOST * 100)
    )
    found: dict[UUID | None, list[str]] = defaultdict(list)
    for member, territory in rows:
        found[member].append(str(territory))
    return found


async def _kinds_of_work(ctx: Ctx) -> list[tuple[str, tuple[tuple[str, int], ...]]]:
    """Each kind of work as its trade and the skills it needs; who has them all works in the trade."""
    rows = await ctx.session.execute(
        select(JobType.id, JobType.trade, JobTypeSkill.skill_id, JobTypeSkill.level)
        .outerjoin(
            JobTypeSkill,
            (JobTypeSkill.org_id == JobType.org_id) & (JobTypeSkill.job_type_id == JobType.id),
        )
        .where(JobType.deleted_at.is_(None))
        .limit(MOST * 20)
    )
    needs: dict[UUID, tuple[str, list[tuple[str, int]]]] = {}
    for id, trade, skill, level in rows:
        needs.setdefault(id, (trade, []))[1].extend([(str(skill), level)] if skill else [])
    return list(dict.fromkeys((trade, tuple(sorted(each))) for trade, each in needs.values()))
