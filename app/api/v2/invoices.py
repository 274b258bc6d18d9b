"""`/api/v2/invoices`, and the drafts and payments that hang on a work order or an invoice."""

from datetime import date
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import Field
from sqlalchemy.orm import joinedload, selectinload

from app.api.deps import MaybeSeenVersion, SeenVersion, allowed
from app.api.downloads import PDF
from app.api.edge import Edge, shows
from app.api.lists import Pages
from app.api.outputs import Amount, Exact, Instant, Out, PageOut, Record, Seen, only
from app.api.problems import answers
from app.api.v2.payments import PaymentOut
from app.api.v2.stories import tell
from app.core.money import Rounding
from app.models.invoices import Invoice, InvoiceLine, InvoiceStatus
from app.models.organisations import RoundTaxOn
from app.models.permissions import Permission
from app.models.work_orders import WorkOrder
from app.services import invoices, payments
from app.services.context import Ctx
from app.services.invoices import (
    InvoiceDraft,
    InvoicePatch,
    InvoiceQuery,
    IssueInput,
    VoidInput,
)
from app.services.payments import PaymentDraft

router = APIRouter(
    prefix="/api/v2/invoices", tags=["invoices"], route_class=Edge, responses=answers(401, 403)
)
on_work_orders = APIRouter(
    prefix="/api/v2/work-orders", tags=["invoices"], route_class=Edge, responses=answers(401, 403)
)
Reader = Annotated[Ctx, allowed(Permission.invoices_read)]
Writer = Annotated[Ctx, allowed(Permission.invoices_write)]
Issuer = Annotated[Ctx, allowed(Permission.invoices_issue)]
Voider = Annotated[Ctx, allowed(Permission.invoices_void)]
Cashier = Annotated[Ctx, allowed(Permission.payments_write)]
WITH_LINES = (selectinload(Invoice.lines),)
WITH_COSTS = (selectinload(Invoice.lines).load_only(InvoiceLine.quantity, InvoiceLine.unit_cost),)


class InvoiceLineOut(Out):
    """A charge. Amounts are minor units; `unit_price` is in major units."""

    id: UUID
    position: int
    description: str
    detail: str | None
    quantity: Exact
    unit: str
    unit_price: Exact
    unit_cost: Annotated[
        Exact | None, only(Permission.prices_costs, "What one of it costs you.")
    ] = None
    taxable: bool
    amount: int
    discount: int = Field(description="This line's share of the invoice's discount.")
    tax: int


class InvoiceBriefOut(Record):
    """An invoice without its lines. Amounts are minor units of `currency`."""

    number: str | None = Field(description="None while it is a draft.")
    status: InvoiceStatus
    overdue: bool
    work_order_id: UUID | None
    customer_id: UUID
    currency: str
    issued_at: Instant | None
    issued_on: date | None
    due_on: date | None
    payment_terms_days: int
    tax_label: str
    tax_rate: Exact = Field(description="0.0825 is 8.25 %.")
    rounding: Rounding
    round_tax_on: RoundTaxOn
    subtotal: Amount
    discount: Amount
    discount_percent: Exact | None
    discount_label: str | None
    tax: Amount
    total: Amount
    balance: Amount = Field(description="What is owed now, by the ledger.")
    cost: Annotated[Amount | None, only(Permission.prices_costs, "What its lines cost you.")] = None
    margin: Annotated[
        Amount | None, only(Permission.prices_costs, "`subtotal` less `discount` less `cost`.")
    ] = None
    lines_without_cost: Annotated[
        int | None,
        only(
            Permission.prices_costs,
            "Lines of which nobody said what they cost: with any, the margin is at most this.",
        ),
    ] = None
    notes: str | None
    external_key: str | None = Field(
        description="The number under which another system issued it, if its balance was brought"
        " forward from there."
    )
    void_reason: str | None
    deleted_at: Instant | None
    allowed_transitions: list[str] = Field(description="Verbs that are open to you now.")


class InvoiceOut(InvoiceBriefOut):
    """An invoice."""

    lines: list[InvoiceLineOut]


class SeenInvoice(Seen):
    """An invoice as one person sees it today; for whoever sees costs, its lines are loaded."""

    def __init__(self, ctx: Ctx, invoice: Invoice, today: date) -> None:
        super().__init__(ctx, invoice)
        self.overdue = invoice.is_overdue(today)
        if ctx.may(Permission.prices_costs):
            earned = invoices.margin_of(invoice)
            self.cost, self.margin = earned.cost, earned.margin
            self.lines_without_cost = earned.lines_without_cost


async def seen(ctx: Ctx, invoice: Invoice) -> InvoiceOut:
    """A loaded invoice with its lines as this caller sees it."""
    return InvoiceOut.model_validate(SeenInvoice(ctx, invoice, await invoices.today(ctx)))


@shows(Invoice)
async def show(ctx: Ctx, invoice_id: UUID) -> InvoiceOut:
    """The invoice as this caller sees it."""
    return await seen(ctx, await ctx.get(Invoice, invoice_id, options=WITH_LINES))


@on_work_orders.post(
    "/{id}/invoices",
    operation_id="draft_invoice",
    summary="Draft an invoice for a work order",
    status_code=201,
    responses=answers(400, 404, 409, 422),
)
async def draft_invoice(ctx: Writer, id: UUID, draft: InvoiceDraft) -> InvoiceOut:
    """Draft an invoice to the work order's customer. Totals are worked out here, never sent."""
    billed = (joinedload(WorkOrder.customer), joinedload(WorkOrder.job_type))
    work_order = await ctx.get(WorkOrder, id, lock=True, options=billed)
    return await seen(ctx, await invoices.draft(ctx, work_order, draft))


