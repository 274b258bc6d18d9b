"""`/api/v2/auth`: beginning, forgetting one's password, confirming an address. Nobody is signed in here.

Each answer is the same whether or not an e-mail is known; what differs is told in its mailbox. Tokens
travel in bodies, and in the fragment of a mail's link, which browsers do not send.
"""

from fastapi import APIRouter, Request, Response
from pydantic import Field, SecretStr

from app.api.edge import SecretEdge, refuse_foreign_origin
from app.api.outputs import Out
from app.api.problems import answers
from app.api.state import state_of
from app.api.v2.auth import Input, device
from app.process import State
from app.services.identity import addresses, resetting, signing_up
from app.services.identity.signing_up import SignUp
from app.services.inputs import Email

router = APIRouter(prefix="/api/v2/auth", tags=["sign-in"], route_class=SecretEdge)


class WrittenTo(Out):
    """We wrote to this address. What we wrote is between us and whoever reads its mail."""

    sent_to: str


class FoundedOut(Out):
    """The new organisation. Sign in to it with your e-mail and password."""

    name: str
    slug: str
    email: str


class ConfirmBody(Input):
    token: SecretStr = Field(max_length=200, description="The code from the mail.")
    password: SecretStr = Field(
        max_length=1000, description="8 to 256 characters; of somebody we know, the one they have."
    )


class ForgotBody(Input):
    email: Email


class ResetBody(Input):
    token: SecretStr = Field(max_length=200, description="The code from the mail.")
    password: SecretStr = Field(max_length=1000, description="8 to 256 characters.")


class EmailBody(Input):
    token: SecretStr = Field(max_length=200, description="The code from the mail.")


class AddressOut(Out):
    """The address you sign in with from now on."""

    email: str


def at_home(request: Request) -> State:
    """The process's state, unless a browser asks from another site."""
    state = state_of(request)
    refuse_foreign_origin(request, state)
    return state


@router.post(
    "/sign-up",
    operation_id="sign_up",
    summary="Begin with a new organisation",
    status_code=202,
    responses=answers(400, 403, 422, 429),
)
async def sign_up(request: Request, wanted: SignUp) -> WrittenTo:
    """We write to your address; nothing is made before you have confirmed it
    (`POST /auth/sign-up/confirm`)."""
    await signing_up.ask(at_home(request).sessions, wanted)
    return WrittenTo(sent_to=wanted.email)


@router.post(
    "/sign-up/confirm",
    operation_id="confirm_sign_up",
    summary="Confirm your address and choose a password",
    status_code=201,
    responses=answers(400, 403, 409, 422, 429),
)
async def confirm_sign_up(request: Request, body: ConfirmBody) -> FoundedOut:
    """Makes the organisation with you as its owner; then sign in. Somebody who has an account
    already sends the password they have."""
    founded = await signing_up.confirm(
        at_home(request).sessions,
        body.token.get_secret_value(),
        body.password.get_secret_value(),
        device(request),
    )
    return FoundedOut.model_validate(founded)


@router.post(
    "/password/forgot",
    operation_id="forget_password",
    summary="Ask for a new password",
    status_code=202,
    responses=answers(400, 403, 422, 429),
)
async def forget_password(request: Request, body: ForgotBody) -> WrittenTo:
    """We write to the address, whether or not we know it; the code in the mail is good for 30
    minutes and once."""
    await resetting.forgot(at_home(request).sessions, body.email)
    return WrittenTo(sent_to=body.email)


@router.post(
    "/password/reset",
    operation_id="reset_password",
    summary="Set a forgotten password anew",
    status_code=204,
    responses=answers(400, 403, 422),
)
async def reset_password(request: Request, body: ResetBody) -> Response:
    """Sets the password and signs you out everywhere. Then sign in, with your second factor if you
    have one."""
    await resetting.reset(
        at_home(request).sessions,
        body.token.get_secret_value(),
        body.password.get_secret_value(),
    )
    return Response(status_code=204)


@router.post(
    "/email/confirm",
    operation_id="confirm_email",
    summary="Confirm a new e-mail address",
    responses=answers(400, 403, 409, 422),
)
async def confirm_email(request: Request, body: EmailBody) -> AddressOut:
    """From now on you sign in with the address that this code was sent to."""
    email = await addresses.confirm(at_home(request).sessions, body.token.get_secret_value())
    return AddressOut(email=email)
