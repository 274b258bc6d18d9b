"""Sample records in an organisation, and which they are."""

import sqlalchemy as sa
from alembic import op

revision = "0280"
down_revision = "0251"
branch_labels = None
depends_on = None


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
    counts = ("steps", "steps_done", "records_made", "records_removed", "records_kept")
    op.create_table(
        "samples",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        *(sa.Column(one, sa.BigInteger(), nullable=False) for one in counts),
        sa.Column("failure", sa.String(length=10000), nullable=True),
        sa.Column("asked_by_id", sa.Uuid(), nullable=True),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        *_kept(),
        sa.CheckConstraint(
            "status in ('loading', 'loaded', 'removing', 'removed', 'failed')",
            name=op.f("ck_samples_status"),
        ),
        sa.CheckConstraint("steps_done between 0 and steps", name=op.f("ck_samples_steps_done")),
        sa.ForeignKeyConstraint(
            ["org_id", "asked_by_id"],
            ["members.org_id", "members.id"],
            name=op.f("fk_samples_org_id_asked_by_id"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_samples")),
    )
    op.create_index("ix_samples_created_at", "samples", ["org_id", "created_at", "id"])
    op.create_index("ix_samples_asked_by_id", "samples", ["org_id", "asked_by_id"])
    op.create_table(
        "sample_records",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sample_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("table_name", sa.String(length=200), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("record_version", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("reason", sa.String(length=10000), nullable=True),
        *_kept(),
        sa.CheckConstraint(
            "outcome in ('removed', 'kept')", name=op.f("ck_sample_records_outcome")
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "sample_id"],
            ["samples.org_id", "samples.id"],
            name=op.f("fk_sample_records_org_id_sample_id"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_sample_records")),
    )
    op.create_index(
        "uq_sample_records_position",
        "sample_records",
        ["org_id", "sample_id", "position"],
        unique=True,
    )
    op.execute("select system.protect('samples', 'sample')")
    op.execute("select system.protect('sample_records', 'sample_record')")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("select system.unprotect('sample_records')")
    op.drop_table("sample_records")
    op.execute("select system.unprotect('samples')")
    op.drop_table("samples")
