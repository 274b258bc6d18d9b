"""One organisation leaves whole and comes back: archives, and what a restore needs of the ground."""

import sqlalchemy as sa
from alembic import op

revision = "0275"
down_revision = "0261"
branch_labels = None
depends_on = None

# only the owner of the tables, who never serves, can be restoring: the application's role may say so
# and nothing comes of it. No `set search_path`: it is part of triggers' conditions and inlined there
RESTORING = """
create function system.restoring() returns boolean language sql stable as
$$ select current_user = 'truckroll_owner'
      and coalesce(pg_catalog.current_setting('app.restoring', true), '') = 'on' $$
"""

JOURNAL = """
create or replace trigger journal after insert or update or delete on public.%1$I
for each row {when} execute function system.%2$I()
"""
GUARDED = "when (not system.restoring())"

PROTECT = """
create or replace function system.protect(
  p_table text, p_entity text, p_redacted text[] default '{}',
  p_journalled boolean default true, p_rights text default 'select, insert, update, delete')
returns void language plpgsql as $$
begin
  perform system.wall(p_table, p_rights);
  insert into system.tables values (p_table, p_entity, p_journalled, p_redacted);
  perform system.write_triggers(p_table);
  execute format(
    'create trigger count_version before update on public.%I'
    ' for each row execute function system.%I()', p_table, 'count_' || p_table);
  if p_journalled then
    execute format(
      'create trigger journal after insert or update or delete on public.%I'
      ' for each row WHEN execute function system.%I()', p_table, 'journal_' || p_table);
  end if;
end $$
"""

EVERY_JOURNAL = """
do $do$
declare t text;
begin
  for t in select name from system.tables where journalled order by 1 loop
    execute format($f${statement}$f$, t, 'journal_' || t);
  end loop;
end $do$
"""

STANDING = {
    "issued_lines_stand": ("insert or update or delete", "invoice_lines"),
    "issued_invoices_stand": ("insert or update or delete", "invoices"),
    "payments_stand": ("update or delete", "payments"),
}
"""What stands as it is: a restore brings it as it stood, and adds the money up itself."""


def _guard(when: str) -> None:
    op.execute(PROTECT.replace("WHEN ", f"{when} " if when else ""))
    op.execute(EVERY_JOURNAL.format(statement=JOURNAL.format(when=when)))
    for name, (happening, table) in STANDING.items():
        op.execute(
            f"create or replace trigger {name} before {happening} on public.{table}"
            f" for each row {when} execute function system.{name}()"
        )


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(RESTORING)
    _guard(GUARDED)
    # an organisation that comes from elsewhere brings the ids of its entries along
    op.execute("alter table system.journal_numbers drop constraint journal_numbers_entry_id_key")
    op.execute(
        "alter table system.journal_numbers add constraint journal_numbers_entry_id_key"
        " unique (org_id, entry_id)"
    )
    clock, moment = sa.text("system.clock()"), sa.DateTime(timezone=True)
    op.create_table(
        "archives",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("steps", sa.BigInteger(), nullable=False),
        sa.Column("steps_done", sa.BigInteger(), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.String(length=200), nullable=True),
        sa.Column("content_sha256", sa.String(length=200), nullable=True),
        sa.Column("missing_files", sa.BigInteger(), nullable=False),
        sa.Column("failure", sa.String(length=10000), nullable=True),
        sa.Column("asked_by_id", sa.Uuid(), nullable=True),
        sa.Column("finished_at", moment, nullable=True),
        sa.Column("expires_at", moment, nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", moment, server_default=clock, nullable=False),
        sa.Column("updated_at", moment, server_default=clock, nullable=False),
        sa.CheckConstraint(
            "status in ('queued', 'running', 'ready', 'failed', 'removed')",
            name=op.f("ck_archives_status"),
        ),
        sa.CheckConstraint("steps_done between 0 and steps", name=op.f("ck_archives_steps_done")),
        sa.CheckConstraint(
            "status <> 'ready' or (length is not null and sha256 is not null"
            " and content_sha256 is not null and expires_at is not null)",
            name=op.f("ck_archives_ready"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "asked_by_id"],
            ["members.org_id", "members.id"],
            name=op.f("fk_archives_org_id_asked_by_id"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_archives")),
    )
    op.create_index("ix_archives_created_at", "archives", ["org_id", "created_at", "id"])
    op.create_index("ix_archives_asked_by_id", "archives", ["org_id", "asked_by_id"])
    op.create_index(
        "uq_archives_being_made",
        "archives",
        ["org_id"],
        unique=True,
        postgresql_where=sa.text("status in ('queued', 'running')"),
    )
    op.execute("select system.protect('archives', 'archive', p_journalled => false)")
    op.execute("select identity.grant_permission('organisation:archive', '{owner}')")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("select system.unprotect('archives')")
    op.drop_table("archives")
    op.execute("alter table system.journal_numbers drop constraint journal_numbers_entry_id_key")
    op.execute(
        "alter table system.journal_numbers add constraint journal_numbers_entry_id_key"
        " unique (entry_id)"
    )
    _guard("")
    op.execute("drop function system.restoring()")
