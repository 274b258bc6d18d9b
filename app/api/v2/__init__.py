"""The internal API that our own clients use, one router per domain."""

from app.api.v2 import auth, customers, me, sites, stories

ROUTERS = (
    auth.router,
    me.router,
    customers.router,
    sites.router,
    stories.router,
)
