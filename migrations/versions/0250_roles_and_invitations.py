"""An invitation that is over outlives its role; our support signs in in two steps."""

import sqlalchemy as sa
from alembic import op

revision = "0250"
down_revision = "0260"
branch_labels = None
depends_on = None

STALE = """
update identity.memberships m set perm_version = m.perm_version + 1 from identity.roles r
 where r.org_id = m.org_id and r.id = m.role_id and r.system and r.name = 'Truckroll support'
"""
REQUIRED = """
update identity.roles set requires_mfa = true where system and name = 'Truckroll support'
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.alter_column("invitations", "role_id", nullable=True, schema="identity")
    op.add_column("invitations", sa.Column("role_name", sa.Text()), schema="identity")
    op.execute(
        "alter table identity.invitations add constraint ck_invitations_role"
        " check ((role_id is null) = (role_name is not null)) not valid"
    )
    op.execute("alter table identity.invitations validate constraint ck_invitations_role")
    op.execute(STALE)
    op.execute(REQUIRED)


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("delete from identity.invitations where role_id is null")
    op.drop_constraint(op.f("ck_invitations_role"), "invitations", schema="identity")
    op.drop_column("invitations", "role_name", schema="identity")
    op.alter_column("invitations", "role_id", nullable=False, schema="identity")
