"""The second step of a sign-in, and setting up what it needs.

A ticket stands for the right password. Somebody with an authenticator adds a code and is in; somebody
whose role requires one, or who wants one, is shown a secret, proves with a code that their device has
it, gets recovery codes, and is in. All their other sessions end then: none is left without a second
factor.
"""

import base64
from dataclasses import dataclass, field, replace
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.crypto import new_token
from app.core.db import Sessions
from app.core.errors import Conflict, Unauthorized
from app.core.identity_db import open_identity
from app.core.tools import tools_of
from app.models.identity import Purpose, SignIn, Ticket, User
from app.services.context import Ctx
from app.services.identity import guessing, second_factor, tickets
from app.services.identity.devices import Device
from app.services.identity.sessions import (
    SignedIn,
    begin,
    end,
    end_presented,
    organisations_of,
)
from app.services.identity.sign_in import half_signed_in


@dataclass(frozen=True)
class Shown:
    """What an authenticator is set up with; shown once."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)


async def start(ctx: Ctx) -> str:
    """A ticket to set up an authenticator, in place of one before, for somebody signed in."""
    assert ctx.user_id is not None
    user = await ctx.session.get_one(User, ctx.user_id)
    return await half_signed_in(ctx.session, user, "enroll", ctx.org_id)


async def enroll(sessions: Sessions, token: str) -> Shown:
    """A fresh secret for the ticket's person; it counts once a code of it has come.

    Raises `Invalid` for a ticket that is not for this.
    """
    async with open_identity(sessions) as session:
        ticket = await _enrolling(session, token)
        assert ticket.user_id is not None
        secret = second_factor.new_secret()
        vault = tools_of(session).vault
        sealed = vault.seal(secret.encode(), second_factor.bound_to(ticket.user_id))
        data = {**ticket.data, "secret": base64.b64encode(sealed).decode()}
        await session.execute(update(Ticket).where(Ticket.hash == ticket.hash).values(data=data))
        await session.commit()
        return Shown(secret, second_factor.address(secret, ticket.email))


async def _enrolling(session: AsyncSession, token: str) -> Ticket:
    ticket = await tickets.look_at(session, token, Purpose.second_factor)
    if ticket.data["missing"] != "enroll":
        raise tickets.spoiled()
    return ticket


async def confirm(
    sessions: Sessions, token: str, code: str, device: Device
) -> tuple[SignedIn, list[str]]:
    """Set the authenticator up and come in: the session, and recovery codes that are shown once.

    Raises `Invalid` for the ticket, also when somebody set one up meanwhile, `Conflict` before
    `enroll`, `Unauthorized` for a wrong code.
    """
    tried = await tickets.try_on(sessions.engine, token)
    if tried.data["missing"] != "enroll" or tried.user_id is None:
        raise tickets.spoiled()
    if "secret" not in tried.data:
        raise Conflict("Ask for the secret first (POST /api/v2/auth/mfa/enroll).", code="no_secret")
    attempt = await second_factor.count(sessions.engine, tried.user_id, device)
    async with open_identity(sessions) as session:
        sealed = base64.b64decode(tried.data["secret"])
        bound = second_factor.bound_to(tried.user_id)
        secret = tools_of(session).vault.open(sealed, bound).decode()
        step = second_factor.step_of(secret, code.strip())
        if step is None:
            raise _wrong()
        await tickets.spend(session, token, Purpose.second_factor)
        # one at a time: whoever else knows the password does not take an authenticator's place
        await session.execute(select(User.id).where(User.id == tried.user_id).with_for_update())
        standing = await second_factor.standing(session, tried.user_id)
        if standing.enrolled_at is not None and standing.enrolled_at > tried.created_at:
            raise tickets.spoiled()
        await tickets.end_all(session, tried.user_id)
        codes = await second_factor.set_up(session, tried.user_id, secret, step)
        await end(session, "two-step sign-in set up", SignIn.user_id == tried.user_id)
        signed_in = await _come_in(session, tried, attempt, device)
        await session.commit()
        return signed_in, codes


async def verify(
    sessions: Sessions,
    token: str,
    code: str,
    device: Device,
    *,
    presented: tuple[str | None, str | None] = (None, None),
) -> SignedIn:
    """Come in with a code, or a recovery code. Raises `Invalid`, `Unauthorized`, `TooMany`."""
    tried = await tickets.try_on(sessions.engine, token)
    if tried.data["missing"] != "verify" or tried.user_id is None:
        raise tickets.spoiled()
    attempt = await second_factor.count(sessions.engine, tried.user_id, device)
    async with open_identity(sessions) as session:
        if not await second_factor.take(session, tried.user_id, code):
            raise _wrong()
        await tickets.spend(session, token, Purpose.second_factor)
        await end_presented(session, *presented)
        signed_in = await _come_in(session, tried, attempt, device)
        await session.commit()
        return signed_in


def _wrong() -> Unauthorized:
    return Unauthorized("This code is not right, or was used.", code="wrong_code")


async def _come_in(
    session: AsyncSession, ticket: Ticket, attempt: UUID, device: Device
) -> SignedIn:
    assert ticket.user_id is not None
    user = await session.get_one(User, ticket.user_id, with_for_update={"read": True})
    org_id = UUID(ticket.data["org_id"])
    choices = await organisations_of(session, user.id)
    chosen = next((choice for choice in choices if choice.id == org_id), None)
    if chosen is None or user.disabled_at is not None or user.email != ticket.email:
        raise tickets.spoiled()
    known_by = new_token("tr_dv")
    await guessing.right(session, attempt, known_by, user_id=user.id, org_id=org_id)
    signed_in = await begin(session, user, chosen, device, proved_at=clock.now())
    return replace(signed_in, device_token=known_by)


async def switch_off(ctx: Ctx) -> None:
    """Sign in by password alone from now on. Raises `Conflict` while a role requires otherwise."""
    assert ctx.user_id is not None
    if (await second_factor.standing(ctx.session, ctx.user_id)).required:
        raise Conflict(
            "A role of yours requires two-step sign-in. Set up another authenticator instead.",
            code="mfa_required_by_role",
        )
    if not await second_factor.take_away(ctx.session, ctx.user_id):
        raise Conflict("Two-step sign-in is not set up.", code="not_enrolled")


async def new_recovery_codes(ctx: Ctx) -> list[str]:
    """Ten fresh recovery codes in place of the ones before. Raises `Conflict` without a factor."""
    assert ctx.user_id is not None
    if (await second_factor.standing(ctx.session, ctx.user_id)).enrolled_at is None:
        raise Conflict("Two-step sign-in is not set up.", code="not_enrolled")
    return await second_factor.fresh_recovery_codes(ctx.session, ctx.user_id)
