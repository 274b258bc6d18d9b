"""What the doctor asks of the identity plane: who cannot come in, and who comes in too easily.

Identity tables stand outside row-level security, so every statement here names `ctx.org_id`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, exists, func, or_, select

from app.models.identity import Invitation, Membership, Role, Totp, User
from app.models.members import Member
from app.models.technicians import Technician
from app.services.context import Ctx
from app.services.identity.memberships import OWNER_LEVEL

IN_ALL = func.count().over().label("in_all")


async def technicians_shut_out(
    ctx: Ctx, now: datetime, most: int
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Active technicians whose person may not come in."""
    found = await ctx.session.execute(
        select(
            Technician.id.label("technician_id"),
            Technician.name,
            Technician.member_id,
            IN_ALL,
        )
        .join(
            Membership,
            (Membership.org_id == Technician.org_id) & (Membership.user_id == Technician.member_id),
        )
        .join(User, User.id == Membership.user_id)
        .where(
            Membership.org_id == ctx.org_id,
            Technician.active,
            Technician.deleted_at.is_(None),
            or_(~Membership.holds(now), User.disabled_at.is_not(None)),
        )
        .order_by(Technician.sort_name, Technician.id)
        .limit(most)
    )
    return found.all()


async def expired_invitations(
    ctx: Ctx, now: datetime, most: int
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Open invitations that are too old."""
    found = await ctx.session.execute(
        select(Invitation.id, Invitation.name, Invitation.email, IN_ALL)
        .where(
            Invitation.org_id == ctx.org_id,
            Invitation.accepted_at.is_(None),
            Invitation.revoked_at.is_(None),
            Invitation.expires_at < now,
        )
        .order_by(Invitation.created_at, Invitation.id)
        .limit(most)
    )
    return found.all()


async def owners_with_one_factor(
    ctx: Ctx, now: datetime, most: int
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Owners who may come in and have no confirmed authenticator."""
    second = exists(
        select(Totp.user_id)
        .where(Totp.user_id == Membership.user_id, Totp.confirmed_at.is_not(None))
        .correlate(Membership)
    )
    found = await ctx.session.execute(
        select(Member.id, Member.name, IN_ALL)
        .join(
            Membership,
            (Membership.org_id == Member.org_id) & (Membership.user_id == Member.id),
        )
        .join(Role, (Role.org_id == Membership.org_id) & (Role.id == Membership.role_id))
        .where(
            Membership.org_id == ctx.org_id,
            Membership.holds(now),
            Role.level >= OWNER_LEVEL,
            ~second,
        )
        .order_by(Member.sort_name, Member.id)
        .limit(most)
    )
    return found.all()
