"""Where technicians are, for what is told live, on a connection that belongs to nobody between questions."""

from alembic import op

revision = "0382"
down_revision = "0373"
branch_labels = None
depends_on = None

TELL = """
create function system.tell_positions(
  p_org uuid, p_ids uuid[], p_days_since date, p_looked_since timestamptz)
returns table (
  technician_id uuid, "at" timestamptz, latitude_e6 bigint, longitude_e6 bigint, accuracy_m bigint,
  speed_cms bigint, mark text, told uuid[])
language plpgsql set search_path = '' as $$
begin
  perform pg_catalog.set_config('app.org_id', p_org::text, true);
  return query select * from system.live_positions(p_org, p_ids, p_days_since, p_looked_since);
end $$
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(TELL)


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("drop function system.tell_positions")
