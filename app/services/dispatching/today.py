"""A day as it goes: what each was to do, how far it has come, when it will really be, what is wrong.

What is always true: read in a few statements, however many people there are, and the same for whoever
looks. Who may see which visit is for whoever shows it. A visit of several is watched on its lead's day,
whose status it has (`rulings.md` 26); it takes the others' time as well.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from app.core import clock
from app.core.geo import Point
from app.models.assignments import Assignment, AssignmentStatus
from app.models.customers import Customer
from app.models.positions import MILLION, Position
from app.models.promises import Promise, ToldVia
from app.models.sites import Site
from app.models.technicians import Technician
from app.models.visits import OCCUPYING, TERMINAL, Visit, VisitStatus
from app.models.work_orders import WorkOrder
from app.scheduling import alerts, expected
from app.scheduling.alerts import Alert
from app.scheduling.expected import Due, Expected, Totals
from app.scheduling.model import Busy, Interval, Place, Resource
from app.scheduling.worktime import instants_of, utc
from app.services import journal_chain
from app.services.context import Ctx
from app.services.dispatching import drives, people, work
from app.services.dispatching.drives import Drives
from app.services.dispatching.people import CALL, PersonDay

MOST = 5000
"""Visits of a day."""
FRESH = timedelta(minutes=10)
"""For so long a position says where somebody is."""
SHOWN = (*OCCUPYING, *(one for one in TERMINAL if one != VisitStatus.canceled))
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Going:
    """One's day as it goes."""

    technician: Technician
    person: PersonDay
    resource: Resource
    """With events that have no place."""
    dues: tuple[Due, ...]
    stops: tuple[Expected, ...]
    totals: Totals
    leads: frozenset[str]
    """The visits that are watched here."""


@dataclass(frozen=True, slots=True)
class Today:
    """Everybody's day."""

    day: date
    now: int
    seq: int
    rows: Mapping[str, Any]
    """Visits by their ids: number, customer, times, status, who leads."""
    going: tuple[Going, ...]
    unconfirmed: frozenset[str]
    drives: Drives

    def alerts(self) -> list[Alert]:
        """What is wrong with it, or is about to be."""
        return [
            alert
            for one in self.going
            for alert in alerts.of_day(one.dues, one.stops, self.now, unconfirmed=self.unconfirmed)
            if alert.visit in one.leads
        ]

    def next_look(self) -> int | None:
        """When there will be one more, if nobody does anything."""
        looks = [
            alerts.next_look(
                one.resource, one.dues, self.drives, self.now, unconfirmed=self.unconfirmed
            )
            for one in self.going
        ]
        return min((one for one in looks if one is not None), default=None)


async def look(ctx: Ctx, day: date) -> Today:
    """The day of everybody who works at present or has a visit then."""
    now = clock.now()
    seq = (await journal_chain.head(ctx)).seq
    low, high = instants_of("UTC", day, day)
    start, end = utc(low) - timedelta(hours=14), utc(high) + timedelta(hours=12)
    rows = {str(row.id): row for row in await ctx.session.execute(_visits(start, end))}
    crews = await _crews(ctx, [row.id for row in rows.values()])
    team = await people.technicians(ctx)
    known = {one.id for one in team}
    others = {id for crew in crews.values() for id in crew if id not in known}
    team += await people.technicians(ctx, sorted(others)) if others else []
    days = [
        one for one in await people.days(ctx, team, day, day) if not one.resource.id.endswith(CALL)
    ]
    busy = defaultdict(list)
    for away in await work.elsewhere(ctx, start, end):
        busy[away.resource_id].append(Busy(away.start, away.end, away.name))
    positions = await _positions(ctx, [row for row in rows.values() if _on_the_way(row)], crews)
    places = {key: _place(row) for key, row in rows.items()}
    known_drives = await drives.between(
        ctx, [*places.values(), *(one.resource.start for one in days), *positions.values()]
    )
    of_each = defaultdict(list)
    for key, row in rows.items():
        for id in crews.get(row.id, ()):
            of_each[id].append(key)
    by_id = {one.id: one for one in team}
    going = []
    for person in days:
        here = [
            key
            for key in of_each[person.technician_id]
            if person.work.start <= _at(rows[key].planned_start) < person.work.end
        ]
        at = positions.get(person.technician_id)
        dues = tuple(_due(rows[key], places[key], at, known_drives, now) for key in here)
        resource = person.resource
        if taken := busy[person.technician_id]:
            merged = people.merged((*resource.busy, *taken))
            resource = replace(resource, busy=merged)
        stops, totals = expected.of_day(resource, dues, known_drives, int(now.timestamp()))
        leads = frozenset(key for key in here if crews[rows[key].id][0] == person.technician_id)
        going.append(
            Going(by_id[person.technician_id], person, resource, dues, tuple(stops), totals, leads)
        )
    return Today(
        day,
        int(now.timestamp()),
        seq,
        rows,
        tuple(going),
        frozenset(key for key, row in rows.items() if _unconfirmed(row)),
        known_drives,
    )


