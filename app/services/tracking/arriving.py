"""When somebody will be at a visit: from where they are, what their plan has before it, and how drives
of this organisation went. Whoever asks leaves that they looked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import or_, select

from app.core import clock
from app.core.errors import Conflict
from app.core.geo import Point
from app.models.assignments import GONE, Assignment
from app.models.positions import Look, Position
from app.models.sites import Site
from app.models.technicians import Technician
from app.models.visits import BEGUN, OCCUPYING, TERMINAL, Visit, VisitStatus
from app.models.work_orders import WorkOrder
from app.scheduling.eta import Driving, Eta, Stop, arrival, ways
from app.scheduling.track import instant
from app.scheduling.travel import Travel
from app.services.context import Ctx
from app.services.tracking import habits, looks, roads, tracks, working
from app.services.tracking.nearest import place_of
from app.services.visits.crew import somebody_on

S = VisitStatus
THERE = (S.on_site, S.working, S.paused)
RECENT = timedelta(minutes=30)
"""An older position says nothing about when somebody will be somewhere."""
TODAY = timedelta(hours=16)
MOST = 20


class Promise(StrEnum):
    """What becomes of the promised window."""

    kept = "kept"
    at_risk = "at_risk"
    broken = "broken"


@dataclass(frozen=True)
class Foretold:
    """When somebody will be there: nine of ten come between `earliest` and `latest`."""

    visit: Visit
    technician: Technician
    at: datetime
    earliest: datetime
    latest: datetime
    legs: Sequence[Travel]
    """The drives until then, in order."""
    position_at: datetime
    stops_before: int
    learnt: bool
    """Whether this organisation's own drives say how long drives take."""

    @property
    def promise(self) -> Promise | None:
        """None: nothing was promised."""
        end = self.visit.promised_end
        if end is None:
            return None
        if self.earliest > end:
            return Promise.broken
        return Promise.at_risk if self.latest > end else Promise.kept


async def foretell(ctx: Ctx, visit: Visit) -> Foretold:
    """When whoever leads the visit, which is loaded whole, will be there.

    Raises `Conflict` when they are there or it is over, when it has no plan or nobody, when nobody
    knows where its site or its technician is, when they are not at work.
    """
    if visit.status in TERMINAL or visit.status in THERE:
        said = "over" if visit.status in TERMINAL else "under way: somebody is there"
        raise Conflict(f"This visit is {said}.", code="arrived")
    on_it = somebody_on(visit)
    technician = next((one for one in on_it if one.is_lead), on_it[0]).technician
    if visit.planned_start is None:
        raise Conflict("This visit has no plan. Schedule it first.", code="not_planned")
    goal = place_of(visit.work_order.site)
    now = clock.now()
    position = await ctx.session.get(Position, (ctx.org_id, technician.id))
    if position is None or position.at < now - RECENT:
        raise Conflict(
            f"Nobody has heard from {technician.name} in the last half hour.", code="no_position"
        )
    if visit.status != S.en_route and technician.id not in await working.at_work(
        ctx, [technician], now
    ):
        raise Conflict(
            f"{technician.name} is not at work now, and nobody is told where they are then.",
            code="not_at_work",
        )
    ahead = [] if visit.status == S.en_route else await _ahead(ctx, visit, technician)
    before, driving = await _stops(ctx, technician, ahead, visit, position)
    waits = None if visit.status == S.en_route else (visit.promised_start or visit.planned_start)
    usual = await habits.usual(ctx, now)
    leaves = [now, *(one.planned_start or now for one, _ in ahead[1:]), visit.planned_start][
        : len(before) + 1
    ]
    zone = visit.work_order.site.time_zone
    known = await roads.times(
        ctx,
        [
            roads.Leg(start, end, max(now, at), zone, moving=start == position.point)
            for (start, end), at in zip(ways(position.point, before, goal), leaves, strict=True)
        ],
    )
    eta: Eta = arrival(
        now.timestamp(),
        position.point,
        position.at.timestamp(),
        goal,
        driving=driving,
        before=before,
        not_before=waits.timestamp() if waits is not None else None,
        usual=usual,
        known=known,
    )
    await looks.note(ctx, Look.arrival, [technician])
    return Foretold(
        visit,
        technician,
        instant(eta.at),
        instant(eta.low),
        instant(eta.high),
        eta.legs,
        position.at,
        len(before),
        usual.are_learnt,
    )


async def _ahead(ctx: Ctx, visit: Visit, technician: Technician) -> Sequence[tuple[Visit, Site]]:
    """Their visits that come before it: those under way, then by plan."""
    now = clock.now()
    rows = await ctx.session.execute(
        select(Visit, Site)
        .join(Assignment, (Assignment.org_id == Visit.org_id) & (Assignment.visit_id == Visit.id))
        .join(WorkOrder, (WorkOrder.org_id == Visit.org_id) & (WorkOrder.id == Visit.work_order_id))
        .join(Site, (Site.org_id == WorkOrder.org_id) & (Site.id == WorkOrder.site_id))
        .where(
            Assignment.technician_id == technician.id,
            Assignment.status.not_in(GONE),
            Visit.id != visit.id,
            Visit.status.in_(OCCUPYING),
            Visit.status != S.tentative,
            Visit.planned_start > now - TODAY,
            or_(Visit.status.in_(BEGUN), Visit.planned_start < visit.planned_start),
            Visit.deleted_at.is_(None),
        )
        .order_by(Visit.status.in_(BEGUN).desc(), Visit.planned_start, Visit.id)
        .limit(MOST)
    )
    return [(one, site) for one, site in rows]


async def _stops(
    ctx: Ctx,
    technician: Technician,
    ahead: Sequence[tuple[Visit, Site]],
    visit: Visit,
    position: Position,
) -> tuple[list[Stop], Driving | None]:
    now, place = clock.now(), position.point
    stops = []
    for one, site in ahead:
        if site.latitude is not None and site.longitude is not None:
            place = Point(float(site.latitude), float(site.longitude))
        seconds = one.duration_minutes * 60.0
        since = one.started_at or one.arrived_at
        if one.status in THERE and since is not None:
            left = max(0.0, seconds - (now - since).total_seconds())
            stops.append(Stop(position.point, left))  # they are there: no drive to it
        elif one.status == S.en_route:
            stops.append(Stop(place, seconds))
        else:
            waits = one.promised_start or one.planned_start
            stops.append(Stop(place, seconds, waits.timestamp() if waits else None))
    under_way = next(
        (one for one in (visit, *(one for one, _ in ahead)) if one.status == S.en_route), None
    )
    if under_way is None or under_way.travel_started_at is None:
        return stops, None
    fixes = await tracks.read(ctx, technician.id, under_way.travel_started_at, now)
    if not fixes:
        return stops, None
    return stops, Driving(fixes[0].point, fixes[0].at)
