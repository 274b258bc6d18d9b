"""Letters: mails that no organisation writes, to somebody who is only about to come in.

As with an organisation's mails, a letter is recorded and its delivery asked for in the verb's own
transaction. It is kept sealed, because it holds what opens the door, and forgotten once it is sent.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.core import clock, queue
from app.core.db import Sessions
from app.core.identity_db import open_identity
from app.core.ids import new_id
from app.core.telemetry import request_id
from app.core.tools import tools_of
from app.documents.mails import Envelope, message, words
from app.integrations.mail import FAILURES
from app.models.identity import Letter
from app.models.mails import MailStatus
from app.services.mails import outcome

JOB = "letter.send"
TRIES = 8
KEPT = timedelta(days=7)
DELAY, LONGEST = timedelta(seconds=10), timedelta(minutes=10)
LOST_AFTER = timedelta(minutes=5)
BRAND = "Truckroll"


async def write(
    session: AsyncSession, *, to: str, template: str, data: Mapping[str, Any]
) -> Letter:
    """Write to `to` once this transaction has committed."""
    tools = tools_of(session)
    id = new_id()
    envelope = Envelope(str(id), tools.mail_from, BRAND, to, clock.now(), request_id=request_id())
    finished = message(envelope, words(template, data, brand=BRAND))
    letter = Letter(
        id=id, template=template, to_address=to, message=tools.vault.seal(finished, f"letter:{id}")
    )
    session.add(letter)
    await session.flush()
    await _enqueue(session, id)
    return letter


async def _enqueue(session: AsyncSession, letter_id: UUID) -> None:
    await queue.enqueue(session, JOB, str(letter_id).encode(), key=f"letter:{letter_id}")


async def send(sessions: Sessions, letter_id: UUID) -> timedelta | None:
    """Hand a letter over; how long to wait before another try, or None when there is none."""
    tools = sessions.tools
    assert tools is not None
    async with open_identity(sessions) as session:
        letter = await session.get(Letter, letter_id, with_for_update=True)
        if letter is None:
            return None
        if letter.status == MailStatus.sending:
            letter.status = MailStatus.unclear
        if letter.status == MailStatus.queued and letter.attempts >= TRIES:
            letter.status, letter.message = MailStatus.refused, None
        if letter.status != MailStatus.queued or letter.message is None:
            await session.commit()
            return None
        letter.status, letter.attempts = MailStatus.sending, letter.attempts + 1
        finished = tools.vault.open(letter.message, f"letter:{letter_id}")
        to = letter.to_address
        await session.commit()
    failure: Exception | None = None
    try:
        await tools.post.send(finished, to)
    except FAILURES as error:
        failure = error
    async with open_identity(sessions) as session:
        letter = await session.get_one(Letter, letter_id, with_for_update=True)
        letter.status, letter.failure = outcome(failure)
        if letter.status != MailStatus.queued:
            letter.message = None
        await session.commit()
        again = letter.status == MailStatus.queued
        return min(DELAY * (1 << (letter.attempts - 1)), LONGEST) if again else None


async def sweep(engine: AsyncEngine, most: int) -> int:
    """Forget old letters, and queue again those that have fallen out of the queue; how many went."""
    async with open_identity(engine) as session:
        waiting = await session.scalars(
            select(Letter.id)
            .where(
                Letter.status.in_((MailStatus.queued, MailStatus.sending)),
                Letter.created_at.between(clock.now() - KEPT, clock.now() - LOST_AFTER),
            )
            .order_by(Letter.created_at)
            .limit(most)
        )
        for id in waiting:
            await _enqueue(session, id)
        old = (
            select(Letter.id)
            .where(Letter.created_at < clock.now() - KEPT)
            .order_by(Letter.created_at)
            .limit(most)
        )
        gone = await session.execute(delete(Letter).where(Letter.id.in_(old)).returning(Letter.id))
        taken = len(gone.all())
        await session.commit()
        return taken
