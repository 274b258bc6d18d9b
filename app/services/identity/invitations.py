"""Invitations: asking somebody into an organisation, with a role, by mail.

Nobody invites above themselves, and an invitation is worth no more than whoever sent it: when they
have left, or may not give the role any more, it is not accepted. A link is good for seven days and
once; sending it again makes a new one. Somebody we know proves who they are by the password they
have, somebody new chooses one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import Field
from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.crypto import new_token, token_hash
from app.core.db import Scope, Sessions
from app.core.errors import Conflict, FieldError, Invalid, NotFound, TooMany
from app.core.identity_db import open_identity
from app.core.limits import Charge, Policy, spend_with
from app.core.listing import Column, Filter, ListQuery
from app.core.tools import tools_of
from app.models.identity import Invitation, Membership, Organisation, Role, User
from app.models.permissions import Permission, RecordScope
from app.services import mails
from app.services.context import Ctx
from app.services.facts import Fact, emit
from app.services.identity import proving
from app.services.identity.acting import act_for
from app.services.identity.devices import Device
from app.services.identity.organisations import add_person
from app.services.identity.roles import refuse_above, roles
from app.services.inputs import Draft, Email, Name, ShortText

LIFE = timedelta(days=7)
MOST_OPEN = 200
MOST_SENT = 10
"""How often one invitation is sent at most."""
WRITTEN_TO = Policy("invitation-mails", 10, 24 * 3600)
"""How often one organisation writes to one address at most."""
FIRST = Policy("invitation-mail-first", 1, 24 * 3600)
"""Each organisation's first mail of a day is its own: nobody keeps an employer from inviting."""
BEYOND = Policy("invitation-mails-beyond", 20, 24 * 3600)
"""How often all organisations together write to one address after that: whoever signs up for many does
not write to somebody through us for long."""


class InvitationStatus(StrEnum):
    open = "open"
    accepted = "accepted"
    revoked = "revoked"
    expired = "expired"


class InvitationDraft(Draft):
    """Whom to invite, as what."""

    email: Email
    name: Name = Field(description="What to call them until they say otherwise.")
    role: ShortText = Field(description="Name of the role.", examples=["dispatcher"])


class InvitationQuery(ListQuery):
    """Filters and sorts of the list of invitations."""

    SORTS: ClassVar[dict[str, Column]] = {
        "created_at": Invitation.created_at,
        "expires_at": Invitation.expires_at,
    }

    email: Annotated[ShortText | None, Filter(Invitation.email)] = None
    status: InvitationStatus | None = None


def status_of(invitation: Invitation) -> InvitationStatus:
    """Whether it still waits, and what became of it if not."""
    if invitation.accepted_at is not None:
        return InvitationStatus.accepted
    if invitation.revoked_at is not None:
        return InvitationStatus.revoked
    if invitation.expires_at <= clock.now():
        return InvitationStatus.expired
    return InvitationStatus.open


def invitations(ctx: Ctx, query: InvitationQuery) -> Select[Invitation]:
    """The organisation's invitations."""
    statement = select(Invitation).where(Invitation.org_id == ctx.org_id)
    return statement if query.status is None else statement.where(_is(query.status))


def _is(status: InvitationStatus) -> ColumnElement[bool]:
    waiting = and_(Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None))
    match status:
        case InvitationStatus.accepted:
            return Invitation.accepted_at.is_not(None)
        case InvitationStatus.revoked:
            return Invitation.revoked_at.is_not(None)
        case InvitationStatus.expired:
            return and_(waiting, Invitation.expires_at <= clock.now())
        case _:
            return and_(waiting, Invitation.expires_at > clock.now())


@dataclass(frozen=True)
class InvitationTold:
    """An invitation as people read it."""

    id: UUID
    created_at: datetime
    email: str
    name: str
    role_id: UUID | None
    role: str
    invited_by_id: UUID
    status: InvitationStatus
    sent: int
    expires_at: datetime
    accepted_at: datetime | None
    revoked_at: datetime | None


async def told(ctx: Ctx, rows: Sequence[Invitation]) -> list[InvitationTold]:
    """Each with the name of its role and what became of it; one statement for all."""
    named = await ctx.session.execute(
        select(Role.id, Role.name).where(Role.org_id == ctx.org_id).limit(200)
    )
    names = {row.id: row.name for row in named}
    return [
        InvitationTold(
            id=one.id,
            created_at=one.created_at,
            email=one.email,
            name=one.name,
            role_id=one.role_id,
            role=(one.role_name or "") if one.role_id is None else names[one.role_id],
            invited_by_id=one.invited_by_id,
            status=status_of(one),
            sent=one.sent,
            expires_at=one.expires_at,
            accepted_at=one.accepted_at,
            revoked_at=one.revoked_at,
        )
        for one in rows
    ]


