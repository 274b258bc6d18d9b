"""Following tracks: what they say of visits, suggested or set, as the organisation wants it.

A job of the clock: of each technician who was heard of since, the visits of the time are looked at with
the whole of their track, so what is found does not depend on when or in which order positions came. An
event that nobody has decided about goes when later positions do not bear it out, and when the visit has
gone on without it; what was decided stays. One stop is the arrival at one visit (`app.scheduling.stops`).
"""

import asyncio
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, CursorResult, delete, func, or_, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import joinedload

from app.core.errors import Conflict, Refusal
from app.core.geo import Point
from app.core.places import Precision
from app.models.assignments import GONE, Assignment
from app.models.flags import Geofence
from app.models.geofence_events import Crossed, EventStatus, GeofenceEvent
from app.models.positions import Position
from app.models.sites import Site
from app.models.visits import Visit, VisitStatus
from app.models.work_orders import WorkOrder
from app.scheduling.stops import Goal, Seen, Stop, seen
from app.scheduling.track import instant
from app.services.context import Ctx
from app.services.facts import Fact
from app.services.tracking import tracks
from app.services.tracking.suggestions import FOR
from app.services.visits import endings, field
from app.services.visits.endings import Completion
from app.services.visits.happenings import Happening
from app.services.visits.taking import take
from app.services.visits.telling import tell

log = structlog.get_logger()

S = VisitStatus
BEFORE, AFTER = timedelta(hours=6), timedelta(hours=12)
"""Around the plan of a visit: what is further away is another day's."""
SAME = timedelta(minutes=30)
"""What is found again so close to what was decided is the same coming or going."""
VAGUE = (Precision.postal_code, Precision.town)
"""Sites that are somewhere around there: nobody can be seen to arrive."""
NEAR = timedelta(minutes=90)
"""Around the planned start: an arrival is set; one at another time somebody is asked about."""
MOST = 1000
"""Suggestions that are let go of at once."""
AGAIN = 1000
"""Told to the clock: there may be more at once."""
MOST_VISITS = 100
WHY = "as the positions show"


@dataclass(frozen=True)
class _Fence:
    visit: Visit
    place: Point | None
    start: datetime
    end: datetime

    @property
    def goal(self) -> Goal:
        """It as what a track is held against."""
        visit, set_off, spent = self.visit, None, None
        assert visit.planned_start is not None
        if visit.status == S.en_route and visit.travel_started_at is not None:
            set_off = visit.travel_started_at.timestamp()
        if visit.arrived_at is not None:
            left = visit.finished_at.timestamp() if visit.finished_at is not None else math.inf
            spent = Stop(visit.arrived_at.timestamp(), left)
        return Goal(
            self.place,
            self.start.timestamp(),
            self.end.timestamp(),
            visit.planned_start.timestamp(),
            set_off,
            spent,
        )


async def follow(ctx: Ctx) -> int:
    """What the clock does: look at one who was heard of since the last time. Whether there may be more.

    No device waits for it: that they were heard of is forgotten at the end, unless more came meanwhile.
    """
    flags = await ctx.flags()
    if flags.geofence is Geofence.off:
        await _forget(ctx)
        await _sweep(ctx)
        return 0
    heard = await ctx.session.execute(
        select(Position.id, Position.fresh_from, Position.heard_at)
        .where(Position.fresh_from.is_not(None))
        .order_by(Position.heard_at, Position.id)  # who speaks without a pause comes last
        .limit(1)
    )
    one = heard.one_or_none()
    if one is None:
        await _sweep(ctx)
        return 0
    technician_id, since, last = one
    assert since is not None
    try:
        async with ctx.session.begin_nested():
            await _follow(ctx, technician_id, since, flags.geofence, flags.geofence_metres)
    except (SQLAlchemyError, Refusal):  # a visit was moved at this moment: the others are followed
        log.exception("not followed", technician_id=str(technician_id), org_id=str(ctx.org_id))
    known = (Position.id == technician_id, Position.heard_at == last, Position.fresh_from == since)
    return AGAIN if await _forget(ctx, *known) else 0


