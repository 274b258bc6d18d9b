"""The customers who may have neither work nor site yet are marked, so that whoever looks after a territory finds
them without asking of each customer.

The mark says *may*: a first work order or site takes it away, losing the last that is seen gives it back, and
whoever reads still asks. So it never misses anybody, whoever writes at the same time. It follows from other
rows: it makes no version and is in no journal (`system.tables.aside`).

Nothing is filled in here: that would keep everybody from customers for as long as it takes. Who was here before
stays marked until their next work order or site, which costs those who read a look each and is never wrong.
"""

import sqlalchemy as sa
from alembic import op

revision = "0341"
down_revision = "0331"
branch_labels = None
depends_on = None

COLUMNS = "attname not in ('org_id', 'id', 'version', 'created_at', 'updated_at')"
ASIDE = f"{COLUMNS} and not attname = any (conf.aside)"
CLAIM = """
create function system.claim_customer() returns trigger language plpgsql set search_path = '' as $$
begin
  if tg_op <> 'DELETE' then
    update public.customers c set unclaimed = false
     where c.org_id = new.org_id and c.id = new.customer_id and c.unclaimed;
  end if;
  if tg_op = 'DELETE' or (tg_op = 'UPDATE' and old.customer_id <> new.customer_id) then
    -- whoever else takes something away waits, and sees that this is gone
    perform from public.customers c
      where c.org_id = old.org_id and c.id = old.customer_id for no key update;
    update public.customers c set unclaimed = true
     where c.org_id = old.org_id and c.id = old.customer_id and not c.unclaimed
       and not exists (select from public.work_orders w
                        where w.org_id = old.org_id and w.customer_id = old.customer_id)
       and not exists (select from public.site_parties p
                        where p.org_id = old.org_id and p.customer_id = old.customer_id);
  end if;
  return null;
end $$
"""
CLAIMING = ("work_orders", "site_parties")
INDEX = "ix_customers_unclaimed"


def _rewrite(now: str, then: str) -> None:
    now, then = (one.replace("'", "''") for one in (now, then))
    op.execute(
        "do $do$ begin execute replace("
        f"pg_get_functiondef('system.write_triggers(text)'::regprocedure), '{now}', '{then}');"
        " end $do$"
    )


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("alter table system.tables add column aside text[] not null default '{}'")
    op.execute("update system.tables set aside = '{unclaimed}' where name = 'customers'")
    _rewrite(COLUMNS, ASIDE)
    op.add_column(
        "customers",
        sa.Column("unclaimed", sa.Boolean(), nullable=False, server_default=sa.text("true")),
    )
    op.execute("select system.write_triggers('customers')")
    op.create_index(INDEX, "customers", ["org_id", "id"], postgresql_where=sa.text("unclaimed"))
    op.execute(CLAIM)
    for table in CLAIMING:
        op.execute(
            f"create trigger claim_customer after insert or delete or update of customer_id on {table}"
            " for each row execute function system.claim_customer()"
        )


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    for table in CLAIMING:
        op.execute(f"drop trigger claim_customer on {table}")
    op.execute("drop function system.claim_customer")
    op.drop_index(INDEX, table_name="customers")
    op.drop_column("customers", "unclaimed")
    _rewrite(ASIDE, COLUMNS)
    op.execute("alter table system.tables drop column aside")
    op.execute("select system.write_triggers('customers')")
