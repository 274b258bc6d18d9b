"""`/api/v2/end-of-day`: what a day leaves to be done."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from app.api.deps import allowed
from app.api.edge import Edge
from app.api.outputs import Instant, Out
from app.api.problems import answers
from app.api.v2.visits.outputs import Named
from app.core import clock, wall
from app.models.permissions import Permission
from app.models.visits import Visit, VisitStatus
from app.models.work_orders import WorkOrder, WorkOrderStatus
from app.services.context import Ctx
from app.services.dispatching import closing
from app.services.dispatching.closing import Some
from app.services.inputs import Day
from app.services.visits.crew import standing

router = APIRouter(
    prefix="/api/v2/end-of-day", tags=["dispatch"], route_class=Edge, responses=answers(401, 403)
)
Reader = Annotated[Ctx, allowed(Permission.visits_read)]


class OpenVisitOut(Out):
    visit_id: UUID
    status: VisitStatus
    status_reason: str | None
    work_order_id: UUID
    work_order_number: str
    customer_id: UUID
    customer: str
    address: str
    time_zone: str = Field(description="The site's, in which its times are meant.")
    planned_start: Instant | None
    planned_end: Instant | None
    promised_start: Instant | None
    promised_end: Instant | None
    technicians: list[Named]


class OpenVisits(Out):
    data: list[OpenVisitOut]
    total: int


class UnbilledOut(Out):
    work_order_id: UUID
    number: str
    status: WorkOrderStatus
    summary: str
    customer: str
    address: str


class UnbilledOrders(Out):
    data: list[UnbilledOut]
    total: int


class EndOfDayOut(Out):
    """Three lists, the oldest first and 200 of each, and how many there are (up to a thousand)."""

    day: date
    not_closed_out: OpenVisits
    no_next_visit: OpenVisits
    unbilled: UnbilledOrders


@router.get(
    "", operation_id="get_end_of_day", summary="What a day leaves to do", responses=answers(422)
)
async def get_end_of_day(
    ctx: Reader,
    day: Annotated[
        Day | None, Query(description="Silence: today, where the organisation is.")
    ] = None,
) -> EndOfDayOut:
    """Visits that were to be over by then (today: by now) and that nobody closed out (`complete` with its
    three times fills them in), or that were promised and nobody came; visits that ended undone and have no
    next one, and work that is done and not billed. What is left of days before comes first, of up to three
    months."""
    asked = day or wall.day(clock.now(), (await ctx.organisation()).time_zone)
    found = await closing.end_of_day(ctx, asked)
    return EndOfDayOut(
        day=found.day,
        not_closed_out=_visits(found.not_closed_out),
        no_next_visit=_visits(found.no_next_visit),
        unbilled=UnbilledOrders(
            data=[_order(one) for one in found.unbilled.work_orders], total=found.unbilled.total
        ),
    )


def _visits(some: Some) -> OpenVisits:
    return OpenVisits(data=[_visit(one) for one in some.visits], total=some.total)


def _visit(visit: Visit) -> OpenVisitOut:
    order = visit.work_order
    return OpenVisitOut.model_validate(
        {
            "visit_id": visit.id,
            "status": visit.status,
            "status_reason": visit.status_reason,
            "work_order_id": order.id,
            "work_order_number": order.number,
            "customer_id": order.customer_id,
            "customer": order.customer.name,
            "address": order.site.address,
            "time_zone": order.site.time_zone,
            "planned_start": visit.planned_start,
            "planned_end": visit.planned_end,
            "promised_start": visit.promised_start,
            "promised_end": visit.promised_end,
            "technicians": [one.technician for one in standing(visit)],
        }
    )


def _order(order: WorkOrder) -> UnbilledOut:
    return UnbilledOut.model_validate(
        {
            "work_order_id": order.id,
            "number": order.number,
            "status": order.status,
            "summary": order.summary,
            "customer": order.customer.name,
            "address": order.site.address,
        }
    )
