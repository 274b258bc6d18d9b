"""Support access: time-boxed, reasoned, visible, and reading only.

A support person belongs to no organisation. A grant makes them a member with a role that only reads,
until a moment that the database checks at each request; without one, an organisation is not there
for them. They sign in in two steps, always, and whatever they read is written down. Nobody lets them
see more than they see themselves.
"""

from datetime import timedelta
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core import clock
from app.core.contacts import person_sort_name
from app.core.errors import Conflict, Forbidden, invalid_field
from app.core.filters import Fields, filterable
from app.core.identity_db import open_identity
from app.core.ids import new_id
from app.core.listing import Column, Filter, ListQuery
from app.models.identity import Membership, Role, SignIn, User
from app.models.members import Member
from app.models.permissions import Permission, RecordScope
from app.models.support import SupportGrant, SupportRead
from app.services.context import Ctx
from app.services.facts import Fact, emit
from app.services.identity import passwords
from app.services.identity.roles import SUPPORT, hold, refuse_above
from app.services.inputs import Draft, Email, Reason

LONGEST = timedelta(hours=24)
READS = sorted(p.value for p in Permission if p.value.endswith(":read"))
THEIR_OWN = ("/api/v2/auth/", "/api/v2/me/")
"""Where also a support person writes: their own session."""
MOST_PATH = 2000


class GrantDraft(Draft):
    """Who of the support may read here, why, and for how long."""

    email: Email = Field(description="Of the support person, as support told you.")
    reason: Reason = Field(examples=["Invoice 1042 shows the wrong tax"])
    hours: int = Field(4, ge=1, le=24, strict=True, description="Until it ends by itself.")


class GrantQuery(ListQuery):
    """Filters and sorts of the list of grants."""

    SORTS: ClassVar[dict[str, Column]] = {
        "created_at": SupportGrant.created_at,
        "until": SupportGrant.until,
    }
    FILTERS: ClassVar[Fields | None] = filterable(
        SupportGrant.id,
        SupportGrant.created_at,
        SupportGrant.updated_at,
        SupportGrant.until,
        SupportGrant.revoked_at,
        SupportGrant.member_id,
    )

    member_id: Annotated[UUID | None, Filter(SupportGrant.member_id)] = None


class ReadQuery(ListQuery):
    """Sorts of the list of what was read."""

    SORTS: ClassVar[dict[str, Column]] = {"created_at": SupportRead.created_at}
    FILTERS: ClassVar[Fields | None] = filterable(
        SupportRead.id, SupportRead.created_at, SupportRead.path, SupportRead.request_id
    )


async def appoint(engine: AsyncEngine, email: str, name: str, password: str) -> None:
    """Make a support person, who belongs nowhere until somebody grants them access.

    Raises `Conflict` when the e-mail belongs to somebody already.
    """
    hashed = await passwords.hash_password(password)
    async with open_identity(engine) as session:
        address = email.strip().lower()
        if await session.scalar(select(User.id).where(User.email == address)) is not None:
            raise Conflict(f"{address} belongs to somebody already.", code="already_exists")
        session.add(User(id=new_id(), email=address, name=name, password_hash=hashed, support=True))
        await session.commit()


async def grant(ctx: Ctx, draft: GrantDraft) -> SupportGrant:
    """Let a support person read here until the hours have passed.

    Raises `Invalid` for an e-mail that is not a support person's, `Conflict` while they have a grant
    already, `Forbidden` for somebody who does not see and may not read everything themselves.
    """
    if not ctx.sees_all:
        raise Forbidden("Only somebody whose role sees everything lets support in.")
    await hold(ctx)
    role = await _role(ctx)
    refuse_above(ctx, role)
    user = await ctx.session.scalar(
        select(User).where(
            User.email == draft.email.lower(), User.support, User.disabled_at.is_(None)
        )
    )
    if user is None:
        raise invalid_field(
            "email",
            "Nobody of our support has this e-mail. Ask support for theirs.",
            code="unknown",
        )
    until = clock.now() + timedelta(hours=draft.hours)
    member = await _member(ctx, user, role.id)
    if await _open(ctx, member.id) is not None:
        raise Conflict(f"{member.name} may read here already.", code="already_granted")
    await ctx.session.execute(
        update(Membership)
        .where(Membership.org_id == ctx.org_id, Membership.user_id == user.id)
        .values(expires_at=until, suspended_at=None, perm_version=Membership.perm_version + 1)
    )
    made = await ctx.add(
        SupportGrant(member=member, reason=draft.reason, until=until, granted_by_id=ctx.user_id)
    )
    await emit(
        ctx,
        Fact.support_grant_given,
        made,
        about=(member.id, ctx.org_id),
        name=member.name,
        reason=draft.reason,
        hours=draft.hours,
    )
    return made


