"""Work to be billed, and what the books say about it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Scope
from app.models.organisations import OrganisationSettings
from tests.support.people import Company, Person


@asynccontextmanager
async def session_of(company: Company) -> AsyncIterator[AsyncSession]:
    """A session of the company that commits at the end."""
    scope = Scope(company.id, source="test", request_id="test")
    async with company.server.state.sessions.open(scope) as session:
        yield session
        await session.commit()


async def a_work_order(
    company: Company,
    *,
    price: str | None = "189",
    reference: str | None = None,
    **customer: Any,
) -> Any:
    """A work order at a site, of a job type with this price, for a new customer."""
    olive = await company.person("owner")
    payer = await olive.made("/api/v2/customers", {"name": "Ann Lee", **customer})
    site = await olive.made(
        "/api/v2/sites",
        {"customer_id": payer["id"], "street": "418 Oak Lane", "postal_code": "78701"},
    )
    job_type = await olive.made(
        "/api/v2/job-types",
        {
            "name": f"Septic pumping {site['id']}",
            "trade": "septic",
            "duration_minutes": 60,
            "unit_price": price,
        },
    )
    return await olive.made(
        "/api/v2/work-orders",
        {
            "customer_id": payer["id"],
            "site_id": site["id"],
            "job_type_id": job_type["id"],
            "summary": "Pump the tank",
            "customer_reference": reference,
        },
    )


async def drafted(accountant: Person, order: Any, *prices: str, **fields: Any) -> Any:
    """A draft with a line for each price."""
    lines = [{"description": f"Line {n}", "unit_price": price} for n, price in enumerate(prices, 1)]
    body = {**({"lines": lines} if prices else {}), **fields}
    return await accountant.made(f"/api/v2/work-orders/{order['id']}/invoices", body)


async def issued(accountant: Person, order: Any, *prices: str, **fields: Any) -> Any:
    """The same, issued today."""
    draft = await drafted(accountant, order, *prices, **fields)
    return await accountant.made(f"/api/v2/invoices/{draft['id']}/issue")


async def settle_on(company: Company, **settings: Any) -> None:
    """Change the organisation's settings."""
    async with session_of(company) as session:
        row = await session.get_one(OrganisationSettings, (company.id, company.id))
        for name, value in settings.items():
            setattr(row, name, value)


async def books(company: Company, invoice_id: str) -> dict[str, int]:
    """What stands in each account for an invoice, by looking behind the walls."""
    connection = await asyncpg.connect(company.server.database.admin)
    try:
        rows = await connection.fetch(
            "select account, sum(amount)::bigint as amount from ledger_entries"
            " where invoice_id = $1 group by account having sum(amount) <> 0",
            UUID(invoice_id),
        )
    finally:
        await connection.close()
    return {row["account"]: row["amount"] for row in rows}
