"""`/api/v2/visit-alerts`: planned visits that no longer fit. Nothing moves by itself."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field
from sqlalchemy.orm import joinedload, selectinload

from app.api.deps import allowed
from app.api.edge import Edge
from app.api.outputs import Instant, Out
from app.api.problems import answers
from app.api.v2.visits.outputs import Named, WarningOut
from app.core import clock
from app.models.assignments import Assignment
from app.models.crews import Crew
from app.models.permissions import Permission
from app.models.technicians import Technician
from app.models.visits import Visit, VisitStatus
from app.services.context import Ctx
from app.services.inputs import Moment
from app.services.visits import warnings
from app.services.visits.crew import standing
from app.services.visits.taking import WHOLE

router = APIRouter(
    prefix="/api/v2/visit-alerts",
    tags=["visits"],
    route_class=Edge,
    responses=answers(401, 403),
)
Reader = Annotated[Ctx, allowed(Permission.visits_read)]
MOST = 200
"""Visits that are looked at in one go."""
AHEAD = timedelta(days=14)
PLANNED = (VisitStatus.tentative, VisitStatus.scheduled, VisitStatus.dispatched)


class VisitAlertOut(Out):
    """A planned visit, and what is not as it should be."""

    visit_id: UUID
    work_order_number: str
    customer: str
    planned_start: Instant
    planned_end: Instant
    technicians: list[Named]
    problems: list[WarningOut]


class VisitAlerts(Out):
    data: list[VisitAlertOut]
    looked_until: Instant | None = Field(
        description="There were more visits: ask again with this as `planned_from`."
    )


@router.get(
    "",
    operation_id="list_visit_alerts",
    summary="Planned visits that no longer fit",
    responses=answers(422),
)
async def list_visit_alerts(
    ctx: Reader,
    planned_from: Annotated[Moment | None, Query(description="Silence: now.")] = None,
    planned_before: Annotated[
        Moment | None, Query(description="Silence: 14 days after `planned_from`.")
    ] = None,
) -> VisitAlerts:
    """Visits whose people, vehicles or skills have changed since they were planned: outside a shift,
    over time off, a certificate that will have expired, an incomplete crew. They stay as they are
    until somebody moves them."""
    start = planned_from or clock.now()
    before = planned_before or start + AHEAD
    found = await ctx.session.scalars(
        ctx.select(Visit)
        .where(
            Visit.status.in_(PLANNED),
            Visit.planned_start >= start,
            Visit.planned_start < before,
        )
        .options(
            *WHOLE,
            joinedload(Visit.crew).selectinload(Crew.members),
            selectinload(Visit.assignments)
            .joinedload(Assignment.technician)
            .selectinload(Technician.skills),
        )
        .order_by(Visit.planned_start, Visit.id)
        .limit(MOST)
    )
    visits = found.unique().all()
    problems = await warnings.alerts(ctx, visits)
    return VisitAlerts(
        data=[_shown(visit, problems[visit.id]) for visit in visits if problems[visit.id]],
        looked_until=visits[-1].planned_start if len(visits) == MOST else None,
    )


def _shown(visit: Visit, problems: list[warnings.Warned]) -> VisitAlertOut:
    return VisitAlertOut.model_validate(
        {
            "visit_id": visit.id,
            "work_order_number": visit.work_order.number,
            "customer": visit.work_order.customer.name,
            "planned_start": visit.planned_start,
            "planned_end": visit.planned_end,
            "technicians": [one.technician for one in standing(visit)],
            "problems": [one.stored() for one in problems],
        }
    )
