"""The registry of hot reads, by operation: which function signs in and reads, and what renders a page.

The functions are in migrations, the latest of each name counts. Each names its organisation beside every table, so that it holds
without row-level security, and is the caller's own (SECURITY INVOKER), so that row-level security
holds without it. `tests/isolation/test_hot_reads.py` takes one wall away at a time.
"""

from dataclasses import dataclass
from typing import Any

from app.core.listing import ListQuery
from app.models.customers import Customer
from app.models.permissions import Permission
from app.models.visits import Visit
from app.models.work_orders import WorkOrder
from app.services.customers import CustomerQuery
from app.services.visits.lists import VisitQuery
from app.services.work_orders import WorkOrderQuery


@dataclass(frozen=True)
class HotOne:
    """One record. `sql` is the whole read of somebody who sees everything."""

    model: type[Any]
    permission: Permission
    sql: str
    render: str
    """The function of `system` that writes rows of this model as JSON."""


@dataclass(frozen=True)
class HotList:
    """A list of records."""

    model: type[Any]
    permission: Permission
    query: type[ListQuery]
    render: str


def _one(name: str) -> str:
    return f"select state, org_id, user_id, body from identity.read_{name}($1, $2, $3, $4, $5, $6)"  # noqa: S608


ONES = {
    "get_customer": HotOne(Customer, Permission.customers_read, _one("customer"), "customers_json"),
    "get_work_order": HotOne(
        WorkOrder, Permission.work_orders_read, _one("work_order"), "work_orders_json"
    ),
    "get_visit": HotOne(Visit, Permission.visits_read, _one("visit"), "visits_json"),
}
LISTS = {
    "list_customers": HotList(Customer, Permission.customers_read, CustomerQuery, "customers_json"),
    "list_work_orders": HotList(
        WorkOrder, Permission.work_orders_read, WorkOrderQuery, "work_orders_json"
    ),
    "list_visits": HotList(Visit, Permission.visits_read, VisitQuery, "visits_json"),
}

FIND = (
    "select state, org_id, user_id, body"
    " from identity.find($1, $2, $3, $4, $5, $6::text[], $7, $8::text[], $9)"
)
"""Search, of somebody who sees everything."""

ENTER = (
    "select state, org_id, user_id, role_name, record_scope, permissions"
    " from identity.enter($1, $2, $3, $4, $5, null)"
)
"""Signs in and scopes the transaction, for statements that are built."""

_EACH = ", ".join(f"${n}" for n in range(1, 27))
ADD_CUSTOMER = f"select state, org_id, user_id, body from identity.create_customer({_EACH})"  # noqa: S608
"""Signs in, and tells whom a new customer may resemble. When there is nobody, or whom they resemble is
said already, it adds them, tells it and keeps the reply (migrations 0287 and 0372)."""

TELL_POSITIONS = "select * from system.tell_positions($1, $2, $3, $4)"
"""Where technicians are, with their marks and whoever has looked (migrations 0380, 0382)."""
TAKE_PINGS = (
    "select state, org_id, user_id, kept, news from identity.take_pings("
    "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"
)
"""Signs in and keeps a batch of positions of somebody whose plan is known (migration 0381)."""
