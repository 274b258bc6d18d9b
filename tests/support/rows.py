"""Rows put straight into the database, for what this test needs and has no door of its own yet."""

from uuid import UUID

from app.core.db import Scope
from app.models.job_types import JobType
from app.models.work_orders import WorkOrder
from tests.support.people import Company


async def an_open_work_order(company: Company, *, customer_id: str, site_id: str) -> None:
    """A ready work order of a job type of its own."""
    async with company.server.state.sessions.open(Scope(company.id, source="test")) as session:
        job_type = JobType(name="Pumping", trade="septic", duration_minutes=60)
        session.add(job_type)
        await session.flush()
        session.add(
            WorkOrder(
                number="WO-1",
                summary="Pump the tank",
                customer_id=UUID(customer_id),
                site_id=UUID(site_id),
                job_type_id=job_type.id,
            )
        )
        await session.commit()
