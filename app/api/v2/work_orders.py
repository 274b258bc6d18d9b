"""`/api/v2/work-orders`: the records. Their verbs are in `work_order_moves`, their steps in
`checklist_items`.
"""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import Field
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from app.api.banners import BannerOut
from app.api.deps import SeenVersion, allowed
from app.api.edge import Edge, shows
from app.api.gates import MissingOut
from app.api.lists import Pages
from app.api.outputs import Beside, Instant, Out, PageOut, Record, Seen, only
from app.api.problems import answers
from app.api.tags import TagsOnRecord
from app.api.v2.checklist_items import ChecklistItemOut
from app.api.v2.stories import tell
from app.models.equipment import WorkOrderEquipment
from app.models.permissions import Permission
from app.models.visits import Visit, VisitStatus
from app.models.work_orders import Priority, WorkOrder, WorkOrderStatus
from app.services import banners, tagging, work_orders
from app.services.context import Ctx
from app.services.work_orders import WorkOrderDraft, WorkOrderPatch, WorkOrderQuery, gate

router = APIRouter(
    prefix="/api/v2/work-orders",
    tags=["work orders"],
    route_class=Edge,
    responses=answers(401, 403),
)
Reader = Annotated[Ctx, allowed(Permission.work_orders_read)]
Writer = Annotated[Ctx, allowed(Permission.work_orders_write)]


class WorkOrderCustomerOut(Out):
    """Who pays, as the desk needs them at hand."""

    id: UUID
    name: str
    phone: str | None


class WorkOrderSiteOut(Out):
    """Where the work is done."""

    id: UUID
    address: str
    time_zone: str
    latitude: float | None
    longitude: float | None


class WorkOrderJobTypeOut(Out):
    """What kind of work it is."""

    id: UUID
    name: str


class WorkOrderVisitOut(Out):
    """A visit in short; `GET /visits/{id}` has the rest."""

    id: UUID
    status: VisitStatus
    planned_start: Instant | None
    planned_end: Instant | None
    promised_start: Instant | None
    promised_end: Instant | None


class WorkCalledBackOut(Out):
    """The finished work that this one looks at again."""

    id: UUID
    number: str


class CallBackOut(Out):
    """Work that was opened to look at this one again."""

    id: UUID
    number: str
    status: WorkOrderStatus


class EquipmentOfWorkOrderOut(Out):
    """A piece of equipment that it is about."""

    id: UUID
    name: str
    location: str | None


class WorkOrderOut(Record):
    """A work order: the folder of a piece of work."""

    number: str
    status: WorkOrderStatus
    allowed_transitions: list[str]
    priority: Priority
    customer: WorkOrderCustomerOut
    site: WorkOrderSiteOut
    job_type: WorkOrderJobTypeOut
    customer_id: UUID
    site_id: UUID
    job_type_id: UUID
    summary: str
    description: str | None
    customer_reference: str | None
    source: str | None
    status_reason: str | None
    completed_at: Instant | None
    decided_at: Instant | None
    checklist: list[ChecklistItemOut]
    visits: list[WorkOrderVisitOut]
    call_back_of: WorkCalledBackOut | None
    call_backs: list[CallBackOut]
    equipment: Annotated[list[EquipmentOfWorkOrderOut] | None, only(Permission.equipment_read)] = (
        None
    )
    tags: TagsOnRecord
    banners: list[BannerOut] = Field(description="What to know of the customer first.")
    missing: list[MissingOut] = Field(
        description="What must be there before it can be completed and approved."
    )
    external_key: str | None
    deleted_at: Instant | None


def parts(ctx: Ctx) -> list[ORMOption]:
    """What is shown with a work order; of its visits, those this person may see."""
    return [
        joinedload(WorkOrder.customer),
        joinedload(WorkOrder.site),
        joinedload(WorkOrder.job_type),
        selectinload(WorkOrder.checklist),
        selectinload(WorkOrder.call_back_of),
        selectinload(WorkOrder.call_backs),
        tagging.shown(WorkOrder),
        selectinload(WorkOrder.equipment_links).joinedload(WorkOrderEquipment.equipment),
        selectinload(WorkOrder.visits.and_(Visit.visible_to(ctx))),
    ]


