"""The whole board of some days, or the part of it that somebody reads again.

What is always true: it is read in one transaction, `seq` is a number of the journal up to which
everything is in it, and a part that is read again is word for word what the whole board says there. So
a board that is patched by events is the board that one would read (`docs/board.md`). Whoever watches the day
for alerts draws the same picture, so `GET /alerts` says what the board says.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload

from app.core import clock
from app.core.geo import Point
from app.models.assignments import GONE, Assignment
from app.models.branches import Territory, TerritoryMember
from app.models.crews import Crew
from app.models.technicians import Technician
from app.models.vehicles import Vehicle
from app.models.visit_vehicles import VisitVehicle
from app.models.visits import BEGUN, Visit
from app.scheduling.alerts import Alert, AlertCode
from app.scheduling.model import Interval, Place, Resource
from app.scheduling.travel import NOWHERE
from app.scheduling.worktime import instants_of, utc
from app.services import journal_chain
from app.services.board import beside, heard, lanes, team
from app.services.board.asking import BoardQuery, By, PatchQuery, days_of, refuse_to_come
from app.services.board.beside import Beside
from app.services.board.cells import Seen
from app.services.board.lanes import LaneDay, Shown
from app.services.board.past import look_back
from app.services.board.team import MOST, Lane
from app.services.board.visits import Asked, these, visits
from app.services.context import Ctx
from app.services.dispatching import drives, oversold, people
from app.services.dispatching.drives import Drives
from app.services.dispatching.oversold import Shadow

EARLIEST_ZONE, LATEST_ZONE = timedelta(hours=14), timedelta(hours=12)
"""How much sooner and later than in UTC a day begins somewhere."""
NO_HOME = Place("base", NOWHERE)


async def board(ctx: Ctx, query: BoardQuery) -> bytes:
    """The board as JSON, put together from pieces that were written before. Raises `Conflict`
    `too_many`, `Invalid` for a moment to come, `NotFound` for a territory that is not there, and what
    `past.look_back` raises."""
    found = await drawn(ctx, query)
    none = await without_room(ctx, query, found)
    return orjson.dumps(
        {
            "date": found.first,
            "days": found.days,
            "time_zone": found.zone,
            "by": query.by,
            "seq": found.seq,
            "now": found.now,
            "as_of": query.as_of,
            "lanes": _list([_written(lane, days) for lane, days in found.lanes]),
            "unassigned": found.unassigned,
            "without_lane": found.without_lane,
            "alerts": none,
            "visits": _list([one.written for one in found.cells]),
            "counts": {
                "visits": len(found.cells),
                "unassigned": len(found.unassigned),
                "alerts": len(none) + sum(day.alerts for _, days in found.lanes for day in days),
                "by_status": dict(sorted(Counter(one.status for one in found.cells).items())),
            },
        },
        option=orjson.OPT_UTC_Z,
    )


def _list(written: Sequence[bytes]) -> orjson.Fragment:
    return orjson.Fragment(b"[" + b",".join(written) + b"]")


def _written(lane: Lane, days: Sequence[Shown]) -> bytes:
    return lane.head + b',"days":[' + b",".join([one.written for one in days]) + b"]}"


async def patch(ctx: Ctx, query: PatchQuery, *, supposed: bool = False) -> dict[str, Any]:
    """Those visits as the board shows them, the lanes that they are on, and the lanes that were named.
    `gone` are those visits that the board does not show, or not to this person.

    `supposed`: what this transaction wrote will be taken back, so nothing of it is remembered.
    """
    wanted = {str(id) for id in query.ids}
    found = await drawn(ctx, query, query.ids, query.lanes, supposed=supposed)
    if not supposed:  # what one lane takes in, another may have had room for
        found.shadows = await _shadows(ctx, query, found.asked)
    none = [] if supposed else await without_room(ctx, query, found)
    cells = [one for one in found.cells if one.id in wanted]
    return {
        "seq": found.seq,
        "now": found.now,
        "visits": _list([one.written for one in cells]),
        "gone": sorted(wanted - {one.id for one in cells}),
        "unassigned": [id for id in found.unassigned if id in wanted],
        "without_lane": [id for id in found.without_lane if id in wanted],
        "alerts": none,
        "lanes": [{**lane.shown, "days": [one.day for one in days]} for lane, days in found.lanes],
    }


@dataclass(slots=True)
class Drawn:
    """What was read, ready to be told."""

    first: date
    zone: str
    seq: int
    now: datetime
    days: list[dict[str, Any]]
    lanes: list[tuple[Lane, list[Shown]]]
    unassigned: list[str]
    without_lane: list[str]
    cells: list[Seen]
    shadows: list[Shadow]
    """Of these visits, what was promised and has nobody."""
    drives: Drives
    asked: Asked
    team: people.Team | None
    """Everybody's days, where they were read anew."""


