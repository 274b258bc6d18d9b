"""`/api/v2/support-grants`: letting Truckroll's support read here, for a while and on the record."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from sqlalchemy.orm import joinedload

from app.api.deps import allowed, fresh
from app.api.edge import Edge, shows
from app.api.lists import Pages
from app.api.outputs import Instant, Out, PageOut, Record
from app.api.problems import answers
from app.api.v2.stories import tell
from app.models.permissions import Permission
from app.models.support import SupportGrant, SupportRead
from app.services.context import Ctx
from app.services.identity import support
from app.services.identity.support import GrantDraft, GrantQuery, ReadQuery

router = APIRouter(
    prefix="/api/v2/support-grants", tags=["people"], route_class=Edge, responses=answers(401, 403)
)
Reader = Annotated[Ctx, allowed(Permission.members_read)]
Writer = Annotated[Ctx, allowed(Permission.members_write)]
FreshWriter = Annotated[Ctx, fresh(Permission.members_write)]
SHOWN = (joinedload(SupportGrant.member),)


class SupportPersonOut(Out):
    id: UUID
    name: str
    email: str


class SupportGrantOut(Record):
    """Who of the support may read here, why and until when."""

    member: SupportPersonOut
    reason: str
    until: Instant
    granted_by_id: UUID | None
    revoked_at: Instant | None


class SupportReadOut(Out):
    """Something that was read."""

    id: UUID
    created_at: Instant
    path: str
    request_id: str


@shows(SupportGrant)
async def show(ctx: Ctx, grant_id: UUID) -> SupportGrantOut:
    """The grant as this caller sees it."""
    return SupportGrantOut.model_validate(await ctx.get(SupportGrant, grant_id, options=SHOWN))


@router.get(
    "", operation_id="list_support_grants", summary="List grants", responses=answers(400, 422)
)
async def list_support_grants(
    ctx: Reader, query: Annotated[GrantQuery, Query()], page: Pages
) -> PageOut[SupportGrantOut]:
    """Who of the support may read here, or could before."""
    return await page(SupportGrant, query, options=SHOWN)  # type: ignore[return-value]


@router.post(
    "",
    operation_id="create_support_grant",
    summary="Let support in",
    status_code=201,
    responses=answers(400, 409, 422),
)
async def create_support_grant(ctx: FreshWriter, draft: GrantDraft) -> SupportGrantOut:
    """Let a person of the support read here for up to 24 hours. They change nothing, and each thing
    they read is listed at the grant. Takes a role that sees and reads everything itself."""
    return await support.grant(ctx, draft)  # type: ignore[return-value]


@router.get(
    "/{id}", operation_id="get_support_grant", summary="Get a grant", responses=answers(404, 422)
)
async def get_support_grant(ctx: Reader, id: UUID) -> SupportGrantOut:
    """One grant."""
    return await show(ctx, id)


@router.post(
    "/{id}/revoke",
    operation_id="revoke_support_grant",
    summary="End a grant",
    responses=answers(404, 409, 422),
)
async def revoke_support_grant(ctx: Writer, id: UUID) -> SupportGrantOut:
    """From their next request on, your organisation is not there for them."""
    given = await ctx.get(SupportGrant, id, lock=True, options=SHOWN)
    return await support.revoke(ctx, given)  # type: ignore[return-value]


@router.get(
    "/{id}/reads",
    operation_id="list_support_reads",
    summary="What was read by a grant",
    responses=answers(400, 404, 422),
)
async def list_support_reads(
    ctx: Reader, id: UUID, query: Annotated[ReadQuery, Query()], page: Pages
) -> PageOut[SupportReadOut]:
    """Each request that was answered, newest first."""
    given = await ctx.get(SupportGrant, id)
    return await page(SupportRead, query, where=[SupportRead.grant_id == given.id])  # type: ignore[return-value]


tell(router, SupportGrant, Permission.members_read)
