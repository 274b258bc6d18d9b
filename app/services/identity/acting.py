"""Acting later in somebody's name: with the rights they have now, not those they had when they asked."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.core import clock
from app.core.db import scope_of
from app.core.errors import Forbidden, NotFound
from app.core.identity_db import open_identity
from app.models.identity import Membership, Organisation, Role, User
from app.models.permissions import Permission, RecordScope
from app.services.context import Ctx


async def act_for(session: AsyncSession, user_id: UUID | None) -> Ctx:
    """The context of a scoped session in the name of a member, or of the system itself (None).

    Raises `Forbidden` when the person has left, or is suspended, or the organisation is.
    """
    scope = scope_of(session)
    if user_id is None:
        return Ctx(
            session=session,
            org_id=scope.org_id,
            user_id=None,
            permissions=frozenset(permission.value for permission in Permission),
            role_level=100,
            source=scope.source,
            request_id=scope.request_id,
        )
    role = await session.scalar(
        select(Role)
        .join(Membership, (Membership.org_id == Role.org_id) & (Membership.role_id == Role.id))
        .join(User, User.id == Membership.user_id)
        .join(Organisation, Organisation.id == Membership.org_id)
        .where(
            Membership.org_id == scope.org_id,
            Membership.user_id == user_id,
            Membership.holds(clock.now()),
            User.disabled_at.is_(None),
            Organisation.suspended_at.is_(None),
        )
    )
    if role is None:
        raise Forbidden("The person who asked for this does not work here any more.")
    return Ctx(
        session=session,
        org_id=scope.org_id,
        user_id=user_id,
        permissions=frozenset(role.permissions),
        record_scope=RecordScope(role.record_scope),
        role_level=role.level,
        source=scope.source,
        request_id=scope.request_id,
    )


async def organisation_called(engine: AsyncEngine, slug: str) -> UUID:
    """The organisation with this short name. Raises `NotFound`."""
    async with open_identity(engine) as session:
        found = await session.scalar(select(Organisation.id).where(Organisation.slug == slug))
    if found is None:
        raise NotFound(f"There is no organisation called “{slug}”.")
    return found


async def organisation_ids(engine: AsyncEngine) -> list[UUID]:
    """Every organisation there is: for what the clock does in each of them."""
    async with open_identity(engine) as session:
        return list(await session.scalars(select(Organisation.id).order_by(Organisation.id)))


async def organisation_slugs(engine: AsyncEngine) -> dict[UUID, str]:
    """Every organisation there is, by id, with its short name."""
    async with open_identity(engine) as session:
        found = await session.execute(
            select(Organisation.id, Organisation.slug).order_by(Organisation.slug)
        )
        return {row.id: row.slug for row in found}
