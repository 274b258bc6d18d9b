"""`/api/v2/work-orders/{id}/checklist-items`: the steps of a work order, and ticking them off."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from app.api.deps import MaybeSeenVersion, allowed
from app.api.edge import Edge, shows
from app.api.outputs import Instant, Record
from app.api.problems import answers
from app.api.v2.stories import read_with
from app.models.checklist_items import ChecklistItem, TaskKind
from app.models.permissions import Permission
from app.models.work_orders import WorkOrder
from app.services.context import Ctx
from app.services.work_orders import checklist
from app.services.work_orders.checklist import (
    ChecklistItemDraft,
    ChecklistItemPatch,
    Tick,
    Untick,
)

router = APIRouter(
    prefix="/api/v2/work-orders/{id}/checklist-items",
    tags=["work orders"],
    route_class=Edge,
    responses=answers(400, 401, 403, 404, 409, 422),
)
Writer = Annotated[Ctx, allowed(Permission.work_orders_write)]
Doer = Annotated[Ctx, allowed(Permission.visits_execute)]


class ChecklistItemOut(Record):
    """A step of a work order."""

    work_order_id: UUID
    position: int
    title: str
    required: bool
    kind: TaskKind
    answer: str | None
    done_at: Instant | None
    done_by_id: UUID | None


@shows(ChecklistItem)
async def show(ctx: Ctx, item_id: UUID) -> ChecklistItemOut:
    """The step, for whoever may see its work order."""
    item = await ctx.get(ChecklistItem, item_id)
    await ctx.get(WorkOrder, item.work_order_id)
    return ChecklistItemOut.model_validate(item)


@router.post("", operation_id="add_checklist_item", summary="Add a checklist item", status_code=201)
async def add_item(ctx: Writer, id: UUID, draft: ChecklistItemDraft) -> ChecklistItemOut:
    """Add a step, at the end or where you say."""
    work_order = await ctx.get(WorkOrder, id, lock=True)
    return await checklist.add(ctx, work_order, draft)  # type: ignore[return-value]


@router.patch(
    "/{item_id}",
    operation_id="change_checklist_item",
    summary="Change a checklist item",
    responses=answers(412),
)
async def change_item(
    ctx: Writer, id: UUID, item_id: UUID, patch: ChecklistItemPatch, seen: MaybeSeenVersion
) -> ChecklistItemOut:
    """Reword a step, move it, or say whether the work order needs it to complete."""
    work_order = await ctx.get(WorkOrder, id, lock=True)
    item = await checklist.get(ctx, work_order, item_id, at=seen)
    return await checklist.change(ctx, work_order, item, patch)  # type: ignore[return-value]


@router.post(
    "/{item_id}/done", operation_id="do_checklist_item", summary="Tick a checklist item off"
)
async def do_item(ctx: Doer, id: UUID, item_id: UUID, tick: Tick | None = None) -> ChecklistItemOut:
    """Record that a step was done, and what was found. One that was done before keeps its first
    time and answer."""
    work_order = await ctx.get(WorkOrder, id, lock=True)
    item = await checklist.get(ctx, work_order, item_id)
    return await checklist.do(ctx, work_order, item, tick or Tick())  # type: ignore[return-value]


@router.post(
    "/{item_id}/undo", operation_id="undo_checklist_item", summary="Untick a checklist item"
)
async def undo_item(
    ctx: Doer, id: UUID, item_id: UUID, tick: Untick | None = None
) -> ChecklistItemOut:
    """Take the tick away."""
    work_order = await ctx.get(WorkOrder, id, lock=True)
    item = await checklist.get(ctx, work_order, item_id)
    occurred_at = tick.occurred_at if tick else None
    return await checklist.undo(ctx, work_order, item, occurred_at=occurred_at)  # type: ignore[return-value]


@router.delete(
    "/{item_id}",
    operation_id="remove_checklist_item",
    summary="Remove a checklist item",
    status_code=204,
)
async def remove_item(ctx: Writer, id: UUID, item_id: UUID) -> Response:
    """Take a step off the list. One that is done stays on record until it is undone."""
    work_order = await ctx.get(WorkOrder, id, lock=True)
    await checklist.remove(ctx, work_order, await checklist.get(ctx, work_order, item_id))
    return Response(status_code=204)


read_with(ChecklistItem, Permission.work_orders_read)
