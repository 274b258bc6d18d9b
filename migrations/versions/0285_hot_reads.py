"""Hot reads: what is polled, signed in, scoped and answered as JSON by one function each (`services.hot`)."""

from alembic import op

revision = "0285"
down_revision = "0270"
branch_labels = None
depends_on = None

ISO = """
create function system.iso(p_at timestamptz) returns text
language sql stable parallel safe as $$
  select pg_catalog.to_char(pg_catalog.timezone('UTC', p_at), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$
"""

MOVES = """
create function system.open_moves(p_entity text, p_permissions text[]) returns json
language sql immutable set search_path = '' as $$
  select json_object_agg(m.status, m.verbs) from (
    select m.status, array_agg(m.verb order by m.verb) as verbs
      from (values
{rows}
      ) m (entity, status, verb, permission)
     where m.entity = p_entity and m.permission = any (p_permissions)
     group by m.status) m
$$
"""
WORK_ORDER_MOVES = {
    "ready": ("work-orders:write", "draft"),
    "hold": ("work-orders:write", "ready scheduled in_progress"),
    "release": ("work-orders:write", "on_hold"),
    "complete": ("work-orders:write", "in_progress"),
    "reopen": ("work-orders:write", "completed"),
    "approve": ("work-orders:approve", "completed"),
    "close": ("work-orders:approve", "approved"),
    "cancel": ("work-orders:write", "draft ready scheduled in_progress on_hold"),
}
BEGUN = "en_route on_site working paused"
VISIT_MOVES = {
    "schedule": ("dispatch:write", "tentative unscheduled scheduled dispatched"),
    "unschedule": ("dispatch:write", "tentative scheduled"),
    "promise": ("dispatch:write", "tentative unscheduled scheduled dispatched"),
    "confirm": ("dispatch:write", "scheduled dispatched"),
    "dispatch": ("dispatch:write", "scheduled"),
    "recall": ("dispatch:write", "dispatched"),
    "accept": ("visits:execute", "dispatched"),
    "decline": ("visits:execute", "dispatched"),
    "en-route": ("visits:execute", "scheduled dispatched"),
    "divert": ("visits:execute", "en_route"),
    "arrive": ("visits:execute", "dispatched en_route"),
    "start": ("visits:execute", "on_site"),
    "pause": ("visits:execute", "working"),
    "resume": ("visits:execute", "paused"),
    "complete": ("visits:execute", "on_site working paused scheduled dispatched en_route"),
    "incomplete": ("visits:execute", BEGUN),
    "no-access": ("visits:execute", "on_site"),
    "no-show": ("visits:execute", "on_site"),
    "cancel": ("dispatch:write", f"tentative unscheduled scheduled dispatched {BEGUN}"),
    "reopen": ("visits:reopen", "completed"),
}
ROWS = ",\n".join(
    f"        ('{entity}', '{status}', '{verb}', '{permission}')"
    for entity, moves in (("work_order", WORK_ORDER_MOVES), ("visit", VISIT_MOVES))
    for verb, (permission, statuses) in moves.items()
    for status in statuses.split()
)

BANNERS = """array_to_json(array(select row_to_json(b) from (
      select 'do_not_service' as kind, c.service_stop_reason as reason,
             system.iso(c.service_stopped_at) as since,
             case when c.service_stopped_by_id is not null then (select row_to_json(m) from (
               select c.service_stopped_by_id as id,
                      (select m.name from public.members m
                        where m.org_id = p_org and m.id = c.service_stopped_by_id) as name) m) end as by,
             null::bigint as amount, null::text as currency
       where c.service_stopped_at is not null
      union all
      select 'credit_hold', c.credit_hold_reason, system.iso(c.credit_held_at),
             case when c.credit_held_by_id is not null then (select row_to_json(m) from (
               select c.credit_held_by_id as id,
                      (select m.name from public.members m
                        where m.org_id = p_org and m.id = c.credit_held_by_id) as name) m) end,
             null, null
       where c.credit_held_at is not null
      union all
      select 'balance', null, null, null, owed.amount, o.currency
        from (select sum(l.amount)::bigint as amount from public.ledger_entries l
               where l.org_id = p_org and l.customer_id = c.id and l.account = 'receivable') owed
       where 'invoices:read' = any (p_permissions) and owed.amount > 0) b))"""

