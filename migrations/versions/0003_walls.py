"""Walls, journal and search around the tables, and the function that lets a request in."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

PROTECTED = {
    # table: entity, with the columns whose values the journal must not hold
    "members": ("member", ()),
    "organisation_settings": ("organisation", ()),
    "customers": ("customer", ()),
    "sites": ("site", ()),
    "site_parties": ("site_party", ()),
    "skills": ("skill", ()),
    "job_types": ("job_type", ()),
    "job_type_skills": ("job_type_skill", ()),
    "resources": ("resource", ()),
    "technicians": ("technician", ()),
    "technician_skills": ("technician_skill", ()),
    "work_orders": ("work_order", ()),
    "checklist_items": ("checklist_item", ()),
    "visits": ("visit", ()),
    "assignments": ("assignment", ()),
    "bookings": ("booking", ()),
    "promises": ("promise", ()),
    "notes": ("note", ()),
    "invoices": ("invoice", ()),
    "invoice_lines": ("invoice_line", ()),
    "payments": ("payment", ()),
    "imports": ("import", ()),
}
APPEND_ONLY = {"ledger_entries": "ledger_entry"}
UNJOURNALLED = {
    # derived, or about the request and not the business
    "import_issues": "import_issue",
}
BARE = {
    # rows without an id of their own
    "counters": "select, insert, update",
    "stored_replies": "select, insert, delete",
    "search_documents": "select, insert, update, delete",
    "journal": "select, insert",
    "stories": "select, insert",
}

JOURNAL = """
create policy relay_reads on public.journal for select to truckroll_relay using (true);

grant select (id, org_id, at, entity, entity_id, action, is_fact, version, changes, occurred_at,
  actor_id, source, request_id, xid) on public.journal to truckroll_relay;

create function system.digest_of(j public.journal) returns bytea language sql immutable
set search_path = '' as $$
  select pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.jsonb_build_array(
    j.org_id, j.id, extract(epoch from j.at), j.entity, j.entity_id, j.action, j.is_fact, j.version,
    j.changes, extract(epoch from j.occurred_at), j.actor_id, j.source, j.request_id)::text, 'UTF8'))
$$;

create function system.number_journal() returns bigint language plpgsql set search_path = '' as $$
declare
  before pg_catalog.pg_snapshot;
  after pg_catalog.pg_snapshot;
  fresh public.journal[];
  entry public.journal;
  head system.journal_heads;
  hash bytea;
  given bigint := 0;
begin
  -- the row lock is the fence between two relays
  select snapshot into before from system.relay_state where id = 1 for update;
  -- entries and the snapshot they are seen by come from one statement: exactly what became visible
  -- since the last one is numbered now, once
  select pg_catalog.pg_current_snapshot(), (
      select pg_catalog.array_agg(j order by j.id) from public.journal j
      where j.xid >= pg_catalog.pg_snapshot_xmax(before)
         or j.xid = any (array(select pg_catalog.pg_snapshot_xip(before))))
    into after, fresh;
  if fresh is null then
    update system.relay_state set snapshot = after where id = 1;
    return 0;
  end if;
  foreach entry in array fresh loop
    if head.org_id is distinct from entry.org_id then
      if head.org_id is not null then
        insert into system.journal_heads values (head.org_id, head.seq, head.chain)
        on conflict (org_id) do update set seq = excluded.seq, chain = excluded.chain;
      end if;
      select * into head from system.journal_heads where org_id = entry.org_id;
      if not found then
        head := row(entry.org_id, 0, ''::bytea)::system.journal_heads;
      end if;
    end if;
    hash := system.digest_of(entry);
    head.seq := head.seq + 1;
    head.chain := pg_catalog.sha256(head.chain || hash);
    insert into system.journal_numbers values (head.org_id, head.seq, entry.id, hash, head.chain);
    given := given + 1;
  end loop;
  insert into system.journal_heads values (head.org_id, head.seq, head.chain)
  on conflict (org_id) do update set seq = excluded.seq, chain = excluded.chain;
  update system.relay_state set snapshot = after where id = 1;
  return given;