async def drawn(
    ctx: Ctx,
    query: BoardQuery,
    ids: Sequence[UUID] | None = None,
    named: Sequence[UUID] = (),
    *,
    supposed: bool = False,
) -> Drawn:
    """The board of some days; of it these visits with what stands on their lanes, and these lanes."""
    if query.as_of is not None:
        refuse_to_come(query.as_of)
        await look_back(ctx, query.as_of)
    first, last = await days_of(ctx, query)
    now = (query.as_of or clock.now()).replace(second=0, microsecond=0)
    zone = (await ctx.organisation()).time_zone
    seq = (await journal_chain.head(ctx)).seq
    begin, until = _edges(first, last)
    asked, only = Asked(begin, until, now), None
    if ids is not None:
        only = await _on_lanes(ctx, query.by, ids, named)
        asked = Asked(begin, until, now, query.by, ids, only)
    past = query.as_of is not None
    found = await visits(ctx, asked, remembered=not (past or supposed))
    on_lane: dict[str, list[Seen]] = defaultdict(list)
    for one in found:
        for id in _lanes_of(query.by, one):
            on_lane[id].append(one)
    # the planner will ask for the same people
    waiting = any(one.start is None and one.visible for one in found) and not past
    read = team.Read() if waiting else None
    rows = await _rows(ctx, query.by, first, last, zone, on_lane, only, past=past, read=read)
    if query.territory_id is not None:
        rows = await _there(ctx, query.territory_id, rows, on_lane)
    events = await beside.events(ctx, begin, until)
    holds = await beside.holds(ctx, begin, until, now)
    what_is_heard = await heard.of(ctx, found, now, past=past)
    known = await drives.between(ctx, [*_places(rows, found), *what_is_heard.at.values()])
    shown: list[tuple[Lane, list[Shown]]] = []
    on_board: set[str] = set()
    for lane in rows:
        days = []
        led_by = lane.id if query.by is By.technicians else None
        standing = _by_day(lane.days, on_lane.get(lane.id, ()), int(now.timestamp()))
        for day, here in zip(lane.days, standing, strict=True):
            on_board.update(one.id for one in here)
            beside_it = _on(day, events.get(lane.id, ())), _on(day, holds.get(lane.id, ()))
            moment = int(now.timestamp())
            days.append(
                lanes.remembered(
                    day, here, *beside_it, known, moment, heard=what_is_heard, led_by=led_by
                )
            )
        shown.append((lane, days))
    low, high = map(utc, instants_of(zone, first, last))
    open_here = [
        one
        for one in found
        if not one.over
        and one.visible
        and _touches(one, low, high)
        and query.territory_id in (None, _uuid(one.territory_id))
    ]
    unassigned = [one.id for one in open_here if not one.technicians]
    without = [
        one.id
        for one in open_here
        if one.technicians and query.by is not By.technicians and not _lanes_of(query.by, one)
    ]
    on_board.update(unassigned, without)
    return Drawn(
        first,
        zone,
        seq,
        now,
        [_day(zone, first + timedelta(days=n)) for n in range(query.days)],
        shown,
        unassigned,
        without,
        [one for one in found if one.visible and one.id in on_board],
        _promised(open_here),
        known,
        asked,
        read.team if read is not None else None,
    )


async def without_room(ctx: Ctx, query: BoardQuery, found: Drawn) -> list[dict[str, Any]]:
    """The alerts of what stands on no lane: promised, and nobody has room for it."""
    last = found.first + timedelta(days=query.days - 1)
    past = query.as_of is not None
    none = await oversold.of(
        ctx, found.first, last, found.shadows, found.now, past=past, known=found.team
    )
    return [lanes.told(Alert(AlertCode.window_oversold, one.id)) for one in none]