TAGS = """array_to_json(array(select row_to_json(t) from (
      select t.id, t.name, t.color
        from public.taggings g join public.tags t on t.org_id = p_org and t.id = g.tag_id
       where g.org_id = p_org and g.entity_id = {record} and t.deleted_at is null
       order by t.sort_name collate "C", g.created_at, g.id) t))"""

MISSING = """array_to_json(array(select row_to_json(m) from (
      select r.before, s.pointer, s.code, s.detail
        from (select 0::bigint as n, 'work_order.complete' as before, 'required_steps' as need,
                     1 as at_least
              union all
              select d.n, d.one ->> 'before', d.one ->> 'need', (d.one ->> 'at_least')::integer
                from jsonb_array_elements(coalesce(jt.gate, o.gate)) with ordinality d (one, n)) r
       cross join lateral (
         select i.position as place, i.id as id, '/checklist/' || i.id as pointer,
                case when i.required then 'required_item' else 'undone_item' end as code,
                '“' || i.title || '” is not done.' as detail
           from public.checklist_items i
          where i.org_id = p_org and i.work_order_id = {work_order} and i.done_at is null
            and (r.need = 'every_step' or (r.need = 'required_steps' and i.required))
         union all
         select 0, null, case when r.need = 'notes' then '/notes' else '/attachments' end, r.need,
                case when h.short = 1 then 'A ' || h.word || ' is missing. '
                     else h.short || ' ' || h.word || 's are missing. ' end || h.mend
           from (select r.at_least - case
                          when r.need = 'notes' then (
                            select count(*) from public.notes k
                             where k.org_id = p_org and k.entity_id = any (places.ids)
                               and k.deleted_at is null)
                          else (
                            select count(*) from public.attachments k
                              join public.files f on f.org_id = p_org and f.id = k.file_id
                             where k.org_id = p_org and k.entity_id = any (places.ids)
                               and k.deleted_at is null and f.deleted_at is null
                               and (r.need = 'attachments' or k.kind = left(r.need, -1))) end as short,
                        case r.need when 'notes' then 'note' when 'attachments' then 'file'
                             when 'photos' then 'photo' else 'signature' end as word,
                        case r.need when 'notes' then 'Write down what was done.'
                             when 'attachments' then 'Attach what belongs to it.'
                             when 'photos' then 'Take one of the work and attach it.'
                             else 'Let the customer sign, and attach it.' end as mend
                   from (select {places} as ids) places
                  where r.need in ('notes', 'attachments', 'photos', 'signatures')) h
          where h.short > 0) s
       where r.before = any ({before})
       order by r.n, s.place, s.id) m))"""

CUSTOMERS = """
create function system.customers_json(p_org uuid, p_ids uuid[], p_permissions text[]) returns text
language plpgsql stable set search_path = '' as $$
begin
  return (
    select string_agg(row_to_json(a)::text, ',' order by asked.n)
      from unnest(p_ids) with ordinality asked (id, n)
      join public.customers c on c.org_id = p_org and c.id = asked.id
     cross join (select s.currency from public.organisation_settings s where s.org_id = p_org) o
     cross join lateral (
       select c.id, c.version, system.iso(c.created_at) as created_at,
              system.iso(c.updated_at) as updated_at, c.kind, c.stage, c.name, c.email, c.phone,
              c.second_phone, c.billing_street, c.billing_city, c.billing_region,
              c.billing_postal_code, c.payment_terms_days, c.tax_exempt, c.source, c.notes,
              c.external_key, c.parent_id,
              case when 'contacts:read' = any (p_permissions) then
                array_to_json(array(select row_to_json(k) from (
                  select k.id, k.name, k.title, k.email, k.phone, k.mobile,
                         (select row_to_json(notices) from (
                           select k.notify_appointments as appointments,
                                  k.notify_on_the_way as on_the_way, k.notify_invoices as invoices,
                                  k.notify_quotes as quotes, k.notify_marketing as marketing) notices
                         ) as notifications,
                         l.roles, l.is_primary
                    from public.customer_contacts l
                    join public.contacts k on k.org_id = p_org and k.id = l.contact_id
                   where l.org_id = p_org and l.customer_id = c.id and k.deleted_at is null
                   order by l.is_primary desc, l.created_at, l.id) k)) end as contacts,
              {tags} as tags,
              {banners} as banners,
              system.iso(c.deleted_at) as deleted_at) a);
end $$
"""

