"""Work orders: what was done before one came here, and what is still to be done.

What is over enters as history, closed or cancelled, with the number that it had; what is open becomes
an ordinary work order, ready to be planned. Without a job type a row takes “Imported work”.

Headings: Jobber's job list (help.getjobber.com, “Job Basics”), Housecall Pro's exported reports
(help.housecallpro.com/en/articles/2999685, whose “End Time” is a plan and not read) and ServiceTitan's
jobs (help.servicetitan.com, “Invoice walkthrough”: Job #, Completed On, Job Type, Status).
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pydantic import ValidationError
from sqlalchemy.orm import selectinload

from app.core import clock
from app.models.imports import ImportKind
from app.models.job_types import JobType
from app.models.permissions import Permission
from app.models.work_orders import Priority, WorkOrder, WorkOrderStatus
from app.services import job_types, work_orders
from app.services.context import Ctx
from app.services.imports.kinds import values as cells
from app.services.imports.kinds.base import (
    NUMBERED,
    Field,
    Hand,
    Issue,
    Key,
    Kind,
    Reading,
    Refused,
    Settings,
    Taken,
    Touches,
    Want,
)
from app.services.imports.kinds.places import NOBODY
from app.services.imports.kinds.related import RelatedHand
from app.services.imports.kinds.relations import CUSTOMER, PLACE, read_where, read_whom
from app.services.job_types import JobTypeDraft
from app.services.work_orders import NewWork, PastWork, WorkOrderDraft, WorkOrderPatch

S = WorkOrderStatus

FIELDS = (
    Field(
        "external_id",
        "Its number in the other system",
        ("Job #", "Job Number", "Job No", "Job ID", "Work Order #", "Work Order Number",
         "Work Order ID", "Invoice Number", "Invoice #", "External ID", "External Key", "Number",
         "ID", "Ref"),
    ),
    Field(
        "summary",
        "What it is about",
        ("Job Title", "Title", "Job Name", "Summary", "Subject", "Job Summary",
         "Job Description"),
    ),
    Field(
        "description",
        "What is to be done, or was",
        ("Description",
            "Instructions", "Job Instructions", "Details", "Scope", "Work Description", "Notes",
         "Job Notes", "Line Items"),
    ),
    Field(
        "job_type",
        "The kind of work, as your job types call it",
        ("Job Type", "Job Type Name", "Service Type", "Type of Work", "Work Type", "Type"),
    ),
    Field(
        "status",
        "Completed, canceled or open",
        ("Job Status", "Status", "Work Status", "Work Order Status"),
    ),
    Field(
        "completed_at",
        "When it was done",
        ("Completion Date", "Completed On", "Completed Date", "Date Completed", "Completed",
         "Completed At", "Closed Date", "Closed On", "Finished", "Finished Time",
         "Job Completion Date"),
    ),
    Field(
        "reason",
        "Why it was canceled",
        ("Cancel Reason", "Cancellation Reason", "Canceled Reason", "Reason"),
    ),
    Field("priority", "Low, normal, high or emergency", ("Priority", "Job Priority", "Urgency")),
    Field(
        "customer_reference",
        "The payer's own order number",
        ("PO Number", "PO #", "Purchase Order", "Customer PO", "PO", "Purchase Order Number"),
    ),
    Field("source", "Where it came from", ("Lead Source", "Source", "Campaign", "Job Campaign")),
    *CUSTOMER,
    *PLACE,
    Field("tags", "Tags, separated by commas", ("Tags", "Job Tags", "Labels")),
)  # fmt: skip
OPEN = {"open", "ready", "new", "active", "pending", "unscheduled", "needs scheduling",
        "scheduled", "dispatched", "upcoming", "today", "late", "overdue", "in progress",
        "working", "hold", "on hold", "action required", "draft"}  # fmt: skip
DONE = {"completed", "complete", "complete rated", "complete unrated", "done", "finished",
        "closed", "job closed", "archived", "paid", "invoiced", "posted", "exported",
        "approved"}  # fmt: skip
TO_BILL = {"requires invoicing", "to be invoiced", "to invoice", "not invoiced", "unbilled"}
CANCELED = {"canceled", "cancelled", "user canceled", "pro canceled", "void", "voided", "lost",
            "deleted"}  # fmt: skip
STATUSES = (
    dict.fromkeys(OPEN, S.ready)
    | dict.fromkeys(DONE, S.closed)
    | dict.fromkeys(TO_BILL, S.completed)
    | dict.fromkeys(CANCELED, S.canceled)
)
OUR_STATUSES = {"completed": S.completed, "approved": S.completed}
"""In our own export these are still to be billed; others bill where the work is done."""
PRIORITIES = {one.value: one for one in Priority} | {
    "urgent": Priority.high,
    "medium": Priority.normal,
    "standard": Priority.normal,
}
CALLED = {"external_key": ("external_id",)}
PLAIN = ("summary", "description", "customer_reference", "source")
IMPORTED = "Imported work"
"""The job type of rows that name none."""
MOST_TYPES = 2000


class WorkOrdersHand(RelatedHand):
    """Takes work orders, at the end of a batch: their numbers are kept from everybody else."""

    needs_customer: ClassVar[bool] = True
    needs_site: ClassVar[bool] = True

    def __init__(self, kind: Kind, key: str, *, dry_run: bool) -> None:
        super().__init__(kind, key, dry_run=dry_run)
        self._types: dict[str, JobType] = {}
        self._past: list[PastWork] = []
        self._new: list[NewWork] = []

    async def meet(
        self, ctx: Ctx, rows: Sequence[Taken], present: Mapping[str, Sequence[Any]]
    ) -> dict[int, Issue]:
        self._past.clear()
        self._new.clear()
        found = ctx.select(JobType).options(selectinload(JobType.skills)).limit(MOST_TYPES)
        types = await ctx.session.scalars(found)
        self._types = {one.name.casefold(): one for one in types}
        nameless = any("job_type" not in row.beside and row.key not in present for row in rows)
        if nameless and IMPORTED.casefold() not in self._types:
            await self._make_type(ctx)
        return await super().meet(ctx, rows, present)

    async def _make_type(self, ctx: Ctx) -> None:
        if ctx.may(Permission.job_types_write):
            draft = JobTypeDraft(name=IMPORTED, trade="other", duration_minutes=60)
            self._types[IMPORTED.casefold()] = await job_types.create(ctx, draft)

    async def settle(self, ctx: Ctx, row: Taken) -> None:
        name = row.beside.get("job_type")
        if name is not None and name.casefold() not in self._types:
            raise Refused(
                "no_job_type",
                f"There is no job type “{name}”. Add it first, or leave this column out: the work"
                f" orders become “{IMPORTED}” then.",
                "job_type",
            )

    def _type(self, row: Taken) -> JobType:
        found = self._types.get(row.beside.get("job_type", IMPORTED).casefold())
        if found is None:
            raise Refused(
                "no_job_type",
                f"The row says no job type, and there is none called “{IMPORTED}”. Add that one"
                " first.",
                "job_type",
            )
        return found

    async def create(self, ctx: Ctx, row: Taken, touches: Touches) -> tuple[Any, list[Issue]]:
        customer, site, job_type = self.customer[row.row], self.site[row.row], self._type(row)
        ids = {"customer_id": customer.id, "site_id": site.id, "job_type_id": job_type.id}
        status = row.beside["status"]
        if status is S.ready:
            new = await work_orders.prepare(ctx, WorkOrderDraft(**ids, **row.record))
            self._new.append(new)
            made = new.work_order
        else:
            past = work_orders.past(
                WorkOrderDraft(**ids, **row.record),
                customer=customer,
                site=site,
                job_type=job_type,
                status=status,
                completed_at=row.beside.get("completed_at"),
                reason=row.beside.get("reason"),
            )
            self._past.append(past)
            made = past.work_order
        touches.made(row, made)
        return made, []

    async def finish(self, ctx: Ctx) -> None:
        past, self._past = self._past, []
        new, self._new = self._new, []
        await work_orders.take_over(ctx, past)
        await work_orders.open_up(ctx, new)

    async def change(self, ctx: Ctx, row: Taken, record: Any, touches: Touches) -> bool:
        status = row.beside.get("status")
        over = record.is_over or record.status in (S.completed, S.approved)
        if not over and status in (S.closed, S.canceled, S.completed):
            raise Refused(
                "open_here",
                f"{record.number} is {record.status.replace('_', ' ')} here, and over by the file."
                " Finish or cancel it here.",
                "status",
            )
        given = dict(row.record)
        if (site := self.site.get(row.row)) is not None:
            given["site_id"] = site.id
        if (customer := self.customer.get(row.row)) is not None:
            given["customer_id"] = customer.id
        if "job_type" in row.beside:
            given["job_type_id"] = self._type(row).id
        if all(getattr(record, name) == value for name, value in given.items()):
            return False
        patch = WorkOrderPatch(**given)
        return await touches.changed(row, record, work_orders.change(ctx, record, patch))

    def back_to(self, mark: int) -> None:
        self._past.clear()
        self._new.clear()


class WorkOrdersKind(Kind):
    """Work, past and open."""

    name: ClassVar[ImportKind] = ImportKind.work_orders
    model = WorkOrder
    called: ClassVar[str] = "work order"
    fields: ClassVar[tuple[Field, ...]] = FIELDS
    keys: ClassVar[tuple[Key, ...]] = (Key("external_id", ("external_id",), "external_key"),)
    exported: ClassVar[Mapping[str, str | None]] = {
        "external_key": "external_id",
        "number": None,
        "customer.id": "customer_external_id",
        "site.id": "site_external_id",
        "customer.phone": None,
    }
    at_once: ClassVar[int] = NUMBERED
    wants: ClassVar[tuple[Want, ...]] = (
        Want(
            tuple(field.name for field in CUSTOMER),
            "No column says whose work it was. Map the customer's key or name, in `mapping`.",
        ),
    )
    needs: ClassVar[tuple[Permission, ...]] = (
        Permission.work_orders_write,
        Permission.work_orders_approve,
    )
    reads: ClassVar[tuple[Permission, ...]] = (Permission.work_orders_read,)
    hand: ClassVar[type[Hand]] = WorkOrdersHand

    async def understand(
        self, values: dict[str, str], reading: Reading, settings: Settings
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        given: dict[str, Any] = {name: values[name] for name in PLAIN if name in values}
        if "summary" not in given and "description" in given:
            given["summary"] = given["description"].splitlines()[0]
        if len(given.get("summary", "")) > 200:
            text = given["summary"]
            given["description"] = "\n".join(filter(None, (text, given.get("description"))))
            given["summary"] = f"{text[:199].rstrip()}…"
        if "external_id" in values:
            given["external_key"] = values["external_id"]
        beside: dict[str, Any] = {
            "customer": read_whom(values, reading),
            "site": read_where(values),
        }
        for name in ("job_type", "reason"):
            if name in values:
                beside[name] = values[name]
        with reading.of("priority"):
            if "priority" in values:
                given["priority"] = cells.choice(values["priority"], PRIORITIES, "priority")
        with reading.of("completed_at"):
            if "completed_at" in values:
                beside["completed_at"] = cells.moment(values["completed_at"], settings)
        done = beside.get("completed_at")
        beside["status"] = S.closed if done is not None else S.ready
        with reading.of("status"):
            if "status" in values:
                words = STATUSES | OUR_STATUSES if reading.ours else STATUSES
                beside["status"] = cells.choice(values["status"], words, "status")
        if beside["status"] is S.ready:
            beside.pop("completed_at", None)
        elif done is not None and done > clock.now():
            reading.refuse("future", "Work that is over was done before now.", "completed_at")
        try:
            draft = WorkOrderDraft(customer_id=NOBODY, site_id=NOBODY, job_type_id=NOBODY, **given)
        except ValidationError as error:
            reading.explain(error, CALLED, thing="A work order")
            return {}, {}
        return draft.model_dump(include=set(given)), beside
