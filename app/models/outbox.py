"""The outbox: mails that an installation without a mail server keeps instead of sending them.

It holds what people were written, links and codes included, so it exists outside production only,
and belongs to the installation, not to an organisation.
"""

from uuid import UUID

from sqlalchemy import Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.ids import new_id
from app.models.identity import SCHEMA, IdentityRow


class OutboxMail(IdentityRow):
    __tablename__ = "outbox"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    message_id: Mapped[str]
    """The message's own id: the same message is kept once."""
    to_address: Mapped[str]
    subject: Mapped[str]
    message: Mapped[bytes] = mapped_column(LargeBinary)
    """As it would have left: RFC 5322."""

    __table_args__ = (
        UniqueConstraint("message_id"),
        Index("ix_outbox_created_at", "created_at", "id"),
        {"schema": SCHEMA},
    )
