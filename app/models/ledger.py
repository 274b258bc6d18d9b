"""The money ledger: append-only double entry. Every posting sums to zero, by a trigger at commit.

The application role may insert and read entries and do nothing else to them; a mistake is undone by
a counter-posting. Amounts are minor units: positive debits, negative credits.
"""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.model import Short, TenantModel, belongs_to, one_of


class Account(StrEnum):
    receivable = "receivable"
    revenue = "revenue"
    tax_payable = "tax_payable"
    cash = "cash"
    opening_balance = "opening_balance"
    """What was owed when the organisation came here: earned and taxed in the books before."""


class LedgerEntry(TenantModel):
    __tablename__ = "ledger_entries"

    posting_id: Mapped[UUID]
    """Entries of one event share it and sum to zero."""
    account: Mapped[Account] = mapped_column(Text)
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(Short)
    customer_id: Mapped[UUID]
    invoice_id: Mapped[UUID | None]
    payment_id: Mapped[UUID | None]

    __table_args__ = (
        belongs_to("customer_id", "customers"),
        belongs_to("invoice_id", "invoices"),
        belongs_to("payment_id", "payments"),
        one_of("account", Account),
        CheckConstraint("amount <> 0", name="amount"),
        Index("ix_ledger_entries_posting_id", "org_id", "posting_id"),
        Index("ix_ledger_entries_invoice_id", "org_id", "invoice_id", "account"),
        Index("ix_ledger_entries_customer_id", "org_id", "customer_id"),
        Index("ix_ledger_entries_payment_id", "org_id", "payment_id"),
    )
