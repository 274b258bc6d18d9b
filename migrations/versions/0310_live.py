"""The hub: tickets for sockets; whose journal has grown is said as it is numbered.

The notice is part of the relay's own transaction, so it is never said without the numbers, nor the
numbers without it; no business transaction waits for it.
"""

from alembic import op

revision = "0310"
down_revision = "0281"
branch_labels = None
depends_on = None

PURPOSES = ("sign_up", "reset", "email", "second_factor")
FIRST = "if head.org_id is distinct from entry.org_id then"
SAID = f"{FIRST}\n      perform pg_catalog.pg_notify(''truckroll_numbered'', entry.org_id::text);"
REWRITE = """
do $$
declare written text := pg_get_functiondef('system.number_journal'::regproc);
begin
  if strpos(written, '{old}') = 0 then
    raise exception 'system.number_journal does not say: {old}';
  end if;
  execute replace(written, '{old}', '{new}');
end $$
"""


def _purposes(*values: str) -> None:
    listed = ", ".join(f"'{value}'" for value in values)
    op.drop_constraint(op.f("ck_tickets_purpose"), "tickets", schema="identity")
    op.create_check_constraint(
        op.f("ck_tickets_purpose"), "tickets", f"purpose in ({listed})", schema="identity"
    )


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    _purposes(*PURPOSES, "live")
    op.execute(REWRITE.format(old=FIRST, new=SAID))


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(REWRITE.format(old=SAID, new=FIRST))
    op.execute("delete from identity.tickets where purpose = 'live'")
    _purposes(*PURPOSES)
