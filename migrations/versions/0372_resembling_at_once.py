"""Whom a new customer resembles: found by an index each way, and told to whoever grades them.

One function finds them, for the route, for who asks before adding, and for adding in one trip; another
writes down what of them is compared. `identity.create_customer` then adds whoever was compared already.

The number of a house comes before its postal code in the index, so that the codes that begin like this
are next to each other, and an address without a code reads no town.
"""

import re

from alembic import context, op

revision = "0372"
down_revision = "0371"
branch_labels = None
depends_on = None

# an array at each step keeps the planner from joining whole tables, whatever it knows of them; more than a
# thousand who share something are not told from one another by it
RESEMBLED = """
create function system.resembled(
  p_org uuid, p_name text, p_phone text, p_email text, p_street text, p_city text,
  p_postal_code text, p_contacts boolean)
returns uuid[] language plpgsql stable set search_path = ''
set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare
  found uuid[] := '{}';
  people uuid[] := '{}';
  places uuid[] := '{}';
  number text := pg_catalog.split_part(p_street, ' ', 1);
begin
  if p_name is not null then
    found := array(select r.entity_id from system.resembling(p_name, 100) r);
  end if;
  if p_phone is not null then
    found := found
      || array(select c.id from public.customers c
                where c.org_id = p_org and c.phone = p_phone limit 1000)
      || array(select c.id from public.customers c
                where c.org_id = p_org and c.second_phone = p_phone limit 1000);
    if p_contacts then
      people := array(select k.id from public.contacts k
                       where k.org_id = p_org and k.phone = p_phone and k.deleted_at is null
                       limit 1000)
             || array(select k.id from public.contacts k
                       where k.org_id = p_org and k.mobile = p_phone and k.deleted_at is null
                       limit 1000);
    end if;
  end if;
  if p_email is not null then
    found := found || array(select c.id from public.customers c
                             where c.org_id = p_org and c.email = p_email limit 1000);
    if p_contacts then
      people := people || array(select k.id from public.contacts k
                                 where k.org_id = p_org and k.email = p_email
                                   and k.deleted_at is null limit 1000);
    end if;
  end if;
  if people <> '{}' then
    found := found || array(select l.customer_id from public.customer_contacts l
                             where l.org_id = p_org and l.contact_id = any (people) limit 1000);
  end if;
  if p_street is not null and p_postal_code is not null then
    places := array(select s.id from public.sites s
                     where s.org_id = p_org and s.house = number
                       and s.postal_code operator(pg_catalog.~>=~)
                           pg_catalog.left(p_postal_code, 5)
                       and s.postal_code operator(pg_catalog.~<~)
                           (pg_catalog.left(p_postal_code, 5) || U&'\\+10FFFF')
                       and s.deleted_at is null limit 1000);
  elsif p_street is not null and p_city is not null then
    places := array(select s.id from public.sites s
                     where s.org_id = p_org and s.house = number
                       and pg_catalog.lower(s.city) = pg_catalog.lower(p_city)
                       and s.deleted_at is null limit 1000);
  end if;
  if places <> '{}' then
    found := found || array(select h.customer_id from public.site_parties h
                             where h.org_id = p_org and h.site_id = any (places)
                               and h.ends_on is null limit 1000);
  end if;
  return found;
end $$
"""

COMPARED = """
create function system.compared_json(p_org uuid, p_ids uuid[], p_contacts boolean)
returns text language plpgsql stable set search_path = ''
set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
begin
  return (
    select pg_catalog.json_agg(n)::text from (
      select c.id, c.name, c.phone, c.second_phone, c.email, c.billing_street, c.billing_city,
             c.billing_postal_code,
             (select pg_catalog.json_agg(places) from (
                select s.street, s.unit, s.city, s.postal_code
                  from public.site_parties h
                  join public.sites s on s.org_id = p_org and s.id = h.site_id
                 where h.org_id = p_org and h.customer_id = c.id and h.ends_on is null
                   and s.deleted_at is null limit 1000) places) as places,
             case when p_contacts then
               (select pg_catalog.json_agg(people) from (
                  select k.phone, k.mobile, k.email
                    from public.customer_contacts l
                    join public.contacts k on k.org_id = p_org and k.id = l.contact_id
                   where l.org_id = p_org and l.customer_id = c.id and k.deleted_at is null
                   limit 1000) people) end as people
        from public.customers c
       where c.org_id = p_org and c.id = any (p_ids) and c.deleted_at is null
       order by c.id limit 100) n);
end $$
"""

LOOKS = """  if p_duplicates is null then
    found := system.resembled(
      who.org_id, p_sort_name, coalesce(p_phone, p_second_phone), p_email, p_billing_street,
      p_billing_city, p_billing_postal_code, 'contacts:read' = any (who.permissions));
    if found <> '{}' then
      body := system.compared_json(who.org_id, found, 'contacts:read' = any (who.permissions));
      if body is not null then
        return;
      end if;
    end if;
  end if;
"""
CHANGES = (
    ("  made record;\n", "  made record;\n  found uuid[];\n"),
    ("p_external_key text,\n", "p_external_key text, p_duplicates text,\n"),
    (
        "  -- whoever resembles somebody is compared and graded by the route, which adds them too\n",
        "  -- whom they may resemble is told, and graded by whoever asked, who then asks again\n",
    ),
    (
        "json '[]' as possible_duplicates",
        "coalesce(p_duplicates, '[]')::json as possible_duplicates",
    ),
)


def _former() -> str:
    return str(context.script.get_revision("0371").module.created())


def created() -> str:
    """The function from here on."""
    source, looks = re.subn(
        r"  if exists \(select from system\.resembling.*?(?=  insert into public\.customers)",
        lambda _: LOOKS,
        _former(),
        flags=re.DOTALL,
    )
    assert looks == 1
    for now, then in CHANGES:
        assert source.count(now) == 1, now
        source = source.replace(now, then)
    return source


def _houses(*columns: str) -> None:
    op.drop_index("ix_sites_house", table_name="sites")
    ops = {"postal_code": "varchar_pattern_ops"}
    op.create_index("ix_sites_house", "sites", ["org_id", *columns], postgresql_ops=ops)


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    _houses("house", "postal_code")
    op.execute(RESEMBLED)
    op.execute(COMPARED)
    op.execute("drop function identity.create_customer")
    op.execute(created())


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("drop function identity.create_customer")
    op.execute(_former())
    op.execute("drop function system.compared_json")
    op.execute("drop function system.resembled")
    _houses("postal_code", "house")
