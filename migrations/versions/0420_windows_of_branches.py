"""A branch has working hours and arrival windows of its own: each town may keep other ones."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0420"
down_revision = "0332"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.add_column("arrival_windows", sa.Column("branch_id", sa.Uuid()))
    # checking a key reads both tables, which no policy lets anybody do without an organisation; both
    # hold a few rows of each
    for table in ("arrival_windows", "branches"):
        op.execute(f"alter table {table} no force row level security")
    op.create_foreign_key(
        op.f("fk_arrival_windows_org_id_branch_id"),
        "arrival_windows",
        "branches",
        ["org_id", "branch_id"],
        ["org_id", "id"],
    )
    for table in ("arrival_windows", "branches"):
        op.execute(f"alter table {table} force row level security")
    op.create_index("ix_arrival_windows_branch_id", "arrival_windows", ["org_id", "branch_id"])
    op.add_column("branches", sa.Column("working_hours", JSONB(none_as_null=True)))
    for table in ("arrival_windows", "branches"):
        op.execute(f"select system.write_triggers('{table}')")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.drop_column("branches", "working_hours")
    op.drop_column("arrival_windows", "branch_id")
    for table in ("arrival_windows", "branches"):
        op.execute(f"select system.write_triggers('{table}')")
