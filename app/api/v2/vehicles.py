"""`/api/v2/vehicles`: what is booked beside people: vehicles, equipment, bays."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import Field

from app.api.deps import SeenVersion, allowed
from app.api.edge import Edge, shows
from app.api.lists import Pages
from app.api.outputs import Instant, PageOut, Record
from app.api.problems import answers
from app.api.v2.stories import tell
from app.models.permissions import Permission
from app.models.vehicles import Vehicle, VehicleKind
from app.services import vehicles
from app.services.context import Ctx
from app.services.vehicles import VehicleDraft, VehiclePatch, VehicleQuery

router = APIRouter(
    prefix="/api/v2/vehicles",
    tags=["resources"],
    route_class=Edge,
    responses=answers(401, 403),
)
Reader = Annotated[Ctx, allowed(Permission.technicians_read)]
Writer = Annotated[Ctx, allowed(Permission.technicians_write)]


class VehicleOut(Record):
    """A vehicle, piece of equipment or bay."""

    name: str
    kind: VehicleKind
    plate: str | None
    capacity: dict[str, int] = Field(description='What it holds, by unit: `{"gallons": 2500}`.')
    home_place: str | None
    active: bool
    deleted_at: Instant | None


@shows(Vehicle)
async def show(ctx: Ctx, vehicle_id: UUID) -> VehicleOut:
    """The vehicle as this caller sees it."""
    return VehicleOut.model_validate(await ctx.get(Vehicle, vehicle_id))


@router.get("", operation_id="list_vehicles", summary="List vehicles", responses=answers(400, 422))
async def list_vehicles(
    ctx: Reader, query: Annotated[VehicleQuery, Query()], page: Pages
) -> PageOut[VehicleOut]:
    """The organisation's vehicles, equipment and bays."""
    return await page(Vehicle, query)  # type: ignore[return-value]


@router.post(
    "",
    operation_id="create_vehicle",
    summary="Add a vehicle",
    status_code=201,
    responses=answers(400, 404, 409, 422),
)
async def create_vehicle(ctx: Writer, draft: VehicleDraft) -> VehicleOut:
    """Add something that is booked beside people; name it in `vehicle_ids` when planning."""
    made = await vehicles.create(ctx, draft)
    return await show(ctx, made.id)


@router.get(
    "/{id}", operation_id="get_vehicle", summary="Get a vehicle", responses=answers(404, 422)
)
async def get_vehicle(ctx: Reader, id: UUID) -> VehicleOut:
    """One vehicle."""
    return await show(ctx, id)


@router.patch(
    "/{id}",
    operation_id="change_vehicle",
    summary="Change a vehicle",
    responses=answers(400, 404, 409, 412, 422, 428),
)
async def change_vehicle(
    ctx: Writer, id: UUID, patch: VehiclePatch, seen: SeenVersion
) -> VehicleOut:
    """Change the fields you send. What it is booked for already stays booked."""
    await vehicles.change(ctx, await ctx.get(Vehicle, id, at=seen), patch)
    await ctx.session.flush()
    return await show(ctx, id)


@router.delete(
    "/{id}",
    operation_id="delete_vehicle",
    summary="Delete a vehicle",
    status_code=204,
    responses=answers(404, 409, 422),
)
async def delete_vehicle(ctx: Writer, id: UUID) -> Response:
    """Take a vehicle out of sight; refused while it is booked from now on."""
    await vehicles.delete(ctx, await ctx.get(Vehicle, id, lock=True))
    return Response(status_code=204)


@router.post(
    "/{id}/restore",
    operation_id="restore_vehicle",
    summary="Restore a deleted vehicle",
    responses=answers(404, 409, 422),
)
async def restore_vehicle(ctx: Writer, id: UUID) -> VehicleOut:
    """Bring a deleted vehicle back."""
    await vehicles.restore(ctx, await ctx.get(Vehicle, id, lock=True, deleted=True))
    await ctx.session.flush()
    return await show(ctx, id)


tell(router, Vehicle, Permission.technicians_read)
