"""Writing what was brought over, as an import would: many rows at a time, as the application.

Every row meets the same triggers, checks and walls as any other, so the journal, the search and
the ledger are right because they cannot be otherwise.
"""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import scope_of
from app.core.pouring import pour, pour_over
from app.demo.chronicle import Model
from app.demo.moving import Brought, issued
from app.demo.writing import ORDER, defaults
from app.models.invoices import Invoice, InvoiceLine, InvoiceStatus
from app.services.facts import emit_together

Rows = list[tuple[UUID, dict[str, Any]]]
UNISSUED = {
    "status": InvoiceStatus.draft,
    "number": None,
    "issued_at": None,
    "issued_on": None,
    "due_on": None,
    "printed": None,
    "void_reason": None,
}
"""What an invoice is before it is issued; its lines come in between."""
MOST = 1000
"""Rows of a statement."""


async def bring(session: AsyncSession, brought: Brought) -> None:
    """Write rows and facts into the session's organisation. Nothing is committed."""
    for model in ORDER:
        rows = brought.rows.get(model, [])
        if model is Invoice:
            await _insert(session, model, [(id, _as_draft(values)) for id, values in rows])
        else:
            await _insert(session, model, rows)
        if model is InvoiceLine:
            await _issue(session, brought.rows.get(Invoice, []))
    for start in range(0, len(brought.facts), MOST):
        await emit_together(session, scope_of(session).org_id, brought.facts[start : start + MOST])


def _as_draft(values: dict[str, Any]) -> dict[str, Any]:
    return values | UNISSUED if issued(Invoice, values) else values


async def _insert(session: AsyncSession, model: Model, rows: Rows) -> None:
    given = defaults(model)
    for start in range(0, len(rows), MOST):
        some = rows[start : start + MOST]
        whole = [(id, given | values) for id, values in some]
        names = [name for name in given if any(values[name] is not None for _, values in whole)]
        records = [(id, *(values[name] for name in names)) for id, values in whole]
        await pour(session, model, ["id", *names], records)


async def _issue(session: AsyncSession, rows: Rows) -> None:
    """Issue the invoices whose lines are there now."""
    for start in range(0, len(rows), MOST):
        records = [
            (id, *(values.get(name) for name in UNISSUED))
            for id, values in rows[start : start + MOST]
            if issued(Invoice, values)
        ]
        await pour_over(session, Invoice, [*UNISSUED], records)
