"""The kinds of records that samples are, what is one's own use of each, and how each goes."""

from collections.abc import Awaitable, Callable
from typing import Any

from app.core import clock
from app.core.model import TenantModel
from app.models.customers import Customer
from app.models.equipment import Equipment
from app.models.job_types import JobType
from app.models.sites import Site
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
