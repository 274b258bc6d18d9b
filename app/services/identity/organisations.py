"""Making organisations and putting people into them.

An organisation is born with its system roles, its settings and its number series; a person who is in
several is one user with a membership in each.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.contacts import person_sort_name
from app.core.db import Scope, enter, scope_of
from app.core.errors import NotFound
from app.core.ids import new_id
from app.models.identity import Membership, Organisation, Role, User
from app.models.members import Member
from app.models.organisations import Counter, OrganisationSettings, Series
from app.models.permissions import SYSTEM_ROLES
from app.services.context import Ctx
from app.services.identity import passwords

WEEKDAY_HOURS = {day: [["08:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}


async def known_slugs(session: AsyncSession) -> set[str]:
    """The slugs of all organisations, 1,000 at most: whether a database is empty, or the demo's."""
    return set(await session.scalars(select(Organisation.slug).limit(1000)))


@dataclass(frozen=True)
class NewOrganisation:
    """What an organisation is born with; everything else is a setting."""

    name: str
    slug: str
    time_zone: str
    currency: str = "USD"


async def create_organisation(session: AsyncSession, new: NewOrganisation) -> UUID:
    """Make an organisation with its system roles, settings and number series.

    `session` must be unscoped and comes back scoped to the new organisation, in the same
    transaction. Returns the organisation's id.
    """
    org_id = new_id()
    enter(session, Scope(org_id, source="system", request_id="create-organisation"))
    await session.connection()  # begin, and tell the database which organisation this is
    session.add(Organisation(id=org_id, name=new.name, slug=new.slug))
    await session.flush()
    for name, (level, record_scope, permissions) in SYSTEM_ROLES.items():
        session.add(
            Role(
                org_id=org_id,
                name=name,
                level=level,
                record_scope=record_scope,
                permissions=sorted(permissions),
                system=True,
            )
        )
    session.add(
        OrganisationSettings(
            id=org_id,
            name=new.name,
            time_zone=new.time_zone,
            currency=new.currency,
            working_hours=WEEKDAY_HOURS,
        )
    )
    session.add_all(
        [
            Counter(series=Series.work_order, prefix="WO-", next=1001),
            Counter(series=Series.invoice, prefix="INV-", next=1),
        ]
    )
    await session.flush()
    return org_id


async def rename(ctx: Ctx, name: str) -> None:
    """Call the organisation `name` wherever people choose between their organisations."""
    await ctx.session.execute(
        update(Organisation).where(Organisation.id == ctx.org_id).values(name=name)
    )


async def add_person(
    session: AsyncSession,
    *,
    email: str,
    name: str,
    role: str,
    password: str | None = None,
    password_hash: str | None = None,
) -> Member:
    """Put a person into the session's organisation, making their user when there is none.

    An existing user keeps their password and name. A `password_hash` made before spares making one.
    Raises `NotFound` for an unknown role.
    """
    org_id = scope_of(session).org_id
    email = email.strip().lower()
    user = (await session.execute(select(User).where(User.email == email))).scalar_one_or_none()
    if user is None:
        if password:
            password_hash = await passwords.hash_password(password)
        user = User(id=new_id(), email=email, name=name, password_hash=password_hash)
        session.add(user)
        await session.flush()
    session.add(
        Membership(org_id=org_id, user_id=user.id, role_id=(await _role(session, org_id, role)).id)
    )
    await session.flush()
    member = Member(id=user.id, name=user.name, sort_name=person_sort_name(user.name), email=email)
    session.add(member)
    await session.flush()
    return member


async def _role(session: AsyncSession, org_id: UUID, name: str) -> Role:
    role = (
        await session.execute(select(Role).where(Role.org_id == org_id, Role.name == name))
    ).scalar_one_or_none()
    if role is None:
        raise NotFound(f"There is no role called “{name}”.")
    return role
