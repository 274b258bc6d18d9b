"""Making, changing and deleting work orders.

A new one takes its number, and from its job type its summary, instructions and checklist. Whom it is billed to
need not be a party of the site. Where, for whom and what kind of work it is stands still once a
visit has begun, and whom it is billed to once there is an invoice; nothing changes any more once it
is closed or cancelled.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import AfterValidator, Field
from sqlalchemy import ColumnElement, exists, or_, select

from app.core import clock
from app.core.errors import Conflict
from app.core.filters import Fields, filterable, through
from app.core.ids import new_id
from app.core.listing import Column, Filter, ListQuery
from app.models.checklist_items import ChecklistItem, TaskKind
from app.models.customers import Customer
from app.models.invoices import Invoice, InvoiceStatus
from app.models.job_types import JobType
from app.models.organisations import Series
from app.models.sites import Site
from app.models.tags import Tagging
from app.models.visits import Visit
from app.models.work_orders import Priority, WorkOrder, WorkOrderStatus
from app.services import equipment
from app.services.branches import branches_at
from app.services.context import Ctx, changed
from app.services.facts import Fact
from app.services.inputs import Draft, LongText, Moment, Name, Patch, ShortText
from app.services.numbering import next_numbers
from app.services.tagging import WithTag
from app.services.visits.fitting import refuse_other_clock, refuse_unskilled
from app.services.work_orders.story import tell

S = WorkOrderStatus

MOST_ITEMS = 100
"""Steps of one checklist."""


def _once_each(ids: list[UUID]) -> list[UUID]:
    return list(dict.fromkeys(ids))


EquipmentIds = Annotated[list[UUID], Field(max_length=50), AfterValidator(_once_each)]


class ChecklistStep(Draft):
    """A step of a new work order's checklist."""

    title: Name
    required: bool = Field(False, description="The work order does not complete without it.")
    kind: TaskKind = Field(
        TaskKind.check, description="`text` and `number` are done with an answer."
    )


class WorkOrderDraft(Draft):
    """A new work order."""

    id: UUID | None = Field(None, description="Your own UUID for it, if you make them.")
    customer_id: UUID = Field(description="Who pays; need not be a party of the site.")
    site_id: UUID
    job_type_id: UUID
    status: Literal[WorkOrderStatus.draft, WorkOrderStatus.ready] = Field(
        S.ready, description="`draft` while it is still being talked about."
    )
    priority: Priority = Priority.normal
    summary: Name | None = Field(None, description="Silence takes the job type's name.")
    description: LongText | None = Field(
        None, description="Silence takes the job type's instructions."
    )
    customer_reference: ShortText | None = Field(
        None, description="The payer's own purchase order number."
    )
    source: ShortText | None = None
    external_key: ShortText | None = None
    checklist: list[ChecklistStep] | None = Field(
        None, max_length=MOST_ITEMS, description="Silence takes the job type's checklist."
    )
    equipment_ids: EquipmentIds = Field([], description="What at the site it is about.")


class WorkOrderPatch(Patch):
    """Changes to a work order; null empties what may be empty. The status has its own verbs."""

    # the defaults stand for silence: `given()` never hands them out
    customer_id: UUID = Field(default_factory=new_id)
    site_id: UUID = Field(default_factory=new_id)
    job_type_id: UUID = Field(default_factory=new_id)
    priority: Priority = Priority.normal
    summary: Name = ""
    description: LongText | None = None
    customer_reference: ShortText | None = None
    source: ShortText | None = None
    external_key: ShortText | None = None
    equipment_ids: EquipmentIds = Field([], description="Replaces all of them.")


