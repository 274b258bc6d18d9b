"""`/api/v2/teams`: people who work together."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from app.api.deps import SeenVersion, allowed
from app.api.edge import Edge, shows
from app.api.lists import Pages
from app.api.outputs import PageOut, Record
from app.api.problems import answers
from app.api.v2.stories import tell
from app.models.branches import Team
from app.models.permissions import Permission
from app.services import teams
from app.services.context import Ctx
from app.services.teams import TeamDraft, TeamPatch, TeamQuery

router = APIRouter(
    prefix="/api/v2/teams", tags=["people"], route_class=Edge, responses=answers(401, 403)
)
Reader = Annotated[Ctx, allowed(Permission.organisation_read)]
Writer = Annotated[Ctx, allowed(Permission.organisation_write)]


class TeamOut(Record):
    """A team; whoever leads it belongs to it."""

    name: str
    branch_id: UUID | None
    leader_id: UUID | None


@shows(Team)
async def show(ctx: Ctx, team_id: UUID) -> TeamOut:
    """The team as this caller sees it."""
    return TeamOut.model_validate(await ctx.get(Team, team_id))


@router.get("", operation_id="list_teams", summary="List teams", responses=answers(400, 422))
async def list_teams(
    ctx: Reader, query: Annotated[TeamQuery, Query()], page: Pages
) -> PageOut[TeamOut]:
    """The organisation's teams, by name."""
    return await page(Team, query)  # type: ignore[return-value]


@router.post(
    "",
    operation_id="create_team",
    summary="Add a team",
    status_code=201,
    responses=answers(400, 404, 409, 422),
)
async def create_team(ctx: Writer, draft: TeamDraft) -> TeamOut:
    """Add a team; then say of technicians and members that they belong to it."""
    return await teams.create(ctx, draft)  # type: ignore[return-value]


@router.get("/{id}", operation_id="get_team", summary="Get a team", responses=answers(404, 422))
async def get_team(ctx: Reader, id: UUID) -> TeamOut:
    """One team."""
    return await show(ctx, id)


@router.patch(
    "/{id}",
    operation_id="change_team",
    summary="Change a team",
    responses=answers(400, 404, 409, 412, 422, 428),
)
async def change_team(ctx: Writer, id: UUID, patch: TeamPatch, seen: SeenVersion) -> TeamOut:
    """Change the fields you send."""
    row = await ctx.get(Team, id, at=seen)
    return await teams.change(ctx, row, patch)  # type: ignore[return-value]


@router.delete(
    "/{id}",
    operation_id="delete_team",
    summary="Delete a team",
    status_code=204,
    responses=answers(404, 409, 422),
)
async def delete_team(ctx: Writer, id: UUID) -> Response:
    """Delete a team for good; refused while people belong to it."""
    await teams.delete(ctx, await ctx.get(Team, id, lock=True))
    return Response(status_code=204)


tell(router, Team, Permission.organisation_read)
