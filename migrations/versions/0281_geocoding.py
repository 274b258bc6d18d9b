"""Looking up where sites are: what is due, what was answered, how precisely a site is placed.

Sites that are there already are not touched: how precisely they are placed follows from `placed_by`.
"""

import sqlalchemy as sa
from alembic import op

revision = "0281"
down_revision = "0286"
branch_labels = None
depends_on = None

PRECISIONS = "('exact', 'rooftop', 'street', 'postal_code', 'town')"


def _kept() -> list[sa.Column[object]]:
    clock = sa.text("system.clock()")
    moment = sa.DateTime(timezone=True)
    return [
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", moment, server_default=clock, nullable=False),
        sa.Column("updated_at", moment, server_default=clock, nullable=False),
    ]


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.add_column("sites", sa.Column("precision", sa.Text(), nullable=True))
    op.create_check_constraint(op.f("ck_sites_precision"), "sites", f"precision in {PRECISIONS}")
    op.execute("select system.write_triggers('sites')")
    op.create_table(
        "site_lookups",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("failure", sa.String(length=10000), nullable=True),
        *_kept(),
        sa.ForeignKeyConstraint(
            ["org_id", "site_id"],
            ["sites.org_id", "sites.id"],
            name=op.f("fk_site_lookups_org_id_site_id"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_site_lookups")),
    )
    op.create_index("uq_site_lookups_site_id", "site_lookups", ["org_id", "site_id"], unique=True)
    op.create_index(
        "ix_site_lookups_due_at",
        "site_lookups",
        ["org_id", "due_at", "id"],
        postgresql_where=sa.text("due_at is not null"),
    )
    op.create_table(
        "geocodes",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=10000), nullable=False),
        sa.Column("latitude", sa.Numeric(9, 6), nullable=True),
        sa.Column("longitude", sa.Numeric(9, 6), nullable=True),
        sa.Column("precision", sa.Text(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        *_kept(),
        sa.CheckConstraint(f"precision in {PRECISIONS}", name=op.f("ck_geocodes_precision")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_geocodes")),
    )
    op.create_index(
        "uq_geocodes_address", "geocodes", ["org_id", "provider", "address"], unique=True
    )
    for table, entity in (("site_lookups", "site_lookup"), ("geocodes", "geocode")):
        op.execute(f"select system.protect('{table}', '{entity}', p_journalled => false)")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    for table in ("geocodes", "site_lookups"):
        op.execute(f"select system.unprotect('{table}')")
        op.drop_table(table)
    op.drop_column("sites", "precision")
    op.execute("select system.write_triggers('sites')")