async def _shadows(ctx: Ctx, query: BoardQuery, asked: Asked) -> list[Shadow]:
    """Everything that was promised for these days and has nobody."""
    first, last = await days_of(ctx, query)
    low, high = map(utc, instants_of((await ctx.organisation()).time_zone, first, last))
    every = replace(asked, by=None, shadows=True)
    found = await visits(ctx, every, remembered=query.as_of is None)
    return _promised(
        one
        for one in found
        if one.visible
        and _touches(one, low, high)
        and query.territory_id in (None, _uuid(one.territory_id))
    )


def _promised(waiting: Iterable[Seen]) -> list[Shadow]:
    return [
        Shadow(one.id, one.promised_start, one.promised_end)
        for one in waiting
        if one.start is None and one.promised_start is not None and one.promised_end is not None
    ]


def _edges(first: date, last: date) -> tuple[datetime, datetime]:
    """From the first midnight of anybody anywhere to the last one."""
    start, end = instants_of("UTC", first, last)
    return utc(start) - EARLIEST_ZONE, utc(end) + LATEST_ZONE


def _day(zone: str, day: date) -> dict[str, Any]:
    start, end = instants_of(zone, day, day)
    return {
        "date": day,
        "start": utc(start),
        "end": utc(end),
        "minutes": (end - start) // 60,
    }


def _uuid(id: str | None) -> UUID | None:
    return UUID(id) if id else None


def _lanes_of(by: By, one: Seen) -> Sequence[str]:
    """The lanes that a visit stands on."""
    match by:
        case By.technicians:
            return one.technicians
        case By.crews:
            return [one.crew_id] if one.crew_id and one.technicians else []
        case By.vehicles:
            return one.vehicles


async def _on_lanes(
    ctx: Ctx, by: By, ids: Sequence[UUID], named: Sequence[UUID]
) -> frozenset[UUID]:
    """These lanes, and those that these visits are on."""
    match by:
        case By.technicians:
            rows: Select[Any] = select(Assignment.technician_id).where(
                these(Assignment.visit_id, ids), Assignment.status.not_in(GONE)
            )
        case By.crews:
            rows = select(Visit.crew_id).where(these(Visit.id, ids), Visit.crew_id.is_not(None))
        case By.vehicles:
            rows = select(VisitVehicle.vehicle_id).where(these(VisitVehicle.visit_id, ids))
    return frozenset({*named, *await ctx.session.scalars(rows.limit(MOST))})


async def _rows(
    ctx: Ctx,
    by: By,
    first: date,
    last: date,
    zone: str,
    on_lane: Mapping[str, Sequence[Seen]],
    only: frozenset[UUID] | None,
    *,
    past: bool,
    read: team.Read | None,
) -> list[Lane]:
    """Everybody's lanes, or these: of those who work at present, and of whoever has something then."""
    match by:
        case By.technicians:
            return await team.lanes(ctx, first, last, on_lane, only, past=past, read=read)
        case By.crews:
            return await _of_crews(ctx, first, last, zone, on_lane, only, past=past)
        case By.vehicles:
            return await _of_vehicles(ctx, first, last, zone, on_lane, only)


async def _of_crews(
    ctx: Ctx,
    first: date,
    last: date,
    zone: str,
    on_lane: Mapping[str, Sequence[Seen]],
    only: frozenset[UUID] | None,
    *,
    past: bool,
) -> list[Lane]:
    """A crew's day is that of whoever leads it, or comes first, on that day."""
    crews = (
        await ctx.session.scalars(
            select(Crew)
            .options(selectinload(Crew.members))
            .where(team.those(Crew, on_lane, only))
            .order_by(Crew.name, Crew.id)
            .limit(MOST)
        )
    ).all()
    dates = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    leads = {(one.id, day): next(iter(one.members_on(day)), None) for one in crews for day in dates}
    wanted = frozenset(id for id in leads.values() if id is not None)
    of_people = {
        one.id: {day.day: day for day in one.days}
        for one in await team.lanes(ctx, first, last, {}, wanted, past=past)
    }
    empty = {day: _bare_day(zone, day) for day in dates}
    found = []
    for one in crews:
        days = []
        for day in dates:
            own = of_people.get(str(leads[one.id, day]), {})
            days.append(own.get(day, empty[day]))
        found.append(
            Lane(
                str(one.id),
                {
                    "id": one.id,
                    "kind": "crew",
                    "name": one.name,
                    "color": None,
                    "time_zone": zone,
                    "active": one.active and one.deleted_at is None,
                    "team_id": None,
                    "member_ids": list(
                        dict.fromkeys(id for day in dates for id in one.members_on(day))
                    ),
                },
                days,
            )
        )
    return found


