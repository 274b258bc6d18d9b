"""The tables of the spine."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


class XID8(sa.types.UserDefinedType[str]):
    """PostgreSQL's 64-bit transaction id."""

    def get_col_spec(self, **_: object) -> str:
        return "xid8"


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")

    op.create_table(
        "counters",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("prefix", sa.String(length=200), nullable=False),
        sa.Column("next", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("series in ('work_order', 'invoice')", name=op.f("ck_counters_series")),
        sa.CheckConstraint("next > 0", name=op.f("ck_counters_next")),
        sa.PrimaryKeyConstraint("org_id", "series", name=op.f("pk_counters")),
    )
    op.create_table(
        "customers",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sort_name", sa.Text(), nullable=False),
        sa.Column("email", sa.String(length=200), nullable=True),
        sa.Column("phone", sa.String(length=200), nullable=True),
        sa.Column("second_phone", sa.String(length=200), nullable=True),
        sa.Column("billing_street", sa.String(length=200), nullable=True),
        sa.Column("billing_city", sa.String(length=200), nullable=True),
        sa.Column("billing_region", sa.String(length=200), nullable=True),
        sa.Column("billing_postal_code", sa.String(length=200), nullable=True),
        sa.Column("payment_terms_days", sa.BigInteger(), nullable=True),
        sa.Column("tax_exempt", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=True),
        sa.Column("notes", sa.String(length=10000), nullable=True),
        sa.Column("external_key", sa.String(length=200), nullable=True),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
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
        sa.CheckConstraint("kind in ('person', 'business')", name=op.f("ck_customers_kind")),
        sa.CheckConstraint(
            "stage in ('prospect', 'active', 'former')", name=op.f("ck_customers_stage")
        ),
        sa.CheckConstraint("length(trim(name)) > 0", name=op.f("ck_customers_name")),
        sa.CheckConstraint("parent_id <> id", name=op.f("ck_customers_parent")),
        sa.CheckConstraint(
            "payment_terms_days between 0 and 365", name=op.f("ck_customers_payment_terms_days")
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "parent_id"],
            ["customers.org_id", "customers.id"],
            name=op.f("fk_customers_org_id_parent_id"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_customers")),
    )
    op.create_index(
        "ix_customers_created_at", "customers", ["org_id", "created_at", "id"], unique=False
    )
    op.create_index("ix_customers_email", "customers", ["org_id", "email"], unique=False)
    op.create_index("ix_customers_parent_id", "customers", ["org_id", "parent_id"], unique=False)
    op.create_index("ix_customers_phone", "customers", ["org_id", "phone"], unique=False)
    op.create_index(
        "ix_customers_sort_name", "customers", ["org_id", "sort_name", "id"], unique=False
    )
    op.create_index(
        "uq_customers_external_key", "customers", ["org_id", "external_key"], unique=True
    )
    op.create_table(
        "organisations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("slug ~ '^[a-z0-9-]{2,60}$'", name=op.f("ck_organisations_slug")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisations")),
        sa.UniqueConstraint("slug", name=op.f("uq_organisations_slug")),
        schema="identity",
    )
    op.create_table(
        "sign_in_attempts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email_hash", sa.LargeBinary(), nullable=False),
        sa.Column("ip", postgresql.INET(), nullable=True),
        sa.Column("succeeded", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempts")),
        schema="identity",
    )
    op.create_index(
        "ix_sign_in_attempts_email_hash",
        "sign_in_attempts",
        ["email_hash", "created_at"],
        unique=False,
        schema="identity",
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_users_email_lower")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
        schema="identity",
    )
    op.create_table(
        "job_types",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("trade", sa.String(length=200), nullable=False),
        sa.Column("description", sa.String(length=10000), nullable=True),
        sa.Column("duration_minutes", sa.BigInteger(), nullable=False),
        sa.Column("unit_price", sa.Numeric(precision=14, scale=4), nullable=True),
        sa.Column("checklist", sa.ARRAY(sa.Text()), nullable=False),
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
            "duration_minutes between 5 and 10080", name=op.f("ck_job_types_duration_minutes")
        ),
        sa.CheckConstraint("length(trim(name)) > 0", name=op.f("ck_job_types_name")),
        sa.CheckConstraint("unit_price >= 0", name=op.f("ck_job_types_unit_price")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_job_types")),
    )
    op.create_index(
        "uq_job_types_name",
        "job_types",
        ["org_id", "name"],
        unique=True,
        postgresql_where=sa.text("deleted_at is null"),
    )
    op.create_table(
        "journal",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("system.clock()"),
            nullable=False,
        ),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("is_fact", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=True),
        sa.Column("changes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("actor_id", sa.Uuid(), server_default=sa.text("system.actor()"), nullable=True),
        sa.Column(
            "source",
            sa.Text(),
            server_default=sa.text("current_setting('app.source')"),
            nullable=False,
        ),
        sa.Column(
            "request_id",
            sa.Text(),
            server_default=sa.text("current_setting('app.request_id')"),
            nullable=False,
        ),
        sa.Column(
            "xid",
            XID8(),
            server_default=sa.text("pg_current_xact_id()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_journal")),
    )
    op.create_index("ix_journal_entity_id", "journal", ["org_id", "entity_id", "id"], unique=False)
    op.create_index("ix_journal_xid", "journal", ["xid"], unique=False)
    op.create_table(
        "organisation_settings",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("legal_name", sa.String(length=200), nullable=True),
        sa.Column("time_zone", sa.String(length=200), nullable=False),
        sa.Column("currency", sa.String(length=200), nullable=False),
        sa.Column("locale", sa.String(length=200), nullable=False),
        sa.Column("country", sa.String(length=200), nullable=False),
        sa.Column("rounding", sa.Text(), nullable=False),
        sa.Column("round_tax_on", sa.Text(), nullable=False),
        sa.Column("tax_label", sa.String(length=200), nullable=False),
        sa.Column("tax_rate", sa.Numeric(precision=7, scale=6), nullable=False),
        sa.Column("tax_number", sa.String(length=200), nullable=True),
        sa.Column("payment_terms_days", sa.BigInteger(), nullable=False),
        sa.Column("working_hours", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("street", sa.String(length=200), nullable=False),
        sa.Column("city", sa.String(length=200), nullable=False),
        sa.Column("region", sa.String(length=200), nullable=False),
        sa.Column("postal_code", sa.String(length=200), nullable=False),
        sa.Column("phone", sa.String(length=200), nullable=True),
        sa.Column("email", sa.String(length=200), nullable=True),
        sa.Column("website", sa.String(length=200), nullable=True),
        sa.Column("invoice_footer", sa.String(length=10000), nullable=False),
        sa.Column("payment_instructions", sa.String(length=10000), nullable=False),
        sa.Column("logo", sa.LargeBinary(), nullable=True),
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
            "round_tax_on in ('document', 'line')",
            name=op.f("ck_organisation_settings_round_tax_on"),
        ),
        sa.CheckConstraint(
            "rounding in ('half_up', 'half_even')", name=op.f("ck_organisation_settings_rounding")
        ),
        sa.CheckConstraint(
            "octet_length(logo) <= 524288", name=op.f("ck_organisation_settings_logo_size")
        ),
        sa.CheckConstraint(
            "payment_terms_days between 0 and 365",
            name=op.f("ck_organisation_settings_payment_terms_days"),
        ),
        sa.CheckConstraint(
            "tax_rate >= 0 and tax_rate < 1", name=op.f("ck_organisation_settings_tax_rate")
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_organisation_settings")),
    )
    op.create_table(
        "resources",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
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
        sa.CheckConstraint("kind in ('technician')", name=op.f("ck_resources_kind")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_resources")),
    )
    op.create_table(
        "search_documents",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("entity_id", sa.Uuid(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("subtitle", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("digits", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "entity_id", name=op.f("pk_search_documents")),
    )
    op.create_index(
        "ix_search_documents_digits",
        "search_documents",
        ["org_id", "digits"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"digits": "gin_trgm_ops"},
    )
    op.create_index(
        "ix_search_documents_words",
        "search_documents",
        ["org_id", "words"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"words": "gin_trgm_ops"},
    )
    op.create_table(
        "sites",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("street", sa.String(length=200), nullable=False),
        sa.Column("unit", sa.String(length=200), nullable=True),
        sa.Column("city", sa.String(length=200), nullable=False),
        sa.Column("region", sa.String(length=200), nullable=False),
        sa.Column("postal_code", sa.String(length=200), nullable=False),
        sa.Column("country", sa.String(length=200), nullable=False),
        sa.Column("latitude", sa.Numeric(precision=9, scale=6), nullable=True),
        sa.Column("longitude", sa.Numeric(precision=9, scale=6), nullable=True),
        sa.Column("placed_by", sa.Text(), nullable=True),
        sa.Column("time_zone", sa.String(length=200), nullable=False),
        sa.Column("access_notes", sa.String(length=10000), nullable=True),
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
            "placed_by in ('postal_code', 'geocoder', 'pin')", name=op.f("ck_sites_placed_by")
        ),
        sa.CheckConstraint(
            "(latitude is null) = (longitude is null)", name=op.f("ck_sites_placed")
        ),
        sa.CheckConstraint("latitude between -90 and 90", name=op.f("ck_sites_latitude")),
        sa.CheckConstraint("length(trim(street)) > 0", name=op.f("ck_sites_street")),
        sa.CheckConstraint("longitude between -180 and 180", name=op.f("ck_sites_longitude")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_sites")),
    )
    op.create_index("ix_sites_created_at", "sites", ["org_id", "created_at", "id"], unique=False)
    op.create_index("ix_sites_postal_code", "sites", ["org_id", "postal_code"], unique=False)
    op.create_table(
        "skills",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
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
        sa.CheckConstraint("length(trim(name)) > 0", name=op.f("ck_skills_name")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_skills")),
        sa.UniqueConstraint("org_id", "name", name=op.f("uq_skills_org_id_name")),
    )
    op.create_table(
        "stored_replies",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("principal_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.BigInteger(), nullable=False),
        sa.Column("headers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "principal_id", "key", name=op.f("pk_stored_replies")),
    )
    op.create_index(
        "ix_stored_replies_created_at", "stored_replies", ["org_id", "created_at"], unique=False
    )
    op.create_table(
        "roles",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("level", sa.BigInteger(), nullable=False),
        sa.Column("record_scope", sa.Text(), nullable=False),
        sa.Column("permissions", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("system", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("record_scope in ('own', 'all')", name=op.f("ck_roles_record_scope")),
        sa.CheckConstraint("level between 0 and 100", name=op.f("ck_roles_level")),
        sa.ForeignKeyConstraint(
            ["org_id"], ["identity.organisations.id"], name=op.f("fk_roles_org_id")
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_roles")),
        sa.UniqueConstraint("org_id", "name", name=op.f("uq_roles_org_id_name")),
        schema="identity",
    )
    op.create_table(
        "job_type_skills",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("job_type_id", sa.Uuid(), nullable=False),
        sa.Column("skill_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.BigInteger(), nullable=False),
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
        sa.CheckConstraint("level between 1 and 5", name=op.f("ck_job_type_skills_level")),
        sa.ForeignKeyConstraint(
            ["org_id", "job_type_id"],
            ["job_types.org_id", "job_types.id"],
            name=op.f("fk_job_type_skills_org_id_job_type_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "skill_id"],
            ["skills.org_id", "skills.id"],
            name=op.f("fk_job_type_skills_org_id_skill_id"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_job_type_skills")),
        sa.UniqueConstraint(
            "org_id",
            "job_type_id",
            "skill_id",
            name=op.f("uq_job_type_skills_org_id_job_type_id_skill_id"),
        ),
    )
    op.create_index(
        "ix_job_type_skills_skill_id", "job_type_skills", ["org_id", "skill_id"], unique=False
    )
    op.create_table(
        "site_parties",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
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
            "role in ('owner', 'tenant', 'manager')", name=op.f("ck_site_parties_role")
        ),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_site_parties_dates")),
        sa.ForeignKeyConstraint(
            ["org_id", "customer_id"],
            ["customers.org_id", "customers.id"],
            name=op.f("fk_site_parties_org_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "site_id"],
            ["sites.org_id", "sites.id"],
            name=op.f("fk_site_parties_org_id_site_id"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_site_parties")),
    )
    op.create_index(
        "ix_site_parties_customer_id", "site_parties", ["org_id", "customer_id"], unique=False
    )
    op.create_index(
        "uq_site_parties_current",
        "site_parties",
        ["org_id", "site_id", "customer_id", "role"],
        unique=True,
        postgresql_where=sa.text("ends_on is null"),
    )
    op.create_table(
        "stories",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "entry_id"],
            ["journal.org_id", "journal.id"],
            name=op.f("fk_stories_org_id_entry_id"),
        ),
        sa.PrimaryKeyConstraint("org_id", "subject_id", "entry_id", name=op.f("pk_stories")),
    )
    op.create_table(
        "work_orders",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=200), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("job_type_id", sa.Uuid(), nullable=False),
        sa.Column("summary", sa.String(length=200), nullable=False),
        sa.Column("description", sa.String(length=10000), nullable=True),
        sa.Column("customer_reference", sa.String(length=200), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=True),
        sa.Column("status_reason", sa.String(length=200), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
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
            "priority in ('low', 'normal', 'high', 'emergency')",
            name=op.f("ck_work_orders_priority"),
        ),
        sa.CheckConstraint(
            "status in ('draft', 'ready', 'scheduled', 'in_progress', 'on_hold', 'completed', 'approved', 'closed', 'canceled')",
            name=op.f("ck_work_orders_status"),
        ),
        sa.CheckConstraint("length(trim(summary)) > 0", name=op.f("ck_work_orders_summary")),
        sa.ForeignKeyConstraint(
            ["org_id", "customer_id"],
            ["customers.org_id", "customers.id"],
            name=op.f("fk_work_orders_org_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "job_type_id"],
            ["job_types.org_id", "job_types.id"],
            name=op.f("fk_work_orders_org_id_job_type_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "site_id"],
            ["sites.org_id", "sites.id"],
            name=op.f("fk_work_orders_org_id_site_id"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_work_orders")),
        sa.UniqueConstraint("org_id", "number", name=op.f("uq_work_orders_org_id_number")),
    )
    op.create_index(
        "ix_work_orders_created_at", "work_orders", ["org_id", "created_at", "id"], unique=False
    )
    op.create_index(
        "ix_work_orders_customer_id", "work_orders", ["org_id", "customer_id"], unique=False
    )
    op.create_index(
        "ix_work_orders_job_type_id", "work_orders", ["org_id", "job_type_id"], unique=False
    )
    op.create_index("ix_work_orders_site_id", "work_orders", ["org_id", "site_id"], unique=False)
    op.create_index(
        "ix_work_orders_status",
        "work_orders",
        ["org_id", "status", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "memberships",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("role_id", sa.Uuid(), nullable=False),
        sa.Column("perm_version", sa.BigInteger(), nullable=False),
        sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "role_id"],
            ["identity.roles.org_id", "identity.roles.id"],
            name=op.f("fk_memberships_org_id_role_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["identity.organisations.id"], name=op.f("fk_memberships_org_id")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["identity.users.id"], name=op.f("fk_memberships_user_id")
        ),
        sa.PrimaryKeyConstraint("org_id", "user_id", name=op.f("pk_memberships")),
        schema="identity",
    )
    op.create_index(
        "ix_memberships_user_id", "memberships", ["user_id"], unique=False, schema="identity"
    )
    op.create_table(
        "invoices",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=200), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("work_order_id", sa.Uuid(), nullable=True),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(length=200), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("payment_terms_days", sa.BigInteger(), nullable=False),
        sa.Column("tax_label", sa.String(length=200), nullable=False),
        sa.Column("tax_rate", sa.Numeric(precision=7, scale=6), nullable=False),
        sa.Column("rounding", sa.Text(), nullable=False),
        sa.Column("round_tax_on", sa.Text(), nullable=False),
        sa.Column("subtotal", sa.BigInteger(), nullable=False),
        sa.Column("discount", sa.BigInteger(), nullable=False),
        sa.Column("discount_label", sa.String(length=200), nullable=True),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("notes", sa.String(length=10000), nullable=True),
        sa.Column("void_reason", sa.String(length=200), nullable=True),
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
            "(status = 'draft') = (issued_on is null)", name=op.f("ck_invoices_issued_on")
        ),
        sa.CheckConstraint(
            "(status = 'draft') = (number is null)", name=op.f("ck_invoices_number")
        ),
        sa.CheckConstraint(
            "round_tax_on in ('document', 'line')", name=op.f("ck_invoices_round_tax_on")
        ),
        sa.CheckConstraint(
            "rounding in ('half_up', 'half_even')", name=op.f("ck_invoices_rounding")
        ),
        sa.CheckConstraint(
            "status in ('draft', 'issued', 'partially_paid', 'paid', 'void')",
            name=op.f("ck_invoices_status"),
        ),
        sa.CheckConstraint("due_on >= issued_on", name=op.f("ck_invoices_due_on")),
        sa.CheckConstraint(
            "payment_terms_days between 0 and 365", name=op.f("ck_invoices_payment_terms_days")
        ),
        sa.CheckConstraint(
            "subtotal >= 0 and discount between 0 and subtotal", name=op.f("ck_invoices_discount")
        ),
        sa.CheckConstraint("tax >= 0", name=op.f("ck_invoices_tax")),
        sa.CheckConstraint("total = subtotal - discount + tax", name=op.f("ck_invoices_adds_up")),
        sa.ForeignKeyConstraint(
            ["org_id", "customer_id"],
            ["customers.org_id", "customers.id"],
            name=op.f("fk_invoices_org_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "work_order_id"],
            ["work_orders.org_id", "work_orders.id"],
            name=op.f("fk_invoices_org_id_work_order_id"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_invoices")),
        sa.UniqueConstraint("org_id", "number", name=op.f("uq_invoices_org_id_number")),
    )
    op.create_index(
        "ix_invoices_created_at", "invoices", ["org_id", "created_at", "id"], unique=False
    )
    op.create_index("ix_invoices_customer_id", "invoices", ["org_id", "customer_id"], unique=False)
    op.create_index(
        "ix_invoices_status", "invoices", ["org_id", "status", "created_at", "id"], unique=False
    )
    op.create_index(
        "ix_invoices_work_order_id", "invoices", ["org_id", "work_order_id"], unique=False
    )
    op.create_table(
        "visits",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("work_order_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("duration_minutes", sa.BigInteger(), nullable=False),
        sa.Column("promised_start", sa.DateTime(timezone=True), nullable=True),
        sa.Column("promised_end", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_via", sa.String(length=200), nullable=True),
        sa.Column("planned_start", sa.DateTime(timezone=True), nullable=True),
        sa.Column("planned_end", sa.DateTime(timezone=True), nullable=True),
        sa.Column("travel_started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status_reason", sa.String(length=200), nullable=True),
        sa.Column("instructions", sa.String(length=200), nullable=True),
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
            "status in ('tentative', 'unscheduled', 'scheduled', 'dispatched', 'en_route', 'on_site', 'working', 'paused', 'completed', 'incomplete', 'no_access', 'no_show', 'canceled')",
            name=op.f("ck_visits_status"),
        ),
        sa.CheckConstraint(
            "status not in ('tentative', 'scheduled', 'dispatched') or planned_start is not null",
            name=op.f("ck_visits_planned_when_scheduled"),
        ),
        sa.CheckConstraint(
            "(planned_start is null) = (planned_end is null)", name=op.f("ck_visits_planned_both")
        ),
        sa.CheckConstraint(
            "(promised_start is null) = (promised_end is null)",
            name=op.f("ck_visits_promised_both"),
        ),
        sa.CheckConstraint(
            "arrived_at <= started_at and started_at <= finished_at",
            name=op.f("ck_visits_actual_order"),
        ),
        sa.CheckConstraint(
            "duration_minutes between 5 and 10080", name=op.f("ck_visits_duration_minutes")
        ),
        sa.CheckConstraint("planned_start < planned_end", name=op.f("ck_visits_planned")),
        sa.CheckConstraint("promised_start < promised_end", name=op.f("ck_visits_promised")),
        sa.ForeignKeyConstraint(
            ["org_id", "work_order_id"],
            ["work_orders.org_id", "work_orders.id"],
            name=op.f("fk_visits_org_id_work_order_id"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_visits")),
    )
    op.create_index("ix_visits_created_at", "visits", ["org_id", "created_at", "id"], unique=False)
    op.create_index(
        "ix_visits_planned_start", "visits", ["org_id", "planned_start", "id"], unique=False
    )
    op.create_index(
        "ix_visits_promised_start", "visits", ["org_id", "promised_start", "id"], unique=False
    )
    op.create_index(
        "ix_visits_status", "visits", ["org_id", "status", "planned_start", "id"], unique=False
    )
    op.create_index("ix_visits_work_order_id", "visits", ["org_id", "work_order_id"], unique=False)
    op.create_table(
        "bookings",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column(
            "starts_at",
            sa.DateTime(timezone=True),
            sa.Computed("lower(during)", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "ends_at",
            sa.DateTime(timezone=True),
            sa.Computed("upper(during)", persisted=True),
            nullable=False,
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
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
        postgresql.ExcludeConstraint(
            (sa.column("org_id"), "="),
            (sa.column("resource_id"), "="),
            (sa.column("during"), "&&"),
            deferrable="True",
            initially="IMMEDIATE",
            using="gist",
            name="no_double_booking",
        ),
        sa.CheckConstraint(
            "(kind = 'hold') = (expires_at is not null)", name=op.f("ck_bookings_hold")
        ),
        sa.CheckConstraint(
            "(kind = 'visit') = (visit_id is not null)", name=op.f("ck_bookings_visit")
        ),
        sa.CheckConstraint(
            "kind in ('visit', 'hold', 'event', 'time_off')", name=op.f("ck_bookings_kind")
        ),
        sa.CheckConstraint("not isempty(during)", name=op.f("ck_bookings_during")),
        sa.CheckConstraint(
            "not lower_inf(during) and not upper_inf(during)", name=op.f("ck_bookings_bounded")
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "resource_id"],
            ["resources.org_id", "resources.id"],
            name=op.f("fk_bookings_org_id_resource_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "visit_id"],
            ["visits.org_id", "visits.id"],
            name=op.f("fk_bookings_org_id_visit_id"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_bookings")),
    )
    op.create_index(
        "ix_bookings_starts_at",
        "bookings",
        ["org_id", "resource_id", "starts_at", "ends_at"],
        unique=False,
    )
    op.create_index(
        "uq_bookings_visit", "bookings", ["org_id", "visit_id", "resource_id"], unique=True
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("perm_version", sa.BigInteger(), nullable=False),
        sa.Column("access_hash", sa.LargeBinary(), nullable=False),
        sa.Column("access_expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("csrf_hash", sa.LargeBinary(), nullable=False),
        sa.Column("user_agent", sa.Text(), nullable=False),
        sa.Column("ip", postgresql.INET(), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_for", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "user_id"],
            ["identity.memberships.org_id", "identity.memberships.user_id"],
            name=op.f("fk_sessions_org_id_user_id"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["identity.users.id"], name=op.f("fk_sessions_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("access_hash", name=op.f("uq_sessions_access_hash")),
        schema="identity",
    )
    op.create_index(
        op.f("ix_sessions_user_id"), "sessions", ["user_id"], unique=False, schema="identity"
    )
    op.create_table(
        "invoice_lines",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("description", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.String(length=10000), nullable=True),
        sa.Column("quantity", sa.Numeric(precision=12, scale=3), nullable=False),
        sa.Column("unit", sa.String(length=200), nullable=False),
        sa.Column("unit_price", sa.Numeric(precision=14, scale=4), nullable=False),
        sa.Column("taxable", sa.Boolean(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("discount", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
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
            "amount between 0 and 1000000000000000", name=op.f("ck_invoice_lines_amount")
        ),
        sa.CheckConstraint("discount between 0 and amount", name=op.f("ck_invoice_lines_discount")),
        sa.CheckConstraint(
            "length(trim(description)) > 0", name=op.f("ck_invoice_lines_description")
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_invoice_lines_quantity")),
        sa.CheckConstraint("tax >= 0", name=op.f("ck_invoice_lines_tax")),
        sa.CheckConstraint("unit_price >= 0", name=op.f("ck_invoice_lines_unit_price")),
        sa.ForeignKeyConstraint(
            ["org_id", "invoice_id"],
            ["invoices.org_id", "invoices.id"],
            name=op.f("fk_invoice_lines_org_id_invoice_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_invoice_lines")),
        sa.UniqueConstraint(
            "org_id",
            "invoice_id",
            "position",
            deferrable=True,
            initially="DEFERRED",
            name=op.f("uq_invoice_lines_org_id_invoice_id_position"),
        ),
    )
    op.create_table(
        "members",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sort_name", sa.Text(), nullable=False),
        sa.Column("email", sa.String(length=200), nullable=False),
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
            ["org_id", "id"],
            ["identity.memberships.org_id", "identity.memberships.user_id"],
            name=op.f("fk_members_org_id_id"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_members")),
    )
    op.create_table(
        "payments",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=200), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=True),
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
            "method in ('cash', 'check', 'card', 'bank_transfer', 'other')",
            name=op.f("ck_payments_method"),
        ),
        sa.CheckConstraint("status in ('succeeded')", name=op.f("ck_payments_status")),
        sa.CheckConstraint(
            "amount between 1 and 1000000000000000", name=op.f("ck_payments_amount")
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "customer_id"],
            ["customers.org_id", "customers.id"],
            name=op.f("fk_payments_org_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "invoice_id"],
            ["invoices.org_id", "invoices.id"],
            name=op.f("fk_payments_org_id_invoice_id"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_payments")),
    )
    op.create_index(
        "ix_payments_created_at", "payments", ["org_id", "created_at", "id"], unique=False
    )
    op.create_index("ix_payments_customer_id", "payments", ["org_id", "customer_id"], unique=False)
    op.create_index("ix_payments_invoice_id", "payments", ["org_id", "invoice_id"], unique=False)
    op.create_table(
        "promises",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("window_start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("window_end", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wall_start", sa.String(length=200), nullable=False),
        sa.Column("wall_end", sa.String(length=200), nullable=False),
        sa.Column("time_zone", sa.String(length=200), nullable=False),
        sa.Column("told_via", sa.Text(), nullable=False),
        sa.Column("told_to", sa.String(length=200), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
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
            "told_via in ('phone', 'email', 'sms', 'in_person', 'portal', 'not_yet')",
            name=op.f("ck_promises_told_via"),
        ),
        sa.CheckConstraint("window_start < window_end", name=op.f("ck_promises_window")),
        sa.ForeignKeyConstraint(
            ["org_id", "visit_id"],
            ["visits.org_id", "visits.id"],
            name=op.f("fk_promises_org_id_visit_id"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_promises")),
    )
    op.create_index(
        "ix_promises_visit_id", "promises", ["org_id", "visit_id", "created_at"], unique=False
    )
    op.create_table(
        "checklist_items",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("work_order_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by_id", sa.Uuid(), nullable=True),
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
        sa.CheckConstraint("length(trim(title)) > 0", name=op.f("ck_checklist_items_title")),
        sa.CheckConstraint("position >= 0", name=op.f("ck_checklist_items_position")),
        sa.ForeignKeyConstraint(
            ["org_id", "done_by_id"],
            ["members.org_id", "members.id"],
            name=op.f("fk_checklist_items_org_id_done_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "work_order_id"],
            ["work_orders.org_id", "work_orders.id"],
            name=op.f("fk_checklist_items_org_id_work_order_id"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_checklist_items")),
    )
    op.create_index(
        "ix_checklist_items_work_order_id",
        "checklist_items",
        ["org_id", "work_order_id", "position"],
        unique=False,
    )
    op.create_table(
        "refresh_tokens",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["identity.sessions.id"],
            name=op.f("fk_refresh_tokens_session_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_refresh_tokens")),
        schema="identity",
    )
    op.create_index(
        op.f("ix_refresh_tokens_session_id"),
        "refresh_tokens",
        ["session_id"],
        unique=False,
        schema="identity",
    )
    op.create_table(
        "imports",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("mapping", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("rows_read", sa.BigInteger(), nullable=False),
        sa.Column("rows_created", sa.BigInteger(), nullable=False),
        sa.Column("rows_updated", sa.BigInteger(), nullable=False),
        sa.Column("rows_unchanged", sa.BigInteger(), nullable=False),
        sa.Column("rows_refused", sa.BigInteger(), nullable=False),
        sa.Column("failure", sa.String(length=10000), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_by_id", sa.Uuid(), nullable=True),
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
        sa.CheckConstraint("kind in ('customers')", name=op.f("ck_imports_kind")),
        sa.CheckConstraint(
            "status in ('queued', 'running', 'completed', 'failed')", name=op.f("ck_imports_status")
        ),
        sa.CheckConstraint(
            "octet_length(content) <= 10485760", name=op.f("ck_imports_content_size")
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "made_by_id"],
            ["members.org_id", "members.id"],
            name=op.f("fk_imports_org_id_made_by_id"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_imports")),
    )
    op.create_index(
        "ix_imports_created_at", "imports", ["org_id", "created_at", "id"], unique=False
    )
    op.create_table(
        "ledger_entries",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("posting_id", sa.Uuid(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=200), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=True),
        sa.Column("payment_id", sa.Uuid(), nullable=True),
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
            "account in ('receivable', 'revenue', 'tax_payable', 'cash')",
            name=op.f("ck_ledger_entries_account"),
        ),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_ledger_entries_amount")),
        sa.ForeignKeyConstraint(
            ["org_id", "customer_id"],
            ["customers.org_id", "customers.id"],
            name=op.f("fk_ledger_entries_org_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "invoice_id"],
            ["invoices.org_id", "invoices.id"],
            name=op.f("fk_ledger_entries_org_id_invoice_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "payment_id"],
            ["payments.org_id", "payments.id"],
            name=op.f("fk_ledger_entries_org_id_payment_id"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_ledger_entries")),
    )
    op.create_index(
        "ix_ledger_entries_customer_id", "ledger_entries", ["org_id", "customer_id"], unique=False
    )
    op.create_index(
        "ix_ledger_entries_invoice_id",
        "ledger_entries",
        ["org_id", "invoice_id", "account"],
        unique=False,
    )
    op.create_index(
        "ix_ledger_entries_payment_id", "ledger_entries", ["org_id", "payment_id"], unique=False
    )
    op.create_index(
        "ix_ledger_entries_posting_id", "ledger_entries", ["org_id", "posting_id"], unique=False
    )
    op.create_table(
        "notes",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.String(length=10000), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
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
            "entity in ('customer', 'site', 'work_order', 'visit', 'invoice')",
            name=op.f("ck_notes_entity"),
        ),
        sa.CheckConstraint("length(trim(body)) > 0", name=op.f("ck_notes_body")),
        sa.ForeignKeyConstraint(
            ["org_id", "author_id"],
            ["members.org_id", "members.id"],
            name=op.f("fk_notes_org_id_author_id"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_notes")),
    )
    op.create_index("ix_notes_created_at", "notes", ["org_id", "created_at", "id"], unique=False)
    op.create_index(
        "ix_notes_entity_id", "notes", ["org_id", "entity_id", "created_at", "id"], unique=False
    )
    op.create_table(
        "technicians",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sort_name", sa.Text(), nullable=False),
        sa.Column("phone", sa.String(length=200), nullable=True),
        sa.Column("color", sa.String(length=200), nullable=False),
        sa.Column("time_zone", sa.String(length=200), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
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
        sa.CheckConstraint("color ~ '^#[0-9a-f]{6}$'", name=op.f("ck_technicians_color")),
        sa.CheckConstraint("length(trim(name)) > 0", name=op.f("ck_technicians_name")),
        sa.ForeignKeyConstraint(
            ["org_id", "id"],
            ["resources.org_id", "resources.id"],
            name=op.f("fk_technicians_org_id_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "member_id"],
            ["members.org_id", "members.id"],
            name=op.f("fk_technicians_org_id_member_id"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_technicians")),
        sa.UniqueConstraint("org_id", "member_id", name=op.f("uq_technicians_org_id_member_id")),
    )
    op.create_index(
        "ix_technicians_sort_name", "technicians", ["org_id", "sort_name", "id"], unique=False
    )
    op.create_table(
        "assignments",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("technician_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("is_lead", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=True),
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
            "status in ('offered', 'accepted', 'declined', 'removed', 'done')",
            name=op.f("ck_assignments_status"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "technician_id"],
            ["technicians.org_id", "technicians.id"],
            name=op.f("fk_assignments_org_id_technician_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "visit_id"],
            ["visits.org_id", "visits.id"],
            name=op.f("fk_assignments_org_id_visit_id"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_assignments")),
    )
    op.create_index(
        "ix_assignments_technician_id",
        "assignments",
        ["org_id", "technician_id", "visit_id"],
        unique=False,
    )
    op.create_index(
        "uq_assignments_current",
        "assignments",
        ["org_id", "visit_id", "technician_id"],
        unique=True,
        postgresql_where=sa.text("status not in ('removed', 'declined')"),
    )
    op.create_table(
        "import_issues",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("row", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("column_name", sa.String(length=200), nullable=True),
        sa.Column("severity", sa.String(length=200), nullable=False),
        sa.Column("code", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(length=10000), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
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
            "severity in ('error', 'duplicate')", name=op.f("ck_import_issues_severity")
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "customer_id"],
            ["customers.org_id", "customers.id"],
            name=op.f("fk_import_issues_org_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "import_id"],
            ["imports.org_id", "imports.id"],
            name=op.f("fk_import_issues_org_id_import_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_import_issues")),
    )
    op.create_index(
        "ix_import_issues_customer_id", "import_issues", ["org_id", "customer_id"], unique=False
    )
    op.create_index(
        "ix_import_issues_import_id",
        "import_issues",
        ["org_id", "import_id", "row", "id"],
        unique=False,
    )
    op.create_table(
        "technician_skills",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("technician_id", sa.Uuid(), nullable=False),
        sa.Column("skill_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.BigInteger(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
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
        sa.CheckConstraint("level between 1 and 5", name=op.f("ck_technician_skills_level")),
        sa.ForeignKeyConstraint(
            ["org_id", "skill_id"],
            ["skills.org_id", "skills.id"],
            name=op.f("fk_technician_skills_org_id_skill_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "technician_id"],
            ["technicians.org_id", "technicians.id"],
            name=op.f("fk_technician_skills_org_id_technician_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_technician_skills")),
        sa.UniqueConstraint(
            "org_id",
            "technician_id",
            "skill_id",
            name=op.f("uq_technician_skills_org_id_technician_id_skill_id"),
        ),
    )
    op.create_index(
        "ix_technician_skills_skill_id", "technician_skills", ["org_id", "skill_id"], unique=False
    )


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")

    op.drop_index("ix_technician_skills_skill_id", table_name="technician_skills")
    op.drop_table("technician_skills")
    op.drop_index("ix_import_issues_import_id", table_name="import_issues")
    op.drop_index("ix_import_issues_customer_id", table_name="import_issues")
    op.drop_table("import_issues")
    op.drop_index(
        "uq_assignments_current",
        table_name="assignments",
        postgresql_where=sa.text("status not in ('removed', 'declined')"),
    )
    op.drop_index("ix_assignments_technician_id", table_name="assignments")
    op.drop_table("assignments")
    op.drop_index("ix_technicians_sort_name", table_name="technicians")
    op.drop_table("technicians")
    op.drop_index("ix_notes_entity_id", table_name="notes")
    op.drop_index("ix_notes_created_at", table_name="notes")
    op.drop_table("notes")
    op.drop_index("ix_ledger_entries_posting_id", table_name="ledger_entries")
    op.drop_index("ix_ledger_entries_payment_id", table_name="ledger_entries")
    op.drop_index("ix_ledger_entries_invoice_id", table_name="ledger_entries")
    op.drop_index("ix_ledger_entries_customer_id", table_name="ledger_entries")
    op.drop_table("ledger_entries")
    op.drop_index("ix_imports_created_at", table_name="imports")
    op.drop_table("imports")
    op.drop_index(
        op.f("ix_refresh_tokens_session_id"), table_name="refresh_tokens", schema="identity"
    )
    op.drop_table("refresh_tokens", schema="identity")
    op.drop_index("ix_checklist_items_work_order_id", table_name="checklist_items")
    op.drop_table("checklist_items")
    op.drop_index("ix_promises_visit_id", table_name="promises")
    op.drop_table("promises")
    op.drop_index("ix_payments_invoice_id", table_name="payments")
    op.drop_index("ix_payments_customer_id", table_name="payments")
    op.drop_index("ix_payments_created_at", table_name="payments")
    op.drop_table("payments")
    op.drop_table("members")
    op.drop_table("invoice_lines")
    op.drop_index(op.f("ix_sessions_user_id"), table_name="sessions", schema="identity")
    op.drop_table("sessions", schema="identity")
    op.drop_index("uq_bookings_visit", table_name="bookings")
    op.drop_index("ix_bookings_starts_at", table_name="bookings")
    op.drop_table("bookings")
    op.drop_index("ix_visits_work_order_id", table_name="visits")
    op.drop_index("ix_visits_status", table_name="visits")
    op.drop_index("ix_visits_promised_start", table_name="visits")
    op.drop_index("ix_visits_planned_start", table_name="visits")
    op.drop_index("ix_visits_created_at", table_name="visits")
    op.drop_table("visits")
    op.drop_index("ix_invoices_work_order_id", table_name="invoices")
    op.drop_index("ix_invoices_status", table_name="invoices")
    op.drop_index("ix_invoices_customer_id", table_name="invoices")
    op.drop_index("ix_invoices_created_at", table_name="invoices")
    op.drop_table("invoices")
    op.drop_index("ix_memberships_user_id", table_name="memberships", schema="identity")
    op.drop_table("memberships", schema="identity")
    op.drop_index("ix_work_orders_status", table_name="work_orders")
    op.drop_index("ix_work_orders_site_id", table_name="work_orders")
    op.drop_index("ix_work_orders_job_type_id", table_name="work_orders")
    op.drop_index("ix_work_orders_customer_id", table_name="work_orders")
    op.drop_index("ix_work_orders_created_at", table_name="work_orders")
    op.drop_table("work_orders")
    op.drop_table("stories")
    op.drop_index(
        "uq_site_parties_current",
        table_name="site_parties",
        postgresql_where=sa.text("ends_on is null"),
    )
    op.drop_index("ix_site_parties_customer_id", table_name="site_parties")
    op.drop_table("site_parties")
    op.drop_index("ix_job_type_skills_skill_id", table_name="job_type_skills")
    op.drop_table("job_type_skills")
    op.drop_table("roles", schema="identity")
    op.drop_index("ix_stored_replies_created_at", table_name="stored_replies")
    op.drop_table("stored_replies")
    op.drop_table("skills")
    op.drop_index("ix_sites_postal_code", table_name="sites")
    op.drop_index("ix_sites_created_at", table_name="sites")
    op.drop_table("sites")
    op.drop_index(
        "ix_search_documents_words",
        table_name="search_documents",
        postgresql_using="gin",
        postgresql_ops={"words": "gin_trgm_ops"},
    )
    op.drop_index(
        "ix_search_documents_digits",
        table_name="search_documents",
        postgresql_using="gin",
        postgresql_ops={"digits": "gin_trgm_ops"},
    )
    op.drop_table("search_documents")
    op.drop_table("resources")
    op.drop_table("organisation_settings")
    op.drop_index("ix_journal_xid", table_name="journal")
    op.drop_index("ix_journal_entity_id", table_name="journal")
    op.drop_table("journal")
    op.drop_index(
        "uq_job_types_name", table_name="job_types", postgresql_where=sa.text("deleted_at is null")
    )
    op.drop_table("job_types")
    op.drop_table("users", schema="identity")
    op.drop_index(
        "ix_sign_in_attempts_email_hash", table_name="sign_in_attempts", schema="identity"
    )
    op.drop_table("sign_in_attempts", schema="identity")
    op.drop_table("organisations", schema="identity")
    op.drop_index("uq_customers_external_key", table_name="customers")
    op.drop_index("ix_customers_sort_name", table_name="customers")
    op.drop_index("ix_customers_phone", table_name="customers")
    op.drop_index("ix_customers_parent_id", table_name="customers")
    op.drop_index("ix_customers_email", table_name="customers")
    op.drop_index("ix_customers_created_at", table_name="customers")
    op.drop_table("customers")
    op.drop_table("counters")
