"""Replies that were given, so that asking again is answered again and done once.

A row commits with the effect it answers for. Not journalled; swept after its time.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, LargeBinary
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.model import Short, TenantRow


class StoredReply(TenantRow):
    __tablename__ = "stored_replies"

    principal_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(Short, primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    """SHA-256 of method, path, query and body."""
    status: Mapped[int]
    headers: Mapped[dict[str, Any]] = mapped_column(JSONB)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    perm_version: Mapped[int]
    """Of the membership that asked: with other rights since, what it shows may not be shown."""
    created_at: Mapped[datetime] = mapped_column(default=lambda: clock.now())

    __table_args__ = (Index("ix_stored_replies_created_at", "org_id", "created_at"),)
