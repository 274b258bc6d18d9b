"""How drives of an organisation went: what its own tracks say of our estimates."""

from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import DateTime, Uuid, bindparam, column, func, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import TypeEngine

from app.core.geo import Point
from app.models.assignments import Assignment
from app.models.positions import MILLION, Ping
from app.models.sites import Site
from app.models.visits import Visit
from app.models.work_orders import WorkOrder
from app.scheduling.eta import Habits
from app.scheduling.travel import estimate
from app.services.context import Ctx

LEARNT = timedelta(days=30)
SHARES = (0.0, 0.5, 0.75)
"""Of a drive that is over: where it is looked back at."""
DRIVES = 100


async def usual(ctx: Ctx, now: datetime) -> Habits:
    """How drives went in the last weeks, at their beginning, in the middle and near their end."""
    visits = await ctx.session.execute(
        select(
            Visit.travel_started_at,
            Visit.arrived_at,
            Assignment.technician_id,
            Site.latitude,
            Site.longitude,
        )
        .join(Assignment, (Assignment.org_id == Visit.org_id) & (Assignment.visit_id == Visit.id))
        .join(WorkOrder, (WorkOrder.org_id == Visit.org_id) & (WorkOrder.id == Visit.work_order_id))
        .join(Site, (Site.org_id == WorkOrder.org_id) & (Site.id == WorkOrder.site_id))
        .where(
            Assignment.is_lead,
            Visit.planned_start.between(now - LEARNT, now),
            Visit.arrived_at > Visit.travel_started_at,
            Site.latitude.is_not(None),
        )
        .order_by(Visit.planned_start.desc())
        .limit(DRIVES)
    )
    asked: list[tuple[UUID, datetime, datetime, Point]] = [
        (
            one.technician_id,
            one.travel_started_at + share * (one.arrived_at - one.travel_started_at),
            one.arrived_at,
            Point(float(one.latitude), float(one.longitude)),
        )
        for one in cast(Any, visits)  # none of them is empty here
        for share in SHARES
    ]
    if not asked:
        return Habits()
    given = zip(_ASKED, zip(*(one[:3] for one in asked), strict=True), strict=True)
    rows = await ctx.session.execute(_SEEN, {name: list(values) for name, values in given})
    found = []
    for place, at, latitude, longitude in rows:
        _, _, arrived, goal = asked[place - 1]
        here = Point(latitude / MILLION, longitude / MILLION)
        found.append((estimate(here, goal).seconds, (arrived - at).total_seconds()))
    return Habits(found)


_ASKED: dict[str, TypeEngine[Any]] = {
    "who": Uuid(),
    "since": DateTime(timezone=True),
    "until": DateTime(timezone=True),
}
_of = (
    func.unnest(*(bindparam(name, type_=ARRAY(kind)) for name, kind in _ASKED.items()))
    .table_valued(*(column(name, kind) for name, kind in _ASKED.items()), with_ordinality="place")
    .render_derived()
)
_seen = (
    select(Ping.at, Ping.latitude_e6, Ping.longitude_e6)
    .where(Ping.technician_id == _of.c.who, Ping.at >= _of.c.since, Ping.at < _of.c.until)
    .order_by(Ping.at)
    .limit(1)
    .lateral()
)
_SEEN = select(_of.c.place, _seen).select_from(_of).join(_seen, true())
"""The first ping of each stretch that was asked for, with its number."""
