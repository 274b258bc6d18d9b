"""A stored reply knows with which rights it was given."""

import sqlalchemy as sa
from alembic import op

revision = "0251"
down_revision = "0265"
branch_labels = None
depends_on = None

# what it answers changes, so it is made anew; what it says otherwise stays as it is found
REWRITE = """
do $$
declare
  written text := pg_get_functiondef('identity.enter'::regproc);
  step text[];
begin
  foreach step slice 1 in array array[{steps}] loop
    if strpos(written, step[1]) = 0 then
      raise exception 'identity.enter does not say: %', step[1];
    end if;
    written := replace(written, step[1], step[2]);
  end loop;
  drop function identity.enter;
  execute written;
end $$
"""
STEPS = (
    (
        "OUT reply_body bytea",
        "OUT reply_body bytea, OUT perm_version bigint, OUT reply_perm_version bigint",
    ),
    (
        "seen bigint; present bigint; gone timestamptz;",
        "seen bigint; gone timestamptz;",
    ),
    ("expires, revoked, seen, present, gone,", "expires, revoked, seen, perm_version, gone,"),
    ("seen <> present", "seen <> perm_version"),
    (
        "select w.fingerprint, w.status, w.headers, w.body",
        "select w.fingerprint, w.status, w.headers, w.body, w.perm_version",
    ),
    (
        "into reply_fingerprint, reply_status, reply_headers, reply_body",
        "into reply_fingerprint, reply_status, reply_headers, reply_body, reply_perm_version",
    ),
)


def _rewrite(steps: list[tuple[str, str]]) -> None:
    written = ", ".join(f"array['{old}', '{new}']" for old, new in steps)
    op.execute(REWRITE.format(steps=written))


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.add_column(
        "stored_replies",
        sa.Column("perm_version", sa.BigInteger(), server_default="0", nullable=False),
    )
    op.alter_column("stored_replies", "perm_version", server_default=None)
    _rewrite(list(STEPS))


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    _rewrite([(new, old) for old, new in reversed(STEPS)])
    op.drop_column("stored_replies", "perm_version")
