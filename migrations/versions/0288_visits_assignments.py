"""The assignments of a visit, those that were declined too: every list of somebody's own work asks for them."""

from alembic import op

revision = "0288"
down_revision = "0287"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.create_index("ix_assignments_visit_id", "assignments", ["org_id", "visit_id"])


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.drop_index("ix_assignments_visit_id", table_name="assignments")
