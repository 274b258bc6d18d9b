"""Work from before one came here: it enters as it ended, and is history.

Nobody planned or did it here, so it has no visits, and no gate is asked; it says so in its story and
keeps the number it had. Completed work enters closed, because it was billed where it was done; work
that is still to be billed enters completed. It is told in bulk: numbers are taken together, at the end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.core.ids import new_id
from app.models.customers import Customer
from app.models.job_types import JobType
from app.models.organisations import Series
from app.models.permissions import Permission
from app.models.sites import Site
from app.models.work_orders import WorkOrder, WorkOrderStatus
from app.services.branches import branches_at
from app.services.context import Ctx
from app.services.facts import Fact, Told, emit_all
from app.services.numbering import next_numbers
from app.services.work_orders.records import WorkOrderDraft

S = WorkOrderStatus


@dataclass(frozen=True, slots=True)
class PastWork:
    """A work order as it ended elsewhere, on its way in."""

    work_order: WorkOrder
    customer: Customer
    site: Site


def past(
    draft: WorkOrderDraft,
    *,
    customer: Customer,
    site: Site,
    job_type: JobType,
    status: WorkOrderStatus,
    completed_at: datetime | None = None,
    reason: str | None = None,
) -> PastWork:
    """What `take_over` takes; `status` is how it ended: closed, completed or canceled."""
    if status not in (S.closed, S.completed, S.canceled):
        raise ValueError(f"What is {status} is not over.")
    given = draft.model_dump(exclude_none=True, exclude={"checklist", "equipment_ids", "status"})
    work_order = WorkOrder(
        **{"summary": job_type.name, "id": new_id(), **given},
        status=status,
        completed_at=None if status is S.canceled else completed_at,
        status_reason=(reason or "Canceled before it came here")[:200]
        if status is S.canceled
        else None,
    )
    return PastWork(work_order, customer, site)


async def take_over(ctx: Ctx, works: Sequence[PastWork]) -> None:
    """Let past work in, in this order. Raises `Forbidden` for whoever may not approve work."""
    if not works:
        return
    ctx.require(Permission.work_orders_write)
    ctx.require(Permission.work_orders_approve)
    branches = await branches_at(ctx, {work.site.id for work in works})
    prefixes = [
        branch.work_order_prefix if (branch := branches.get(work.site.id)) else None
        for work in works
    ]
    numbers = await next_numbers(ctx, Series.work_order, prefixes)
    for work, number in zip(works, numbers, strict=True):
        work.work_order.number = number
    ctx.session.add_all(work.work_order for work in works)
    await emit_all(
        ctx,
        [
            Told(
                Fact.work_order_taken_over,
                work.work_order,
                about=(work.customer.id, work.site.id),
                occurred_at=work.work_order.completed_at,
                data={
                    "name": work.work_order.number,
                    "external": work.work_order.external_key or "no number",
                    "status": work.work_order.status.value,
                    "customer": work.customer.name,
                    "address": work.site.address,
                },
            )
            for work in works
        ],
    )
