"""The ground: schemas, extensions, and the functions every tenant table is put under."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

CLOCK = """
create function system.clock() returns timestamptz language sql volatile set search_path = '' as
$$ select coalesce(
     nullif(pg_catalog.current_setting('app.now', true), '')::timestamptz,
     pg_catalog.clock_timestamp()) $$;

create function system.actor() returns uuid language sql stable set search_path = '' as
$$ select nullif(pg_catalog.current_setting('app.actor_id', true), '')::uuid $$;

create function system.fold(text) returns text language sql stable set search_path = '' as
$$ select pg_catalog.lower(public.unaccent('public.unaccent', coalesce($1, ''))) $$;

create function system.digits(text) returns text language sql immutable set search_path = '' as
$$ select pg_catalog.regexp_replace(coalesce($1, ''), '[^0-9]', '', 'g') $$;
"""

# One BEFORE trigger counts versions and one AFTER trigger writes the journal, their bodies written
# out per table: comparing named columns costs half of what comparing generic jsonb does.
PROTECT = r"""
create table system.tables (
  name text primary key,
  entity text not null,
  journalled boolean not null,
  redacted text[] not null
);

create function system.write_triggers(p_table text) returns void language plpgsql as $$
declare
  conf system.tables;
  changed text := '';
  inserted text := '';
  removed text := '';
  col record;
  shown boolean;
