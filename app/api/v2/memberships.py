"""`/api/v2/memberships`: the people of the organisation, with their roles."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from app.api.deps import MaybeSeenVersion, allowed, fresh
from app.api.edge import Edge, shows
from app.api.lists import Pages
from app.api.outputs import Instant, Out, PageOut
from app.api.problems import answers
from app.api.v2.deactivation import DeactivatedOut, Told
from app.api.v2.deactivation import out as deactivated
from app.api.v2.stories import tell
from app.models.members import Member
from app.models.permissions import Permission
from app.services import deactivation
from app.services.context import Ctx
from app.services.identity import memberships
from app.services.identity.memberships import MembershipPatch, MembershipQuery, Seat

router = APIRouter(
    prefix="/api/v2/memberships", tags=["people"], route_class=Edge, responses=answers(401, 403)
)
Reader = Annotated[Ctx, allowed(Permission.members_read)]
Writer = Annotated[Ctx, allowed(Permission.members_write)]
FreshWriter = Annotated[Ctx, fresh(Permission.members_write)]


class MembershipOut(Out):
    """A person in this organisation. The id is the member's, as other records name them."""

    id: UUID
    version: int
    created_at: Instant
    name: str
    email: str
    role_id: UUID
    role: str
    role_level: int
    suspended_at: Instant | None
    team_id: UUID | None
    territory_ids: list[UUID]


def _out(seat: Seat) -> MembershipOut:
    return MembershipOut(
        id=seat.member.id,
        version=seat.membership.perm_version,
        created_at=seat.membership.created_at,
        name=seat.member.name,
        email=seat.member.email,
        role_id=seat.role.id,
        role=seat.role.name,
        role_level=seat.role.level,
        suspended_at=seat.membership.suspended_at,
        team_id=seat.member.team_id,
        territory_ids=seat.territory_ids,
    )


@shows(Member)
async def show(ctx: Ctx, member_id: UUID) -> MembershipOut:
    """The membership as this caller sees it."""
    return _out(await memberships.seat(ctx, member_id))


@router.get("", operation_id="list_memberships", summary="List people", responses=answers(400, 422))
async def list_memberships(
    ctx: Reader, query: Annotated[MembershipQuery, Query()], page: Pages
) -> PageOut[MembershipOut]:
    """The people of the organisation with their roles, suspended ones too."""
    found = await page(Member, query, where=memberships.narrowing(ctx, query))
    return PageOut(
        data=[_out(seat) for seat in await memberships.seats(ctx, found.data)],
        next_cursor=found.next_cursor,
        total=found.total,
    )


@router.get(
    "/{id}", operation_id="get_membership", summary="Get a person", responses=answers(404, 422)
)
async def get_membership(ctx: Reader, id: UUID) -> MembershipOut:
    """One person of the organisation."""
    return await show(ctx, id)


@router.patch(
    "/{id}",
    operation_id="change_membership",
    summary="Change a person's role, team or territories",
    responses=answers(400, 404, 409, 412, 422),
)
async def change_membership(
    ctx: FreshWriter, id: UUID, change: MembershipPatch, seen: MaybeSeenVersion
) -> MembershipOut:
    """Another role, team or other territories, from the person's next request on. Nobody gives or
    takes a role above their own, and the last owner stays one."""
    seat = await memberships.seat_to_change(ctx, id, at=seen)
    return _out(await memberships.change(ctx, seat, change))


@router.post(
    "/{id}/suspend",
    operation_id="suspend_membership",
    summary="Keep a person out",
    responses=answers(404, 409, 422),
)
async def suspend_membership(ctx: Writer, id: UUID) -> MembershipOut:
    """Their sessions here end at once; what they did stays."""
    return _out(await memberships.suspend(ctx, await memberships.seat_to_change(ctx, id)))


@router.post(
    "/{id}/reinstate",
    operation_id="reinstate_membership",
    summary="Let a suspended person in again",
    responses=answers(404, 409, 422),
)
async def reinstate_membership(ctx: FreshWriter, id: UUID) -> MembershipOut:
    """They sign in anew, with the role they had."""
    return _out(await memberships.reinstate(ctx, await memberships.seat_to_change(ctx, id)))


@router.post(
    "/{id}/deactivate",
    operation_id="deactivate_membership",
    summary="Let a person go",
    responses=answers(400, 404, 409, 422),
)
async def deactivate_membership(ctx: Writer, id: UUID, departure: Told) -> DeactivatedOut:
    """Their sessions end at once, and each visit that was ahead of them goes back into the tray with
    its promise intact. 409 `visits_begun` while they are out on one."""
    seat = await memberships.seat_to_change(ctx, id)
    return deactivated(await deactivation.member(ctx, seat, departure))


tell(router, Member, Permission.members_read)
