"""Search over everything: a fragment of a phone or number, a name, an address.

Every word has to be found, in whatever order, folded of case and accents. What somebody's role does
not read is not searched, and with the scope `own` only what `ctx.get` would give them: inside the
query, so that a page never comes back short.
"""

import re
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, literal, select, union_all
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.dialects.postgresql import UUID as PG_UUID

from app.core.contacts import person_sort_name
from app.models.contacts import Contact
from app.models.customers import Customer
from app.models.equipment import Equipment
from app.models.invoices import Invoice
from app.models.permissions import Permission
from app.models.sites import Site
from app.models.technicians import Technician
from app.models.work_orders import WorkOrder
from app.services.context import Ctx

SEARCHED = {
    "customer": (Customer, Permission.customers_read),
    "contact": (Contact, Permission.contacts_read),
    "site": (Site, Permission.sites_read),
    "equipment": (Equipment, Permission.equipment_read),
    "work_order": (WorkOrder, Permission.work_orders_read),
    "invoice": (Invoice, Permission.invoices_read),
    "technician": (Technician, Permission.technicians_read),
}
"""What is found, and what one needs to read it."""

MOST_WORDS = 8
FEWEST_DIGITS = 3
MOST_OWN = 100_000
"""Records within one person's scope that are looked through: years of work, or whole territories."""
_PHONE = re.compile(r"^[\s\d()+./-]+$")
_WILD = str.maketrans({"\\": r"\\", "%": r"\%", "_": r"\_"})


@dataclass(frozen=True)
class Found:
    """A hit: which record, and what to show of it."""

    entity: str
    id: UUID
    title: str
    subtitle: str


def words_of(q: str) -> list[str]:
    """The query's words as LIKE patterns, folded, at most eight; wildcards mean themselves."""
    # the longest first: it is the one that the index narrows by
    folded = sorted(person_sort_name(q).split()[:MOST_WORDS], key=len, reverse=True)
    return [f"%{word.translate(_WILD)}%" for word in folded]


def digits_of(q: str) -> str:
    """The digits of a query that is a phone or a number, three at least; else nothing."""
    digits = re.sub(r"\D", "", q) if _PHONE.match(q) else ""
    return digits if len(digits) >= FEWEST_DIGITS else ""


async def search(ctx: Ctx, q: str, *, types: set[str] | None, limit: int) -> list[Found]:
    """What matches `q` best, at most `limit` (200), of the types one may read and asked for."""
    readable = [
        entity
        for entity, (_, permission) in SEARCHED.items()
        if ctx.may(permission) and (types is None or entity in types)
    ]
    words, digits = words_of(q), digits_of(q)
    if not readable or not (words or digits):
        return []
    only = None if ctx.sees_all else await _own(ctx, readable)
    found = func.system.find(
        literal(words, ARRAY(TEXT)),
        digits,
        literal(readable, ARRAY(TEXT)),
        literal(only, ARRAY(PG_UUID)),
        limit,
    ).table_valued("entity", "entity_id", "title", "subtitle", "rank")
    rows = await ctx.session.execute(
        select(found.c.entity, found.c.entity_id, found.c.title, found.c.subtitle)
    )
    return [Found(row.entity, row.entity_id, row.title, row.subtitle) for row in rows]


async def _own(ctx: Ctx, readable: list[str]) -> list[UUID]:
    """Ids of all records of these types that this person may see."""
    own = union_all(
        *(
            ctx.select(SEARCHED[entity][0]).with_only_columns(SEARCHED[entity][0].id)
            for entity in readable
        )
    )
    return list(await ctx.session.scalars(own.limit(MOST_OWN)))
