"""Showing that one is who one says: by a password, and once more before what is dangerous.

What changes who may come in (an address, a password, a second factor, a role) needs a proof of the
last ten minutes. Signing in is one; later ones are asked for. Each try counts as a guess.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core import clock
from app.core.db import Sessions
from app.core.errors import Forbidden, Unavailable, invalid_field
from app.core.identity_db import open_identity
from app.models.identity import Proof, SignIn, User
from app.services.context import Ctx
from app.services.identity import guessing, passwords, second_factor
from app.services.identity.devices import Device

FRESH = timedelta(minutes=10)


async def require_fresh(ctx: Ctx) -> None:
    """Raise `Forbidden` unless this session's person has proved who they are a moment ago."""
    proved = await ctx.session.scalar(
        select(SignIn.proved_at).where(
            SignIn.id == ctx.session_id,
            SignIn.user_id == ctx.user_id,
            SignIn.org_id == ctx.org_id,
        )
    )
    if not is_fresh(proved):
        raise Forbidden(
            "Confirm first that it is you: send your password or a code of your authenticator to"
            " POST /api/v2/auth/step-up, then try again.",
            code="step_up_required",
        )


def is_fresh(proved_at: datetime | None) -> bool:
    """Whether a proof is of a moment ago."""
    return proved_at is not None and proved_at > clock.now() - FRESH


async def own_or_new(
    engine: AsyncEngine, user: User | None, password: str, names: Sequence[str], device: Device
) -> str | None:
    """For somebody we know, that the password is theirs (None); for somebody new, its hash.

    Raises `Invalid` for a wrong or weak one, `TooMany` after too many wrong ones.
    """
    if user is not None:
        await check_password(engine, user, password, device, field="password")
        return None
    passwords.refuse_weak(password, [*names, "truckroll"], field="password")
    return await passwords.hash_password(password)


async def check_password(
    engine: AsyncEngine, user: User, password: str, device: Device, *, field: str
) -> UUID:
    """The id of the try, which was right but is not noted as such. Raises as `own_or_new` does."""
    attempt = await guessing.count(engine, user.email, device, proof=Proof.confirmation)
    try:
        right = await passwords.verify(password, user.password_hash)
    except Unavailable:
        await guessing.uncount(engine, attempt)
        raise
    if not right or user.disabled_at is not None:
        raise invalid_field(field, "The password is wrong.", code="wrong_password")
    return attempt


async def step_up(
    sessions: Sessions,
    user_id: UUID,
    session_id: UUID,
    device: Device,
    *,
    password: str | None,
    code: str | None,
) -> None:
    """Prove once more who one is, by password or by a code; whoever has an authenticator, by a code.

    Raises `Invalid` and `TooMany`.
    """
    engine = sessions.engine
    async with open_identity(engine) as session:
        user = await session.get_one(User, user_id)
        standing = await second_factor.standing(session, user_id)
    if code is None and standing.enrolled_at is not None:
        raise invalid_field(
            "code", "Send the code that your authenticator shows now.", code="code_needed"
        )
    if password is not None:
        attempt = await check_password(engine, user, password, device, field="password")
    else:
        attempt = await second_factor.count(engine, user_id, device)
    async with open_identity(sessions) as session:
        if code is not None and not await second_factor.take(session, user_id, code):
            raise invalid_field("code", "This code is not right, or was used.", code="wrong_code")
        await guessing.right(session, attempt, device.token, user_id=user_id)
        await session.execute(
            update(SignIn)
            .where(SignIn.id == session_id, SignIn.user_id == user_id)
            .values(proved_at=clock.now())
        )
        await session.commit()
