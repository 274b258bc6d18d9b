"""`/api/v2/holidays`: days, or parts of days, on which patterns of shifts rest."""

from datetime import date, time
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import PlainSerializer

from app.api.deps import SeenVersion, allowed
from app.api.edge import Edge, shows
from app.api.lists import Pages
from app.api.outputs import Out, PageOut, Record
from app.api.problems import answers
from app.api.v2.stories import tell
from app.models.holidays import Holiday
from app.models.permissions import Permission
from app.services import holidays
from app.services.context import Ctx
from app.services.holidays import HolidayDraft, HolidayPatch, HolidayQuery, Region

router = APIRouter(
    prefix="/api/v2/holidays",
    tags=["working time"],
    route_class=Edge,
    responses=answers(401, 403),
)
lists_router = APIRouter(
    prefix="/api/v2/public-holidays",
    tags=["working time"],
    route_class=Edge,
    responses=answers(401, 403),
)
Reader = Annotated[Ctx, allowed(Permission.technicians_read)]
Writer = Annotated[Ctx, allowed(Permission.technicians_write)]

OnTheWall = Annotated[time, PlainSerializer(lambda at: at.strftime("%H:%M"), return_type=str)]
"""A wall time, `08:00`."""


class HolidayOut(Record):
    """A holiday: a whole day, or a part of one on each technician's own clock."""

    day: date
    name: str
    start_time: OnTheWall | None
    end_time: OnTheWall | None


class Adopted(Out):
    """What was added."""

    data: list[HolidayOut]


@shows(Holiday)
async def show(ctx: Ctx, holiday_id: UUID) -> HolidayOut:
    """The holiday as this caller sees it."""
    return HolidayOut.model_validate(await ctx.get(Holiday, holiday_id))


@router.get("", operation_id="list_holidays", summary="List holidays", responses=answers(400, 422))
async def list_holidays(
    ctx: Reader, query: Annotated[HolidayQuery, Query()], page: Pages
) -> PageOut[HolidayOut]:
    """The organisation's holidays."""
    return await page(Holiday, query)  # type: ignore[return-value]


@router.post(
    "",
    operation_id="create_holiday",
    summary="Add a holiday",
    status_code=201,
    responses=answers(400, 409, 422),
)
async def create_holiday(ctx: Writer, draft: HolidayDraft) -> HolidayOut:
    """Add a holiday, or half of one. Who is on call stays so, and what was set for the day holds."""
    return await holidays.create(ctx, draft)  # type: ignore[return-value]


@router.get(
    "/{id}", operation_id="get_holiday", summary="Get a holiday", responses=answers(404, 422)
)
async def get_holiday(ctx: Reader, id: UUID) -> HolidayOut:
    """One holiday."""
    return await show(ctx, id)


@router.patch(
    "/{id}",
    operation_id="change_holiday",
    summary="Change a holiday",
    responses=answers(400, 404, 409, 412, 422, 428),
)
async def change_holiday(
    ctx: Writer, id: UUID, patch: HolidayPatch, seen: SeenVersion
) -> HolidayOut:
    """Change the fields you send."""
    return await holidays.change(ctx, await ctx.get(Holiday, id, at=seen), patch)  # type: ignore[return-value]


@router.delete(
    "/{id}",
    operation_id="delete_holiday",
    summary="Delete a holiday",
    status_code=204,
    responses=answers(404, 409, 422),
)
async def delete_holiday(ctx: Writer, id: UUID) -> Response:
    """It is a working day after all."""
    await holidays.delete(ctx, await ctx.get(Holiday, id, lock=True))
    return Response(status_code=204)


@lists_router.post(
    "",
    operation_id="adopt_holidays",
    summary="Take over a region's public holidays",
    responses=answers(400, 409, 422),
)
async def adopt_holidays(ctx: Writer, region: Region) -> Adopted:
    """Add a country's or region's public holidays of a year; days that are holidays already stay as
    they are. The answer holds what was added."""
    added = await holidays.adopt(ctx, region)
    return Adopted.model_validate({"data": added})


tell(router, Holiday, Permission.technicians_read)
