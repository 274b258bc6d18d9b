"""The kinds of records that samples are, what is one's own use of each, and how each goes."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, select

from app.core import clock
from app.core.model import TenantModel
from app.models.assignments import Assignment
from app.models.contacts import Contact, CustomerContact
from app.models.customers import Customer
from app.models.equipment import Equipment, WorkOrderEquipment
from app.models.files import Attachment
from app.models.invoices import Invoice
from app.models.job_types import JobType
from app.models.notes import Note
from app.models.sites import Site, SiteParty
from app.models.technicians import Technician
from app.models.visits import Visit
from app.models.work_orders import WorkOrder
from app.services import customers, equipment, job_types, sites, technicians, work_orders
from app.services.context import Ctx, called
from app.services.facts import Fact
from app.services.visits.happenings import ReasonedHappening
from app.services.visits.taking import take
from app.services.visits.telling import tell
from app.services.visits.withdrawing import withdraw
from app.services.work_orders.following import follow

Remove = Callable[[Ctx, Any], Awaitable[None]]
REASON = "The sample records were removed"


async def _remove_visit(ctx: Ctx, visit: Visit) -> None:
    """A sample is not part of anybody's story: it goes although it was booked."""
    whole = await take(ctx, visit.id)
    if whole.may("cancel"):
        await withdraw(ctx, whole, ReasonedHappening(reason=REASON))
    whole.deleted_at = clock.now()
    await tell(ctx, Fact.visit_deleted, whole)
    await follow(ctx, whole.work_order)


REMOVERS: dict[type[TenantModel], Remove] = {
    Visit: _remove_visit,
    WorkOrder: work_orders.delete,
    Equipment: equipment.delete,
    Site: sites.delete,
    Customer: customers.delete,
    Technician: technicians.delete,
    JobType: job_types.delete,
}
MODELS = {model.__tablename__: model for model in REMOVERS}


def _of(model: type[Any], *conditions: Any) -> Select[Any]:
    return select(model.id).where(model.deleted_at.is_(None), *conditions)


def uses(model: type[TenantModel], id: UUID) -> dict[type[TenantModel], Select[Any]]:
    """What would point at nothing if the record went, by the kind of what points at it.

    Samples that point at it have gone before it, so whatever is left is somebody's own.
    """
    everywhere: dict[type[TenantModel], Select[Any]] = {
        Note: _of(Note, Note.entity_id == id),
        Attachment: _of(Attachment, Attachment.entity_id == id),
    }
    own = _OWN_USES.get(model)
    return everywhere | own(id) if own else everywhere


def _of_customer(id: UUID) -> dict[type[TenantModel], Select[Any]]:
    contact = CustomerContact.contact_id == Contact.id
    party = SiteParty.site_id == Site.id
    return {
        WorkOrder: _of(WorkOrder, WorkOrder.customer_id == id),
        Invoice: _of(Invoice, Invoice.customer_id == id),
        Customer: _of(Customer, Customer.parent_id == id),
        Contact: _of(Contact, exists().where(contact, CustomerContact.customer_id == id)),
        Site: _of(Site, exists().where(party, SiteParty.customer_id == id)),
    }


def _of_equipment(id: UUID) -> dict[type[TenantModel], Select[Any]]:
    link = WorkOrderEquipment.work_order_id == WorkOrder.id
    return {
        WorkOrder: _of(WorkOrder, exists().where(link, WorkOrderEquipment.equipment_id == id)),
        Equipment: _of(Equipment, Equipment.parent_id == id),
    }


_OWN_USES: dict[type[TenantModel], Callable[[UUID], dict[type[TenantModel], Select[Any]]]] = {
    WorkOrder: lambda id: {
        Visit: _of(Visit, Visit.work_order_id == id),
        Invoice: _of(Invoice, Invoice.work_order_id == id),
    },
    Equipment: _of_equipment,
    Site: lambda id: {
        WorkOrder: _of(WorkOrder, WorkOrder.site_id == id),
        Equipment: _of(Equipment, Equipment.site_id == id),
    },
    Customer: _of_customer,
    Technician: lambda id: {
        Visit: _of(
            Visit,
            exists().where(Assignment.visit_id == Visit.id, Assignment.technician_id == id),
        )
    },
    JobType: lambda id: {WorkOrder: _of(WorkOrder, WorkOrder.job_type_id == id)},
}


def name_of(record: Any) -> str:
    """What a person calls it."""
    if isinstance(record, Visit):
        return "Visit"
    if isinstance(record, Site):
        return record.address
    if isinstance(record, Equipment):
        return record.type
    name: str = (
        getattr(record, "name", None) or getattr(record, "number", None) or called(type(record))
    )
    return name
