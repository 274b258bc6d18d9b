"""The second factor: codes of an authenticator (TOTP), and recovery codes for the day it is lost.

A code is good for its half minute and one before and after, and is taken once; so is a recovery
code. The authenticator's secret is sealed for its person, recovery codes are hashed. Who sets up an
authenticator begins all sessions anew, so every session of theirs has had a second factor.
"""

import base64
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import pyotp
from sqlalchemy import Select, delete, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.core import clock
from app.core.crypto import token_hash
from app.core.identity_db import open_identity
from app.core.tools import tools_of
from app.core.vault import Vault
from app.models.identity import Membership, Proof, RecoveryCode, Role, Totp, User
from app.services.identity import guessing, letters
from app.services.identity.devices import Device

STEP = 30
AROUND = (0, -1, 1)
"""Half minutes that a device's clock may be off."""
RECOVERY_CODES = 10
ISSUER = "Truckroll"


@dataclass(frozen=True)
class Standing:
    """Where somebody stands with their second factor."""

    enrolled_at: datetime | None
    recovery_codes_left: int
    required: bool
    """A role of theirs, in any organisation, requires it."""


def new_secret() -> str:
    """A fresh secret of 160 bits, in base32."""
    return pyotp.random_base32()


def address(secret: str, email: str) -> str:
    """What an authenticator reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def bound_to(user_id: UUID) -> str:
    """What a person's secret is sealed for."""
    return f"totp:{user_id}"


def step_of(secret: str, code: str) -> int | None:
    """The half minute, around now, whose code this is."""
    now = int(clock.now().timestamp()) // STEP
    maker = pyotp.TOTP(secret)
    for off in AROUND:
        if hmac.compare_digest(maker.generate_otp(now + off).encode(), code.encode()):
            return now + off
    return None


async def count(engine: AsyncEngine, user_id: UUID, device: Device) -> UUID:
    """Count a code that is about to be looked at; the try's id. Raises `TooMany`."""
    name = f"second factor of {user_id}"
    return await guessing.count(engine, name, device, proof=Proof.second_factor, user_id=user_id)


async def take(session: AsyncSession, user_id: UUID, code: str) -> bool:
    """Whether the code is right; it is used up by it. Of many who send it at once, one is right."""
    plain = re.sub(r"[\s-]", "", code).upper()
    if re.fullmatch(r"[0-9]{6}", plain):
        return await _take_step(session, user_id, plain)
    return await _take_recovery_code(session, user_id, plain)


async def _take_step(session: AsyncSession, user_id: UUID, code: str) -> bool:
    sealed = await session.scalar(
        select(Totp.secret).where(Totp.user_id == user_id, Totp.confirmed_at.is_not(None))
    )
    if sealed is None:
        return False
    secret = tools_of(session).vault.open(sealed, bound_to(user_id)).decode()
    step = step_of(secret, code)
    if step is None:
        return False
    taken = (
        update(Totp)
        .where(Totp.user_id == user_id, Totp.secret == sealed, Totp.last_step < step)
        .values(last_step=step)
        .returning(Totp.user_id)
    )
    return await session.scalar(taken) is not None


async def _take_recovery_code(session: AsyncSession, user_id: UUID, code: str) -> bool:
    used = (
        update(RecoveryCode)
        .where(
            RecoveryCode.hash == _mark(user_id, code),
            RecoveryCode.user_id == user_id,
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=clock.now())
        .returning(RecoveryCode.user_id)
    )
    if await session.scalar(used) is None:
        return False
    left = (await standing(session, user_id)).recovery_codes_left
    await notify(
        session, user_id, f"A recovery code of yours was used to sign in; {left} are left."
    )
    return True


def _mark(user_id: UUID, code: str) -> bytes:
    return token_hash(f"{user_id}:{code}")


async def standing(session: AsyncSession, user_id: UUID) -> Standing:
    """Where somebody stands; one statement."""
    left = select(func.count()).select_from(RecoveryCode)
    left = left.where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    since = select(Totp.confirmed_at).where(Totp.user_id == user_id)
    row = (
        await session.execute(
            select(since.scalar_subquery(), left.scalar_subquery(), exists(_requiring(user_id)))
        )
    ).one()
    return Standing(row[0], row[1], row[2])


def _requiring(user_id: UUID, org_id: UUID | None = None) -> Select[UUID]:
    statement = (
        select(Role.id)
        .join(Membership, (Membership.org_id == Role.org_id) & (Membership.role_id == Role.id))
        .where(Membership.user_id == user_id, Role.requires_mfa)
    )
    return statement if org_id is None else statement.where(Role.org_id == org_id)


async def missing(session: AsyncSession, user_id: UUID, org_id: UUID) -> str | None:
    """What is missing before somebody may come into `org_id`: to `verify`, to `enroll`, or nothing."""
    enrolled = exists().where(Totp.user_id == user_id, Totp.confirmed_at.is_not(None))
    has, must = (await session.execute(select(enrolled, exists(_requiring(user_id, org_id))))).one()
    if has:
        return "verify"
    return "enroll" if must else None


async def set_up(session: AsyncSession, user_id: UUID, secret: str, step: int) -> list[str]:
    """Make `secret` the person's authenticator, in place of one before; their new recovery codes."""
    vault: Vault = tools_of(session).vault
    now = clock.now()
    values = {
        "secret": vault.seal(secret.encode(), bound_to(user_id)),
        "confirmed_at": now,
        "last_step": step,
    }
    await session.execute(
        insert(Totp)
        .values(user_id=user_id, created_at=now, **values)
        .on_conflict_do_update(index_elements=["user_id"], set_=values)
    )
    await notify(session, user_id, "Two-step sign-in was set up for your account.")
    return await fresh_recovery_codes(session, user_id)


async def fresh_recovery_codes(session: AsyncSession, user_id: UUID) -> list[str]:
    """Ten new recovery codes, shown once; the ones before are good for nothing any more."""
    await session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    codes = [base64.b32encode(secrets.token_bytes(10)).decode() for _ in range(RECOVERY_CODES)]
    session.add_all([RecoveryCode(hash=_mark(user_id, code), user_id=user_id) for code in codes])
    await session.flush()
    return ["-".join(code[at : at + 4] for at in range(0, 16, 4)).lower() for code in codes]


async def take_away(session: AsyncSession, user_id: UUID) -> bool:
    """Sign in by password alone from now on; False when there was no second factor."""
    gone = await session.scalar(delete(Totp).where(Totp.user_id == user_id).returning(Totp.user_id))
    await session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    if gone is not None:
        await notify(session, user_id, "Two-step sign-in was switched off for your account.")
    return gone is not None


async def notify(session: AsyncSession, user_id: UUID, what: str) -> None:
    """Tell a person by letter what was done with their account."""
    user = await session.get_one(User, user_id)
    await letters.write(
        session,
        to=user.email,
        template="security",
        data={"name": user.name, "what": what},
    )


async def rewrap(engine: AsyncEngine, vault: Vault, most: int) -> int:
    """Move at most `most` secrets to the key that seals now; how many were moved."""
    async with open_identity(engine) as session:
        mark = vault.mark
        old = await session.scalars(
            select(Totp)
            .where(func.substr(Totp.secret, 1, len(mark)) != mark)
            .order_by(Totp.user_id)
            .limit(most)
            .with_for_update()
        )
        moved = 0
        for row in old:
            row.secret = vault.rewrap(row.secret, bound_to(row.user_id))
            moved += 1
        await session.commit()
        return moved
