"""Whoever writes into an organisation shares a lock of it, so that one can be replaced while all
others write.

An advisory lock of the organisation's id, held to the transaction's end: taken with the first entry
of the journal and there already for each after it. Nothing waits for it but a restore of the same
organisation, which takes it alone for the moments before its commit.
"""

from alembic import op

revision = "0300"
down_revision = "0290"
branch_labels = None
depends_on = None

SHARE = """
create function system.share_writing() returns trigger language plpgsql set search_path = '' as $$
begin
  perform pg_catalog.pg_advisory_xact_lock_shared(pg_catalog.uuid_hash_extended(new.org_id, 0));
  return new;
end $$
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(SHARE)
    op.execute(
        "create trigger share_writing before insert on public.journal"
        " for each row execute function system.share_writing()"
    )


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("drop trigger share_writing on public.journal")
    op.execute("drop function system.share_writing()")
