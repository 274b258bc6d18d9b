"""Contacts, whose contacts they are, and finding them."""

import sqlalchemy as sa
from alembic import op

revision = "0140"
down_revision = "0120"
branch_labels = None
depends_on = None

DOCUMENT = """
create function system.document_contacts() returns trigger language plpgsql set search_path = '' as $$
begin
  perform system.document(new.org_id, 'contact', new.id, new.deleted_at is not null, new.name,
    concat_ws(' · ', coalesce(new.mobile, new.phone), new.email),
    concat_ws(' ', new.name, new.title, new.email),
    concat_ws(' ', system.digits(new.phone), system.digits(new.mobile)));
  return null;
end $$
"""
GRANTS = {
    "contacts:read": "owner,admin,manager,dispatcher,accountant,viewer,technician",
    "contacts:write": "owner,admin,manager,dispatcher",
}


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "contacts",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sort_name", sa.Text(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=True),
        sa.Column("email", sa.String(length=200), nullable=True),
        sa.Column("phone", sa.String(length=200), nullable=True),
        sa.Column("mobile", sa.String(length=200), nullable=True),
        sa.Column("notes", sa.String(length=10000), nullable=True),
        sa.Column(
            "notify_appointments",
            sa.ARRAY(sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column(
            "notify_on_the_way", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column(
            "notify_invoices", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column(
            "notify_quotes", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column(
            "notify_marketing", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("parts_version", sa.BigInteger(), server_default="0", nullable=False),
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
            "notify_appointments <@ array['email', 'sms']",
            name=op.f("ck_contacts_notify_appointments"),
        ),
        sa.CheckConstraint(
            "notify_invoices <@ array['email', 'sms']", name=op.f("ck_contacts_notify_invoices")
        ),
        sa.CheckConstraint(
            "notify_marketing <@ array['email', 'sms']", name=op.f("ck_contacts_notify_marketing")
        ),
        sa.CheckConstraint(
            "notify_on_the_way <@ array['email', 'sms']", name=op.f("ck_contacts_notify_on_the_way")
        ),
        sa.CheckConstraint(
            "notify_quotes <@ array['email', 'sms']", name=op.f("ck_contacts_notify_quotes")
        ),
        sa.CheckConstraint("length(trim(name)) > 0", name=op.f("ck_contacts_name")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_contacts")),
    )
    op.create_index(
        "ix_contacts_created_at", "contacts", ["org_id", "created_at", "id"], unique=False
    )
    op.create_index("ix_contacts_email", "contacts", ["org_id", "email"], unique=False)
    op.create_index("ix_contacts_mobile", "contacts", ["org_id", "mobile"], unique=False)
    op.create_index("ix_contacts_phone", "contacts", ["org_id", "phone"], unique=False)
    op.create_index(
        "ix_contacts_sort_name", "contacts", ["org_id", "sort_name", "id"], unique=False
    )
    op.create_table(
        "customer_contacts",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("roles", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
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
            "roles <@ array['billing', 'site_contact', 'owner', 'tenant', 'manager', 'emergency', 'other']",
            name=op.f("ck_customer_contacts_roles"),
        ),
        sa.CheckConstraint(
            "cardinality(roles) between 1 and 7", name=op.f("ck_customer_contacts_some_role")
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "contact_id"],
            ["contacts.org_id", "contacts.id"],
            name=op.f("fk_customer_contacts_org_id_contact_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "customer_id"],
            ["customers.org_id", "customers.id"],
            name=op.f("fk_customer_contacts_org_id_customer_id"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_customer_contacts")),
    )
    op.create_index(
        "ix_customer_contacts_contact_id",
        "customer_contacts",
        ["org_id", "contact_id"],
        unique=False,
    )
    op.create_index(
        "uq_customer_contacts_once",
        "customer_contacts",
        ["org_id", "customer_id", "contact_id"],
        unique=True,
    )
    op.create_index(
        "uq_customer_contacts_primary",
        "customer_contacts",
        ["org_id", "customer_id"],
        unique=True,
        postgresql_where=sa.text("is_primary"),
    )
    op.execute("select system.protect('contacts', 'contact')")
    op.execute("select system.protect('customer_contacts', 'customer_contact')")
    op.execute(DOCUMENT)
    op.execute(
        "create trigger document after insert or update on public.contacts"
        " for each row execute function system.document_contacts()"
    )
    for permission, roles in GRANTS.items():
        op.execute(f"select identity.grant_permission('{permission}', '{{{roles}}}')")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    forget = "update identity.roles set permissions = array_remove(permissions, '{}')"
    for permission in GRANTS:
        op.execute(forget.format(permission))
    op.execute("drop trigger document on public.contacts")
    op.execute("drop function system.document_contacts")
    op.execute("select system.unprotect('customer_contacts')")
    op.drop_table("customer_contacts")
    op.execute("select system.unprotect('contacts')")
    op.drop_table("contacts")
    # the wall holds the owner too, and here it speaks for no organisation
    op.execute("alter table public.search_documents no force row level security")
    op.execute("delete from public.search_documents where entity = 'contact'")
    op.execute("alter table public.search_documents force row level security")
