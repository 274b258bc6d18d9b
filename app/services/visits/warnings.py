"""What a dispatcher is warned of: a plan that stands nevertheless (`rulings.md` 22), and what became
untrue of plans that nobody touched since (`rulings.md` 23: visits stay and become alerts).

Both come from one look at the working time of everybody on the visits, with as many queries for one
visit as for twenty.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.core import wall
from app.models.branches import Territory, TerritoryMember
from app.models.crews import Crew
from app.models.technicians import Technician
from app.models.time_off import TimeOff, TimeOffStatus
from app.models.visits import Visit, VisitStatus
from app.scheduling.values import Calendar, PieceKind, WorkDay
from app.scheduling.worktime import Span, days_of, instants_of, minus, utc
from app.services import working_time
from app.services.context import Ctx
from app.services.visits.crew import standing
from app.services.visits.skills import missing_of, needed_by

MOST = 5000
ONE_DAY = timedelta(days=1)
MOMENT = timedelta(microseconds=1)
AT_WORK = (PieceKind.work, PieceKind.on_call, PieceKind.pause)


@dataclass(frozen=True)
class Warned:
    """One thing that is not as it should be, in words."""

    code: str
    detail: str

    def stored(self) -> dict[str, str]:
        return {"code": self.code, "detail": self.detail}


async def of_plans(ctx: Ctx, visits: Sequence[Visit]) -> dict[UUID, list[dict[str, str]]]:
    """What to warn of about visits that were planned this moment, as it is kept on each."""
    crews = {visit.crew_id for visit in visits} - {None}
    if crews:  # whoever keeps a visit's crew as it is has not looked who is in it
        there = select(Crew).where(Crew.id.in_(crews)).options(selectinload(Crew.members))
        (await ctx.session.scalars(there)).all()
    found = await _look(ctx, visits)
    return {id: [one.stored() for one in said] for id, said in found.items()}


async def alerts(ctx: Ctx, visits: Sequence[Visit]) -> dict[UUID, list[Warned]]:
    """The same for visits that were planned before, and what would have been refused today.

    The visits are loaded whole, with their crew's members and their technicians' skills.
    """
    found = await _look(ctx, visits)
    needed = await needed_by(ctx, {one.work_order.job_type_id for one in visits})
    for visit in visits:
        people = _people(visit)
        needs = needed.get(visit.work_order.job_type_id, [])
        for one in missing_of(needs, people, _last_day(visit)):
            found[visit.id].append(Warned("skill_missing", f"Nobody on this visit has {one}."))
        for person in people:
            if not person.active:
                found[visit.id].append(
                    Warned("technician_inactive", f"{person.name} is not active any more.")
                )
        for on_it in visit.vehicles:
            if not on_it.vehicle.active or on_it.vehicle.deleted_at is not None:
                found[visit.id].append(
                    Warned("vehicle_inactive", f"{on_it.vehicle.name} is out of service.")
                )
    return found


async def _look(ctx: Ctx, visits: Sequence[Visit]) -> dict[UUID, list[Warned]]:
    found: dict[UUID, list[Warned]] = {visit.id: [] for visit in visits}
    people = {one.id: one for visit in visits for one in _people(visit)}
    if not people:
        return found
    starts, ends = zip(*(_planned(visit) for visit in visits), strict=True)
    first, last = min(starts).date() - ONE_DAY, max(ends).date() + ONE_DAY
    calendars = await working_time.calendars(ctx, list(people.values()), first, last)
    asked = await _asked_for(ctx, list(people), min(starts), max(ends))
    names = await _names_of_missing(ctx, visits)
    areas = await _areas(ctx, visits)
    before = await _parts_before(ctx, visits)
    for visit in visits:
        start, end = _planned(visit)
        said = found[visit.id]
        for person in _people(visit):
            said += of_hours(person, calendars[person.id], start, end)
            said += [
                Warned("time_off_requested", f"{person.name} has asked for time off, {spoken}.")
                for begins, ends_at, spoken in asked[person.id]
                if begins < end and ends_at > start
            ]
        said += _crew(visit, names)
        said += _elsewhere(visit, areas)
        over = before.get(visit.follows_id) if visit.follows_id else None
        if over is not None and start < over:
            said.append(
                Warned(
                    "before_its_part",
                    "It starts before the part that comes before it is over:"
                    f" {wall.spoken_at(over, visit.work_order.site.time_zone)}.",
                )
            )
        if (
            visit.promised_start is not None
            and visit.promised_end is not None
            and not visit.promised_start <= start <= visit.promised_end
        ):
            promised = wall.spoken(
                visit.promised_start, visit.promised_end, visit.work_order.site.time_zone
            )
            said.append(Warned("outside_promise", f"The arrival was promised for {promised}."))
    return found


async def _parts_before(ctx: Ctx, visits: Sequence[Visit]) -> dict[UUID, datetime]:
    """When the parts that come before these are planned to be over, also those moved just now."""
    ids = {one.follows_id for one in visits if one.follows_id is not None}
    if not ids:
        return {}
    found = await ctx.session.scalars(select(Visit).where(Visit.id.in_(ids)))
    return {
        one.id: one.planned_end
        for one in found
        if one.planned_end is not None and one.status != VisitStatus.canceled
    }


def of_hours(
    person: Technician, calendar: Calendar, start: datetime, end: datetime
) -> Iterator[Warned]:
    """Whether the time lies in what somebody works, and what of it does not."""
    zone = person.time_zone
    first, last = wall.day(start, zone), wall.day(end - MOMENT, zone)
    days = days_of(calendar, first - ONE_DAY, last)
    wanted: Span = (int(start.timestamp()), int(end.timestamp()))
    off = [
        (*instants_of(zone, one.first, one.last, one.start, one.end), one.name)
        for one in calendar.absences
    ]
    for begins, ends, _ in off:
        if begins < wanted[1] and ends > wanted[0]:
            spoken = wall.spoken(utc(begins), utc(ends), zone)
            yield Warned("time_off", f"{person.name} has time off, {spoken}.")
    known = [day for day in days[1:] if day.planned or day.pieces]
    inside = [
        (piece.start, piece.end) for day in days for piece in day.pieces if piece.kind in AT_WORK
    ]
    unknown = [(day.start, day.end) for day in days[1:] if day not in known]
    outside = minus([wanted], [*inside, *((one[0], one[1]) for one in off), *unknown])
    over = [(one.start, one.end) for day in days for one in day.overtime]
    if outside and not minus(outside, over):
        minutes = sum(end - start for start, end in outside) // 60
        yield Warned("overtime", f"{person.name} works {minutes} minutes overtime.")
    elif outside:
        spoken = " and ".join(wall.spoken(utc(low), utc(high), zone) for low, high in outside)
        yield Warned("outside_shift", f"{person.name} does not work {spoken}{_why(days, outside)}.")
    for day in days:
        for piece in day.pieces:
            if piece.kind == PieceKind.pause and wanted[0] < piece.end and piece.start < wanted[1]:
                spoken = wall.spoken(utc(piece.start), utc(piece.end), zone)
                yield Warned("no_room_for_break", f"{person.name} has a break, {spoken}.")


def _why(days: Sequence[WorkDay], outside: Sequence[Span]) -> str:
    names = dict.fromkeys(
        piece.name
        for day in days
        for piece in day.pieces
        for low, high in outside
        if piece.kind == PieceKind.holiday and piece.start < high and piece.end > low
    )
    return f" ({', '.join(names)})" if names else ""


def _crew(visit: Visit, names: dict[UUID, str]) -> Iterator[Warned]:
    people = {one.id for one in _people(visit)}
    lacking = sorted(names[id] for id in _expected(visit) - people if id in names)
    if lacking and visit.crew is not None:
        who = f"{', '.join(lacking)} of {visit.crew.name}"
        yield Warned("crew_incomplete", f"{who} {'is' if len(lacking) == 1 else 'are'} not on it.")
    size = visit.work_order.job_type.crew_size
    if len(people) < size:
        yield Warned(
            "crew_incomplete",
            f"This work takes {size} people, and {len(people)} {'is' if len(people) == 1 else 'are'}"
            " planned.",
        )


def _expected(visit: Visit) -> set[UUID]:
    """The members of the crew on the visit's day."""
    if visit.crew is None or visit.crew.deleted_at is not None:
        return set()
    day = wall.day(_planned(visit)[0], visit.work_order.site.time_zone)
    return set(visit.crew.members_on(day))


