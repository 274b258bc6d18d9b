"""A logo says its format. No logo exists yet: there was no way to set one."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0030"
branch_labels = None
depends_on = None

TABLE = "organisation_settings"
CHECKS = {
    "ck_organisation_settings_logo_format": "logo_format in ('png', 'svg')",
    "ck_organisation_settings_logo": "(logo is null) = (logo_format is null)",
}


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.add_column(TABLE, sa.Column("logo_format", sa.Text(), nullable=True))
    for name, condition in CHECKS.items():
        op.create_check_constraint(op.f(name), TABLE, condition)
    op.execute(f"select system.write_triggers('{TABLE}')")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    for name in CHECKS:
        op.drop_constraint(op.f(name), TABLE, type_="check")
    op.drop_column(TABLE, "logo_format")
    op.execute(f"select system.write_triggers('{TABLE}')")
