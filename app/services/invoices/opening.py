"""Opening balances: what customers owed elsewhere when the organisation came here.

An invoice of another system is brought forward over what is still owed on it, with one line that says
so, its own date and due date, and the number it was issued under. It is owed, paid and voided as any
other; but what it was for was earned and taxed in the books before, so the posting stands against
`opening_balance` and neither against revenue nor tax.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field, model_validator
from sqlalchemy import column, select, update, values
from sqlalchemy.orm.attributes import set_committed_value

from app.core import clock
from app.core.dates import day_text
from app.core.ids import new_id
from app.core.money import money_text, to_major
from app.models.customers import Customer
from app.models.invoices import Invoice, InvoiceLine, InvoiceStatus
from app.models.ledger import Account
from app.models.organisations import Series
from app.models.permissions import Permission
from app.models.work_orders import WorkOrder
from app.services import ledger
from app.services.context import Ctx
from app.services.facts import Fact, Told, emit_all
from app.services.inputs import Day, Draft, LongText, Minor, ShortText
from app.services.invoices.document import words_on_paper
from app.services.invoices.issuing import about
from app.services.numbering import next_numbers

LONGEST_TERMS = 365


class OpeningDraft(Draft):
    """An invoice of another system, and what is still owed on it."""

    customer_id: UUID
    external_key: Annotated[ShortText, Field(description="The number it was issued under.")]
    balance: Annotated[Minor, Field(gt=0)]
    original_total: Annotated[Minor | None, Field(description="What it came to once.")] = None
    issued_on: Day
    due_on: Day | None = Field(None, description="Without: by the customer's terms.")
    summary: ShortText | None = None
    notes: LongText | None = None

    @model_validator(mode="after")
    def _in_order(self) -> "OpeningDraft":
        if self.due_on is not None and self.due_on < self.issued_on:
            raise ValueError("The invoice is due before it was issued.")
        if self.original_total is not None and self.original_total < self.balance:
            raise ValueError("More is owed than the invoice came to.")
        return self


@dataclass(frozen=True, slots=True)
class Opening:
    """An invoice on its way into the books."""

    invoice: Invoice
    issued_on: date
    due_on: date


async def opened(
    ctx: Ctx, draft: OpeningDraft, *, customer: Customer, work_order: WorkOrder | None = None
) -> Opening:
    """What `bring_forward` takes; `work_order` comes with its site."""
    organisation = await ctx.organisation()
    terms = customer.payment_terms_days
    days = organisation.payment_terms_days if terms is None else terms
    due_on = draft.due_on or draft.issued_on + timedelta(days=days)
    described = [draft.summary] if draft.summary else []
    if draft.original_total is not None and draft.original_total != draft.balance:
        whole = money_text(draft.original_total, organisation.currency, organisation.locale)
        described.append(f"Still owed of {whole}.")
    invoice = Invoice(
        id=new_id(),
        status=InvoiceStatus.draft,
        customer_id=customer.id,
        customer=customer,
        work_order_id=work_order.id if work_order else None,
        work_order=work_order,
        currency=organisation.currency,
        payment_terms_days=min((due_on - draft.issued_on).days, LONGEST_TERMS),
        tax_label=organisation.tax_label,
        tax_rate=Decimal(0),
        rounding=organisation.rounding,
        round_tax_on=organisation.round_tax_on,
        subtotal=draft.balance,
        discount=0,
        tax=0,
        total=draft.balance,
        notes=draft.notes,
        external_key=draft.external_key,
        lines_revision=0,
        lines=[
            InvoiceLine(
                position=1,
                description=f"Balance of invoice {draft.external_key}"[:200],
                detail="\n".join(described) or None,
                quantity=Decimal(1),
                unit="each",
                unit_price=to_major(draft.balance, organisation.currency),
                taxable=False,
                amount=draft.balance,
                discount=0,
                tax=0,
            )
        ],
    )
    return Opening(invoice, draft.issued_on, due_on)


async def bring_forward(ctx: Ctx, openings: Sequence[Opening]) -> None:
    """Number, post and tell what was `opened`, in this order; all of it or nothing.

    Raises `Forbidden` for whoever may not issue invoices.
    """
    if not openings:
        return
    ctx.require(Permission.invoices_write)
    ctx.require(Permission.invoices_issue)
    organisation = await ctx.organisation()
    issued = [opening.invoice for opening in openings]
    for invoice in issued:
        invoice.refuse_unless("issue")
    ctx.session.add_all(issued)
    await ctx.session.flush()  # as drafts: nothing enters the books before its lines are there
    numbers = await next_numbers(ctx, Series.invoice, [None] * len(openings))
    await _issue(ctx, openings, numbers)
    for invoice in issued:
        owed = {Account.receivable: invoice.total, Account.opening_balance: -invoice.total}
        ctx.session.add_all(ledger.entries(invoice, owed))
        set_committed_value(invoice, "balance", invoice.total)
    await emit_all(
        ctx,
        [
            Told(
                Fact.invoice_brought_forward,
                opening.invoice,
                about=about(opening.invoice),
                data={
                    "number": opening.invoice.number,
                    "external": opening.invoice.external_key,
                    "total": money_text(
                        opening.invoice.total, opening.invoice.currency, organisation.locale
                    ),
                    "due": day_text(opening.due_on, organisation.locale),
                },
            )
            for opening in openings
        ],
    )


async def _issue(ctx: Ctx, openings: Sequence[Opening], numbers: Sequence[str]) -> None:
    """Number and freeze them all with one statement; row by row it would be one for each."""
    organisation = await ctx.organisation()
    table = Invoice.__table__.c
    columns = (table.id, table.number, table.issued_on, table.due_on, table.printed)
    said = values(*(column(one.name, one.type) for one in columns), name="said").data(
        [
            (
                opening.invoice.id,
                number,
                opening.issued_on,
                opening.due_on,
                words_on_paper(organisation, opening.invoice),
            )
            for opening, number in zip(openings, numbers, strict=True)
        ]
    )
    await ctx.session.execute(
        update(Invoice)
        .where(Invoice.id == said.c.id)
        .values(
            status=InvoiceStatus.issued,
            issued_at=clock.now(),
            number=said.c.number,
            issued_on=said.c.issued_on,
            due_on=said.c.due_on,
            printed=said.c.printed,
        )
        .execution_options(synchronize_session=False)
    )
    ids = [opening.invoice.id for opening in openings]
    again = select(Invoice).where(Invoice.id.in_(ids)).execution_options(populate_existing=True)
    (await ctx.session.execute(again)).all()