WORK_ORDERS = """
create function system.work_orders_json(
  p_org uuid, p_ids uuid[], p_permissions text[], p_visits uuid[]) returns text
language plpgsql stable set search_path = '' as $$
declare moves json := system.open_moves('work_order', p_permissions);
begin
  return (
    select string_agg(
             left(row_to_json(a)::text, -1)
             || case when 'equipment:read' = any (p_permissions) then ',"equipment":'
                  || array_to_json(array(select row_to_json(e) from (
                       select e.id, concat_ws(' ', nullif(e.type, ''), nullif(e.make, ''),
                                              nullif(e.model, ''))
                              || case when e.serial <> '' then ' (SN ' || e.serial || ')' else '' end
                              as name, e.location
                         from public.work_order_equipment l
                         join public.equipment e on e.org_id = p_org and e.id = l.equipment_id
                        where l.org_id = p_org and l.work_order_id = w.id
                        order by l.created_at, l.id) e))::text else '' end
             || ',' || substr(row_to_json(b)::text, 2), ',' order by asked.n)
      from unnest(p_ids) with ordinality asked (id, n)
      join public.work_orders w on w.org_id = p_org and w.id = asked.id
      join public.customers c on c.org_id = p_org and c.id = w.customer_id
      join public.sites s on s.org_id = p_org and s.id = w.site_id
      join public.job_types jt on jt.org_id = p_org and jt.id = w.job_type_id
     cross join (select s.currency, s.gate from public.organisation_settings s
                  where s.org_id = p_org) o
     cross join lateral (
       select w.id, w.version, system.iso(w.created_at) as created_at,
              system.iso(w.updated_at) as updated_at, w.number, w.status,
              coalesce(moves -> w.status, '[]') as allowed_transitions, w.priority,
              (select row_to_json(x) from (select c.id, c.name, c.phone) x) as customer,
              (select row_to_json(x) from (
                select s.id, s.street || case when s.unit <> '' then ', ' || s.unit else '' end
                         || ', ' || s.city || ', ' || s.region || ' ' || s.postal_code as address,
                       s.time_zone, system.decimal(s.latitude) as latitude,
                       system.decimal(s.longitude) as longitude) x) as site,
              (select row_to_json(x) from (select jt.id, jt.name) x) as job_type,
              w.customer_id, w.site_id, w.job_type_id, w.summary, w.description,
              w.customer_reference, w.source, w.status_reason,
              system.iso(w.completed_at) as completed_at, system.iso(w.decided_at) as decided_at,
              array_to_json(array(select row_to_json(i) from (
                select i.id, i.version, system.iso(i.created_at) as created_at,
                       system.iso(i.updated_at) as updated_at, i.work_order_id, i.position, i.title,
                       i.required, i.kind, i.answer, system.iso(i.done_at) as done_at, i.done_by_id
                  from public.checklist_items i
                 where i.org_id = p_org and i.work_order_id = w.id
                 order by i.position, i.id) i)) as checklist,
              array_to_json(array(select row_to_json(v) from (
                select v.id, v.status, system.iso(v.planned_start) as planned_start,
                       system.iso(v.planned_end) as planned_end,
                       system.iso(v.promised_start) as promised_start,
                       system.iso(v.promised_end) as promised_end
                  from public.visits v
                 where v.org_id = p_org and v.work_order_id = w.id and v.deleted_at is null
                   and (p_visits is null or v.id = any (p_visits))
                 order by v.created_at, v.id) v)) as visits) a
     cross join lateral (
       select {tags} as tags,
              {banners} as banners,
              {missing} as missing, w.external_key,
              system.iso(w.deleted_at) as deleted_at) b);
end $$
"""

