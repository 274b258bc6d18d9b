"""Tries at signing in know their place, so that guessing is slowed by place."""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.add_column("sign_in_attempts", sa.Column("device_hash", sa.LargeBinary()), schema="identity")
    op.add_column(
        "sign_in_attempts",
        sa.Column("place", sa.Text(), nullable=False, server_default="elsewhere"),
        schema="identity",
    )
    op.create_check_constraint(
        op.f("ck_sign_in_attempts_place"),
        "sign_in_attempts",
        "place in ('device', 'address', 'elsewhere')",
        schema="identity",
    )


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.drop_column("sign_in_attempts", "place", schema="identity")
    op.drop_column("sign_in_attempts", "device_hash", schema="identity")
