"""Branches, territories and teams, and the record scopes that reach as far as they do."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0122"
down_revision = "0222"
branch_labels = None
depends_on = None

SCOPES = "ck_roles_record_scope"
TABLES = {
    "branches": "branch",
    "territories": "territory",
    "teams": "team",
    "territory_members": "territory_member",
}


def _record(*columns: sa.Column[object]) -> list[sa.Column[object]]:
    return [
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        *columns,
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        *(
            sa.Column(
                name,
                sa.DateTime(timezone=True),
                server_default=sa.text("system.clock()"),
                nullable=False,
            )
            for name in ("created_at", "updated_at")
        ),
    ]


def _to(table: str, column: str, target: str, **options: object) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["org_id", column],
        [f"{target}.org_id", f"{target}.id"],
        name=op.f(f"fk_{table}_org_id_{column}"),
        **options,
    )


def _named(table: str) -> list[sa.Constraint]:
    return [
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("org_id", "name", name=op.f(f"uq_{table}_org_id_name")),
        sa.CheckConstraint("length(trim(name)) > 0", name=op.f(f"ck_{table}_name")),
    ]


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "branches",
        *_record(
            sa.Column("name", sa.String(200), nullable=False),
            sa.Column("time_zone", sa.String(200)),
            sa.Column("work_order_prefix", sa.String(200)),
            sa.Column("invoice_prefix", sa.String(200)),
            sa.Column("tax_rate", sa.Numeric(7, 6)),
        ),
        *_named("branches"),
        sa.CheckConstraint("tax_rate >= 0 and tax_rate < 1", name=op.f("ck_branches_tax_rate")),
    )
    op.create_table(
        "territories",
        *_record(
            sa.Column("name", sa.String(200), nullable=False),
            sa.Column("branch_id", sa.Uuid()),
            sa.Column("country", sa.String(200), nullable=False),
            sa.Column("postal_codes", postgresql.ARRAY(sa.Text()), nullable=False),
            sa.Column("regions", postgresql.ARRAY(sa.Text()), nullable=False),
        ),
        *_named("territories"),
        _to("territories", "branch_id", "branches"),
    )
    op.create_table(
        "teams",
        *_record(
            sa.Column("name", sa.String(200), nullable=False),
            sa.Column("branch_id", sa.Uuid()),
            sa.Column("leader_id", sa.Uuid()),
        ),
        *_named("teams"),
        _to("teams", "branch_id", "branches"),
        _to("teams", "leader_id", "members"),
    )
    op.create_table(
        "territory_members",
        *_record(
            sa.Column("territory_id", sa.Uuid(), nullable=False),
            sa.Column("member_id", sa.Uuid(), nullable=False),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_territory_members")),
        sa.UniqueConstraint(
            "org_id",
            "member_id",
            "territory_id",
            name=op.f("uq_territory_members_org_id_member_id_territory_id"),
        ),
        _to("territory_members", "territory_id", "territories", ondelete="CASCADE"),
        _to("territory_members", "member_id", "members"),
    )
    for table in ("branches", "territories", "teams"):
        op.create_index(f"ix_{table}_created_at", table, ["org_id", "created_at", "id"])
    for table, column in (
        ("territories", "branch_id"),
        ("teams", "branch_id"),
        ("teams", "leader_id"),
        ("territory_members", "territory_id"),
    ):
        op.create_index(f"ix_{table}_{column}", table, ["org_id", column])
    # checking a key reads both tables, which no policy lets anybody do without an organisation
    for table in ("members", "technicians", "sites"):
        op.execute(f"alter table {table} no force row level security")
    for table in ("members", "technicians"):
        op.add_column(table, sa.Column("team_id", sa.Uuid()))
        op.create_foreign_key(
            op.f(f"fk_{table}_org_id_team_id"),
            table,
            "teams",
            ["org_id", "team_id"],
            ["org_id", "id"],
        )
        op.create_index(f"ix_{table}_team_id", table, ["org_id", "team_id"])
    op.add_column("sites", sa.Column("territory_id", sa.Uuid()))
    op.add_column(
        "sites",
        sa.Column("territory_pinned", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.create_foreign_key(
        op.f("fk_sites_org_id_territory_id"),
        "sites",
        "territories",
        ["org_id", "territory_id"],
        ["org_id", "id"],
    )
    op.create_index("ix_sites_territory_id", "sites", ["org_id", "territory_id"])
    for table, entity in TABLES.items():
        op.execute(f"select system.protect('{table}', '{entity}')")
    for table in ("members", "technicians", "sites"):
        op.execute(f"alter table {table} force row level security")
        op.execute(f"select system.write_triggers('{table}')")
    op.drop_constraint(op.f(SCOPES), "roles", schema="identity", type_="check")
    op.create_check_constraint(
        op.f(SCOPES),
        "roles",
        "record_scope in ('own', 'team', 'territory', 'all')",
        schema="identity",
    )


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(
        "update identity.roles set record_scope = 'own' where record_scope in ('team', 'territory')"
    )
    op.drop_constraint(op.f(SCOPES), "roles", schema="identity", type_="check")
    op.create_check_constraint(
        op.f(SCOPES), "roles", "record_scope in ('own', 'all')", schema="identity"
    )
    op.drop_column("sites", "territory_pinned")
    op.drop_column("sites", "territory_id")
    for table in ("members", "technicians"):
        op.drop_column(table, "team_id")
    for table in ("sites", "members", "technicians"):
        op.execute(f"select system.write_triggers('{table}')")
    for table in reversed(TABLES):
        op.execute(f"select system.unprotect('{table}')")
        op.drop_table(table)
