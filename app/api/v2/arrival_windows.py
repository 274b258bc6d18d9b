"""`/api/v2/arrival-windows`: the windows that a desk offers, and those of one day."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from app.api.deps import SeenVersion, allowed
from app.api.edge import Edge, shows
from app.api.lists import Pages
from app.api.outputs import Instant, Out, PageOut, Record
from app.api.problems import answers
from app.api.v2.stories import tell
from app.core import clock
from app.models.arrival_windows import ArrivalWindowSet
from app.models.job_types import JobType
from app.models.permissions import Permission
from app.models.sites import Site
from app.services import arrival_windows
from app.services.arrival_windows import (
    ArrivalWindowSetDraft,
    ArrivalWindowSetPatch,
    ArrivalWindowSetQuery,
    Offered,
)
from app.services.context import Ctx
from app.services.inputs import Day

router = APIRouter(
    prefix="/api/v2/arrival-windows",
    tags=["working time"],
    route_class=Edge,
    responses=answers(401, 403),
)
on_sites = APIRouter(
    prefix="/api/v2/sites",
    tags=["working time"],
    route_class=Edge,
    responses=answers(401, 403),
)
Reader = Annotated[Ctx, allowed(Permission.job_types_read)]
Writer = Annotated[Ctx, allowed(Permission.job_types_write)]


class ArrivalWindowSetOut(Record):
    """A set of windows: of a job type, a branch, both, or all others."""

    name: str
    job_type_id: UUID | None
    branch_id: UUID | None
    windows: list[Offered]


class DayWindowOut(Out):
    """A window of a certain day: instants, and what the clock at the site shows."""

    start: Instant
    end: Instant
    start_local: str
    end_local: str


class DayWindowsOut(Out):
    day: date
    time_zone: str
    windows: list[DayWindowOut]


@shows(ArrivalWindowSet)
async def show(ctx: Ctx, arrival_window_id: UUID) -> ArrivalWindowSetOut:
    """The set as this caller sees it."""
    return ArrivalWindowSetOut.model_validate(await ctx.get(ArrivalWindowSet, arrival_window_id))


@router.get(
    "",
    operation_id="list_arrival_windows",
    summary="List sets of arrival windows",
    responses=answers(400, 422),
)
async def list_arrival_windows(
    ctx: Reader, query: Annotated[ArrivalWindowSetQuery, Query()], page: Pages
) -> PageOut[ArrivalWindowSetOut]:
    """The organisation's sets of windows."""
    return await page(ArrivalWindowSet, query)  # type: ignore[return-value]


@router.post(
    "",
    operation_id="create_arrival_windows",
    summary="Add a set of arrival windows",
    status_code=201,
    responses=answers(400, 404, 409, 422),
)
async def create_arrival_windows(ctx: Writer, draft: ArrivalWindowSetDraft) -> ArrivalWindowSetOut:
    """Say which windows are offered: for a job type, at a branch, or for all that have no sets of their
    own. What fits nearest counts: job type and branch, job type, branch, neither."""
    return await arrival_windows.create(ctx, draft)  # type: ignore[return-value]


@router.get(
    "/{id}",
    operation_id="get_arrival_windows",
    summary="Get a set of arrival windows",
    responses=answers(404, 422),
)
async def get_arrival_windows(ctx: Reader, id: UUID) -> ArrivalWindowSetOut:
    """One set."""
    return await show(ctx, id)


@router.patch(
    "/{id}",
    operation_id="change_arrival_windows",
    summary="Change a set of arrival windows",
    responses=answers(400, 404, 409, 412, 422, 428),
)
async def change_arrival_windows(
    ctx: Writer, id: UUID, patch: ArrivalWindowSetPatch, seen: SeenVersion
) -> ArrivalWindowSetOut:
    """Change the fields you send. What was promised stays promised."""
    found = await ctx.get(ArrivalWindowSet, id, at=seen)
    return await arrival_windows.change(ctx, found, patch)  # type: ignore[return-value]


@router.delete(
    "/{id}",
    operation_id="delete_arrival_windows",
    summary="Delete a set of arrival windows",
    status_code=204,
    responses=answers(404, 409, 422),
)
async def delete_arrival_windows(ctx: Writer, id: UUID) -> Response:
    """Offer these windows no more."""
    await arrival_windows.delete(ctx, await ctx.get(ArrivalWindowSet, id, lock=True))
    return Response(status_code=204)


@on_sites.get(
    "/{id}/arrival-windows",
    operation_id="list_arrival_windows_of_day",
    summary="The arrival windows of a day at a site",
    responses=answers(404, 422),
)
async def list_arrival_windows_of_day(
    ctx: Reader,
    id: UUID,
    job_type_id: Annotated[
        UUID | None, Query(description="The kind of work; silence: any without sets of its own.")
    ] = None,
    day: Annotated[Day | None, Query(description="At the site; silence: today.")] = None,
) -> DayWindowsOut:
    """What to offer for this kind of work on this day, as instants by the clock at the site. A window
    that the clocks skip is left out. A promise may still be of any other window."""
    site = await ctx.get(Site, id)
    if job_type_id is not None:
        await ctx.get(JobType, job_type_id, pointer="?job_type_id")
    day = day or clock.today(site.time_zone)
    windows = await arrival_windows.of_day(ctx, job_type_id, site, day)
    return DayWindowsOut.model_validate(
        {
            "day": day,
            "time_zone": site.time_zone,
            "windows": windows,
        }
    )


tell(router, ArrivalWindowSet, Permission.job_types_read)
