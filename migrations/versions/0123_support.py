"""Support access: grants of the organisation's, what was read, and memberships that end by themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0123"
down_revision = "0162"
branch_labels = None
depends_on = None

GONE = "coalesce(m.suspended_at,"
GONE_OR_OVER = "coalesce(case when m.expires_at <= p_now then m.expires_at end, m.suspended_at,"
REWRITE = """
do $$
declare written text := pg_get_functiondef('identity.enter'::regproc);
begin
  if strpos(written, '{old}') = 0 then
    raise exception 'identity.enter does not say: {old}';
  end if;
  execute replace(written, '{old}', '{new}');
end $$
"""


def _record(*columns: sa.Column[object]) -> list[sa.Column[object]]:
    return [
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        *columns,
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        *(
            sa.Column(
                name,
                sa.DateTime(timezone=True),
                server_default=sa.text("system.clock()"),
                nullable=False,
            )
            for name in ("created_at", "updated_at")
        ),
    ]


def _to(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["org_id", column],
        [f"{target}.org_id", f"{target}.id"],
        name=op.f(f"fk_{table}_org_id_{column}"),
    )


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.add_column(
        "users",
        sa.Column("support", sa.Boolean(), server_default=sa.false(), nullable=False),
        schema="identity",
    )
    op.add_column(
        "memberships", sa.Column("expires_at", sa.DateTime(timezone=True)), schema="identity"
    )
    op.create_table(
        "support_grants",
        *_record(
            sa.Column("member_id", sa.Uuid(), nullable=False),
            sa.Column("reason", sa.String(200), nullable=False),
            sa.Column("until", sa.DateTime(timezone=True), nullable=False),
            sa.Column("granted_by_id", sa.Uuid()),
            sa.Column("revoked_at", sa.DateTime(timezone=True)),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_support_grants")),
        _to("support_grants", "member_id", "members"),
        _to("support_grants", "granted_by_id", "members"),
        sa.CheckConstraint("until > created_at", name=op.f("ck_support_grants_until")),
    )
    op.create_index(
        "ix_support_grants_created_at", "support_grants", ["org_id", "created_at", "id"]
    )
    op.create_index(
        "ix_support_grants_member_id", "support_grants", ["org_id", "member_id", "until"]
    )
    op.create_table(
        "support_reads",
        *_record(
            sa.Column("grant_id", sa.Uuid(), nullable=False),
            sa.Column("path", sa.Text(), nullable=False),
            sa.Column("request_id", sa.Text(), nullable=False),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_support_reads")),
        _to("support_reads", "grant_id", "support_grants"),
    )
    op.create_index(
        "ix_support_reads_grant_id", "support_reads", ["org_id", "grant_id", "created_at", "id"]
    )
    op.execute("select system.protect('support_grants', 'support_grant')")
    op.execute("select system.protect('support_reads', 'support_read', p_journalled => false)")
    op.execute(REWRITE.format(old=GONE, new=GONE_OR_OVER))


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(REWRITE.format(old=GONE_OR_OVER, new=GONE))
    for table in ("support_reads", "support_grants"):
        op.execute(f"select system.unprotect('{table}')")
        op.drop_table(table)
    op.drop_column("memberships", "expires_at", schema="identity")
    op.drop_column("users", "support", schema="identity")
