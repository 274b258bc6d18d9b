"""Tickets, invitations and second factors; sign-ins that can be told of."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0101"
down_revision = "0143"
branch_labels = None
depends_on = None

NEW = ("recovery_codes", "totps", "invitations", "tickets")


def _at(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.add_column(
        "roles",
        sa.Column("requires_mfa", sa.Boolean(), server_default="false", nullable=False),
        schema="identity",
    )
    op.add_column("sessions", _at("proved_at"), schema="identity")
    for column in (
        sa.Column("proof", sa.Text(), server_default="sign_in", nullable=False),
        sa.Column("user_agent", sa.Text(), server_default="", nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("org_id", sa.Uuid(), nullable=True),
    ):
        op.add_column("sign_in_attempts", column, schema="identity")
    op.create_check_constraint(
        op.f("ck_sign_in_attempts_proof"),
        "sign_in_attempts",
        "proof in ('sign_in', 'second_factor', 'confirmation')",
        schema="identity",
    )
    op.create_index(
        "ix_sign_in_attempts_user_id", "sign_in_attempts", ["user_id", "created_at"],
        schema="identity",
    )  # fmt: skip
    op.create_table(
        "tickets",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("data", postgresql.JSONB(), nullable=False),
        sa.Column("tries", sa.BigInteger(), server_default="0", nullable=False),
        _at("expires_at", nullable=False),
        _at("used_at"),
        _at("created_at", nullable=False),
        sa.CheckConstraint(
            "purpose in ('sign_up', 'reset', 'email', 'second_factor')",
            name=op.f("ck_tickets_purpose"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["identity.users.id"],
            name=op.f("fk_tickets_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_tickets")),
        schema="identity",
    )
    op.create_index(
        "ix_tickets_email", "tickets", ["email", "purpose", "created_at"], schema="identity"
    )
    op.create_index("ix_tickets_expires_at", "tickets", ["expires_at"], schema="identity")
    op.create_index(op.f("ix_tickets_user_id"), "tickets", ["user_id"], schema="identity")
    op.create_table(
        "invitations",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role_id", sa.Uuid(), nullable=False),
        sa.Column("invited_by_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("sent", sa.BigInteger(), nullable=False),
        _at("expires_at", nullable=False),
        _at("accepted_at"),
        _at("revoked_at"),
        _at("created_at", nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id"], ["identity.organisations.id"], name=op.f("fk_invitations_org_id")
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "role_id"],
            ["identity.roles.org_id", "identity.roles.id"],
            name=op.f("fk_invitations_org_id_role_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "invited_by_id"],
            ["identity.memberships.org_id", "identity.memberships.user_id"],
            name=op.f("fk_invitations_org_id_invited_by_id"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitations_token_hash")),
        schema="identity",
    )
    op.create_index(
        "ix_invitations_created_at", "invitations", ["org_id", "created_at", "id"],
        schema="identity",
    )  # fmt: skip
    op.create_index(
        "uq_invitations_open",
        "invitations",
        ["org_id", "email"],
        unique=True,
        schema="identity",
        postgresql_where=sa.text("accepted_at is null and revoked_at is null"),
    )
    op.create_table(
        "totps",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        _at("confirmed_at"),
        sa.Column("last_step", sa.BigInteger(), server_default="0", nullable=False),
        _at("created_at", nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["identity.users.id"],
            name=op.f("fk_totps_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_totps")),
        schema="identity",
    )
    op.create_table(
        "recovery_codes",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        _at("used_at"),
        _at("created_at", nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["identity.users.id"],
            name=op.f("fk_recovery_codes_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_recovery_codes")),
        schema="identity",
    )
    op.create_index(
        op.f("ix_recovery_codes_user_id"), "recovery_codes", ["user_id"], schema="identity"
    )
    for table in NEW:
        op.execute(f"grant select, insert, update, delete on identity.{table} to truckroll_app")
    op.execute("select identity.grant_permission('members:audit', '{owner,admin}')")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("update identity.roles set permissions = array_remove(permissions, 'members:audit')")
    for table in NEW:
        op.drop_table(table, schema="identity")
    op.drop_index("ix_sign_in_attempts_user_id", "sign_in_attempts", schema="identity")
    for column in ("org_id", "user_id", "user_agent", "proof"):
        op.drop_column("sign_in_attempts", column, schema="identity")
    op.drop_column("sessions", "proved_at", schema="identity")
    op.drop_column("roles", "requires_mfa", schema="identity")
