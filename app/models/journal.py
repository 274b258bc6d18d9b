"""The journal: one entry per changed row and per fact, written in the change's own transaction.

Row entries come from triggers, facts from `emit`. The application may insert and read, never change
or delete. `seq` (in `system.journal_numbers`) follows commit visibility and is given by the relay;
`id` only orders the entries of one transaction. `StoryEntry` says in whose timeline a fact stands.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKeyConstraint, Identity, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

from app.core.model import TenantRow


class XID8(UserDefinedType[str]):
    """PostgreSQL's 64-bit transaction id; only SQL reads it."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "xid8"


class JournalEntry(TenantRow):
    __tablename__ = "journal"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=text("system.clock()"))
    entity: Mapped[str]
    """The table's or record's name in the singular, such as `work_order`."""
    entity_id: Mapped[UUID]
    action: Mapped[str]
    """`created`, `updated`, `deleted`, or the name of a fact such as `visit.completed`."""
    is_fact: Mapped[bool] = mapped_column(server_default=text("false"))
    version: Mapped[int | None]
    changes: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """Row entries: `{column: [before, after]}`. Facts: what their sentence needs."""
    occurred_at: Mapped[datetime | None]
    """When it happened in the field, where that differs from when we heard."""
    actor_id: Mapped[UUID | None] = mapped_column(server_default=text("system.actor()"))
    source: Mapped[str] = mapped_column(server_default=text("current_setting('app.source')"))
    request_id: Mapped[str] = mapped_column(
        server_default=text("current_setting('app.request_id')")
    )
    xid: Mapped[Any] = mapped_column(XID8(), server_default=text("pg_current_xact_id()"))

    __table_args__ = (
        Index("ix_journal_xid", "xid"),
        Index("ix_journal_entity_id", "org_id", "entity_id", "id"),
        Index("ix_journal_rows", "org_id", "entity", "at", postgresql_where=text("not is_fact")),
    )


class StoryEntry(TenantRow):
    """A fact stands in the timeline of each of its subjects."""

    __tablename__ = "stories"

    subject_id: Mapped[UUID] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)

    __table_args__ = (
        ForeignKeyConstraint(["org_id", "entry_id"], ["journal.org_id", "journal.id"]),
    )
