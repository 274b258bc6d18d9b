"""Invoices: the verbs of what a customer owes.

A draft may change in everything but whom and what it bills; issuing gives it a number, posts it to
the ledger and freezes it. What was wrong is voided, never edited.
"""

from app.services.invoices.costs import margin_of
from app.services.invoices.document import PRINTED, pdf
from app.services.invoices.drafting import (
    InvoiceDraft,
    InvoicePatch,
    change,
    delete,
    draft,
    restore,
)
from app.services.invoices.finding import InvoiceQuery, today
from app.services.invoices.issuing import IssueInput, VoidInput, issue, void
from app.services.invoices.lines import LineDraft
from app.services.invoices.opening import Opening, OpeningDraft, bring_forward, opened

__all__ = [
    "PRINTED",
    "InvoiceDraft",
    "InvoicePatch",
    "InvoiceQuery",
    "IssueInput",
    "LineDraft",
    "Opening",
    "OpeningDraft",
    "VoidInput",
    "bring_forward",
    "change",
    "delete",
    "draft",
    "issue",
    "margin_of",
    "opened",
    "pdf",
    "restore",
    "today",
    "void",
]
