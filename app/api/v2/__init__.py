"""The internal API that our own clients use, one router per domain."""

from app.api.v2 import auth, customers, me, stories

ROUTERS = (
    auth.router,
    me.router,
    customers.router,
    stories.router,
)
