"""Visits, events and holds as the planner sees them.

What is always true: read in a few statements, however many there are, and whoever is planned for is
planned around all of them: record scopes decide what a person is shown, not what time is taken. The rows
that come out name customers and sites, so whoever shows them asks `ctx` first.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from app.core import clock
from app.core.errors import Conflict
from app.core.geo import Point
from app.models.assignments import GONE, Assignment, AssignmentStatus
from app.models.bookings import Booking, BookingKind
from app.models.events import Event, EventParticipant
from app.models.holds import Hold
from app.models.job_types import JobType
from app.models.sites import Site
from app.models.skills import JobTypeSkill
from app.models.visits import BEGUN, OCCUPYING, Visit, VisitStatus
from app.models.work_orders import Priority, WorkOrder
from app.scheduling.model import Interval, Lock, Place, State, Task, Window, WindowKind
from app.scheduling.travel import NOWHERE
from app.services.context import Ctx
from app.services.visits import lasting
from app.services.visits.access import opening

MOST = 20_000
"""Visits that are planned together."""
RANK = {Priority.emergency: 1, Priority.high: 2, Priority.normal: 3, Priority.low: 4}
"""The planner's priorities, from 1, the highest."""
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Planned:
    """A visit that takes somebody's time, or waits for somebody (a shadow)."""

    visit_id: UUID
    task: Task
    technicians: tuple[UUID, ...]
    """Who comes, the lead first; nobody for a shadow."""
    start: int | None
    """When it is planned to begin."""
    end: int | None
    """When it is planned to end, or expected to (`visits.lasting`), if that is later."""
    version: int


@dataclass(frozen=True, slots=True)
class Held:
    """What the planner knows of a hold."""

    expires: int
    lead: str
    territory: str | None = None
    trade: str | None = None


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """An event or a hold that takes somebody's time; one with a place is driven to."""

    id: UUID
    resource_id: UUID
    start: int
    end: int
    name: str
    place: Place | None
    held: Held | None = None
    """None: an event."""

    @property
    def key(self) -> str:
        """The id of its task."""
        return f"{'hold' if self.held else 'event'}:{self.id}"


def place_of(id: UUID, latitude: object, longitude: object, street: str) -> Place:
    """A site as a place."""
    if latitude is None or longitude is None:
        return Place(f"site:{id}", NOWHERE, street)
    return Place(f"site:{id}", Point(float(str(latitude)), float(str(longitude))), street)


def point(latitude: float, longitude: float) -> Place:
    """A place that is no site."""
    said = f"{latitude:.5f}, {longitude:.5f}"
    return Place(f"point:{said}", Point(latitude, longitude), said)


def hours_of(
    hours: Sequence[dict[str, str]], zone: str, first: date, last: date
) -> tuple[Window, ...]:
    """When a site may be entered, as windows; none for one that is always open."""
    return tuple(
        Window(int(opens.timestamp()), int(closes.timestamp()), WindowKind.access)
        for opens, closes in opening(hours, zone, first, last)
    )


async def needs_of(ctx: Ctx, job_type_ids: Iterable[UUID]) -> dict[UUID, dict[str, int]]:
    """The levels that kinds of work need, by skill."""
    rows = await ctx.session.execute(
        select(JobTypeSkill.job_type_id, JobTypeSkill.skill_id, JobTypeSkill.level)
        .where(JobTypeSkill.job_type_id.in_(set(job_type_ids)))
        .limit(MOST)
    )
    found: dict[UUID, dict[str, int]] = defaultdict(dict)
    for job_type, skill, level in rows:
        found[job_type][str(skill)] = level
    return found


