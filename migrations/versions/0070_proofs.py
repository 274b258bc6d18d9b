"""The search function looks for types where nobody but PostgreSQL can make one.

An empty search path still looks into the session's temporary schema first, for tables and types; a
function that runs as its owner names that schema last instead.
"""

from alembic import op

revision = "0070"
down_revision = "0010"
branch_labels = None
depends_on = None

FIND = "system.find(text[], text, text[], uuid[], integer)"


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(f"alter function {FIND} set search_path = pg_catalog, pg_temp")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(f"alter function {FIND} set search_path = ''")
