"""Lists of other things than customers can be imported, and what was found is about any record."""

import sqlalchemy as sa
from alembic import op

revision = "0260"
down_revision = "0124"
branch_labels = None
depends_on = None

KINDS = (
    "customers",
    "contacts",
    "sites",
    "equipment",
    "technicians",
    "work_orders",
    "invoices",
)


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    _kinds(KINDS)
    op.add_column("import_issues", sa.Column("entity", sa.String(length=200)))
    op.drop_constraint(
        op.f("fk_import_issues_org_id_customer_id"), "import_issues", type_="foreignkey"
    )
    op.drop_index("ix_import_issues_customer_id", table_name="import_issues")
    op.alter_column("import_issues", "customer_id", new_column_name="record_id")
    _rewrite(
        "import_issues", "update import_issues set entity = 'customers' where record_id is not null"
    )
    op.execute("select system.write_triggers('import_issues')")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    _rewrite(
        "import_issues", "update import_issues set record_id = null where entity <> 'customers'"
    )
    op.alter_column("import_issues", "record_id", new_column_name="customer_id")
    op.drop_column("import_issues", "entity")
    for table in ("import_issues", "customers"):
        op.execute(f"alter table {table} no force row level security")
    op.create_foreign_key(
        op.f("fk_import_issues_org_id_customer_id"),
        "import_issues",
        "customers",
        ["org_id", "customer_id"],
        ["org_id", "id"],
    )
    for table in ("import_issues", "customers"):
        op.execute(f"alter table {table} force row level security")
    op.create_index("ix_import_issues_customer_id", "import_issues", ["org_id", "customer_id"])
    op.execute("select system.write_triggers('import_issues')")
    _rewrite("imports", "delete from imports where kind <> 'customers'")
    _kinds(KINDS[:1])


def _rewrite(table: str, statement: str) -> None:
    """Of all organisations at once, and no news to anybody: nothing that happened is changed."""
    op.execute(f"alter table {table} no force row level security")
    op.execute(f"alter table {table} disable trigger user")
    op.execute(statement)
    op.execute(f"alter table {table} enable trigger user")
    op.execute(f"alter table {table} force row level security")


def _kinds(kinds: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.drop_constraint(op.f("ck_imports_kind"), "imports", type_="check")
    op.create_check_constraint(op.f("ck_imports_kind"), "imports", f"kind in ({listed})")