async def _member(ctx: Ctx, user: User, role_id: UUID) -> Member:
    """The support person as a member. Raises `Conflict` for somebody who works here anyway."""
    membership = await ctx.session.get(Membership, (ctx.org_id, user.id))
    if membership is None:
        ctx.session.add(Membership(org_id=ctx.org_id, user_id=user.id, role_id=role_id))
        await ctx.session.flush()
        return await ctx.add(
            Member(
                id=user.id, name=user.name, sort_name=person_sort_name(user.name), email=user.email
            )
        )
    if membership.expires_at is None:
        raise Conflict(f"{user.name} belongs to your organisation.", code="already_member")
    return await ctx.get(Member, user.id)


async def _role(ctx: Ctx) -> Role:
    named = select(Role).where(Role.org_id == ctx.org_id, Role.name == SUPPORT)
    found = await ctx.session.scalar(named)
    if found is None:
        found = Role(
            org_id=ctx.org_id, name=SUPPORT, level=0, record_scope=RecordScope.all, system=True
        )
        ctx.session.add(found)
    if not found.system:
        raise Conflict(f"Give your own role “{SUPPORT}” another name first.", code="already_exists")
    found.permissions, found.requires_mfa = READS, True
    await ctx.session.flush()
    return found


async def revoke(ctx: Ctx, given: SupportGrant) -> SupportGrant:
    """End a grant before its time: from the next request on they are strangers again.

    Raises `Conflict` when it has ended.
    """
    if given.revoked_at is not None or given.until <= clock.now():
        raise Conflict("This grant has ended already.", code="already_ended")
    await hold(ctx)
    now = clock.now()
    given.revoked_at = now
    theirs = (Membership.org_id == ctx.org_id, Membership.user_id == given.member_id)
    await ctx.session.execute(update(Membership).where(*theirs).values(expires_at=now))
    await ctx.session.execute(
        update(SignIn)
        .where(
            SignIn.org_id == ctx.org_id,
            SignIn.user_id == given.member_id,
            SignIn.revoked_at.is_(None),
        )
        .values(revoked_at=now, revoked_for="support access revoked")
    )
    about = (given.member_id, ctx.org_id)
    fact = Fact.support_grant_revoked
    await emit(ctx, fact, given, about=about, name=given.member.name)
    return given


async def _open(ctx: Ctx, member_id: UUID | None) -> SupportGrant | None:
    """The grant that stands."""
    standing = (
        select(SupportGrant)
        .where(
            SupportGrant.member_id == member_id,
            SupportGrant.revoked_at.is_(None),
            SupportGrant.until > clock.now(),
        )
        .limit(1)
    )
    return (await ctx.session.scalars(standing)).first()


def refuse_writing(path: str) -> None:
    """Raise `Forbidden` for anything but their own session."""
    if not path.startswith(THEIR_OWN):
        raise Forbidden("Support reads here and changes nothing.", code="read_only")


async def write_down(ctx: Ctx, path: str) -> None:
    """Keep what a support person read, for the organisation to see. Raises `Forbidden` without a
    grant that stands."""
    standing = await _open(ctx, ctx.user_id)
    if standing is None:
        raise Forbidden("This support access has ended.", code="read_only")
    read = SupportRead(grant_id=standing.id, path=path[:MOST_PATH], request_id=ctx.request_id)
    await ctx.add(read)
