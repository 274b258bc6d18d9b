"""Whom a customer resembles is cut by what they share, not by age.

A hundred namesakes who were there before pushed out the one with the same name, phone and e-mail address:
a hundred were taken by their ids. Now those with whom most facts agree come first; of those with whom one
does, the e-mail address before the phone, the house and the name.
"""

from alembic import context, op

revision = "0430"
down_revision = "0382"
branch_labels = None
depends_on = None

RESEMBLED = """
create or replace function system.resembled(
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
  if p_email is not null then
    found := array(select c.id from public.customers c
                    where c.org_id = p_org and c.email = p_email limit 1000);
    if p_contacts then
      people := array(select k.id from public.contacts k
                       where k.org_id = p_org and k.email = p_email
                         and k.deleted_at is null limit 1000);
    end if;
  end if;
  if p_phone is not null then
    found := found
      || array(select c.id from public.customers c
                where c.org_id = p_org and c.phone = p_phone limit 1000)
      || array(select c.id from public.customers c
                where c.org_id = p_org and c.second_phone = p_phone limit 1000);
    if p_contacts then
      people := people || array(select k.id from public.contacts k
                                 where k.org_id = p_org and k.phone = p_phone
                                   and k.deleted_at is null limit 1000)
                       || array(select k.id from public.contacts k
                                 where k.org_id = p_org and k.mobile = p_phone
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
  if p_name is not null then
    found := found || array(select r.entity_id from system.resembling(p_name, 100) r);
  end if;
  return found;
end $$
"""
FOUND = (
    """        from public.customers c
       where c.org_id = p_org and c.id = any (p_ids) and c.deleted_at is null
       order by c.id limit 100) n);""",
    """        from (select u.id, count(*) as facts, min(u.place) as place
                from pg_catalog.unnest(p_ids) with ordinality u(id, place)
               group by u.id) f
       cross join lateral (select * from public.customers o
                            where o.org_id = p_org and o.id = f.id and o.deleted_at is null
                           offset 0) c
       order by f.facts desc, f.place limit 100) n);""",
)


def _compared() -> str:
    return str(context.script.get_revision("0373").module._compared())


def _replacing(source: str) -> str:
    return source.replace("create function", "create or replace function", 1)


def compared() -> str:
    """The function from here on."""
    source = _compared()
    assert source.count(FOUND[0]) == 1
    return source.replace(*FOUND)


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(RESEMBLED)
    op.execute(_replacing(compared()))


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(_replacing(str(context.script.get_revision("0372").module.RESEMBLED)))
    op.execute(_replacing(_compared()))
