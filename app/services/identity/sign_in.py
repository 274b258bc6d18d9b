"""Signing in, going over to another organisation, and changing one's password.

An unknown e-mail and a wrong password get the same answer after the same work. No transaction is
open while a password is hashed: hashing is slow on purpose, and connections are few.
"""

from dataclasses import replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.core import clock
from app.core.crypto import new_token
from app.core.errors import (
    Conflict,
    Forbidden,
    NotFound,
    Refusal,
    Unauthorized,
    Unavailable,
    invalid_field,
)
from app.core.identity_db import open_identity
from app.models.identity import Proof, Purpose, SignIn, User
from app.services.context import Ctx
from app.services.identity import guessing, passwords, second_factor, tickets
from app.services.identity.devices import Device
from app.services.identity.sessions import (
    OrganisationChoice,
    SignedIn,
    begin,
    end,
    end_presented,
    organisations_of,
)


class SecondFactorNeeded(Unauthorized):
    """The password was right and is not enough; carries the ticket to go on with."""

    code = "mfa_required"

    @classmethod
    def to(cls, missing: str, token: str) -> "SecondFactorNeeded":
        """What to say to somebody who has to `verify` or to `enroll`."""
        if missing == "verify":
            said, code = "Now send a code of your authenticator, or a recovery code.", cls.code
        else:
            said = "Your role requires two-step sign-in. Set up an authenticator to come in."
            code = "mfa_enrollment_required"
        seconds = int(tickets.LIVES[Purpose.second_factor].total_seconds())
        return cls(said, code=code, mfa_token=token, expires_in=seconds)


class OrganisationNeeded(Conflict):
    """More than one organisation and none named; carries the list to choose from."""

    code = "org_selection_required"


async def sign_in(
    engine: AsyncEngine,
    email: str,
    password: str,
    org: str | None,
    device: Device,
    *,
    presented: tuple[str | None, str | None] = (None, None),
) -> SignedIn:
    """Sign in with e-mail and password, into `org` (its slug or id) or the only one.

    `presented` are the access and refresh cookies that came along; their session ends. Raises
    `Unauthorized` with one sentence for everything that is wrong, `TooMany` after too many wrong
    passwords, `OrganisationNeeded` when a choice has to be made.
    """
    email = email.strip().lower()
    wrong = Unauthorized("E-mail or password is wrong.", code="wrong_credentials")
    attempt = await guessing.count(engine, email, device)
    async with open_identity(engine) as session:
        found = (
            await session.execute(
                select(User.password_hash, User.disabled_at).where(User.email == email)
            )
        ).one_or_none()
    stored = found.password_hash if found else None
    right = await _verified(engine, attempt, password, stored)
    if not right or found is None or found.disabled_at:
        raise wrong
    async with open_identity(engine) as session:
        user = await _unchanged(session, email, stored)
        if user is None:
            raise wrong
        try:
            chosen = _choose(await organisations_of(session, user.id), org)
        except Refusal:
            # the password was right all the same
            await guessing.right(session, attempt, new_token("tr_dv"), user_id=user.id)
            await session.commit()
            raise
        missing = await second_factor.missing(session, user.id, chosen.id)
        if missing is not None:
            await guessing.right(session, attempt, device.token, user_id=user.id, org_id=chosen.id)
            token = await half_signed_in(session, user, missing, chosen.id)
            await session.commit()
            raise SecondFactorNeeded.to(missing, token)
        known_by = new_token("tr_dv")
        await guessing.right(session, attempt, known_by, user_id=user.id, org_id=chosen.id)
        await end_presented(session, *presented)
        signed_in = await begin(session, user, chosen, device, proved_at=clock.now())
        await session.commit()
        return replace(signed_in, device_token=known_by)


