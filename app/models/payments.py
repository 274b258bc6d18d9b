"""Payments: money received, recorded by hand here. What it settles stands in the ledger."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, Index, Text, exists, select, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.model import Short, TenantModel, Viewer, belongs_to, one_of
from app.models.invoices import Invoice


class PaymentMethod(StrEnum):
    cash = "cash"
    check = "check"
    card = "card"
    bank_transfer = "bank_transfer"
    other = "other"


class PaymentStatus(StrEnum):
    succeeded = "succeeded"


class Payment(TenantModel):
    __tablename__ = "payments"

    invoice_id: Mapped[UUID]
    customer_id: Mapped[UUID]
    status: Mapped[PaymentStatus] = mapped_column(Text, default=PaymentStatus.succeeded)
    method: Mapped[PaymentMethod] = mapped_column(Text)
    amount: Mapped[int]
    """Minor units, always positive."""
    currency: Mapped[str] = mapped_column(Short)
    received_on: Mapped[date]
    reference: Mapped[str | None] = mapped_column(Short)
    """Cheque number, transfer reference, …"""

    invoice: Mapped[Invoice] = relationship(
        primaryjoin="foreign(Payment.invoice_id) == Invoice.id", lazy="raise"
    )

    __table_args__ = (
        belongs_to("invoice_id", "invoices"),
        belongs_to("customer_id", "customers"),
        one_of("method", PaymentMethod),
        one_of("status", PaymentStatus),
        CheckConstraint("amount between 1 and 1000000000000000", name="amount"),
        Index("ix_payments_created_at", "org_id", "created_at", "id"),
        Index("ix_payments_received_on", "org_id", "received_on", "id"),
        Index("ix_payments_invoice_id", "org_id", "invoice_id"),
        Index("ix_payments_customer_id", "org_id", "customer_id"),
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Whoever sees the invoice sees what was paid on it."""
        if viewer.sees_all:
            return true()
        invoice = select(Invoice.id).where(
            Invoice.org_id == cls.org_id, Invoice.id == cls.invoice_id
        )
        return exists(invoice.where(Invoice.visible_to(viewer)).correlate(cls))
