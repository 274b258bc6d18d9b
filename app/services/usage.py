"""What still depends on a record: asked before it is deleted, so that the refusal can say why."""

from typing import Any

from sqlalchemy import func, select

from app.models.work_orders import WorkOrder, WorkOrderStatus
from app.services.context import Ctx

ENDED = (WorkOrderStatus.closed, WorkOrderStatus.canceled)


async def open_work_orders(ctx: Ctx, *where: Any) -> int:
    """How many work orders under these conditions are neither closed nor cancelled."""
    counted = (
        select(func.count())
        .select_from(WorkOrder)
        .where(WorkOrder.status.not_in(ENDED), WorkOrder.deleted_at.is_(None), *where)
    )
    return (await ctx.session.execute(counted)).scalar_one()


def count_of(number: int, one: str, many: str) -> str:
    """`1 open visit`, `3 open visits`: for sentences."""
    return f"{number} {one if number == 1 else many}"
