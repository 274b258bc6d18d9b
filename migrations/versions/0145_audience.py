"""Who may see a note."""

import sqlalchemy as sa
from alembic import op

revision = "0145"
down_revision = "0144"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.add_column(
        "notes", sa.Column("audience", sa.Text(), server_default="everyone", nullable=False)
    )
    op.create_check_constraint(
        op.f("ck_notes_audience"), "notes", "audience in ('everyone', 'office', 'author')"
    )
    op.execute("select system.write_triggers('notes')")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.drop_constraint(op.f("ck_notes_audience"), "notes", type_="check")
    op.drop_column("notes", "audience")
    op.execute("select system.write_triggers('notes')")