VISITS = """
create function system.visits_json(p_org uuid, p_ids uuid[], p_permissions text[]) returns text
language plpgsql stable set search_path = '' as $$
declare moves json := system.open_moves('visit', p_permissions);
begin
  return (
    select string_agg(row_to_json(a)::text, ',' order by asked.n)
      from unnest(p_ids) with ordinality asked (id, n)
      join public.visits v on v.org_id = p_org and v.id = asked.id
      join public.work_orders w on w.org_id = p_org and w.id = v.work_order_id
      join public.customers c on c.org_id = p_org and c.id = w.customer_id
      join public.sites s on s.org_id = p_org and s.id = w.site_id
      join public.job_types jt on jt.org_id = p_org and jt.id = w.job_type_id
     cross join (select s.currency, s.gate from public.organisation_settings s
                  where s.org_id = p_org) o
     cross join lateral (
       select v.id, v.version, system.iso(v.created_at) as created_at,
              system.iso(v.updated_at) as updated_at, v.work_order_id, v.status, v.status_reason,
              v.duration_minutes, v.instructions, s.time_zone,
              system.iso(v.requested_start) as requested_start,
              system.iso(v.requested_end) as requested_end,
              system.iso(v.promised_start) as promised_start,
              system.iso(v.promised_end) as promised_end,
              (select row_to_json(p) from (
                select system.iso(p.window_start) as window_start,
                       system.iso(p.window_end) as window_end, p.wall_start, p.wall_end, p.time_zone,
                       p.told_via, p.told_to, p.reason, system.iso(p.created_at) as created_at
                  from public.promises p
                 where p.org_id = p_org and p.visit_id = v.id and p.closed_at is null) p) as promise,
              system.iso(v.confirmed_at) as confirmed_at, v.confirmed_via,
              system.iso(v.planned_start) as planned_start, system.iso(v.planned_end) as planned_end,
              v.planned_wall, system.iso(v.travel_started_at) as travel_started_at,
              system.iso(v.arrived_at) as arrived_at, system.iso(v.started_at) as started_at,
              system.iso(v.finished_at) as finished_at,
              array_to_json(array(select row_to_json(p) from (
                select system.iso(p.started_at) as started_at, system.iso(p.ended_at) as ended_at,
                       p.reason
                  from public.visit_pauses p where p.org_id = p_org and p.visit_id = v.id
                 order by p.started_at) p)) as pauses,
              array_to_json(array(select row_to_json(t) from (
                select t.technician_id, k.name, t.status, t.is_lead,
                       system.iso(t.dispatched_at) as dispatched_at, t.reason
                  from public.assignments t
                  join public.technicians k on k.org_id = p_org and k.id = t.technician_id
                 where t.org_id = p_org and t.visit_id = v.id and t.status <> 'removed'
                 order by t.created_at, t.id) t)) as assignments,
              (select row_to_json(k) from (
                select k.id, k.name from public.crews k
                 where k.org_id = p_org and k.id = v.crew_id) k) as crew,
              array_to_json(array(select row_to_json(k) from (
                select k.id, k.name from public.visit_vehicles l
                  join public.vehicles k on k.org_id = p_org and k.id = l.vehicle_id
                 where l.org_id = p_org and l.visit_id = v.id
                 order by l.created_at, l.id) k)) as vehicles,
              array_to_json(array(select row_to_json(x) from (
                select x.one ->> 'code' as code, x.one ->> 'detail' as detail
                  from jsonb_array_elements(v.warnings) with ordinality x (one, n)
                 order by x.n) x)) as warnings,
              (select row_to_json(x) from (select w.id, w.number, w.summary) x) as work_order,
              (select row_to_json(x) from (select c.id, c.name) x) as customer,
              (select row_to_json(x) from (
                select s.id, s.name, s.street
                         || case when s.unit <> '' then ', ' || s.unit else '' end
                         || ', ' || s.city || ', ' || s.region || ' ' || s.postal_code as address,
                       s.time_zone) x) as site,
              (select row_to_json(x) from (select jt.id, jt.name) x) as job_type,
              {banners} as banners,
              {missing} as missing,
              coalesce(moves -> v.status, '[]') as allowed_transitions,
              system.iso(v.deleted_at) as deleted_at) a);
end $$
"""

DECIMAL = """
create function system.decimal(p_number numeric) returns numeric
language sql immutable parallel safe as $$
  select case when p_number = pg_catalog.trunc(p_number) then pg_catalog.round(p_number, 1)
              else pg_catalog.trim_scale(p_number) end
$$
"""

