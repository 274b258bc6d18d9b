"""Imports of large files: rows in the store, what became of each, undo, mappings that are kept."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0265"
down_revision = "0285"
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
BEFORE = ("queued", "running", "completed", "failed")
STATUSES = ("queued", "running", "completed", "canceled", "failed", "undoing", "undone")
CHOICES = {
    "format": ("csv", "xlsx"),
    "encoding": ("utf-8", "utf-16-le", "utf-16-be", "windows-1252"),
    "separator": ("comma", "semicolon", "tab", "pipe"),
    "mapped_by": ("given", "remembered", "guessed"),
}
SEND_AGAIN = "Truckroll reads files in another way now, and did not get to this one. Send it again."


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} in ({', '.join(repr(value) for value in values)})"


def _record() -> list[sa.Column[object]]:
    clock = sa.text("system.clock()")
    moment = sa.DateTime(timezone=True)
    return [
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", moment, server_default=clock, nullable=False),
        sa.Column("updated_at", moment, server_default=clock, nullable=False),
    ]


def _keys() -> list[sa.Column[object]]:
    return [
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
    ]


def _of_an_import(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["org_id", "import_id"],
        ["imports.org_id", "imports.id"],
        name=op.f(f"fk_{table}_org_id_import_id"),
        ondelete="CASCADE",
    )


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.drop_constraint(op.f("ck_imports_status"), "imports")
    op.create_check_constraint(op.f("ck_imports_status"), "imports", _one_of("status", STATUSES))
    columns = [
        sa.Column("format", sa.Text(), server_default="csv", nullable=False),
        sa.Column("encoding", sa.Text(), nullable=True),
        sa.Column("separator", sa.Text(), nullable=True),
        sa.Column("sheet", sa.String(length=200), nullable=True),
        sa.Column("headings", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("file_of_id", sa.Uuid(), nullable=True),
        sa.Column("file_removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mapped_by", sa.Text(), server_default="given", nullable=False),
        sa.Column("rows_total", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("changes", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("changes_undone", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("changes_kept", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("cancel_asked", sa.Boolean(), server_default="false", nullable=False),
    ]
    for column in columns:
        op.add_column("imports", column)
    # every organisation's rows: the wall is of the application, and this is the owner
    op.execute("alter table imports no force row level security")
    op.execute("alter table imports disable trigger user")
    op.execute("update imports set rows_total = rows_read, file_removed_at = now()")
    connection = op.get_bind()
    connection.execute(
        sa.text(
            "update imports set status = 'failed', finished_at = now(), failure = :failure,"
            " content = null"
            " where status in ('queued', 'running') or content is not null"
        ),
        {"failure": SEND_AGAIN},
    )
    op.execute("alter table imports enable trigger user")
    op.create_foreign_key(
        op.f("fk_imports_org_id_file_of_id"),
        "imports",
        "imports",
        ["org_id", "file_of_id"],
        ["org_id", "id"],
    )
    op.execute("alter table imports force row level security")
    for column in columns:
        if column.server_default is not None:
            op.alter_column("imports", column.name, server_default=None)
    for name, values in CHOICES.items():
        op.create_check_constraint(op.f(f"ck_imports_{name}"), "imports", _one_of(name, values))
    op.create_check_constraint(
        op.f("ck_imports_rows_read"), "imports", "rows_read between 0 and rows_total"
    )
    op.create_check_constraint(
        op.f("ck_imports_changes"), "imports", "changes_undone + changes_kept <= changes"
    )
    op.create_index("ix_imports_file_of_id", "imports", ["org_id", "file_of_id"])
    op.execute("select system.write_triggers('imports')")
    _new_tables()


def _new_tables() -> None:
    op.create_table(
        "import_rows",
        *_keys(),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("row", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("did", sa.Text(), nullable=False),
        sa.Column("entity", sa.String(length=200), nullable=True),
        sa.Column("record_id", sa.Uuid(), nullable=True),
        sa.Column("says", postgresql.JSONB(), nullable=False),
        sa.Column("cells", postgresql.JSONB(none_as_null=True), nullable=True),
        *_record(),
        sa.CheckConstraint(
            _one_of("did", ("created", "updated", "unchanged", "refused")),
            name=op.f("ck_import_rows_did"),
        ),
        _of_an_import("import_rows"),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_import_rows")),
    )
    op.create_index(
        "uq_import_rows_row", "import_rows", ["org_id", "import_id", "row"], unique=True
    )
    op.create_index("ix_import_rows_did", "import_rows", ["org_id", "import_id", "did", "row"])
    op.create_table(
        "import_changes",
        *_keys(),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("row", sa.BigInteger(), nullable=False),
        sa.Column("entity", sa.String(length=200), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("did", sa.String(length=200), nullable=False),
        sa.Column("version_after", sa.BigInteger(), nullable=False),
        sa.Column("before", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("undone", sa.Text(), nullable=True),
        sa.Column("version_undone", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("code", sa.String(length=200), nullable=True),
        sa.Column("reason", sa.String(length=10000), nullable=True),
        *_record(),
        sa.CheckConstraint(
            _one_of("undone", ("undone", "kept")), name=op.f("ck_import_changes_undone")
        ),
        sa.CheckConstraint("did in ('created', 'changed')", name=op.f("ck_import_changes_did")),
        _of_an_import("import_changes"),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_import_changes")),
    )
    op.create_index(
        "uq_import_changes_position",
        "import_changes",
        ["org_id", "import_id", "position"],
        unique=True,
    )
    op.create_index(
        "ix_import_changes_record_id", "import_changes", ["org_id", "import_id", "record_id"]
    )
    op.create_index("ix_import_changes_row", "import_changes", ["org_id", "import_id", "row"])
    op.create_table(
        "import_mappings",
        *_keys(),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=200), nullable=False),
        sa.Column("headings", postgresql.JSONB(), nullable=False),
        sa.Column("mapping", postgresql.JSONB(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        *_record(),
        sa.CheckConstraint(_one_of("kind", KINDS), name=op.f("ck_import_mappings_kind")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_import_mappings")),
    )
    op.create_index(
        "uq_import_mappings_digest", "import_mappings", ["org_id", "kind", "digest"], unique=True
    )
    op.create_index(
        "ix_import_mappings_created_at", "import_mappings", ["org_id", "created_at", "id"]
    )
    op.execute("select system.protect('import_rows', 'import_row', p_journalled => false)")
    op.execute("select system.protect('import_changes', 'import_change', p_journalled => false)")
    op.execute("select system.protect('import_mappings', 'import_mapping')")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    for table in ("import_mappings", "import_changes", "import_rows"):
        op.execute(f"select system.unprotect('{table}')")
        op.drop_table(table)
    op.drop_index("ix_imports_file_of_id", "imports")
    op.drop_constraint(op.f("fk_imports_org_id_file_of_id"), "imports")
    for name in ("changes", "rows_read", *CHOICES):
        op.drop_constraint(op.f(f"ck_imports_{name}"), "imports")
    for name in (
        "cancel_asked",
        "changes_kept",
        "changes_undone",
        "changes",
        "rows_total",
        "mapped_by",
        "file_removed_at",
        "file_of_id",
        "headings",
        "sheet",
        "separator",
        "encoding",
        "format",
    ):
        op.drop_column("imports", name)
    # what there was no word for before
    op.execute("alter table imports no force row level security")
    op.execute("alter table imports disable trigger user")
    op.execute(
        "update imports set status = 'completed' where status in ('canceled', 'undoing', 'undone')"
    )
    op.execute("alter table imports enable trigger user")
    op.execute("alter table imports force row level security")
    op.drop_constraint(op.f("ck_imports_status"), "imports")
    op.create_check_constraint(op.f("ck_imports_status"), "imports", _one_of("status", BEFORE))
    op.execute("select system.write_triggers('imports')")
