"""New time zone data: what is to come keeps its hour on the wall, and the instants follow.

Visits, promises and events keep what the wall clock shows beside the instant, time off keeps its days.
When a government moves the clocks, the instants of the future are reckoned anew here, the bookings with
them, and every difference is told. A visit or event that would then be where somebody is booked already
stays, with a warning, until a person moves it; nobody is ever in two places.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import (
    ARRAY,
    TIMESTAMP,
    Result,
    Select,
    Uuid,
    bindparam,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import joinedload, selectinload

from app.core import clock, wall
from app.models.bookings import Booking, BookingKind
from app.models.events import Event
from app.models.promises import Promise
from app.models.technicians import Resource, Technician
from app.models.time_off import TimeOff, TimeOffStatus
from app.models.visits import TERMINAL, Visit, VisitStatus
from app.models.work_orders import WorkOrder
from app.scheduling.resettling import Left, Shift, Taken, settle
from app.scheduling.worktime import derived, instants_of, utc
from app.services.context import Ctx
from app.services.facts import Fact, Told, emit_all
from app.services.visits import bookings
from app.services.visits.gaps import between

PAGE = 1000
CLASH = "time_zone_clash"
"""The warning that a visit carries when it could not follow its clock."""
PLANNED = (VisitStatus.tentative, VisitStatus.scheduled, VisitStatus.dispatched)
GRANTED = (TimeOffStatus.requested, TimeOffStatus.approved)


class What(StrEnum):
    visit = "visit"
    promise = "promise"
    event = "event"
    time_off = "time off"

    @property
    def many(self) -> str:
        return "absences" if self is What.time_off else f"{self}s"


CLAIMING = (What.visit, What.event)
"""What is booked by its own times."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Something to come whose instant is another one by the time zone data of today."""

    what: What
    id: UUID
    name: str
    """A work order's number, an event's title, who is off."""
    wall: str
    zone: str
    before: tuple[datetime, datetime]
    after: tuple[datetime, datetime]
    left: str | None = None
    """Why it stays as it was."""

    @property
    def minutes(self) -> int:
        """How much later it is than was reckoned; negative: earlier."""
        return round((self.after[0] - self.before[0]) / timedelta(minutes=1))

    def spoken(self) -> str:
        """“visit WO-1042, 2027-07-05T09:00 in America/Chicago: 14:00Z → 15:00Z”."""
        before, after = (f"{one[0]:%Y-%m-%d %H:%M}Z" for one in (self.before, self.after))
        said = f"{self.what} {self.name}, {self.wall} in {self.zone}: {before} → {after}"
        return f"{said}, left: {self.left}" if self.left else said


@dataclass(frozen=True, slots=True)
class Report:
    """What was looked at, and what differs."""

    looked_at: Mapping[What, int]
    differences: Sequence[Difference]
    unknown: Sequence[str]
    """Zones that the time zone data does not have any more; what is there was left alone."""


async def recompute(ctx: Ctx, *, dry_run: bool = False) -> Report:
    """Reckon every instant to come anew, in one transaction; with `dry_run`, only say what differs."""
    looked_at, found, unknown = await _read(ctx)
    if found:
        found = await _locked(ctx, found)
        around = await _Around.read(ctx, found)
        left = await around.left(ctx)
        found = [replace(one, left=left.get(one.id)) for one in found]
        if not dry_run:
            await _apply(ctx, found, around)
    if not dry_run:
        await _take_back_warnings(ctx, [one.id for one in found if one.left])
    return Report(looked_at, found, sorted(unknown))


async def _read(ctx: Ctx) -> tuple[dict[What, int], list[Difference], set[str]]:
    reading = _Reading(clock.now())
    looked_at = {
        What.visit: await reading.visits(ctx),
        What.promise: await reading.promises(ctx),
        What.event: await reading.events(ctx),
        What.time_off: await reading.time_off(ctx),
    }
    return looked_at, reading.found, reading.unknown


async def _locked(ctx: Ctx, found: Sequence[Difference]) -> list[Difference]:
    """As they are once nobody else can change them: each record before whoever it takes time of, as
    everywhere."""
    ids = [one.id for one in found]
    promised = select(Promise.visit_id).where(Promise.id.in_(ids))
    for locked in (
        select(Visit.id).where(or_(Visit.id.in_(ids), Visit.id.in_(promised))).order_by(Visit.id),
        select(Event.id).where(Event.id.in_(ids)).order_by(Event.id),
        select(TimeOff.id).where(TimeOff.id.in_(ids)).order_by(TimeOff.id),
    ):
        await ctx.session.execute(locked.with_for_update(key_share=True))
    known = set(ids)
    return [one for one in (await _read(ctx))[1] if one.id in known]