ONE = """
create function identity.read_{name}(
  p_token bytea, p_now timestamptz, p_source text, p_request_id text, p_clock text, p_id uuid,
  out state text, out org_id uuid, out user_id uuid, out body text)
language plpgsql set search_path = '' as $$
declare who record := identity.enter(p_token, p_now, p_source, p_request_id, p_clock, null);
begin
  state := 'refused';
  if who.state <> 'ok' or who.role_name = 'Truckroll support'
     or not '{permission}' = any (who.permissions) then
    return;
  end if;
  org_id := who.org_id;
  user_id := who.user_id;
  if who.record_scope <> 'all' then
    state := 'narrow';
    return;
  end if;
  body := system.{table}_json(
    who.org_id,
    array(select r.id from public.{table} r
           where r.org_id = who.org_id and r.id = p_id and r.deleted_at is null),
    who.permissions{more});
  if body is not null then
    state := 'ok';
  end if;
end $$
"""
ONES = {
    "customer": ("customers", "customers:read", ""),
    "work_order": ("work_orders", "work-orders:read", ", null"),
    "visit": ("visits", "visits:read", ""),
}


HITS = """
create function system.hits_json(
  p_words text[], p_digits text, p_entities text[], p_only uuid[], p_limit integer) returns text
language plpgsql stable set search_path = '' as $$
begin
  return (
    select string_agg(row_to_json(h)::text, ',' order by f.n)
      from system.find(p_words, p_digits, p_entities, p_only, p_limit) with ordinality
           f (entity, entity_id, title, subtitle, rank, n)
     cross join lateral (select f.entity, f.entity_id as id, f.title, f.subtitle) h);
end $$
"""
FIND = """
create function identity.find(
  p_token bytea, p_now timestamptz, p_source text, p_request_id text, p_clock text,
  p_words text[], p_digits text, p_types text[], p_limit integer,
  out state text, out org_id uuid, out user_id uuid, out body text)
language plpgsql set search_path = '' as $$
declare
  who record := identity.enter(p_token, p_now, p_source, p_request_id, p_clock, null);
begin
  state := 'refused';
  if who.state <> 'ok' or who.role_name = 'Truckroll support'
     or not 'search:read' = any (who.permissions) then
    return;
  end if;
  org_id := who.org_id;
  user_id := who.user_id;
  if who.record_scope <> 'all' then
    state := 'narrow';
    return;
  end if;
  body := system.hits_json(
    p_words, p_digits,
    array(select e.entity from (values
        ('customer', 'customers:read'), ('contact', 'contacts:read'), ('site', 'sites:read'),
        ('equipment', 'equipment:read'), ('work_order', 'work-orders:read'),
        ('invoice', 'invoices:read'), ('technician', 'technicians:read')) e (entity, permission)
     where e.permission = any (who.permissions) and (p_types is null or e.entity = any (p_types))),
    null, p_limit);
  if body is not null then
    state := 'ok';
  end if;
end $$
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(ISO)
    op.execute(DECIMAL)
    op.execute(MOVES.format(rows=ROWS))
    op.execute(CUSTOMERS.format(tags=TAGS.format(record="c.id"), banners=BANNERS))
    work_order_places = (
        "(array(select k.id from public.visits k where k.org_id = p_org"
        " and k.work_order_id = w.id and k.deleted_at is null) || w.id)"
    )
    op.execute(
        WORK_ORDERS.format(
            tags=TAGS.format(record="w.id"),
            banners=BANNERS,
            missing=MISSING.format(
                work_order="w.id",
                places=work_order_places,
                before="case when w.status in ('draft', 'ready', 'scheduled', 'in_progress', 'on_hold')"
                " then array['work_order.complete', 'work_order.approve']"
                " when w.status = 'completed' then array['work_order.approve'] end",
            ),
        )
    )
    op.execute(
        VISITS.format(
            banners=BANNERS,
            missing=MISSING.format(
                work_order="w.id",
                places="array[v.id]",
                before="case when v.status not in ('completed', 'incomplete', 'no_access',"
                " 'no_show', 'canceled') then array['visit.complete'] end",
            ),
        )
    )
    for name, (table, permission, more) in ONES.items():
        op.execute(ONE.format(name=name, table=table, permission=permission, more=more))
    op.execute(HITS)
    op.execute(FIND)


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("drop function identity.find")
    op.execute("drop function system.hits_json")
    for name in ONES:
        op.execute(f"drop function identity.read_{name}")
    for table in ("customers", "work_orders", "visits"):
        op.execute(f"drop function system.{table}_json")
    for name in ("open_moves", "decimal", "iso"):
        op.execute(f"drop function system.{name}")