async def shown(ctx: Ctx, rows: Sequence[WorkOrder]) -> list[WorkOrderOut]:
    """Work orders that were loaded with their parts, as this caller sees them."""
    known = await banners.of_customers(ctx, [row.customer_id for row in rows])
    missing = await gate.before_work_orders(ctx, rows)
    return [
        WorkOrderOut.model_validate(
            Beside(
                Seen(ctx, row),
                banners=known[row.customer_id],
                missing=missing[row.id],
                tags=tagging.on(row),
                equipment=[link.equipment for link in row.equipment_links],
            )
        )
        for row in rows
    ]


@shows(WorkOrder)
async def show(ctx: Ctx, work_order_id: UUID) -> WorkOrderOut:
    """The work order as this caller sees it."""
    work_order = await ctx.get(WorkOrder, work_order_id, options=parts(ctx))
    return (await shown(ctx, [work_order]))[0]


@router.get(
    "", operation_id="list_work_orders", summary="List work orders", responses=answers(400, 422)
)
async def list_work_orders(
    ctx: Reader, query: Annotated[WorkOrderQuery, Query()], page: Pages
) -> PageOut[WorkOrderOut]:
    """Work orders you may see, filtered and sorted."""
    found = await page(WorkOrder, query, options=parts(ctx))
    return PageOut(
        data=await shown(ctx, found.data), next_cursor=found.next_cursor, total=found.total
    )


@router.post(
    "",
    operation_id="create_work_order",
    summary="Open a work order",
    status_code=201,
    responses=answers(400, 404, 409, 422),
)
async def create_work_order(ctx: Writer, draft: WorkOrderDraft) -> WorkOrderOut:
    """Open a work order; it takes the next number. The same `id` or `Idempotency-Key` again answers
    as the first time."""
    work_order = await work_orders.create(ctx, draft)
    return await show(ctx, work_order.id)


@router.get(
    "/{id}", operation_id="get_work_order", summary="Get a work order", responses=answers(404, 422)
)
async def get_work_order(ctx: Reader, id: UUID) -> WorkOrderOut:
    """One work order with its checklist and visits."""
    return await show(ctx, id)


@router.patch(
    "/{id}",
    operation_id="change_work_order",
    summary="Change a work order",
    responses=answers(400, 404, 409, 412, 422, 428),
)
async def change_work_order(
    ctx: Writer, id: UUID, patch: WorkOrderPatch, seen: SeenVersion
) -> WorkOrderOut:
    """Change the fields you send; null empties a field, silence leaves it. The status moves by its
    verbs. What follows from the visits does not make your version stale."""
    await work_orders.change(ctx, await ctx.get(WorkOrder, id, at=seen), patch)
    return await show(ctx, id)


@router.delete(
    "/{id}",
    operation_id="delete_work_order",
    summary="Delete a work order",
    status_code=204,
    responses=answers(404, 409, 422),
)
async def delete_work_order(ctx: Writer, id: UUID) -> Response:
    """Take a work order out of sight that was opened by mistake; `restore` brings it back. One with
    visits or invoices is cancelled instead."""
    await work_orders.delete(ctx, await ctx.get(WorkOrder, id, lock=True))
    return Response(status_code=204)


@router.post(
    "/{id}/restore",
    operation_id="restore_work_order",
    summary="Restore a deleted work order",
    responses=answers(404, 409, 422),
)
async def restore_work_order(ctx: Writer, id: UUID) -> WorkOrderOut:
    """Bring a deleted work order back."""
    await work_orders.restore(ctx, await ctx.get(WorkOrder, id, lock=True, deleted=True))
    return await show(ctx, id)


tell(router, WorkOrder, Permission.work_orders_read)
