"""`/api/v2/branches`: parts of the organisation with numbers, tax and time of their own."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from app.api.deps import SeenVersion, allowed
from app.api.edge import Edge, shows
from app.api.lists import Pages
from app.api.outputs import Exact, PageOut, Record
from app.api.problems import answers
from app.api.v2.stories import tell
from app.models.branches import Branch
from app.models.permissions import Permission
from app.services import branches
from app.services.branches import BranchDraft, BranchPatch, BranchQuery
from app.services.context import Ctx

router = APIRouter(
    prefix="/api/v2/branches", tags=["people"], route_class=Edge, responses=answers(401, 403)
)
Reader = Annotated[Ctx, allowed(Permission.organisation_read)]
Writer = Annotated[Ctx, allowed(Permission.organisation_write)]


class BranchOut(Record):
    """A branch; null is as the organisation has it."""

    name: str
    time_zone: str | None
    work_order_prefix: str | None
    invoice_prefix: str | None
    tax_rate: Exact | None
    working_hours: dict[str, list[tuple[str, str]]] | None


@shows(Branch)
async def show(ctx: Ctx, branch_id: UUID) -> BranchOut:
    """The branch as this caller sees it."""
    return BranchOut.model_validate(await ctx.get(Branch, branch_id))


@router.get("", operation_id="list_branches", summary="List branches", responses=answers(400, 422))
async def list_branches(
    ctx: Reader, query: Annotated[BranchQuery, Query()], page: Pages
) -> PageOut[BranchOut]:
    """The organisation's branches, by name."""
    return await page(Branch, query)  # type: ignore[return-value]


@router.post(
    "",
    operation_id="create_branch",
    summary="Add a branch",
    status_code=201,
    responses=answers(400, 404, 409, 422),
)
async def create_branch(ctx: Writer, draft: BranchDraft) -> BranchOut:
    """Add a branch. Territories and teams then belong to it."""
    return await branches.create(ctx, draft)  # type: ignore[return-value]


@router.get("/{id}", operation_id="get_branch", summary="Get a branch", responses=answers(404, 422))
async def get_branch(ctx: Reader, id: UUID) -> BranchOut:
    """One branch."""
    return await show(ctx, id)


@router.patch(
    "/{id}",
    operation_id="change_branch",
    summary="Change a branch",
    responses=answers(400, 404, 409, 412, 422, 428),
)
async def change_branch(ctx: Writer, id: UUID, patch: BranchPatch, seen: SeenVersion) -> BranchOut:
    """Change the fields you send, for what is numbered and taxed from now on."""
    row = await ctx.get(Branch, id, at=seen)
    return await branches.change(ctx, row, patch)  # type: ignore[return-value]


@router.delete(
    "/{id}",
    operation_id="delete_branch",
    summary="Delete a branch",
    status_code=204,
    responses=answers(404, 409, 422),
)
async def delete_branch(ctx: Writer, id: UUID) -> Response:
    """Delete a branch for good; refused while territories or teams belong to it."""
    await branches.delete(ctx, await ctx.get(Branch, id, lock=True))
    return Response(status_code=204)


tell(router, Branch, Permission.organisation_read)