begin
  select * into strict conf from system.tables where name = p_table;
  for col in
    select attname as name, atttypid::regtype::text as type
    from pg_attribute
    where attrelid = ('public.' || p_table)::regclass and attnum > 0 and not attisdropped
      and attgenerated = '' and attname not in ('org_id', 'id', 'version', 'created_at', 'updated_at')
    order by attnum
  loop
    shown := col.type <> 'bytea' and not (col.name = any (conf.redacted));
    changed := changed || format(
      '    if new.%1$I is distinct from old.%1$I then c := c || jsonb_build_object(%2$L, %3$s); end if;' || chr(10),
      col.name, col.name,
      case when shown then format('jsonb_build_array(old.%1$I, new.%1$I)', col.name)
           else '''"redacted"''::jsonb' end);
    inserted := inserted || format(
      '    if new.%1$I is not null then c := c || jsonb_build_object(%2$L, %3$s); end if;' || chr(10),
      col.name, col.name,
      case when shown then format('jsonb_build_array(null, new.%1$I)', col.name)
           else '''"redacted"''::jsonb' end);
    removed := removed || format(
      '    if old.%1$I is not null then c := c || jsonb_build_object(%2$L, %3$s); end if;' || chr(10),
      col.name, col.name,
      case when shown then format('jsonb_build_array(old.%1$I, null)', col.name)
           else '''"redacted"''::jsonb' end);
  end loop;

  execute format($f$
create or replace function system.%1$I() returns trigger language plpgsql set search_path = '' as $body$
declare
  c jsonb := '{}';
begin
  if new.org_id <> old.org_id or new.id <> old.id then
    raise exception 'the key of %2$s never changes' using errcode = 'integrity_constraint_violation';
  end if;
%3$s
  if c = '{}'::jsonb then
    new.version := old.version;
    new.updated_at := old.updated_at;
  else
    new.version := old.version + 1;
    new.updated_at := system.clock();
  end if;
  return new;
end $body$ $f$, 'count_' || p_table, p_table, changed);

  if conf.journalled then
    execute format($f$
create or replace function system.%1$I() returns trigger language plpgsql set search_path = '' as $body$
declare
  c jsonb := '{}';
begin
  if tg_op = 'UPDATE' then
    if new.version = old.version then return null; end if;
%3$s
    insert into public.journal (org_id, entity, entity_id, action, version, changes)
    values (new.org_id, %2$L, new.id, 'updated', new.version, c);
  elsif tg_op = 'INSERT' then
%4$s
    insert into public.journal (org_id, entity, entity_id, action, version, changes)
    values (new.org_id, %2$L, new.id, 'created', new.version, c);
  else
%5$s
    insert into public.journal (org_id, entity, entity_id, action, version, changes)
    values (old.org_id, %2$L, old.id, 'deleted', old.version, c);
  end if;
  return null;
end $body$ $f$, 'journal_' || p_table, conf.entity, changed, inserted, removed);
  end if;
end $$;

create function system.wall(p_table text, p_rights text default 'select, insert, update, delete')
returns void language plpgsql as $$
begin
  execute format('alter table public.%I enable row level security', p_table);
  execute format('alter table public.%I force row level security', p_table);
  execute format(
    'create policy org_isolation on public.%I'
    ' using (org_id = (select current_setting(''app.org_id'')::uuid))'
    ' with check (org_id = (select current_setting(''app.org_id'')::uuid))', p_table);
  execute format('grant %s on public.%I to truckroll_app', p_rights, p_table);
end $$;

create function system.protect(
  p_table text, p_entity text, p_redacted text[] default '{}',
  p_journalled boolean default true, p_rights text default 'select, insert, update, delete')
returns void language plpgsql as $$
begin
  perform system.wall(p_table, p_rights);
  insert into system.tables values (p_table, p_entity, p_journalled, p_redacted);
  perform system.write_triggers(p_table);
  execute format(
    'create trigger count_version before update on public.%I'
    ' for each row execute function system.%I()', p_table, 'count_' || p_table);
  if p_journalled then
    execute format(
      'create trigger journal after insert or update or delete on public.%I'
      ' for each row execute function system.%I()', p_table, 'journal_' || p_table);
  end if;
end $$;

create function system.unprotect(p_table text) returns void language plpgsql as $$
begin
  execute format('drop trigger if exists journal on public.%I', p_table);
  execute format('drop trigger if exists count_version on public.%I', p_table);
  execute format('drop function if exists system.%I()', 'journal_' || p_table);
  execute format('drop function if exists system.%I()', 'count_' || p_table);
  delete from system.tables where name = p_table;
end $$;
"""

NUMBERS = """
create table system.journal_numbers (
  org_id uuid not null,
  seq bigint not null,
  entry_id bigint not null unique,
  digest bytea not null,
  chain bytea not null,
  primary key (org_id, seq)
);
create table system.journal_heads (
  org_id uuid primary key,
  seq bigint not null,
  chain bytea not null
);
create table system.relay_state (
  id integer primary key check (id = 1),
  snapshot pg_snapshot not null
);
insert into system.relay_state values (1, pg_current_snapshot());
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    for name in ("btree_gin", "btree_gist", "pg_trgm", "unaccent"):
        op.execute(f"create extension if not exists {name}")
    op.execute("revoke create on schema public from public")
    op.execute("create schema identity")
    op.execute("create schema system")
    op.execute("grant usage on schema public, identity, system to truckroll_app, truckroll_relay")
    op.execute("grant usage on schema public, system to truckroll_search")
    for script in (CLOCK, PROTECT, NUMBERS):
        for statement in split(script):
            op.execute(statement)
    op.execute("grant select on system.journal_numbers, system.journal_heads to truckroll_app")
    op.execute(
        "grant select, insert, update on system.journal_numbers, system.journal_heads,"
        " system.relay_state to truckroll_relay"
    )


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("drop schema system cascade")
    op.execute("drop schema identity cascade")


def split(script: str) -> list[str]:
    """A script's statements; `;` inside `$$…$$`, `$f$` and `$body$` does not end one."""
    statements, current, quote = [], [], None
    for line in script.splitlines():
        current.append(line)
        for mark in ("$$", "$f$", "$body$"):
            if quote in (None, mark) and line.count(mark) % 2:
                quote = None if quote == mark else mark
                break
        if quote is None and line.rstrip().endswith(";"):
            statements.append("\n".join(current).strip().rstrip(";"))
            current = []
    return [statement for statement in statements if statement]