async def half_signed_in(session: AsyncSession, user: User, missing: str, org_id: UUID) -> str:
    """A ticket for what is missing of a sign-in into `org_id`: to `verify`, or to `enroll`."""
    return await tickets.issue(
        session,
        Purpose.second_factor,
        user.email,
        user_id=user.id,
        data={"missing": missing, "org_id": str(org_id)},
        limited=False,
    )


async def _verified(engine: AsyncEngine, attempt: UUID, password: str, stored: str | None) -> bool:
    try:
        return await passwords.verify(password, stored)
    except Unavailable:
        # a crowd at the door must not use up the allowance of those who wait in it
        await guessing.uncount(engine, attempt)
        raise


async def _unchanged(session: AsyncSession, email: str, stored: str | None) -> User | None:
    """The user, unless their password was changed while the old one was being verified."""
    return (
        await session.execute(
            select(User)
            .where(User.email == email, User.password_hash == stored)
            .with_for_update(read=True)
        )
    ).scalar_one_or_none()


def _choose(choices: list[OrganisationChoice], org: str | None) -> OrganisationChoice:
    if org is not None:
        named = _named(choices, org)
        if named is None:
            raise Unauthorized("You do not belong to that organisation.", code="no_such_membership")
        return named
    if not choices:
        raise Unauthorized("You do not belong to any organisation.", code="no_membership")
    if len(choices) > 1:
        raise OrganisationNeeded(
            "You belong to several organisations; send `org` with the slug of one.",
            organisations=[{"id": str(c.id), "name": c.name, "slug": c.slug} for c in choices],
        )
    return choices[0]


def _named(choices: list[OrganisationChoice], org: str) -> OrganisationChoice | None:
    return next((c for c in choices if org.strip().lower() in (c.slug, str(c.id))), None)


async def select_organisation(ctx: Ctx, org: str, device: Device) -> SignedIn:
    """Go over to another organisation one belongs to: a new session; this one ends.

    Raises `NotFound` for one that one does not belong to, as for one that is not there.
    """
    assert ctx.user_id is not None
    user = await ctx.session.get_one(User, ctx.user_id)
    chosen = _named(await organisations_of(ctx.session, user.id), org)
    if chosen is None:
        raise NotFound("You do not belong to an organisation of that name.")
    if await second_factor.missing(ctx.session, user.id, chosen.id) == "enroll":
        raise Forbidden(
            f"Your role in {chosen.name} requires two-step sign-in. Set it up first"
            " (POST /api/v2/me/mfa).",
            code="mfa_enrollment_required",
        )
    present = await ctx.session.get_one(SignIn, ctx.session_id)
    await end(ctx.session, "went to another organisation", SignIn.id == ctx.session_id)
    return await begin(ctx.session, user, chosen, device, proved_at=present.proved_at)


async def change_password(
    engine: AsyncEngine,
    user_id: UUID,
    session_id: UUID,
    device: Device,
    *,
    current: str,
    new: str,
) -> None:
    """Set a new password and end every other session, in all organisations.

    Raises `Invalid` when `current` is wrong or `new` is weak, `TooMany` after too many wrong ones:
    whoever finds a phone unlocked must not learn the password from it.
    """
    async with open_identity(engine) as session:
        user = await session.get_one(User, user_id)
        names = [choice.name for choice in await organisations_of(session, user_id)]
    passwords.refuse_weak(new, [user.email, user.name, *names, "truckroll"], field="new_password")
    attempt = await guessing.count(engine, user.email, device, proof=Proof.confirmation)
    if not await _verified(engine, attempt, current, user.password_hash):
        raise invalid_field(
            "current_password", "The current password is wrong.", code="wrong_password"
        )
    hashed = await passwords.hash_password(new)
    async with open_identity(engine) as session:
        await guessing.right(session, attempt, device.token, user_id=user_id)
        user = await session.get_one(User, user_id, with_for_update=True)
        user.password_hash = hashed
        await tickets.end_all(session, user_id)
        await end(session, "password changed", SignIn.user_id == user_id, SignIn.id != session_id)
        await session.commit()
