"""What a person may do, as `resource:action`; roles are sets of these with a record scope.

Permissions are plain values: a route names one in its signature, a transition names one in its
table, and lists narrow by the scope of the role through `visible_to`.
"""

from enum import StrEnum


class Permission(StrEnum):
    customers_read = "customers:read"
    customers_write = "customers:write"
    customers_import = "customers:import"
    customers_hold = "customers:hold"
    contacts_read = "contacts:read"
    contacts_write = "contacts:write"
    sites_read = "sites:read"
    sites_write = "sites:write"
    sites_access_codes = "sites:access-codes"
    equipment_read = "equipment:read"
    equipment_write = "equipment:write"
    tags_read = "tags:read"
    tags_write = "tags:write"
    job_types_read = "job-types:read"
    job_types_write = "job-types:write"
    technicians_read = "technicians:read"
    technicians_write = "technicians:write"
    work_orders_read = "work-orders:read"
    work_orders_write = "work-orders:write"
    work_orders_approve = "work-orders:approve"
    visits_read = "visits:read"
    dispatch_write = "dispatch:write"
    dispatch_override = "dispatch:override"
    capacity_reserve = "capacity:reserve"
    credit_override = "credit:override"
    visits_execute = "visits:execute"
    visits_reopen = "visits:reopen"
    notes_read = "notes:read"
    notes_write = "notes:write"
    invoices_read = "invoices:read"
    invoices_write = "invoices:write"
    invoices_issue = "invoices:issue"
    invoices_void = "invoices:void"
    prices_costs = "prices:costs"
    payments_read = "payments:read"
    payments_write = "payments:write"
    files_read = "files:read"
    files_write = "files:write"
    search_read = "search:read"
    bulk_write = "bulk:write"
    exports_write = "exports:write"
    saved_views_read = "saved-views:read"
    saved_views_write = "saved-views:write"
    saved_views_share = "saved-views:share"
    journal_read = "journal:read"
    members_read = "members:read"
    members_write = "members:write"
    members_audit = "members:audit"
    employees_read = "employees:read"
    employees_write = "employees:write"
    employees_pay = "employees:pay"
    organisation_read = "organisation:read"
    organisation_write = "organisation:write"
    organisation_archive = "organisation:archive"
    mails_read = "mails:read"
    jobs_read = "jobs:read"
    jobs_write = "jobs:write"
    time_off_read = "time-off:read"
    time_off_write = "time-off:write"
    time_off_approve = "time-off:approve"
    positions_read = "positions:read"
    positions_write = "positions:write"


class RecordScope(StrEnum):
    """Which records a role reaches, from the narrowest to the widest."""

    own = "own"
    team = "team"
    territory = "territory"
    all = "all"

    @property
    def reach(self) -> int:
        """Its place among the scopes: a wider one has a higher number."""
        return list(RecordScope).index(self)

    @property
    def spoken(self) -> str:
        """What somebody with this scope sees, for sentences."""
        return {
            "own": "only their own work",
            "team": "the work of their team",
            "territory": "their territories and the work of their team",
            "all": "everything",
        }[self.value]


P = Permission
_READ = {p for p in P if p.value.endswith(":read")} - {
    P.jobs_read,
    P.journal_read,
    P.employees_read,
    P.positions_read,
}
_OFFICE = _READ | {
    P.bulk_write,
    P.exports_write,
    P.saved_views_write,
    P.saved_views_share,
    P.customers_write,
    P.contacts_write,
    P.sites_write,
    P.equipment_write,
    P.tags_write,
    P.work_orders_write,
    P.notes_write,
    P.files_write,
    P.journal_read,
}
_DISPATCH = _OFFICE | {
    P.customers_import,
    P.sites_access_codes,
    P.dispatch_write,
    P.visits_execute,
    P.visits_reopen,
    P.technicians_write,
    P.time_off_write,
    P.time_off_approve,
    P.positions_read,
    P.positions_write,
}
_MONEY = {
    P.invoices_write,
    P.invoices_issue,
    P.invoices_void,
    P.payments_write,
    P.prices_costs,
}
_MANAGER = (
    _DISPATCH
    | _MONEY
    | {
        P.dispatch_override,
        P.capacity_reserve,
        P.credit_override,
        P.customers_hold,
        P.work_orders_approve,
        P.job_types_write,
        P.employees_read,
        P.employees_write,
        P.jobs_read,
    }
)

SYSTEM_ROLES: dict[str, tuple[int, RecordScope, frozenset[Permission]]] = {
    # name: (level, scope, permissions); nobody grants a role of a level above their own
    "owner": (100, RecordScope.all, frozenset(P)),
    "admin": (90, RecordScope.all, frozenset(P) - {P.organisation_archive}),
    "manager": (70, RecordScope.all, frozenset(_MANAGER)),
    "dispatcher": (50, RecordScope.all, frozenset(_DISPATCH)),
    "accountant": (
        50,
        RecordScope.all,
        frozenset(
            _READ
            | _MONEY
            | {
                P.bulk_write,
                P.exports_write,
                P.saved_views_write,
                P.saved_views_share,
                P.notes_write,
                P.files_write,
                P.customers_hold,
                P.work_orders_approve,
                P.journal_read,
            }
        ),
    ),
    "technician": (
        20,
        RecordScope.own,
        frozenset(
            {
                P.customers_read,
                P.contacts_read,
                P.sites_read,
                P.equipment_read,
                P.tags_read,
                P.job_types_read,
                P.technicians_read,
                P.work_orders_read,
                P.visits_read,
                P.visits_execute,
                P.notes_read,
                P.notes_write,
                P.files_read,
                P.files_write,
                P.search_read,
                P.saved_views_read,
                P.saved_views_write,
                P.organisation_read,
                P.time_off_read,
                P.time_off_write,
                P.positions_read,
                P.positions_write,
            }
        ),
    ),
    "viewer": (10, RecordScope.all, frozenset(_READ | {P.saved_views_write})),
}
