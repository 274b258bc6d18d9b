"""Invoices keep what they printed, and the database holds issued money still and in balance."""

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import postgresql

revision = "0040"
down_revision = "0070"
branch_labels = None
depends_on = None

CHECKS = {
    "issued_at": "(status = 'draft') = (issued_at is null)",
    "due_on_set": "(status = 'draft') = (due_on is null)",
    "printed": "(status = 'draft') = (printed is null)",
    "void_reason": "(status = 'void') = (void_reason is not null)",
    "deleted_at": "status = 'draft' or deleted_at is null",
    "discount_percent": "discount_percent > 0 and discount_percent <= 100",
}

# An issued invoice is compared whole, so that a column added later is held still too.
INVOICES_STAND = """
create or replace function system.issued_invoices_stand() returns trigger language plpgsql
set search_path = '' as $$
declare
  moving constant text[] := array['status', 'void_reason', 'version', 'updated_at'];
  lines record;
begin
  if tg_op = 'DELETE' then
    if old.status = 'draft' then return old; end if;
    raise exception 'an issued invoice is never deleted'
      using errcode = 'check_violation', constraint = 'issued_invoices_stand';
  end if;
  if tg_op = 'UPDATE' and old.status <> 'draft'
     and to_jsonb(new) - moving is distinct from to_jsonb(old) - moving then
    raise exception 'an issued invoice never changes'
      using errcode = 'check_violation', constraint = 'issued_invoices_stand';
  end if;
  if new.status <> 'draft' and (tg_op = 'INSERT' or old.status = 'draft') then
    select coalesce(sum(l.amount), 0) as amount, coalesce(sum(l.discount), 0) as discount,
           coalesce(sum(l.tax), 0) as tax
      into lines from public.invoice_lines l
     where l.org_id = new.org_id and l.invoice_id = new.id;
    if (lines.amount, lines.discount, lines.tax) <> (new.subtotal, new.discount, new.tax) then
      raise exception 'the lines of invoice % do not add up to it', new.id
        using errcode = 'check_violation', constraint = 'issued_lines_add_up';
    end if;
  end if;
  return new;
end $$
"""

PAYMENTS_STAND = """
create function system.payments_stand() returns trigger language plpgsql set search_path = '' as $$
declare
  moving constant text[] := array['status', 'version', 'updated_at'];
begin
  if tg_op = 'DELETE' or to_jsonb(new) - moving is distinct from to_jsonb(old) - moving then
    raise exception 'a payment never changes'
      using errcode = 'check_violation', constraint = 'payments_stand';
  end if;
  return new;
end $$
"""

POSTING_BALANCES = """
create or replace function system.posting_balances() returns trigger language plpgsql
set search_path = '' as $$
declare off record;
begin
  select e.currency, sum(e.amount) as amount into off from public.ledger_entries e
   where e.org_id = new.org_id and e.posting_id = new.posting_id
   group by e.currency having sum(e.amount) <> 0 limit 1;
  if found then
    raise exception 'posting % does not balance: % %', new.posting_id, off.amount, off.currency
      using errcode = 'check_violation', constraint = 'posting_balances';
  end if;
  return null;
end $$
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.add_column("invoices", sa.Column("discount_percent", sa.Numeric(7, 4)))
    op.add_column(
        "invoices",
        sa.Column("lines_revision", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
    )
    op.add_column("invoices", sa.Column("printed", postgresql.JSONB()))
    for name, condition in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_invoices_{name}"), "invoices", condition)
    op.create_index("ix_invoices_due_on", "invoices", ["org_id", "due_on", "id"])
    op.create_index("ix_payments_received_on", "payments", ["org_id", "received_on", "id"])
    op.execute("select system.write_triggers('invoices')")
    op.execute(INVOICES_STAND)
    op.execute("drop trigger issued_invoices_stand on invoices")
    op.execute(
        "create trigger issued_invoices_stand before insert or update or delete on invoices"
        " for each row execute function system.issued_invoices_stand()"
    )
    op.execute(PAYMENTS_STAND)
    op.execute(
        "create trigger payments_stand before update or delete on payments"
        " for each row execute function system.payments_stand()"
    )
    op.execute(POSTING_BALANCES)


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("drop trigger payments_stand on payments")
    op.execute("drop function system.payments_stand()")
    op.execute("drop trigger issued_invoices_stand on invoices")
    walls = context.script.get_revision("0003").module
    for statement in walls.split(walls.MONEY):
        if statement.startswith("create function") and "issued_lines_stand" not in statement:
            op.execute(statement.replace("create function", "create or replace function", 1))
    op.execute(
        "create trigger issued_invoices_stand before update on invoices"
        " for each row execute function system.issued_invoices_stand()"
    )
    op.drop_index("ix_payments_received_on", table_name="payments")
    op.drop_index("ix_invoices_due_on", table_name="invoices")
    for name in CHECKS:
        op.drop_constraint(op.f(f"ck_invoices_{name}"), "invoices", type_="check")
    for column in ("printed", "lines_revision", "discount_percent"):
        op.drop_column("invoices", column)
    op.execute("select system.write_triggers('invoices')")