async def _of_vehicles(
    ctx: Ctx,
    first: date,
    last: date,
    zone: str,
    on_lane: Mapping[str, Sequence[Seen]],
    only: frozenset[UUID] | None,
) -> list[Lane]:
    """What is driven has no working time, and its drives begin and end where the organisation does."""
    found = await ctx.session.scalars(
        select(Vehicle)
        .where(team.those(Vehicle, on_lane, only))
        .order_by(Vehicle.name, Vehicle.id)
        .limit(MOST)
    )
    organisation = await ctx.organisation()
    home = NO_HOME
    if organisation.base_latitude is not None and organisation.base_longitude is not None:
        point = Point(float(organisation.base_latitude), float(organisation.base_longitude))
        home = Place("base", point)
    days = [
        _bare_day(zone, first + timedelta(days=n), home) for n in range((last - first).days + 1)
    ]
    return [
        Lane(
            str(one.id),
            {
                "id": one.id,
                "kind": one.kind,
                "name": one.name,
                "color": None,
                "time_zone": zone,
                "active": one.active and one.deleted_at is None,
                "team_id": None,
                "member_ids": [],
            },
            days,
        )
        for one in found
    ]


def _bare_day(zone: str, day: date, home: Place = NO_HOME) -> LaneDay:
    """A day of which no working time is known."""
    start, end = instants_of(zone, day, day)
    resource = Resource(day.isoformat(), "", day, home, home, Interval(start, start))
    return LaneDay(day, start, end, resource, None)


async def _there(
    ctx: Ctx, territory_id: UUID, rows: Sequence[Lane], on_lane: Mapping[str, Sequence[Seen]]
) -> list[Lane]:
    """The lanes of those who look after a territory, or have something to do there."""
    await ctx.get(Territory, territory_id, pointer="?territory_id")
    theirs = {
        str(id)
        for id in await ctx.session.scalars(
            select(Technician.id)
            .join(
                TerritoryMember,
                (TerritoryMember.org_id == Technician.org_id)
                & (TerritoryMember.member_id == Technician.member_id),
            )
            .where(TerritoryMember.territory_id == territory_id)
            .limit(MOST)
        )
    }
    there = str(territory_id)
    return [
        one
        for one in rows
        if one.id in theirs or any(visit.territory_id == there for visit in on_lane.get(one.id, ()))
    ]


def _places(rows: Sequence[Lane], found: Sequence[Seen]) -> Iterable[Place]:
    yield from (one.place for one in found)
    yield from (day.resource.start for lane in rows for day in lane.days)


def _by_day(days: Sequence[LaneDay], mine: Sequence[Seen], now: int) -> list[list[Seen]]:
    """What stands on each of a lane's days: on the day it begins, or on the first one it reaches into."""
    found: list[list[Seen]] = [[] for _ in days]
    for one in mine:
        if one.start is None:
            continue
        start = int(one.start.timestamp())
        for number, day in enumerate(days):
            if day.start <= start < day.end or (
                number == 0 and start < day.start and _reaches(one, day, now)
            ):
                found[number].append(one)
                break
    return found


def _reaches(one: Seen, day: LaneDay, now: int) -> bool:
    if not one.over and one.status in BEGUN and day.start <= now:
        return True  # it goes on until somebody says that it is over
    until = max(filter(None, (one.end, one.expected_end)))
    return bool(until.timestamp() > day.start)


def _on(day: LaneDay, beside_it: Sequence[Beside]) -> list[Beside]:
    low, high = utc(day.start), utc(day.end)
    return [one for one in beside_it if one.start < high and one.end > low]


def _touches(one: Seen, low: datetime, high: datetime) -> bool:
    """Its plan, or else its promise, lies on these days."""
    start, end = one.start, one.end
    if start is None:
        start, end = one.promised_start, one.promised_end
    return start is not None and end is not None and start < high and end > low
