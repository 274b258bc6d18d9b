"""Saved views of lists, private or shared."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0180"
down_revision = "0161"
branch_labels = None
depends_on = None

GRANTS = {
    "saved-views:read": "owner,admin,manager,dispatcher,accountant,technician,viewer",
    "saved-views:write": "owner,admin,manager,dispatcher,accountant,technician,viewer",
    "saved-views:share": "owner,admin,manager,dispatcher,accountant",
}


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "saved_views",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("list", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("filter", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("sort", sa.String(length=200), nullable=True),
        sa.Column("columns", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("shared", sa.Text(), nullable=False),
        sa.Column("role_id", sa.Uuid(), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
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
        sa.CheckConstraint(
            "(shared = 'role') = (role_id is not null)", name=op.f("ck_saved_views_role_id")
        ),
        sa.CheckConstraint("length(trim(name)) > 0", name=op.f("ck_saved_views_name")),
        sa.CheckConstraint(
            "shared in ('private', 'role', 'everyone')", name=op.f("ck_saved_views_shared")
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "owner_id"],
            ["members.org_id", "members.id"],
            name=op.f("fk_saved_views_org_id_owner_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "role_id"],
            ["identity.roles.org_id", "identity.roles.id"],
            name=op.f("fk_saved_views_org_id_role_id"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_saved_views")),
    )
    op.create_index("ix_saved_views_created_at", "saved_views", ["org_id", "created_at", "id"])
    op.create_index("ix_saved_views_role_id", "saved_views", ["org_id", "role_id"])
    op.create_index(
        "uq_saved_views_name",
        "saved_views",
        ["org_id", "owner_id", "list", "name"],
        unique=True,
        postgresql_where=sa.text("deleted_at is null"),
    )
    op.execute("select system.protect('saved_views', 'saved_view')")
    for permission, roles in GRANTS.items():
        op.execute(f"select identity.grant_permission('{permission}', '{{{roles}}}')")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("select system.unprotect('saved_views')")
    op.drop_table("saved_views")
