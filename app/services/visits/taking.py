"""Getting hold of a visit with what its verbs and its readers need.

Locks are taken in one order by everybody: the visit, then the technicians (`bookings`), then the
work order (`following`).
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.orm import joinedload, selectinload

from app.models.assignments import Assignment
from app.models.visit_vehicles import VisitVehicle
from app.models.visits import Visit
from app.models.work_orders import WorkOrder
from app.services.context import Ctx

WORK_ORDER = (
    joinedload(WorkOrder.customer),
    joinedload(WorkOrder.site),
    joinedload(WorkOrder.job_type),
)
WHOLE = (
    joinedload(Visit.work_order).options(*WORK_ORDER),
    selectinload(Visit.assignments).joinedload(Assignment.technician),
    joinedload(Visit.crew),
    selectinload(Visit.vehicles).joinedload(VisitVehicle.vehicle),
    selectinload(Visit.promise),
    selectinload(Visit.pauses),
)
"""Options that load visits with all that is shown of them, in as many statements for one as for 20."""


async def take(
    ctx: Ctx,
    visit_id: UUID,
    *,
    at: int | None = None,
    deleted: bool = False,
    pointer: str | None = None,
) -> Visit:
    """A visible visit, whole and locked, to be moved by a verb; `pointer` is the field that names it.

    Raises `NotFound`, and `Stale` when its version is not `at`.
    """
    return await ctx.get(
        Visit, visit_id, at=at, lock=True, deleted=deleted, options=WHOLE, pointer=pointer
    )


async def take_both(
    ctx: Ctx, one: tuple[UUID, int], other: tuple[UUID, int], *, pointer: str
) -> Sequence[Visit]:
    """Two visits with the versions that were seen, locked in the order of their ids as by everybody;
    `pointer` is the field that names the second.

    Raises as `take` does: `Stale` about whichever has moved.
    """
    for id, named in ((one[0], None), (other[0], pointer)):
        await ctx.get(Visit, id, pointer=named)  # who is not there is said before who has moved
    found = {}
    for id, seen in sorted((one, other)):
        named = pointer if id == other[0] else None
        found[id] = await ctx.get(Visit, id, at=seen, lock=True, options=WHOLE, pointer=named)
    return [found[one[0]], found[other[0]]]
