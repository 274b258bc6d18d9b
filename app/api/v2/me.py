"""`/api/v2/me`: who I am here, and where I am signed in."""

from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import Field

from app.api.deps import Fresh, SignedIn
from app.api.edge import Edge
from app.api.outputs import Instant, Out
from app.api.problems import answers
from app.api.v2.auth import OrganisationOut, UserOut, forget
from app.api.v2.sign_up import WrittenTo
from app.services import personas
from app.services.identity import addresses, sessions
from app.services.identity.entering import Entered
from app.services.inputs import Draft, Email
from app.services.personas import Persona

router = APIRouter(
    prefix="/api/v2/me", tags=["sign-in"], route_class=Edge, responses=answers(401, 403)
)


class PersonaOut(Out):
    """One of the things a person is in an organisation."""

    kind: Persona
    id: UUID
    name: str


class MeOut(Out):
    user: UserOut
    org: OrganisationOut
    permissions: list[str]
    record_scope: str
    personas: list[PersonaOut] = Field(
        description="What this person is here: somebody may be all of these at once."
    )
    organisations: list[OrganisationOut] = Field(
        description="Where this person may go over to (`POST /auth/select-org`), by name; this one too."
    )
    time_zone: str = Field(description="The organisation's, in which its days are.")
    currency: str


class SessionOut(Out):
    """A device you are signed in on."""

    id: UUID
    created_at: Instant
    last_used_at: Instant
    user_agent: str
    ip: str | None
    org_id: UUID
    current: bool


class SessionsOut(Out):
    data: list[SessionOut]


@router.get("", operation_id="get_me", summary="Who am I")
async def me(request: Request, ctx: SignedIn) -> MeOut:
    """The person, organisation, role and permissions of this session."""
    entered: Entered = request.state.entered
    assert ctx.user_id is not None
    settings = await ctx.organisation()
    return MeOut(
        user=UserOut(id=ctx.user_id, name=entered.user_name, email=entered.user_email),
        org=OrganisationOut(
            id=ctx.org_id, name=entered.org_name, slug=entered.org_slug, role=entered.role_name
        ),
        permissions=sorted(ctx.permissions),
        record_scope=ctx.record_scope,
        personas=[PersonaOut.model_validate(one) for one in await personas.of(ctx)],
        organisations=[
            OrganisationOut.model_validate(one)
            for one in await sessions.organisations_of(ctx.session, ctx.user_id)
        ],
        time_zone=settings.time_zone,
        currency=settings.currency,
    )


@router.get("/sessions", operation_id="list_my_sessions", summary="Where I am signed in")
async def list_sessions(ctx: SignedIn) -> SessionsOut:
    """Your live sessions in all your organisations, newest first."""
    return SessionsOut(
        data=[
            SessionOut(
                id=row.id,
                created_at=row.created_at,
                last_used_at=row.last_used_at,
                user_agent=row.user_agent,
                ip=str(row.ip) if row.ip else None,
                org_id=row.org_id,
                current=row.id == ctx.session_id,
            )
            for row in await sessions.mine(ctx)
        ]
    )


class EmailChange(Draft):
    """The address you want to sign in with."""

    email: Email


@router.post(
    "/email",
    operation_id="change_my_email",
    summary="Sign in with another e-mail address",
    status_code=202,
    responses=answers(400, 409, 422, 429),
)
async def change_my_email(ctx: Fresh, change: EmailChange) -> WrittenTo:
    """We write to the new address; the change counts once the code from that mail has come to
    `POST /auth/email/confirm`. Your present address hears of it. Needs a proof of who you are of
    the last ten minutes."""
    await addresses.ask(ctx, change.email)
    return WrittenTo(sent_to=change.email)


@router.delete(
    "/sessions/{id}",
    operation_id="end_my_session",
    summary="Sign a device out",
    status_code=204,
    responses=answers(404, 422),
)
async def end_session(ctx: SignedIn, id: UUID) -> Response:
    """End one of your sessions: its tokens stop working at once."""
    await sessions.end_mine(ctx, id)
    response = Response(status_code=204)
    return forget(response) if id == ctx.session_id else response


@router.delete(
    "/sessions", operation_id="end_all_my_sessions", summary="Sign out everywhere", status_code=204
)
async def end_sessions(ctx: SignedIn) -> Response:
    """End all your sessions, this one too."""
    await sessions.end_all_mine(ctx)
    return forget(Response(status_code=204))
