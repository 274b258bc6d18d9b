"""Tables, relationships, status tables and named conditions, one module per domain.

Importing this package imports every table, so that the metadata is whole.
"""

from app.models import (
    assignments,
    bookings,
    checklist_items,
    customers,
    idempotency,
    identity,
    imports,
    invoices,
    job_types,
    journal,
    ledger,
    members,
    notes,
    organisations,
    payments,
    promises,
    search,
    sites,
    skills,
    technicians,
    visits,
    work_orders,
)

__all__ = [
    "assignments",
    "bookings",
    "checklist_items",
    "customers",
    "idempotency",
    "identity",
    "imports",
    "invoices",
    "job_types",
    "journal",
    "ledger",
    "members",
    "notes",
    "organisations",
    "payments",
    "promises",
    "search",
    "sites",
    "skills",
    "technicians",
    "visits",
    "work_orders",
]