end $$;
"""

ENTER = """
create function identity.enter(
  p_token bytea, p_now timestamptz, p_source text, p_request_id text, p_clock text,
  p_key text, out state text, out session_id uuid, out user_id uuid, out org_id uuid,
  out user_name text, out user_email text, out org_name text, out org_slug text, out role_name text,
  out role_level bigint, out record_scope text, out permissions text[], out csrf_hash bytea,
  out reply_fingerprint bytea, out reply_status bigint, out reply_headers jsonb, out reply_body bytea)
language plpgsql set search_path = '' as $$
declare
  expires timestamptz; revoked timestamptz; seen bigint; present bigint; gone timestamptz;
begin
  select s.id, s.user_id, s.org_id, s.csrf_hash, s.access_expires_at, s.revoked_at, s.perm_version,
         m.perm_version, coalesce(m.suspended_at, u.disabled_at, o.suspended_at),
         u.name, u.email, o.name, o.slug, r.name, r.level, r.record_scope, r.permissions
    into session_id, user_id, org_id, csrf_hash, expires, revoked, seen, present, gone,
         user_name, user_email, org_name, org_slug, role_name, role_level, record_scope, permissions
    from identity.sessions s
    join identity.users u on u.id = s.user_id
    join identity.organisations o on o.id = s.org_id
    join identity.memberships m on m.org_id = s.org_id and m.user_id = s.user_id
    join identity.roles r on r.org_id = m.org_id and r.id = m.role_id
   where s.access_hash = p_token;
  state := case
    when not found then 'unknown'
    when revoked is not null or gone is not null then 'revoked'
    when expires <= p_now then 'expired'
    when seen <> present then 'stale'
    else 'ok' end;
  if state <> 'ok' then return; end if;
  perform pg_catalog.set_config('app.org_id', org_id::text, true),
          pg_catalog.set_config('app.actor_id', user_id::text, true),
          pg_catalog.set_config('app.source', p_source, true),
          pg_catalog.set_config('app.request_id', p_request_id, true),
          pg_catalog.set_config('app.now', p_clock, true);
  if p_key is null then return; end if;
  if not pg_catalog.pg_try_advisory_xact_lock(
       pg_catalog.hashtextextended(org_id::text || user_id::text || p_key, 0)) then
    state := 'in_flight';
    return;
  end if;
  select w.fingerprint, w.status, w.headers, w.body
    into reply_fingerprint, reply_status, reply_headers, reply_body
    from public.stored_replies w
   where w.org_id = enter.org_id and w.principal_id = enter.user_id and w.key = p_key;
end $$;
"""

SEARCH = """
create policy search_reads on public.search_documents for select to truckroll_search using (true);

grant select on public.search_documents to truckroll_search;

create function system.find(
  p_words text[], p_digits text, p_entities text[], p_only uuid[], p_limit integer)
returns table (entity text, entity_id uuid, title text, subtitle text, rank real)
language sql stable security definer set search_path = '' as $$
  select d.entity, d.entity_id, d.title, d.subtitle,
         case when p_digits <> '' and d.digits operator(pg_catalog.~~) ('%' || p_digits || '%') then 1
              else public.word_similarity(pg_catalog.array_to_string(p_words, ' '), d.words) end
    from public.search_documents d
   where d.org_id = (select pg_catalog.current_setting('app.org_id')::uuid)
     and d.entity = any (p_entities)
     and (p_only is null or d.entity_id = any (p_only))
     and ((p_digits <> '' and d.digits operator(pg_catalog.~~) ('%' || p_digits || '%'))
       or (p_words <> '{}' and d.words operator(pg_catalog.~~) all (p_words)))
   order by 5 desc, d.title, d.entity_id
   limit least(p_limit, 200)
$$;

