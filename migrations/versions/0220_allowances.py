"""Allowances: what callers have left of their rate limits, shared between processes."""

from alembic import op

revision = "0220"
down_revision = "0100"
branch_labels = None
depends_on = None

# GCRA: all that is known of a caller is the moment at which their allowance will be whole again.
# Times are microseconds since 1970. A crash may empty the table: everybody starts afresh.
TABLE = """
create unlogged table system.allowances (
  key bytea primary key,
  full_at bigint not null,
  granted integer not null
) with (fillfactor = 50)
"""

TAKE = """
create function system.take(
  p_key bytea, p_wanted integer, p_every bigint, p_most integer, p_now bigint,
  out granted integer, out remaining bigint, out wait bigint, out full_in bigint)
language sql set search_path = '' as $$
  insert into system.allowances as a (key, full_at, granted)
  values (p_key, p_now + least(p_wanted, p_most) * p_every, least(p_wanted, p_most))
  on conflict (key) do update set (granted, full_at) = (
    select one.granted, one.base + one.granted * p_every
      from (select base.base, greatest(0, least(
                p_wanted, (p_most * p_every - (base.base - p_now)) / p_every)) as granted
              -- nobody waits longer than the whole window, whatever a clock once said
              from (select least(greatest(a.full_at, p_now), p_now + p_most * p_every) as base
                   ) as base) as one)
  returning
    a.granted,
    greatest(0, (p_most * p_every - (a.full_at - p_now)) / p_every),
    case when a.granted > 0 then 0 else a.full_at - p_now - (p_most - 1) * p_every end,
    a.full_at - p_now
$$
"""

FORGET = """
create function system.forget_allowances(p_now bigint, p_most integer) returns bigint
language sql set search_path = '' as $$
  with gone as (
    delete from system.allowances where key in (
      select key from system.allowances where full_at < p_now order by full_at limit p_most
      for update skip locked)
    returning 1)
  select pg_catalog.count(*) from gone
$$
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(TABLE)
    op.execute("create index ix_allowances_full_at on system.allowances (full_at)")
    op.execute(TAKE)
    op.execute(FORGET)
    op.execute("grant select, insert, update, delete on system.allowances to truckroll_app")
    for function in ("take", "forget_allowances"):
        op.execute(f"revoke execute on function system.{function} from public")
        op.execute(f"grant execute on function system.{function} to truckroll_app")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("drop function system.forget_allowances")
    op.execute("drop function system.take")
    op.execute("drop table system.allowances")
