"""The number of a house beside its postal code, so that an address is found without reading a town."""

import sqlalchemy as sa
from alembic import op

revision = "0262"
down_revision = "0280"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.add_column(
        "sites",
        sa.Column("house", sa.Text(), sa.Computed("split_part(street, ' ', 1)", persisted=True)),
    )
    op.create_index("ix_sites_house", "sites", ["org_id", "postal_code", "house"])
    op.execute("select system.write_triggers('sites')")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.drop_index("ix_sites_house", table_name="sites")
    op.drop_column("sites", "house")
    op.execute("select system.write_triggers('sites')")
