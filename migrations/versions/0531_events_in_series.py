"""Events that repeat: whose series each is one of, and for which day of its rule."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0531"
down_revision = "0461"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.add_column("events", sa.Column("series_id", sa.Uuid()))
    op.add_column("events", sa.Column("series_day", sa.Date()))
    op.add_column("events", sa.Column("repeats", postgresql.JSONB()))
    op.create_check_constraint(
        op.f("ck_events_series"), "events", "(series_id is null) = (series_day is null)"
    )
    op.create_index(
        "uq_events_series", "events", ["org_id", "series_id", "series_day"], unique=True
    )
    op.execute("select system.write_triggers('events')")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.drop_index("uq_events_series", "events")
    op.drop_column("events", "repeats")
    op.drop_column("events", "series_day")
    op.drop_column("events", "series_id")
    op.execute("select system.write_triggers('events')")