async def _forget(ctx: Ctx, *which: ColumnElement[bool]) -> int:
    done = await ctx.session.execute(
        update(Position)
        .where(Position.fresh_from.is_not(None), *which)
        .values(fresh_from=None)
        .execution_options(synchronize_session=False)
    )
    return cast(CursorResult[Any], done).rowcount


async def _sweep(ctx: Ctx) -> None:
    """Let go of what was suggested about visits that have gone on without it."""
    over = [
        (GeofenceEvent.kind == kind) & Visit.status.not_in(waiting) for kind, waiting in FOR.items()
    ]
    gone = (
        select(GeofenceEvent.id)
        .join(Visit, (Visit.org_id == GeofenceEvent.org_id) & (Visit.id == GeofenceEvent.visit_id))
        .where(GeofenceEvent.status == EventStatus.open, or_(*over, Visit.deleted_at.is_not(None)))
        .order_by(GeofenceEvent.at, GeofenceEvent.id)
        .limit(MOST)
    )
    await ctx.session.execute(
        delete(GeofenceEvent)
        .where(GeofenceEvent.id.in_(gone))
        .execution_options(synchronize_session=False)
    )


async def _follow(
    ctx: Ctx, technician_id: UUID, since: datetime, mode: Geofence, radius: int
) -> None:
    fences = await _fences(ctx, technician_id, since)
    if not fences:
        return
    start, end = min(one.start for one in fences), max(one.end for one in fences)
    fixes = await tracks.read(ctx, technician_id, start, end)
    goals = [fence.goal for fence in fences]
    found = await asyncio.to_thread(seen, fixes, goals, radius)
    for fence, told in zip(fences, found, strict=True):
        made = await _reconcile(ctx, fence.visit, technician_id, told)
        arrived = [one for one in made if one.kind == Crossed.arrival and _sure(fence.visit, one)]
        busy = any(one.visit.status in FOR[Crossed.departure] for one in fences)
        if mode is Geofence.set and arrived and not busy:
            await _set(ctx, fence.visit, arrived[0])
            await _reconcile(ctx, fence.visit, technician_id, told)  # perhaps they have left since


def _sure(visit: Visit, event: GeofenceEvent) -> bool:
    """Whether nobody needs to be asked: they were on the way to it, or it was its time."""
    assert visit.planned_start is not None
    if visit.status == S.en_route:
        return True
    return abs(event.at - visit.planned_start) <= NEAR


async def _fences(ctx: Ctx, technician_id: UUID, since: datetime) -> list[_Fence]:
    """The visits of theirs about whose time something was heard, and where they are."""
    statement = (
        select(Visit, Site)
        .join(Assignment, (Assignment.org_id == Visit.org_id) & (Assignment.visit_id == Visit.id))
        .join(WorkOrder, (WorkOrder.org_id == Visit.org_id) & (WorkOrder.id == Visit.work_order_id))
        .join(Site, (Site.org_id == WorkOrder.org_id) & (Site.id == WorkOrder.site_id))
        .where(
            Assignment.technician_id == technician_id,
            Assignment.status.not_in(GONE),
            or_(
                Visit.status.in_([one for status in FOR.values() for one in status]),
                Visit.arrived_at.is_not(None) & Visit.finished_at.is_not(None),
            ),
            Visit.planned_end > since - AFTER,
            Visit.deleted_at.is_(None),
        )
        .order_by(Visit.planned_start, Visit.id)
        .limit(MOST_VISITS)
    )
    found = []
    for visit, site in await ctx.session.execute(statement):
        place = None
        if site.latitude is not None and site.known_precision not in VAGUE:
            assert site.longitude is not None
            place = Point(float(site.latitude), float(site.longitude))
        assert visit.planned_start is not None
        assert visit.planned_end is not None
        found.append(_Fence(visit, place, visit.planned_start - BEFORE, visit.planned_end + AFTER))
    return found


