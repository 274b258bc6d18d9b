"""Access codes of a site for whoever works there today, besides those whose role shows them always.

“Today” is the site's own day. A code is nobody's business the day after, so that a technician who
leaves has no list of them.
"""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import or_, select

from app.core import clock, wall
from app.core.errors import NotFound
from app.models.assignments import GONE, Assignment
from app.models.permissions import Permission
from app.models.sites import Site
from app.models.technicians import Technician
from app.models.visits import BEGUN, Visit, VisitStatus
from app.models.work_orders import WorkOrder
from app.services.context import Ctx

COMING = (VisitStatus.scheduled, VisitStatus.dispatched, VisitStatus.completed)
"""Besides visits that have begun: planned for today, or done today."""
AROUND = timedelta(days=2)
"""Visits further away are not of today, wherever the site is."""


async def codes_of(ctx: Ctx, site_id: UUID) -> Site:
    """The site, for its codes. Raises `NotFound` for who neither always sees them nor works there
    today."""
    site = await ctx.get(Site, site_id)
    if ctx.may(Permission.sites_access_codes):
        return site
    if await _works_there_today(ctx, site):
        return site
    raise NotFound(
        "You see the access codes of a site on the day you work there. Ask the office for them.",
        code="not_today",
    )


async def _works_there_today(ctx: Ctx, site: Site) -> bool:
    near = clock.now() - AROUND, clock.now() + AROUND
    mine = (
        select(Visit.status, Visit.planned_start, Visit.planned_end)
        .join(WorkOrder, (WorkOrder.org_id == Visit.org_id) & (WorkOrder.id == Visit.work_order_id))
        .join(Assignment, (Assignment.org_id == Visit.org_id) & (Assignment.visit_id == Visit.id))
        .join(
            Technician,
            (Technician.org_id == Assignment.org_id) & (Technician.id == Assignment.technician_id),
        )
        .where(
            WorkOrder.site_id == site.id,
            Technician.of_member(ctx.user_id),
            Technician.deleted_at.is_(None),
            Assignment.status.not_in(GONE),
            Visit.deleted_at.is_(None),
            or_(
                Visit.status.in_(BEGUN),
                Visit.status.in_(COMING)
                & (Visit.planned_start < near[1])
                & (Visit.planned_end > near[0]),
            ),
        )
        .limit(100)
    )
    zone, today = site.time_zone, clock.today(site.time_zone)
    for status, start, end in await ctx.session.execute(mine):
        if status in BEGUN:
            return True
        if start and end and wall.day(start, zone) <= today <= wall.day(end, zone):
            return True
    return False