create function system.document(
  p_org uuid, p_entity text, p_id uuid, p_gone boolean, p_title text, p_subtitle text, p_words text,
  p_digits text)
returns void language plpgsql set search_path = '' as $$
begin
  if p_gone then
    delete from public.search_documents d where d.org_id = p_org and d.entity_id = p_id;
    return;
  end if;
  insert into public.search_documents as d (org_id, entity_id, entity, title, subtitle, words, digits)
  values (p_org, p_id, p_entity, p_title, coalesce(p_subtitle, ''), system.fold(p_words),
          coalesce(p_digits, ''))
  on conflict (org_id, entity_id) do update
    set title = excluded.title, subtitle = excluded.subtitle, words = excluded.words,
        digits = excluded.digits
    where (d.title, d.subtitle, d.words, d.digits)
       is distinct from (excluded.title, excluded.subtitle, excluded.words, excluded.digits);
end $$;

create function system.document_customers() returns trigger language plpgsql set search_path = '' as $$
begin
  perform system.document(new.org_id, 'customer', new.id, new.deleted_at is not null, new.name,
    concat_ws(' · ', new.phone, new.email), concat_ws(' ', new.name, new.email, new.external_key),
    concat_ws(' ', system.digits(new.phone), system.digits(new.second_phone)));
  return null;
end $$;

create function system.document_sites() returns trigger language plpgsql set search_path = '' as $$
begin
  perform system.document(new.org_id, 'site', new.id, new.deleted_at is not null,
    concat_ws(', ', new.street, new.unit), concat_ws(', ', new.city, new.region || ' ' || new.postal_code),
    concat_ws(' ', new.name, new.street, new.unit, new.city, new.region, new.postal_code), '');
  return null;
end $$;

create function system.document_work_orders() returns trigger language plpgsql set search_path = '' as $$
begin
  perform system.document(new.org_id, 'work_order', new.id, new.deleted_at is not null, new.number,
    new.summary, concat_ws(' ', new.number, new.summary, new.customer_reference),
    system.digits(new.number));
  return null;
end $$;

create function system.document_invoices() returns trigger language plpgsql set search_path = '' as $$
begin
  if new.number is null then return null; end if;
  perform system.document(new.org_id, 'invoice', new.id, new.deleted_at is not null, new.number,
    new.status, new.number, system.digits(new.number));
  return null;
end $$;

create function system.document_technicians() returns trigger language plpgsql set search_path = '' as $$
begin
  perform system.document(new.org_id, 'technician', new.id, new.deleted_at is not null, new.name,
    new.phone, new.name, system.digits(new.phone));
  return null;
end $$;
"""
SEARCHED = ("customers", "sites", "work_orders", "invoices", "technicians")

MONEY = """
create function system.posting_balances() returns trigger language plpgsql set search_path = '' as $$
declare off bigint;
begin
  select sum(e.amount) into off from public.ledger_entries e
   where e.org_id = new.org_id and e.posting_id = new.posting_id;
  if off <> 0 then
    raise exception 'posting % does not balance: %', new.posting_id, off
      using errcode = 'check_violation', constraint = 'posting_balances';
  end if;
  return null;
end $$;

create constraint trigger posting_balances after insert on public.ledger_entries
  deferrable initially deferred for each row execute function system.posting_balances();

create function system.issued_lines_stand() returns trigger language plpgsql set search_path = '' as $$
declare
  line public.invoice_lines := case when tg_op = 'DELETE' then old else new end;
  state text;
begin
  select i.status into state from public.invoices i
   where i.org_id = line.org_id and i.id = line.invoice_id;
  if state is distinct from 'draft' and state is not null then
    raise exception 'the lines of an issued invoice never change'
      using errcode = 'check_violation', constraint = 'issued_lines_stand';
  end if;
  return line;
end $$;

create trigger issued_lines_stand before insert or update or delete on public.invoice_lines
  for each row execute function system.issued_lines_stand();

