"""Bulk actions: one verb for many records, and what became of each."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0181"
down_revision = "0201"
branch_labels = None
depends_on = None

ROLES = "owner,admin,manager,dispatcher,accountant"


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
    counts = ("done", "changed", "unchanged", "refused", "restored", "kept")
    op.create_table(
        "bulk_actions",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("list", sa.String(length=200), nullable=False),
        sa.Column("action", sa.String(length=200), nullable=False),
        sa.Column("params", postgresql.JSONB(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        *(sa.Column(f"rows_{one}", sa.BigInteger(), nullable=False) for one in counts),
        sa.Column("cancel_asked", sa.Boolean(), nullable=False),
        sa.Column("failure", sa.String(length=10000), nullable=True),
        sa.Column("asked_by_id", sa.Uuid(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        *_kept(),
        sa.CheckConstraint(
            "status in ('queued', 'running', 'completed', 'canceled', 'failed', 'undoing', 'undone')",
            name=op.f("ck_bulk_actions_status"),
        ),
        sa.CheckConstraint("rows between 1 and 10000", name=op.f("ck_bulk_actions_rows")),
        sa.CheckConstraint("rows_done between 0 and rows", name=op.f("ck_bulk_actions_rows_done")),
        sa.ForeignKeyConstraint(
            ["org_id", "asked_by_id"],
            ["members.org_id", "members.id"],
            name=op.f("fk_bulk_actions_org_id_asked_by_id"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_bulk_actions")),
    )
    op.create_index("ix_bulk_actions_created_at", "bulk_actions", ["org_id", "created_at", "id"])
    op.create_index("ix_bulk_actions_asked_by_id", "bulk_actions", ["org_id", "asked_by_id"])
    op.create_table(
        "bulk_rows",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("bulk_action_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("code", sa.String(length=200), nullable=True),
        sa.Column("reason", sa.String(length=10000), nullable=True),
        sa.Column("version_after", sa.BigInteger(), nullable=True),
        sa.Column("before", postgresql.JSONB(none_as_null=True), nullable=True),
        *_kept(),
        sa.CheckConstraint(
            "outcome in ('changed', 'unchanged', 'refused', 'restored', 'kept')",
            name=op.f("ck_bulk_rows_outcome"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "bulk_action_id"],
            ["bulk_actions.org_id", "bulk_actions.id"],
            name=op.f("fk_bulk_rows_org_id_bulk_action_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_bulk_rows")),
    )
    op.create_index(
        "uq_bulk_rows_position", "bulk_rows", ["org_id", "bulk_action_id", "position"], unique=True
    )
    op.execute("select system.protect('bulk_actions', 'bulk_action', array['ids'])")
    op.execute("select system.protect('bulk_rows', 'bulk_row')")
    op.execute(f"select identity.grant_permission('bulk:write', '{{{ROLES}}}')")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    for table in ("bulk_rows", "bulk_actions"):
        op.execute(f"select system.unprotect('{table}')")
        op.drop_table(table)
