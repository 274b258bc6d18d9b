"""The internal API that our own clients use, one router per domain."""

from app.api.v2 import (
    auth,
    checklist_items,
    customers,
    invoices,
    job_types,
    jobs,
    me,
    memberships,
    notes,
    organisation,
    payments,
    search,
    sites,
    skills,
    stories,
    technicians,
    visits,
    work_order_moves,
    work_orders,
)

ROUTERS = (
    auth.router,
    me.router,
    memberships.router,
    memberships.roles_router,
    customers.router,
    sites.router,
    job_types.router,
    skills.router,
    technicians.router,
    organisation.router,
    notes.router,
    work_orders.router,
    work_order_moves.router,
    checklist_items.router,
    invoices.on_work_orders,
    invoices.router,
    payments.router,
    visits.router,
<<<<<<< HEAD
    jobs.router,
=======
    search.router,
>>>>>>> 0a9717f (Search through the index whatever the number of words)
    stories.router,
)
