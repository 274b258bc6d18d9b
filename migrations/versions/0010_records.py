"""Records shown with parts count the parts' changes; indexes for their lists; logos up to 1 MB."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0020"
branch_labels = None
depends_on = None

WITH_PARTS = ("sites", "job_types", "technicians", "organisation_settings")
INDEXES = {
    "ix_sites_region": ("sites", ["org_id", "region"]),
    "ix_site_parties_site_id": ("site_parties", ["org_id", "site_id"]),
    "ix_job_types_created_at": ("job_types", ["org_id", "created_at", "id"]),
    "ix_technicians_created_at": ("technicians", ["org_id", "created_at", "id"]),
}


def _logo_up_to(size: int) -> None:
    name = op.f("ck_organisation_settings_logo_size")
    op.drop_constraint(name, "organisation_settings", type_="check")
    op.create_check_constraint(name, "organisation_settings", f"octet_length(logo) <= {size}")


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    for table in WITH_PARTS:
        op.add_column(
            table, sa.Column("parts_version", sa.BigInteger(), server_default="0", nullable=False)
        )
        op.execute(f"select system.write_triggers('{table}')")
    for name, (table, columns) in INDEXES.items():
        op.create_index(name, table, columns)
    _logo_up_to(1_000_000)


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    _logo_up_to(524_288)
    for name, (table, _) in INDEXES.items():
        op.drop_index(name, table)
    for table in WITH_PARTS:
        op.drop_column(table, "parts_version")
        op.execute(f"select system.write_triggers('{table}')")
