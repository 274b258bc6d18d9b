"""The internal API that our own clients use, one router per domain."""

from app.api.v2 import auth, customers, me, memberships, sites, stories

ROUTERS = (
    auth.router,
    me.router,
    memberships.router,
    memberships.roles_router,
    customers.router,
    sites.router,
    stories.router,
)
