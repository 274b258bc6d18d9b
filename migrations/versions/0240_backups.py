"""A role that reads everything, for backups and nothing else."""

from alembic import op

revision = "0240"
down_revision = "0181"
branch_labels = None
depends_on = None

SCHEMAS = "public, identity, system, jobs"

# every wall leaves one window: whoever makes backups sees all rows, and can change none
WALL = """
create or replace function system.wall(
  p_table text, p_rights text default 'select, insert, update, delete')
returns void language plpgsql as $$
begin
  execute format('alter table public.%I enable row level security', p_table);
  execute format('alter table public.%I force row level security', p_table);
  execute format(
    'create policy org_isolation on public.%I'
    ' using (org_id = (select current_setting(''app.org_id'')::uuid))'
    ' with check (org_id = (select current_setting(''app.org_id'')::uuid))', p_table);
  execute format(
    'create policy backup_reads on public.%I for select to truckroll_backup using (true)', p_table);
  execute format('grant %s on public.%I to truckroll_app', p_rights, p_table);
end $$
"""
WALL_BEFORE = """
create or replace function system.wall(
  p_table text, p_rights text default 'select, insert, update, delete')
returns void language plpgsql as $$
begin
  execute format('alter table public.%I enable row level security', p_table);
  execute format('alter table public.%I force row level security', p_table);
  execute format(
    'create policy org_isolation on public.%I'
    ' using (org_id = (select current_setting(''app.org_id'')::uuid))'
    ' with check (org_id = (select current_setting(''app.org_id'')::uuid))', p_table);
  execute format('grant %s on public.%I to truckroll_app', p_rights, p_table);
end $$
"""
EVERY_TABLE = """
do $$
declare t text;
begin
  for t in select tablename from pg_catalog.pg_policies
            where schemaname = 'public' and policyname = 'org_isolation' order by 1 loop
    execute format('{statement}', t);
  end loop;
end $$
"""


RIGHTS = """
grant usage on schema SCHEMAS to truckroll_backup;
grant select on all tables in schema SCHEMAS to truckroll_backup;
grant select on all sequences in schema SCHEMAS to truckroll_backup;
alter default privileges in schema SCHEMAS grant select on tables to truckroll_backup;
alter default privileges in schema SCHEMAS grant select on sequences to truckroll_backup;
"""
RIGHTS_BACK = """
alter default privileges in schema SCHEMAS revoke select on sequences from truckroll_backup;
alter default privileges in schema SCHEMAS revoke select on tables from truckroll_backup;
revoke select on all sequences in schema SCHEMAS from truckroll_backup;
revoke select on all tables in schema SCHEMAS from truckroll_backup;
revoke usage on schema SCHEMAS from truckroll_backup;
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(WALL)
    op.execute(
        EVERY_TABLE.format(
            statement="create policy backup_reads on public.%I for select to truckroll_backup"
            " using (true)"
        )
    )
    _each(RIGHTS)


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    _each(RIGHTS_BACK)
    op.execute(EVERY_TABLE.format(statement="drop policy backup_reads on public.%I"))
    op.execute(WALL_BEFORE)


def _each(script: str) -> None:
    for statement in script.replace("SCHEMAS", SCHEMAS).strip().removesuffix(";").split(";\n"):
        op.execute(statement)
