"""Vehicles: the verbs of what is booked beside people."""

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field
from sqlalchemy import func, select

from app.core import clock
from app.core.errors import Conflict
from app.core.ids import new_id
from app.core.listing import Column, Filter, ListQuery
from app.models.bookings import Booking
from app.models.technicians import Resource, ResourceKind
from app.models.vehicles import Vehicle, VehicleKind
from app.services.context import Ctx, changed
from app.services.facts import Fact, emit
from app.services.inputs import Draft, Name, Patch, ShortText
from app.services.usage import count_of
from app.services.visits import bookings

Unit = Annotated[str, Field(min_length=1, max_length=40)]
Amount = Annotated[int, Field(ge=0, le=1_000_000_000, strict=True)]
Capacity = Annotated[dict[Unit, Amount], Field(max_length=20)]
"""What it holds, by unit: `{"gallons": 2500}`."""


class VehicleDraft(Draft):
    """A new vehicle, piece of equipment or bay."""

    id: UUID | None = Field(None, description="Your own UUID for it, if you make them.")
    name: Name
    kind: VehicleKind = VehicleKind.vehicle
    plate: ShortText | None = None
    capacity: Capacity = Field({}, description='What it holds, by unit: `{"gallons": 2500}`.')
    home_place: ShortText | None = Field(None, description="Where it stands at night.")
    active: bool = True


class VehiclePatch(Patch):
    """Changes to a vehicle; `capacity` is replaced as a whole."""

    name: Name = ""
    kind: VehicleKind = VehicleKind.vehicle
    plate: ShortText | None = None
    capacity: Capacity = Field({})
    home_place: ShortText | None = None
    active: bool = True


class VehicleQuery(ListQuery):
    """Filters and sorts of the list of vehicles."""

    SORTS: ClassVar[dict[str, Column]] = {"created_at": Vehicle.created_at, "name": Vehicle.name}

    kind: Annotated[VehicleKind | None, Filter(Vehicle.kind)] = None
    active: Annotated[bool | None, Filter(Vehicle.active)] = None


async def create(ctx: Ctx, draft: VehicleDraft) -> Vehicle:
    """Add a vehicle, and the resource it is."""
    vehicle = Vehicle(**{"id": new_id(), **draft.model_dump(exclude_none=True)})
    await ctx.add(Resource(id=vehicle.id, kind=ResourceKind.vehicle))
    await ctx.add(vehicle)
    await emit(ctx, Fact.vehicle_created, vehicle, name=vehicle.name)
    return vehicle


async def change(ctx: Ctx, vehicle: Vehicle, patch: VehiclePatch) -> Vehicle:
    """Change what the patch names. What it is booked for already stays booked."""
    for name, value in patch.given().items():
        setattr(vehicle, name, value)
    if fields := changed(vehicle):
        await emit(ctx, Fact.vehicle_changed, vehicle, name=vehicle.name, fields=", ".join(fields))
    return vehicle


async def delete(ctx: Ctx, vehicle: Vehicle) -> None:
    """Take a vehicle out of sight. Raises `Conflict` while it is booked from now on."""
    await bookings.lock(ctx, [vehicle.id])  # whoever is booking it has finished now
    ahead = (
        select(func.count())
        .select_from(Booking)
        .where(Booking.resource_id == vehicle.id, Booking.ends_at > clock.now())
    )
    if number := (await ctx.session.execute(ahead)).scalar_one():
        raise Conflict(
            f"{vehicle.name} is booked {count_of(number, 'time', 'times')} from now on."
            " Choose another vehicle for them first.",
            code="in_use",
        )
    vehicle.deleted_at = clock.now()
    await emit(ctx, Fact.vehicle_deleted, vehicle, name=vehicle.name)


async def restore(ctx: Ctx, vehicle: Vehicle) -> Vehicle:
    """Bring a deleted vehicle back. Raises `Conflict` when it is not deleted."""
    if vehicle.deleted_at is None:
        raise Conflict("This vehicle is not deleted.", code="not_deleted")
    vehicle.deleted_at = None
    await emit(ctx, Fact.vehicle_restored, vehicle, name=vehicle.name)
    return vehicle
