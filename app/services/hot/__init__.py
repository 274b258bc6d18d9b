"""Hot reads: what is polled, answered by PostgreSQL as JSON (`rulings.md` 5); the create of a
customer, and batches of positions.

Everything here answers what the route of the same name answers, byte for byte, and only when all is
well: whatever is refused, missing or unusual is left to the route itself, which knows how to say it.
"""

from app.services.hot.adding import add_customer
from app.services.hot.reading import Answer, Caller, find, one, page
from app.services.hot.registry import LISTS, ONES, HotList, HotOne
from app.services.hot.taking import Pool, Taken, take_pings
from app.services.hot.whereabouts import whereabouts

__all__ = [
    "LISTS",
    "ONES",
    "Answer",
    "Caller",
    "HotList",
    "HotOne",
    "Pool",
    "Taken",
    "add_customer",
    "find",
    "one",
    "page",
    "take_pings",
    "whereabouts",
]