async def planned(
    ctx: Ctx,
    start: datetime,
    end: datetime,
    first: date,
    last: date,
    now: datetime,
    *,
    only: Collection[UUID] | None = None,
    people: Collection[UUID] | None = None,
) -> list[Planned]:
    """What stands on the board between two instants, and the shadows: what was promised for then and
    has nobody, all as seen from `now`. With `only`, these of them, and all that have begun and are there
    then; with `people`, what they come to, and no shadows. Raises `Conflict` when it is too much to plan
    at once."""
    until = func.greatest(Visit.planned_end, Visit.expected_end)
    late = func.coalesce(Visit.started_at, Visit.arrived_at) - Visit.planned_start
    standing = [
        Visit.status.in_(OCCUPYING),
        Visit.planned_start < end,
        or_(
            until > start,
            and_(
                Visit.status.in_(BEGUN),
                or_(literal(start <= now < end), Visit.planned_end + late > start),
            ),
        ),
    ]
    shadows = [
        Visit.status == VisitStatus.unscheduled,
        Visit.promised_start < end,
        Visit.promised_end >= start,
    ]
    if people is not None:
        asked = [_visits().where(*standing, _comes(people))]
    elif only is None:
        asked = [_visits().where(*standing), _visits().where(*shadows)]
    else:
        asked = [_visits().where(or_(and_(*standing), and_(*shadows)), Visit.id.in_(only))]
        asked += (
            [_visits().where(*standing, Visit.status.in_(BEGUN), Visit.id.not_in(only))]
            if start <= now
            else []
        )
    rows = [row for one in asked for row in await ctx.session.execute(one)]
    if len(rows) > MOST:
        raise Conflict(
            f"More than {MOST} visits are too many to plan at once. Choose fewer days.",
            code="too_many",
        )
    some = None if only is None and people is None else [row.id for row in rows]
    crews = await _crews(ctx, start, end, some)
    needs = await needs_of(ctx, {row.job_type_id for row in rows})
    found = []
    for row in rows:
        begins = _seconds(row.planned_start)
        over = max(filter(None, (_seconds(row.planned_end), _seconds(row.expected_end))), default=0)
        if begins is not None and row.status in BEGUN:
            over = max(over, int(lasting.until(row, now).timestamp()))
        crew = tuple(crews.get(row.id, ()))
        length = over - begins if begins is not None else row.duration_minutes * 60
        task = Task(
            id=str(row.id),
            place=place_of(row.site_id, row.latitude, row.longitude, row.street),
            duration=length,
            name=row.number,
            windows=hours_of(row.access_hours, row.time_zone, first - ONE_DAY, last + ONE_DAY),
            skills=needs.get(row.job_type_id, {}),
            roles=1 if begins is not None else row.crew_size,
            priority=RANK[Priority(row.priority)],
            territory=str(row.territory_id) if row.territory_id else None,
            trade=row.trade,
            lock=Lock(row.lock),
            state=State(row.status),
            confirmed=row.confirmed_at is not None,
            promised=_window(row.promised_start, row.promised_end),
        )
        found.append(
            Planned(row.id, task, crew, begins, over if begins is not None else None, row.version)
        )
    return found


def _visits() -> Select[*tuple[Any, ...]]:
    rows: Select[*tuple[Any, ...]] = (
        select(
            Visit.id,
            Visit.version,
            Visit.status,
            Visit.lock,
            Visit.duration_minutes,
            Visit.planned_start,
            Visit.planned_end,
            Visit.expected_end,
            Visit.arrived_at,
            Visit.started_at,
            Visit.promised_start,
            Visit.promised_end,
            Visit.confirmed_at,
            WorkOrder.number,
            WorkOrder.priority,
            WorkOrder.job_type_id,
            WorkOrder.site_id,
            JobType.trade,
            JobType.crew_size,
            Site.latitude,
            Site.longitude,
            Site.street,
            Site.time_zone,
            Site.territory_id,
            Site.access_hours,
        )
        .join(WorkOrder, (WorkOrder.org_id == Visit.org_id) & (WorkOrder.id == Visit.work_order_id))
        .join(JobType, (JobType.org_id == WorkOrder.org_id) & (JobType.id == WorkOrder.job_type_id))
        .join(Site, (Site.org_id == WorkOrder.org_id) & (Site.id == WorkOrder.site_id))
        .where(Visit.deleted_at.is_(None), WorkOrder.deleted_at.is_(None))
        .order_by(Visit.planned_start, Visit.id)
        .limit(MOST + 1)
    )
    return rows


def _comes(people: Collection[UUID]) -> ColumnElement[bool]:
    """Whether one of them comes to it."""
    return exists().where(
        Assignment.org_id == Visit.org_id,
        Assignment.visit_id == Visit.id,
        Assignment.technician_id.in_(people),
        Assignment.status.not_in(GONE),
    )


async def _crews(
    ctx: Ctx, start: datetime, end: datetime, only: Collection[UUID] | None
) -> dict[UUID, list[UUID]]:
    """Who comes to the visits that stand then, the lead first; or to some."""
    rows = await ctx.session.execute(
        select(Assignment.visit_id, Assignment.technician_id)
        .join(Visit, (Visit.org_id == Assignment.org_id) & (Visit.id == Assignment.visit_id))
        .where(
            *([] if only is None else [Assignment.visit_id.in_(only)]),
            Assignment.status.not_in(GONE),
            Visit.status.in_(OCCUPYING),
            Visit.planned_start < end,
            or_(Visit.planned_end > start, Visit.expected_end > start, Visit.status.in_(BEGUN)),
            Visit.deleted_at.is_(None),
        )
        .order_by(Assignment.is_lead.desc(), Assignment.created_at, Assignment.id)
        .limit(MOST * 4)
    )
    found: dict[UUID, list[UUID]] = defaultdict(list)
    for visit, technician in rows:
        found[visit].append(technician)
    return found


async def elsewhere(
    ctx: Ctx,
    start: datetime,
    end: datetime,
    now: datetime | None = None,
    people: Collection[UUID] | None = None,
) -> list[Elsewhere]:
    """Events, and holds that have not expired; of these people, where they are named. Time off is part of a
    working day already."""
    return [*await events(ctx, start, end, people), *await holds(ctx, start, end, now, people)]