class WorkOrderQuery(ListQuery):
    """Filters and sorts of the list of work orders."""

    SORTS: ClassVar[dict[str, Column]] = {"created_at": WorkOrder.created_at}
    IN_ORDER: ClassVar[frozenset[str]] = frozenset({"open"})
    FILTERS: ClassVar[Fields | None] = filterable(
        WorkOrder.id,
        WorkOrder.created_at,
        WorkOrder.updated_at,
        WorkOrder.number,
        WorkOrder.status,
        WorkOrder.priority,
        WorkOrder.customer_id,
        WorkOrder.site_id,
        WorkOrder.job_type_id,
        WorkOrder.summary,
        WorkOrder.description,
        WorkOrder.customer_reference,
        WorkOrder.source,
        WorkOrder.external_key,
        WorkOrder.status_reason,
        WorkOrder.completed_at,
        WorkOrder.decided_at,
        WorkOrder.call_back_of_id,
        WorkOrder.deleted_at,
        many={"tags": through(WorkOrder, Tagging.entity_id, Tagging.tag_id)},
    )

    status: Annotated[WorkOrderStatus | None, Filter(WorkOrder.status)] = None
    open: bool | None = Field(
        None, description="true: neither closed nor cancelled; false: one of these."
    )
    customer_id: Annotated[UUID | None, Filter(WorkOrder.customer_id)] = None
    site_id: Annotated[UUID | None, Filter(WorkOrder.site_id)] = None
    job_type_id: Annotated[UUID | None, Filter(WorkOrder.job_type_id)] = None
    priority: Annotated[Priority | None, Filter(WorkOrder.priority)] = None
    number: Annotated[ShortText | None, Filter(WorkOrder.number)] = None
    external_key: Annotated[ShortText | None, Filter(WorkOrder.external_key)] = None
    tag_id: Annotated[UUID | None, WithTag(WorkOrder.id)] = None
    created_from: Annotated[Moment | None, Filter(WorkOrder.created_at, "gte")] = None
    created_before: Annotated[Moment | None, Filter(WorkOrder.created_at, "lt")] = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """The filters that were given."""
        return [*super().conditions(), *self._open()]

    def gathering(self) -> list[ColumnElement[bool]]:
        return [*super().gathering(), *self._open()]

    def _open(self) -> Iterator[ColumnElement[bool]]:
        if self.open is not None:
            over: Any = WorkOrder.is_over
            yield ~over if self.open else over


@dataclass(frozen=True, slots=True)
class NewWork:
    """A work order that only lacks its number."""

    work_order: WorkOrder
    customer: Customer
    site: Site
    steps: Sequence[Mapping[str, Any]]
    equipment_ids: Sequence[UUID]


async def create(ctx: Ctx, draft: WorkOrderDraft) -> WorkOrder:
    """Open a work order. Raises `NotFound` for a customer, site or job type that is not there."""
    new = await prepare(ctx, draft)
    await open_up(ctx, [new])
    return new.work_order


async def prepare(ctx: Ctx, draft: WorkOrderDraft) -> NewWork:
    """What `open_up` opens. Raises as `create` does."""
    # locked, so that neither customer nor site is deleted while work for them is being opened
    customer = await ctx.get(Customer, draft.customer_id, lock=True, pointer="/customer_id")
    site = await ctx.get(Site, draft.site_id, lock=True, pointer="/site_id")
    job_type = await ctx.get(JobType, draft.job_type_id, pointer="/job_type_id")
    given = draft.model_dump(exclude_none=True, exclude={"checklist", "equipment_ids"})
    steps = [asdict(task) for task in job_type.tasks]
    if draft.checklist is not None:
        steps = [step.model_dump() for step in draft.checklist]
    work_order = WorkOrder(
        **{
            "id": new_id(),
            "summary": job_type.name,
            "description": job_type.instructions,
            **given,
        }
    )
    return NewWork(work_order, customer, site, steps, draft.equipment_ids)


async def open_up(ctx: Ctx, works: Sequence[NewWork]) -> None:
    """Number and open these, in this order: as late as can be, because the numbers are kept from
    everybody else until the end of the transaction."""
    if not works:
        return
    branches = await branches_at(ctx, {work.site.id for work in works})
    prefixes = [
        branch.work_order_prefix if (branch := branches.get(work.site.id)) else None
        for work in works
    ]
    numbers = await next_numbers(ctx, Series.work_order, prefixes)
    for work, number in zip(works, numbers, strict=True):
        work_order = work.work_order
        work_order.number = number
        await ctx.add(work_order)
        ctx.session.add_all(
            ChecklistItem(work_order_id=work_order.id, position=place, **step)
            for place, step in enumerate(work.steps)
        )
        if work.equipment_ids:
            await equipment.set_of_work_order(ctx, work_order, work.site.id, work.equipment_ids)
        await tell(
            ctx,
            Fact.work_order_created,
            work_order,
            customer=work.customer.name,
            address=work.site.address,
        )


