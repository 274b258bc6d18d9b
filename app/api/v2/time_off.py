"""`/api/v2/time-off`: asked for, approved or declined, cancelled."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Query
from pydantic import Field
from sqlalchemy.orm import joinedload

from app.api.deps import allowed
from app.api.edge import Edge, shows
from app.api.lists import Pages
from app.api.outputs import Instant, PageOut, Record, Seen, seen_page
from app.api.problems import answers
from app.api.v2.holidays import OnTheWall
from app.api.v2.stories import tell
from app.models.permissions import Permission
from app.models.time_off import TimeOff, TimeOffKind, TimeOffStatus
from app.services import time_off
from app.services.context import Ctx
from app.services.time_off import Decision, Reasoned, TimeOffDraft, TimeOffQuery

router = APIRouter(
    prefix="/api/v2/time-off",
    tags=["working time"],
    route_class=Edge,
    responses=answers(401, 403),
)
Reader = Annotated[Ctx, allowed(Permission.time_off_read)]
Writer = Annotated[Ctx, allowed(Permission.time_off_write)]
Approver = Annotated[Ctx, allowed(Permission.time_off_approve)]
Decided = Annotated[Decision, Body(default_factory=Decision)]
SHOWN = (joinedload(TimeOff.technician),)


class TimeOffOut(Record):
    """Time off, and what became of it."""

    technician_id: UUID
    status: TimeOffStatus
    kind: TimeOffKind
    first_day: date
    last_day: date
    start_time: OnTheWall | None = Field(description="On the technician's clock; None: midnight.")
    end_time: OnTheWall | None
    starts_at: Instant
    ends_at: Instant
    note: str | None
    decided_at: Instant | None
    decided_by_id: UUID | None
    decision_reason: str | None
    allowed_transitions: list[str] = Field(description="The verbs open to you now.")


@shows(TimeOff)
async def show(ctx: Ctx, time_off_id: UUID) -> TimeOffOut:
    """The time off as this caller sees it."""
    return TimeOffOut.model_validate(Seen(ctx, await ctx.get(TimeOff, time_off_id)))


async def _taken(ctx: Ctx, id: UUID) -> TimeOff:
    return await ctx.get(TimeOff, id, lock=True, options=SHOWN)


@router.get("", operation_id="list_time_off", summary="List time off", responses=answers(400, 422))
async def list_time_off(
    ctx: Reader, query: Annotated[TimeOffQuery, Query()], page: Pages
) -> PageOut[TimeOffOut]:
    """Time off you may see; a technician sees their own."""
    return seen_page(ctx, await page(TimeOff, query), TimeOffOut)


@router.post(
    "",
    operation_id="create_time_off",
    summary="Ask for time off",
    status_code=201,
    responses=answers(400, 404, 409, 422),
)
async def create_time_off(ctx: Writer, draft: TimeOffDraft) -> TimeOffOut:
    """Ask for whole days, or hours of one; a technician only for themselves. It takes no time until
    it is approved."""
    made = await time_off.create(ctx, draft)
    return await show(ctx, made.id)


@router.get(
    "/{id}", operation_id="get_time_off", summary="Get time off", responses=answers(404, 422)
)
async def get_time_off(ctx: Reader, id: UUID) -> TimeOffOut:
    """One time off."""
    return await show(ctx, id)


@router.post(
    "/{id}/approve",
    operation_id="approve_time_off",
    summary="Approve time off",
    responses=answers(400, 404, 409, 422),
)
async def approve_time_off(ctx: Approver, id: UUID, decision: Decided) -> TimeOffOut:
    """Grant it: nothing can be booked over it from now on. Visits that are booked stay, and
    `GET /api/v2/visit-alerts` names them."""
    await time_off.approve(ctx, await _taken(ctx, id), decision)
    return await show(ctx, id)


@router.post(
    "/{id}/decline",
    operation_id="decline_time_off",
    summary="Decline time off",
    responses=answers(400, 404, 409, 422),
)
async def decline_time_off(ctx: Approver, id: UUID, decision: Reasoned) -> TimeOffOut:
    """Do not grant it, and say why."""
    await time_off.decline(ctx, await _taken(ctx, id), decision)
    return await show(ctx, id)


@router.post(
    "/{id}/cancel",
    operation_id="cancel_time_off",
    summary="Cancel time off",
    responses=answers(400, 404, 409, 422),
)
async def cancel_time_off(ctx: Writer, id: UUID, decision: Decided) -> TimeOffOut:
    """Take it back; the time is free again."""
    await time_off.cancel(ctx, await _taken(ctx, id), decision)
    return await show(ctx, id)


tell(router, TimeOff, Permission.time_off_read)
