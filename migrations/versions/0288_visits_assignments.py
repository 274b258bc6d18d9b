"""Indexes that lists were missing: a visit's assignments, those that were declined too, and the few customers
who are on hold."""

import sqlalchemy as sa
from alembic import op

revision = "0288"
down_revision = "0300"
branch_labels = None
depends_on = None


SINCE = ("credit_held_at", "service_stopped_at")


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.create_index("ix_assignments_visit_id", "assignments", ["org_id", "visit_id"])
    for since in SINCE:
        there = sa.text(f"{since} is not null")
        op.create_index(
            f"ix_customers_{since}", "customers", ["org_id", since], postgresql_where=there
        )


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    for since in SINCE:
        op.drop_index(f"ix_customers_{since}", table_name="customers")
    op.drop_index("ix_assignments_visit_id", table_name="assignments")
