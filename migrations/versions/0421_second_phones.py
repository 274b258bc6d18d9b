"""Customers are found by their second phone as by their first."""

from alembic import op

revision = "0421"
down_revision = "0410"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.create_index("ix_customers_second_phone", "customers", ["org_id", "second_phone"])


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.drop_index("ix_customers_second_phone", "customers")
