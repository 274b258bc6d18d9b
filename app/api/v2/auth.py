"""`/api/v2/auth`: signing in, refreshing, changing organisation, signing out.

Tokens come in the body for programs and as HTTP-only, SameSite cookies for browsers. These routes
store no reply: a token is shown once.
"""

from ipaddress import ip_address
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Body, Request, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr

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
from app.services.identity import refreshing, sessions, sign_in
from app.services.identity.devices import Device
from app.services.identity.guessing import KNOWN
from app.services.identity.sessions import SignedIn as Tokens

router = APIRouter(prefix="/api/v2/auth", tags=["sign-in"], route_class=SecretEdge)


DEVICE_COOKIE = "tr_device"
AUTH = "/api/v2/auth"
COOKIES: dict[str, tuple[str, Literal["lax", "strict"], bool]] = {
    # name: (path, SameSite, hidden from scripts)
    ACCESS_COOKIE: ("/", "lax", True),
    REFRESH_COOKIE: (AUTH, "strict", True),
    DEVICE_COOKIE: (AUTH, "strict", True),
    # our own pages read this one and send it back as a header; another site can do neither
    CSRF_COOKIE: ("/", "lax", False),
}


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


class Input(BaseModel):
    """What somebody sends who is not signed in yet."""

    model_config = ConfigDict(extra="forbid")


class Credentials(Input):
    email: str = Field(max_length=200, examples=["dana@example.com"])
    password: SecretStr = Field(max_length=256)
    org: str | None = Field(None, max_length=60, description="Slug or id of the organisation.")


class RefreshBody(Input):
    refresh_token: SecretStr | None = Field(None, max_length=200, description="Or the cookie.")


class OrganisationBody(Input):
    org: str = Field(max_length=60)


class PasswordChange(Input):
    current_password: SecretStr = Field(max_length=256)
    new_password: SecretStr = Field(max_length=1000, description="8 to 256 characters.")


def device(request: Request) -> Device:
    """Where this request comes from."""
    return Device(
        request.headers.get("user-agent", ""), _address(request), request.cookies.get(DEVICE_COOKIE)
    )


def _address(request: Request) -> str | None:
    # behind a proxy it is what the proxy says, which need not be an address
    try:
        return str(ip_address(request.client.host.partition("%")[0])) if request.client else None
    except ValueError:
        return None


def handed_over(request: Request, response: Response, tokens: Tokens) -> TokensOut:
    """The tokens as a program reads them, and as cookies."""
    secure = state_of(request).settings.secure_cookies

    def cookie(name: str, value: str, seconds: int) -> None:
        path, samesite, httponly = COOKIES[name]
        response.set_cookie(
            name,
            value,
            max_age=seconds,
            path=path,
            secure=secure,
            httponly=httponly,
            samesite=samesite,
        )

    cookie(ACCESS_COOKIE, tokens.access_token, tokens.expires_in)
    cookie(REFRESH_COOKIE, tokens.refresh_token, tokens.refresh_expires_in)
    cookie(CSRF_COOKIE, tokens.csrf_token, tokens.refresh_expires_in)
    if tokens.device_token:
        cookie(DEVICE_COOKIE, tokens.device_token, int(KNOWN.total_seconds()))
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


def forget(response: Response) -> Response:
    """Take the session's cookies away; the browser stays known."""
    for name in (ACCESS_COOKIE, REFRESH_COOKIE, CSRF_COOKIE):
        path, samesite, httponly = COOKIES[name]
        response.delete_cookie(name, path=path, httponly=httponly, samesite=samesite)
    return response


@router.post(
    "/login",
    operation_id="sign_in",
    summary="Sign in",
    responses=answers(400, 401, 403, 409, 422, 429),
)
async def login(request: Request, response: Response, body: Credentials) -> TokensOut:
    """Sign in with e-mail and password. Who belongs to several organisations and names none is
    answered 409 `org_selection_required` with the list. Who has a second factor is answered 401
    `mfa_required` with an `mfa_token` for `POST /auth/mfa/verify`; whose role requires one that is
    not set up, 401 `mfa_enrollment_required` with one for `POST /auth/mfa/enroll`. A session whose
    cookies come along ends."""
    state = state_of(request)
    refuse_foreign_origin(request, state)
    tokens = await sign_in.sign_in(
        state.engine,
        body.email,
        body.password.get_secret_value(),
        body.org,
        device(request),
        presented=(request.cookies.get(ACCESS_COOKIE), request.cookies.get(REFRESH_COOKIE)),
    )
    return handed_over(request, response, tokens)


@router.post(
    "/refresh",
    operation_id="refresh_session",
    summary="Exchange the refresh token",
    responses=answers(400, 401, 403, 409, 422),
)
async def refresh(
    request: Request, response: Response, body: Annotated[RefreshBody | None, Body()] = None
) -> TokensOut:
    """A new pair of tokens with today's permissions. A refresh token works once; using it twice
    ends the session. By cookie it takes `X-CSRF-Token`. 409 `already_refreshed`: another tab came
    first; repeat what you wanted with the cookies you have now. 401 `mfa_enrollment_required`: the role
    has come to require two-step sign-in; set it up with the `mfa_token`, or sign in again."""
    state = state_of(request)
    if body is not None and body.refresh_token is not None:
        tokens = await refreshing.refresh(
            state.engine, body.refresh_token.get_secret_value(), device(request)
        )
    else:
        refuse_foreign_origin(request, state)
        tokens = await refreshing.refresh(
            state.engine,
            request.cookies.get(REFRESH_COOKIE),
            device(request),
            csrf=request.headers.get("x-csrf-token", ""),
            from_page=request.headers.get("sec-fetch-site") == "same-origin",
        )
    return handed_over(request, response, tokens)


@router.post(
    "/select-org",
    operation_id="select_organisation",
    summary="Go over to another organisation",
    responses=answers(400, 401, 403, 404, 422),
)
async def select_org(
    request: Request, response: Response, ctx: SignedIn, body: OrganisationBody
) -> TokensOut:
    """A new session in another organisation you belong to; this one ends."""
    tokens = await sign_in.select_organisation(ctx, body.org, device(request))
    return handed_over(request, response, tokens)


@router.post(
    "/logout",
    operation_id="sign_out",
    summary="Sign out",
    status_code=204,
    responses=answers(401, 403),
)
async def logout(ctx: SignedIn) -> Response:
    """End this session: its tokens stop working at once."""
    await sessions.sign_out(ctx)
    return forget(Response(status_code=204))


@router.post(
    "/password",
    operation_id="change_password",
    summary="Change your password",
    status_code=204,
    responses=answers(400, 401, 403, 422, 429),
)
async def change_password(request: Request, ctx: SignedIn, body: PasswordChange) -> Response:
    """Set a new password. Every other session of yours ends."""
    assert ctx.user_id is not None
    assert ctx.session_id is not None
    # hashing is slow on purpose: this request's connection goes back before it begins
    await ctx.session.commit()
    await sign_in.change_password(
        state_of(request).engine,
        ctx.user_id,
        ctx.session_id,
        device(request),
        current=body.current_password.get_secret_value(),
        new=body.new_password.get_secret_value(),
    )
    return Response(status_code=204)
