"""Who has set off lately is found by when, not among all the visits that somebody ever had.

It is asked for every batch of positions, and every tick of what is told live, of whoever has no shift.
"""

from alembic import op
from sqlalchemy import text

revision = "0520"
down_revision = "0460"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.create_index(
        "ix_visits_travel_started_at",
        "visits",
        ["org_id", "travel_started_at", "id"],
        postgresql_where=text("travel_started_at is not null"),
    )


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.drop_index("ix_visits_travel_started_at", table_name="visits")
