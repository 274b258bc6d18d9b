"""Drafts: what is to be billed for a work order, before it is said aloud.

Currency, tax and rounding are taken over from the organisation when the draft is made; totals are
always ours. Lines are replaced as a whole, and a row keeps its place and id where it can; what a line
costs us stays with it, whoever replaces them (`costs.kept`).
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator
from sqlalchemy import select
from sqlalchemy.orm.attributes import set_committed_value

from app.core import clock
from app.core.errors import Conflict, Invalid, invalid_field
from app.core.money import MAX_MINOR, Rounding, money_text
from app.models.branches import Branch
from app.models.customers import Customer
from app.models.invoices import Invoice, InvoiceLine, InvoiceStatus
from app.models.organisations import OrganisationSettings, RoundTaxOn
from app.models.sensitive import sensitive
from app.models.work_orders import WorkOrder, WorkOrderStatus
from app.services.branches import branch_at
from app.services.context import Ctx, changed
from app.services.facts import Fact, emit
from app.services.inputs import Draft, LongText, Minor, Patch, ShortText
from app.services.inputs import decimal_text as text
from app.services.invoices import costs
from app.services.invoices.lines import LineDraft, more_than_nothing
from app.services.invoices.totals import MOST_LINES, Priced, Rules, add_up, line_amount


def _a_part(percent: Decimal) -> Decimal:
    if percent > 100:
        raise ValueError("A discount is at most 100 percent.")
    return more_than_nothing(percent)


Percent = Annotated[Decimal, AfterValidator(_a_part), *text(3, 4)]
Discount = Annotated[
    Minor, Field(description="An amount off the subtotal, in minor units. 0: no discount.")
]


CHARGED = {"lines", "discount", "discount_percent"}
"""Who names any of these says themselves what a call-back costs."""
NO_CHARGE = Decimal(100)
Lines = Annotated[list[LineDraft], Field(max_length=MOST_LINES)]


class InvoiceDraft(Draft):
    """A new invoice for a work order."""

    id: UUID | None = Field(None, description="Your own UUID for it, if you make them.")
    lines: Lines | None = Field(
        None,
        description="Without any: the price lines, or the price, of the work order's job type.",
    )
    discount: Discount = 0
    discount_percent: Percent | None = Field(
        None,
        description="Instead of `discount`; it follows the subtotal. A call-back costs nothing unless you"
        " name its lines or a discount: 100 percent off, and the label says of what work.",
    )
    discount_label: ShortText | None = None
    payment_terms_days: int | None = Field(
        None, ge=0, le=365, description="Without: the customer's, or else the organisation's."
    )
    notes: LongText | None = None

    @model_validator(mode="after")
    def _one_discount(self) -> "InvoiceDraft":
        _refuse_two_discounts(self.discount, self.discount_percent)
        return self


class InvoicePatch(Patch):
    """Changes to a draft. `lines` replaces all of them."""

    lines: Lines = Field(default_factory=list)
    discount: Discount = 0
    discount_percent: Percent | None = None
    discount_label: ShortText | None = None
    payment_terms_days: int = Field(0, ge=0, le=365)
    notes: LongText | None = None

    @model_validator(mode="after")
    def _one_discount(self) -> "InvoicePatch":
        _refuse_two_discounts(self.discount, self.discount_percent)
        return self


def _refuse_two_discounts(discount: int, percent: Decimal | None) -> None:
    if discount and percent is not None:
        raise ValueError("Send discount or discount_percent, not both.")


async def draft(ctx: Ctx, work_order: WorkOrder, given: InvoiceDraft) -> Invoice:
    """Draft an invoice to the work order's customer; `work_order` is locked and comes with customer
    and job type.

    Raises `Conflict` for a closed work order, `Invalid` for a discount above the subtotal,
    `Forbidden` for a cost without the permission.
    """
    costs.refuse_unseen(ctx, named=any(line.says_cost for line in given.lines or ()))
    _refuse_closed(work_order)
    branch = await branch_at(ctx, work_order.site_id)
    invoice = _blank(await ctx.organisation(), branch, work_order.customer)
    if given.id is not None:
        invoice.id = given.id
    if given.payment_terms_days is not None:
        invoice.payment_terms_days = given.payment_terms_days
    invoice.work_order_id = work_order.id
    invoice.notes = given.notes
    invoice.discount_label = given.discount_label
    invoice.discount_percent = given.discount_percent
    if work_order.call_back_of_id is not None and not CHARGED & given.model_fields_set:
        await _no_charge(ctx, invoice, work_order.call_back_of_id)
    _write_lines(invoice, _usual_lines(work_order) if given.lines is None else given.lines)
    _reckon(invoice, given.discount)
    costs.refuse_beyond(ctx, invoice)
    await ctx.add(invoice)
    set_committed_value(invoice, "balance", 0)
    await _tell(ctx, Fact.invoice_drafted, invoice)
    return invoice


def _blank(
    organisation: OrganisationSettings, branch: Branch | None, customer: Customer
) -> Invoice:
    terms = customer.payment_terms_days
    tax_rate = organisation.tax_rate
    if branch is not None and branch.tax_rate is not None:
        tax_rate = branch.tax_rate
    return Invoice(
        status=InvoiceStatus.draft,
        customer_id=customer.id,
        currency=organisation.currency,
        payment_terms_days=organisation.payment_terms_days if terms is None else terms,
        tax_label=organisation.tax_label,
        tax_rate=Decimal(0) if customer.tax_exempt else tax_rate,
        rounding=organisation.rounding,
        round_tax_on=organisation.round_tax_on,
        lines_revision=0,
        lines=[],
    )


async def _no_charge(ctx: Ctx, invoice: Invoice, first: UUID) -> None:
    """Take all of it off: somebody comes again for work that was paid for."""
    number = await ctx.session.scalar(select(WorkOrder.number).where(WorkOrder.id == first))
    invoice.discount_percent = NO_CHARGE
    if invoice.discount_label is None:
        invoice.discount_label = f"No charge: call-back of {number}"


def _usual_lines(work_order: WorkOrder) -> list[LineDraft]:
    """What the job type says; a type without a price leaves the draft empty, to be filled in."""
    kind = work_order.job_type
    if kind.price_lines:
        return [LineDraft.model_validate(line) for line in kind.price_lines]
    if kind.unit_price is None:
        return []
    return [LineDraft(description=kind.name, unit_price=kind.unit_price, unit_cost=kind.unit_cost)]


async def change(ctx: Ctx, invoice: Invoice, patch: InvoicePatch) -> Invoice:
    """Change a draft; `invoice` comes with its lines.

    Raises `Conflict` once it is issued, `Invalid` for a discount above the subtotal, `Forbidden`
    for a cost without the permission.
    """
    costs.refuse_unseen(
        ctx, named="lines" in patch.given() and any(one.says_cost for one in patch.lines)
    )
    _refuse_unless_draft(invoice, "changed")
    given = patch.given()
    for name in ("notes", "payment_terms_days", "discount_label"):
        if name in given:
            setattr(invoice, name, given[name])
    fixed = invoice.discount
    if "discount" in given or "discount_percent" in given:
        fixed, invoice.discount_percent = patch.discount, patch.discount_percent
    replaced = "lines" in given and _write_lines(invoice, patch.lines)
    _reckon(invoice, fixed)
    costs.refuse_beyond(ctx, invoice)
    if names := changed(invoice):
        said = ", ".join(_said(names, replaced=replaced)) or "other details"
        await _tell(ctx, Fact.invoice_changed, invoice, fields=said)
    return invoice


def _said(names: Iterable[str], *, replaced: bool) -> list[str]:
    """The fields a person changed, without what follows from them."""
    worked_out = {"subtotal", "tax", "total", "lines_revision"}
    fields = [name for name in names if name not in worked_out]
    if replaced:
        # a percentage follows the lines; an amount somebody set is named in its own right
        fields = [name for name in fields if name != "discount"]
        fields.append("lines")
    return sorted(fields)


async def delete(ctx: Ctx, invoice: Invoice) -> None:
    """Take a draft out of sight. Raises `Conflict` once it is issued."""
    _refuse_unless_draft(invoice, "deleted")
    invoice.deleted_at = clock.now()
    await _tell(ctx, Fact.invoice_deleted, invoice)


async def restore(ctx: Ctx, invoice: Invoice) -> Invoice:
    """Bring a deleted draft back. Raises `Conflict` when it is not deleted, or its work order is
    closed, deleted, or billed to somebody else by now."""
    if invoice.deleted_at is None:
        raise Conflict("This invoice is not deleted.", code="not_deleted")
    if invoice.work_order_id is not None:
        work_order = await ctx.get(WorkOrder, invoice.work_order_id, lock=True, deleted=True)
        _refuse_closed(work_order)
        if work_order.deleted_at is not None:
            raise Conflict("Its work order is deleted. Restore that first.", code="deleted")
        if work_order.customer_id != invoice.customer_id:
            raise Conflict(
                f"{work_order.number} is billed to somebody else by now. Draft a new invoice.",
                code="other_payer",
            )
    invoice.deleted_at = None
    await _tell(ctx, Fact.invoice_restored, invoice)
    return invoice


def _refuse_closed(work_order: WorkOrder) -> None:
    if work_order.status == WorkOrderStatus.closed:
        raise Conflict(
            f"{work_order.number} is closed; nothing more is billed on it.",
            code="work_order_closed",
        )


def _refuse_unless_draft(invoice: Invoice, done: str) -> None:
    if invoice.status != InvoiceStatus.draft:
        raise Conflict(
            f"{invoice.number} was issued and cannot be {done}. Void it and draft another.",
            code="issued",
        )


FEW_SEE = frozenset(sensitive(InvoiceLine))


def _write_lines(invoice: Invoice, lines: list[LineDraft]) -> bool:
    """Make the invoice's lines say this, and whether that was news to everybody: what they cost is
    news to few."""
    news, of_costs = len(lines) != len(invoice.lines), False
    for position, (given, cost) in enumerate(
        zip(lines, costs.kept(lines, invoice.lines), strict=True), 1
    ):
        said = given.model_dump() | {"unit_cost": cost}
        if position > len(invoice.lines):
            invoice.lines.append(InvoiceLine(position=position, **said))
            continue
        line = invoice.lines[position - 1]
        for name, value in said.items():
            if getattr(line, name) != value:
                setattr(line, name, value)
                news, of_costs = news or name not in FEW_SEE, of_costs or name in FEW_SEE
    del invoice.lines[len(lines) :]
    if news or of_costs:
        invoice.lines_revision += 1
    return news


def _reckon(invoice: Invoice, fixed_discount: int) -> None:
    """Write the totals. A percentage, where there is one, stands above the fixed discount."""
    rules = Rules(
        invoice.currency,
        Rounding(invoice.rounding),
        invoice.tax_rate,
        RoundTaxOn(invoice.round_tax_on),
    )
    priced = [Priced(line.quantity, line.unit_price, line.taxable) for line in invoice.lines]
    amounts = [line_amount(line, rules) for line in priced]
    for index, amount in enumerate(amounts):
        if amount > MAX_MINOR:
            raise invalid_field(f"lines/{index}", "This line comes to more than can be invoiced.")
    if (subtotal := sum(amounts)) * 2 > MAX_MINOR:  # tax is always less than the subtotal
        raise Invalid("This comes to more than can be invoiced at once. Make several invoices.")
    percent = invoice.discount_percent
    if percent is None and fixed_discount > subtotal:
        raise invalid_field(
            "discount", "The discount is more than the subtotal. Lower it.", code="discount"
        )
    totals = add_up(priced, rules, discount=fixed_discount if percent is None else percent)
    for line, sums in zip(invoice.lines, totals.lines, strict=True):
        line.amount, line.discount, line.tax = sums.amount, sums.discount, sums.tax
    invoice.subtotal, invoice.discount = totals.subtotal, totals.discount
    invoice.tax, invoice.total = totals.tax, totals.total


async def _tell(ctx: Ctx, fact: Fact, invoice: Invoice, **data: Any) -> None:
    organisation = await ctx.organisation()
    await emit(
        ctx,
        fact,
        invoice,
        about=(invoice.work_order_id, invoice.customer_id),
        total=money_text(invoice.total, invoice.currency, organisation.locale),
        **data,
    )