def _visits(start: datetime, end: datetime) -> Select[*tuple[Any, ...]]:
    found: Select[*tuple[Any, ...]] = (
        select(
            Visit.id,
            Visit.version,
            Visit.status,
            Visit.planned_start,
            Visit.planned_end,
            Visit.expected_end,
            Visit.promised_start,
            Visit.promised_end,
            Visit.confirmed_at,
            Visit.travel_started_at,
            Visit.arrived_at,
            Visit.started_at,
            Visit.finished_at,
            Promise.told_via,
            WorkOrder.id.label("work_order_id"),
            WorkOrder.number,
            WorkOrder.customer_id,
            Customer.name.label("customer"),
            Site.id.label("site_id"),
            Site.latitude,
            Site.longitude,
            Site.street,
            Site.time_zone,
        )
        .join(WorkOrder, (WorkOrder.org_id == Visit.org_id) & (WorkOrder.id == Visit.work_order_id))
        .join(Site, (Site.org_id == WorkOrder.org_id) & (Site.id == WorkOrder.site_id))
        .join(
            Customer, (Customer.org_id == WorkOrder.org_id) & (Customer.id == WorkOrder.customer_id)
        )
        .outerjoin(
            Promise,
            (Promise.org_id == Visit.org_id)
            & (Promise.visit_id == Visit.id)
            & Promise.closed_at.is_(None),
        )
        .where(
            Visit.status.in_(SHOWN),
            Visit.planned_start >= start,
            Visit.planned_start < end,
            Visit.deleted_at.is_(None),
        )
        .order_by(Visit.planned_start, Visit.id)
        .limit(MOST)
    )
    return found


async def _crews(ctx: Ctx, visit_ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    """Who is, or was, on them, the lead first."""
    rows = await ctx.session.execute(
        select(Assignment.visit_id, Assignment.technician_id)
        .where(
            Assignment.visit_id.in_(visit_ids),
            Assignment.status.not_in((AssignmentStatus.removed, AssignmentStatus.declined)),
        )
        .order_by(Assignment.is_lead.desc(), Assignment.created_at, Assignment.id)
        .limit(MOST * 4)
    )
    found: dict[UUID, list[UUID]] = defaultdict(list)
    for visit, technician in rows:
        found[visit].append(technician)
    return found


async def _positions(
    ctx: Ctx, on_the_way: Sequence[Any], crews: Mapping[UUID, Sequence[UUID]]
) -> dict[UUID, Place]:
    """Where those are who are on the way, as far as one has heard of them lately."""
    ids = {id for row in on_the_way for id in crews.get(row.id, ())}
    if not ids:
        return {}
    rows = await ctx.session.execute(
        select(Position.id, Position.at, Position.latitude_e6, Position.longitude_e6)
        .where(Position.id.in_(ids), Position.at > clock.now() - FRESH)
        .limit(people.MOST)
    )
    return {
        id: Place(f"at:{id}:{at.timestamp()}", Point(latitude / MILLION, longitude / MILLION))
        for id, at, latitude, longitude in rows
    }


def _due(row: Any, place: Place, at: Place | None, drive: Drives, now: datetime) -> Due:
    promised = None
    if row.promised_start is not None:
        promised = Interval(_at(row.promised_start), _at(row.promised_end))
    arrives = None
    if at is not None and _on_the_way(row):
        arrives = int(now.timestamp()) + drive(at, place)
    ended = row.finished_at
    if row.status in TERMINAL and ended is None:
        ended = row.arrived_at or row.planned_end  # ended without anybody saying when
    return Due(
        str(row.id),
        place,
        _at(row.planned_start),
        _at(row.planned_end),
        promised,
        _maybe(row.travel_started_at),
        _maybe(row.arrived_at),
        _maybe(row.started_at),
        _maybe(ended),
        _maybe(row.expected_end),
        arrives,
    )


def _place(row: Any) -> Place:
    return work.place_of(row.site_id, row.latitude, row.longitude, row.street)


def _on_the_way(row: Any) -> bool:
    return bool(row.status == VisitStatus.en_route)


def _unconfirmed(row: Any) -> bool:
    """A window was told, and the customer has said nothing."""
    told = row.told_via is not None and row.told_via != ToldVia.not_yet
    return told and row.confirmed_at is None


def _at(moment: datetime) -> int:
    return int(moment.timestamp())


def _maybe(moment: datetime | None) -> int | None:
    return None if moment is None else _at(moment)
