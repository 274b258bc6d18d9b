"""Gates: what must be there before work moves on, by job type and for the whole organisation."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0222"
down_revision = "0142"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.add_column("job_types", sa.Column("gate", JSONB()))
    op.add_column(
        "organisation_settings", sa.Column("gate", JSONB(), nullable=False, server_default="[]")
    )
    for table in ("job_types", "organisation_settings"):
        op.execute(f"select system.write_triggers('{table}')")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    for table in ("job_types", "organisation_settings"):
        op.drop_column(table, "gate")
        op.execute(f"select system.write_triggers('{table}')")
