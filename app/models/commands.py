"""Commands: what somebody did on the board, so that it can be undone and redone.

What a command did to the rows stands in the journal; here is only where: the transactions of it and
of each time it was undone or redone since. They are kept for a few days (`tasks.schedules`).
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ColumnElement, Index, true
from sqlalchemy.orm import Mapped, column_property, mapped_column

from app.core.model import Short, TenantModel, Viewer, belongs_to
from app.models.journal import XID8


class Command(TenantModel):
    __tablename__ = "commands"

    operation: Mapped[str] = mapped_column(Short)
    """The operation of the API, such as `schedule_visit`; of many records, `bulk_` and the action."""
    permission: Mapped[str] = mapped_column(Short)
    """What doing it needed; so does undoing it."""
    asked_by_id: Mapped[UUID | None]
    request_id: Mapped[str] = mapped_column(Short)
    bulk_action_id: Mapped[UUID | None]
    step: Mapped[int] = mapped_column(BigInteger, default=0)
    """How often it was undone or redone: it is undone while this is odd."""
    stepped_at: Mapped[datetime | None]
    """When it was undone or redone last."""
    stepped_by_id: Mapped[UUID | None]

    undone: Mapped[bool] = column_property(step % 2 == 1)

    __table_args__ = (
        belongs_to("asked_by_id", "members"),
        belongs_to("stepped_by_id", "members"),
        belongs_to("bulk_action_id", "bulk_actions", ondelete="CASCADE"),
        CheckConstraint("step >= 0", name="step"),
        Index("ix_commands_created_at", "org_id", "created_at", "id"),
        Index("ix_commands_asked_by_id", "org_id", "asked_by_id", "created_at", "id"),
        Index("ix_commands_stepped_by_id", "org_id", "stepped_by_id"),
        Index("uq_commands_bulk_action_id", "org_id", "bulk_action_id", unique=True),
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """One's own; all to whoever sees all records."""
        return true() if viewer.sees_all else cls.asked_by_id == viewer.user_id


class CommandRun(TenantModel):
    """One transaction of a command, and which entries of the journal are its own."""

    __tablename__ = "command_runs"

    command_id: Mapped[UUID]
    step: Mapped[int] = mapped_column(BigInteger)
    """0: when it was done. A bulk action has several runs of one step."""
    xid: Mapped[Any] = mapped_column(XID8())
    first_entry: Mapped[int] = mapped_column(BigInteger)
    last_entry: Mapped[int] = mapped_column(BigInteger)
    """Entries of other transactions lie between the two, too."""

    __table_args__ = (
        belongs_to("command_id", "commands", ondelete="CASCADE"),
        CheckConstraint("first_entry <= last_entry", name="entries"),
        Index("ix_command_runs_command_id", "org_id", "command_id", "step"),
        Index("ix_command_runs_xid", "org_id", "xid"),
    )
