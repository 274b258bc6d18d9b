"""Slowing who guesses passwords, without locking out whom they guess at.

Each e-mail has a small allowance of wrong passwords a quarter of an hour, and not one but three: for
each browser it has signed in on, for each address it has signed in from, and for everywhere else
together. A stranger can use up only the last; the owner goes on from where they are known. A try
counts before the password is looked at, so that a thousand at once are no more than ten in turn.
An unknown e-mail is treated the same, and waits the same.
"""

from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.core import clock
from app.core.crypto import token_hash
from app.core.errors import TooMany
from app.core.identity_db import open_identity
from app.models.identity import Place, Proof, SignInAttempt
from app.services.identity.devices import Device

WINDOW = timedelta(minutes=15)
ALLOWANCE = 10
"""Wrong passwords for one e-mail and place in a window."""
KNOWN = timedelta(days=120)
"""How long a place stays known; longer than a session can last."""


async def count(
    engine: AsyncEngine,
    email: str,
    device: Device,
    *,
    proof: Proof = Proof.sign_in,
    user_id: UUID | None = None,
) -> UUID:
    """Count a try at `email`, before it is tried; returns the try's id.

    What is tried may also be a person's second factor: then `email` names that, and `user_id` whose.

    Raises `TooMany` when the allowance of this place is used up.
    """
    mark = mark_of(email)
    async with open_identity(engine) as session:
        await session.execute(select(func.pg_advisory_xact_lock(_number(mark))))
        place = await _place(session, mark, device)
        wrong, first = (
            await session.execute(
                select(func.count(), func.min(SignInAttempt.created_at)).where(
                    SignInAttempt.email_hash == mark,
                    SignInAttempt.created_at > clock.now() - WINDOW,
                    SignInAttempt.succeeded.is_(False),
                    SignInAttempt.place == place,
                    *_there(place, device),
                )
            )
        ).one()
        if wrong >= ALLOWANCE:
            wait = int((first + WINDOW - clock.now()).total_seconds()) + 1
            raise TooMany(
                f"Too many wrong passwords. Try again in {-(-wait // 60)} minutes.",
                code="too_many_attempts",
                headers={"Retry-After": str(wait)},
            )
        attempt = SignInAttempt(
            email_hash=mark,
            ip=device.ip,
            device_hash=_hashed(device.token),
            place=place,
            succeeded=False,
            proof=proof,
            user_agent=device.user_agent[:300],
            user_id=user_id,
        )
        session.add(attempt)
        await session.commit()
        return attempt.id


def mark_of(email: str) -> bytes:
    """What stands for an e-mail among the attempts."""
    return sha256(email.encode()).digest()


def number_of(name: str) -> int:
    """The number of the lock that stands for a name."""
    return _number(mark_of(name))


def _number(mark: bytes) -> int:
    return int.from_bytes(mark[:8], "big", signed=True)


def _hashed(token: str | None) -> bytes | None:
    return token_hash(token) if token else None


async def _place(session: AsyncSession, mark: bytes, device: Device) -> Place:
    for place in (Place.device, Place.address):
        there = _there(place, device)
        if there and await session.scalar(
            select(SignInAttempt.id)
            .where(
                SignInAttempt.email_hash == mark,
                SignInAttempt.succeeded,
                SignInAttempt.created_at > clock.now() - KNOWN,
                *there,
            )
            .limit(1)
        ):
            return place
    return Place.elsewhere


def _there(place: Place, device: Device) -> list[ColumnElement[bool]]:
    """The condition that names the place; none for everywhere else, or where it cannot be named."""
    if place is Place.device and device.token:
        return [SignInAttempt.device_hash == _hashed(device.token)]
    if place is Place.address and device.ip:
        return [SignInAttempt.ip == device.ip]
    return []


async def uncount(engine: AsyncEngine, attempt_id: UUID) -> None:
    """Take a try back: its password was not looked at after all."""
    async with open_identity(engine) as session:
        await session.execute(delete(SignInAttempt).where(SignInAttempt.id == attempt_id))
        await session.commit()


async def right(
    session: AsyncSession,
    attempt_id: UUID,
    device_token: str | None,
    *,
    user_id: UUID | None = None,
    org_id: UUID | None = None,
) -> None:
    """The try was right: from now on `device_token` and the address are known for this e-mail."""
    await session.execute(
        update(SignInAttempt)
        .where(SignInAttempt.id == attempt_id)
        .values(
            succeeded=True,
            device_hash=_hashed(device_token),
            user_id=user_id,
            org_id=org_id,
        )
    )


async def forget(session: AsyncSession, most: int) -> int:
    """Delete at most so many tries that no longer count for anything; how many it were."""
    old = (
        select(SignInAttempt.id)
        .where(SignInAttempt.created_at < clock.now() - KNOWN)
        .order_by(SignInAttempt.created_at)
        .limit(most)
    )
    statement = delete(SignInAttempt).where(SignInAttempt.id.in_(old)).returning(SignInAttempt.id)
    return len((await session.execute(statement)).all())
