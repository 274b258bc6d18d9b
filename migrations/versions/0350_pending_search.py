"""Sort new search entries in by the hundred: one by one, lists of many records cost too much.

Revision ID: 0350
Revises: 0342
"""

from alembic import op

revision = "0350"
down_revision = "0342"
branch_labels = None
depends_on = None

INDEXES = ("ix_search_documents_words", "ix_search_documents_digits")


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    for index in INDEXES:
        op.execute(f"alter index {index} reset (fastupdate)")
        op.execute(f"alter index {index} set (gin_pending_list_limit = 256)")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    for index in INDEXES:
        op.execute(f"alter index {index} reset (gin_pending_list_limit)")
        op.execute(f"alter index {index} set (fastupdate = off)")
