"""Adding a customer in one trip: signed in, compared, inserted, told and answered by one function.

What was written a moment ago waited in the search indexes' lists of entries to come, which every search
and every comparison reads from end to end: after a thousand new customers that was most of the cost of
adding another. Entries go to their place at once now.
"""

from alembic import op

revision = "0287"
down_revision = "0310"
branch_labels = None
depends_on = None

CREATE = """
create function identity.create_customer(
  p_token bytea, p_now timestamptz, p_source text, p_request_id text, p_clock text,
  p_key text, p_csrf bytea, p_fingerprint bytea, p_id uuid, p_kind text, p_stage text, p_name text,
  p_sort_name text, p_email text, p_phone text, p_second_phone text, p_billing_city text,
  p_billing_region text, p_billing_postal_code text, p_payment_terms_days bigint,
  p_tax_exempt boolean, p_source_of text, p_notes text, p_external_key text,
  out state text, out org_id uuid, out user_id uuid, out body text)
language plpgsql set search_path = '' set plan_cache_mode = force_generic_plan
set enable_seqscan = off as $$
declare
  who record := identity.enter(p_token, p_now, p_source, p_request_id, p_clock, p_key);
  made record;
  entry bigint;
begin
  state := 'refused';
  if who.state <> 'ok' or who.reply_fingerprint is not null or who.record_scope <> 'all'
     or who.role_name = 'Truckroll support' or p_csrf <> who.csrf_hash
     or not 'customers:write' = any (who.permissions) then
    return;
  end if;
  -- whoever resembles somebody is compared and graded by the route, which adds them too
  state := 'alike';
  if exists (select from system.resembling(p_sort_name, 1)) then
    return;
  end if;
  if p_phone is not null or p_second_phone is not null then
    if exists (select from public.customers c where c.org_id = who.org_id
                and c.phone = any (array[p_phone, p_second_phone]))
       or exists (select from public.customers c where c.org_id = who.org_id
                and c.second_phone = any (array[p_phone, p_second_phone]))
       or exists (select from public.contacts k where k.org_id = who.org_id
                and (k.phone = any (array[p_phone, p_second_phone])
                  or k.mobile = any (array[p_phone, p_second_phone]))) then
      return;
    end if;
  end if;
  if p_email is not null then
    if exists (select from public.customers c where c.org_id = who.org_id and c.email = p_email)
       or exists (select from public.contacts k where k.org_id = who.org_id and k.email = p_email)
    then
      return;
    end if;
  end if;
  insert into public.customers (
    org_id, id, kind, stage, name, sort_name, email, phone, second_phone, billing_city,
    billing_region, billing_postal_code, payment_terms_days, tax_exempt, source, notes, external_key)
  values (
    who.org_id, p_id, p_kind, p_stage, p_name, p_sort_name, p_email, p_phone, p_second_phone,
    p_billing_city, p_billing_region, p_billing_postal_code, p_payment_terms_days, p_tax_exempt,
    p_source_of, p_notes, p_external_key)
  returning version, created_at, updated_at into made;
  insert into public.journal (org_id, entity, entity_id, action, is_fact, version, changes)
  values (who.org_id, 'customer', p_id, 'customer.created', true, made.version,
          pg_catalog.jsonb_build_object('name', p_name))
  returning id into entry;
  insert into public.stories (org_id, subject_id, entry_id) values (who.org_id, p_id, entry);
  state := 'ok';
  org_id := who.org_id;
  user_id := who.user_id;
  -- nobody has contacts, tags or a balance yet
  select pg_catalog.row_to_json(n)::text into body from (
    select p_id as id, made.version, system.iso(made.created_at) as created_at,
           system.iso(made.updated_at) as updated_at, p_kind as kind, p_stage as stage,
           p_name as name, p_email as email, p_phone as phone, p_second_phone as second_phone,
           null as billing_street, p_billing_city as billing_city,
           p_billing_region as billing_region, p_billing_postal_code as billing_postal_code,
           p_payment_terms_days as payment_terms_days, p_tax_exempt as tax_exempt,
           p_source_of as source, p_notes as notes, p_external_key as external_key,
           null as parent_id,
           case when 'contacts:read' = any (who.permissions) then json '[]' end as contacts,
           json '[]' as tags, json '[]' as banners, null as deleted_at,
           json '[]' as possible_duplicates) n;
  if p_key is not null then
    insert into public.stored_replies (
      org_id, principal_id, key, fingerprint, status, headers, body, perm_version, created_at)
    values (
      org_id, user_id, p_key, p_fingerprint, 201,
      '{"etag": "\\"v1\\"", "content-type": "application/json"}',
      pg_catalog.convert_to(body, 'UTF8'), who.perm_version, p_now);
  end if;
end $$
"""


INDEXES = ("ix_search_documents_words", "ix_search_documents_digits")


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    for index in INDEXES:
        op.execute(f"alter index {index} set (fastupdate = off)")
        op.execute(f"select gin_clean_pending_list('{index}')")
    op.execute(CREATE)


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("drop function identity.create_customer")
    for index in INDEXES:
        op.execute(f"alter index {index} reset (fastupdate)")