async def _names_of_missing(ctx: Ctx, visits: Sequence[Visit]) -> dict[UUID, str]:
    ids = {id for visit in visits for id in _expected(visit)}
    found = await ctx.session.execute(
        select(Technician.id, Technician.name).where(
            Technician.id.in_(ids), Technician.deleted_at.is_(None), Technician.active
        )
    )
    return {row.id: row.name for row in found}


@dataclass(frozen=True)
class _Areas:
    """What the territories of some visits are called, and who looks after which, by member."""

    names: dict[UUID, str]
    of_members: dict[UUID, set[UUID]]


async def _areas(ctx: Ctx, visits: Sequence[Visit]) -> _Areas:
    ids = {one.work_order.site.territory_id for one in visits} - {None}
    if not ids:
        return _Areas({}, {})
    called = await ctx.session.execute(
        select(Territory.id, Territory.name).where(Territory.id.in_(ids))
    )
    members = {person.member_id for visit in visits for person in _people(visit)} - {None}
    rows = await ctx.session.execute(
        select(TerritoryMember.member_id, TerritoryMember.territory_id)
        .where(TerritoryMember.member_id.in_(members))
        .limit(MOST)
    )
    of_members: dict[UUID, set[UUID]] = defaultdict(set)
    for member, territory in rows:
        of_members[member].add(territory)
    return _Areas({row.id: row.name for row in called}, of_members)


