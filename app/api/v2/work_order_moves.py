"""The verbs under `/api/v2/work-orders/{id}`. Each asks for the permission that `WorkOrder.MOVES`
names; `If-Match` is optional. Beside them: what opens another work order from this one.
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from sqlalchemy.orm import selectinload

from app.api.deps import MaybeSeenVersion, allowed
from app.api.edge import Edge
from app.api.problems import answers
from app.api.v2.work_orders import WorkOrderOut, show
from app.models.permissions import Permission
from app.models.work_orders import WorkOrder
from app.services import work_orders
from app.services.context import Ctx
from app.services.work_orders import Completion, Decision, ReasonedDecision, again
from app.services.work_orders.again import CallBack, Copy

router = APIRouter(
    prefix="/api/v2/work-orders/{id}",
    tags=["work orders"],
    route_class=Edge,
    responses=answers(400, 401, 403, 404, 409, 412, 422),
)
Writer = Annotated[Ctx, allowed(Permission.work_orders_write)]
Approver = Annotated[Ctx, allowed(Permission.work_orders_approve)]
Said = Decision | None
"""A verb that needs no reason needs no body either."""


async def _locked(ctx: Ctx, id: UUID, seen: int | None) -> WorkOrder:
    return await ctx.get(WorkOrder, id, at=seen, lock=True)


@router.post("/ready", operation_id="ready_work_order", summary="Release a draft for planning")
async def ready(ctx: Writer, id: UUID, seen: MaybeSeenVersion, said: Said = None) -> WorkOrderOut:
    """A draft becomes ready; from here its status follows its visits."""
    await work_orders.ready(ctx, await _locked(ctx, id, seen), said or Decision())
    return await show(ctx, id)


@router.post("/hold", operation_id="hold_work_order", summary="Put a work order on hold")
async def hold(
    ctx: Writer, id: UUID, seen: MaybeSeenVersion, said: ReasonedDecision
) -> WorkOrderOut:
    """It waits, for the reason you give. Its visits stay as they are."""
    await work_orders.hold(ctx, await _locked(ctx, id, seen), said)
    return await show(ctx, id)


@router.post("/release", operation_id="release_work_order", summary="Take a work order off hold")
async def release(ctx: Writer, id: UUID, seen: MaybeSeenVersion, said: Said = None) -> WorkOrderOut:
    """It goes on with the status that its visits give it."""
    await work_orders.release(ctx, await _locked(ctx, id, seen), said or Decision())
    return await show(ctx, id)


@router.post("/complete", operation_id="complete_work_order", summary="Complete a work order")
async def complete(
    ctx: Writer, id: UUID, seen: MaybeSeenVersion, said: Completion | None = None
) -> WorkOrderOut:
    """It completes by itself when its last visit ends and nothing is missing (`missing`). This verb is
    for the case that somebody waives that, with a reason; otherwise it answers 409 `gate` and names
    what is missing."""
    await work_orders.complete(ctx, await _locked(ctx, id, seen), said or Completion())
    return await show(ctx, id)


@router.post("/reopen", operation_id="reopen_work_order", summary="Reopen a work order")
async def reopen(
    ctx: Writer, id: UUID, seen: MaybeSeenVersion, said: ReasonedDecision
) -> WorkOrderOut:
    """What was complete is in progress again. One that is approved or closed stays as it is."""
    await work_orders.reopen(ctx, await _locked(ctx, id, seen), said)
    return await show(ctx, id)


@router.post("/approve", operation_id="approve_work_order", summary="Approve a work order")
async def approve(
    ctx: Approver, id: UUID, seen: MaybeSeenVersion, said: Completion | None = None
) -> WorkOrderOut:
    """The office has looked at what was done."""
    await work_orders.approve(ctx, await _locked(ctx, id, seen), said or Completion())
    return await show(ctx, id)


@router.post("/close", operation_id="close_work_order", summary="Close a work order")
async def close(ctx: Approver, id: UUID, seen: MaybeSeenVersion, said: Said = None) -> WorkOrderOut:
    """For good: every invoice is paid or void, or there is none. Otherwise 409 `not_settled`."""
    await work_orders.close(ctx, await _locked(ctx, id, seen), said or Decision())
    return await show(ctx, id)


@router.post("/cancel", operation_id="cancel_work_order", summary="Cancel a work order")
async def cancel(
    ctx: Writer, id: UUID, seen: MaybeSeenVersion, said: ReasonedDecision
) -> WorkOrderOut:
    """It and every visit that has not begun are cancelled; nothing is deleted. Refused while
    somebody is on the way or at work, and while an issued invoice is unpaid."""
    await work_orders.lock_open(ctx, id)
    await work_orders.cancel(ctx, await _locked(ctx, id, seen), said)
    return await show(ctx, id)


@router.post(
    "/call-back",
    operation_id="call_back_work_order",
    summary="Open a call-back of finished work",
    status_code=201,
)
async def call_back(ctx: Writer, id: UUID, told: CallBack) -> WorkOrderOut:
    """A new work order for the same customer, site and equipment, with a visit in the tray; either
    names the other (`call_back_of`, `call_backs`). The finished one stays as it is. 409 `not_finished`
    for work that is not."""
    made = await again.call_back(ctx, await ctx.get(WorkOrder, id), told)
    return await show(ctx, made.id)


@router.post(
    "/duplicate",
    operation_id="duplicate_work_order",
    summary="Open the same work order once more",
    status_code=201,
)
async def duplicate(ctx: Writer, id: UUID, copy: Copy | None = None) -> WorkOrderOut:
    """For the same customer, site and equipment, with the same steps, all of them open, and a visit in
    the tray. References and keys of others are not copied."""
    first = await ctx.get(WorkOrder, id, options=[selectinload(WorkOrder.checklist)])
    made = await again.duplicate(ctx, first, copy or Copy())
    return await show(ctx, made.id)
