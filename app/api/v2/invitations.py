"""`/api/v2/invitations`: asking people in, and coming in."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field, SecretStr

from app.api.deps import allowed, fresh
from app.api.edge import Edge, SecretEdge
from app.api.lists import Pages
from app.api.outputs import Instant, Out, PageOut
from app.api.problems import answers
from app.api.v2.auth import Input, device
from app.api.v2.sign_up import at_home
from app.models.permissions import Permission
from app.services.context import Ctx
from app.services.identity import invitations
from app.services.identity.invitations import (
    InvitationDraft,
    InvitationQuery,
    InvitationStatus,
)
from app.services.inputs import Name

router = APIRouter(
    prefix="/api/v2/invitations", tags=["people"], route_class=Edge, responses=answers(401, 403)
)
coming_in = APIRouter(prefix="/api/v2/invitations", tags=["people"], route_class=SecretEdge)
Reader = Annotated[Ctx, allowed(Permission.members_read)]
Writer = Annotated[Ctx, allowed(Permission.members_write)]
FreshWriter = Annotated[Ctx, fresh(Permission.members_write)]


class InvitationOut(Out):
    """Somebody who was asked to join."""

    id: UUID
    created_at: Instant
    email: str
    name: str
    role_id: UUID | None = Field(description="Null: that role was deleted since.")
    role: str
    invited_by_id: UUID
    status: InvitationStatus
    sent: int = Field(description="How often it was sent.")
    expires_at: Instant
    accepted_at: Instant | None
    revoked_at: Instant | None


class AcceptBody(Input):
    token: SecretStr = Field(max_length=200, description="The code from the mail.")
    password: SecretStr = Field(
        max_length=1000, description="8 to 256 characters; of somebody we know, the one they have."
    )
    name: Name | None = Field(None, description="Your name, if the invitation has it wrong.")


class JoinedOut(Out):
    """Sign in to this organisation with this e-mail and your password."""

    org: str
    email: str


async def _out(ctx: Ctx, *rows: Any) -> list[InvitationOut]:
    return [InvitationOut.model_validate(one) for one in await invitations.told(ctx, rows)]


@router.get(
    "", operation_id="list_invitations", summary="List invitations", responses=answers(400, 422)
)
async def list_invitations(
    ctx: Reader, query: Annotated[InvitationQuery, Query()], page: Pages
) -> PageOut[InvitationOut]:
    """Invitations of your organisation, newest first; `status=open` are those that wait."""
    found = await page.of(invitations.invitations(ctx, query), query)
    return PageOut(
        data=await _out(ctx, *found.data), next_cursor=found.next_cursor, total=found.total
    )


@router.post(
    "",
    operation_id="create_invitation",
    summary="Invite somebody",
    status_code=201,
    responses=answers(400, 404, 409, 422),
)
async def create_invitation(ctx: FreshWriter, draft: InvitationDraft) -> InvitationOut:
    """Write to somebody that they may join with a role, up to your own. The link is good for seven
    days. Needs a proof of who you are of the last ten minutes (`POST /auth/step-up`)."""
    return (await _out(ctx, await invitations.create(ctx, draft)))[0]


@router.get(
    "/{id}",
    operation_id="get_invitation",
    summary="Get an invitation",
    responses=answers(404, 422),
)
async def get_invitation(ctx: Reader, id: UUID) -> InvitationOut:
    """One invitation, and what became of it."""
    return (await _out(ctx, await invitations.invitation(ctx, id)))[0]


@router.post(
    "/{id}/resend",
    operation_id="resend_invitation",
    summary="Send an invitation again",
    responses=answers(400, 404, 409, 422),
)
async def resend_invitation(ctx: FreshWriter, id: UUID) -> InvitationOut:
    """With a new link and seven days more; links sent before open nothing any more."""
    present = await invitations.invitation(ctx, id, lock=True)
    return (await _out(ctx, await invitations.send_again(ctx, present)))[0]


@router.delete(
    "/{id}",
    operation_id="revoke_invitation",
    summary="Take an invitation back",
    status_code=204,
    responses=answers(404, 409, 422),
)
async def revoke_invitation(ctx: Writer, id: UUID) -> Response:
    """Its link opens nothing any more."""
    await invitations.revoke(ctx, await invitations.invitation(ctx, id, lock=True))
    return Response(status_code=204)


@coming_in.post(
    "/accept",
    operation_id="accept_invitation",
    summary="Accept an invitation",
    responses=answers(400, 403, 409, 422, 429),
)
async def accept_invitation(request: Request, body: AcceptBody) -> JoinedOut:
    """Join with the code from the mail. Somebody who has an account already sends the password they
    have, somebody new chooses one. Then sign in."""
    org, email = await invitations.accept(
        at_home(request).sessions,
        body.token.get_secret_value(),
        body.password.get_secret_value(),
        body.name,
        device(request),
    )
    return JoinedOut(org=org, email=email)
