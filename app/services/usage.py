"""What still depends on a record: asked before it is deleted, so that the refusal can say why."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute

from app.models.work_orders import WorkOrder, WorkOrderStatus
from app.services.context import Ctx

ENDED = (WorkOrderStatus.closed, WorkOrderStatus.canceled)


async def count_by(
    ctx: Ctx, column: InstrumentedAttribute[Any], ids: Sequence[UUID], *where: Any
) -> dict[UUID, int]:
    """How many rows under these conditions hold each of `ids` in `column`; none: not named."""
    counted = select(column, func.count()).where(column.in_(ids), *where).group_by(column)
    return {row[0]: row[1] for row in await ctx.session.execute(counted)}


async def open_work_orders(
    ctx: Ctx, column: InstrumentedAttribute[Any], ids: Sequence[UUID]
) -> dict[UUID, int]:
    """How many work orders of each are neither closed nor canceled; none: not named."""
    alive = (WorkOrder.status.not_in(ENDED), WorkOrder.deleted_at.is_(None))
    return await count_by(ctx, column, ids, *alive)


def count_of(number: int, one: str, many: str) -> str:
    """`1 open visit`, `3 open visits`: for sentences."""
    return f"{number} {one if number == 1 else many}"
