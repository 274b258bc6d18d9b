"""Signing in and staying so: sessions, refresh with reuse detection, signing out.

A session belongs to one person in one organisation. Its access token lives 30 minutes; its refresh
token is spent at each use, and a spent one that comes back ends the session, because one of its two
holders is a thief. An unknown e-mail and a wrong password get the same answer after the same work.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.core import clock
from app.core.crypto import new_token, token_hash
from app.core.errors import Conflict, NotFound, TooMany, Unauthorized
from app.core.identity_db import open_identity
from app.models.identity import (
    Membership,
    Organisation,
    RefreshToken,
    Role,
    SignIn,
    SignInAttempt,
    User,
)
from app.services.identity import passwords

ACCESS_LIFE = timedelta(minutes=30)
REFRESH_LIFE = timedelta(days=30)
ATTEMPT_WINDOW = timedelta(minutes=15)
ATTEMPTS_PER_PLACE = 10
"""Wrong passwords for one e-mail from one address before that address waits."""
ATTEMPTS_PER_EMAIL = 50
"""… from anywhere before only addresses that have signed in before may go on trying."""
KNOWN_PLACE = timedelta(days=30)


@dataclass(frozen=True)
class Device:
    """Where a request comes from, as it stands in the list of sessions."""

    user_agent: str
    ip: str | None


@dataclass(frozen=True)
class OrganisationChoice:
    id: UUID
    name: str
    slug: str
    role: str


@dataclass(frozen=True)
class SignedIn:
    """What a client receives once; the database keeps only the hashes."""

    user_id: UUID
    user_name: str
    user_email: str
    organisation: OrganisationChoice
    permissions: list[str]
    record_scope: str
    session_id: UUID
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    csrf_token: str = field(repr=False)
    expires_in: int = int(ACCESS_LIFE.total_seconds())
    refresh_expires_in: int = int(REFRESH_LIFE.total_seconds())


class OrganisationNeeded(Conflict):
    """More than one organisation and none named; carries the list to choose from."""

    code = "org_selection_required"


async def sign_in(
    engine: AsyncEngine, email: str, password: str, org: str | None, device: Device
) -> SignedIn:
    """Sign in with e-mail and password, into `org` (its slug or id) or the only one.

    Raises `Unauthorized` with one sentence for everything that is wrong, `TooMany` after too many
    wrong passwords, `OrganisationNeeded` when a choice has to be made.
    """
    email = email.strip().lower()
    mark = sha256(email.encode()).digest()
    async with open_identity(engine) as session:
        await _refuse_guessing(session, mark, device)
        user = (await session.execute(select(User).where(User.email == email))).scalar_one_or_none()
        right = await passwords.verify(password, user.password_hash if user else None)
        right = right and user is not None and user.disabled_at is None
        session.add(SignInAttempt(email_hash=mark, ip=device.ip, succeeded=right))
        await session.commit()
        if not right or user is None:
            raise Unauthorized("E-mail or password is wrong.", code="wrong_credentials")
        choices = await organisations_of(session, user.id)
        chosen = _choose(choices, org)
        signed_in = await _begin(session, user, chosen, device)
        await session.commit()
        return signed_in


async def _refuse_guessing(session: AsyncSession, mark: bytes, device: Device) -> None:
    """Count by place first, so that a stranger's guessing never locks the owner out."""
    since = clock.now() - ATTEMPT_WINDOW
    wrong = (
        select(func.count())
        .select_from(SignInAttempt)
        .where(
            SignInAttempt.email_hash == mark,
            SignInAttempt.created_at > since,
            SignInAttempt.succeeded.is_(False),
        )
    )
    here = await session.scalar(wrong.where(SignInAttempt.ip == device.ip)) or 0
    anywhere = await session.scalar(wrong) or 0
    known = None
    if anywhere >= ATTEMPTS_PER_EMAIL:
        known = await session.scalar(
            select(SignInAttempt.id)
            .where(
                SignInAttempt.email_hash == mark,
                SignInAttempt.ip == device.ip,
                SignInAttempt.succeeded,
                SignInAttempt.created_at > clock.now() - KNOWN_PLACE,
            )
            .limit(1)
        )
    if here >= ATTEMPTS_PER_PLACE or (anywhere >= ATTEMPTS_PER_EMAIL and known is None):
        raise TooMany(
            "Too many wrong passwords. Wait a quarter of an hour and try again.",
            code="too_many_attempts",
            headers={"Retry-After": str(int(ATTEMPT_WINDOW.total_seconds()))},
        )


