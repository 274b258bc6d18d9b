"""Who holds a socket, and whether they still may.

A socket is opened with a ticket that one's session asked for, and stands only as long as that session
would be let in by the API: not revoked, not run out, with the rights it was opened with. `standings`
answers that for any number of sockets at once.
"""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Uuid, any_, cast, select

from app.core import clock
from app.core.db import Sessions
from app.core.errors import Unauthorized
from app.core.identity_db import open_identity
from app.models.identity import Membership, Organisation, Purpose, Role, SignIn, User
from app.models.permissions import Permission, RecordScope
from app.services.context import Ctx
from app.services.identity import tickets

PURPOSE = Purpose.live


@dataclass(frozen=True)
class Standing:
    """Somebody's session in an organisation, with the rights it has at this moment: a `Viewer`."""

    session_id: UUID
    org_id: UUID
    user_id: UUID
    name: str
    perm_version: int
    permissions: frozenset[str]
    record_scope: RecordScope

    def __hash__(self) -> int:
        return hash(self.session_id)  # asked for each socket many times a second

    @property
    def sees_all(self) -> bool:
        return self.record_scope is RecordScope.all

    @property
    def sees_team(self) -> bool:
        """Whether the scope reaches the work of one's team, or further."""
        return self.record_scope.reach >= RecordScope.team.reach

    @property
    def sees_territory(self) -> bool:
        """Whether the scope reaches what lies in one's territories, or further."""
        return self.record_scope.reach >= RecordScope.territory.reach

    def may(self, permission: Permission) -> bool:
        """Whether the role has `permission`."""
        return permission.value in self.permissions


async def issue_ticket(ctx: Ctx) -> str:
    """A ticket for one socket of this session, good once and for half a minute."""
    email = await ctx.session.scalar(select(User.email).where(User.id == ctx.user_id))
    return await tickets.issue(
        ctx.session,
        PURPOSE,
        email or "",
        user_id=ctx.user_id,
        data={"session": str(ctx.session_id)},
        limited=False,
    )


async def come_in(sessions: Sessions, ticket: str) -> Standing:
    """Use a ticket up; who it lets in. Raises `Invalid` for a ticket that is no good, `Unauthorized`
    when its session has ended since."""
    async with open_identity(sessions) as session:
        spent = await tickets.spend(session, ticket, PURPOSE)
        session_id = UUID(spent.data["session"])
        await session.commit()
    found = await standings(sessions, [session_id])
    if session_id not in found:
        raise Unauthorized("This session is not valid any more. Sign in again.")
    return found[session_id]


async def standings(sessions: Sessions, ids: Collection[UUID]) -> dict[UUID, Standing]:
    """Of these sessions, those that the API would let in now, with what they may do."""
    if not ids:
        return {}
    statement = (
        select(SignIn, User.name, Role)
        .join(User, User.id == SignIn.user_id)
        .join(Organisation, Organisation.id == SignIn.org_id)
        .join(Membership, _OF_SESSION)
        .join(Role, (Role.org_id == Membership.org_id) & (Role.id == Membership.role_id))
        .where(SignIn.id.in_(ids), *_let_in())
    )
    async with open_identity(sessions) as session:
        rows = (await session.execute(statement)).all()
    return {
        row.id: Standing(
            session_id=row.id,
            org_id=row.org_id,
            user_id=row.user_id,
            name=name,
            perm_version=row.perm_version,
            permissions=frozenset(role.permissions),
            record_scope=RecordScope(role.record_scope),
        )
        for row, name, role in rows
    }


async def versions(sessions: Sessions, ids: Collection[UUID]) -> dict[UUID, int]:
    """Of these sessions, those that the API would let in now, and the version of their rights: all
    that has to be asked of who has been let in before, and asked often."""
    if not ids:
        return {}
    statement = (
        select(SignIn.id, SignIn.perm_version)
        .join(User, User.id == SignIn.user_id)
        .join(Organisation, Organisation.id == SignIn.org_id)
        .join(Membership, _OF_SESSION)
        .where(SignIn.id == any_(cast(list(ids), ARRAY(Uuid()))), *_let_in())
    )
    async with open_identity(sessions) as session:
        rows = (await session.execute(statement)).all()
    return {row.id: row.perm_version for row in rows}


_OF_SESSION = (Membership.org_id == SignIn.org_id) & (Membership.user_id == SignIn.user_id)


def _let_in() -> tuple[ColumnElement[bool], ...]:
    now = clock.now()
    return (
        SignIn.revoked_at.is_(None),
        SignIn.access_expires_at > now,
        SignIn.perm_version == Membership.perm_version,
        Membership.holds(now),
        User.disabled_at.is_(None),
        Organisation.suspended_at.is_(None),
    )
