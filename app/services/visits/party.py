"""Who and what comes to a visit: the people named, or a crew's of that day, and the vehicles."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy.orm import selectinload

from app.core import wall
from app.core.errors import Conflict, invalid_field
from app.models.crews import Crew
from app.models.vehicles import Vehicle
from app.models.visit_vehicles import VisitVehicle
from app.models.visits import Visit
from app.services.context import Ctx
from app.services.visits.crew import standing


class Wanted(Protocol):
    """What a plan says about it."""

    technician_ids: list[UUID] | None
    crew_id: UUID | None
    vehicle_ids: list[UUID] | None


@dataclass(frozen=True)
class Party:
    """The people by their ids, the crew that they stand for, and the vehicles."""

    technician_ids: Sequence[UUID]
    crew: Crew | None
    vehicles: Sequence[Vehicle]

    def is_on(self, visit: Visit) -> bool:
        """Whether crew and vehicles are those of the visit already."""
        planned = {one.vehicle_id for one in visit.vehicles}
        crew_id = self.crew.id if self.crew else None
        return visit.crew_id == crew_id and planned == {one.id for one in self.vehicles}

    def come_to(self, visit: Visit) -> None:
        """Let crew and vehicles be the visit's."""
        visit.crew = self.crew
        on_it = {one.vehicle_id: one for one in visit.vehicles}
        visit.vehicles = [on_it.get(one.id) or VisitVehicle(vehicle=one) for one in self.vehicles]


NOBODY = Party((), None, ())


def present(visit: Visit) -> Party:
    """Who and what comes to the visit as it is planned."""
    ids = [one.technician_id for one in standing(visit)]
    return Party(ids, visit.crew, [one.vehicle for one in visit.vehicles])


async def of(ctx: Ctx, visit: Visit, wanted: Wanted, start: datetime) -> Party:
    """Who comes. What the plan is silent about stays, unless other people come.

    Raises `NotFound` for a crew or vehicle that is not there, `Conflict` for one that is out of
    service or a crew without members that day, `Invalid` when nobody is named.
    """
    crew = await _crew(ctx, visit, wanted)
    ids = wanted.technician_ids
    if ids is None:
        if crew is None:
            raise invalid_field(
                "technician_ids", "Say who comes: technician_ids or crew_id.", code="missing"
            )
        day = wall.day(start, visit.work_order.site.time_zone)
        ids = crew.members_on(day)
        if not ids:
            raise Conflict(
                f"The crew {crew.name} has no members on {wall.spoken_day(day)}. Add some, or name"
                " the technicians.",
                code="crew_empty",
            )
    return Party(ids, crew, await _vehicles(ctx, visit, wanted, crew))


async def _crew(ctx: Ctx, visit: Visit, wanted: Wanted) -> Crew | None:
    id = wanted.crew_id
    if id is None:
        present = {one.technician_id for one in standing(visit)}
        same = wanted.technician_ids is None or set(wanted.technician_ids) == present
        id = visit.crew_id if same else None
        if id is None:
            return None
        return await ctx.get(Crew, id, deleted=True, options=[selectinload(Crew.members)])
    crew = await ctx.get(Crew, id, options=[selectinload(Crew.members)], pointer="/crew_id")
    if not crew.active:
        raise Conflict(
            f"The crew {crew.name} is not active. Name the technicians, or make it active.",
            code="crew_inactive",
        )
    return crew


async def _vehicles(ctx: Ctx, visit: Visit, wanted: Wanted, crew: Crew | None) -> Sequence[Vehicle]:
    ids = wanted.vehicle_ids
    if ids is None:
        present = [one.vehicle for one in visit.vehicles]
        if present or crew is None or crew.vehicle_id is None or wanted.crew_id is None:
            return present
        ids = [crew.vehicle_id]
    vehicles = await ctx.get_all(Vehicle, ids, pointer="/vehicle_ids/{}")
    for one in vehicles:
        if not one.active:
            raise Conflict(
                f"{one.name} is out of service. Choose another vehicle, or make it active.",
                code="vehicle_inactive",
                vehicle_id=one.id,
            )
    return vehicles
