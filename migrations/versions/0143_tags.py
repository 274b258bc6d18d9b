"""Tags, and what they hang on."""

import sqlalchemy as sa
from alembic import op

revision = "0143"
down_revision = "0240"
branch_labels = None
depends_on = None

GRANTS = {
    "tags:read": "owner,admin,manager,dispatcher,accountant,viewer,technician",
    "tags:write": "owner,admin,manager,dispatcher",
}


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "tags",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sort_name", sa.Text(), nullable=False),
        sa.Column("color", sa.String(length=200), nullable=False),
        sa.Column("merged_into_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("system.clock()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("system.clock()"),
            nullable=False,
        ),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("color ~ '^#[0-9a-f]{6}$'", name=op.f("ck_tags_color")),
        sa.CheckConstraint(
            "entity in ('customer', 'contact', 'site', 'equipment', 'work_order')",
            name=op.f("ck_tags_entity"),
        ),
        sa.CheckConstraint("length(trim(name)) > 0", name=op.f("ck_tags_name")),
        sa.ForeignKeyConstraint(
            ["org_id", "merged_into_id"],
            ["tags.org_id", "tags.id"],
            name=op.f("fk_tags_org_id_merged_into_id"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_tags")),
    )
    op.create_index("ix_tags_created_at", "tags", ["org_id", "created_at", "id"], unique=False)
    op.create_index("ix_tags_sort_name", "tags", ["org_id", "sort_name", "id"], unique=False)
    op.create_index(
        "uq_tags_name",
        "tags",
        ["org_id", "entity", "sort_name"],
        unique=True,
        postgresql_where=sa.text("deleted_at is null"),
    )
    op.create_table(
        "taggings",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tag_id", sa.Uuid(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("system.clock()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("system.clock()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "entity in ('customer', 'contact', 'site', 'equipment', 'work_order')",
            name=op.f("ck_taggings_entity"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "tag_id"], ["tags.org_id", "tags.id"], name=op.f("fk_taggings_org_id_tag_id")
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_taggings")),
    )
    op.create_index("ix_taggings_entity_id", "taggings", ["org_id", "entity_id"], unique=False)
    op.create_index("uq_taggings_once", "taggings", ["org_id", "tag_id", "entity_id"], unique=True)
    op.execute("select system.protect('tags', 'tag')")
    op.execute("select system.protect('taggings', 'tagging')")
    for permission, roles in GRANTS.items():
        op.execute(f"select identity.grant_permission('{permission}', '{{{roles}}}')")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    forget = "update identity.roles set permissions = array_remove(permissions, '{}')"
    for permission in GRANTS:
        op.execute(forget.format(permission))
    op.execute("select system.unprotect('taggings')")
    op.drop_table("taggings")
    op.execute("select system.unprotect('tags')")
    op.drop_table("tags")
