"""Who was there last: of sites and of pieces of equipment, for a whole page at once.

The last visit is the one that was completed last; its technician is the one who led it. Only visits
that the asking person may see count.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from app.models.assignments import Assignment
from app.models.equipment import WorkOrderEquipment
from app.models.permissions import Permission
from app.models.technicians import Technician
from app.models.visits import Visit, VisitStatus
from app.models.work_orders import WorkOrder
from app.services.context import Ctx


@dataclass(frozen=True)
class LastVisit:
    """The last completed visit."""

    visit_id: UUID
    work_order_id: UUID
    work_order_number: str
    finished_at: datetime
    technician: dict[str, Any] | None


async def at_sites(ctx: Ctx, ids: Iterable[UUID]) -> dict[UUID, LastVisit]:
    """The last visit at each of these sites that had one."""
    return await _last(ctx, WorkOrder.site_id, list(ids))


async def of_equipment(ctx: Ctx, ids: Iterable[UUID]) -> dict[UUID, LastVisit]:
    """The last visit on each of these pieces that had one."""
    return await _last(ctx, WorkOrderEquipment.equipment_id, list(ids))


async def _last(ctx: Ctx, key: Any, ids: list[UUID]) -> dict[UUID, LastVisit]:
    if not ctx.may(Permission.visits_read):
        return {}
    statement = (
        select(key, Visit, WorkOrder.number, Technician.id, Technician.name)
        .select_from(Visit)
        .join(WorkOrder, (WorkOrder.org_id == Visit.org_id) & (WorkOrder.id == Visit.work_order_id))
        .outerjoin(
            Assignment,
            (Assignment.org_id == Visit.org_id)
            & (Assignment.visit_id == Visit.id)
            & Assignment.is_lead,
        )
        .outerjoin(
            Technician,
            (Technician.org_id == Assignment.org_id) & (Technician.id == Assignment.technician_id),
        )
        .where(
            key.in_(ids),
            Visit.status == VisitStatus.completed,
            Visit.finished_at.is_not(None),
            Visit.deleted_at.is_(None),
            Visit.visible_to(ctx),
        )
        .ext(distinct_on(key))
        .order_by(key, Visit.finished_at.desc(), Visit.id.desc())
        .limit(max(len(ids), 1))
    )
    if key.class_ is WorkOrderEquipment:
        statement = statement.join(
            WorkOrderEquipment,
            (WorkOrderEquipment.org_id == Visit.org_id)
            & (WorkOrderEquipment.work_order_id == Visit.work_order_id),
        )
    found = {}
    for id, visit, number, technician_id, name in await ctx.session.execute(statement):
        assert visit.finished_at is not None
        found[id] = LastVisit(
            visit_id=visit.id,
            work_order_id=visit.work_order_id,
            work_order_number=number,
            finished_at=visit.finished_at,
            technician={"id": technician_id, "name": name} if technician_id else None,
        )
    return found
