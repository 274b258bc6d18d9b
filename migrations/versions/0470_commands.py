"""Commands of the board, and which entries of the journal are theirs: undo and redo.

Revision ID: 0470
Revises: 0511
"""

import sqlalchemy as sa
from alembic import op

revision = "0470"
down_revision = "0511"
branch_labels = None
depends_on = None


class XID8(sa.types.UserDefinedType[str]):
    """PostgreSQL's 64-bit transaction id."""

    def get_col_spec(self, **_: object) -> str:
        return "xid8"


def _kept() -> list[sa.Column[object]]:
    clock = sa.text("system.clock()")
    moment = sa.DateTime(timezone=True)
    return [
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", moment, server_default=clock, nullable=False),
        sa.Column("updated_at", moment, server_default=clock, nullable=False),
    ]


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "commands",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("operation", sa.String(length=200), nullable=False),
        sa.Column("permission", sa.String(length=200), nullable=False),
        sa.Column("asked_by_id", sa.Uuid(), nullable=True),
        sa.Column("request_id", sa.String(length=200), nullable=False),
        sa.Column("bulk_action_id", sa.Uuid(), nullable=True),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("stepped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stepped_by_id", sa.Uuid(), nullable=True),
        *_kept(),
        sa.CheckConstraint("step >= 0", name=op.f("ck_commands_step")),
        sa.ForeignKeyConstraint(
            ["org_id", "asked_by_id"],
            ["members.org_id", "members.id"],
            name=op.f("fk_commands_org_id_asked_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "stepped_by_id"],
            ["members.org_id", "members.id"],
            name=op.f("fk_commands_org_id_stepped_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "bulk_action_id"],
            ["bulk_actions.org_id", "bulk_actions.id"],
            name=op.f("fk_commands_org_id_bulk_action_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_commands")),
    )
    op.create_index("ix_commands_created_at", "commands", ["org_id", "created_at", "id"])
    op.create_index(
        "ix_commands_asked_by_id", "commands", ["org_id", "asked_by_id", "created_at", "id"]
    )
    op.create_index("ix_commands_stepped_by_id", "commands", ["org_id", "stepped_by_id"])
    op.create_index(
        "uq_commands_bulk_action_id", "commands", ["org_id", "bulk_action_id"], unique=True
    )
    op.create_table(
        "command_runs",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("command_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("xid", XID8(), nullable=False),
        sa.Column("first_entry", sa.BigInteger(), nullable=False),
        sa.Column("last_entry", sa.BigInteger(), nullable=False),
        *_kept(),
        sa.CheckConstraint("first_entry <= last_entry", name=op.f("ck_command_runs_entries")),
        sa.ForeignKeyConstraint(
            ["org_id", "command_id"],
            ["commands.org_id", "commands.id"],
            name=op.f("fk_command_runs_org_id_command_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_command_runs")),
    )
    op.create_index("ix_command_runs_command_id", "command_runs", ["org_id", "command_id", "step"])
    op.create_index("ix_command_runs_xid", "command_runs", ["org_id", "xid"])
    # what is kept here is where the journal says it, so the journal says nothing of it
    op.execute("select system.protect('commands', 'command', p_journalled => false)")
    op.execute("select system.protect('command_runs', 'command_run', p_journalled => false)")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    for table in ("command_runs", "commands"):
        op.execute(f"select system.unprotect('{table}')")
        op.drop_table(table)