create function system.issued_invoices_stand() returns trigger language plpgsql set search_path = '' as $$
begin
  if old.status <> 'draft' and (
       (new.number, new.customer_id, new.currency, new.issued_on, new.subtitle_hash)
         is distinct from (old.number, old.customer_id, old.currency, old.issued_on, old.subtitle_hash)
  ) then
    raise exception 'an issued invoice never changes'
      using errcode = 'check_violation', constraint = 'issued_invoices_stand';
  end if;
  return new;
end $$;
""".replace("new.subtitle_hash", "new.subtotal, new.discount, new.tax, new.total").replace(
    "old.subtitle_hash", "old.subtotal, old.discount, old.tax, old.total"
)


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    for table, rights in BARE.items():
        op.execute(f"select system.wall('{table}', '{rights}')")
    for table, (entity, redacted) in PROTECTED.items():
        listed = ", ".join(f"'{column}'" for column in redacted)
        op.execute(f"select system.protect('{table}', '{entity}', array[{listed}]::text[])")
    for table, entity in APPEND_ONLY.items():
        op.execute(f"select system.protect('{table}', '{entity}', p_rights => 'select, insert')")
    for table, entity in UNJOURNALLED.items():
        op.execute(f"select system.protect('{table}', '{entity}', p_journalled => false)")
    for script in (JOURNAL, ENTER, SEARCH, MONEY):
        for statement in split(script):
            op.execute(statement)
    op.execute(
        "create trigger issued_invoices_stand before update on public.invoices"
        " for each row execute function system.issued_invoices_stand()"
    )
    for table in SEARCHED:
        op.execute(
            f"create trigger document after insert or update on public.{table}"
            f" for each row execute function system.document_{table}()"
        )
    op.execute("grant create on schema system to truckroll_search")
    op.execute("alter function system.find owner to truckroll_search")
    op.execute("revoke create on schema system from truckroll_search")
    op.execute("revoke all on function system.find from public")
    op.execute("grant execute on function system.find to truckroll_app")
    op.execute("revoke all on function system.number_journal from public")
    op.execute("grant execute on function system.number_journal to truckroll_relay")
    op.execute(
        "grant select, insert, update, delete on all tables in schema identity to truckroll_app"
    )


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    for table in SEARCHED:
        op.execute(f"drop trigger document on public.{table}")
        op.execute(f"drop function system.document_{table}()")
    op.execute("drop function system.document")
    op.execute("drop function system.find")
    op.execute("drop policy search_reads on public.search_documents")
    op.execute("drop trigger issued_invoices_stand on public.invoices")
    op.execute("drop trigger issued_lines_stand on public.invoice_lines")
    op.execute("drop trigger posting_balances on public.ledger_entries")
    for name in ("issued_invoices_stand", "issued_lines_stand", "posting_balances"):
        op.execute(f"drop function system.{name}()")
    op.execute("drop function identity.enter")
    op.execute("drop function system.number_journal")
    op.execute("drop function system.digest_of")
    op.execute("drop policy relay_reads on public.journal")
    for table in (*PROTECTED, *APPEND_ONLY, *UNJOURNALLED):
        op.execute(f"select system.unprotect('{table}')")
    for table in (*PROTECTED, *APPEND_ONLY, *UNJOURNALLED, *BARE):
        op.execute(f"drop policy org_isolation on public.{table}")
        op.execute(f"alter table public.{table} no force row level security")
        op.execute(f"alter table public.{table} disable row level security")
    for role in ("truckroll_app", "truckroll_relay", "truckroll_search"):
        op.execute(f"revoke all on all tables in schema public, identity from {role}")


def split(script: str) -> list[str]:
    """The statements of a script whose functions are quoted with `$$`."""
    statements, current, inside = [], [], False
    for line in script.splitlines():
        current.append(line)
        inside ^= line.count("$$") % 2 == 1
        if not inside and line.rstrip().endswith(";"):
            statements.append("\n".join(current).strip().rstrip(";"))
            current = []
    return [statement for statement in statements if statement]