async def events(
    ctx: Ctx, start: datetime, end: datetime, people: Collection[UUID] | None = None
) -> list[Elsewhere]:
    """Events, one for each of their people, or of these."""
    rows = await ctx.session.execute(
        select(
            Event.id,
            EventParticipant.resource_id,
            Event.starts_at,
            Event.ends_at,
            Event.title,
            Event.latitude,
            Event.longitude,
            Event.place,
        )
        .join(
            EventParticipant,
            (EventParticipant.org_id == Event.org_id) & (EventParticipant.event_id == Event.id),
        )
        .where(
            Event.deleted_at.is_(None),
            Event.starts_at < end,
            Event.ends_at > start,
            *([] if people is None else [EventParticipant.resource_id.in_(people)]),
        )
        .order_by(Event.starts_at, Event.id, EventParticipant.id)
        .limit(MOST)
    )
    return [
        Elsewhere(
            row.id,
            row.resource_id,
            int(row.starts_at.timestamp()),
            int(row.ends_at.timestamp()),
            row.title,
            None
            if row.latitude is None
            else Place(
                f"event:{row.id}",
                Point(float(row.latitude), float(row.longitude)),
                row.place or row.title,
            ),
        )
        for row in rows
    ]


async def holds(
    ctx: Ctx,
    start: datetime,
    end: datetime,
    now: datetime | None = None,
    people: Collection[UUID] | None = None,
) -> list[Elsewhere]:
    """Holds that have not expired, one for each of their people, or of these."""
    rows = await ctx.session.execute(
        select(
            func.coalesce(Hold.id, Booking.id).label("id"),
            Booking.resource_id,
            Booking.starts_at,
            Booking.ends_at,
            Booking.expires_at,
            Hold.lead_id,
            JobType.name,
            JobType.trade,
            Hold.latitude,
            Hold.longitude,
            Site.id.label("site_id"),
            Site.latitude.label("site_latitude"),
            Site.longitude.label("site_longitude"),
            Site.street,
            Site.territory_id,
        )
        .outerjoin(Hold, (Hold.org_id == Booking.org_id) & (Hold.id == Booking.hold_id))
        .outerjoin(JobType, (JobType.org_id == Hold.org_id) & (JobType.id == Hold.job_type_id))
        .outerjoin(Site, (Site.org_id == Hold.org_id) & (Site.id == Hold.site_id))
        .where(
            Booking.kind == BookingKind.hold,
            Booking.expires_at > (now or clock.now()),
            Booking.starts_at < end,
            Booking.ends_at > start,
            *([] if people is None else [Booking.resource_id.in_(people)]),
        )
        .order_by(Booking.starts_at, Booking.id)
        .limit(MOST)
    )
    return [*map(_hold, rows)]


def _hold(row: Any) -> Elsewhere:
    place = None
    if row.site_id is not None:
        place = place_of(row.site_id, row.site_latitude, row.site_longitude, row.street)
    elif row.latitude is not None:
        place = point(float(row.latitude), float(row.longitude))
    return Elsewhere(
        row.id,
        row.resource_id,
        int(row.starts_at.timestamp()),
        int(row.ends_at.timestamp()),
        row.name or "Held",
        place,
        Held(
            int(row.expires_at.timestamp()),
            str(row.lead_id or row.resource_id),
            str(row.territory_id) if row.territory_id else None,
            row.trade,
        ),
    )


async def last_places(
    ctx: Ctx, technician_ids: Sequence[UUID], since: datetime
) -> dict[UUID, Place]:
    """Where each finished their last visit since then."""
    rows = await ctx.session.execute(
        select(Assignment.technician_id, Site.id, Site.latitude, Site.longitude, Site.street)
        .ext(distinct_on(Assignment.technician_id))
        .join(Visit, (Visit.org_id == Assignment.org_id) & (Visit.id == Assignment.visit_id))
        .join(WorkOrder, (WorkOrder.org_id == Visit.org_id) & (WorkOrder.id == Visit.work_order_id))
        .join(Site, (Site.org_id == WorkOrder.org_id) & (Site.id == WorkOrder.site_id))
        .where(
            Assignment.technician_id.in_(technician_ids),
            Assignment.status == AssignmentStatus.done,
            Visit.finished_at >= since,
        )
        .order_by(Assignment.technician_id, Visit.finished_at.desc())
        .limit(len(technician_ids) or 1)
    )
    return {id: place_of(site, lat, lon, street) for id, site, lat, lon, street in rows}


def _seconds(at: datetime | None) -> int | None:
    return None if at is None else int(at.timestamp())


def _window(start: datetime | None, end: datetime | None) -> Interval | None:
    if start is None or end is None:
        return None
    return Interval(int(start.timestamp()), int(end.timestamp()))
