"""`/api/v2/territories`: where sites lie, by postal code or region."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from app.api.deps import SeenVersion, allowed
from app.api.edge import Edge, shows
from app.api.lists import Pages
from app.api.outputs import PageOut, Record
from app.api.problems import answers
from app.api.v2.stories import tell
from app.models.branches import Territory
from app.models.permissions import Permission
from app.services import territories
from app.services.context import Ctx
from app.services.territories import TerritoryDraft, TerritoryPatch, TerritoryQuery

router = APIRouter(
    prefix="/api/v2/territories", tags=["people"], route_class=Edge, responses=answers(401, 403)
)
Reader = Annotated[Ctx, allowed(Permission.organisation_read)]
Writer = Annotated[Ctx, allowed(Permission.organisation_write)]


class TerritoryOut(Record):
    """A territory: what its sites' postal codes begin with, and regions."""

    name: str
    branch_id: UUID | None
    country: str
    postal_codes: list[str]
    regions: list[str]


@shows(Territory)
async def show(ctx: Ctx, territory_id: UUID) -> TerritoryOut:
    """The territory as this caller sees it."""
    return TerritoryOut.model_validate(await ctx.get(Territory, territory_id))


@router.get(
    "", operation_id="list_territories", summary="List territories", responses=answers(400, 422)
)
async def list_territories(
    ctx: Reader, query: Annotated[TerritoryQuery, Query()], page: Pages
) -> PageOut[TerritoryOut]:
    """The organisation's territories, by name."""
    return await page(Territory, query)  # type: ignore[return-value]


@router.post(
    "",
    operation_id="create_territory",
    summary="Add a territory",
    status_code=201,
    responses=answers(400, 404, 409, 422),
)
async def create_territory(ctx: Writer, draft: TerritoryDraft) -> TerritoryOut:
    """Add a territory; sites that lie in it are put there."""
    return await territories.create(ctx, draft)  # type: ignore[return-value]


@router.get(
    "/{id}", operation_id="get_territory", summary="Get a territory", responses=answers(404, 422)
)
async def get_territory(ctx: Reader, id: UUID) -> TerritoryOut:
    """One territory."""
    return await show(ctx, id)


@router.patch(
    "/{id}",
    operation_id="change_territory",
    summary="Change a territory",
    responses=answers(400, 404, 409, 412, 422, 428),
)
async def change_territory(
    ctx: Writer, id: UUID, patch: TerritoryPatch, seen: SeenVersion
) -> TerritoryOut:
    """Change the fields you send; sites follow, but for those that a person put somewhere."""
    row = await ctx.get(Territory, id, at=seen)
    return await territories.change(ctx, row, patch)  # type: ignore[return-value]


@router.delete(
    "/{id}",
    operation_id="delete_territory",
    summary="Delete a territory",
    status_code=204,
    responses=answers(404, 409, 422),
)
async def delete_territory(ctx: Writer, id: UUID) -> Response:
    """Delete a territory for good; its sites go where their addresses say."""
    await territories.delete(ctx, await ctx.get(Territory, id, lock=True))
    return Response(status_code=204)


tell(router, Territory, Permission.organisation_read)
