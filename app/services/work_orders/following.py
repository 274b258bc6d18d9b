"""How a work order's status follows from its visits, and when it is complete.

`follow` is called after every move of a visit. It never stands in anybody's way: what it writes
does not count as a new version, so an `If-Match` that was true before is true after.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select

from app.core import clock
from app.core.model import TenantModel
from app.models.checklist_items import ChecklistItem
from app.models.gates import Before
from app.models.visits import BEGUN, OCCUPYING, TERMINAL, Visit, VisitStatus
from app.models.work_orders import WorkOrder, WorkOrderStatus
from app.services.context import Ctx
from app.services.facts import Fact
from app.services.work_orders.gate import before_work_orders
from app.services.work_orders.story import tell

S = WorkOrderStatus

FOLLOWING = (S.ready, S.scheduled, S.in_progress, S.completed)
"""The statuses that visits move; the others wait for a person's verb."""
FACTS = {
    S.ready: Fact.work_order_ready,
    S.scheduled: Fact.work_order_scheduled,
    S.in_progress: Fact.work_order_in_progress,
    S.completed: Fact.work_order_completed,
}


def derive(visits: Collection[VisitStatus], *, gate_holds: bool) -> WorkOrderStatus:
    """The status that visits in these statuses give their work order."""
    if any(status in BEGUN for status in visits):
        return S.in_progress
    if VisitStatus.completed in visits:
        over = all(status in TERMINAL for status in visits)
        return S.completed if over and gate_holds else S.in_progress
    return S.scheduled if any(status in OCCUPYING for status in visits) else S.ready


async def follow(ctx: Ctx, work_order: WorkOrder, *, because: str | None = None) -> None:
    """Bring the status in line with the visits, and say so when it changes.

    Locks the work order, so that of two last visits ending at once one sees the other's end.
    `because` ends the fact's sentence.
    """
    await _lock(ctx, work_order)
    if work_order.status not in FOLLOWING:
        return
    visits = await _visits(ctx, work_order)
    if work_order.status == S.completed and all(one in TERMINAL for one in visits):
        return  # complete stays complete until somebody reopens it or there is work again
    status = await _derived(ctx, work_order, visits)
    if work_order.status == status:
        return
    work_order.status = status
    work_order.status_reason = None  # it was about the status before
    work_order.completed_at = await _done_at(ctx, work_order) if status is S.completed else None
    await tell(
        ctx,
        FACTS[status],
        work_order,
        occurred_at=work_order.completed_at,
        because=f": {because}" if because else "",
    )


async def follow_record(ctx: Ctx, record: TenantModel) -> None:
    """The same when something was put on a record that a gate may have waited for."""
    if isinstance(record, WorkOrder):
        await follow(ctx, record)
    elif isinstance(record, Visit):
        # the folder itself may be out of sight for whoever wrote on one of its visits
        found = await ctx.session.get_one(WorkOrder, (ctx.org_id, record.work_order_id))
        await follow(ctx, found)


async def _done_at(ctx: Ctx, work_order: WorkOrder) -> datetime:
    """When the last of it was done in the field, which may be before we heard of it."""
    visit = select(func.max(Visit.finished_at)).where(
        Visit.work_order_id == work_order.id, Visit.deleted_at.is_(None)
    )
    step = select(func.max(ChecklistItem.done_at)).where(
        ChecklistItem.work_order_id == work_order.id, ChecklistItem.required
    )
    last = func.greatest(visit.scalar_subquery(), step.scalar_subquery())
    found: datetime | None = await ctx.session.scalar(select(last))
    return found or clock.now()


async def status_by_visits(ctx: Ctx, work_order: WorkOrder) -> WorkOrderStatus:
    """What the status would be if nothing but the visits decided."""
    return await _derived(ctx, work_order, await _visits(ctx, work_order))


async def _derived(
    ctx: Ctx, work_order: WorkOrder, visits: Collection[VisitStatus]
) -> WorkOrderStatus:
    status = derive(visits, gate_holds=True)
    if status is S.completed:
        found = await before_work_orders(ctx, [work_order], only=Before.work_order_complete)
        status = derive(visits, gate_holds=not found[work_order.id])
    return status


async def _lock(ctx: Ctx, work_order: WorkOrder) -> None:
    """Lock the row and read its columns again; relationships that were loaded stay loaded."""
    await ctx.session.refresh(
        work_order,
        attribute_names=["status", "status_reason", "completed_at", "version", "updated_at"],
        with_for_update={"key_share": True},
    )


async def _visits(ctx: Ctx, work_order: WorkOrder) -> list[VisitStatus]:
    found = await ctx.session.scalars(
        select(Visit.status).where(Visit.work_order_id == work_order.id, Visit.deleted_at.is_(None))
    )
    return [VisitStatus(status) for status in found]
