"""Search over everything: a fragment of a phone or number, a name, an address.

Every word has to be found, in whatever order, folded of case and accents. When nothing has them all,
what has words like them is found: a letter too many, too few, another one, or two the wrong way
round; two of these in a word of six letters and more. What somebody's role does
not read is not searched, and with the scope `own` only what `ctx.get` would give them: inside the
query, so that a page never comes back short.
"""

import re
from dataclasses import dataclass
from uuid import UUID

from rapidfuzz.distance import OSA
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
MOST_ALIKE = 200
SHORTEST_MISSPELT, LONG = 4, 6
"""Letters of a word that may have a mistake, and of one that may have two."""
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
    hits = [Found(row.entity, row.entity_id, row.title, row.subtitle) for row in rows]
    if hits or digits:
        return hits
    return (
        await _alike(ctx, re.findall(r"\w+", person_sort_name(q))[:MOST_WORDS], readable, only)
    )[:limit]


async def _alike(
    ctx: Ctx, words: list[str], readable: list[str], only: list[UUID] | None
) -> list[Found]:
    """What has words like these, the likest first: the index proposes, the distance decides."""
    longest = max((word for word in words if _may_be_misspelt(word)), key=len, default=None)
    if longest is None:
        return []
    await ctx.session.execute(
        select(func.set_config("pg_trgm.word_similarity_threshold", "0.3", True))
    )
    found = func.system.find_alike(
        longest,
        literal(readable, ARRAY(TEXT)),
        literal(only, ARRAY(PG_UUID)),
        MOST_ALIKE,
    ).table_valued("entity", "entity_id", "title", "subtitle", "words")
    near: list[tuple[int, int, Found]] = []
    for row in await ctx.session.execute(select(found)):
        there = re.findall(r"\w+", row.words)
        far = [_distance(word, row.words, there) for word in words]
        if None not in far:
            hit = Found(row.entity, row.entity_id, row.title, row.subtitle)
            near.append((sum(one or 0 for one in far), len(near), hit))
    return [hit for _, _, hit in sorted(near, key=lambda one: one[:2])]


def _may_be_misspelt(word: str) -> bool:
    return len(word) >= SHORTEST_MISSPELT and word.isalpha()


def _distance(word: str, text: str, there: list[str]) -> int | None:
    """How many mistakes lead from the word to one that is there; None when it is another word."""
    if word in text:
        return 0
    if not _may_be_misspelt(word):
        return None
    most = 1 if len(word) < LONG else 2
    far = min((OSA.distance(word, one, score_cutoff=most) for one in there), default=most + 1)
    return far if far <= most else None


async def _own(ctx: Ctx, readable: list[str]) -> list[UUID]:
    """Ids of all records of these types that this person may see."""
    own = union_all(
        *(
            ctx.select(SEARCHED[entity][0]).with_only_columns(SEARCHED[entity][0].id)
            for entity in readable
        )
    )
    return list(await ctx.session.scalars(own.limit(MOST_OWN)))
