"""Refreshing a session: each refresh token is spent once, and a spent one that comes back ends it all.

One of a spent token's two holders is a thief, and nobody can say which. Except: two tabs of one
browser share their cookies and wake at the same moment. The one that comes second, before the
first one's reply can have arrived, gets 409 and no tokens; its cookies are new by then, so it only
has to repeat what it wanted. A thief gains nothing by that: 409 gives them nothing, and the owner's
next refresh, or theirs, ends the session all the same.
"""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.core import clock
from app.core.crypto import token_hash
from app.core.errors import Conflict, Forbidden, Unauthorized
from app.core.identity_db import open_identity
from app.models.identity import RefreshToken, SignIn, User
from app.services.identity import proving, second_factor
from app.services.identity.devices import Device
from app.services.identity.sessions import (
    SESSION_LIFE,
    SignedIn,
    end,
    organisations_of,
    renew,
)
from app.services.identity.sign_in import SecondFactorNeeded, half_signed_in

TABS = timedelta(seconds=10)
"""How long after a refresh another tab of the same browser may still come with the old cookie."""


async def refresh(
    engine: AsyncEngine,
    token: str | None,
    device: Device,
    *,
    csrf: str | None = None,
    from_page: bool = False,
) -> SignedIn:
    """Exchange a refresh token for the next pair, with today's permissions.

    `csrf` is the header that must come with a cookie; None where the token came in the body.
    `from_page`: a browser says that a page of ours asked. Raises `Unauthorized`; for a token that
    was spent before, after ending the session; `Conflict` for the second of two at once;
    `Forbidden` for a cookie without its header; `SecondFactorNeeded` when the role has come to require
    one that is not set up.
    """
    refused = Unauthorized("This session has ended. Sign in again.")
    if not token:
        raise refused
    mark = token_hash(token)
    async with open_identity(engine) as session:
        spent_before = await session.scalar(
            select(RefreshToken.used_at).where(RefreshToken.hash == mark)
        )
        link = (
            await session.execute(
                select(RefreshToken).where(RefreshToken.hash == mark).with_for_update()
            )
        ).scalar_one_or_none()
        if link is None:
            raise refused
        row = await session.get_one(SignIn, link.session_id, with_for_update=True)
        if row.revoked_at is not None:
            raise refused
        if link.used_at is not None:
            if spent_before is None or (from_page and clock.now() - link.used_at < TABS):
                raise Conflict(
                    "This session was refreshed at the same moment."
                    " Repeat your request with the tokens you have now.",
                    code="already_refreshed",
                )
            await end(session, "refresh token used twice", SignIn.id == row.id)
            await session.commit()
            raise refused
        if csrf is not None and token_hash(csrf) != row.csrf_hash:
            raise Forbidden("Send X-CSRF-Token with the token of your session.", code="csrf")
        signed_in = await _go_on(session, link, row, device)
        if signed_in is None:
            raise refused
        await session.commit()
        return signed_in


async def _go_on(
    session: AsyncSession, link: RefreshToken, row: SignIn, device: Device
) -> SignedIn | None:
    now = clock.now()
    if link.expires_at <= now or row.created_at <= now - SESSION_LIFE:
        return None
    user = await session.get_one(User, row.user_id)
    choices = await organisations_of(session, user.id)
    chosen = next((choice for choice in choices if choice.id == row.org_id), None)
    if chosen is None or user.disabled_at is not None:
        return None
    if await second_factor.missing(session, user.id, chosen.id) == "enroll":
        raise await _half(session, row, user)
    link.used_at = now
    return await renew(session, row, user, chosen, device)


async def _half(session: AsyncSession, row: SignIn, user: User) -> SecondFactorNeeded:
    """What a session is told whose role requires a second factor meanwhile. The way to set one up is
    handed over only to a session that proved a moment ago whose it is: a cookie alone, which may be
    stolen, never makes somebody's authenticator. The others sign in again, and are led there."""
    if not proving.is_fresh(row.proved_at):
        return SecondFactorNeeded(
            "Your role requires two-step sign-in now. Sign in again to set it up.",
            code="mfa_enrollment_required",
        )
    token = await half_signed_in(session, user, "enroll", row.org_id)
    await session.commit()
    return SecondFactorNeeded.to("enroll", token)
