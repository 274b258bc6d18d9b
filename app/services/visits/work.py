"""What a visit asks of its work order before it goes on."""

from app.core.errors import Conflict
from app.models.work_orders import WorkOrder, WorkOrderStatus
from app.services.context import Ctx

S = WorkOrderStatus


DRAFT, ENDED = "work_order_draft", "work_order_ended"


def why_not_planned(status: WorkOrderStatus) -> str | None:
    """The code for there being no more work to plan, or not yet."""
    if status == S.draft:
        return DRAFT
    return ENDED if status in (S.approved, S.closed, S.canceled) else None


def refuse_ended(work_order: WorkOrder) -> None:
    """Raise `Conflict` when there is no more work to plan, or not yet."""
    code = why_not_planned(WorkOrderStatus(work_order.status))
    if code == DRAFT:
        raise Conflict(
            f"Work order {work_order.number} is a draft. Make it ready first.", code=DRAFT
        )
    if code == ENDED:
        said = "cancelled" if work_order.status == S.canceled else work_order.status
        raise Conflict(
            f"Work order {work_order.number} is {said}; its visits do not move any more. Create a"
            " new work order for further work.",
            code=ENDED,
        )


async def locked(ctx: Ctx, work_order: WorkOrder) -> WorkOrder:
    """The work order, locked and with its status read again: nobody ends it meanwhile."""
    await ctx.session.refresh(
        work_order, attribute_names=["status", "version"], with_for_update={"key_share": True}
    )
    return work_order
