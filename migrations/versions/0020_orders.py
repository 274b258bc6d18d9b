"""A status derived from other rows is journalled and leaves the record's version alone."""

import sqlalchemy as sa
from alembic import context, op

revision = "0020"
down_revision = "0004"
branch_labels = None
depends_on = None

# As in 0001, with two differences: a change of `derived` columns alone moves `updated_at` and not
# `version`, and the journal asks what changed instead of whether the version did.
TRIGGERS = r"""
create or replace function system.write_triggers(p_table text) returns void language plpgsql as $$
declare
  conf system.tables;
  changed text := '';
  followed text := '';
  journalled text := '';
  inserted text := '';
  removed text := '';
  piece text;
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
    piece := format('new.%1$I is distinct from old.%1$I', col.name);
    if col.name = any (conf.derived) then
      followed := followed || ' or ' || piece;
    else
      changed := changed || ' or ' || piece;
    end if;
    journalled := journalled || format(
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
begin
  if new.org_id <> old.org_id or new.id <> old.id then
    raise exception 'the key of %2$s never changes' using errcode = 'integrity_constraint_violation';
  end if;
  if false%3$s then
    new.version := old.version + 1;
    new.updated_at := system.clock();
  elsif false%4$s then
    new.version := old.version;
    new.updated_at := system.clock();
  else
    new.version := old.version;
    new.updated_at := old.updated_at;
  end if;
  return new;
end $body$ $f$, 'count_' || p_table, p_table, changed, followed);

  if conf.journalled then
    execute format($f$
create or replace function system.%1$I() returns trigger language plpgsql set search_path = '' as $body$
declare
  c jsonb := '{}';
begin
  if tg_op = 'UPDATE' then
%3$s
    if c = '{}'::jsonb then return null; end if;
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
end $body$ $f$, 'journal_' || p_table, conf.entity, journalled, inserted, removed);
  end if;
end $$
"""
REWRITE = "select system.write_triggers(name) from system.tables"


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("alter table system.tables add column derived text[] not null default '{}'")
    op.execute(TRIGGERS)
    op.add_column("work_orders", sa.Column("decided_at", sa.DateTime(timezone=True)))
    op.execute(
        "update system.tables set derived = '{status,completed_at}' where name = 'work_orders'"
    )
    op.execute(REWRITE)


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.drop_column("work_orders", "decided_at")
    ground = context.script.get_revision("0001").module
    [former] = [
        statement
        for statement in ground.split(ground.PROTECT)
        if statement.startswith("create function system.write_triggers")
    ]
    op.execute(former.replace("create function", "create or replace function", 1))
    op.execute("alter table system.tables drop column derived")
    op.execute(REWRITE)
