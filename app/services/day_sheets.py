"""Day sheets: what a technician's day holds, gathered for paper and typeset by `app.documents`.

A sheet holds what its reader may see of the day: gate codes are on it only for those whose role shows
them, and for whoever works there today themselves. In as many queries for one technician as for twenty.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from app.core import clock, wall
from app.core.contacts import phone_text
from app.core.errors import Conflict, NotFound
from app.core.geo import Point
from app.documents import day_sheet
from app.documents.day_sheet import DaySheet, Drive, Floating, Gathering, Stop, Stretch, render
from app.models.assignments import GONE, Assignment
from app.models.day_notes import DayNote
from app.models.events import Event, EventParticipant
from app.models.organisations import OrganisationSettings
from app.models.permissions import Permission
from app.models.positions import reached
from app.models.technicians import Technician
from app.models.visits import BEGUN, TERMINAL, Visit, VisitStatus
from app.models.work_orders import WorkOrder
from app.scheduling.travel import Source, Travel
from app.scheduling.values import PieceKind, WorkDay
from app.scheduling.worktime import day_of, utc
from app.services import working_time
from app.services.access_codes import COMING
from app.services.context import Ctx
from app.services.day_notes import MOST as MOST_NOTES
from app.services.tracking import roads
from app.services.tracking.roads import Leg
from app.services.visits import access
from app.services.visits.crew import standing
from app.services.visits.taking import WHOLE

MOST = 100
"""Sheets that are printed together."""
MOST_VISITS = 3000
ON_PAPER = (VisitStatus.scheduled, VisitStatus.dispatched, *BEGUN, *TERMINAL)
KINDS: Mapping[PieceKind, day_sheet.Kind] = {
    PieceKind.work: "work",
    PieceKind.on_call: "on_call",
    PieceKind.pause: "break",
    PieceKind.holiday: "holiday",
    PieceKind.time_off: "time_off",
}


async def pdf_of(ctx: Ctx, technician: Technician, day: date) -> bytes:
    """One technician's local day. Raises `NotFound` for one beyond this person's record scope."""
    if not await _people(ctx, [technician.id]):
        raise NotFound(
            "You may print your own day, and those of people whose work you see.", code="not_yours"
        )
    return await _pdf(await _sheets(ctx, [technician], day))


async def pdf_of_all(ctx: Ctx, day: date, technician_ids: Sequence[UUID] | None) -> bytes:
    """The same local day of everybody who has anything on it, or of these, a sheet each.

    Raises `NotFound` for a technician who is not there and `Conflict` for too many.
    """
    people = await _people(ctx, technician_ids)
    if len(people) > MOST:
        raise Conflict(
            f"More than {MOST} sheets are too many for one file. Name the technicians.",
            code="too_many",
        )
    if technician_ids is not None and {one.id for one in people} != set(technician_ids):
        raise NotFound("There is no such technician, or none whose work you see.")
    sheets = await _sheets(ctx, people, day)
    if technician_ids is None:
        sheets = [one for one in sheets if one.entries] or [await _nobodys(ctx, day)]
    return await _pdf(sheets)


async def _pdf(sheets: Sequence[DaySheet]) -> bytes:
    return await asyncio.to_thread(render, sheets)


async def _people(ctx: Ctx, ids: Sequence[UUID] | None) -> list[Technician]:
    """These, or all who work at present, as far as the record scope reaches, by name."""
    mine = reached(Technician.id.expression, Technician.org_id.expression, ctx)
    query = ctx.select(Technician).where(mine)
    query = query.where(Technician.active if ids is None else Technician.id.in_(ids))
    found = await ctx.session.scalars(
        query.order_by(Technician.sort_name, Technician.id).limit(MOST + 1)
    )
    return list(found)


async def _nobodys(ctx: Ctx, day: date) -> DaySheet:
    """For a day on which nobody has anything."""
    company = await ctx.organisation()
    return replace(_empty(company, company.name, company.time_zone, day), known=False)


def _empty(company: OrganisationSettings, name: str, zone: str, day: date) -> DaySheet:
    return DaySheet(
        technician=name,
        day=day,
        company=company.name,
        locale=company.locale,
        currency=company.currency,
        country=company.country,
        printed=_on_wall(clock.now(), ZoneInfo(zone)),
    )


@dataclass(frozen=True, slots=True)
class _Entry:
    """Something that stands in somebody's day, and where it is; None: nowhere one drives to."""

    technician: Technician
    start: datetime
    end: datetime
    what: Visit | Event
    place: Point | None
    unplaced: bool = False
    """There is a drive, and nobody knows from or to where."""


