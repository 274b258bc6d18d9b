"""Roles: named sets of permissions with a level and a record scope, the organisation's own to make.

The roles an organisation is born with stay as they are. Nobody makes, changes, gives or takes a role
that reaches above their own in level, scope or any permission, and nobody changes the role they
hold: so no sequence of steps raises anybody above whoever took them. What a role may do changes for
all who hold it from their next request on.
"""

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import AfterValidator, Field
from sqlalchemy import Select, func, select, update

from app.core import clock
from app.core.errors import Conflict, Forbidden, NotFound, Stale
from app.core.listing import Column, Filter, ListQuery
from app.models.identity import Invitation, Membership, Organisation, Role
from app.models.permissions import Permission, RecordScope
from app.services.context import Ctx
from app.services.facts import Fact, emit
from app.services.inputs import Draft, Patch
from app.services.usage import count_of

HIGHEST = 99
"""Of a role that people make: 100 is the owner's alone, so that an owner is always whole."""
SUPPORT = "Truckroll support"
"""The role of our support, made when it is first let in."""
MOST = 100
"""Roles of one organisation."""


def _once_each(permissions: list[Permission]) -> list[Permission]:
    return sorted(set(permissions))


RoleName = Annotated[str, Field(min_length=1, max_length=60)]
Level = Annotated[int, Field(ge=0, le=HIGHEST, strict=True)]
Permissions = Annotated[list[Permission], Field(max_length=200), AfterValidator(_once_each)]


class RoleDraft(Draft):
    """A new role."""

    id: UUID | None = Field(None, description="Your own UUID for it, if you make them.")
    name: RoleName = Field(examples=["Night desk"])
    level: Level = Field(
        description="Whoever holds it gives and takes roles up to this level.", examples=[40]
    )
    record_scope: RecordScope = RecordScope.own
    permissions: Permissions = Field(examples=[["customers:read", "visits:read"]])


class RolePatch(Patch):
    """Changes to a role; `permissions` is replaced as a whole."""

    name: RoleName = ""
    level: Level = 0
    record_scope: RecordScope = RecordScope.own
    permissions: Permissions = Field([])


class RoleQuery(ListQuery):
    """Filters and sorts of the list of roles."""

    SORTS: ClassVar[dict[str, Column]] = {"level": Role.level, "name": Role.name}
    DEFAULT_SORT: ClassVar[str] = "-level"

    record_scope: Annotated[RecordScope | None, Filter(Role.record_scope)] = None


def roles(ctx: Ctx) -> Select[Role]:
    """The organisation's roles."""
    return select(Role).where(Role.org_id == ctx.org_id)


async def role(ctx: Ctx, role_id: UUID) -> Role:
    """One role of the organisation, or `NotFound`."""
    return await _one(ctx, role_id, lock=False)


async def role_to_change(ctx: Ctx, role_id: UUID, *, at: int | None = None) -> Role:
    """One role, held until the end of the transaction.

    Changes of one organisation's roles and memberships wait for each other. Raises `NotFound`, and
    `Stale` when it moved since version `at`.
    """
    await hold(ctx)
    found = await _one(ctx, role_id, lock=True)
    if at is not None and found.version != at:
        raise Stale(
            f"The role {found.name} was changed by somebody else (version {found.version}, you saw"
            f" {at}). Look at it and try again.",
            row=found,
        )
    return found


async def hold(ctx: Ctx) -> None:
    """Wait for whoever is changing this organisation's roles or memberships, and keep others out."""
    await ctx.session.execute(
        select(Organisation.id).where(Organisation.id == ctx.org_id).with_for_update(key_share=True)
    )


async def _one(ctx: Ctx, role_id: UUID, *, lock: bool) -> Role:
    statement = select(Role).where(Role.org_id == ctx.org_id, Role.id == role_id)
    if lock:
        statement = statement.with_for_update(key_share=True).execution_options(
            populate_existing=True
        )
    found = (await ctx.session.execute(statement)).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no such role.")
    return found


