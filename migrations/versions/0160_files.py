"""Files and what they hang on."""

import sqlalchemy as sa
from alembic import op

revision = "0160"
down_revision = "0220"
branch_labels = None
depends_on = None

MEDIA = (
    "image/jpeg",
    "image/png",
    "image/webp",
    "application/pdf",
    "text/plain",
    "text/csv",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)
ENTITIES = ("customer", "site", "work_order", "visit", "invoice", "note", "technician")
KINDS = ("photo", "document", "signature", "other")
READERS = "'{owner,admin,manager,dispatcher,accountant,viewer,technician}'"
WRITERS = "'{owner,admin,manager,dispatcher,accountant,technician}'"


def _one_of(column: str, values: tuple[str, ...]) -> sa.CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} in ({listed})", name=column)


def _record() -> list[sa.Column]:
    now = sa.text("system.clock()")
    moment = sa.DateTime(timezone=True)
    return [
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", moment, server_default=now, nullable=False),
        sa.Column("updated_at", moment, server_default=now, nullable=False),
        sa.Column("deleted_at", moment, nullable=True),
    ]


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "files",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(200), nullable=False),
        sa.Column("width", sa.BigInteger(), nullable=True),
        sa.Column("height", sa.BigInteger(), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_by_id", sa.Uuid(), nullable=True),
        sa.Column("purged_at", sa.DateTime(timezone=True), nullable=True),
        *_record(),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_files"),
        sa.ForeignKeyConstraint(
            ["org_id", "sent_by_id"],
            ["members.org_id", "members.id"],
            name="fk_files_org_id_sent_by_id",
        ),
        _one_of("media_type", MEDIA),
        sa.CheckConstraint("length(trim(name)) > 0", name="name"),
        sa.CheckConstraint("length > 0", name="length"),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256"),
        sa.CheckConstraint("(width is null) = (height is null)", name="size"),
    )
    op.create_index("ix_files_created_at", "files", ["org_id", "created_at", "id"])
    op.create_index("ix_files_sent_by_id", "files", ["org_id", "sent_by_id"])
    op.create_index(
        "ix_files_length",
        "files",
        ["org_id", "length"],
        postgresql_where=sa.text("purged_at is null"),
    )
    op.create_table(
        "attachments",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("caption", sa.String(200), nullable=True),
        sa.Column("customer_visible", sa.Boolean(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        *_record(),
        sa.PrimaryKeyConstraint("org_id", "id", name="pk_attachments"),
        sa.ForeignKeyConstraint(
            ["org_id", "file_id"],
            ["files.org_id", "files.id"],
            name="fk_attachments_org_id_file_id",
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "author_id"],
            ["members.org_id", "members.id"],
            name="fk_attachments_org_id_author_id",
        ),
        _one_of("entity", ENTITIES),
        _one_of("kind", KINDS),
    )
    op.create_index(
        "ix_attachments_entity_id", "attachments", ["org_id", "entity_id", "created_at", "id"]
    )
    op.create_index("ix_attachments_created_at", "attachments", ["org_id", "created_at", "id"])
    op.create_index("ix_attachments_author_id", "attachments", ["org_id", "author_id"])
    op.create_index(
        "uq_attachments_current",
        "attachments",
        ["org_id", "file_id", "entity_id"],
        unique=True,
        postgresql_where=sa.text("deleted_at is null"),
    )
    op.execute("select system.protect('files', 'file')")
    op.execute("select system.protect('attachments', 'attachment')")
    op.execute(f"select identity.grant_permission('files:read', {READERS})")
    op.execute(f"select identity.grant_permission('files:write', {WRITERS})")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(
        "update identity.roles set permissions ="
        " array_remove(array_remove(permissions, 'files:read'), 'files:write')"
        " where 'files:read' = any (permissions) or 'files:write' = any (permissions)"
    )
    for table in ("attachments", "files"):
        op.execute(f"select system.unprotect('{table}')")
        op.drop_table(table)