async def invitation(ctx: Ctx, id: UUID, *, lock: bool = False) -> Invitation:
    """One invitation of this organisation, or `NotFound`."""
    statement = select(Invitation).where(Invitation.org_id == ctx.org_id, Invitation.id == id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found = await ctx.session.scalar(statement)
    if found is None:
        raise NotFound("There is no such invitation.")
    return found


async def create(ctx: Ctx, draft: InvitationDraft) -> Invitation:
    """Invite somebody, by mail.

    Raises `NotFound` for a role that is not there, `Forbidden` for one above one's own, `Conflict`
    for somebody who is here or invited already, `TooMany` for an address that was written to too often.
    """
    email = draft.email.lower()
    role = (await ctx.session.scalars(roles(ctx).where(Role.name == draft.role))).one_or_none()
    if role is None:
        detail = f"There is no role called “{draft.role}”."
        raise NotFound(detail, errors=[FieldError("/role", "not_found", detail)])
    refuse_above(ctx, role)
    here = (
        select(Membership.user_id)
        .join(User, User.id == Membership.user_id)
        .where(Membership.org_id == ctx.org_id, User.email == email)
    )
    if await ctx.session.scalar(here) is not None:
        raise Conflict(f"{email} belongs to your organisation already.", code="already_member")
    open_ones = (
        select(Invitation)
        .where(
            Invitation.org_id == ctx.org_id,
            Invitation.accepted_at.is_(None),
            Invitation.revoked_at.is_(None),
        )
        .limit(MOST_OPEN + 1)
    )
    waiting = list(await ctx.session.scalars(open_ones))
    if any(one.email == email for one in waiting):
        raise Conflict(
            f"{email} is invited already. Send that invitation again, or take it back first.",
            code="already_invited",
        )
    if len(waiting) >= MOST_OPEN:
        raise Conflict(f"{MOST_OPEN} invitations are open. Take some back first.", code="too_many")
    assert ctx.user_id is not None
    token = new_token("tr_iv")
    made = Invitation(
        org_id=ctx.org_id,
        email=email,
        name=draft.name,
        role_id=role.id,
        invited_by_id=ctx.user_id,
        token_hash=token_hash(token),
        expires_at=clock.now() + LIFE,
    )
    ctx.session.add(made)
    await ctx.session.flush()
    await _tell(ctx, made, role, token)
    await _say(ctx, Fact.organisation_member_invited, made, role.name)
    return made


async def send_again(ctx: Ctx, present: Invitation) -> Invitation:
    """Send it again with a new link; the ones before open nothing any more.

    Raises `Conflict` for one that is over, or was sent too often; `TooMany` for an address that was
    written to too often; `Forbidden` above one's own role.
    """
    _refuse_over(present)
    role = await _role(ctx, present)
    if role is None:
        raise Conflict(
            f"There is no role {present.role_name} any more. Take this invitation back, and invite"
            " them with another one.",
            code="role_gone",
        )
    if present.sent >= MOST_SENT:
        raise Conflict(
            "This invitation was sent ten times. Ask them whether the address is right.",
            code="too_many_mails",
        )
    assert ctx.user_id is not None
    token = new_token("tr_iv")
    present.token_hash, present.sent = token_hash(token), present.sent + 1
    present.expires_at, present.invited_by_id = clock.now() + LIFE, ctx.user_id
    await ctx.session.flush()
    await _tell(ctx, present, role, token)
    return present


async def revoke(ctx: Ctx, present: Invitation) -> None:
    """Take it back: its link opens nothing any more. Raises `Conflict` for one that is over,
    `Forbidden` above one's own role."""
    _refuse_over(present)
    role = await _role(ctx, present)
    present.revoked_at = clock.now()
    called = role.name if role is not None else present.role_name
    await _say(ctx, Fact.organisation_invitation_revoked, present, called or "")


def _refuse_over(present: Invitation) -> None:
    if present.accepted_at is not None or present.revoked_at is not None:
        raise Conflict(f"This invitation was {status_of(present)} already.", code="over")


async def _role(ctx: Ctx, present: Invitation) -> Role | None:
    """What it gives, or None when that was deleted. Raises `Forbidden` above one's own role."""
    if present.role_id is None:
        return None
    role = await ctx.session.get_one(Role, (ctx.org_id, present.role_id))
    refuse_above(ctx, role)
    return role


async def _tell(ctx: Ctx, present: Invitation, role: Role, token: str) -> None:
    assert ctx.user_id is not None
    await _spare(ctx, present.email)
    inviter = await ctx.session.get_one(User, ctx.user_id)
    await mails.send(
        ctx,
        to=present.email,
        template="invitation",
        data={
            "name": present.name,
            "inviter": inviter.name,
            "role": role.name,
            "url": f"{tools_of(ctx.session).public_url}/invitation#token={token}",
            "code": token,
        },
        key=f"invitation:{present.id}:{present.sent}",
    )


async def _spare(ctx: Ctx, email: str) -> None:
    ours = f"{ctx.org_id} {email}"
    try:
        await spend_with(ctx.session, Charge(WRITTEN_TO, ours))
        if not await _first(ctx, ours):
            await spend_with(ctx.session, Charge(BEYOND, email))
    except TooMany as many:
        raise TooMany(
            f"{email} has been sent many invitations today. Ask them to look for our mails, also among"
            " the unwanted ones, or try again tomorrow.",
            code="too_many_mails",
            headers=many.headers,
        ) from many


async def _first(ctx: Ctx, ours: str) -> bool:
    """Whether it is this organisation's first mail to them of a day."""
    try:
        await spend_with(ctx.session, Charge(FIRST, ours))
    except TooMany:
        return False
    return True


async def _say(ctx: Ctx, fact: Fact, present: Invitation, role: str) -> None:
    await emit(ctx, fact, await ctx.organisation(), email=present.email, role=role)


async def accept(
    sessions: Sessions, token: str, password: str, name: str | None, device: Device
) -> tuple[str, str]:
    """Join; the organisation's slug and the e-mail to sign in with.

    Raises `Invalid` for an invitation that is not good (any more), a weak or wrong password,
    `TooMany` after too many wrong ones.
    """
    async with open_identity(sessions) as session:
        row = (
            await session.execute(
                select(Invitation, Organisation.name, Organisation.slug)
                .join(Organisation, Organisation.id == Invitation.org_id)
                .where(*_good(token), Organisation.suspended_at.is_(None))
            )
        ).one_or_none()
        if row is None:
            raise _spoiled()
        found, company, slug = row
        known = await session.scalar(select(User).where(User.email == found.email))
    called = name or found.name
    hashed = await proving.own_or_new(
        sessions.engine, known, password, (found.email, called, company), device
    )
    scope = Scope(found.org_id, source="web", request_id="accept-invitation")
    async with sessions.open(scope) as session:
        await session.connection()
        taken = await session.scalar(select(Invitation).where(*_good(token)).with_for_update())
        if taken is None or not await _still_meant(session, taken):
            raise _spoiled()
        role = await session.get_one(Role, (taken.org_id, taken.role_id))
        member = await add_person(
            session, email=taken.email, name=called, role=role.name, password_hash=hashed
        )
        taken.accepted_at = clock.now()
        ctx = await act_for(session, None)
        await emit(ctx, Fact.member_joined, member, name=member.name, role=role.name)
        await session.commit()
    return slug, found.email


def _good(token: str) -> tuple[Any, ...]:
    return (
        Invitation.token_hash == token_hash(token),
        Invitation.accepted_at.is_(None),
        Invitation.revoked_at.is_(None),
        Invitation.expires_at > clock.now(),
    )


def _spoiled() -> Invalid:
    return Invalid(
        "This invitation is not valid any more. Ask whoever invited you for a new one.",
        code="ticket_not_valid",
    )


async def _still_meant(session: AsyncSession, present: Invitation) -> bool:
    """Whether whoever sent it is still here, may still invite, and could still give that role."""
    inviting = (
        select(Role)
        .join(Membership, and_(Membership.org_id == Role.org_id, Membership.role_id == Role.id))
        .join(User, User.id == Membership.user_id)
        .where(
            Membership.org_id == present.org_id,
            Membership.user_id == present.invited_by_id,
            Membership.holds(clock.now()),
            User.disabled_at.is_(None),
        )
    )
    wanted = select(Role).where(Role.org_id == present.org_id, Role.id == present.role_id)
    has, gives = await session.scalar(inviting), await session.scalar(wanted)
    return (
        has is not None
        and gives is not None
        and Permission.members_write in has.permissions
        and gives.level <= has.level
        and RecordScope(gives.record_scope).reach <= RecordScope(has.record_scope).reach
        and set(gives.permissions) <= set(has.permissions)
    )
