"""`/api/v2/roles`: what people may do, as sets that the organisation names."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from app.api.deps import MaybeSeenVersion, allowed, fresh
from app.api.edge import Edge, shows
from app.api.lists import Pages
from app.api.outputs import Instant, Out, PageOut
from app.api.problems import answers
from app.models.permissions import Permission, RecordScope
from app.services.context import Ctx
from app.services.identity import roles
from app.services.identity.roles import RoleDraft, RolePatch, RoleQuery
from app.services.inputs import Draft

router = APIRouter(
    prefix="/api/v2/roles", tags=["people"], route_class=Edge, responses=answers(401, 403)
)
Reader = Annotated[Ctx, allowed(Permission.members_read)]
FreshWriter = Annotated[Ctx, fresh(Permission.members_write)]


class RoleOut(Out):
    """A named set of permissions."""

    id: UUID
    version: int
    created_at: Instant
    name: str
    level: int
    record_scope: RecordScope
    permissions: list[str]
    system: bool
    requires_mfa: bool


class SecondFactorRule(Draft):
    """Whether who has the role signs in in two steps."""

    required: bool


@shows("roles")
async def show(ctx: Ctx, role_id: UUID) -> RoleOut:
    """The role as this caller sees it."""
    return RoleOut.model_validate(await roles.role(ctx, role_id))


@router.get("", operation_id="list_roles", summary="List roles", responses=answers(400, 422))
async def list_roles(
    ctx: Reader, query: Annotated[RoleQuery, Query()], page: Pages
) -> PageOut[RoleOut]:
    """The organisation's roles with their permissions, strongest first."""
    return await page.of(roles.roles(ctx), query)  # type: ignore[return-value]


@router.post(
    "",
    operation_id="create_role",
    summary="Make a role",
    status_code=201,
    responses=answers(400, 409, 422),
)
async def create_role(ctx: FreshWriter, draft: RoleDraft) -> RoleOut:
    """Make a role of permissions that you have yourself, up to your own level and record scope."""
    return await roles.create(ctx, draft)  # type: ignore[return-value]


@router.get("/{id}", operation_id="get_role", summary="Get a role", responses=answers(404, 422))
async def get_role(ctx: Reader, id: UUID) -> RoleOut:
    """One role with its permissions."""
    return await show(ctx, id)


@router.patch(
    "/{id}",
    operation_id="change_role",
    summary="Change a role",
    responses=answers(400, 404, 409, 412, 422),
)
async def change_role(
    ctx: FreshWriter, id: UUID, patch: RolePatch, seen: MaybeSeenVersion
) -> RoleOut:
    """Change the fields you send, for all who hold the role, from their next request on. The roles
    an organisation is born with stay as they are, and nobody changes the role they hold."""
    present = await roles.role_to_change(ctx, id, at=seen)
    return await roles.change(ctx, present, patch)  # type: ignore[return-value]


@router.delete(
    "/{id}",
    operation_id="delete_role",
    summary="Delete a role",
    status_code=204,
    responses=answers(404, 409, 422),
)
async def delete_role(ctx: FreshWriter, id: UUID) -> Response:
    """Delete a role that nobody holds."""
    await roles.delete(ctx, await roles.role_to_change(ctx, id))
    return Response(status_code=204)


@router.put(
    "/{id}/mfa",
    operation_id="require_mfa",
    summary="Require two-step sign-in of a role",
    responses=answers(400, 404, 422),
)
async def require_mfa(ctx: FreshWriter, id: UUID, rule: SecondFactorRule) -> RoleOut:
    """From their next request on, all who hold the role need a second factor; who has none sets one
    up before they go on. Needs a proof of who you are of the last ten minutes."""
    present = await roles.role_to_change(ctx, id)
    return await roles.require_second_factor(ctx, present, required=rule.required)  # type: ignore[return-value]
