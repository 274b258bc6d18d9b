"""Whatever came from another system keeps the key it had there; what was owed there is a balance here."""

import sqlalchemy as sa
from alembic import op

revision = "0261"
down_revision = "0250"
branch_labels = None
depends_on = None

TABLES = ("contacts", "sites", "equipment", "technicians", "work_orders", "invoices")
ACCOUNTS = ("receivable", "revenue", "tax_payable", "cash")


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    for table in TABLES:
        op.add_column(table, sa.Column("external_key", sa.String(length=200)))
        op.create_index(
            f"uq_{table}_external_key",
            table,
            ["org_id", "external_key"],
            unique=True,
            postgresql_where=sa.text("status <> 'void'") if table == "invoices" else None,
        )
        op.execute(f"select system.write_triggers('{table}')")
    _accounts((*ACCOUNTS, "opening_balance"))


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    _accounts(ACCOUNTS)
    for table in TABLES:
        op.drop_index(f"uq_{table}_external_key", table_name=table)
        op.drop_column(table, "external_key")
        op.execute(f"select system.write_triggers('{table}')")


def _accounts(accounts: tuple[str, ...]) -> None:
    """The accounts that exist; going back is refused while a balance was brought forward."""
    listed = ", ".join(f"'{account}'" for account in accounts)
    op.drop_constraint(op.f("ck_ledger_entries_account"), "ledger_entries", type_="check")
    op.create_check_constraint(
        op.f("ck_ledger_entries_account"), "ledger_entries", f"account in ({listed})"
    )
