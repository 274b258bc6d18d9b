"""Letting a request in: one trip that signs in, scopes the transaction and looks up its key.

`identity.enter` (a SQL function) does all three, first in the transaction. What it answers becomes
the `Ctx` that the request's verbs receive.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.crypto import token_hash
from app.core.db import Scope, enter
from app.core.errors import Conflict, Unauthorized
from app.models.permissions import RecordScope
from app.services.context import Ctx

_ENTER = text(
    "select * from identity.enter(:token, :now, :source, :request_id, :clock, cast(:key as text))"
)


@dataclass(frozen=True)
class StoredAnswer:
    """A reply given before under the same idempotency key."""

    fingerprint: bytes
    status: int
    headers: dict[str, Any]
    body: bytes
    perm_version: int


@dataclass(frozen=True)
class Entered:
    """Who came in, and what they were told before, if they ask again."""

    ctx: Ctx
    csrf_hash: bytes
    user_name: str
    user_email: str
    org_name: str
    org_slug: str
    role_name: str
    perm_version: int
    """The membership's: it moves whenever what the person may do moves."""
    answer: StoredAnswer | None


async def let_in(
    session: AsyncSession, token: str | None, *, source: str, request_id: str, key: str | None
) -> Entered:
    """Sign in by access token and scope the transaction.

    Raises `Unauthorized` (with `X-Permission-Stale` after a change of role) and `Conflict` while
    another request with the same idempotency key is still running.
    """
    if not token:
        raise Unauthorized("Sign in first, or send your access token.")
    moment = clock.is_set()
    connection = await session.connection()  # there is no organisation yet that it could add
    row = (
        await connection.execute(
            _ENTER,
            {
                "token": token_hash(token),
                "now": clock.now(),
                "source": source,
                "request_id": request_id,
                "clock": moment.isoformat() if moment else "",
                "key": key,
            },
        )
    ).one()
    if row.state == "in_flight":
        raise Conflict(
            "A request with this idempotency key is still running. Try again in a moment.",
            code="request_in_flight",
            headers={"Retry-After": "1"},
        )
    if row.state == "stale":
        raise Unauthorized(
            "Your permissions have changed. Refresh your session to go on.",
            code="permissions_stale",
            headers={"X-Permission-Stale": "true"},
        )
    if row.state != "ok":
        raise Unauthorized("This session is not valid any more. Sign in again.")
    org_id, user_id = UUID(str(row.org_id)), UUID(str(row.user_id))
    enter(session, Scope(org_id, user_id, source, request_id))
    ctx = Ctx(
        session=session,
        org_id=org_id,
        user_id=user_id,
        permissions=frozenset(row.permissions),
        record_scope=RecordScope(row.record_scope),
        role_level=row.role_level,
        source=source,
        request_id=request_id,
        session_id=UUID(str(row.session_id)),
    )
    answer = None
    if row.reply_fingerprint is not None:
        answer = StoredAnswer(
            bytes(row.reply_fingerprint),
            row.reply_status,
            row.reply_headers,
            bytes(row.reply_body),
            row.reply_perm_version,
        )
    return Entered(
        ctx,
        bytes(row.csrf_hash),
        row.user_name,
        row.user_email,
        row.org_name,
        row.org_slug,
        row.role_name,
        row.perm_version,
        answer,
    )
