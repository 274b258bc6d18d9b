"""`/api/v2/crews`: technicians who go out together."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response

from app.api.deps import SeenVersion, allowed
from app.api.edge import Edge, shows
from app.api.lists import Pages
from app.api.outputs import Instant, Out, PageOut, Record
from app.api.problems import answers
from app.api.v2.stories import tell
from app.models.crews import Crew, CrewMember
from app.models.permissions import Permission
from app.services import crews
from app.services.context import Ctx
from app.services.crews import SHOWN, CrewDraft, CrewPatch, CrewQuery

router = APIRouter(
    prefix="/api/v2/crews",
    tags=["resources"],
    route_class=Edge,
    responses=answers(401, 403),
)
Reader = Annotated[Ctx, allowed(Permission.technicians_read)]
Writer = Annotated[Ctx, allowed(Permission.technicians_write)]


class MemberOut(Out):
    """A technician in the crew, until and including `last_day`."""

    technician_id: UUID
    name: str
    first_day: date
    last_day: date | None


class CrewOut(Record):
    """A crew; who comes to a visit is the visit's own and may differ."""

    name: str
    lead_id: UUID | None
    vehicle_id: UUID | None
    active: bool
    members: list[MemberOut]
    deleted_at: Instant | None


def shown(crew: Crew) -> CrewOut:
    """A crew that was loaded with its members."""
    return CrewOut.model_validate(
        {
            "id": crew.id,
            "version": crew.version,
            "created_at": crew.created_at,
            "updated_at": crew.updated_at,
            "name": crew.name,
            "lead_id": crew.lead_id,
            "vehicle_id": crew.vehicle_id,
            "active": crew.active,
            "deleted_at": crew.deleted_at,
            "members": [_member(one) for one in crew.members],
        }
    )


def _member(one: CrewMember) -> dict[str, Any]:
    return {
        "technician_id": one.technician_id,
        "name": one.technician.name,
        "first_day": one.first_day,
        "last_day": one.last_day,
    }


@shows(Crew)
async def show(ctx: Ctx, crew_id: UUID) -> CrewOut:
    """The crew as this caller sees it."""
    return shown(await ctx.get(Crew, crew_id, fresh=True, options=SHOWN))


@router.get("", operation_id="list_crews", summary="List crews", responses=answers(400, 422))
async def list_crews(
    ctx: Reader, query: Annotated[CrewQuery, Query()], page: Pages
) -> PageOut[CrewOut]:
    """The organisation's crews."""
    found = await page(Crew, query, options=SHOWN)
    return PageOut(
        data=[shown(crew) for crew in found.data],
        next_cursor=found.next_cursor,
        total=found.total,
    )


@router.post(
    "",
    operation_id="create_crew",
    summary="Add a crew",
    status_code=201,
    responses=answers(400, 404, 409, 422),
)
async def create_crew(ctx: Writer, draft: CrewDraft) -> CrewOut:
    """Add a crew. Planning with its `crew_id` books its members of that day, and its vehicle."""
    made = await crews.create(ctx, draft)
    return await show(ctx, made.id)


@router.get("/{id}", operation_id="get_crew", summary="Get a crew", responses=answers(404, 422))
async def get_crew(ctx: Reader, id: UUID) -> CrewOut:
    """One crew."""
    return await show(ctx, id)


@router.patch(
    "/{id}",
    operation_id="change_crew",
    summary="Change a crew",
    responses=answers(400, 404, 409, 412, 422, 428),
)
async def change_crew(ctx: Writer, id: UUID, patch: CrewPatch, seen: SeenVersion) -> CrewOut:
    """Change the fields you send. Visits that are planned keep their people; `GET
    /api/v2/visit-alerts` names those that no longer fit."""
    await crews.change(ctx, await ctx.get(Crew, id, at=seen, options=SHOWN), patch)
    await ctx.session.flush()
    return await show(ctx, id)


@router.delete(
    "/{id}",
    operation_id="delete_crew",
    summary="Delete a crew",
    status_code=204,
    responses=answers(404, 409, 422),
)
async def delete_crew(ctx: Writer, id: UUID) -> Response:
    """Take a crew out of sight; what is planned stays with its people."""
    await crews.delete(ctx, await ctx.get(Crew, id, lock=True, options=SHOWN))
    return Response(status_code=204)


@router.post(
    "/{id}/restore",
    operation_id="restore_crew",
    summary="Restore a deleted crew",
    responses=answers(404, 409, 422),
)
async def restore_crew(ctx: Writer, id: UUID) -> CrewOut:
    """Bring a deleted crew back."""
    await crews.restore(ctx, await ctx.get(Crew, id, lock=True, deleted=True, options=SHOWN))
    await ctx.session.flush()
    return await show(ctx, id)


tell(router, Crew, Permission.technicians_read)