async def organisations_of(session: AsyncSession, user_id: UUID) -> list[OrganisationChoice]:
    """The organisations a person may enter now, by name; at most 200."""
    rows = await session.execute(
        select(Organisation, Role.name)
        .join(Membership, Membership.org_id == Organisation.id)
        .join(Role, (Role.org_id == Membership.org_id) & (Role.id == Membership.role_id))
        .where(
            Membership.user_id == user_id,
            Membership.suspended_at.is_(None),
            Organisation.suspended_at.is_(None),
        )
        .order_by(Organisation.name)
        .limit(200)
    )
    return [OrganisationChoice(o.id, o.name, o.slug, role) for o, role in rows]


def _choose(choices: list[OrganisationChoice], org: str | None) -> OrganisationChoice:
    if org is not None:
        named = [c for c in choices if org.lower() in (c.slug, str(c.id))]
        if not named:
            raise Unauthorized("You do not belong to that organisation.", code="no_such_membership")
        return named[0]
    if not choices:
        raise Unauthorized("You do not belong to any organisation.", code="no_membership")
    if len(choices) > 1:
        raise OrganisationNeeded(
            "You belong to several organisations; send `org` with the slug of one.",
            organisations=[{"id": str(c.id), "name": c.name, "slug": c.slug} for c in choices],
        )
    return choices[0]


async def _begin(
    session: AsyncSession, user: User, chosen: OrganisationChoice, device: Device
) -> SignedIn:
    """A session with fresh tokens; nothing that was presented before becomes valid by it."""
    membership, role = await _membership(session, chosen.id, user.id)
    access, csrf = new_token("tr_at"), new_token("tr_cs")
    row = SignIn(
        user_id=user.id,
        org_id=chosen.id,
        perm_version=membership.perm_version,
        access_hash=token_hash(access),
        access_expires_at=clock.now() + ACCESS_LIFE,
        csrf_hash=token_hash(csrf),
        user_agent=device.user_agent[:300],
        ip=device.ip,
        last_used_at=clock.now(),
    )
    session.add(row)
    await session.flush()
    refresh = await _new_refresh(session, row.id)
    return _signed_in(user, chosen, role, row.id, access, refresh, csrf)


def _signed_in(
    user: User,
    chosen: OrganisationChoice,
    role: Role,
    session_id: UUID,
    access: str,
    refresh: str,
    csrf: str,
) -> SignedIn:
    return SignedIn(
        user_id=user.id,
        user_name=user.name,
        user_email=user.email,
        organisation=chosen,
        permissions=sorted(role.permissions),
        record_scope=role.record_scope,
        session_id=session_id,
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
                Membership.suspended_at.is_(None),
            )
        )
    ).one_or_none()
    if row is None:
        raise Unauthorized("You do not belong to that organisation.", code="no_such_membership")
    return row[0], row[1]


async def _new_refresh(session: AsyncSession, session_id: UUID) -> str:
    token = new_token("tr_rt")
    session.add(
        RefreshToken(
            hash=token_hash(token), session_id=session_id, expires_at=clock.now() + REFRESH_LIFE
        )
    )
    await session.flush()
    return token


async def refresh(engine: AsyncEngine, token: str | None, device: Device) -> SignedIn:
    """Exchange a refresh token for the next pair, with today's permissions.

    A token that was used before ends the whole session. Raises `Unauthorized` otherwise.
    """
    refused = Unauthorized("This session has ended. Sign in again.")
    if not token:
        raise refused
    async with open_identity(engine) as session:
        link = (
            await session.execute(
                select(RefreshToken).where(RefreshToken.hash == token_hash(token)).with_for_update()
            )
        ).scalar_one_or_none()
        if link is None:
            raise refused
        row = await session.get_one(SignIn, link.session_id, with_for_update=True)
        if link.used_at is not None and row.revoked_at is None:
            row.revoked_at, row.revoked_for = clock.now(), "refresh token used twice"
            await session.commit()
        if row.revoked_at is not None or link.expires_at <= clock.now():
            raise refused
        user = await session.get_one(User, row.user_id)
        choices = await organisations_of(session, user.id)
        chosen = next((c for c in choices if c.id == row.org_id), None)
        if chosen is None or user.disabled_at is not None:
            raise refused
        membership, role = await _membership(session, row.org_id, user.id)
        link.used_at = clock.now()
        access, csrf = new_token("tr_at"), new_token("tr_cs")
        row.access_hash, row.csrf_hash = token_hash(access), token_hash(csrf)
        row.access_expires_at = clock.now() + ACCESS_LIFE
        row.perm_version = membership.perm_version
        row.last_used_at, row.ip = clock.now(), device.ip
        following = await _new_refresh(session, row.id)
        await session.commit()
        return _signed_in(user, chosen, role, row.id, access, following, csrf)


