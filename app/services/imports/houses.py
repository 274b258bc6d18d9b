"""Finding the records that many rows may share something with: one table and one column at a time.

A join, or a long `or`, is planned badly as soon as the planner's figures are old, which they are while
an import is filling the table; a list of values in one column is looked up in its index, or at worst
read past once. So ids are gathered first, each way by itself, and the records are asked for by them.
"""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from app.models.sites import Site
from app.services.context import Ctx

House = tuple[str, str]
"""A postal code, and what the street begins with."""
MOST = 20_000
"""Records that the rows of one batch can share something with, in one way."""


def house(postal_code: str, street: str) -> House:
    """Where an address is looked for."""
    return postal_code, street.split(" ")[0]


async def sites_at(ctx: Ctx, houses: Collection[House], *, deleted: bool = False) -> set[UUID]:
    """The sites at these houses."""
    if not houses:
        return set()
    pairs = set(houses)
    found = select(Site.id, Site.postal_code, Site.house).where(
        Site.postal_code.in_({code for code, _ in pairs}),
        Site.house.in_({number for _, number in pairs}),
    )
    if not deleted:
        found = found.where(Site.deleted_at.is_(None))
    rows = await ctx.session.execute(found.limit(MOST))
    return {id for id, code, number in rows if (code, number) in pairs}


async def having(
    ctx: Ctx,
    id: InstrumentedAttribute[UUID],
    column: InstrumentedAttribute[Any],
    values: Collection[Any],
) -> set[UUID]:
    """The ids (or what `id` names) of the rows whose `column` holds one of `values`."""
    known = {value for value in values if value is not None}
    if not known:
        return set()
    return set(await ctx.session.scalars(select(id).where(column.in_(known)).limit(MOST)))
