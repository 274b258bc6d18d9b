"""`/api/v2/day-sheets`, `/api/v2/technicians/{id}/day-sheet`: days on paper."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from app.api.deps import allowed
from app.api.downloads import PDF
from app.api.edge import Edge
from app.api.problems import answers
from app.core import clock
from app.models.permissions import Permission
from app.models.technicians import Technician
from app.services import day_sheets
from app.services.context import Ctx
from app.services.inputs import Day

router = APIRouter(
    prefix="/api/v2",
    tags=["day sheets"],
    route_class=Edge,
    responses=answers(401, 403),
)
Reader = Annotated[Ctx, allowed(Permission.visits_read)]


@router.get(
    "/technicians/{id}/day-sheet",
    operation_id="get_day_sheet",
    summary="A technician's day on paper",
    response_class=PDF,
    responses=answers(404, 422),
)
async def get_day_sheet(
    ctx: Reader,
    id: UUID,
    day: Annotated[Day | None, Query(description="A local day of theirs; silence: today.")] = None,
) -> Response:
    """Visits in their order, each with its window, place, phone and access, the drives between them
    with when to leave, events, shift and breaks. A technician prints their own day; gate codes are on
    it only where you may see them now."""
    technician = await ctx.get(Technician, id)
    day = day or clock.today(technician.time_zone)
    return _printed(await day_sheets.pdf_of(ctx, technician, day), day)


@router.get(
    "/day-sheets",
    operation_id="get_day_sheets",
    summary="Everybody's day on paper",
    response_class=PDF,
    responses=answers(404, 409, 422),
)
async def get_day_sheets(
    ctx: Reader,
    day: Annotated[
        Day | None, Query(description="On each one's own clock; silence: today at the office.")
    ] = None,
    technician_id: Annotated[
        list[UUID] | None,
        Query(max_length=day_sheets.MOST, description="Silence: all who have anything that day."),
    ] = None,
) -> Response:
    """One file with a sheet for each technician whose work you see, by name; at most 100."""
    day = day or clock.today((await ctx.organisation()).time_zone)
    return _printed(await day_sheets.pdf_of_all(ctx, day, technician_id), day)


def _printed(pdf: bytes, day: date) -> Response:
    return PDF(
        pdf,
        headers={
            "Cache-Control": "private, no-store",
            "Content-Disposition": f'inline; filename="day-{day.isoformat()}.pdf"',
        },
    )
