"""Days of pings may be opened by several at once: whoever waited looks again, and not at what they knew."""

from alembic import op

revision = "0332"
down_revision = "0350"
branch_labels = None
depends_on = None

OPEN = """
create or replace function system.open_ping_days(p_first date, p_last date) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  day date;
  part text;
begin
  if p_last - p_first > 62 or p_first < '2000-01-01' or p_last > '2200-01-01' then
    raise exception 'these are not days on which somebody is on the road';
  end if;
  for day in select generate_series(p_first, p_last, interval '1 day')::date loop
    part := 'pings_' || to_char(day, 'YYYYMMDD');
    continue when {known};
    perform pg_advisory_xact_lock(hashtextextended('system.open_ping_days', 0));
    continue when {known};
    execute format('create table system.%I (like public.pings including constraints)', part);
    execute format('alter table system.%I enable row level security', part);
    execute format('alter table system.%I force row level security', part);
    execute format(
      'create policy org_isolation on system.%I'
      ' using (org_id = (select current_setting(''app.org_id'')::uuid))'
      ' with check (org_id = (select current_setting(''app.org_id'')::uuid))', part);
    execute format(
      'create policy backup_reads on system.%I for select to truckroll_backup using (true)', part);
    execute format(
      'alter table public.pings attach partition system.%I for values from (%L) to (%L)',
      part, day || ' 00:00:00+00', (day + 1) || ' 00:00:00+00');
  end loop;
end $$
"""
CACHED = "to_regclass('system.' || part) is not null"
LOOKED_UP = (
    "exists (select from pg_class c"
    " where c.relname = part and c.relnamespace = 'system'::regnamespace)"
)


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(OPEN.replace("{known}", LOOKED_UP))


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(OPEN.replace("{known}", CACHED))
