"""Tickets: secrets that are good once, for one thing, for a while.

They come by mail (to sign up, to set a password anew, to change an address), from half a sign-in, or
are asked for to open a socket.
What is stored is a hash. A new ticket for the same thing ends the ones before it, and nobody is sent
more than a handful in a quarter of an hour, whether or not we know them.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.core import clock
from app.core.crypto import new_token, token_hash
from app.core.errors import Invalid, TooMany
from app.core.identity_db import open_identity
from app.models.identity import Purpose, Ticket
from app.services.identity.guessing import WINDOW, number_of

LIVES = {
    Purpose.sign_up: timedelta(hours=24),
    Purpose.reset: timedelta(minutes=30),
    Purpose.email: timedelta(hours=2),
    Purpose.second_factor: timedelta(minutes=10),
    Purpose.live: timedelta(seconds=30),
}
MOST = 5
"""Tickets of one kind that are sent to one address in a quarter of an hour."""
TRIES = 5
"""Codes that may be tried on one ticket."""
KEPT = timedelta(days=7)


async def issue(
    session: AsyncSession,
    purpose: Purpose,
    email: str,
    *,
    user_id: UUID | None = None,
    data: dict[str, Any] | None = None,
    limited: bool = True,
) -> str:
    """A fresh ticket; those before it for the same thing and address are good for nothing any more.

    Raises `TooMany` for an address that has been sent enough of them.
    """
    now, token = clock.now(), new_token("tr_tk")
    same = (Ticket.email == email, Ticket.purpose == purpose)
    if limited:
        await session.execute(select(func.pg_advisory_xact_lock(number_of(f"{purpose}:{email}"))))
        recent = select(func.count()).select_from(Ticket)
        recent = recent.where(*same, Ticket.created_at > now - WINDOW)
        if (await session.execute(recent)).scalar_one() >= MOST:
            raise TooMany(
                "We have written to this address several times. Look for our mail, also among the"
                " unwanted ones, or try again in a quarter of an hour.",
                code="too_many_mails",
                headers={"Retry-After": str(int(WINDOW.total_seconds()))},
            )
        await session.execute(
            update(Ticket).where(*same, Ticket.used_at.is_(None)).values(used_at=now)
        )
    session.add(
        Ticket(
            hash=token_hash(token),
            purpose=purpose,
            email=email,
            user_id=user_id,
            data=data or {},
            created_at=now,
            expires_at=now + LIVES[purpose],
        )
    )
    await session.flush()
    return token


def spoiled() -> Invalid:
    """The one answer for a ticket that is unknown, used, too old, or not for this."""
    return Invalid(
        "This link or code is not valid any more. Ask for a new one.", code="ticket_not_valid"
    )


async def look_at(session: AsyncSession, token: str, purpose: Purpose) -> Ticket:
    """A ticket that is still good, without using it. Raises `Invalid`."""
    found = await session.scalar(select(Ticket).where(*_good(token, purpose)))
    if found is None:
        raise spoiled()
    return found


async def spend(session: AsyncSession, token: str, purpose: Purpose) -> Ticket:
    """Use a ticket up: of many who try at once, one succeeds. Raises `Invalid`."""
    spent = (
        update(Ticket)
        .where(*_good(token, purpose))
        .values(used_at=clock.now())
        .returning(Ticket)
        .execution_options(populate_existing=True)
    )
    found = (await session.execute(spent)).scalar_one_or_none()
    if found is None:
        raise spoiled()
    return found


async def try_on(engine: AsyncEngine, token: str) -> Ticket:
    """Count a code that is about to be tried on half a sign-in. Raises `Invalid` after too many."""
    async with open_identity(engine) as session:
        tried = (
            update(Ticket)
            .where(*_good(token, Purpose.second_factor), Ticket.tries < TRIES)
            .values(tries=Ticket.tries + 1)
            .returning(Ticket)
        )
        found = (await session.execute(tried)).scalar_one_or_none()
        if found is None:
            raise spoiled()
        await session.commit()
        return found


async def end_all(session: AsyncSession, user_id: UUID) -> None:
    """Nothing that was sent to a person, or that they have begun, opens anything any more."""
    await session.execute(
        update(Ticket)
        .where(Ticket.user_id == user_id, Ticket.used_at.is_(None))
        .values(used_at=clock.now())
    )


def _good(token: str, purpose: Purpose) -> tuple[Any, ...]:
    return (
        Ticket.hash == token_hash(token),
        Ticket.purpose == purpose,
        Ticket.used_at.is_(None),
        Ticket.expires_at > clock.now(),
    )


async def sweep(engine: AsyncEngine, most: int) -> int:
    """Forget tickets that are long over, at most `most`; how many went."""
    async with open_identity(engine) as session:
        old = (
            select(Ticket.hash)
            .where(Ticket.expires_at < clock.now() - KEPT)
            .order_by(Ticket.expires_at)
            .limit(most)
        )
        gone = await session.execute(
            delete(Ticket).where(Ticket.hash.in_(old)).returning(Ticket.hash)
        )
        taken = len(gone.all())
        await session.commit()
        return taken
