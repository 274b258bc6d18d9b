"""Parts of one visit, call-backs of a work order, and what a client is shown of them and of locks."""

import sqlalchemy as sa
from alembic import op

revision = "0460"
down_revision = "0530"
branch_labels = None
depends_on = None

PLANNED = "tentative scheduled dispatched"
MOVES = {
    "move": ("dispatch:write", PLANNED),
    "resize": ("dispatch:write", PLANNED),
    "assign": ("dispatch:write", PLANNED),
    "swap": ("dispatch:write", PLANNED),
    "split": ("dispatch:write", f"unscheduled {PLANNED}"),
    "day-parts": ("dispatch:write", f"unscheduled {PLANNED}"),
    "lock": ("dispatch:write", PLANNED),
    "unlock": ("dispatch:write", PLANNED),
    "extend": ("visits:execute", "en_route on_site working paused"),
}
LAST = "        ('visit', 'completed', 'reopen', 'visits:reopen')"
ROWS = ",\n".join(
    [
        LAST,
        *(
            f"        ('visit', '{status}', '{verb}', '{permission}')"
            for verb, (permission, statuses) in MOVES.items()
            for status in statuses.split()
        ),
    ]
)
OPEN_MOVES = ("system.open_moves", LAST, ROWS)

VISIT_ENDS = "system.iso(v.finished_at) as finished_at,"
VISIT_LINKS = """
              system.iso(v.expected_end) as expected_end, v.lock, v.follows_id,
              (select n.id from public.visits n
                where n.org_id = p_org and n.follows_id = v.id) as followed_by_id,"""
VISITS = ("system.visits_json", VISIT_ENDS, VISIT_ENDS + VISIT_LINKS)

ORDER_VISITS = "order by v.created_at, v.id) v)) as visits) a"
ORDER_LINKS = """order by v.created_at, v.id) v)) as visits,
              (select row_to_json(x) from (
                select r.id, r.number from public.work_orders r
                 where r.org_id = p_org and r.id = w.call_back_of_id) x) as call_back_of,
              array_to_json(array(select row_to_json(x) from (
                select r.id, r.number, r.status from public.work_orders r
                 where r.org_id = p_org and r.call_back_of_id = w.id and r.deleted_at is null
                 order by r.created_at, r.id) x)) as call_backs) a"""
WORK_ORDERS = ("system.work_orders_json", ORDER_VISITS, ORDER_LINKS)

LINKS = (("visits", "follows_id"), ("work_orders", "call_back_of_id"))


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    for table, column in LINKS:
        op.add_column(table, sa.Column(column, sa.Uuid()))
        # checking a key reads the table, which no policy lets anybody do without an organisation
        op.execute(f"alter table {table} no force row level security")
        op.create_foreign_key(
            op.f(f"fk_{table}_org_id_{column}"),
            table,
            table,
            ["org_id", column],
            ["org_id", "id"],
        )
        op.execute(f"alter table {table} force row level security")
    op.create_index(
        "uq_visits_follows_id",
        "visits",
        ["org_id", "follows_id"],
        unique=True,
        postgresql_where=sa.text("follows_id is not null"),
    )
    op.create_index(
        "ix_work_orders_call_back_of_id",
        "work_orders",
        ["org_id", "call_back_of_id"],
        postgresql_where=sa.text("call_back_of_id is not null"),
    )
    for table, _ in LINKS:
        op.execute(f"select system.write_triggers('{table}')")
    for function, old, new in (OPEN_MOVES, VISITS, WORK_ORDERS):
        _replace(function, old, new)


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    for function, old, new in (OPEN_MOVES, VISITS, WORK_ORDERS):
        _replace(function, new, old)
    op.drop_index("ix_work_orders_call_back_of_id", table_name="work_orders")
    op.drop_index("uq_visits_follows_id", table_name="visits")
    for table, column in LINKS:
        op.drop_column(table, column)
        op.execute(f"select system.write_triggers('{table}')")


def _replace(function: str, old: str, new: str) -> None:
    """Write a function anew with a part of it replaced; it is an error when that is not there."""
    op.execute(
        f"""
        do $write$
        declare was text := pg_get_functiondef('{function}'::regproc);
        begin
          if position($old${old}$old$ in was) = 0 then
            raise exception 'There is no such part of {function}.';
          end if;
          execute replace(was, $old${old}$old$, $new${new}$new$);
        end $write$
        """
    )
