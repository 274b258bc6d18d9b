"""Requests of people on their way in: with tickets, invitations and second factors that are good."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pyotp

from app.core.crypto import new_token, token_hash
from app.models.identity import Invitation, Purpose, User
from app.services.identity import second_factor, tickets, two_steps
from tests.support.people import PASSWORD
from tests.support.world import Call, World


async def a_member(world: World) -> str:
    """Somebody new; their id."""
    await world.add_member()
    return str(world.id("membership"))


async def a_new_address(world: World, call: Call) -> None:
    call.body["email"] = an_address(world)


def an_address(world: World) -> str:
    """One that nobody has."""
    return f"{world.text('new').replace(' ', '.').lower()}@example.com"


async def _a_ticket(world: World, purpose: Purpose, data: dict[str, Any], *, of: str | None) -> str:
    """What a mail would have brought, or half a sign-in."""
    async with world.session() as session:
        user = await session.get(User, of) if of is not None else None
        to = user.email if user is not None and purpose != Purpose.email else an_address(world)
        user_id = user.id if user is not None else None
        token = await tickets.issue(session, purpose, to, user_id=user_id, data=data)
        await session.commit()
    return token


async def signing_up(world: World, call: Call) -> None:
    wanted = {
        "name": "Bea", "organisation": world.text("company"), "time_zone": "America/Denver",
        "currency": "USD",
    }  # fmt: skip
    token = await _a_ticket(world, Purpose.sign_up, wanted, of=None)
    call.body = {"token": token, "password": PASSWORD}


async def resetting(world: World, call: Call) -> None:
    token = await _a_ticket(world, Purpose.reset, {}, of=await a_member(world))
    call.body = {"token": token, "password": PASSWORD}


async def changing_address(world: World, call: Call) -> None:
    call.body = {"token": await _a_ticket(world, Purpose.email, {}, of=await a_member(world))}


async def enrolling(world: World, call: Call) -> None:
    data = {"missing": "enroll", "org_id": str(world.company.id)}
    who = await a_member(world)
    call.body = {"mfa_token": await _a_ticket(world, Purpose.second_factor, data, of=who)}


async def enrolled(world: World, call: Call) -> None:
    await enrolling(world, call)
    shown = await two_steps.enroll(world.company.server.state.sessions, call.body["mfa_token"])
    call.body["code"] = pyotp.TOTP(shown.secret).now()


async def verifying(world: World, call: Call) -> None:
    who = await a_member(world)
    codes = await give_second_factor(world, UUID(who))
    data = {"missing": "verify", "org_id": str(world.company.id)}
    token = await _a_ticket(world, Purpose.second_factor, data, of=who)
    call.body = {"mfa_token": token, "code": codes[0]}


async def give_second_factor(world: World, user_id: UUID) -> list[str]:
    """An authenticator for somebody; their recovery codes."""
    async with world.session() as session:
        codes = await second_factor.set_up(session, user_id, second_factor.new_secret(), 0)
        await session.commit()
    return codes


async def invited(world: World, call: Call) -> None:
    token = new_token("tr_iv")
    made = await world.make("create_invitation")
    async with world.session() as session:
        row = await session.get_one(Invitation, (world.company.id, UUID(made)))
        row.token_hash = token_hash(token)
        await session.commit()
    call.body = {"token": token, "password": PASSWORD}


COMING_IN: dict[str, Callable[[World, Call], Awaitable[None]]] = {
    "accept_invitation": invited,
    "change_my_email": a_new_address,
    "confirm_email": changing_address,
    "confirm_mfa": enrolled,
    "confirm_sign_up": signing_up,
    "enroll_mfa": enrolling,
    "forget_password": a_new_address,
    "reset_password": resetting,
    "sign_up": a_new_address,
    "verify_mfa": verifying,
}
"""Operation → what its request needs."""

WITH_SECOND_FACTOR = {"end_my_mfa", "renew_my_recovery_codes"}
"""Operations of somebody who has one."""
