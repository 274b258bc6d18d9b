"""Gate codes of sites: seen by few, and never by the journal."""

import sqlalchemy as sa
from alembic import op

revision = "0121"
down_revision = "0140"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.add_column("sites", sa.Column("gate_code", sa.String(200)))
    op.execute("update system.tables set redacted = array['gate_code'] where name = 'sites'")
    op.execute("select system.write_triggers('sites')")
    op.execute(
        "select identity.grant_permission('sites:access-codes', '{owner,admin,manager,dispatcher}')"
    )


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.drop_column("sites", "gate_code")
    op.execute("update system.tables set redacted = '{}' where name = 'sites'")
    op.execute("select system.write_triggers('sites')")
    op.execute(
        "update identity.roles set permissions = array_remove(permissions, 'sites:access-codes')"
    )