async def change(ctx: Ctx, work_order: WorkOrder, patch: WorkOrderPatch) -> WorkOrder:
    """Change what the patch names; `work_order` is locked.

    Raises `Conflict` when it is closed or cancelled, when the customer, site or job type would
    change although a visit has begun, the customer although they have an invoice for it, the site
    although a visit was told by another clock, or the job type although nobody on a planned visit
    has the skill for it;
    `NotFound` for one of these that is not there.
    """
    if work_order.is_over:
        raise Conflict(
            f"Work order {work_order.number} is {work_order.status} and changes no more.",
            code="work_order_ended",
        )
    given = patch.given()
    moved = [
        name
        for name in ("customer_id", "site_id", "job_type_id")
        if name in given and given[name] != getattr(work_order, name)
    ]
    if moved and await _has_begun(ctx, work_order):
        raise Conflict(
            "A visit has begun, so customer, site and job type stand. Open a new work order for"
            " other work.",
            code="visit_begun",
        )
    if "customer_id" in moved:
        await ctx.get(Customer, given["customer_id"], lock=True, pointer="/customer_id")
        await _refuse_invoiced(ctx, work_order)
    site = await ctx.get(Site, work_order.site_id, deleted=True)
    if "site_id" in moved:
        place = await ctx.get(Site, given["site_id"], lock=True, pointer="/site_id")
        own = Visit.work_order_id == work_order.id
        await refuse_other_clock(ctx, own, was=site.time_zone, becomes=place.time_zone)
        site = place
    if "job_type_id" in moved:
        job_type = await ctx.get(JobType, given["job_type_id"], pointer="/job_type_id")
        await refuse_unskilled(ctx, work_order, job_type, site)
    before = (work_order.customer_id, work_order.site_id)
    about = given.pop("equipment_ids", None)
    for name, value in given.items():
        setattr(work_order, name, value)
    fields = changed(work_order)
    if about is not None and await equipment.set_of_work_order(ctx, work_order, site.id, about):
        work_order.touch()
        fields.append("equipment")
    if about is None and "site_id" in moved:
        await _refuse_left_behind(ctx, work_order, site)
    if fields:
        await tell(ctx, Fact.work_order_changed, work_order, also=before, fields=", ".join(fields))
    return work_order


async def _refuse_left_behind(ctx: Ctx, work_order: WorkOrder, site: Site) -> None:
    names = await equipment.names_elsewhere(ctx, work_order, site.id)
    if names:
        raise Conflict(
            f"{names[0]} is not at {site.address}. Send equipment_ids too: what the work is about"
            " there, or an empty list.",
            code="equipment_elsewhere",
        )


async def _has_begun(ctx: Ctx, work_order: WorkOrder) -> bool:
    begun = select(Visit.id).where(Visit.work_order_id == work_order.id, Visit.has_begun)
    return bool(await ctx.session.scalar(select(exists(begun))))


async def _refuse_invoiced(ctx: Ctx, work_order: WorkOrder) -> None:
    """Whoever was, or is about to be, billed stays the payer: an invoice keeps its customer."""
    invoice = await ctx.session.scalar(
        select(Invoice)
        .where(
            Invoice.work_order_id == work_order.id,
            Invoice.deleted_at.is_(None),
            Invoice.status != InvoiceStatus.void,
        )
        .order_by(Invoice.created_at, Invoice.id)
        .limit(1)
    )
    if invoice is None:
        return
    mend = f"Void {invoice.number}" if invoice.number else "Delete the draft invoice"
    if invoice.status in (InvoiceStatus.partially_paid, InvoiceStatus.paid):
        mend = "Open a new work order"
    raise Conflict(
        f"Work order {work_order.number} is billed to this customer already. {mend} to have somebody"
        " else pay.",
        code="invoiced",
    )


async def delete(ctx: Ctx, work_order: WorkOrder) -> None:
    """Take a work order out of sight. Raises `Conflict` when there is work or money in it."""
    visits = select(Visit.id).where(
        Visit.work_order_id == work_order.id, Visit.deleted_at.is_(None)
    )
    invoices = select(Invoice.id).where(
        Invoice.work_order_id == work_order.id, Invoice.deleted_at.is_(None)
    )
    if await ctx.session.scalar(select(or_(exists(visits), exists(invoices)))):
        raise Conflict(
            f"Work order {work_order.number} has visits or invoices. Cancel it instead.",
            code="in_use",
        )
    work_order.deleted_at = clock.now()
    await tell(ctx, Fact.work_order_deleted, work_order)


async def restore(ctx: Ctx, work_order: WorkOrder) -> WorkOrder:
    """Bring a deleted work order back. Raises `Conflict` when it is not deleted, or when its
    customer or site is."""
    if work_order.deleted_at is None:
        raise Conflict("This work order is not deleted.", code="not_deleted")
    customer = await ctx.get(Customer, work_order.customer_id, deleted=True)
    site = await ctx.get(Site, work_order.site_id, deleted=True)
    if customer.deleted_at is not None or site.deleted_at is not None:
        which = "customer" if customer.deleted_at is not None else "site"
        raise Conflict(f"Its {which} is deleted. Restore the {which} first.", code="deleted")
    work_order.deleted_at = None
    await tell(ctx, Fact.work_order_restored, work_order)
    return work_order
