"""Equipment at sites, and the work orders that are about it."""

import sqlalchemy as sa
from alembic import op

revision = "0142"
down_revision = "0180"
branch_labels = None
depends_on = None

DOCUMENT = """
create function system.document_equipment() returns trigger language plpgsql set search_path = '' as $$
begin
  perform system.document(new.org_id, 'equipment', new.id, new.deleted_at is not null,
    concat_ws(' ', new.type, new.make, new.model),
    concat_ws(' · ', 'SN ' || new.serial, new.location),
    concat_ws(' ', new.type, new.make, new.model, new.serial, new.location),
    system.digits(new.serial));
  return null;
end $$
"""
GRANTS = {
    "equipment:read": "owner,admin,manager,dispatcher,accountant,viewer,technician",
    "equipment:write": "owner,admin,manager,dispatcher",
}


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "equipment",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("status_reason", sa.String(length=200), nullable=True),
        sa.Column("type", sa.String(length=200), nullable=False),
        sa.Column("make", sa.String(length=200), nullable=True),
        sa.Column("model", sa.String(length=200), nullable=True),
        sa.Column("serial", sa.String(length=200), nullable=True),
        sa.Column("location", sa.String(length=200), nullable=True),
        sa.Column("installed_on", sa.Date(), nullable=True),
        sa.Column("warranty_until", sa.Date(), nullable=True),
        sa.Column("notes", sa.String(length=10000), nullable=True),
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
        sa.CheckConstraint("status in ('active', 'retired')", name=op.f("ck_equipment_status")),
        sa.CheckConstraint("length(trim(type)) > 0", name=op.f("ck_equipment_type")),
        sa.CheckConstraint("parent_id <> id", name=op.f("ck_equipment_parent")),
        sa.CheckConstraint("warranty_until >= installed_on", name=op.f("ck_equipment_warranty")),
        sa.ForeignKeyConstraint(
            ["org_id", "parent_id"],
            ["equipment.org_id", "equipment.id"],
            name=op.f("fk_equipment_org_id_parent_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "site_id"],
            ["sites.org_id", "sites.id"],
            name=op.f("fk_equipment_org_id_site_id"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_equipment")),
    )
    op.create_index(
        "ix_equipment_created_at", "equipment", ["org_id", "created_at", "id"], unique=False
    )
    op.create_index("ix_equipment_parent_id", "equipment", ["org_id", "parent_id"], unique=False)
    op.create_index("ix_equipment_serial", "equipment", ["org_id", "serial"], unique=False)
    op.create_index("ix_equipment_site_id", "equipment", ["org_id", "site_id", "id"], unique=False)
    op.create_index(
        "ix_equipment_warranty_until", "equipment", ["org_id", "warranty_until", "id"], unique=False
    )
    op.create_table(
        "work_order_equipment",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("work_order_id", sa.Uuid(), nullable=False),
        sa.Column("equipment_id", sa.Uuid(), nullable=False),
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
        sa.ForeignKeyConstraint(
            ["org_id", "equipment_id"],
            ["equipment.org_id", "equipment.id"],
            name=op.f("fk_work_order_equipment_org_id_equipment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "work_order_id"],
            ["work_orders.org_id", "work_orders.id"],
            name=op.f("fk_work_order_equipment_org_id_work_order_id"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_work_order_equipment")),
    )
    op.create_index(
        "ix_work_order_equipment_equipment_id",
        "work_order_equipment",
        ["org_id", "equipment_id", "work_order_id"],
        unique=False,
    )
    op.create_index(
        "uq_work_order_equipment_once",
        "work_order_equipment",
        ["org_id", "work_order_id", "equipment_id"],
        unique=True,
    )
    op.execute("select system.protect('equipment', 'equipment')")
    op.execute("select system.protect('work_order_equipment', 'work_order_equipment')")
    op.execute(DOCUMENT)
    op.execute(
        "create trigger document after insert or update on public.equipment"
        " for each row execute function system.document_equipment()"
    )
    op.add_column(
        "work_orders",
        sa.Column("parts_version", sa.BigInteger(), server_default="0", nullable=False),
    )
    op.execute("select system.write_triggers('work_orders')")
    for permission, roles in GRANTS.items():
        op.execute(f"select identity.grant_permission('{permission}', '{{{roles}}}')")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    forget = "update identity.roles set permissions = array_remove(permissions, '{}')"
    for permission in GRANTS:
        op.execute(forget.format(permission))
    op.drop_column("work_orders", "parts_version")
    op.execute("select system.write_triggers('work_orders')")
    op.execute("drop trigger document on public.equipment")
    op.execute("drop function system.document_equipment")
    op.execute("select system.unprotect('work_order_equipment')")
    op.drop_table("work_order_equipment")
    op.execute("select system.unprotect('equipment')")
    op.drop_table("equipment")
    # the wall holds the owner too, and here it speaks for no organisation
    op.execute("alter table public.search_documents no force row level security")
    op.execute("delete from public.search_documents where entity = 'equipment'")
    op.execute("alter table public.search_documents force row level security")
