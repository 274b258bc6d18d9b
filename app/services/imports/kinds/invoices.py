"""Open invoices: what customers owed elsewhere on the day one came here.

Each becomes an invoice of ours over what is still owed, with the number it was issued under, its own
date and its own due date. Nothing is earned or taxed again (`services.invoices.opening`). What was
brought forward never changes: a row that says another balance is refused.

Headings: Jobber's invoice list and balances (help.getjobber.com, “Invoices List Page”, “Client Balance
Summary Report”), Housecall Pro's exported reports (help.housecallpro.com/en/articles/2999685) and
ServiceTitan's invoices (help.servicetitan.com, “Invoice walkthrough”, “General CSV integration guide”).
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pydantic import ValidationError
from sqlalchemy import or_
from sqlalchemy.orm import joinedload

from app.models.imports import ImportKind
from app.models.invoices import Invoice, InvoiceStatus
from app.models.permissions import Permission
from app.models.work_orders import WorkOrder
from app.services import invoices
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
from app.services.imports.kinds.relations import CUSTOMER, read_whom
from app.services.invoices import Opening, OpeningDraft

FIELDS = (
    Field(
        "external_id",
        "The number it was issued under",
        ("Invoice #", "Invoice Number", "Invoice No", "Invoice", "Invoice ID", "Number",
         "External ID", "External Key", "ID", "Ref"),
    ),
    Field(
        "balance",
        "What is still owed",
        ("Balance", "Balance Due", "Amount Due", "Open Balance", "Amount Owed", "Due Amount",
         "Invoice Balance", "Outstanding", "Outstanding Balance", "Balance $", "Due"),
    ),
    Field(
        "total",
        "What it came to",
        ("Total", "Invoice Total", "Amount", "Invoice Amount", "Total $", "Job Amount",
         "Total Amount"),
    ),
    Field(
        "issued_on",
        "Its date",
        ("Invoice Date", "Issued Date", "Issue Date", "Issued On", "Issued", "Date",
         "Invoiced On", "Invoice Sent Date"),
    ),
    Field("due_on", "When it is to be paid", ("Due Date", "Due On", "Payment Due", "Invoice Due Date")),
    Field(
        "summary",
        "What it was for",
        ("Subject", "Summary", "Invoice Summary", "Description", "Job Title", "Title"),
    ),
    Field(
        "job_number",
        "The work order's number, theirs or ours",
        ("Job #", "Job Number", "Job Numbers", "Job #s", "Job", "Work Order #",
         "Work Order Number"),
    ),
    Field("status", "Refused unless it is owed", ("Invoice Status", "Status", "Payment Status")),
    Field("currency", "Its currency", ("Currency", "Currency Code")),
    Field("notes", "Notes", ("Notes", "Memo", "Invoice Notes", "Message")),
    *CUSTOMER,
)  # fmt: skip
CALLED = {"external_key": ("external_id",), "original_total": ("total",)}
SETTLED = {"paid": "paid", "draft": "a draft", "void": "void", "voided": "void",
           "written off": "written off", "bad debt": "written off", "canceled": "canceled",
           "cancelled": "canceled", "uncollectible": "written off"}  # fmt: skip
MOST = 20_000


class InvoicesHand(RelatedHand):
    """Brings balances forward, at the end of a batch."""

    needs_customer: ClassVar[bool] = True

    def __init__(self, kind: Kind, key: str, *, dry_run: bool) -> None:
        super().__init__(kind, key, dry_run=dry_run)
        self._opened: list[Opening] = []

    async def present(self, ctx: Ctx, rows: Sequence[Taken]) -> dict[str, list[Any]]:
        found = await super().present(ctx, rows)
        standing = {
            key: [one for one in same if one.status != InvoiceStatus.void]
            for key, same in found.items()
        }
        return {key: same for key, same in standing.items() if same}

    async def meet(
        self, ctx: Ctx, rows: Sequence[Taken], present: Mapping[str, Sequence[Any]]
    ) -> dict[int, Issue]:
        self._opened.clear()
        numbers = {row.beside["job_number"] for row in rows if "job_number" in row.beside}
        self._work: dict[str, WorkOrder] = {}
        if numbers:
            for one in await ctx.session.scalars(
                ctx.select(WorkOrder)
                .where(or_(WorkOrder.external_key.in_(numbers), WorkOrder.number.in_(numbers)))
                .options(joinedload(WorkOrder.site))
                .limit(MOST)
            ):
                for number in (one.number, one.external_key):
                    if number is not None:
                        self._work.setdefault(number, one)
        return await super().meet(ctx, rows, present)

    async def create(self, ctx: Ctx, row: Taken, touches: Touches) -> tuple[Any, list[Issue]]:
        customer = self.customer[row.row]
        work_order = self._work.get(row.beside.get("job_number", ""))
        if work_order is not None and work_order.customer_id != customer.id:
            raise Refused(
                "other_payer",
                f"Work order {work_order.number} is billed to somebody else than {customer.name}.",
                "job_number",
            )
        draft = OpeningDraft(customer_id=customer.id, **row.record)
        opening = await invoices.opened(ctx, draft, customer=customer, work_order=work_order)
        self._opened.append(opening)
        touches.made(row, opening.invoice)
        return opening.invoice, []

    async def finish(self, ctx: Ctx) -> None:
        opened, self._opened = self._opened, []
        await invoices.bring_forward(ctx, opened)

    async def change(self, ctx: Ctx, row: Taken, record: Any, touches: Touches) -> bool:
        if record.total == row.record["balance"]:
            return False
        raise Refused(
            "issued",
            f"Invoice {record.external_key} was brought forward as {record.number} with another"
            " balance, and what is issued does not change. Enter what was paid since as a payment,"
            f" or void {record.number} and send the row again.",
            "balance",
        )

    def back_to(self, mark: int) -> None:
        self._opened.clear()


class InvoicesKind(Kind):
    """What is owed."""

    name: ClassVar[ImportKind] = ImportKind.invoices
    model = Invoice
    called: ClassVar[str] = "invoice"
    fields: ClassVar[tuple[Field, ...]] = FIELDS
    keys: ClassVar[tuple[Key, ...]] = (Key("external_id", ("external_id",), "external_key"),)
    exported: ClassVar[Mapping[str, str | None]] = {"external_key": "external_id", "number": None}
    at_once: ClassVar[int] = NUMBERED
    wants: ClassVar[tuple[Want, ...]] = (
        Want(
            ("external_id",),
            "No column holds the invoices' numbers. Map one to external_id, in `mapping`.",
        ),
        Want(
            ("balance",),
            "No column says what is still owed. Map one to balance, in `mapping`.",
        ),
        Want(
            tuple(field.name for field in CUSTOMER),
            "No column says who owes it. Map the customer's key or name, in `mapping`.",
        ),
    )
    needs: ClassVar[tuple[Permission, ...]] = (
        Permission.invoices_write,
        Permission.invoices_issue,
    )
    reads: ClassVar[tuple[Permission, ...]] = (Permission.invoices_read,)
    undo_needs: ClassVar[tuple[Permission, ...]] = (Permission.invoices_void,)
    hand: ClassVar[type[Hand]] = InvoicesHand

    async def understand(
        self, values: dict[str, str], reading: Reading, settings: Settings
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        given: dict[str, Any] = {
            name: values[name] for name in ("summary", "notes") if name in values
        }
        said = values.get("status", "").casefold().replace("_", " ")
        if said in SETTLED:
            reason = f"The invoice is {SETTLED[said]}: nothing is owed on it, and it stays behind."
            reading.refuse("not_open", reason, "status")
        if values.get("currency", settings.currency).upper() != settings.currency:
            reason = f"The invoice is in {values['currency']}, and you keep books in {settings.currency}."
            reading.refuse("currency", reason, "currency")
        if "external_id" in values:
            given["external_key"] = values["external_id"]
        with reading.of("balance"):
            if "balance" in values:
                given["balance"] = cells.money(values["balance"], settings)
                if given["balance"] <= 0 and said not in SETTLED:
                    raise ValueError("Nothing is owed on this invoice, and it stays behind.")
        with reading.of("total"):
            if "total" in values:
                given["original_total"] = cells.money(values["total"], settings)
        for name in ("issued_on", "due_on"):
            with reading.of(name):
                if name in values:
                    given[name] = cells.day(values[name], settings)
        if "issued_on" not in given and "due_on" not in given:
            given["issued_on"] = settings.today
        elif "issued_on" not in given:
            given["issued_on"] = min(given["due_on"], settings.today)
        if given["issued_on"] > settings.today:
            reading.refuse(
                "future", "An invoice that is owed was issued before today.", "issued_on"
            )
        beside: dict[str, Any] = {"customer": read_whom(values, reading)}
        if "job_number" in values:
            beside["job_number"] = values["job_number"].removeprefix("#").strip()
        if reading.issues:
            return {}, {}
        try:
            draft = OpeningDraft(customer_id=NOBODY, **given)
        except ValidationError as error:
            reading.explain(error, CALLED, thing="An invoice")
            return {}, {}
        return draft.model_dump(include=set(given)), beside
