"""What of each window is kept back, and who may take it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0491"
down_revision = "0490"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.add_column("organisation_settings", sa.Column("reserves", JSONB()))
    op.execute("select system.write_triggers('organisation_settings')")
    op.execute("select identity.grant_permission('capacity:reserve', '{owner,admin,manager}')")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(
        "update identity.roles set permissions = array_remove(permissions, 'capacity:reserve')"
    )
    op.drop_column("organisation_settings", "reserves")
    op.execute("select system.write_triggers('organisation_settings')")
