"""Sessions: one signed-in device of one person in one organisation, and how it ends.

An access token lives 30 minutes, a refresh token 30 days and for one use, a session 90 days. The
database keeps hashes only. An ended session never comes back.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.core import clock
from app.core.crypto import new_token, token_hash
from app.core.errors import NotFound, Unauthorized
from app.core.identity_db import open_identity
from app.models.identity import Membership, Organisation, RefreshToken, Role, SignIn, User
from app.services.context import Ctx
from app.services.identity import guessing
from app.services.identity.devices import Device

ACCESS_LIFE = timedelta(minutes=30)
REFRESH_LIFE = timedelta(days=30)
SESSION_LIFE = timedelta(days=90)
"""However diligently it is refreshed."""


@dataclass(frozen=True)
class OrganisationChoice:
    """An organisation a person may enter, with their role there."""

    id: UUID
    name: str
    slug: str
    role: str


@dataclass(frozen=True)
class SignedIn:
    """What a client receives once."""

    user_id: UUID
    user_name: str
    user_email: str
    organisation: OrganisationChoice
    permissions: list[str]
    record_scope: str
    session_id: UUID
    refresh_expires_in: int
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    csrf_token: str = field(repr=False)
    device_token: str | None = field(default=None, repr=False)
    """For the browser to be known by at the next sign-in; only from a sign-in."""
    expires_in: int = int(ACCESS_LIFE.total_seconds())


async def organisations_of(session: AsyncSession, user_id: UUID) -> list[OrganisationChoice]:
    """The organisations a person may enter now, by name; at most 200."""
    rows = await session.execute(
        select(Organisation, Role.name)
        .join(Membership, Membership.org_id == Organisation.id)
        .join(Role, (Role.org_id == Membership.org_id) & (Role.id == Membership.role_id))
        .where(
            Membership.user_id == user_id,
            Membership.holds(clock.now()),
            Organisation.suspended_at.is_(None),
        )
        .order_by(Organisation.name, Organisation.id)
        .limit(200)
    )
    return [OrganisationChoice(o.id, o.name, o.slug, role) for o, role in rows]


async def begin(
    session: AsyncSession,
    user: User,
    chosen: OrganisationChoice,
    device: Device,
    *,
    proved_at: datetime | None,
) -> SignedIn:
    """A session with fresh tokens; nothing that was presented before becomes valid by it.

    `proved_at` is when the person last proved who they are.
    """
    row = SignIn(user_id=user.id, org_id=chosen.id, created_at=clock.now(), proved_at=proved_at)
    return await renew(session, row, user, chosen, device)


async def renew(
    session: AsyncSession, row: SignIn, user: User, chosen: OrganisationChoice, device: Device
) -> SignedIn:
    """Fresh tokens for a session, with today's permissions; the ones before are dead."""
    membership, role = await _membership(session, chosen.id, user.id)
    now = clock.now()
    ends = min(now + REFRESH_LIFE, row.created_at + SESSION_LIFE)
    access, refresh, csrf = new_token("tr_at"), new_token("tr_rt"), new_token("tr_cs")
    row.access_hash, row.csrf_hash = token_hash(access), token_hash(csrf)
    row.access_expires_at = min(now + ACCESS_LIFE, ends)
    row.perm_version = membership.perm_version
    row.user_agent, row.ip, row.last_used_at = device.user_agent[:300], device.ip, now
    session.add(row)
    await session.flush()
    session.add(RefreshToken(hash=token_hash(refresh), session_id=row.id, expires_at=ends))
    await session.flush()
    return SignedIn(
        user_id=user.id,
        user_name=user.name,
        user_email=user.email,
        organisation=chosen,
        permissions=sorted(role.permissions),
        record_scope=role.record_scope,
        session_id=row.id,
        refresh_expires_in=int((ends - now).total_seconds()),
        access_token=access,
        refresh_token=refresh,
        csrf_token=csrf,
    )


async def _membership(
    session: AsyncSession, org_id: UUID, user_id: UUID
) -> tuple[Membership, Role]:
    row = (
        await session.execute(
            select(Membership, Role)
            .join(Role, (Role.org_id == Membership.org_id) & (Role.id == Membership.role_id))
            .where(
                Membership.org_id == org_id,
                Membership.user_id == user_id,
                Membership.holds(clock.now()),
            )
        )
    ).one_or_none()
    if row is None:
        raise Unauthorized("You do not belong to that organisation.", code="no_such_membership")
    return row[0], row[1]


def live(now: datetime) -> ColumnElement[bool]:
    """The condition of a session that can still be used or refreshed."""
    return (
        SignIn.revoked_at.is_(None)
        & (SignIn.last_used_at > now - REFRESH_LIFE)
        & (SignIn.created_at > now - SESSION_LIFE)
    )


async def end(session: AsyncSession, why: str, *which: ColumnElement[bool]) -> int:
    """End the sessions that fulfil all of `which`; how many there were."""
    statement = update(SignIn).where(SignIn.revoked_at.is_(None), *which)
    statement = statement.values(revoked_at=clock.now(), revoked_for=why)
    return len((await session.execute(statement.returning(SignIn.id))).all())


async def end_presented(session: AsyncSession, access: str | None, refresh: str | None) -> None:
    """End the session whose cookies came with a sign-in: the new one takes their place."""
    hashes = [token_hash(token) for token in (access, refresh) if token]
    if hashes:
        of_refresh = select(RefreshToken.session_id).where(RefreshToken.hash.in_(hashes))
        presented = or_(SignIn.access_hash.in_(hashes), SignIn.id.in_(of_refresh))
        await end(session, "signed in again", presented)


async def sign_out(ctx: Ctx) -> None:
    """End this session."""
    await end(ctx.session, "signed out", SignIn.user_id == ctx.user_id, SignIn.id == ctx.session_id)


async def mine(ctx: Ctx) -> list[SignIn]:
    """One's own live sessions in all organisations, newest first; at most 200."""
    rows = await ctx.session.scalars(
        select(SignIn)
        .where(SignIn.user_id == ctx.user_id, live(clock.now()))
        .order_by(SignIn.created_at.desc(), SignIn.id.desc())
        .limit(200)
    )
    return list(rows)


async def end_mine(ctx: Ctx, session_id: UUID) -> None:
    """End one of one's own sessions; raises `NotFound` for anybody else's."""
    own = (SignIn.user_id == ctx.user_id, SignIn.id == session_id)
    if not await end(ctx.session, "ended by its owner", *own):
        raise NotFound("There is no such session.")


async def end_all_mine(ctx: Ctx) -> int:
    """Sign out everywhere, in all organisations; how many sessions ended."""
    return await end(ctx.session, "signed out everywhere", SignIn.user_id == ctx.user_id)


async def sweep(engine: AsyncEngine, most: int) -> int:
    """Forget tries and sessions that can be of no use any more, at most `most` of each; how many
    rows went."""
    async with open_identity(engine) as session:
        gone = await guessing.forget(session, most)
        old = (
            select(SignIn.id)
            .where(SignIn.created_at < clock.now() - SESSION_LIFE - REFRESH_LIFE)
            .order_by(SignIn.created_at)
            .limit(most)
        )
        statement = delete(SignIn).where(SignIn.id.in_(old)).returning(SignIn.id)
        gone += len((await session.execute(statement)).all())
        await session.commit()
        return gone
