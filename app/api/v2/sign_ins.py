"""`/api/v2/sign-ins` and `/api/v2/me/sign-ins`: who tried to come in, from where, and how it went."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query

from app.api.deps import SignedIn, allowed
from app.api.edge import Edge
from app.api.lists import Pages
from app.api.outputs import Instant, Out, PageOut
from app.api.problems import answers
from app.core.listing import Page
from app.models.permissions import Permission
from app.services.context import Ctx
from app.services.identity import sign_ins
from app.services.identity.sign_ins import MembersSignInQuery, SignInQuery

mine = APIRouter(
    prefix="/api/v2/me", tags=["sign-in"], route_class=Edge, responses=answers(401, 403)
)
router = APIRouter(
    prefix="/api/v2/sign-ins", tags=["people"], route_class=Edge, responses=answers(401, 403)
)
Auditor = Annotated[Ctx, allowed(Permission.members_audit)]


class SignInOut(Out):
    """One try: by password (`sign_in`), by code (`second_factor`), or once more (`confirmation`)."""

    id: UUID
    created_at: Instant
    proof: str
    succeeded: bool
    member_id: UUID
    email: str
    ip: str | None
    user_agent: str


@mine.get(
    "/sign-ins",
    operation_id="list_my_sign_ins",
    summary="My sign-ins",
    responses=answers(400, 422),
)
async def list_my_sign_ins(
    ctx: SignedIn, query: Annotated[SignInQuery, Query()], page: Pages
) -> PageOut[SignInOut]:
    """Tries to sign in as you, newest first, of the last 120 days, the ones that failed too."""
    return await _told(ctx, await page.of(sign_ins.mine(ctx), query))


@router.get(
    "",
    operation_id="list_sign_ins",
    summary="Sign-ins of the organisation's people",
    responses=answers(400, 422),
)
async def list_sign_ins(
    ctx: Auditor, query: Annotated[MembersSignInQuery, Query()], page: Pages
) -> PageOut[SignInOut]:
    """Sign-ins into this organisation, and tries that failed at its people's accounts, newest
    first, of the last 120 days."""
    return await _told(ctx, await page.of(sign_ins.members(ctx, query), query))


async def _told(ctx: Ctx, found: Page[Any]) -> PageOut[SignInOut]:
    rows = await sign_ins.told(ctx, found.data)
    return PageOut(
        data=[SignInOut.model_validate(one) for one in rows],
        next_cursor=found.next_cursor,
        total=found.total,
    )
