"""Setting a forgotten password anew, by a ticket that came to the account's own mailbox.

Whether there is an account shows in that mailbox only: a known and an unknown e-mail cost the same
steps and get the same answer. Afterwards every session is over and none begins: whoever has a second
factor needs it at the next sign-in as at any other.
"""

from sqlalchemy import select

from app.core.db import Sessions
from app.core.identity_db import open_identity
from app.core.tools import tools_of
from app.models.identity import Purpose, SignIn, User
from app.services.identity import letters, passwords, second_factor, tickets
from app.services.identity.sessions import end, organisations_of


async def forgot(sessions: Sessions, email: str) -> None:
    """Send a letter with a ticket, or one that says there is no such account. Raises `TooMany`."""
    email = email.lower()
    async with open_identity(sessions) as session:
        user = (
            await session.execute(
                select(User.id, User.name).where(User.email == email, User.disabled_at.is_(None))
            )
        ).one_or_none()
        token = await tickets.issue(
            session, Purpose.reset, email, user_id=user.id if user is not None else None
        )
        known = {
            "name": user.name if user is not None else "",
            "url": f"{tools_of(session).public_url}/reset-password#token={token}",
            "code": token,
        }
        await letters.write(
            session,
            to=email,
            template="reset" if user is not None else "reset_unknown",
            data=known if user is not None else {},
        )
        await session.commit()


async def reset(sessions: Sessions, token: str, new: str) -> None:
    """Set the password and end every session. Raises `Invalid` for a bad ticket or a weak password."""
    async with open_identity(sessions) as session:
        ticket = await tickets.look_at(session, token, Purpose.reset)
        if ticket.user_id is None:
            raise tickets.spoiled()
        user = await session.get_one(User, ticket.user_id)
        names = [choice.name for choice in await organisations_of(session, user.id)]
    passwords.refuse_weak(new, [user.email, user.name, *names, "truckroll"], field="password")
    hashed = await passwords.hash_password(new)
    async with open_identity(sessions) as session:
        ticket = await tickets.spend(session, token, Purpose.reset)
        assert ticket.user_id is not None
        user = await session.get_one(User, ticket.user_id, with_for_update=True)
        if user.email != ticket.email:
            raise tickets.spoiled()  # the mailbox it was sent to is not theirs any more
        user.password_hash = hashed
        await tickets.end_all(session, user.id)
        await end(session, "password set anew", SignIn.user_id == user.id)
        await second_factor.notify(
            session, user.id, "Your password was set anew, and you were signed out everywhere."
        )
        await session.commit()
