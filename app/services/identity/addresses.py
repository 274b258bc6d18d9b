"""Changing the e-mail one signs in with: the new mailbox confirms, the old one hears of it.

Whether the new address belongs to somebody already shows in its mailbox only. Members' rows carry
the address too; a job copies it into each organisation after the change.
"""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, update

from app.core import queue
from app.core.db import Scope, Sessions
from app.core.errors import invalid_field
from app.core.identity_db import open_identity
from app.core.tools import tools_of
from app.models.identity import Membership, Purpose, User
from app.models.members import Member
from app.services.context import Ctx
from app.services.identity import letters, tickets
from app.services.identity.second_factor import notify

JOB = "member.email"


async def ask(ctx: Ctx, email: str) -> None:
    """Send the new mailbox a ticket, and the old one a notice.

    Raises `Invalid` for the address one has, `TooMany` for a mailbox that was sent several.
    """
    assert ctx.user_id is not None
    email = email.lower()
    user = await ctx.session.get_one(User, ctx.user_id)
    if email == user.email:
        raise invalid_field("email", "This is your address already.", code="unchanged")
    taken = await ctx.session.scalar(select(User.id).where(User.email == email))
    token = await tickets.issue(ctx.session, Purpose.email, email, user_id=user.id)
    url = f"{tools_of(ctx.session).public_url}/confirm-email#token={token}"
    free = {"name": user.name, "url": url, "code": token}
    await letters.write(
        ctx.session,
        to=email,
        template="email_change" if taken is None else "email_taken",
        data=free if taken is None else {},
    )
    await notify(
        ctx.session, user.id, "Somebody asked to sign in with another address from now on."
    )


async def confirm(sessions: Sessions, token: str) -> str:
    """Sign in with the new address from now on; the address. Raises `Invalid`."""
    async with open_identity(sessions) as session:
        ticket = await tickets.spend(session, token, Purpose.email)
        assert ticket.user_id is not None
        user = await session.get_one(User, ticket.user_id, with_for_update=True)
        if await session.scalar(select(User.id).where(User.email == ticket.email)) is not None:
            raise tickets.spoiled()
        await notify(session, user.id, f"You sign in as {ticket.email} from now on.")
        # what was sent to the old mailbox opens nothing any more
        await tickets.end_all(session, user.id)
        user.email = ticket.email
        await session.flush()
        await queue.enqueue(
            session, JOB, str(user.id).encode(), key=f"{JOB}:{user.id}:{token[:12]}"
        )
        await session.commit()
        return ticket.email


async def copy_into_organisations(sessions: Sessions, user_id: UUID) -> timedelta | None:
    """Write a person's present address into their row in each organisation."""
    async with open_identity(sessions) as session:
        user = await session.get_one(User, user_id)
        of = select(Membership.org_id).where(Membership.user_id == user_id).limit(200)
        organisations = list(await session.scalars(of))
    for org_id in organisations:
        scope = Scope(org_id, user_id, source="job", request_id=JOB)
        async with sessions.open(scope) as session:
            await session.execute(
                update(Member).where(Member.id == user_id).values(email=user.email)
            )
            await session.commit()
    return None