def refuse_above(ctx: Ctx, *reaching: Role) -> None:
    """Raise `Forbidden` for a role that reaches above the caller's own in level, scope or permissions."""
    for one in reaching:
        _refuse_above(ctx, one.level, RecordScope(one.record_scope), one.permissions)


def _refuse_above(ctx: Ctx, level: int, scope: RecordScope, permissions: Sequence[str]) -> None:
    more = sorted(set(permissions) - ctx.permissions)
    if level > ctx.role_level:
        detail = "Nobody can give or take a role above their own."
    elif scope.reach > ctx.record_scope.reach:
        detail = (
            f"This role sees {scope.spoken}, yours {ctx.record_scope.spoken}."
            " Nobody can give or take a role that sees more than their own."
        )
    elif more:
        detail = (
            f"Your own role lacks {', '.join(more)}."
            " Nobody can give or take what they do not have themselves."
        )
    else:
        return
    raise Forbidden(detail, code="above_own_role", permissions=more)


async def create(ctx: Ctx, draft: RoleDraft) -> Role:
    """Make a role. Raises `Forbidden` for one above the caller's own, `Conflict` for a name that
    another role has and when there are too many."""
    await hold(ctx)
    _refuse_above(ctx, draft.level, draft.record_scope, draft.permissions)
    await _refuse_taken(ctx, draft.name)
    counted = select(func.count()).select_from(Role).where(Role.org_id == ctx.org_id)
    if (await ctx.session.execute(counted)).scalar_one() >= MOST:
        raise Conflict(f"An organisation keeps at most {MOST} roles.", code="too_many")
    given = draft.model_dump(exclude_none=True)
    made = Role(org_id=ctx.org_id, **given)
    ctx.session.add(made)
    await ctx.session.flush()
    await emit(
        ctx,
        Fact.organisation_role_made,
        await ctx.organisation(),
        about=(made.id,),
        role=made.name,
        rights=_rights(made),
    )
    return made


async def change(ctx: Ctx, present: Role, patch: RolePatch) -> Role:
    """Change a role for all who hold it, from their next request on.

    Raises `Forbidden` above one's own role (as it is, and as it is to be), `Conflict` for a role
    that organisations are born with, for the role one holds, and for a name that is taken.
    """
    await _refuse_fixed(ctx, present)
    given: dict[str, Any] = {
        name: value for name, value in patch.given().items() if value != getattr(present, name)
    }
    if not given:
        return present
    _refuse_above(
        ctx,
        given.get("level", present.level),
        given.get("record_scope", RecordScope(present.record_scope)),
        given.get("permissions", present.permissions),
    )
    if "name" in given:
        await _refuse_taken(ctx, given["name"])
    was = present.name
    said = _said(present, given)
    for name, value in given.items():
        setattr(present, name, value)
    present.version += 1
    holders: list[UUID] = []
    if given.keys() - {"name"}:
        holders = await _unsettle(ctx, present)
    await emit(
        ctx,
        Fact.organisation_role_changed,
        await ctx.organisation(),
        about=(present.id, *holders),
        role=was,
        said=said,
    )
    return present


async def _unsettle(ctx: Ctx, present: Role) -> list[UUID]:
    """Let the sessions of all who hold it refresh before they go on; who they are."""
    bumped = (
        update(Membership)
        .where(Membership.org_id == ctx.org_id, Membership.role_id == present.id)
        .values(perm_version=Membership.perm_version + 1)
        .returning(Membership.user_id)
    )
    return sorted(await ctx.session.scalars(bumped))


async def require_second_factor(ctx: Ctx, present: Role, *, required: bool) -> Role:
    """Let all who hold the role sign in in two steps from their next request on, or no more.

    Sessions that live refresh to go on, and are told there what is missing.

    Any role may require it, also one that organisations are born with. Raises `Forbidden` for one
    above the caller's own, `Conflict` for whoever would free themselves of it: only an owner, above
    whom nobody is, decides for their own role; and for the support, who are never free of it.
    """
    refuse_above(ctx, present)
    if not required and present.system and present.name == SUPPORT:
        raise Conflict("The support always signs in in two steps.", code="system_role")
    if not required and present.level <= HIGHEST and await _own_role(ctx) == present.id:
        raise Conflict("Ask somebody else to free you of two-step sign-in.", code="own_role")
    if present.requires_mfa == required:
        return present
    present.requires_mfa = required
    present.version += 1
    holders = await _unsettle(ctx, present) if required else []
    await emit(
        ctx,
        Fact.organisation_role_changed,
        await ctx.organisation(),
        about=(present.id, *holders),
        role=present.name,
        said=f"{'requires' if required else 'no longer requires'} two-step sign-in",
    )
    return present


