"""What is in use: everything that would point at nothing if a record went.

Deleting by hand is refused for open work and open money only; whatever is taken back in bulk (an
import, the sample records) leaves alone what anybody has put anything on since.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import Select, exists, or_, select

from app.core.model import TenantModel
from app.models.assignments import Assignment
from app.models.contacts import Contact, CustomerContact
from app.models.crews import Crew, CrewMember
from app.models.customers import Customer
from app.models.equipment import Equipment, WorkOrderEquipment
from app.models.events import Event, EventParticipant
from app.models.files import Attachment
from app.models.invoices import Invoice, InvoiceStatus
from app.models.job_types import JobType
from app.models.notes import Note
from app.models.shifts import Shift
from app.models.sites import Site, SiteParty
from app.models.technicians import Technician
from app.models.time_off import TimeOff
from app.models.visits import Visit
from app.models.work_orders import WorkOrder
from app.services.context import Ctx, called

Ids: TypeAlias = Sequence[UUID]
SAID: dict[type[TenantModel], str] = {Equipment: "a piece of equipment", TimeOff: "time off"}


async def user_of(ctx: Ctx, model: type[TenantModel], ids: Ids) -> str | None:
    """`a note`, `an invoice`: something that is left pointing at one of these, or None."""
    for user, statement in uses(model, ids).items():
        if await ctx.session.scalar(statement.limit(1)) is not None:
            if user in SAID:
                return SAID[user]
            word = called(user)
            return f"an {word}" if word[0] in "aeiou" else f"a {word}"
    return None


def _of(model: type[Any], *conditions: Any) -> Select[Any]:
    return select(model.id).where(model.deleted_at.is_(None), *conditions)


def _standing(*conditions: Any) -> Select[Any]:
    return _of(Invoice, Invoice.status != InvoiceStatus.void, *conditions)


def uses(model: type[TenantModel], ids: Ids) -> dict[type[TenantModel], Select[Any]]:
    """What would point at nothing if these records went, by the kind of what points at it."""
    everywhere: dict[type[TenantModel], Select[Any]] = {
        Note: _of(Note, Note.entity_id.in_(ids)),
        Attachment: _of(Attachment, Attachment.entity_id.in_(ids)),
    }
    own = _OWN_USES.get(model)
    return everywhere | own(ids) if own else everywhere


def _of_customer(ids: Ids) -> dict[type[TenantModel], Select[Any]]:
    contact = CustomerContact.contact_id == Contact.id
    party = SiteParty.site_id == Site.id
    return {
        WorkOrder: _of(WorkOrder, WorkOrder.customer_id.in_(ids)),
        Invoice: _standing(Invoice.customer_id.in_(ids)),
        Customer: _of(Customer, Customer.parent_id.in_(ids)),
        Contact: _of(Contact, exists().where(contact, CustomerContact.customer_id.in_(ids))),
        Site: _of(Site, exists().where(party, SiteParty.customer_id.in_(ids))),
    }


def _of_equipment(ids: Ids) -> dict[type[TenantModel], Select[Any]]:
    link = WorkOrderEquipment.work_order_id == WorkOrder.id
    return {
        WorkOrder: _of(WorkOrder, exists().where(link, WorkOrderEquipment.equipment_id.in_(ids))),
        Equipment: _of(Equipment, Equipment.parent_id.in_(ids)),
    }


def _of_technician(ids: Ids) -> dict[type[TenantModel], Select[Any]]:
    assigned = Assignment.visit_id == Visit.id, Assignment.technician_id.in_(ids)
    member = CrewMember.crew_id == Crew.id, CrewMember.technician_id.in_(ids)
    guest = EventParticipant.event_id == Event.id, EventParticipant.resource_id.in_(ids)
    return {
        Visit: _of(Visit, exists().where(*assigned)),
        Crew: _of(Crew, or_(exists().where(*member), Crew.lead_id.in_(ids))),
        Shift: select(Shift.id).where(Shift.technician_id.in_(ids)),
        TimeOff: select(TimeOff.id).where(TimeOff.technician_id.in_(ids)),
        Event: _of(Event, exists().where(*guest)),
    }


_OWN_USES: dict[type[TenantModel], Callable[[Ids], dict[type[TenantModel], Select[Any]]]] = {
    WorkOrder: lambda ids: {
        Visit: _of(Visit, Visit.work_order_id.in_(ids)),
        Invoice: _standing(Invoice.work_order_id.in_(ids)),
    },
    Equipment: _of_equipment,
    Site: lambda ids: {
        WorkOrder: _of(WorkOrder, WorkOrder.site_id.in_(ids)),
        Equipment: _of(Equipment, Equipment.site_id.in_(ids)),
    },
    Customer: _of_customer,
    Technician: _of_technician,
    JobType: lambda ids: {WorkOrder: _of(WorkOrder, WorkOrder.job_type_id.in_(ids))},
}