async def select_organisation(
    engine: AsyncEngine, user_id: UUID, session_id: UUID, org: str, device: Device
) -> SignedIn:
    """Go over to another organisation one belongs to: a new session; the old one ends."""
    async with open_identity(engine) as session:
        user = await session.get_one(User, user_id)
        chosen = _choose(await organisations_of(session, user_id), org)
        await _revoke(session, user_id, "went to another organisation", only=session_id)
        signed_in = await _begin(session, user, chosen, device)
        await session.commit()
        return signed_in


async def _revoke(
    session: AsyncSession, user_id: UUID, why: str, *, only: UUID | None = None,
    keep: UUID | None = None,
) -> int:  # fmt: skip
    statement = update(SignIn).where(SignIn.user_id == user_id, SignIn.revoked_at.is_(None))
    if only is not None:
        statement = statement.where(SignIn.id == only)
    if keep is not None:
        statement = statement.where(SignIn.id != keep)
    statement = statement.values(revoked_at=clock.now(), revoked_for=why).returning(SignIn.id)
    return len((await session.execute(statement)).all())


async def sign_out(engine: AsyncEngine, user_id: UUID, session_id: UUID) -> None:
    """End one session."""
    async with open_identity(engine) as session:
        await _revoke(session, user_id, "signed out", only=session_id)
        await session.commit()


async def sessions_of(engine: AsyncEngine, user_id: UUID) -> list[SignIn]:
    """A person's live sessions, newest first; at most 200."""
    async with open_identity(engine) as session:
        rows = await session.scalars(
            select(SignIn)
            .where(SignIn.user_id == user_id, SignIn.revoked_at.is_(None))
            .order_by(SignIn.created_at.desc(), SignIn.id.desc())
            .limit(200)
        )
        return list(rows)


async def end_session(engine: AsyncEngine, user_id: UUID, session_id: UUID) -> None:
    """End one of one's own sessions; raises `NotFound` for anybody else's."""
    async with open_identity(engine) as session:
        if not await _revoke(session, user_id, "ended by its owner", only=session_id):
            raise NotFound("There is no such session.")
        await session.commit()


async def end_all_sessions(engine: AsyncEngine, user_id: UUID) -> int:
    """Sign out everywhere; how many sessions ended."""
    async with open_identity(engine) as session:
        ended = await _revoke(session, user_id, "signed out everywhere")
        await session.commit()
        return ended


async def change_password(
    engine: AsyncEngine, user_id: UUID, session_id: UUID, current: str, new: str
) -> None:
    """Set a new password and end every other session.

    Raises `Unauthorized` when `current` is wrong and `Invalid` when `new` is weak.
    """
    async with open_identity(engine) as session:
        user = await session.get_one(User, user_id)
        if not await passwords.verify(current, user.password_hash):
            raise Unauthorized("The current password is wrong.", code="wrong_credentials")
        names = [o.name for o in await organisations_of(session, user_id)]
        passwords.refuse_weak(
            new, [user.email, user.name, *names, "truckroll"], field="new_password"
        )
        user.password_hash = await passwords.hash_password(new)
        await _revoke(session, user_id, "password changed", keep=session_id)
        await session.commit()


async def sweep(engine: AsyncEngine) -> int:
    """Forget attempts and sessions past their use; how many rows went."""
    async with open_identity(engine) as session:
        old = clock.now() - KNOWN_PLACE
        gone = 0
        for statement in (
            delete(SignInAttempt).where(SignInAttempt.created_at < old).returning(SignInAttempt.id),
            delete(RefreshToken).where(RefreshToken.expires_at < old).returning(RefreshToken.hash),
        ):
            gone += len((await session.execute(statement)).all())
        await session.commit()
        return gone
