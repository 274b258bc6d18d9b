"""The checklist: the office writes it, whoever does the work ticks it off.

Positions count from 0 without a gap. When the last required step is done and the visits are over,
the work order completes by itself. After that its checklist stands until it is reopened.
"""

import re
from datetime import datetime
from uuid import UUID

from pydantic import Field
from sqlalchemy import select

from app.core import clock
from app.core.errors import Conflict, NotFound, invalid_field
from app.models.checklist_items import ChecklistItem, TaskKind
from app.models.work_orders import WorkOrder, WorkOrderStatus
from app.services.context import Ctx, changed
from app.services.facts import Fact, emit
from app.services.inputs import Draft, Happened, Name, Patch, ShortText
from app.services.work_orders.following import follow
from app.services.work_orders.records import MOST_ITEMS, ChecklistStep

S = WorkOrderStatus


class ChecklistItemDraft(ChecklistStep):
    """A step to add."""

    id: UUID | None = Field(None, description="Your own UUID for it, if you make them.")
    position: int | None = Field(
        None, ge=0, lt=MOST_ITEMS, description="Counted from 0; silence adds it at the end."
    )


class ChecklistItemPatch(Patch):
    """Changes to a step; the others make room when it moves."""

    title: Name = ""
    required: bool = False
    kind: TaskKind = TaskKind.check
    position: int = Field(0, ge=0, lt=MOST_ITEMS)


class Tick(Draft):
    """When a step was done, and what was found."""

    occurred_at: Happened | None = None
    answer: ShortText | None = Field(
        None, description="What was found; required where the step asks for words or a number."
    )


class Untick(Draft):
    """When a tick was taken away."""

    occurred_at: Happened | None = None


async def get(
    ctx: Ctx, work_order: WorkOrder, item_id: UUID, *, at: int | None = None
) -> ChecklistItem:
    """A step of this work order. Raises `NotFound`, also for another one's step."""
    item = await ctx.get(ChecklistItem, item_id, at=at, lock=True)
    if item.work_order_id != work_order.id:
        raise NotFound("There is no such checklist item.")
    return item


async def add(ctx: Ctx, work_order: WorkOrder, draft: ChecklistItemDraft) -> ChecklistItem:
    """Add a step. Raises `Conflict` when there are too many, or the work order is complete."""
    _refuse_settled(work_order)
    items = await _items(ctx, work_order)
    if len(items) >= MOST_ITEMS:
        raise Conflict(f"A checklist has at most {MOST_ITEMS} steps.", code="too_many")
    given = draft.model_dump(exclude_none=True, exclude={"position"})
    item = ChecklistItem(**given, work_order_id=work_order.id, position=len(items))
    place = len(items) if draft.position is None else min(draft.position, len(items))
    ctx.session.add(item)
    _arrange([*items[:place], item, *items[place:]])
    await emit(ctx, Fact.checklist_item_added, item, about=(work_order.id,), title=item.title)
    return item


async def change(
    ctx: Ctx, work_order: WorkOrder, item: ChecklistItem, patch: ChecklistItemPatch
) -> ChecklistItem:
    """Reword a step, move it, or say whether it is required."""
    _refuse_settled(work_order)
    given = patch.given()
    place = given.pop("position", None)
    if item.done_at is not None and given.get("kind", item.kind) != item.kind:
        raise Conflict("This step is done. Undo it first to ask for something else.", code="done")
    for name, value in given.items():
        setattr(item, name, value)
    fields = changed(item)
    if place is not None and place != item.position:
        others = [other for other in await _items(ctx, work_order) if other is not item]
        _arrange([*others[:place], item, *others[place:]])
        fields.append("position")
    if fields:
        await emit(
            ctx,
            Fact.checklist_item_changed,
            item,
            about=(work_order.id,),
            title=item.title,
            fields=", ".join(fields),
        )
    if "required" in fields:
        await follow(ctx, work_order)
    return item


async def do(ctx: Ctx, work_order: WorkOrder, item: ChecklistItem, tick: Tick) -> ChecklistItem:
    """Tick a step off; one that is ticked stays as it was first.

    Raises `Invalid` when the step asks for words or a number and there is none.
    """
    if item.done_at is not None:
        return item
    _refuse_settled(work_order)
    _refuse_wrong_answer(item, tick.answer)
    occurred_at = tick.occurred_at
    item.done_at = occurred_at or clock.now()
    item.answer = tick.answer
    item.done_by_id = ctx.user_id
    await emit(
        ctx,
        Fact.checklist_item_done,
        item,
        about=(work_order.id,),
        occurred_at=occurred_at,
        title=item.title,
    )
    if item.required:
        await follow(ctx, work_order)
    return item


async def undo(
    ctx: Ctx, work_order: WorkOrder, item: ChecklistItem, *, occurred_at: datetime | None = None
) -> ChecklistItem:
    """Take the tick away."""
    if item.done_at is None:
        return item
    _refuse_settled(work_order)
    item.done_at = None
    item.answer = None
    item.done_by_id = None
    await emit(
        ctx,
        Fact.checklist_item_undone,
        item,
        about=(work_order.id,),
        occurred_at=occurred_at,
        title=item.title,
    )
    return item


async def remove(ctx: Ctx, work_order: WorkOrder, item: ChecklistItem) -> None:
    """Take a step off the list. Raises `Conflict` for one that is done: it is a record of work."""
    _refuse_settled(work_order)
    if item.done_at is not None:
        raise Conflict("This step is done and stays on record. Undo it first.", code="done")
    await emit(ctx, Fact.checklist_item_removed, item, about=(work_order.id,), title=item.title)
    rest = [other for other in await _items(ctx, work_order) if other is not item]
    await ctx.session.delete(item)
    _arrange(rest)
    if item.required:
        await follow(ctx, work_order)


NUMBER = re.compile(r"[-+]?[0-9]{1,12}([.,][0-9]{1,6})?")


def _refuse_wrong_answer(item: ChecklistItem, answer: str | None) -> None:
    if item.kind != TaskKind.check and answer is None:
        wanted = "the number you read" if item.kind == TaskKind.number else "a few words"
        raise invalid_field("answer", f"“{item.title}” asks for {wanted}.", code="missing")
    if item.kind == TaskKind.number and not NUMBER.fullmatch(answer or ""):
        raise invalid_field("answer", f"“{item.title}” asks for a number, such as 12.5.")


def _refuse_settled(work_order: WorkOrder) -> None:
    if work_order.status in (S.completed, S.approved, S.closed, S.canceled):
        mend = " Reopen it to change its checklist." if work_order.status == S.completed else ""
        raise Conflict(
            f"Work order {work_order.number} is {work_order.status}.{mend}",
            code="work_order_ended",
        )


async def _items(ctx: Ctx, work_order: WorkOrder) -> list[ChecklistItem]:
    found = await ctx.session.scalars(
        select(ChecklistItem)
        .where(ChecklistItem.work_order_id == work_order.id)
        .order_by(ChecklistItem.position, ChecklistItem.id)
        .limit(MOST_ITEMS)
    )
    return list(found)


def _arrange(items: list[ChecklistItem]) -> None:
    for position, item in enumerate(items):
        item.position = position
