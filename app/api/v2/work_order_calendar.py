"""`GET /api/v2/work-orders/calendar`: work by the days of the organisation."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from app.api.deps import allowed
from app.api.edge import Edge
from app.api.outputs import Instant, Out
from app.api.problems import answers
from app.models.permissions import Permission
from app.models.visits import VisitStatus
from app.models.work_orders import Priority
from app.services.context import Ctx
from app.services.work_orders.calendar import CalendarQuery, calendar

router = APIRouter(
    prefix="/api/v2/work-orders",
    tags=["work orders"],
    route_class=Edge,
    responses=answers(401, 403),
)
Reader = Annotated[Ctx, allowed(Permission.work_orders_read)]


class CalendarVisitOut(Out):
    """A visit in one line."""

    visit_id: UUID
    work_order_id: UUID
    number: str
    summary: str
    priority: Priority
    status: VisitStatus
    customer: str
    start: Instant = Field(description="Planned, or else promised.")
    end: Instant | None
    is_planned: bool = Field(description="false: only promised so far.")
    time_zone: str = Field(description="The site's.")


class CalendarDayOut(Out):
    """A day of the organisation."""

    day: date
    count: int = Field(description="Visits of that day, those that are not named here too.")
    visits: list[CalendarVisitOut]


class CalendarOut(Out):
    """Some days, each of them."""

    time_zone: str = Field(description="The organisation's, in which the days are meant.")
    days: list[CalendarDayOut]


@router.get(
    "/calendar",
    operation_id="get_work_order_calendar",
    summary="Work orders by the days of their visits",
    responses=answers(400, 404, 422),
)
async def get_work_order_calendar(
    ctx: Reader, query: Annotated[CalendarQuery, Query()]
) -> CalendarOut:
    """The visits of up to six weeks by day, in the organisation's time zone: how many, and the first of
    each day. Cancelled ones are left out. Needs visits:read too."""
    ctx.require(Permission.visits_read)
    return CalendarOut.model_validate(await calendar(ctx, query))
