"""Find what changed since a moment: the board as it was is read back from there."""

from alembic import op

revision = "0500"
down_revision = "0491"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("create index ix_journal_rows on journal (org_id, entity, at) where not is_fact")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("drop index ix_journal_rows")
