"""Flags: what one organisation does differently."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0161"
down_revision = "0221"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.add_column(
        "organisation_settings",
        sa.Column("flags", postgresql.JSONB(), server_default="{}", nullable=False),
    )
    op.execute("select system.write_triggers('organisation_settings')")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.drop_column("organisation_settings", "flags")
    op.execute("select system.write_triggers('organisation_settings')")
