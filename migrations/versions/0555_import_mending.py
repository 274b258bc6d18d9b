"""Imports that wait for their mapping, and rows that are mended or left out before they are taken."""

import sqlalchemy as sa
from alembic import op

revision = "0555"
down_revision = "0531"
branch_labels = None
depends_on = None

BEFORE = ("queued", "running", "completed", "canceled", "failed", "undoing", "undone")
DID = ("created", "updated", "unchanged", "refused")


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} in ({', '.join(repr(value) for value in values)})"


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.drop_constraint(op.f("ck_imports_status"), "imports")
    op.create_check_constraint(
        op.f("ck_imports_status"), "imports", _one_of("status", ("waiting", *BEFORE))
    )
    op.add_column(
        "imports", sa.Column("rows_left_out", sa.BigInteger(), server_default="0", nullable=False)
    )
    op.alter_column("imports", "rows_left_out", server_default=None)
    op.add_column("imports", sa.Column("checking", sa.Text(), nullable=True))
    op.create_check_constraint(
        op.f("ck_imports_checking"), "imports", _one_of("checking", ("all", "changed"))
    )
    op.execute("select system.write_triggers('imports')")
    op.drop_constraint(op.f("ck_import_rows_did"), "import_rows")
    op.create_check_constraint(
        op.f("ck_import_rows_did"), "import_rows", _one_of("did", (*DID, "left_out"))
    )
    for name in ("mended", "left_out", "unchecked"):
        op.add_column(
            "import_rows", sa.Column(name, sa.Boolean(), server_default="false", nullable=False)
        )
        op.alter_column("import_rows", name, server_default=None)
    op.create_index(
        "ix_import_rows_mended",
        "import_rows",
        ["org_id", "import_id", "row"],
        postgresql_where=sa.text("mended or left_out or unchecked"),
    )
    op.execute("select system.write_triggers('import_rows')")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    # what there was no word for before
    for table in ("imports", "import_rows"):
        op.execute(f"alter table {table} no force row level security")
        op.execute(f"alter table {table} disable trigger user")
    op.execute("update imports set status = 'canceled' where status = 'waiting'")
    op.execute("update import_rows set did = 'refused' where did = 'left_out'")
    for table in ("imports", "import_rows"):
        op.execute(f"alter table {table} enable trigger user")
        op.execute(f"alter table {table} force row level security")
    op.drop_index("ix_import_rows_mended", "import_rows")
    for name in ("mended", "left_out", "unchecked"):
        op.drop_column("import_rows", name)
    op.drop_constraint(op.f("ck_import_rows_did"), "import_rows")
    op.create_check_constraint(op.f("ck_import_rows_did"), "import_rows", _one_of("did", DID))
    op.execute("select system.write_triggers('import_rows')")
    op.drop_constraint(op.f("ck_imports_checking"), "imports")
    op.drop_column("imports", "checking")
    op.drop_column("imports", "rows_left_out")
    op.drop_constraint(op.f("ck_imports_status"), "imports")
    op.create_check_constraint(op.f("ck_imports_status"), "imports", _one_of("status", BEFORE))
    op.execute("select system.write_triggers('imports')")
