"""What cancelling a work order does to its visits.

A visit's move locks the visit first and its work order second (`following`); whoever wants both
locks them in that order too.
"""

from uuid import UUID

from sqlalchemy import select

from app.models.visits import TERMINAL, Visit
from app.models.work_orders import WorkOrder
from app.services.context import Ctx
from app.services.visits.taking import WHOLE


async def lock_open(ctx: Ctx, work_order_id: UUID) -> None:
    """Lock the open visits of a work order, before the work order itself is locked."""
    await ctx.session.execute(
        select(Visit.id)
        .where(Visit.work_order_id == work_order_id, Visit.status.not_in(TERMINAL))
        .order_by(Visit.id)
        .with_for_update(key_share=True)
    )


async def open_visits(ctx: Ctx, work_order: WorkOrder) -> list[Visit]:
    """Its visits that are not over, whole and locked, oldest first."""
    found = await ctx.session.scalars(
        select(Visit)
        .where(
            Visit.work_order_id == work_order.id,
            Visit.deleted_at.is_(None),
            Visit.status.not_in(TERMINAL),
        )
        .order_by(Visit.created_at, Visit.id)
        .options(*WHOLE)
        .with_for_update(key_share=True, of=Visit)
        .execution_options(populate_existing=True)
    )
    return list(found)
