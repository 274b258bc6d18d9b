"""Mails: what an organisation writes to people, recorded with what they are about.

The record is made in the transaction of the verb that wants to tell; a job sends it afterwards, once.
The message itself may hold a link that opens a door, so it is kept sealed and only until it is sent.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.model import Long, Short, TenantModel, one_of


class MailStatus(StrEnum):
    queued = "queued"
    sending = "sending"
    """Handed to the mail server at this moment, or a worker died while it was."""
    sent = "sent"
    refused = "refused"
    """The server will not take it, or could not be reached in all tries."""
    unclear = "unclear"
    """The connection broke while it was handed over; it is not sent a second time."""


class Mail(TenantModel):
    __tablename__ = "mails"

    key: Mapped[str] = mapped_column(Short)
    """One mail for one key, however often it is asked for."""
    template: Mapped[str] = mapped_column(Short)
    about_id: Mapped[UUID | None]
    """The record it tells of."""
    to_address: Mapped[str] = mapped_column(Short)
    subject: Mapped[str] = mapped_column(Short)
    status: Mapped[MailStatus] = mapped_column(Text, default=MailStatus.queued)
    message: Mapped[bytes | None] = mapped_column(
        LargeBinary, deferred=True, deferred_raiseload=True
    )
    """Sealed; gone once it is sent."""
    sent_at: Mapped[datetime | None]
    failure: Mapped[str | None] = mapped_column(Long)
    """Why it was not sent."""

    __table_args__ = (
        UniqueConstraint("org_id", "key"),
        one_of("status", MailStatus),
        Index("ix_mails_created_at", "org_id", "created_at", "id"),
        Index("ix_mails_about_id", "org_id", "about_id"),
    )