@router.get("", operation_id="list_invoices", summary="List invoices", responses=answers(400, 422))
async def list_invoices(
    ctx: Reader, query: Annotated[InvoiceQuery, Query()], page: Pages
) -> PageOut[InvoiceBriefOut]:
    """Invoices you may see, without their lines."""
    today = await invoices.today(ctx)
    late = [] if query.overdue is None else [Invoice.overdue(today).is_(query.overdue)]
    costs = WITH_COSTS if ctx.may(Permission.prices_costs) else ()
    found = await page(Invoice, query, where=late, options=costs)
    data = [InvoiceBriefOut.model_validate(SeenInvoice(ctx, one, today)) for one in found.data]
    return PageOut(data=data, next_cursor=found.next_cursor, total=found.total)


@router.get(
    "/{id}", operation_id="get_invoice", summary="Get an invoice", responses=answers(404, 422)
)
async def get_invoice(ctx: Reader, id: UUID) -> InvoiceOut:
    """One invoice with its lines."""
    return await show(ctx, id)


@router.patch(
    "/{id}",
    operation_id="change_invoice",
    summary="Change a draft",
    responses=answers(400, 404, 409, 412, 422, 428),
)
async def change_invoice(
    ctx: Writer, id: UUID, patch: InvoicePatch, version: SeenVersion
) -> InvoiceOut:
    """Change a draft; `lines` replaces all of them. An issued invoice never changes."""
    invoice = await ctx.get(Invoice, id, at=version, options=WITH_LINES)
    return await seen(ctx, await invoices.change(ctx, invoice, patch))


@router.delete(
    "/{id}",
    operation_id="delete_invoice",
    summary="Delete a draft",
    status_code=204,
    responses=answers(404, 409, 422),
)
async def delete_invoice(ctx: Writer, id: UUID) -> Response:
    """Take a draft out of sight; `restore` brings it back."""
    await invoices.delete(ctx, await ctx.get(Invoice, id, lock=True))
    return Response(status_code=204)


@router.post(
    "/{id}/restore",
    operation_id="restore_invoice",
    summary="Restore a deleted draft",
    responses=answers(404, 409, 422),
)
async def restore_invoice(ctx: Writer, id: UUID) -> InvoiceOut:
    """Bring a deleted draft back."""
    invoice = await ctx.get(Invoice, id, lock=True, deleted=True, options=WITH_LINES)
    return await seen(ctx, await invoices.restore(ctx, invoice))


@router.post(
    "/{id}/issue",
    operation_id="issue_invoice",
    summary="Issue an invoice",
    responses=answers(400, 404, 409, 412, 422),
)
async def issue_invoice(
    ctx: Issuer, id: UUID, version: MaybeSeenVersion, given: IssueInput | None = None
) -> InvoiceOut:
    """Give a draft its number and dates, post it to the ledger and freeze it."""
    invoice = await ctx.get(Invoice, id, at=version, lock=True, options=invoices.PRINTED)
    issued_on = given.issued_on if given else None
    return await seen(ctx, await invoices.issue(ctx, invoice, issued_on=issued_on))


@router.post(
    "/{id}/void",
    operation_id="void_invoice",
    summary="Void an invoice",
    responses=answers(400, 404, 409, 412, 422),
)
async def void_invoice(
    ctx: Voider, id: UUID, version: MaybeSeenVersion, given: VoidInput
) -> InvoiceOut:
    """Take back an issued invoice that nothing was paid on. Its number stays taken."""
    invoice = await ctx.get(Invoice, id, at=version, lock=True, options=WITH_LINES)
    return await seen(ctx, await invoices.void(ctx, invoice, reason=given.reason))


@router.post(
    "/{id}/payments",
    operation_id="record_payment",
    summary="Record a payment",
    status_code=201,
    responses=answers(400, 404, 409, 412, 422),
)
async def record_payment(
    ctx: Cashier, id: UUID, version: MaybeSeenVersion, draft: PaymentDraft
) -> PaymentOut:
    """Record money received on an issued invoice, up to what is owed on it."""
    invoice = await ctx.get(Invoice, id, at=version, lock=True)
    return await payments.record(ctx, invoice, draft)  # type: ignore[return-value]


@router.get(
    "/{id}/pdf",
    operation_id="get_invoice_pdf",
    summary="An invoice as a PDF",
    response_class=PDF,
    responses=answers(404, 422),
)
async def get_invoice_pdf(ctx: Reader, id: UUID) -> Response:
    """The invoice on paper. A draft says that it is one."""
    invoice = await ctx.get(Invoice, id, options=invoices.PRINTED)
    return PDF(
        await invoices.pdf(ctx, invoice),
        headers={
            "Cache-Control": "private, no-store",
            "Content-Disposition": _named(f"{invoice.number or 'draft-invoice'}.pdf"),
        },
    )


def _named(filename: str) -> str:
    """`Content-Disposition` by RFC 6266; a prefix is free text and may be more than ASCII."""
    plain = "".join(
        one if (one.isalnum() and one.isascii()) or one in "-._" else "_" for one in filename
    )
    return f"inline; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"


tell(router, Invoice, Permission.invoices_read)