async def _sheets(ctx: Ctx, people: Sequence[Technician], day: date) -> list[DaySheet]:
    calendars = await working_time.calendars(ctx, people, day, day)
    days = {one.id: day_of(calendars[one.id], day) for one in people}
    start = utc(min((one.start for one in days.values()), default=0))
    end = utc(max((one.end for one in days.values()), default=0))
    by_id = {one.id: one for one in people}
    found = [
        *await _visits(ctx, by_id, start, end),
        *await _events(ctx, by_id, start, end),
    ]
    seen = await _seen(ctx, [one.what.id for one in found if isinstance(one.what, Event)])
    of_each: dict[UUID, list[_Entry]] = defaultdict(list)
    for one in sorted(found, key=lambda it: (it.start, it.end, it.what.id)):
        work = days[one.technician.id]
        if one.start < utc(work.end) and one.end > utc(work.start):
            of_each[one.technician.id].append(one)
    company = await ctx.organisation()
    homes = {one.id: _base(one, company) for one in people}
    drives = await _drives(ctx, people, of_each, homes)
    page = _Writer(ctx, company, seen, await _notes(ctx, by_id, day))
    return [
        page.sheet(one, days[one.id], of_each[one.id], drives.get(one.id, []), homes[one.id])
        for one in people
    ]


async def _visits(
    ctx: Ctx, people: Mapping[UUID, Technician], start: datetime, end: datetime
) -> list[_Entry]:
    on_it = select(Assignment.visit_id).where(
        Assignment.technician_id.in_(people),
        Assignment.status.not_in(GONE),
    )
    rows = await ctx.session.scalars(
        ctx.select(Visit)
        .where(
            Visit.id.in_(on_it),
            Visit.status.in_([one for one in ON_PAPER if one is not VisitStatus.canceled]),
            Visit.planned_start < end,
            Visit.planned_end > start,
        )
        .options(*WHOLE, joinedload(Visit.work_order).selectinload(WorkOrder.checklist))
        .order_by(Visit.planned_start, Visit.id)
        .limit(MOST_VISITS)
    )
    found = []
    for visit in rows:
        assert visit.planned_start is not None
        assert visit.planned_end is not None
        site = visit.work_order.site
        place = _point(site.latitude, site.longitude)
        found += [
            _Entry(
                people[one.technician_id],
                visit.planned_start,
                visit.planned_end,
                visit,
                place,
                place is None,
            )
            for one in standing(visit)
            if one.technician_id in people
        ]
    return found


async def _events(
    ctx: Ctx, people: Mapping[UUID, Technician], start: datetime, end: datetime
) -> list[_Entry]:
    rows = await ctx.session.execute(
        select(Event, EventParticipant.resource_id)
        .join(
            EventParticipant,
            (EventParticipant.org_id == Event.org_id) & (EventParticipant.event_id == Event.id),
        )
        .where(
            Event.deleted_at.is_(None),
            Event.starts_at < end,
            Event.ends_at > start,
            EventParticipant.resource_id.in_(people),
        )
        .order_by(Event.starts_at, Event.id)
        .limit(MOST_VISITS)
    )
    return [
        _Entry(
            people[who],
            event.starts_at,
            event.ends_at,
            event,
            _point(event.latitude, event.longitude),
        )
        for event, who in rows
    ]


async def _seen(ctx: Ctx, ids: Sequence[UUID]) -> frozenset[UUID]:
    """Of these events, those that this person may know more of than when they are."""
    found = await ctx.session.scalars(
        ctx.select(Event).where(Event.id.in_(ids)).with_only_columns(Event.id)
    )
    return frozenset(found)