def _elsewhere(visit: Visit, areas: _Areas) -> Iterator[Warned]:
    """Who looks after other territories; whoever looks after none works everywhere."""
    territory_id = visit.work_order.site.territory_id
    if territory_id is None:
        return
    for person in _people(visit):
        own = areas.of_members.get(person.member_id) if person.member_id else None
        if own and territory_id not in own:
            where = areas.names[territory_id]
            yield Warned("other_territory", f"{person.name} does not work in {where}.")


async def _asked_for(
    ctx: Ctx, ids: Sequence[UUID], start: datetime, end: datetime
) -> dict[UUID, list[tuple[datetime, datetime, str]]]:
    rows = await ctx.session.execute(
        select(TimeOff.technician_id, TimeOff.starts_at, TimeOff.ends_at, Technician.time_zone)
        .join(
            Technician,
            (Technician.org_id == TimeOff.org_id) & (Technician.id == TimeOff.technician_id),
        )
        .where(
            TimeOff.technician_id.in_(ids),
            TimeOff.status == TimeOffStatus.requested,
            TimeOff.starts_at < end,
            TimeOff.ends_at > start,
        )
        .order_by(TimeOff.starts_at)
        .limit(MOST)
    )
    asked: dict[UUID, list[tuple[datetime, datetime, str]]] = defaultdict(list)
    for row in rows:
        spoken = wall.spoken(row.starts_at, row.ends_at, row.time_zone)
        asked[row.technician_id].append((row.starts_at, row.ends_at, spoken))
    return asked


def _people(visit: Visit) -> list[Technician]:
    return [one.technician for one in standing(visit)]


def _planned(visit: Visit) -> tuple[datetime, datetime]:
    assert visit.planned_start is not None
    assert visit.planned_end is not None
    return visit.planned_start, visit.planned_end


def _last_day(visit: Visit) -> date:
    return wall.day(_planned(visit)[1] - MOMENT, visit.work_order.site.time_zone)
