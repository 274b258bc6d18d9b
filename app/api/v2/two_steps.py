"""`/api/v2/auth/mfa` and `/api/v2/me/mfa`: the second step of a sign-in, and what it needs.

A sign-in that needs it answers 401 with an `mfa_token`; setting it up while signed in gives one too.
Secrets and recovery codes are shown once, so no reply of these is stored.
"""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import Field, SecretStr, model_validator

from app.api.deps import Fresh, SignedIn
from app.api.edge import ACCESS_COOKIE, REFRESH_COOKIE, SecretEdge
from app.api.outputs import Instant, Out
from app.api.problems import answers
from app.api.state import state_of
from app.api.v2.auth import Input, TokensOut, device, handed_over
from app.api.v2.sign_up import at_home
from app.core.qr import picture
from app.services.identity import proving, second_factor, two_steps

router = APIRouter(prefix="/api/v2/auth", tags=["sign-in"], route_class=SecretEdge)
mine = APIRouter(
    prefix="/api/v2/me", tags=["sign-in"], route_class=SecretEdge, responses=answers(401, 403)
)
Token = Annotated[SecretStr, Field(max_length=200, description="`mfa_token` of the sign-in.")]
Code = Annotated[
    SecretStr,
    Field(min_length=6, max_length=40, description="Six digits, or a recovery code."),
]


class EnrollBody(Input):
    mfa_token: Token


class CodeBody(Input):
    mfa_token: Token
    code: Code


class ProofBody(Input):
    """One of the two."""

    password: SecretStr | None = Field(None, max_length=256)
    code: Code | None = None

    @model_validator(mode="after")
    def _one(self) -> "ProofBody":
        if (self.password is None) == (self.code is None):
            raise ValueError("Send either your password or a code.")
        return self


class SecretOut(Out):
    """Shown once: put it into an authenticator, then send a code of it."""

    secret: str
    uri: str = Field(description="What the QR code holds.")
    qr: str = Field(description="The QR code: an SVG as a `data:` address.")


class CodesOut(Out):
    """Shown once: keep them where the authenticator is not. Each signs you in once."""

    recovery_codes: list[str]


class EnrolledOut(TokensOut):
    """You are signed in, and everywhere else signed out."""

    recovery_codes: list[str] = Field(description="Shown once. Each signs you in once.")


class TicketOut(Out):
    """For `POST /auth/mfa/enroll` and `/confirm`."""

    mfa_token: str


class StandingOut(Out):
    """Where you stand with two-step sign-in."""

    enrolled_at: Instant | None
    recovery_codes_left: int
    required: bool = Field(description="A role of yours requires it.")


@router.post(
    "/mfa/enroll",
    operation_id="enroll_mfa",
    summary="Get a secret for an authenticator",
    responses=answers(400, 403, 422),
)
async def enroll_mfa(request: Request, body: EnrollBody) -> SecretOut:
    """A fresh secret; it counts once `POST /auth/mfa/confirm` has brought a code of it."""
    shown = await two_steps.enroll(at_home(request).sessions, body.mfa_token.get_secret_value())
    return SecretOut(secret=shown.secret, uri=shown.uri, qr=picture(shown.uri))


@router.post(
    "/mfa/confirm",
    operation_id="confirm_mfa",
    summary="Set up two-step sign-in",
    responses=answers(400, 401, 403, 409, 422, 429),
)
async def confirm_mfa(request: Request, response: Response, body: CodeBody) -> EnrolledOut:
    """A code proves that your authenticator has the secret. You are in, all your other sessions
    end, and you are shown ten recovery codes."""
    tokens, codes = await two_steps.confirm(
        at_home(request).sessions,
        body.mfa_token.get_secret_value(),
        body.code.get_secret_value(),
        device(request),
    )
    shown = handed_over(request, response, tokens)
    return EnrolledOut(**shown.model_dump(), recovery_codes=codes)


@router.post(
    "/mfa/verify",
    operation_id="verify_mfa",
    summary="Sign in with the second factor",
    responses=answers(400, 401, 403, 422, 429),
)
async def verify_mfa(request: Request, response: Response, body: CodeBody) -> TokensOut:
    """A code of your authenticator, or a recovery code; each is good once. Five tries, then sign in
    again."""
    tokens = await two_steps.verify(
        at_home(request).sessions,
        body.mfa_token.get_secret_value(),
        body.code.get_secret_value(),
        device(request),
        presented=(request.cookies.get(ACCESS_COOKIE), request.cookies.get(REFRESH_COOKIE)),
    )
    return handed_over(request, response, tokens)


@router.post(
    "/step-up",
    operation_id="step_up",
    summary="Prove once more that it is you",
    status_code=204,
    responses=answers(400, 401, 403, 422, 429),
)
async def step_up(request: Request, ctx: SignedIn, body: ProofBody) -> Response:
    """By password or code. For the next ten minutes you may change what is refused with 403
    `step_up_required` otherwise."""
    assert ctx.user_id is not None
    assert ctx.session_id is not None
    # hashing is slow on purpose: this request's connection goes back before it begins
    await ctx.session.commit()
    await proving.step_up(
        state_of(request).sessions,
        ctx.user_id,
        ctx.session_id,
        device(request),
        password=body.password.get_secret_value() if body.password else None,
        code=body.code.get_secret_value() if body.code else None,
    )
    return Response(status_code=204)


@mine.get("/mfa", operation_id="get_my_mfa", summary="How you sign in")
async def get_my_mfa(ctx: SignedIn) -> StandingOut:
    """Whether two-step sign-in is set up, and how many recovery codes are left."""
    assert ctx.user_id is not None
    return StandingOut.model_validate(await second_factor.standing(ctx.session, ctx.user_id))


@mine.post("/mfa", operation_id="start_my_mfa", summary="Begin to set up two-step sign-in")
async def start_my_mfa(ctx: Fresh) -> TicketOut:
    """Go on with `POST /auth/mfa/enroll`. An authenticator you have stays until the new one is
    confirmed."""
    return TicketOut(mfa_token=await two_steps.start(ctx))


@mine.delete(
    "/mfa",
    operation_id="end_my_mfa",
    summary="Switch two-step sign-in off",
    status_code=204,
    responses=answers(409),
)
async def end_my_mfa(ctx: Fresh) -> Response:
    """From now on the password alone signs you in. Refused while a role of yours requires more."""
    await two_steps.switch_off(ctx)
    return Response(status_code=204)


@mine.post(
    "/mfa/recovery-codes",
    operation_id="renew_my_recovery_codes",
    summary="Get new recovery codes",
    responses=answers(409),
)
async def renew_my_recovery_codes(ctx: Fresh) -> CodesOut:
    """Ten new ones, shown once; those before are good for nothing any more."""
    return CodesOut(recovery_codes=await two_steps.new_recovery_codes(ctx))
