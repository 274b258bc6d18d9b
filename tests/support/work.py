"""Work to do: `job = await some_work(dana)`, then `await job.order(…)`; and visits that move."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import Range

from app.core import clock
from app.core.db import Scope
from app.core.ids import new_id
from app.models.assignments import Assignment
from app.models.bookings import Booking, BookingKind
from app.models.job_types import JobType
from app.models.permissions import Permission
from app.models.technicians import Resource, ResourceKind, Technician
from app.models.visits import OCCUPYING, Visit, VisitStatus
from app.models.work_orders import WorkOrder
from app.services.context import Ctx
from app.services.work_orders import follow
from tests.support.people import Company, Person

ORDERS = "/api/v2/work-orders"


@dataclass
class Work:
    """A customer, their site and a kind of work, ready for work orders."""

    person: Person
    customer: Any
    site: Any
    job_type_id: str

    async def order(self, **more: Any) -> Any:
        """A new work order."""
        return await self.person.made(ORDERS, self.draft(**more))

    def draft(self, **more: Any) -> dict[str, Any]:
        return {
            "customer_id": self.customer["id"],
            "site_id": self.site["id"],
            "job_type_id": self.job_type_id,
            **more,
        }


async def some_work(
    company: Company, person: Person, *, name: str = "Pumping", checklist: tuple[str, ...] = ()
) -> Work:
    """A customer with a site, and a job type called `name` and a number."""
    customer = await person.made("/api/v2/customers", {"name": "Ann Lee", "phone": "2025550142"})
    site = await person.made(
        "/api/v2/sites",
        {"customer_id": customer["id"], "street": "12 Main St", "postal_code": "85001"},
    )
    job_type = JobType(
        id=new_id(), name=name, trade="septic", duration_minutes=60, checklist=list(checklist)
    )
    job_type.name = f"{name} {job_type.id}"
    async with company.server.state.sessions.open(Scope(company.id, source="test")) as session:
        session.add(job_type)
        await session.commit()
    return Work(person, customer, site, str(job_type.id))


def _ctx(company: Company, session: Any) -> Ctx:
    return Ctx(session, company.id, None, frozenset(Permission))


async def visit(company: Company, work_order: Any, status: VisitStatus) -> UUID:
    """A visit of the work order in `status`, which then follows."""
    async with company.server.state.sessions.open(Scope(company.id, source="test")) as session:
        made = Visit(work_order_id=UUID(work_order["id"]), duration_minutes=60)
        _set(made, status)
        session.add(made)
        await session.flush()
        await follow(_ctx(company, session), await _order_of(session, company, made))
        await session.commit()
        return made.id


async def moved(company: Company, visit_id: UUID, status: VisitStatus, **follows: Any) -> None:
    """The visit is now in `status`, and its work order follows."""
    async with company.server.state.sessions.open(Scope(company.id, source="test")) as session:
        found = await session.get_one(Visit, (company.id, visit_id))
        order = await _order_of(session, company, found)
        _set(found, status)
        await follow(_ctx(company, session), order, **follows)
        await session.commit()


def _set(visit: Visit, status: VisitStatus) -> None:
    visit.status = status
    if status in OCCUPYING and visit.planned_start is None:
        visit.planned_start = clock.now() + timedelta(days=1)
        visit.planned_end = visit.planned_start + timedelta(hours=1)


async def _order_of(session: Any, company: Company, of: Visit) -> WorkOrder:
    order: WorkOrder = await session.get_one(WorkOrder, (company.id, of.work_order_id))
    return order


async def assigned(company: Company, visit_id: UUID, to: Person) -> None:
    """The technician who is `to` is on the visit, and booked for its planned time."""
    async with company.server.state.sessions.open(Scope(company.id, source="test")) as session:
        found = await session.get_one(Visit, (company.id, visit_id))
        resource = Resource(id=new_id(), kind=ResourceKind.technician)
        session.add(resource)
        await session.flush()
        session.add(
            Technician(
                id=resource.id, name="Tess", member_id=to.user_id, time_zone="America/Chicago"
            )
        )
        await session.flush()
        session.add_all(
            [
                Assignment(visit_id=found.id, technician_id=resource.id),
                Booking(
                    resource_id=resource.id,
                    during=Range(found.planned_start, found.planned_end),
                    kind=BookingKind.visit,
                    visit_id=found.id,
                ),
            ]
        )
        await session.commit()
