"""How long drives take, as a map service said: asked for, answered, forgotten in time."""

import sqlalchemy as sa
from alembic import op

revision = "0400"
down_revision = "0420"
branch_labels = None
depends_on = None

BANDS = "('any', 'night', 'morning', 'midday', 'afternoon', 'weekend')"


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "travel_times",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(length=200), nullable=False),
        sa.Column("start_latitude_e5", sa.BigInteger(), nullable=False),
        sa.Column("start_longitude_e5", sa.BigInteger(), nullable=False),
        sa.Column("goal_latitude_e5", sa.BigInteger(), nullable=False),
        sa.Column("goal_longitude_e5", sa.BigInteger(), nullable=False),
        sa.Column("band", sa.Text(), nullable=False),
        sa.Column("moving", sa.Boolean(), nullable=False),
        sa.Column("zone", sa.String(length=200), nullable=False),
        sa.Column("seconds", sa.BigInteger(), nullable=True),
        sa.Column("metres", sa.BigInteger(), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(f"band in {BANDS}", name=op.f("ck_travel_times_band")),
        sa.CheckConstraint("seconds >= 0", name=op.f("ck_travel_times_seconds")),
        sa.CheckConstraint("metres >= 0", name=op.f("ck_travel_times_metres")),
        sa.CheckConstraint(
            "(due_at is null) = (answered_on is not null)", name=op.f("ck_travel_times_answered")
        ),
        sa.PrimaryKeyConstraint(
            "org_id", "provider", "start_latitude_e5", "start_longitude_e5", "goal_latitude_e5",
            "goal_longitude_e5", "band", name=op.f("pk_travel_times"),
        ),
    )  # fmt: skip
    op.create_index(
        "ix_travel_times_due_at",
        "travel_times",
        ["org_id", "due_at"],
        postgresql_where=sa.text("due_at is not null"),
    )
    op.create_index(
        "ix_travel_times_answered_on", "travel_times", ["org_id", "moving", "answered_on"]
    )
    op.execute("select system.wall('travel_times', 'select, insert, update, delete')")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.drop_table("travel_times")
