"""`/api/v2/technicians`: the people who roll."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from app.api.deps import SeenVersion, allowed
from app.api.edge import Edge, shows
from app.api.lists import Pages
from app.api.outputs import ByName, Instant, PageOut, Record
from app.api.problems import answers
from app.api.v2.deactivation import DeactivatedOut, Told
from app.api.v2.deactivation import out as deactivated
from app.api.v2.job_types import NeededSkillOut
from app.api.v2.stories import tell
from app.models.permissions import Permission
from app.models.technicians import Resource, Technician
from app.services import deactivation, technicians
from app.services.context import Ctx
from app.services.technicians import SHOWN, TechnicianDraft, TechnicianPatch, TechnicianQuery

router = APIRouter(
    prefix="/api/v2/technicians",
    tags=["technicians"],
    route_class=Edge,
    responses=answers(401, 403),
)
Reader = Annotated[Ctx, allowed(Permission.technicians_read)]
Writer = Annotated[Ctx, allowed(Permission.technicians_write)]


class HeldSkillOut(NeededSkillOut):
    """A skill that somebody has, until and including the day it expires."""

    expires_on: date | None
    certificate_number: str | None
    issuer: str | None
    issued_on: date | None


class TechnicianOut(Record):
    """A technician."""

    member_id: UUID | None
    name: str
    phone: str | None
    color: str
    time_zone: str
    active: bool
    team_id: UUID | None
    base_name: str | None
    base_latitude: float | None
    base_longitude: float | None
    skills: Annotated[list[HeldSkillOut], ByName("skill", "name")]
    external_key: str | None
    deleted_at: Instant | None


@shows(Resource)  # whose key is the technician's and is met first
@shows(Technician)
async def show(ctx: Ctx, technician_id: UUID) -> TechnicianOut:
    """The technician as this caller sees them."""
    return TechnicianOut.model_validate(await ctx.get(Technician, technician_id, options=SHOWN))


@router.get(
    "", operation_id="list_technicians", summary="List technicians", responses=answers(400, 422)
)
async def list_technicians(
    ctx: Reader, query: Annotated[TechnicianQuery, Query()], page: Pages
) -> PageOut[TechnicianOut]:
    """The organisation's technicians, filtered and sorted."""
    return await page(Technician, query, options=SHOWN)  # type: ignore[return-value]


@router.post(
    "",
    operation_id="create_technician",
    summary="Add a technician",
    status_code=201,
    responses=answers(400, 404, 409, 422),
)
async def create_technician(ctx: Writer, draft: TechnicianDraft) -> TechnicianOut:
    """Add a technician. Name the member who signs in as them, so that they see their own work."""
    return await technicians.create(ctx, draft)  # type: ignore[return-value]


@router.get(
    "/{id}", operation_id="get_technician", summary="Get a technician", responses=answers(404, 422)
)
async def get_technician(ctx: Reader, id: UUID) -> TechnicianOut:
    """One technician."""
    return await show(ctx, id)


@router.patch(
    "/{id}",
    operation_id="change_technician",
    summary="Change a technician",
    responses=answers(400, 404, 409, 412, 422, 428),
)
async def change_technician(
    ctx: Writer, id: UUID, patch: TechnicianPatch, seen: SeenVersion
) -> TechnicianOut:
    """Change the fields you send. Visits that are booked already stay booked. 409 `time_off_ahead`
    for another time zone while time off is ahead of them."""
    technician = await ctx.get(Technician, id, at=seen, options=SHOWN)
    return await technicians.change(ctx, technician, patch)  # type: ignore[return-value]


@router.delete(
    "/{id}",
    operation_id="delete_technician",
    summary="Delete a technician",
    status_code=204,
    responses=answers(404, 409, 422),
)
async def delete_technician(ctx: Writer, id: UUID) -> Response:
    """Take a technician out of sight; `restore` brings them back."""
    await technicians.delete(ctx, await ctx.get(Technician, id, lock=True))
    return Response(status_code=204)


@router.post(
    "/{id}/deactivate",
    operation_id="deactivate_technician",
    summary="Let a technician do no more visits",
    responses=answers(400, 404, 409, 422),
)
async def deactivate_technician(ctx: Writer, id: UUID, departure: Told) -> DeactivatedOut:
    """Each visit that was ahead of them goes back into the tray with its promise intact, and they
    are taken out of the events ahead. 409 `visits_begun` while they are out on one. `active: true` lets them be booked again."""
    technician = await ctx.get(Technician, id, lock=True)
    return deactivated(await deactivation.technician(ctx, technician, departure))


@router.post(
    "/{id}/restore",
    operation_id="restore_technician",
    summary="Restore a deleted technician",
    responses=answers(404, 409, 422),
)
async def restore_technician(ctx: Writer, id: UUID) -> TechnicianOut:
    """Bring a deleted technician back."""
    technician = await ctx.get(Technician, id, lock=True, deleted=True, options=SHOWN)
    return await technicians.restore(ctx, technician)  # type: ignore[return-value]


tell(router, Technician, Permission.technicians_read)