async def delete(ctx: Ctx, present: Role) -> None:
    """Delete a role that nobody holds. Raises as `change` does, and `Conflict` while it is held or
    an open invitation gives it."""
    await _refuse_fixed(ctx, present)
    held = (
        select(func.count())
        .select_from(Membership)
        .where(Membership.org_id == ctx.org_id, Membership.role_id == present.id)
    )
    if number := (await ctx.session.execute(held)).scalar_one():
        raise Conflict(
            f"{count_of(number, 'person has', 'people have')} the role {present.name}."
            " Give them another one first.",
            code="in_use",
        )
    await _part_from_invitations(ctx, present)
    organisation = await ctx.organisation()
    fact = Fact.organisation_role_deleted
    await emit(ctx, fact, organisation, about=(present.id,), role=present.name)
    await ctx.session.delete(present)
    await ctx.session.flush()


async def _part_from_invitations(ctx: Ctx, present: Role) -> None:
    """Invitations that are over keep the role's name. Raises `Conflict` while one waits."""
    named = (Invitation.org_id == ctx.org_id, Invitation.role_id == present.id)
    waiting = (*named, Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None))
    counted = select(func.count()).select_from(Invitation)
    if number := await ctx.session.scalar(
        counted.where(*waiting, Invitation.expires_at > clock.now())
    ):
        said = count_of(number, "open invitation gives", "open invitations give")
        raise Conflict(
            f"{said} the role {present.name}. Take back what is open, or wait until it is accepted"
            " and give who comes another role.",
            code="in_use",
        )
    await ctx.session.execute(
        update(Invitation).where(*named).values(role_id=None, role_name=present.name)
    )


async def _refuse_fixed(ctx: Ctx, present: Role) -> None:
    if present.system:
        raise Conflict(
            f"Every organisation has the role {present.name}; it stays as it is."
            " Make a role of your own instead.",
            code="system_role",
        )
    refuse_above(ctx, present)
    if await _own_role(ctx) == present.id:
        raise Conflict("Ask somebody else to change the role you hold.", code="own_role")


async def _own_role(ctx: Ctx) -> UUID | None:
    own = select(Membership.role_id).where(
        Membership.org_id == ctx.org_id, Membership.user_id == ctx.user_id
    )
    found: UUID | None = await ctx.session.scalar(own)
    return found


async def _refuse_taken(ctx: Ctx, name: str) -> None:
    taken = select(Role.id).where(Role.org_id == ctx.org_id, Role.name == name)
    if await ctx.session.scalar(taken) is not None:
        raise Conflict(f"Another role is called “{name}”.", code="already_exists")


def _rights(made: Role) -> str:
    listed = ", ".join(made.permissions) or "nothing"
    return f"level {made.level}, sees {RecordScope(made.record_scope).spoken}, may {listed}"


def _said(present: Role, given: dict[str, Any]) -> str:
    """What changes, in words: “may now dispatch:write, may no longer notes:write”."""
    parts = []
    if "name" in given:
        parts.append(f"is now called {given['name']}")
    if "level" in given:
        parts.append(f"went from level {present.level} to {given['level']}")
    if "record_scope" in given:
        was = RecordScope(present.record_scope)
        parts.append(f"sees {given['record_scope'].spoken} instead of {was.spoken}")
    if "permissions" in given:
        before, after = set(present.permissions), set(given["permissions"])
        if more := sorted(after - before):
            parts.append(f"may now {', '.join(more)}")
        if less := sorted(before - after):
            parts.append(f"may no longer {', '.join(less)}")
    return "; ".join(parts)
