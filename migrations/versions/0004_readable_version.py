"""Let the application read which revision the schema has, to refuse an old one with a sentence."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("grant select on public.alembic_version to truckroll_app")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("revoke select on public.alembic_version from truckroll_app")
