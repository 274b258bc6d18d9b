"""Facts about a work order stand in its own story and in those of its customer and its site."""

from datetime import datetime
from typing import Any
from uuid import UUID

from app.models.work_orders import WorkOrder
from app.services.context import Ctx
from app.services.facts import Fact, emit


async def tell(
    ctx: Ctx,
    fact: Fact,
    work_order: WorkOrder,
    *,
    also: tuple[UUID, ...] = (),
    occurred_at: datetime | None = None,
    **data: Any,
) -> None:
    """Emit `fact`; `also` names further records in whose story it stands."""
    await emit(
        ctx,
        fact,
        work_order,
        about=(work_order.customer_id, work_order.site_id, *also),
        occurred_at=occurred_at,
        name=work_order.number,
        **data,
    )