async def follow(ctx: Ctx) -> int:
    """What the clock does each night: `recompute`."""
    await recompute(ctx)
    return 0  # a second look would find those that were left again


def meant(shown: str, zone: str) -> datetime:
    """The instant of a wall time as `wall.written` keeps it, by the time zone data of today.

    The offset tells a time that comes twice which one it was; one that the clocks skip by now is moved
    forward. Raises `ZoneInfoNotFoundError` for a zone that is no more.
    """
    there = ZoneInfo(zone)
    written = datetime.fromisoformat(shown)
    on_wall = written.replace(tzinfo=None)
    if wall.comes_twice(on_wall, zone):
        second = wall.instant(on_wall, zone, fold=1)
        if second.astimezone(there).utcoffset() == written.utcoffset():
            return second
    return utc(derived(there, on_wall.date(), on_wall.time())[0])


class _Reading:
    """Looks through what is to come for instants that differ."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.found: list[Difference] = []
        self.unknown: set[str] = set()

    async def visits(self, ctx: Ctx) -> int:
        return await self._look(
            ctx,
            What.visit,
            select(
                Visit.id,
                WorkOrder.number.label("name"),
                Visit.planned_wall.label("wall"),
                Visit.planned_zone.label("zone"),
                Visit.planned_start.label("start"),
                Visit.planned_end.label("end"),
            )
            .join(WorkOrder, _same_order())
            .where(
                Visit.deleted_at.is_(None),
                Visit.status.in_(PLANNED),
                Visit.planned_start > self.now,
                Visit.planned_wall.is_not(None),
            ),
            Visit.id,
        )

    async def promises(self, ctx: Ctx) -> int:
        return await self._look(
            ctx,
            What.promise,
            select(
                Promise.id,
                WorkOrder.number.label("name"),
                Promise.wall_start.label("wall"),
                Promise.wall_end,
                Promise.time_zone.label("zone"),
                Promise.window_start.label("start"),
                Promise.window_end.label("end"),
            )
            .join(Visit, (Visit.org_id == Promise.org_id) & (Visit.id == Promise.visit_id))
            .join(WorkOrder, _same_order())
            .where(
                Promise.closed_at.is_(None),
                Promise.window_start > self.now,
                Visit.deleted_at.is_(None),
                Visit.status.not_in(TERMINAL),
            ),
            Promise.id,
        )

    async def events(self, ctx: Ctx) -> int:
        return await self._look(
            ctx,
            What.event,
            select(
                Event.id,
                Event.title.label("name"),
                Event.wall_start.label("wall"),
                Event.time_zone.label("zone"),
                Event.starts_at.label("start"),
                Event.ends_at.label("end"),
            ).where(
                Event.deleted_at.is_(None),
                Event.starts_at > self.now,
                Event.wall_start.is_not(None),
            ),
            Event.id,
        )

    async def time_off(self, ctx: Ctx) -> int:
        return await self._look(
            ctx,
            What.time_off,
            select(
                TimeOff.id,
                Technician.name,
                TimeOff.first_day,
                TimeOff.last_day,
                TimeOff.start_time,
                TimeOff.end_time,
                Technician.time_zone.label("zone"),
                TimeOff.starts_at.label("start"),
                TimeOff.ends_at.label("end"),
            )
            .join(
                Technician,
                (Technician.org_id == TimeOff.org_id) & (Technician.id == TimeOff.technician_id),
            )
            .where(TimeOff.status.in_(GRANTED), TimeOff.ends_at > self.now),
            TimeOff.id,
        )

    async def _look(self, ctx: Ctx, what: What, asked: Select[*tuple[Any, ...]], key: Any) -> int:
        count, last = 0, None
        while True:
            page = asked if last is None else asked.where(key > last)
            rows = (await ctx.session.execute(page.order_by(key).limit(PAGE))).all()
            for row in rows:
                self._compare(what, row)
            count += len(rows)
            if len(rows) < PAGE:
                return count
            last = rows[-1].id

    def _compare(self, what: What, row: Any) -> None:
        try:
            after = self._reckoned(what, row)
        except ZoneInfoNotFoundError:
            self.unknown.add(row.zone)
            return
        if after != (row.start, row.end):
            shown = row.first_day.isoformat() if what is What.time_off else row.wall[:16]
            before = (row.start, row.end)
            self.found.append(Difference(what, row.id, row.name, shown, row.zone, before, after))

    def _reckoned(self, what: What, row: Any) -> tuple[datetime, datetime]:
        if what is What.promise:
            return meant(row.wall, row.zone), meant(row.wall_end, row.zone)
        if what is What.time_off:
            span = (row.first_day, row.last_day, row.start_time, row.end_time)
            start, end = map(utc, instants_of(row.zone, *span))
            # what has begun has begun
            return (row.start if row.start <= self.now else start), end
        start = meant(row.wall, row.zone)
        return start, start + (row.end - row.start)


def _same_order() -> Any:
    return (WorkOrder.org_id == Visit.org_id) & (WorkOrder.id == Visit.work_order_id)


@dataclass(frozen=True, slots=True)
class _Around:
    """Whoever is concerned, locked from here on, and what else takes their time."""

    resources: frozenset[UUID]
    shifts: Sequence[Shift]
    rest: Sequence[Taken]
    absences: Mapping[UUID, UUID]
    """Approved absences that are booked around what moves, and whose they are."""

    @classmethod
    async def read(cls, ctx: Ctx, found: Sequence[Difference]) -> "_Around":
        moving = {one.id: one for one in found if one.what in CLAIMING}
        absent = {one.id: one for one in found if one.what is What.time_off}
        off = await ctx.session.scalars(select(TimeOff.technician_id).where(TimeOff.id.in_(absent)))
        claims = await _claims(ctx, list(moving))
        resources = frozenset([*off, *(one.resource_id for one in claims)])
        await bookings.lock(ctx, sorted(resources))
        first = min(min(one.before[0], one.after[0]) for one in found)
        last = max(max(one.before[1], one.after[1]) for one in found)
        booked: dict[UUID, list[UUID]] = {}
        for claim in await _claims(ctx, list(moving)):
            booked.setdefault(claim.visit_id or claim.event_id, []).append(claim.resource_id)
        shifts = [
            Shift(id, tuple(ids), _span(moving[id].before), _span(moving[id].after))
            for id, ids in booked.items()
        ]
        others = await _others(ctx, resources, set(moving), first, last)
        absences = (await _absences(ctx, resources, first, last)).all()
        away = [
            Taken(
                row.id,
                row.technician_id,
                _span(absent[row.id].after if row.id in absent else (row.starts_at, row.ends_at)),
            )
            for row in absences
        ]
        # an absence that was granted over a visit is not in its way
        new = [one for one in away if not any(_meet(one, shift) for shift in shifts)]
        mine = {row.id: row.technician_id for row in absences}
        return cls(resources, shifts, [*others, *new], mine)

    async def left(self, ctx: Ctx) -> dict[UUID, str]:
        """Who must stay, and why."""
        return await _said(ctx, settle(self.shifts, self.rest))


def _meet(one: Taken, shift: Shift) -> bool:
    (start, end), (begins, ends) = one.span, shift.before
    return one.resource in shift.resources and begins < end and start < ends


async def _claims(ctx: Ctx, ids: Sequence[UUID]) -> list[Any]:
    found = await ctx.session.execute(
        select(Booking.resource_id, Booking.visit_id, Booking.event_id).where(
            or_(Booking.visit_id.in_(ids), Booking.event_id.in_(ids))
        )
    )
    return list(found)


async def _others(
    ctx: Ctx, resources: frozenset[UUID], moving: set[UUID], start: datetime, end: datetime
) -> list[Taken]:
    """What else is booked of them; absences are read off themselves, for they are booked in pieces."""
    found = await ctx.session.execute(
        select(
            Booking.id,
            Booking.resource_id,
            Booking.visit_id,
            Booking.event_id,
            Booking.starts_at,
            Booking.ends_at,
        ).where(
            Booking.resource_id.in_(resources),
            Booking.kind != BookingKind.time_off,
            Booking.starts_at < end,
            Booking.ends_at > start,
            or_(Booking.expires_at.is_(None), Booking.expires_at > clock.now()),
        )
    )
    return [
        Taken(row.id, row.resource_id, _span((row.starts_at, row.ends_at)))
        for row in found
        if not {row.visit_id, row.event_id} & moving
    ]


async def _absences(
    ctx: Ctx, resources: frozenset[UUID], start: datetime, end: datetime
) -> Result[Any]:
    return await ctx.session.execute(
        select(TimeOff.id, TimeOff.technician_id, TimeOff.starts_at, TimeOff.ends_at).where(
            TimeOff.technician_id.in_(resources),
            TimeOff.status == TimeOffStatus.approved,
            TimeOff.starts_at < end,
            TimeOff.ends_at > start,
        )
    )


async def _said(ctx: Ctx, left: Sequence[Left]) -> dict[UUID, str]:
    """In words: who is in the way of each."""
    found = await ctx.session.execute(
        select(Resource.id, Resource.kind, Technician.name)
        .outerjoin(
            Technician, (Technician.org_id == Resource.org_id) & (Technician.id == Resource.id)
        )
        .where(Resource.id.in_({one.resource for one in left}))
    )
    names = {row.id: row.name or "a vehicle" for row in found}
    said: dict[UUID, str] = {}
    for one in left:
        assert isinstance(one.shift.key, UUID)
        said[one.shift.key] = f"{names[one.resource]} is taken at that time by then"
    return said


async def _apply(ctx: Ctx, found: Sequence[Difference], around: _Around) -> None:
    goes = {one.id: one for one in found if one.left is None}
    stays = {one.id: one for one in found if one.left is not None}
    # expired holds and pieces of absences would be in the way; the pieces are booked again afterwards
    await ctx.session.execute(
        delete(Booking).where(
            or_(
                Booking.time_off_id.in_(around.absences),
                Booking.resource_id.in_(around.resources)
                & (Booking.kind == BookingKind.hold)
                & (Booking.expires_at <= clock.now()),
            )
        )
    )
    await _move_bookings(ctx, [one for one in goes.values() if one.what in CLAIMING])
    for visit in await _visits(ctx, _ids(stays, What.visit)):
        _warn(visit, stays[visit.id])
    told = [
        *await _move_visits(ctx, goes),
        *await _move_promises(ctx, goes),
        *await _move_events(ctx, goes),
        *await _move_absences(ctx, goes, around),
    ]
    for page in range(0, len(told), PAGE):
        await emit_all(ctx, told[page : page + PAGE])


async def _move_visits(ctx: Ctx, goes: Mapping[UUID, Difference]) -> list[Told]:
    told = []
    for visit in await _visits(ctx, _ids(goes, What.visit)):
        one = goes[visit.id]
        visit.planned_start, visit.planned_end = one.after
        visit.planned_wall = wall.written(visit.planned_start, one.zone)
        told.append(_told(Fact.visit_rezoned, visit, one, "plan", _about(visit)))
    return told


async def _move_promises(ctx: Ctx, goes: Mapping[UUID, Difference]) -> list[Told]:
    told = []
    found = await ctx.session.scalars(
        select(Promise).where(Promise.id.in_(_ids(goes, What.promise)))
    )
    promises = {one.visit_id: one for one in found}
    for visit in await _visits(ctx, list(promises)):
        promise = promises[visit.id]
        one = goes[promise.id]
        promise.window_start, promise.window_end = one.after
        promise.wall_start, promise.wall_end = (wall.written(at, one.zone) for at in one.after)
        visit.promised_start, visit.promised_end = one.after
        told.append(_told(Fact.visit_rezoned, visit, one, "promised window", _about(visit)))
    return told


async def _move_events(ctx: Ctx, goes: Mapping[UUID, Difference]) -> list[Told]:
    told = []
    found = await ctx.session.scalars(
        select(Event)
        .where(Event.id.in_(_ids(goes, What.event)))
        .options(selectinload(Event.participants))
    )
    for event in found:
        one = goes[event.id]
        event.starts_at, event.ends_at = one.after
        event.wall_start = wall.written(event.starts_at, one.zone)
        about = tuple(it.resource_id for it in event.participants)
        told.append(_told(Fact.event_rezoned, event, one, f"“{event.title}”", about))
    return told


async def _move_absences(ctx: Ctx, goes: Mapping[UUID, Difference], around: _Around) -> list[Told]:
    told = []
    ids = {*_ids(goes, What.time_off), *around.absences}
    for absence in await ctx.session.scalars(select(TimeOff).where(TimeOff.id.in_(ids))):
        if one := goes.get(absence.id):
            absence.starts_at, absence.ends_at = one.after
            told.append(
                _told(
                    Fact.time_off_rezoned,
                    absence,
                    one,
                    f"time off of {one.name}",
                    (absence.technician_id,),
                )
            )
        if absence.status == TimeOffStatus.approved:
            await _book_absence(ctx, absence)
    return told


def _ids(found: Mapping[UUID, Difference], what: What) -> list[UUID]:
    return [id for id, one in found.items() if one.what is what]


async def _visits(ctx: Ctx, ids: Sequence[UUID]) -> Sequence[Visit]:
    found = await ctx.session.scalars(
        select(Visit)
        .where(Visit.id.in_(ids))
        .options(joinedload(Visit.work_order), selectinload(Visit.assignments))
    )
    return found.all()


def _about(visit: Visit) -> tuple[UUID, ...]:
    """In whose stories it stands, as all facts of visits."""
    order = visit.work_order
    crew = (one.technician_id for one in visit.assignments if one.stands)
    return order.id, order.customer_id, order.site_id, *crew


def _warn(visit: Visit, one: Difference) -> None:
    """It stays, and says so; once."""
    detail = (
        f"New time zone data: {one.wall} in {one.zone} is {_by(one)} than was reckoned, and {one.left}."
        " Move this visit."
    )
    warning = {"code": CLASH, "detail": detail}
    if warning not in visit.warnings:
        others = [it for it in visit.warnings if it["code"] != CLASH]
        visit.warnings = [*others, warning]


async def _take_back_warnings(ctx: Ctx, left: Sequence[UUID]) -> None:
    """From visits that are where they should be by now."""
    warned = await ctx.session.scalars(
        select(Visit).where(Visit.warnings.contains([{"code": CLASH}]), Visit.id.not_in(left))
    )
    for visit in warned:
        visit.warnings = [it for it in visit.warnings if it["code"] != CLASH]


def _told(fact: Fact, record: Any, one: Difference, what: str, about: tuple[UUID, ...]) -> Told:
    return Told(
        fact,
        record,
        about,
        None,
        {
            "what": what,
            "when": one.wall.replace("T", " "),
            "zone": one.zone,
            "by": _by(one),
            "before": one.before[0],
            "after": one.after[0],
        },
    )


def _by(one: Difference) -> str:
    if not one.minutes:
        return "of another length"
    return f"{abs(one.minutes)} minutes {'later' if one.minutes > 0 else 'earlier'}"


async def _move_bookings(ctx: Ctx, found: Sequence[Difference]) -> None:
    """All in one statement: the constraint looks when it is over, so that neighbours change places."""
    if not found:
        return
    moment = TIMESTAMP(timezone=True)
    new = (
        func.unnest(
            bindparam("ids", [one.id for one in found], ARRAY(Uuid())),
            bindparam("starts", [one.after[0] for one in found], ARRAY(moment)),
            bindparam("ends", [one.after[1] for one in found], ARRAY(moment)),
        )
        .table_valued("id", "starts_at", "ends_at", name="new")
        .render_derived()
    )
    await ctx.session.execute(
        update(Booking)
        .where(or_(Booking.visit_id == new.c.id, Booking.event_id == new.c.id))
        .values(during=func.tstzrange(new.c.starts_at, new.c.ends_at, "[)"))
        .execution_options(synchronize_session=False)
    )


async def _book_absence(ctx: Ctx, absence: TimeOff) -> None:
    """Around what is booked there, as when it was granted."""
    await ctx.session.flush()
    busy = await ctx.session.execute(
        select(Booking.starts_at, Booking.ends_at)
        .where(
            Booking.resource_id == absence.technician_id,
            Booking.starts_at < absence.ends_at,
            Booking.ends_at > absence.starts_at,
        )
        .order_by(Booking.starts_at)
        .limit(bookings.MOST)
    )
    taken = [(row.starts_at, row.ends_at) for row in busy]
    ctx.session.add_all(
        Booking(
            resource_id=absence.technician_id,
            during=Range(start, end, bounds="[)"),
            kind=BookingKind.time_off,
            time_off_id=absence.id,
        )
        for start, end in between(taken, absence.starts_at, absence.ends_at)
    )


def _span(times: tuple[datetime, datetime]) -> tuple[int, int]:
    return int(times[0].timestamp()), int(times[1].timestamp())
