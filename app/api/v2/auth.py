"""`/api/v2/auth`: signing in, refreshing, changing organisation, signing out.

Tokens come in the body for programs and as HTTP-only, SameSite cookies for browsers. These routes
store no reply: a token is shown once.
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from app.api.deps import SignedIn
from app.api.edge import (
    ACCESS_COOKIE,
    CSRF_COOKIE,
    REFRESH_COOKIE,
    SecretEdge,
    refuse_foreign_origin,
)
from app.api.outputs import Out
from app.api.problems import answers
from app.api.state import state_of
from app.services.identity import sign_in as identity
from app.services.identity.sign_in import Device

router = APIRouter(prefix="/api/v2/auth", tags=["sign-in"], route_class=SecretEdge)


class UserOut(Out):
    id: UUID
    name: str
    email: str


class OrganisationOut(Out):
    id: UUID
    name: str
    slug: str
    role: str


class TokensOut(Out):
    """Keep the tokens secret; they are shown once."""

    access_token: str
    token_type: str
    expires_in: int = Field(description="Seconds the access token lives.")
    refresh_token: str
    csrf_token: str = Field(description="For `X-CSRF-Token`, when you sign in by cookie.")
    user: UserOut
    org: OrganisationOut
    permissions: list[str]
    record_scope: str


class _Input(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Credentials(_Input):
    email: str = Field(max_length=200, examples=["dana@example.com"])
    password: str = Field(max_length=256)
    org: str | None = Field(None, max_length=60, description="Slug or id of the organisation.")


class RefreshBody(_Input):
    refresh_token: str | None = Field(None, max_length=200, description="Or the cookie.")


class OrganisationBody(_Input):
    org: str = Field(max_length=60)


class PasswordChange(_Input):
    current_password: str = Field(max_length=256)
    new_password: str = Field(max_length=1000)


def device(request: Request) -> Device:
    """Where this request comes from."""
    return Device(
        request.headers.get("user-agent", ""), request.client.host if request.client else None
    )


def _handed_over(request: Request, response: Response, tokens: identity.SignedIn) -> TokensOut:
    secure = state_of(request).settings.secure_cookies
    response.set_cookie(
        ACCESS_COOKIE,
        tokens.access_token,
        httponly=True,
        max_age=tokens.expires_in,
        secure=secure,
        samesite="lax",
    )
    response.set_cookie(
        REFRESH_COOKIE,
        tokens.refresh_token,
        httponly=True,
        max_age=tokens.refresh_expires_in,
        secure=secure,
        samesite="strict",
        path="/api/v2/auth",
    )
    # our own pages read this one and send it back as a header; another site can do neither
    response.set_cookie(
        CSRF_COOKIE,
        tokens.csrf_token,
        httponly=False,
        max_age=tokens.refresh_expires_in,
        secure=secure,
        samesite="lax",
    )
    return TokensOut(
        access_token=tokens.access_token,
        token_type="Bearer",  # noqa: S106  (RFC 6750's word)
        expires_in=tokens.expires_in,
        refresh_token=tokens.refresh_token,
        csrf_token=tokens.csrf_token,
        user=UserOut(id=tokens.user_id, name=tokens.user_name, email=tokens.user_email),
        org=OrganisationOut.model_validate(tokens.organisation),
        permissions=tokens.permissions,
        record_scope=tokens.record_scope,
    )


def _forget(response: Response) -> None:
    for name, path in ((ACCESS_COOKIE, "/"), (REFRESH_COOKIE, "/api/v2/auth"), (CSRF_COOKIE, "/")):
        response.delete_cookie(name, path=path)


@router.post(
    "/login",
    operation_id="sign_in",
    summary="Sign in",
    responses=answers(400, 401, 403, 409, 422, 429),
)
async def login(request: Request, response: Response, body: Credentials) -> TokensOut:
    """Sign in with e-mail and password. Who belongs to several organisations and names none is
    answered 409 `org_selection_required` with the list."""
    state = state_of(request)
    refuse_foreign_origin(request, state)
    tokens = await identity.sign_in(
        state.engine, body.email, body.password, body.org, device(request)
    )
    return _handed_over(request, response, tokens)


@router.post(
    "/refresh",
    operation_id="refresh_session",
    summary="Exchange the refresh token",
    responses=answers(400, 401, 403, 422),
)
async def refresh(
    request: Request, response: Response, body: Annotated[RefreshBody | None, Body()] = None
) -> TokensOut:
    """A new pair of tokens with today's permissions. A refresh token works once; using it twice
    ends the session."""
    state = state_of(request)
    token = body.refresh_token if body else None
    if token is None:
        refuse_foreign_origin(request, state)
        token = request.cookies.get(REFRESH_COOKIE)
    tokens = await identity.refresh(state.engine, token, device(request))
    return _handed_over(request, response, tokens)


@router.post(
    "/select-org",
    operation_id="select_organisation",
    summary="Go over to another organisation",
    responses=answers(400, 401, 403, 422),
)
async def select_org(
    request: Request, response: Response, ctx: SignedIn, body: OrganisationBody
) -> TokensOut:
    """A new session in another organisation you belong to; this one ends."""
    assert ctx.user_id is not None
    assert ctx.session_id is not None
    tokens = await identity.select_organisation(
        state_of(request).engine, ctx.user_id, ctx.session_id, body.org, device(request)
    )
    return _handed_over(request, response, tokens)


@router.post(
    "/logout",
    operation_id="sign_out",
    summary="Sign out",
    status_code=204,
    responses=answers(401, 403),
)
async def logout(request: Request, ctx: SignedIn) -> Response:
    """End this session: its tokens stop working at once."""
    assert ctx.user_id is not None
    assert ctx.session_id is not None
    await identity.sign_out(state_of(request).engine, ctx.user_id, ctx.session_id)
    response = Response(status_code=204)
    _forget(response)
    return response


@router.post(
    "/password",
    operation_id="change_password",
    summary="Change your password",
    status_code=204,
    responses=answers(400, 401, 403, 422),
)
async def change_password(request: Request, ctx: SignedIn, body: PasswordChange) -> Response:
    """Set a new password. Every other session of yours ends."""
    assert ctx.user_id is not None
    assert ctx.session_id is not None
    await identity.change_password(
        state_of(request).engine,
        ctx.user_id,
        ctx.session_id,
        body.current_password,
        body.new_password,
    )
    return Response(status_code=204)
