"""Where technicians are, as it is told live: in one question, with what their working time comes from.

A mark is made of every row that decides about somebody's planned working time. While it stays the same,
the time that was computed from those rows does.
"""

from alembic import op

revision = "0380"
down_revision = "0422"
branch_labels = None
depends_on = None

MARKS = """
create function system.working_marks(p_org uuid, p_ids uuid[], p_since date)
returns table (technician_id uuid, mark text)
language plpgsql stable set search_path = '' set plan_cache_mode = force_generic_plan as $$
declare
  everybody text := (
    select pg_catalog.concat_ws('|', o.version, o.updated_at,
      (select string_agg(pg_catalog.concat_ws('.', h.id, h.version, h.updated_at), ',' order by h.id)
         from public.holidays h where h.org_id = p_org and h.day >= p_since))
      from public.organisation_settings o where o.org_id = p_org);
begin
  return query
  select t.id, pg_catalog.md5(pg_catalog.concat_ws('|', everybody, t.version, t.updated_at,
    (select pg_catalog.concat_ws('.', e.version, e.updated_at, b.id, b.version, b.updated_at)
       from public.teams e left join public.branches b on b.org_id = e.org_id and b.id = e.branch_id
      where e.org_id = p_org and e.id = t.team_id),
    (select string_agg(pg_catalog.concat_ws('.', s.id, s.version, s.updated_at), ',' order by s.id)
       from public.shifts s
      where s.org_id = p_org and s.technician_id = t.id
        and (s.valid_until is null or s.valid_until >= p_since)),
    (select string_agg(pg_catalog.concat_ws('.', m.id, m.version, m.updated_at, c.version, c.updated_at,
              (select string_agg(pg_catalog.concat_ws('.', s.id, s.version, s.updated_at), ','
                                 order by s.id)
                 from public.shifts s
                where s.org_id = p_org and s.crew_id = c.id
                  and (s.valid_until is null or s.valid_until >= p_since))), ',' order by m.id)
       from public.crew_members m
       join public.crews c on c.org_id = m.org_id and c.id = m.crew_id
      where m.org_id = p_org and m.technician_id = t.id
        and (m.last_day is null or m.last_day >= p_since)),
    (select string_agg(pg_catalog.concat_ws('.', f.id, f.version, f.updated_at), ',' order by f.id)
       from public.time_off f
      where f.org_id = p_org and f.technician_id = t.id and f.last_day >= p_since)))
    from public.technicians t
   where t.org_id = p_org and t.id = any (p_ids);
end $$
"""
LIVE = """
create function system.live_positions(
  p_org uuid, p_ids uuid[], p_days_since date, p_looked_since timestamptz)
returns table (
  technician_id uuid, "at" timestamptz, latitude_e6 bigint, longitude_e6 bigint, accuracy_m bigint,
  speed_cms bigint, mark text, told uuid[])
language plpgsql stable set search_path = '' set plan_cache_mode = force_generic_plan as $$
begin
  return query
  select t.id, p.at, p.latitude_e6, p.longitude_e6, p.accuracy_m, p.speed_cms, w.mark,
         t.member_id || array(
           select distinct k.looker_id from public.position_looks k
            where k.org_id = p_org and k.technician_id = t.id and k.last_at > p_looked_since)
    from public.technicians t
    join public.positions p on p.org_id = t.org_id and p.id = t.id
    join system.working_marks(p_org, p_ids, p_days_since) w on w.technician_id = t.id
   where t.org_id = p_org and t.id = any (p_ids) and t.active and t.deleted_at is null;
end $$
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(MARKS)
    op.execute(LIVE)


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("drop function system.live_positions")
    op.execute("drop function system.working_marks")
