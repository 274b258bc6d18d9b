"""Why a work order is reopened falls away when it completes, which is no new version either."""

from alembic import op

revision = "0021"
down_revision = "0060"
branch_labels = None
depends_on = None


REWRITE = "select system.write_triggers('work_orders')"


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(
        "update system.tables set derived = '{status,status_reason,completed_at}'"
        " where name = 'work_orders'"
    )
    op.execute(REWRITE)


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(
        "update system.tables set derived = '{status,completed_at}' where name = 'work_orders'"
    )
    op.execute(REWRITE)
