"""Where technicians are: pings in partitions by day, last known positions, and who looked at them.

A partition has the wall of its table, and nobody is granted anything on it: the serving role comes to
pings through `pings` alone. It may have days opened and old ones dropped by two functions that run as
their owner, and do nothing else.
"""

import sqlalchemy as sa
from alembic import op

revision = "0330"
down_revision = "0288"
branch_labels = None
depends_on = None

OFFICE = "'{owner,admin,manager,dispatcher,technician}'"
PERMISSIONS = ("positions:read", "positions:write")

OPEN = """
create function system.open_ping_days(p_first date, p_last date) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  day date;
  part text;
begin
  if p_last - p_first > 62 or p_first < '2000-01-01' or p_last > '2200-01-01' then
    raise exception 'these are not days on which somebody is on the road';
  end if;
  for day in select generate_series(p_first, p_last, interval '1 day')::date loop
    part := 'pings_' || to_char(day, 'YYYYMMDD');
    continue when to_regclass('system.' || part) is not null;
    perform pg_advisory_xact_lock(hashtextextended('system.open_ping_days', 0));
    continue when to_regclass('system.' || part) is not null;
    execute format('create table system.%I (like public.pings including constraints)', part);
    execute format('alter table system.%I enable row level security', part);
    execute format('alter table system.%I force row level security', part);
    execute format(
      'create policy org_isolation on system.%I'
      ' using (org_id = (select current_setting(''app.org_id'')::uuid))'
      ' with check (org_id = (select current_setting(''app.org_id'')::uuid))', part);
    execute format(
      'create policy backup_reads on system.%I for select to truckroll_backup using (true)', part);
    execute format(
      'alter table public.pings attach partition system.%I for values from (%L) to (%L)',
      part, day || ' 00:00:00+00', (day + 1) || ' 00:00:00+00');
  end loop;
end $$
"""
DROP = """
create function system.drop_ping_days(p_before date) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  part text;
  dropped bigint := 0;
begin
  for part in
    select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = 'public.pings'::regclass
       and c.relname < 'pings_' || to_char(p_before, 'YYYYMMDD') order by 1
  loop
    execute format('drop table system.%I', part);
    dropped := dropped + 1;
  end loop;
  return dropped;
end $$
"""


def _kept() -> list[sa.Column[object]]:
    clock = sa.text("system.clock()")
    moment = sa.DateTime(timezone=True)
    return [
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", moment, server_default=clock, nullable=False),
        sa.Column("updated_at", moment, server_default=clock, nullable=False),
    ]


def _place() -> list[sa.Column[object]]:
    return [
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("latitude_e6", sa.BigInteger(), nullable=False),
        sa.Column("longitude_e6", sa.BigInteger(), nullable=False),
        sa.Column("accuracy_m", sa.BigInteger(), nullable=False),
        sa.Column("speed_cms", sa.BigInteger(), nullable=True),
    ]


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "pings",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("technician_id", sa.Uuid(), nullable=False),
        *_place(),
        sa.CheckConstraint(
            "latitude_e6 between -90000000 and 90000000", name=op.f("ck_pings_latitude_e6")
        ),
        sa.CheckConstraint(
            "longitude_e6 between -180000000 and 180000000", name=op.f("ck_pings_longitude_e6")
        ),
        sa.CheckConstraint("accuracy_m >= 0", name=op.f("ck_pings_accuracy_m")),
        sa.PrimaryKeyConstraint("org_id", "technician_id", "at", name=op.f("pk_pings")),
        postgresql_partition_by="RANGE (at)",
    )
    op.execute("select system.wall('pings', 'select, insert, update, delete')")
    op.create_table(
        "positions",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        *_place(),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fresh_from", sa.DateTime(timezone=True), nullable=True),
        *_kept(),
        sa.ForeignKeyConstraint(
            ["org_id", "id"],
            ["technicians.org_id", "technicians.id"],
            name=op.f("fk_positions_org_id_id"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_positions")),
    )
    op.create_index(
        "ix_positions_fresh_from",
        "positions",
        ["org_id", "fresh_from", "id"],
        postgresql_where=sa.text("fresh_from is not null"),
    )
    op.create_table(
        "position_looks",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("technician_id", sa.Uuid(), nullable=False),
        sa.Column("looker_id", sa.Uuid(), nullable=False),
        sa.Column("looked_at", sa.Text(), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times", sa.BigInteger(), nullable=False),
        *_kept(),
        sa.CheckConstraint(
            "looked_at in ('position', 'track', 'nearest', 'arrival')",
            name=op.f("ck_position_looks_looked_at"),
        ),
        sa.CheckConstraint("times > 0", name=op.f("ck_position_looks_times")),
        sa.ForeignKeyConstraint(
            ["org_id", "technician_id"],
            ["technicians.org_id", "technicians.id"],
            name=op.f("fk_position_looks_org_id_technician_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "looker_id"],
            ["members.org_id", "members.id"],
            name=op.f("fk_position_looks_org_id_looker_id"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_position_looks")),
    )
    op.create_index(
        "uq_position_looks_hour",
        "position_looks",
        ["org_id", "technician_id", "looker_id", "looked_at", "hour"],
        unique=True,
    )
    op.create_index(
        "ix_position_looks_last_at",
        "position_looks",
        ["org_id", "technician_id", "last_at", "id"],
    )
    op.create_index("ix_position_looks_hour", "position_looks", ["org_id", "hour", "id"])
    for table, entity in (("positions", "position"), ("position_looks", "position_look")):
        op.execute(f"select system.protect('{table}', '{entity}', p_journalled => false)")
    for statement, name in ((OPEN, "open_ping_days"), (DROP, "drop_ping_days")):
        op.execute(statement)
        op.execute(f"revoke all on function system.{name} from public")
        op.execute(f"grant execute on function system.{name} to truckroll_app")
    for permission in PERMISSIONS:
        op.execute(f"select identity.grant_permission('{permission}', {OFFICE})")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(
        "update identity.roles set permissions = array_remove(array_remove(permissions,"
        " 'positions:read'), 'positions:write')"
    )
    op.execute("drop function system.drop_ping_days")
    op.execute("drop function system.open_ping_days")
    for table in ("position_looks", "positions"):
        op.execute(f"select system.unprotect('{table}')")
        op.drop_table(table)
    op.drop_table("pings")
