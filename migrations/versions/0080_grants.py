"""A way for later migrations to give existing organisations' own roles a new permission."""

from alembic import op

revision = "0080"
down_revision = "0021"
branch_labels = None
depends_on = None

GRANT = """
create function identity.grant_permission(p_permission text, p_roles text[]) returns void
language sql set search_path = '' as $$
  update identity.roles
     set permissions = pg_catalog.array_append(permissions, p_permission)
   where system and name = any (p_roles) and not (p_permission = any (permissions))
$$
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(GRANT)
    op.execute("revoke all on function identity.grant_permission from public")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("drop function identity.grant_permission")
