"""Work that comes again: the call-back of finished work, and a copy of a work order.

The first one stays as it was. A call-back names the work that it looks at again (`call_back_of_id`);
either has a visit of its own in the tray.
"""

from uuid import UUID

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.core.errors import Conflict
from app.models.equipment import EquipmentStatus, WorkOrderEquipment
from app.models.job_types import JobType
from app.models.visits import Visit
from app.models.work_orders import Priority, WorkOrder, WorkOrderStatus
from app.services.context import Ctx
from app.services.facts import Fact
from app.services.inputs import Draft, LongText, Name, Reason
from app.services.visits import drafts
from app.services.visits.drafts import VisitDraft
from app.services.visits.gating import Override
from app.services.work_orders.records import (
    MOST_ITEMS,
    ChecklistStep,
    WorkOrderDraft,
    open_up,
    prepare,
)
from app.services.work_orders.story import tell

S = WorkOrderStatus
FINISHED = (S.completed, S.approved, S.closed)
MOST_PIECES = 50
LONGEST_NAME = 200


class CallBack(Draft):
    """Why somebody has to come again, and what is to be done."""

    id: UUID | None = Field(None, description="Your own UUID for it, if you make them.")
    reason: Reason
    job_type_id: UUID | None = Field(None, description="Silence: the same kind of work.")
    priority: Priority = Priority.normal
    summary: Name | None = Field(None, description="Silence: “Call-back: …”, with the first one's.")
    description: LongText | None = Field(None, description="Silence takes the job type's.")
    duration_minutes: int | None = Field(
        None, ge=5, le=10_080, description="Of its visit; silence takes the job type's."
    )
    override: Override | None = Field(
        None, description="Do not service or a credit hold, overruled with a reason."
    )


class Copy(Draft):
    """Another work order like this one."""

    id: UUID | None = Field(None, description="Your own UUID for it, if you make them.")
    override: Override | None = Field(
        None, description="Do not service or a credit hold, overruled with a reason."
    )


async def call_back(ctx: Ctx, first: WorkOrder, told: CallBack) -> WorkOrder:
    """Open a work order for work that was finished and has to be looked at again, with a visit in the
    tray. `first` stays as it is; the call-back stands in its story.

    Raises `Conflict` `not_finished` for work that was not, and as adding a visit does.
    """
    if told.job_type_id is not None:
        await ctx.get(JobType, told.job_type_id, pointer="/job_type_id")
    if first.status not in FINISHED:
        raise Conflict(
            f"Work order {first.number} is not finished, so nobody is called back to it. Add a visit"
            " to it instead.",
            code="not_finished",
        )
    draft = WorkOrderDraft(
        id=told.id,
        customer_id=first.customer_id,
        site_id=first.site_id,
        job_type_id=told.job_type_id or first.job_type_id,
        priority=told.priority,
        summary=told.summary or f"Call-back: {first.summary}"[:LONGEST_NAME],
        description=told.description,
        equipment_ids=await _equipment(ctx, first),
    )
    new = await prepare(ctx, draft)
    new.work_order.call_back_of_id = first.id
    await open_up(ctx, [new])
    await tell(
        ctx,
        Fact.work_order_called_back,
        first,
        also=(new.work_order.id,),
        reason=told.reason,
        call_back=new.work_order.number,
        call_back_id=str(new.work_order.id),
    )
    await drafts.create(
        ctx,
        VisitDraft(
            work_order_id=new.work_order.id,
            duration_minutes=told.duration_minutes,
            override=told.override,
        ),
    )
    return new.work_order


async def duplicate(ctx: Ctx, first: WorkOrder, copy: Copy) -> WorkOrder:
    """Open the same work once more, loaded with its checklist: for whom, where, what and which steps,
    with a visit in the tray as long as the first one had. Its keys and references are its own. Raises
    as opening a work order and adding a visit do."""
    steps = [
        ChecklistStep(title=one.title, required=one.required, kind=one.kind)
        for one in first.checklist
    ]
    draft = WorkOrderDraft(
        id=copy.id,
        customer_id=first.customer_id,
        site_id=first.site_id,
        job_type_id=first.job_type_id,
        priority=Priority(first.priority),
        summary=first.summary,
        description=first.description,
        source=first.source,
        checklist=steps[:MOST_ITEMS],
        equipment_ids=await _equipment(ctx, first),
    )
    new = await prepare(ctx, draft)
    await open_up(ctx, [new])
    visit = await ctx.session.scalar(
        ctx.select(Visit)
        .where(Visit.work_order_id == first.id)
        .order_by(Visit.created_at, Visit.id)
        .limit(1)
    )
    await drafts.create(
        ctx,
        VisitDraft(
            work_order_id=new.work_order.id,
            duration_minutes=visit.duration_minutes if visit else None,
            instructions=visit.instructions if visit else None,
            override=copy.override,
        ),
    )
    return new.work_order


async def _equipment(ctx: Ctx, first: WorkOrder) -> list[UUID]:
    """What it was about, as far as that is still there."""
    links = await ctx.session.scalars(
        select(WorkOrderEquipment)
        .where(WorkOrderEquipment.work_order_id == first.id)
        .options(joinedload(WorkOrderEquipment.equipment))
        .order_by(WorkOrderEquipment.created_at, WorkOrderEquipment.id)
        .limit(MOST_PIECES)
    )
    return [
        link.equipment_id
        for link in links
        if link.equipment.deleted_at is None
        and link.equipment.status != EquipmentStatus.retired
        and link.equipment.site_id == first.site_id
    ]
