"""Roles of an organisation's own making: they count their changes."""

import sqlalchemy as sa
from alembic import op

revision = "0120"
down_revision = "0090"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.add_column(
        "roles",
        sa.Column("version", sa.BigInteger(), nullable=False, server_default="1"),
        schema="identity",
    )


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.drop_column("roles", "version", schema="identity")
