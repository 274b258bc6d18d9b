"""Memberships: who belongs to an organisation, with which role, and whether they may come in.

Identity tables stand outside row-level security, so every statement here names `ctx.org_id`. Nobody
touches their own membership or one above their own role, and an organisation always keeps an owner
who can sign in. What a person may do changes from their next request on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field
from sqlalchemy import ColumnElement, Select, func, select, update

from app.core import clock
from app.core.errors import Conflict, FieldError, Forbidden, NotFound, Stale
from app.core.filters import Fields, filterable
from app.core.listing import Column, Filter, ListQuery
from app.models.branches import Team, Territory, TerritoryMember
from app.models.identity import Membership, Role, SignIn
from app.models.members import Member
from app.services.context import Ctx
from app.services.facts import Fact, emit
from app.services.identity.roles import hold, refuse_above, roles
from app.services.inputs import Patch, ShortText

OWNER_LEVEL = 100


@dataclass(frozen=True)
class Seat:
    """A member, their membership and their role, as one thing."""

    member: Member
    membership: Membership
    role: Role
    territory_ids: list[UUID]
    """What they look after."""


class MembershipQuery(ListQuery):
    """Filters and sorts of the list of memberships."""

    SORTS: ClassVar[dict[str, Column]] = {
        "name": Member.sort_name,
        "created_at": Member.created_at,
    }
    DEFAULT_SORT: ClassVar[str] = "name"
    FILTERS: ClassVar[Fields | None] = filterable(
        Member.id,
        Member.created_at,
        Member.name,
        Member.email,
    )

    email: Annotated[ShortText | None, Filter(Member.email)] = None
    role: ShortText | None = Field(None, description="Name of a role.")
    suspended: bool | None = None
    team_id: Annotated[UUID | None, Filter(Member.team_id)] = None


class MembershipPatch(Patch):
    """What changes about a person's place here; `territory_ids` is replaced as a whole."""

    role: ShortText = Field("", description="Name of the role.", examples=["dispatcher"])
    team_id: UUID | None = None
    territory_ids: Annotated[list[UUID], Field(max_length=200)] = Field(
        [], description="The territories they look after."
    )


def narrowing(ctx: Ctx, query: MembershipQuery) -> list[ColumnElement[bool]]:
    """The conditions on members that live in the identity plane."""
    belonging = (
        select(Membership.user_id)
        .join(Role, (Role.org_id == Membership.org_id) & (Role.id == Membership.role_id))
        .where(Membership.org_id == ctx.org_id)
    )
    conditions: list[ColumnElement[bool]] = []
    if query.role is not None:
        conditions.append(Member.id.in_(belonging.where(Role.name == query.role)))
    if query.suspended is not None:
        out = Membership.suspended_at.is_not(None)
        conditions.append(Member.id.in_(belonging.where(out if query.suspended else ~out)))
    return conditions


async def seats(ctx: Ctx, members: Sequence[Member]) -> list[Seat]:
    """Each member with membership and role, in the same order; one statement for all."""
    rows = await ctx.session.execute(
        _seated(ctx).where(Membership.user_id.in_([member.id for member in members]))
    )
    found = {membership.user_id: (membership, role) for membership, role in rows}
    looked_after = await _looked_after(ctx, [member.id for member in members])
    return [Seat(member, *found[member.id], looked_after.get(member.id, [])) for member in members]


