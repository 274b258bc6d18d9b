"""Indexes of lists in the order they are asked for: what is open or over, and what few rows have.

A filter that hardly any row passes was read in the order of the sort, from end to end.
"""

import sqlalchemy as sa
from alembic import op

revision = "0340"
down_revision = "0330"
branch_labels = None
depends_on = None

OVER = "('closed', 'canceled')"
VISIT_OVER = "('completed', 'incomplete', 'no_access', 'no_show', 'canceled')"
BY = (
    ("ix_work_orders_priority", "work_orders", ["priority", "created_at"]),
    ("ix_customers_kind", "customers", ["kind", "created_at"]),
    ("ix_customers_kind_name", "customers", ["kind", "sort_name"]),
    ("ix_customers_stage", "customers", ["stage", "created_at"]),
    ("ix_customers_stage_name", "customers", ["stage", "sort_name"]),
)
PARTS = (
    ("ix_work_orders_open", "work_orders", f"status not in {OVER}"),
    ("ix_work_orders_over", "work_orders", f"status in {OVER}"),
    ("ix_visits_open", "visits", f"status not in {VISIT_OVER}"),
)
KIND = "ix_work_orders_job_type_id"


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    for name, table, columns in BY:
        op.create_index(name, table, ["org_id", *columns, "id"])
    for name, table, where in PARTS:
        op.create_index(
            name, table, ["org_id", "created_at", "id"], postgresql_where=sa.text(where)
        )
    op.drop_index(KIND, table_name="work_orders")
    op.create_index(KIND, "work_orders", ["org_id", "job_type_id", "created_at", "id"])


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.drop_index(KIND, table_name="work_orders")
    op.create_index(KIND, "work_orders", ["org_id", "job_type_id"])
    for name, table, _ in PARTS:
        op.drop_index(name, table_name=table)
    for name, table, _ in BY:
        op.drop_index(name, table_name=table)
