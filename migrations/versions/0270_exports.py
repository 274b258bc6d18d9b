"""Exports: lists of any length as files."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0270"
down_revision = "0275"
branch_labels = None
depends_on = None

ROLES = "owner,admin,manager,dispatcher,accountant"


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    clock = sa.text("system.clock()")
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "exports",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("list", sa.String(length=200), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("asked", postgresql.JSONB(), nullable=False),
        sa.Column("columns", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("rows_total", sa.BigInteger(), nullable=True),
        sa.Column("rows_written", sa.BigInteger(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=True),
        sa.Column("length", sa.BigInteger(), nullable=True),
        sa.Column("rights", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("failure", sa.String(length=10000), nullable=True),
        sa.Column("asked_by_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", moment, nullable=True),
        sa.Column("finished_at", moment, nullable=True),
        sa.Column("expires_at", moment, nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", moment, server_default=clock, nullable=False),
        sa.Column("updated_at", moment, server_default=clock, nullable=False),
        sa.CheckConstraint("format in ('csv', 'xlsx')", name=op.f("ck_exports_format")),
        sa.CheckConstraint(
            "status in ('queued', 'running', 'ready', 'failed', 'canceled', 'expired')",
            name=op.f("ck_exports_status"),
        ),
        sa.CheckConstraint("rows_written >= 0", name=op.f("ck_exports_rows_written")),
        sa.CheckConstraint(
            "(status = 'ready') = (object_id is not null)", name=op.f("ck_exports_object_id")
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "asked_by_id"],
            ["members.org_id", "members.id"],
            name=op.f("fk_exports_org_id_asked_by_id"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_exports")),
    )
    op.create_index("ix_exports_created_at", "exports", ["org_id", "created_at", "id"])
    op.create_index("ix_exports_asked_by_id", "exports", ["org_id", "asked_by_id"])
    op.create_index(
        "ix_exports_object_id",
        "exports",
        ["org_id", "object_id"],
        postgresql_where=sa.text("object_id is not null"),
    )
    op.create_index(
        "ix_exports_expires_at",
        "exports",
        ["org_id", "expires_at"],
        postgresql_where=sa.text("status = 'ready'"),
    )
    op.execute("select system.protect('exports', 'export', array['object_id', 'rights'])")
    op.execute(f"select identity.grant_permission('exports:write', '{{{ROLES}}}')")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("select system.unprotect('exports')")
    op.drop_table("exports")
