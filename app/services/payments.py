"""Payments: the verb of receiving money, recorded by hand.

A payment settles one invoice and never exceeds what is owed on it; the invoice's status follows
from the ledger. A recorded payment never changes.
"""

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from app.core.errors import FieldError, Invalid, invalid_field
from app.core.filters import Fields, filterable
from app.core.listing import Column, Filter, ListQuery
from app.core.money import MAX_MINOR, money_text
from app.models.invoices import Invoice, InvoiceStatus
from app.models.ledger import Account
from app.models.payments import Payment, PaymentMethod
from app.services import ledger
from app.services.context import Ctx
from app.services.facts import Fact, emit
from app.services.inputs import Day, Draft, ShortText
from app.services.invoices import today

S = InvoiceStatus


class PaymentDraft(Draft):
    """Money received on an invoice."""

    id: UUID | None = Field(None, description="Your own UUID for it, if you make them.")
    amount: int = Field(ge=1, le=MAX_MINOR, strict=True, description="Minor units.")
    method: PaymentMethod
    received_on: Day | None = Field(
        None, description="Without: today in the organisation's time zone."
    )
    reference: ShortText | None = Field(
        None, description="Cheque number, transfer reference, …; the customer's invoice shows it."
    )


class PaymentQuery(ListQuery):
    """Filters and sorts of the list of payments."""

    SORTS: ClassVar[dict[str, Column]] = {
        "created_at": Payment.created_at,
        "received_on": Payment.received_on,
    }
    FILTERS: ClassVar[Fields | None] = filterable(
        Payment.id,
        Payment.created_at,
        Payment.updated_at,
        Payment.invoice_id,
        Payment.customer_id,
        Payment.status,
        Payment.method,
        Payment.currency,
        Payment.received_on,
        Payment.reference,
        money=(Payment.amount,),
    )

    invoice_id: Annotated[UUID | None, Filter(Payment.invoice_id)] = None
    customer_id: Annotated[UUID | None, Filter(Payment.customer_id)] = None
    method: Annotated[PaymentMethod | None, Filter(Payment.method)] = None
    received_from: Annotated[Day | None, Filter(Payment.received_on, "gte")] = None
    received_before: Annotated[Day | None, Filter(Payment.received_on, "lt")] = None


async def record(ctx: Ctx, invoice: Invoice, draft: PaymentDraft) -> Payment:
    """Record money received on an invoice, which is locked.

    Raises `Conflict` unless the invoice is issued and not settled, `Invalid` for more than is owed
    or a day that has not come.
    """
    invoice.refuse_unless("pay", _why_not(invoice))
    organisation = await ctx.organisation()
    owed = await ledger.balance(ctx, invoice)
    if draft.amount > owed:
        raise _overpayment(invoice, owed, organisation.locale)
    received_on = draft.received_on or await today(ctx)
    if received_on > await today(ctx):
        raise invalid_field("received_on", "Money cannot be received on a day that has not come.")
    payment = Payment(
        invoice_id=invoice.id,
        customer_id=invoice.customer_id,
        method=draft.method,
        amount=draft.amount,
        currency=invoice.currency,
        received_on=received_on,
        reference=draft.reference,
    )
    if draft.id is not None:
        payment.id = draft.id
    await ctx.add(payment)
    await ledger.post(
        ctx,
        invoice,
        {Account.cash: draft.amount, Account.receivable: -draft.amount},
        payment=payment,
    )
    left = await ledger.balance(ctx, invoice)
    invoice.move("pay", S.partially_paid if left else S.paid)
    await _tell(ctx, invoice, payment, left, organisation.locale)
    return payment


def _why_not(invoice: Invoice) -> str:
    match invoice.status:
        case S.draft:
            return "This invoice is a draft. Issue it before recording a payment."
        case S.void:
            return f"{invoice.number} is void; nothing is owed on it."
    return f"{invoice.number} is paid already."


def _overpayment(invoice: Invoice, owed: int, locale: str) -> Invalid:
    detail = (
        f"{money_text(owed, invoice.currency, locale)} is owed on {invoice.number};"
        " a payment cannot be more than that."
    )
    return Invalid(
        detail,
        code="overpayment",
        errors=[FieldError("/amount", "overpayment", detail)],
        balance=owed,
        currency=invoice.currency,
    )


async def _tell(ctx: Ctx, invoice: Invoice, payment: Payment, left: int, locale: str) -> None:
    around = (invoice.work_order_id, invoice.customer_id)
    method = payment.method.value.replace("_", " ")
    await emit(
        ctx,
        Fact.payment_recorded,
        payment,
        about=(invoice.id, *around),
        number=invoice.number,
        amount=money_text(payment.amount, payment.currency, locale),
        amount_minor=payment.amount,
        currency=payment.currency,
        method="other means" if payment.method is PaymentMethod.other else method,
        balance=money_text(left, payment.currency, locale),
    )
    if not left:
        await emit(ctx, Fact.invoice_paid, invoice, about=around, number=invoice.number)
