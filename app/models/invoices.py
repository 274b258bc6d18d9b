"""Invoices: what a customer owes for a work order. Lines are frozen at issue; numbers have no gap.

Totals are integers of minor units and add up by CHECK. What is still owed is not stored: it is the
sum of the ledger's receivable entries for the invoice.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    Index,
    Numeric,
    Text,
    UniqueConstraint,
    cast,
    exists,
    func,
    select,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from app.core.model import Long, Short, SoftDeleted, TenantModel, Viewer, belongs_to, one_of
from app.core.money import Rounding
from app.models.customers import Customer
from app.models.ledger import Account, LedgerEntry
from app.models.moves import Move, Moving, moves
from app.models.organisations import RoundTaxOn
from app.models.permissions import Permission as P
from app.models.sensitive import only_for
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
    unit_cost: Mapped[Decimal | None] = mapped_column(Numeric(14, 4), info=only_for(P.prices_costs))
    """What one of it costs us, in major units; None: nobody said. The customer never sees it."""
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
        CheckConstraint("unit_cost >= 0", name="unit_cost"),
        CheckConstraint("amount between 0 and 1000000000000000", name="amount"),
        CheckConstraint("discount between 0 and amount", name="discount"),
        CheckConstraint("tax >= 0", name="tax"),
        CheckConstraint("length(trim(description)) > 0", name="description"),
        UniqueConstraint("org_id", "invoice_id", "position", deferrable=True, initially="DEFERRED"),
    )


OWED = (S.issued, S.partially_paid)
"""The statuses in which money is still to come."""


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
    discount_percent: Mapped[Decimal | None] = mapped_column(Numeric(7, 4))
    """None: the discount is an amount somebody set. Otherwise it follows the subtotal."""
    discount_label: Mapped[str | None] = mapped_column(Short)
    tax: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    notes: Mapped[str | None] = mapped_column(Long)
    external_key: Mapped[str | None] = mapped_column(Short)
    """The number under which another system issued it, where its balance was brought forward."""
    void_reason: Mapped[str | None] = mapped_column(Short)
    lines_revision: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """Counts the replacements of the lines, so that the version moves with them."""
    printed: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    """Names, addresses and words on the paper, kept at issue: people move, their invoices stay."""

    if TYPE_CHECKING:
        # what is owed: the ledger's receivable, never stored; read it again after a posting
        balance: Mapped[int]

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
        CheckConstraint("(status = 'draft') = (issued_at is null)", name="issued_at"),
        CheckConstraint("(status = 'draft') = (due_on is null)", name="due_on_set"),
        CheckConstraint("(status = 'draft') = (printed is null)", name="printed"),
        CheckConstraint("(status = 'void') = (void_reason is not null)", name="void_reason"),
        CheckConstraint("status = 'draft' or deleted_at is null", name="deleted_at"),
        CheckConstraint(
            "discount_percent > 0 and discount_percent <= 100", name="discount_percent"
        ),
        CheckConstraint("due_on >= issued_on", name="due_on"),
        CheckConstraint("payment_terms_days between 0 and 365", name="payment_terms_days"),
        # what was voided may be brought forward anew
        Index(
            "uq_invoices_external_key",
            "org_id",
            "external_key",
            unique=True,
            postgresql_where=text("status <> 'void'"),
        ),
        Index("ix_invoices_created_at", "org_id", "created_at", "id"),
        Index("ix_invoices_status", "org_id", "status", "created_at", "id"),
        Index("ix_invoices_due_on", "org_id", "due_on", "id"),
        Index("ix_invoices_customer_id", "org_id", "customer_id"),
        Index("ix_invoices_work_order_id", "org_id", "work_order_id"),
    )

    def is_overdue(self, today: date) -> bool:
        """Whether it is owed beyond its due date."""
        return self.status in OWED and self.due_on is not None and self.due_on < today

    @classmethod
    def overdue(cls, today: date) -> ColumnElement[bool]:
        """The same as a condition."""
        return cls.status.in_(OWED) & (cls.due_on < today)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """With the scope `own`: the invoices of work one was assigned to."""
        if viewer.sees_all:
            return true()
        work = select(WorkOrder.id).where(
            WorkOrder.org_id == cls.org_id, WorkOrder.id == cls.work_order_id
        )
        return exists(work.where(WorkOrder.visible_to(viewer)).correlate(cls))


Invoice.balance = column_property(
    select(cast(func.coalesce(func.sum(LedgerEntry.amount), 0), BigInteger))
    .where(
        LedgerEntry.org_id == Invoice.org_id,
        LedgerEntry.invoice_id == Invoice.id,
        LedgerEntry.account == Account.receivable,
    )
    .correlate_except(LedgerEntry)
    .scalar_subquery(),
    expire_on_flush=False,
)
