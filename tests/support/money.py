"""Work to be billed, and what the books say about it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Scope
from app.core.ids import new_id
from app.models.customers import Customer
from app.models.job_types import JobType
from app.models.organisations import OrganisationSettings
from app.models.sites import Site
from app.models.work_orders import WorkOrder
from tests.support.people import Company, Person


@asynccontextmanager
async def session_of(company: Company) -> AsyncIterator[AsyncSession]:
    """A session of the company that commits at the end."""
    scope = Scope(company.id, source="test", request_id="test")
    async with company.server.state.sessions.open(scope) as session:
        yield session
        await session.commit()


async def a_work_order(
    company: Company, *, price: str | None = "189", summary: str = "Pump the tank", **customer: Any
) -> WorkOrder:
    """A work order at a site, of a job type with this price, for a new customer."""
    unique = new_id().hex[-8:]
    who = Customer(id=new_id(), **{"name": f"Ann Lee {unique}", **customer})
    where = Site(
        id=new_id(),
        street=f"{unique} Oak Lane",
        city="Austin",
        region="TX",
        postal_code="78701",
        time_zone="America/Chicago",
    )
    what = JobType(
        id=new_id(),
        name=f"Septic pumping {unique}",
        trade="septic",
        duration_minutes=60,
        unit_price=Decimal(price) if price else None,
    )
    order = WorkOrder(
        number=f"WO-{unique}",
        customer_id=who.id,
        site_id=where.id,
        job_type_id=what.id,
        summary=summary,
    )
    async with session_of(company) as session:
        session.add_all([who, where, what])
        await session.flush()
        session.add(order)
    return order


async def drafted(
    accountant: Person, order: WorkOrder, *prices: str, **fields: Any
) -> dict[str, Any]:
    """A draft with a line for each price."""
    lines = [{"description": f"Line {n}", "unit_price": price} for n, price in enumerate(prices, 1)]
    body = {**({"lines": lines} if prices else {}), **fields}
    made: dict[str, Any] = await accountant.made(f"/api/v2/work-orders/{order.id}/invoices", body)
    return made


async def issued(
    accountant: Person, order: WorkOrder, *prices: str, **fields: Any
) -> dict[str, Any]:
    """The same, issued today."""
    draft = await drafted(accountant, order, *prices, **fields)
    made: dict[str, Any] = await accountant.made(f"/api/v2/invoices/{draft['id']}/issue")
    return made


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
