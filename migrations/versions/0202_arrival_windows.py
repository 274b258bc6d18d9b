"""Sets of arrival windows, of a job type or of all others."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0202"
down_revision = "0123"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    now = sa.text("system.clock()")
    op.create_table(
        "arrival_windows",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("job_type_id", sa.Uuid(), nullable=True),
        sa.Column("windows", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.CheckConstraint("length(trim(name)) > 0", name=op.f("ck_arrival_windows_name")),
        sa.ForeignKeyConstraint(
            ["org_id", "job_type_id"],
            ["job_types.org_id", "job_types.id"],
            name=op.f("fk_arrival_windows_org_id_job_type_id"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_arrival_windows")),
    )
    op.create_index("ix_arrival_windows_job_type_id", "arrival_windows", ["org_id", "job_type_id"])
    op.create_index(
        "ix_arrival_windows_created_at", "arrival_windows", ["org_id", "created_at", "id"]
    )
    op.execute("select system.protect('arrival_windows', 'arrival_window')")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("select system.unprotect('arrival_windows')")
    op.drop_table("arrival_windows")