async def _reconcile(
    ctx: Ctx, visit: Visit, technician_id: UUID, told: Seen
) -> list[GeofenceEvent]:
    """Have exactly those events stand that the track bears out or somebody decided about; the new ones."""
    known = await ctx.session.scalars(
        select(GeofenceEvent)
        .where(GeofenceEvent.visit_id == visit.id, GeofenceEvent.technician_id == technician_id)
        .order_by(GeofenceEvent.at, GeofenceEvent.id)
        .limit(1000)
    )
    wanted: set[tuple[Crossed, datetime]] = set()
    if visit.status in FOR[Crossed.arrival]:
        wanted = {(Crossed.arrival, instant(one.start)) for one in told.stops}
    elif visit.status in FOR[Crossed.departure]:
        left = (instant(at) for at in told.left)
        came = visit.arrived_at
        wanted = {(Crossed.departure, at) for at in left if came is None or at > came}
    for event in known.all():
        if event.status != EventStatus.open:
            wanted -= {
                (kind, at)
                for kind, at in wanted
                if kind == event.kind and abs(at - event.at) <= SAME
            }
        elif (event.kind, event.at) in wanted:
            wanted.remove((Crossed(event.kind), event.at))
        else:
            await ctx.session.delete(event)
    await ctx.session.flush()
    made = []
    for kind, at in sorted(wanted, key=lambda one: one[1]):
        event = GeofenceEvent(visit_id=visit.id, technician_id=technician_id, kind=kind, at=at)
        made.append(await ctx.add(event))
        await _say(ctx, event)
    return made


async def _say(ctx: Ctx, event: GeofenceEvent) -> None:
    whole = await take(ctx, event.visit_id)
    names = [
        one.technician.name
        for one in whole.assignments
        if one.technician_id == event.technician_id and one.stands
    ]
    if not names:  # taken off it while their track was looked at
        raise Conflict("They are not on this visit any more.", code="not_on_it")
    fact = Fact.visit_arrival_seen if event.kind == Crossed.arrival else Fact.visit_departure_seen
    await tell(ctx, fact, whole, occurred_at=event.at, technician=names[0])


async def _set(ctx: Ctx, visit: Visit, event: GeofenceEvent) -> None:
    """Take it up at once; what is refused stays a suggestion, for somebody to look at."""
    try:
        async with ctx.session.begin_nested():
            await _decide(ctx, event, EventStatus.set)
    except Refusal:
        await ctx.session.refresh(event)
        await ctx.session.refresh(visit)


async def accept(ctx: Ctx, event_id: UUID) -> None:
    """Somebody says it was so: the visit moves by its own verb, at the time that was seen.

    Raises `Conflict` for one that was decided, `NotFound` for one that the visit has gone on without,
    and whatever the verb refuses.
    """
    visit_id = (await ctx.get(GeofenceEvent, event_id)).visit_id
    await take(ctx, visit_id)  # the visit first, as whoever moves it does
    event = await ctx.get(GeofenceEvent, event_id, lock=True)
    _refuse_decided(event)
    await _decide(ctx, event, EventStatus.accepted)
    await ctx.session.execute(  # perhaps they have left since
        update(Position)
        .where(Position.id == event.technician_id)
        .values(fresh_from=func.least(Position.fresh_from, event.at))
        .execution_options(synchronize_session=False)
    )


async def dismiss(ctx: Ctx, event: GeofenceEvent) -> None:
    """Somebody says it was not so. Raises `Conflict` for one that was decided."""
    _refuse_decided(event)
    event.status = EventStatus.dismissed


def _refuse_decided(event: GeofenceEvent) -> None:
    if event.status != EventStatus.open:
        raise Conflict(f"This was {event.status} already.", code="decided")


async def _decide(ctx: Ctx, event: GeofenceEvent, status: EventStatus) -> None:
    event.status = status
    await ctx.session.flush()  # what is open goes when the visit moves on
    visit = await take(ctx, event.visit_id)
    at = max(
        event.at, visit.travel_started_at or event.at
    )  # set off later than one came: a late tap
    if event.kind == Crossed.arrival:
        await field.arrive(ctx, visit, Happening(occurred_at=at, reason=WHY))
    else:
        at = max(at, visit.started_at or at)
        await endings.complete(ctx, visit, Completion(finished_at=at))


SHOWN = (joinedload(GeofenceEvent.technician),)
"""What an output of an event needs loaded."""
