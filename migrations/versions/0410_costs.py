"""What is sold has a cost, which few see: of job types and of the lines of invoices.

Revision ID: 0410
Revises: 0400
"""

import sqlalchemy as sa
from alembic import op

revision = "0410"
down_revision = "0400"
branch_labels = None
depends_on = None

TABLES = ("job_types", "invoice_lines")


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    for table in TABLES:
        op.add_column(table, sa.Column("unit_cost", sa.Numeric(precision=14, scale=4)))
        op.create_check_constraint(op.f(f"ck_{table}_unit_cost"), table, "unit_cost >= 0")
        op.execute(f"select system.write_triggers('{table}')")
    op.execute(
        "select identity.grant_permission('prices:costs', '{owner,admin,manager,accountant}')"
    )


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    for table in TABLES:
        op.drop_column(table, "unit_cost")
        op.execute(f"select system.write_triggers('{table}')")
    # of all organisations at once, and no news to anybody: what was written before refuses such a key
    op.execute("alter table job_types no force row level security")
    op.execute("alter table job_types disable trigger user")
    op.execute(
        "update job_types set price_lines = (select coalesce(jsonb_agg(line - 'unit_cost' order by"
        " place), '[]') from jsonb_array_elements(price_lines) with ordinality one (line, place))"
        " where jsonb_path_exists(price_lines, '$[*].unit_cost')"
    )
    op.execute("alter table job_types enable trigger user")
    op.execute("alter table job_types force row level security")
    op.execute("update identity.roles set permissions = array_remove(permissions, 'prices:costs')")
