"""Job types as templates: crew size, instructions, kinds of tasks, price lines."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0221"
down_revision = "0141"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.add_column(
        "job_types", sa.Column("crew_size", sa.BigInteger(), nullable=False, server_default="1")
    )
    op.add_column("job_types", sa.Column("instructions", sa.String(10_000)))
    for name, empty in (("task_details", "{}"), ("price_lines", "[]")):
        op.add_column("job_types", sa.Column(name, JSONB(), nullable=False, server_default=empty))
    op.create_check_constraint(
        op.f("ck_job_types_crew_size"), "job_types", "crew_size between 1 and 20"
    )
    op.add_column(
        "checklist_items", sa.Column("kind", sa.Text(), nullable=False, server_default="check")
    )
    op.add_column("checklist_items", sa.Column("answer", sa.String(200)))
    op.create_check_constraint(
        op.f("ck_checklist_items_kind"), "checklist_items", "kind in ('check', 'text', 'number')"
    )
    for table in ("job_types", "checklist_items"):
        op.execute(f"select system.write_triggers('{table}')")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    for name in ("answer", "kind"):
        op.drop_column("checklist_items", name)
    for name in ("price_lines", "task_details", "instructions", "crew_size"):
        op.drop_column("job_types", name)
    for table in ("job_types", "checklist_items"):
        op.execute(f"select system.write_triggers('{table}')")
