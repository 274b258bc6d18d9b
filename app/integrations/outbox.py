"""The twin of a mail server: mails stay in a table that `/dev/outbox` shows.

The same message is kept once, and the newest few hundred are kept at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core import clock
from app.core.errors import NotFound
from app.core.ids import new_id
from app.models.outbox import OutboxMail

KEPT = 500
"""Mails that an outbox holds; older ones make room."""
SHOWN = 100


@dataclass(frozen=True)
class Line:
    """One mail of the list."""

    id: UUID
    at: datetime
    to: str
    subject: str


def read(message: bytes) -> EmailMessage:
    """A message with its parts."""
    return message_from_bytes(message, policy=SMTP)


class OutboxPost:
    """The twin without a network: mails stay in a table that `/dev/outbox` shows."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def send(self, message: bytes, to: str) -> None:
        """Keep the message, once however often it is handed over, and let the oldest go."""
        head = read(message)
        async with self._engine.begin() as connection:
            await connection.execute(
                insert(OutboxMail)
                .values(
                    id=new_id(),
                    message_id=str(head["Message-ID"]),
                    to_address=to,
                    subject=str(head["Subject"]),
                    message=message,
                    created_at=clock.now(),
                )
                .on_conflict_do_nothing(index_elements=["message_id"])
            )
            newest = select(OutboxMail.id).order_by(
                OutboxMail.created_at.desc(), OutboxMail.id.desc()
            )
            await connection.execute(
                delete(OutboxMail).where(OutboxMail.id.in_(newest.offset(KEPT)))
            )


async def newest(engine: AsyncEngine) -> Sequence[Line]:
    """The last mails, newest first."""
    async with engine.connect() as connection:
        rows = await connection.execute(
            select(OutboxMail.id, OutboxMail.created_at, OutboxMail.to_address, OutboxMail.subject)
            .order_by(OutboxMail.created_at.desc(), OutboxMail.id.desc())
            .limit(SHOWN)
        )
        return [Line(*row) for row in rows]


async def one(engine: AsyncEngine, id: UUID) -> EmailMessage:
    """One mail as it would have arrived. Raises `NotFound`."""
    async with engine.connect() as connection:
        found = await connection.scalar(select(OutboxMail.message).where(OutboxMail.id == id))
    if found is None:
        raise NotFound("There is no such mail, or it has made room for newer ones.")
    return read(found)