async def _notes(
    ctx: Ctx, people: Mapping[UUID, Technician], day: date
) -> Mapping[UUID | None, Sequence[str]]:
    """What is to be known of the day: by whom it is about, everybody's under None, as they were written."""
    about = or_(DayNote.technician_id.is_(None), DayNote.technician_id.in_(people))
    rows = await ctx.session.scalars(
        ctx.select(DayNote)
        .where(DayNote.day == day, about)
        .order_by(DayNote.id)
        .limit(MOST_NOTES * (len(people) + 1))
    )
    found: dict[UUID | None, list[str]] = defaultdict(list)
    for note in rows:
        found[note.technician_id].append(note.body)
    return found


def _base(one: Technician, company: OrganisationSettings) -> tuple[Point | None, str | None]:
    """Where their day begins and ends: on the map, and in words."""
    own = _point(one.base_latitude, one.base_longitude)
    if own is not None or one.base_name:
        return own, one.base_name
    return _point(company.base_latitude, company.base_longitude), None


def _point(latitude: object, longitude: object) -> Point | None:
    if latitude is None or longitude is None:
        return None
    return Point(float(str(latitude)), float(str(longitude)))


async def _drives(
    ctx: Ctx,
    people: Sequence[Technician],
    of_each: Mapping[UUID, Sequence[_Entry]],
    homes: Mapping[UUID, tuple[Point | None, str | None]],
) -> dict[UUID, list[Drive | None]]:
    """The drive to each entry, and home after the last one; None where nobody drives."""
    drives: dict[UUID, list[Drive | None]] = {}
    wanted: list[tuple[UUID, int, _Entry | None, datetime | None, Leg]] = []
    for one in people:
        entries = of_each[one.id]
        drives[one.id] = [None] * (len(entries) + 1)
        here, lost = homes[one.id][0], False
        before = None
        for n, entry in enumerate(entries):
            if entry.place is None and not entry.unplaced:
                before = entry.end  # it takes time, and no way
                continue
            if entry.place is None or lost:
                drives[one.id][n] = Drive(minutes=0, metres=None, measured=False)
            elif here is not None:
                leg = Leg(here, entry.place, before or entry.start, one.time_zone)
                wanted.append((one.id, n, entry, before, leg))
            here, lost, before = entry.place, entry.place is None, entry.end
        home = homes[one.id][0]
        if before is not None and here is not None and home is not None:
            leg = Leg(here, home, before, one.time_zone)
            wanted.append((one.id, len(entries), None, before, leg))
    for start in range(0, len(wanted), roads.MOST):
        page = wanted[start : start + roads.MOST]
        travels = await roads.times(ctx, [leg for *_, leg in page])
        for (id, n, goal, since, leg), travel in zip(page, travels, strict=True):
            drives[id][n] = _drive(goal, since, leg.zone, travel)
    return drives


