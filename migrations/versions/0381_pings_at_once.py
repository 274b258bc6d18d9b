"""A batch of positions in one trip: signed in, looked whether its technician may be followed, and kept.

What was computed of somebody's working time comes with the mark that it was computed from: where that
is not theirs any more, nothing is kept, and who asked computes it anew.
"""

from alembic import op

revision = "0381"
down_revision = "0380"
branch_labels = None
depends_on = None

TAKE = """
create function identity.take_pings(
  p_token bytea, p_now timestamptz, p_source text, p_request_id text, p_clock text,
  p_csrf bytea, p_technician uuid, p_days_since date, p_mark text,
  p_days date[], p_at bigint[], p_latitude float8[], p_longitude float8[], p_accuracy float8[],
  p_speed float8[],
  out state text, out org_id uuid, out user_id uuid, out mark text, out kept bigint, out news boolean)
language plpgsql set search_path = '' set plan_cache_mode = force_generic_plan
set enable_seqscan = off as $$
declare
  who record := identity.enter(p_token, p_now, p_source, p_request_id, p_clock, null);
  day date;
  stands timestamptz;
  l integer := cardinality(p_at);
begin
  state := 'refused';
  if who.state <> 'ok' or who.role_name = 'Truckroll support' or p_csrf <> who.csrf_hash
     or not 'positions:write' = any (who.permissions) then
    return;
  end if;
  org_id := who.org_id;
  user_id := who.user_id;
  if not exists (
    select from public.technicians t
     where t.org_id = who.org_id and t.id = p_technician and t.active and t.deleted_at is null
       and (who.record_scope = 'all' or t.member_id = who.user_id)) then
    return;
  end if;
  select w.mark into mark
    from system.working_marks(who.org_id, array[p_technician], p_days_since) w;
  state := 'unknown';
  if mark is distinct from p_mark then
    return;
  end if;
  foreach day in array p_days loop
    perform system.open_ping_days(day, day);
  end loop;
  insert into public.pings as p (
    org_id, technician_id, at, latitude_e6, longitude_e6, accuracy_m, speed_cms)
  select who.org_id, p_technician, pg_catalog.to_timestamp(u.at), u.latitude * 1e6::float8,
         u.longitude * 1e6::float8, u.accuracy, u.speed * 100::float8
    from unnest(p_at, p_latitude, p_longitude, p_accuracy, p_speed)
         as u (at, latitude, longitude, accuracy, speed)
  on conflict on constraint pk_pings do update
     set latitude_e6 = excluded.latitude_e6, longitude_e6 = excluded.longitude_e6,
         accuracy_m = excluded.accuracy_m, speed_cms = excluded.speed_cms
   where (excluded.accuracy_m, excluded.latitude_e6, excluded.longitude_e6,
          coalesce(excluded.speed_cms, -1))
       < (p.accuracy_m, p.latitude_e6, p.longitude_e6, coalesce(p.speed_cms, -1));
  get diagnostics kept = row_count;
  insert into public.positions as p (
    org_id, id, at, latitude_e6, longitude_e6, accuracy_m, speed_cms, heard_at, fresh_from)
  values (
    who.org_id, p_technician, pg_catalog.to_timestamp(p_at[l]), p_latitude[l] * 1e6::float8,
    p_longitude[l] * 1e6::float8, p_accuracy[l], p_speed[l] * 100::float8, p_now,
    pg_catalog.to_timestamp(p_at[1]))
  on conflict on constraint pk_positions do update
     set (at, latitude_e6, longitude_e6, accuracy_m, speed_cms) = (
           select t.at, t.latitude_e6, t.longitude_e6, t.accuracy_m, t.speed_cms
             from (values
               (excluded.at, excluded.latitude_e6, excluded.longitude_e6, excluded.accuracy_m,
                excluded.speed_cms),
               (p.at, p.latitude_e6, p.longitude_e6, p.accuracy_m, p.speed_cms))
               as t (at, latitude_e6, longitude_e6, accuracy_m, speed_cms)
            order by t.at desc, t.accuracy_m, t.latitude_e6, t.longitude_e6,
                     coalesce(t.speed_cms, -1)
            limit 1),
         heard_at = excluded.heard_at, fresh_from = least(p.fresh_from, excluded.fresh_from)
  returning p.at into stands;
  news := stands = pg_catalog.to_timestamp(p_at[l]);
  state := 'ok';
end $$
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(TAKE)


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("drop function identity.take_pings")
