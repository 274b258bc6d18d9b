"""Mails of organisations, letters of nobody's, and the outbox of an installation without a server."""

import sqlalchemy as sa
from alembic import op

revision = "0100"
down_revision = "0121"
branch_labels = None
depends_on = None

STATUS = "status in ('queued', 'sending', 'sent', 'refused', 'unclear')"
READERS = "{owner,admin,manager,dispatcher,accountant,viewer}"


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "mails",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("template", sa.String(length=200), nullable=False),
        sa.Column("about_id", sa.Uuid(), nullable=True),
        sa.Column("to_address", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("message", sa.LargeBinary(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.String(length=10000), nullable=True),
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
        sa.CheckConstraint(STATUS, name=op.f("ck_mails_status")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_mails")),
        sa.UniqueConstraint("org_id", "key", name=op.f("uq_mails_org_id_key")),
    )
    op.create_index("ix_mails_created_at", "mails", ["org_id", "created_at", "id"])
    op.create_index("ix_mails_about_id", "mails", ["org_id", "about_id"])
    op.execute("select system.protect('mails', 'mail', array['message'])")
    op.create_table(
        "letters",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("to_address", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("message", sa.LargeBinary(), nullable=True),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(STATUS, name=op.f("ck_letters_status")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letters")),
        schema="identity",
    )
    op.create_index("ix_letters_created_at", "letters", ["created_at"], schema="identity")
    op.create_table(
        "outbox",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("to_address", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("message", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outbox_message_id")),
        schema="identity",
    )
    op.create_index("ix_outbox_created_at", "outbox", ["created_at", "id"], schema="identity")
    op.execute(
        "grant select, insert, update, delete on identity.letters, identity.outbox to truckroll_app"
    )
    op.execute(f"select identity.grant_permission('mails:read', '{READERS}')")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("update identity.roles set permissions = array_remove(permissions, 'mails:read')")
    op.drop_table("outbox", schema="identity")
    op.drop_table("letters", schema="identity")
    op.execute("select system.unprotect('mails')")
    op.drop_table("mails")