def _drive(goal: _Entry | None, since: datetime | None, zone: str, travel: Travel) -> Drive:
    """With when to leave for it: in time, but not before what comes first is over."""
    minutes = -(-travel.seconds // 60)
    measured = travel.source is Source.provider
    if goal is None:
        return Drive(minutes=minutes, metres=travel.metres, measured=measured)
    leave = goal.start - timedelta(minutes=minutes)
    late = max(timedelta(), since - leave) if since is not None else timedelta()
    return Drive(
        minutes=minutes,
        metres=travel.metres,
        measured=measured,
        leave=_on_wall(leave + late, ZoneInfo(zone)),
        short=-(-late // timedelta(minutes=1)),
    )


@dataclass(frozen=True, slots=True)
class _Writer:
    """Turns what was found into what is printed, for this reader."""

    ctx: Ctx
    company: OrganisationSettings
    seen: frozenset[UUID]
    notes: Mapping[UUID | None, Sequence[str]]

    def sheet(
        self,
        one: Technician,
        work: WorkDay,
        entries: Sequence[_Entry],
        drives: Sequence[Drive | None],
        home: tuple[Point | None, str | None],
    ) -> DaySheet:
        zone = ZoneInfo(one.time_zone)
        return replace(
            _empty(self.company, one.name, one.time_zone, work.day),
            known=work.planned or bool(work.pieces),
            stretches=tuple(self.stretches(work, zone)),
            floating=tuple(
                Floating(
                    minutes=pause.minutes,
                    earliest=_on_wall(utc(pause.earliest), zone),
                    latest=_on_wall(utc(pause.latest), zone),
                )
                for pause in work.breaks
            ),
            base=home[1],
            notes=(*self.notes.get(None, ()), *self.notes.get(one.id, ())),
            entries=tuple(
                self.stop(entry, entry.what, zone, drive)
                if isinstance(entry.what, Visit)
                else self.gathering(entry, entry.what, zone, drive)
                for entry, drive in zip(entries, drives, strict=False)
            ),
            home=drives[-1] if drives else None,
        )

    def stretches(self, work: WorkDay, zone: ZoneInfo) -> list[Stretch]:
        """The shift as one stretch around its breaks; what takes from it, with its name."""
        found: list[Stretch] = []
        for kind in (PieceKind.work, PieceKind.on_call):
            pieces = [one for one in work.pieces if one.kind == kind]
            sources = dict.fromkeys(one.source for one in pieces)
            for source in sources:
                of_it = [one for one in pieces if one.source == source]
                span = _on_wall(utc(of_it[0].start), zone), _on_wall(utc(of_it[-1].end), zone)
                found.append(Stretch(kind=KINDS[kind], span=span))
        for one in work.pieces:
            if one.kind not in (PieceKind.work, PieceKind.on_call):
                span = _on_wall(utc(one.start), zone), _on_wall(utc(one.end), zone)
                named = one.kind is not PieceKind.pause
                found.append(
                    Stretch(kind=KINDS[one.kind], span=span, name=one.name if named else "")
                )
        return found

    def stop(self, entry: _Entry, visit: Visit, zone: ZoneInfo, drive: Drive | None) -> Stop:
        order = visit.work_order
        site, customer = order.site, order.customer
        start = _on_wall(entry.start, zone)
        there = _on_wall(entry.start, ZoneInfo(site.time_zone))
        window = None
        if visit.promised_start and visit.promised_end:
            window = _on_wall(visit.promised_start, zone), _on_wall(visit.promised_end, zone)
        may = self.ctx.may
        phones = (customer.phone, customer.second_phone) if may(Permission.customers_read) else ()
        sites = may(Permission.sites_read)
        return Stop(
            span=(start, _on_wall(entry.end, zone)),
            there=None if there == start else there,
            window=window,
            confirmed=visit.confirmed_at is not None,
            status=str(visit.status),
            priority=str(order.priority),
            number=order.number,
            job=order.job_type.name,
            summary=order.summary,
            description=order.description,
            customer=customer.name,
            site=site.name,
            address=site.address,
            phones=tuple(phone_text(one, self.company.country) for one in phones if one),
            access_notes=site.access_notes if sites else None,
            gate_code=site.gate_code if self.shows_code(entry, visit) else None,
            open=access.in_words(site) or None if sites else None,
            hazards=tuple(one["text"] for one in site.hazards) if sites else (),
            crew=tuple(
                one.technician.name
                for one in standing(visit)
                if one.technician_id != entry.technician.id
            ),
            vehicles=tuple(one.vehicle.name for one in visit.vehicles),
            instructions=visit.instructions,
            steps=tuple(step.title for step in order.checklist if step.done_at is None)
            if visit.is_open
            else (),
            drive=drive,
        )

    def shows_code(self, entry: _Entry, visit: Visit) -> bool:
        """As `access_codes` says: always for some roles, today for whoever works there."""
        if self.ctx.may(Permission.sites_access_codes):
            return True
        if entry.technician.member_id is None or entry.technician.member_id != self.ctx.user_id:
            return False
        zone = visit.work_order.site.time_zone
        today = clock.today(zone)
        of_today = wall.day(entry.start, zone) <= today <= wall.day(entry.end, zone)
        return visit.status in BEGUN or (visit.status in COMING and of_today)

    def gathering(
        self, entry: _Entry, event: Event, zone: ZoneInfo, drive: Drive | None
    ) -> Gathering:
        span = _on_wall(entry.start, zone), _on_wall(entry.end, zone)
        if event.id not in self.seen:
            return Gathering(span=span, title=None, drive=drive)
        return Gathering(
            span=span,
            title=event.title,
            place=event.place,
            description=event.description,
            drive=drive,
        )


def _on_wall(at: datetime, zone: ZoneInfo) -> datetime:
    return at.astimezone(zone).replace(tzinfo=None, fold=0)