async def _looked_after(ctx: Ctx, member_ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    rows = await ctx.session.execute(
        select(TerritoryMember.member_id, TerritoryMember.territory_id)
        .where(TerritoryMember.member_id.in_(member_ids))
        .order_by(TerritoryMember.territory_id)
    )
    found: dict[UUID, list[UUID]] = {}
    for member_id, territory_id in rows:
        found.setdefault(member_id, []).append(territory_id)
    return found


async def seat(ctx: Ctx, member_id: UUID) -> Seat:
    """One membership, or `NotFound`."""
    member = await ctx.get(Member, member_id)
    return (await seats(ctx, [member]))[0]


async def seat_to_change(ctx: Ctx, member_id: UUID, *, at: int | None = None) -> Seat:
    """One membership, held until the end of the transaction.

    Changes of one organisation's memberships wait for each other, so that two owners cannot
    suspend each other at once. Raises `NotFound`, and `Stale` when it moved since version `at`.
    """
    await hold(ctx)
    member = await ctx.get(Member, member_id)
    statement = _seated(ctx).where(Membership.user_id == member.id)
    row = (
        await ctx.session.execute(
            statement.with_for_update(key_share=True, of=Membership),
            execution_options={"populate_existing": True},
        )
    ).one()
    looked_after = await _looked_after(ctx, [member.id])
    present = Seat(member, row[0], row[1], looked_after.get(member.id, []))
    if at is not None and present.membership.perm_version != at:
        raise Stale(
            f"{member.name}'s membership was changed by somebody else"
            f" (version {present.membership.perm_version}, you saw {at})."
            " Look at it and try again.",
            row=member,
        )
    return present


def _seated(ctx: Ctx) -> Select[Membership, Role]:
    return (
        select(Membership, Role)
        .join(Role, (Role.org_id == Membership.org_id) & (Role.id == Membership.role_id))
        .where(Membership.org_id == ctx.org_id, Role.org_id == ctx.org_id)
    )


async def change(ctx: Ctx, seat: Seat, patch: MembershipPatch) -> Seat:
    """Change a member's role, team and territories, from their next request on.

    Raises `Forbidden` above one's own role, `NotFound` for a role, team or territory that is not
    there, `Conflict` for one's own role and for the last owner.
    """
    given = patch.given()
    if "role" in given:
        seat = await _change_role(ctx, seat, patch.role)
    if given.keys() & {"team_id", "territory_ids"}:
        seat = await _place(ctx, seat, patch)
    return seat


async def _change_role(ctx: Ctx, seat: Seat, name: str) -> Seat:
    _refuse_self(ctx, seat, "change your own role")
    if seat.membership.expires_at is not None:
        raise Conflict(
            f"{seat.member.name} is of the support and only reads here.", code="support_person"
        )
    wanted = await ctx.session.scalar(roles(ctx).where(Role.name == name))
    if wanted is None:
        detail = f"There is no role called “{name}”."
        raise NotFound(detail, errors=[FieldError("/role", "not_found", detail)])
    refuse_above(ctx, seat.role, wanted)
    if wanted.id == seat.role.id:
        return seat
    if wanted.level < OWNER_LEVEL:
        await _keep_an_owner(ctx, seat)
    seat.membership.role_id = wanted.id
    seat.membership.perm_version += 1
    await emit(ctx, Fact.member_role_changed, seat.member, name=seat.member.name, role=wanted.name)
    return replace(seat, role=wanted)


async def _place(ctx: Ctx, seat: Seat, patch: MembershipPatch) -> Seat:
    """Another team, other territories: what a scope reaches. Whoever does not see everything could
    reach further by it, so it takes somebody who does."""
    _refuse_above(ctx, seat)
    ctx.refuse_placing()
    given = patch.given()
    team_id = given.get("team_id", seat.member.team_id)
    team = await ctx.get(Team, team_id, pointer="/team_id") if team_id is not None else None
    wanted = sorted(set(given.get("territory_ids", seat.territory_ids)))
    asked = patch.territory_ids if "territory_ids" in given else wanted
    found = await ctx.get_all(Territory, asked, pointer="/territory_ids/{}")
    if team_id == seat.member.team_id and wanted == sorted(seat.territory_ids):
        return seat
    seat.member.team_id = team_id
    gone = set(seat.territory_ids) - set(wanted)
    rows = await ctx.session.scalars(
        select(TerritoryMember).where(
            TerritoryMember.member_id == seat.member.id, TerritoryMember.territory_id.in_(gone)
        )
    )
    for row in rows:
        await ctx.session.delete(row)
    ctx.session.add_all(
        TerritoryMember(member_id=seat.member.id, territory_id=one)
        for one in wanted
        if one not in seat.territory_ids
    )
    seat.membership.perm_version += 1
    await emit(
        ctx,
        Fact.member_placed,
        seat.member,
        name=seat.member.name,
        team=team.name if team else "no team",
        territories=", ".join(sorted({one.name for one in found})) or "no territory",
    )
    return replace(seat, territory_ids=wanted)


async def suspend(ctx: Ctx, seat: Seat) -> Seat:
    """Keep a member out: their sessions here end at once, their records stay.

    Raises `Forbidden` above one's own level, `Conflict` for oneself, for the last owner, and when
    they are suspended already.
    """
    _refuse_self(ctx, seat, "suspend you")
    _refuse_above(ctx, seat)
    if seat.membership.suspended_at is not None:
        raise Conflict(f"{seat.member.name} is suspended already.", code="already_suspended")
    await _keep_an_owner(ctx, seat)
    seat.membership.suspended_at = clock.now()
    seat.membership.perm_version += 1
    await ctx.session.execute(
        update(SignIn)
        .where(
            SignIn.org_id == ctx.org_id,
            SignIn.user_id == seat.member.id,
            SignIn.revoked_at.is_(None),
        )
        .values(revoked_at=clock.now(), revoked_for="suspended")
    )
    await emit(ctx, Fact.member_suspended, seat.member, name=seat.member.name)
    return seat


async def reinstate(ctx: Ctx, seat: Seat) -> Seat:
    """Let a suspended member in again; they sign in anew. Raises as `suspend` does."""
    _refuse_self(ctx, seat, "reinstate you")
    refuse_above(ctx, seat.role)
    if seat.membership.suspended_at is None:
        raise Conflict(f"{seat.member.name} is not suspended.", code="not_suspended")
    seat.membership.suspended_at = None
    seat.membership.perm_version += 1
    await emit(ctx, Fact.member_reinstated, seat.member, name=seat.member.name)
    return seat


def refuse_unreachable(ctx: Ctx, seat: Seat) -> None:
    """Raise `Forbidden` above one's own level, `Conflict` for oneself."""
    _refuse_self(ctx, seat, "deactivate you")
    _refuse_above(ctx, seat)


def _refuse_self(ctx: Ctx, seat: Seat, what: str) -> None:
    if seat.member.id == ctx.user_id:
        raise Conflict(f"Ask somebody else to {what}.", code="own_membership")


def _refuse_above(ctx: Ctx, seat: Seat) -> None:
    if seat.role.level > ctx.role_level:
        raise Forbidden("This person's role is above your own.", code="above_own_role")


async def _keep_an_owner(ctx: Ctx, seat: Seat) -> None:
    if seat.role.level < OWNER_LEVEL:
        return
    others = await ctx.session.scalar(
        select(func.count())
        .select_from(Membership)
        .join(Role, (Role.org_id == Membership.org_id) & (Role.id == Membership.role_id))
        .where(
            Membership.org_id == ctx.org_id,
            Membership.user_id != seat.member.id,
            Membership.suspended_at.is_(None),
            Role.level >= OWNER_LEVEL,
        )
    )
    if not others:
        raise Conflict(
            f"{seat.member.name} is the last owner. Make somebody else an owner first.",
            code="last_owner",
        )
