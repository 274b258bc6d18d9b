"""`/api/v2/equipment`: what is serviced at a site, and what was done on it."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import Field

from app.api.deps import MaybeSeenVersion, SeenVersion, allowed
from app.api.edge import Edge, shows
from app.api.last_visits import LastVisitOut
from app.api.lists import Pages
from app.api.outputs import Beside, Instant, PageOut, Record, Seen
from app.api.problems import answers
from app.api.tags import TagsOnRecord
from app.api.v2.stories import tell
from app.api.v2.visits.outputs import VisitOut, shown
from app.models.equipment import Equipment, EquipmentStatus
from app.models.permissions import Permission
from app.models.visits import Visit
from app.services import equipment, last_visits, tagging
from app.services.context import Ctx
from app.services.equipment import (
    Change,
    EquipmentDraft,
    EquipmentPatch,
    EquipmentQuery,
    Relocation,
    ServiceHistoryQuery,
)
from app.services.visits.taking import WHOLE

router = APIRouter(
    prefix="/api/v2/equipment", tags=["equipment"], route_class=Edge, responses=answers(401, 403)
)
Reader = Annotated[Ctx, allowed(Permission.equipment_read)]
Writer = Annotated[Ctx, allowed(Permission.equipment_write)]


class EquipmentOut(Record):
    """A piece of equipment."""

    name: str = Field(description="Type, make, model and serial, as one says it.")
    site_id: UUID
    parent_id: UUID | None
    status: EquipmentStatus
    status_reason: str | None
    allowed_transitions: list[str]
    type: str
    make: str | None
    model: str | None
    serial: str | None
    location: str | None
    installed_on: date | None
    warranty_until: date | None
    notes: str | None
    tags: TagsOnRecord
    last_visit: LastVisitOut | None = Field(
        description="Of the visits that you may see, the one completed last."
    )
    external_key: str | None
    deleted_at: Instant | None


async def _out(ctx: Ctx, pieces: Sequence[Equipment]) -> list[EquipmentOut]:
    last = await last_visits.of_equipment(ctx, [piece.id for piece in pieces])
    return [
        EquipmentOut.model_validate(
            Beside(Seen(ctx, piece), last_visit=last.get(piece.id), tags=tagging.on(piece))
        )
        for piece in pieces
    ]


@shows(Equipment)
async def show(ctx: Ctx, equipment_id: UUID) -> EquipmentOut:
    """The piece as this caller sees it."""
    piece = await ctx.get(Equipment, equipment_id, fresh=True, options=[tagging.shown(Equipment)])
    return (await _out(ctx, [piece]))[0]


@router.get(
    "", operation_id="list_equipment", summary="List equipment", responses=answers(400, 422)
)
async def list_equipment(
    ctx: Reader, query: Annotated[EquipmentQuery, Query()], page: Pages
) -> PageOut[EquipmentOut]:
    """Equipment at the sites you may see, filtered and sorted."""
    found = await page(Equipment, query, options=[tagging.shown(Equipment)])
    return PageOut(
        data=await _out(ctx, found.data), next_cursor=found.next_cursor, total=found.total
    )


@router.post(
    "",
    operation_id="create_equipment",
    summary="Add a piece of equipment",
    status_code=201,
    responses=answers(400, 404, 409, 422),
)
async def create_equipment(ctx: Writer, draft: EquipmentDraft) -> EquipmentOut:
    """Add what is serviced at a site, perhaps as a part of another piece there."""
    return await show(ctx, (await equipment.create(ctx, draft)).id)


@router.get(
    "/{id}",
    operation_id="get_equipment",
    summary="Get a piece of equipment",
    responses=answers(404, 422),
)
async def get_equipment(ctx: Reader, id: UUID) -> EquipmentOut:
    """One piece of equipment, and who was last there for it."""
    return await show(ctx, id)


@router.patch(
    "/{id}",
    operation_id="change_equipment",
    summary="Change a piece of equipment",
    responses=answers(400, 404, 409, 412, 422, 428),
)
async def change_equipment(
    ctx: Writer, id: UUID, patch: EquipmentPatch, seen: SeenVersion
) -> EquipmentOut:
    """Change the fields you send; null empties a field, silence leaves it. Another site: `move`."""
    await equipment.change(ctx, await ctx.get(Equipment, id, at=seen), patch)
    return await show(ctx, id)


@router.delete(
    "/{id}",
    operation_id="delete_equipment",
    summary="Delete a piece of equipment",
    status_code=204,
    responses=answers(404, 409, 422),
)
async def delete_equipment(ctx: Writer, id: UUID) -> Response:
    """Take a piece out of sight that was added by mistake; what was serviced is retired instead."""
    await equipment.delete(ctx, await ctx.get(Equipment, id, lock=True))
    return Response(status_code=204)


@router.post(
    "/{id}/restore",
    operation_id="restore_equipment",
    summary="Restore a deleted piece of equipment",
    responses=answers(404, 409, 422),
)
async def restore_equipment(ctx: Writer, id: UUID) -> EquipmentOut:
    """Bring a deleted piece back."""
    await equipment.restore(ctx, await ctx.get(Equipment, id, lock=True, deleted=True))
    return await show(ctx, id)


@router.post(
    "/{id}/move",
    operation_id="move_equipment",
    summary="Carry a piece of equipment to another site",
    responses=answers(400, 404, 409, 412, 422),
)
async def move_equipment(
    ctx: Writer, id: UUID, to: Relocation, seen: MaybeSeenVersion
) -> EquipmentOut:
    """It moves with all its parts, and is no part of anything there. 409 `in_use` names the work
    order that is still to be done on it."""
    await equipment.move(ctx, await ctx.get(Equipment, id, at=seen, lock=True), to)
    return await show(ctx, id)


@router.post(
    "/{id}/retire",
    operation_id="retire_equipment",
    summary="Retire a piece of equipment",
    responses=answers(400, 404, 409, 412, 422),
)
async def retire_equipment(
    ctx: Writer, id: UUID, said: Change, seen: MaybeSeenVersion
) -> EquipmentOut:
    """It is not serviced any more; its history stays."""
    await equipment.retire(ctx, await ctx.get(Equipment, id, at=seen, lock=True), said)
    return await show(ctx, id)


@router.post(
    "/{id}/reinstate",
    operation_id="reinstate_equipment",
    summary="Reinstate a retired piece of equipment",
    responses=answers(400, 404, 409, 412, 422),
)
async def reinstate_equipment(
    ctx: Writer, id: UUID, said: Change, seen: MaybeSeenVersion
) -> EquipmentOut:
    """It is serviced again."""
    await equipment.reinstate(ctx, await ctx.get(Equipment, id, at=seen, lock=True), said)
    return await show(ctx, id)


@router.get(
    "/{id}/service-history",
    operation_id="get_service_history",
    summary="What was done on a piece of equipment",
    responses=answers(400, 404, 422),
)
async def get_service_history(
    ctx: Reader, id: UUID, query: Annotated[ServiceHistoryQuery, Query()], page: Pages
) -> PageOut[VisitOut]:
    """The visits, done and planned, of the work orders that are about it, the latest first; of
    these, those that you may see."""
    ctx.require(Permission.visits_read)
    piece = await ctx.get(Equipment, id, deleted=True)
    found = await page(Visit, query, where=[equipment.worked_on(piece.id)], options=WHOLE)
    return PageOut(
        data=await shown(ctx, found.data), next_cursor=found.next_cursor, total=found.total
    )


tell(router, Equipment, Permission.equipment_read)
