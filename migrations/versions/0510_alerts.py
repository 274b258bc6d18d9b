"""Alerts that stand, and when to look again."""

import sqlalchemy as sa
from alembic import op

revision = "0510"
down_revision = "0520"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "raised_alerts",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(200), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "visit_id"],
            ["visits.org_id", "visits.id"],
            name=op.f("fk_raised_alerts_org_id_visit_id"),
        ),
        sa.PrimaryKeyConstraint("org_id", "visit_id", "code", name=op.f("pk_raised_alerts")),
    )
    op.create_table(
        "alert_clocks",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("look_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("org_id", name=op.f("pk_alert_clocks")),
    )
    for table in ("raised_alerts", "alert_clocks"):
        op.execute(f"select system.wall('{table}', 'select, insert, update, delete')")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.drop_table("alert_clocks")
    op.drop_table("raised_alerts")
