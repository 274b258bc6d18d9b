"""What people like to see on a screen."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0550"
down_revision = "0555"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "preferences",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("screen", sa.String(200), nullable=False),
        sa.Column("value", JSONB(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "member_id"],
            ["members.org_id", "members.id"],
            name=op.f("fk_preferences_org_id_member_id"),
        ),
        sa.PrimaryKeyConstraint("org_id", "member_id", "screen", name=op.f("pk_preferences")),
    )
    op.execute("select system.wall('preferences', 'select, insert, update, delete')")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.drop_table("preferences")
