"""Invoices: what a customer owes for a work order. Lines are frozen at issue; numbers have no gap.

Totals are integers of minor units and add up by CHECK. What is still owed is not stored: it is the
sum of the ledger's receivable entries for the invoice.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Numeric, Text, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from app.core.model import Long, Short, SoftDeleted, TenantModel, belongs_to, one_of
from app.core.money import Rounding
from app.models.customers import Customer
from app.models.ledger import Account, LedgerEntry
from app.models.moves import Move, Moving, moves
from app.models.organisations import RoundTaxOn
from app.models.permissions import Permission as P
from app.models.work_orders import WorkOrder


class InvoiceStatus(StrEnum):
    draft = "draft"
    issued = "issued"
    partially_paid = "partially_paid"
    paid = "paid"
    void = "void"


S = InvoiceStatus


class InvoiceLine(TenantModel):
    __tablename__ = "invoice_lines"

    invoice_id: Mapped[UUID]
    position: Mapped[int]
    description: Mapped[str] = mapped_column(Short)
    detail: Mapped[str | None] = mapped_column(Long)
    quantity: Mapped[Decimal] = mapped_column(Numeric(12, 3))
    unit: Mapped[str] = mapped_column(Short, default="each")
    unit_price: Mapped[Decimal] = mapped_column(Numeric(14, 4))
    taxable: Mapped[bool] = mapped_column(default=True)
    amount: Mapped[int]
    """quantity × unit price, rounded once."""
    discount: Mapped[int] = mapped_column(default=0)
    """This line's share of the invoice's discount."""
    tax: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        belongs_to("invoice_id", "invoices", ondelete="CASCADE"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("unit_price >= 0", name="unit_price"),
        CheckConstraint("amount between 0 and 1000000000000000", name="amount"),
        CheckConstraint("discount between 0 and amount", name="discount"),
        CheckConstraint("tax >= 0", name="tax"),
        CheckConstraint("length(trim(description)) > 0", name="description"),
        UniqueConstraint("org_id", "invoice_id", "position", deferrable=True, initially="DEFERRED"),
    )


class Invoice(Moving, SoftDeleted, TenantModel):
    __tablename__ = "invoices"
    CALLED = "invoice"

    MOVES: ClassVar[Mapping[str, Move]] = {
        "issue": moves(P.invoices_issue, S.issued, S.draft),
        "pay": moves(P.payments_write, None, S.issued, S.partially_paid),
        "void": moves(P.invoices_void, S.void, S.issued),
    }

    number: Mapped[str | None] = mapped_column(Short)
    """Allocated at issue; kept for ever, also when void."""
    status: Mapped[InvoiceStatus] = mapped_column(Text, default=InvoiceStatus.draft)
    work_order_id: Mapped[UUID | None]
    customer_id: Mapped[UUID]
    currency: Mapped[str] = mapped_column(Short)
    issued_at: Mapped[datetime | None]
    issued_on: Mapped[date | None]
    due_on: Mapped[date | None]
    payment_terms_days: Mapped[int]
    tax_label: Mapped[str] = mapped_column(Short)
    tax_rate: Mapped[Decimal] = mapped_column(Numeric(7, 6))
    rounding: Mapped[Rounding] = mapped_column(Text)
    round_tax_on: Mapped[RoundTaxOn] = mapped_column(Text)
    subtotal: Mapped[int] = mapped_column(default=0)
    discount: Mapped[int] = mapped_column(default=0)
    discount_label: Mapped[str | None] = mapped_column(Short)
    tax: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    notes: Mapped[str | None] = mapped_column(Long)
    void_reason: Mapped[str | None] = mapped_column(Short)

    lines: Mapped[list[InvoiceLine]] = relationship(
        primaryjoin="Invoice.id == foreign(InvoiceLine.invoice_id)",
        order_by="InvoiceLine.position",
        cascade="all, delete-orphan",
        lazy="raise",
    )
    customer: Mapped[Customer] = relationship(
        primaryjoin="foreign(Invoice.customer_id) == Customer.id", lazy="raise"
    )
    work_order: Mapped[WorkOrder | None] = relationship(
        primaryjoin="foreign(Invoice.work_order_id) == WorkOrder.id", lazy="raise"
    )

    __table_args__ = (
        belongs_to("work_order_id", "work_orders"),
        belongs_to("customer_id", "customers"),
        one_of("status", InvoiceStatus),
        one_of("rounding", Rounding),
        one_of("round_tax_on", RoundTaxOn),
        UniqueConstraint("org_id", "number"),
        CheckConstraint("total = subtotal - discount + tax", name="adds_up"),
        CheckConstraint("subtotal >= 0 and discount between 0 and subtotal", name="discount"),
        CheckConstraint("tax >= 0", name="tax"),
        CheckConstraint("(status = 'draft') = (number is null)", name="number"),
        CheckConstraint("(status = 'draft') = (issued_on is null)", name="issued_on"),
        CheckConstraint("due_on >= issued_on", name="due_on"),
        CheckConstraint("payment_terms_days between 0 and 365", name="payment_terms_days"),
        Index("ix_invoices_created_at", "org_id", "created_at", "id"),
        Index("ix_invoices_status", "org_id", "status", "created_at", "id"),
        Index("ix_invoices_customer_id", "org_id", "customer_id"),
        Index("ix_invoices_work_order_id", "org_id", "work_order_id"),
    )


Invoice.balance = column_property(
    select(func.coalesce(func.sum(LedgerEntry.amount), 0))
    .where(
        LedgerEntry.org_id == Invoice.org_id,
        LedgerEntry.invoice_id == Invoice.id,
        LedgerEntry.account == Account.receivable,
    )
    .correlate_except(LedgerEntry)
    .scalar_subquery()
)
