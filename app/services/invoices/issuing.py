"""Issuing and voiding: when an invoice enters the books, and when it is taken out again.

The number is taken after everything that does not need it, because every other issue in the
organisation waits from then until the commit. What is issued never changes; voiding posts the
opposite and keeps the number.
"""

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.orm.attributes import set_committed_value

from app.core import clock
from app.core.dates import day_text
from app.core.errors import Conflict, invalid_field
from app.core.money import money_text
from app.models.invoices import Invoice, InvoiceStatus
from app.models.ledger import Account
from app.models.organisations import Series
from app.services import ledger
from app.services.branches import branch_of_work
from app.services.context import Ctx
from app.services.facts import Fact, emit
from app.services.inputs import Day, Draft, Reason
from app.services.invoices.document import words_on_paper
from app.services.invoices.finding import today
from app.services.numbering import next_number

S = InvoiceStatus

FURTHEST = timedelta(days=366)
"""How far from today an invoice can be dated."""


class IssueInput(Draft):
    """When the invoice is dated; without: today in the organisation's time zone."""

    issued_on: Day | None = None


class VoidInput(Draft):
    """Why the invoice is taken back."""

    reason: Reason


async def issue(ctx: Ctx, invoice: Invoice, *, issued_on: date | None = None) -> Invoice:
    """Number, date, post and freeze a draft; `invoice` is locked and came with `PRINTED`.

    An invoice over nothing is paid as it is issued: nothing is posted and nobody owes anything.
    Raises `Conflict` when it is not a draft or has no lines, `Invalid` for a day far from today.
    """
    invoice.refuse_unless("issue", f"This invoice was issued already, as {invoice.number}.")
    if not invoice.lines:
        raise Conflict("This invoice has no lines. Add what is to be paid for.", code="no_lines")
    organisation = await ctx.organisation()
    issued_on = await _dated(ctx, issued_on)
    printed = words_on_paper(organisation, invoice)
    await ledger.post(
        ctx,
        invoice,
        {
            Account.receivable: invoice.total,
            Account.revenue: invoice.discount - invoice.subtotal,
            Account.tax_payable: -invoice.tax,
        },
    )
    branch = await branch_of_work(ctx, invoice.work_order_id)
    number = await next_number(ctx, Series.invoice, branch.invoice_prefix if branch else None)
    invoice.move("issue", S.issued if invoice.total else S.paid)
    invoice.number = number
    invoice.issued_at = clock.now()
    invoice.issued_on = issued_on
    invoice.due_on = issued_on + timedelta(days=invoice.payment_terms_days)
    invoice.printed = printed
    await emit(
        ctx,
        Fact.invoice_issued,
        invoice,
        about=about(invoice),
        number=number,
        total=money_text(invoice.total, invoice.currency, organisation.locale),
        due=day_text(invoice.due_on, organisation.locale),
    )
    if not invoice.total:
        await emit(ctx, Fact.invoice_paid, invoice, about=about(invoice), number=number)
    set_committed_value(invoice, "balance", invoice.total)
    return invoice


async def _dated(ctx: Ctx, issued_on: date | None) -> date:
    """The day on the paper. It can never be mended, so a slip of the keyboard is refused."""
    here = await today(ctx)
    if issued_on is not None and abs(issued_on - here) > FURTHEST:
        raise invalid_field(
            "issued_on",
            f"An invoice is dated within {FURTHEST.days} days of today ({here}).",
            code="out_of_bounds",
        )
    return issued_on or here


async def void(ctx: Ctx, invoice: Invoice, *, reason: str) -> Invoice:
    """Take an issued, unpaid invoice back; `invoice` is locked. Its number stays taken.

    Raises `Conflict` for a draft, for one that money was received on, and for one that is void.
    """
    invoice.refuse_unless("void", _why_not_void(invoice))
    standing = await ledger.accounts(ctx, invoice)
    await ledger.post(ctx, invoice, {account: -amount for account, amount in standing.items()})
    invoice.move("void")
    invoice.void_reason = reason
    await emit(
        ctx,
        Fact.invoice_voided,
        invoice,
        about=about(invoice),
        number=invoice.number,
        reason=reason.rstrip("."),
    )
    set_committed_value(invoice, "balance", 0)
    return invoice


def _why_not_void(invoice: Invoice) -> str:
    match invoice.status:
        case S.draft:
            return "A draft is not in the books yet. Delete it instead."
        case S.void:
            return f"{invoice.number} is void already."
        case _ if not invoice.total:
            return f"{invoice.number} comes to nothing; there is nothing to take back."
    return f"Money was received on {invoice.number}, so it cannot be voided."


def about(invoice: Invoice) -> tuple[UUID | None, UUID]:
    """In whose timelines an invoice's facts stand, besides its own."""
    return (invoice.work_order_id, invoice.customer_id)
