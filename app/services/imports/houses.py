"""Finding many addresses at once: each is looked up in the index.

A long `or` is taken for a scan as soon as the planner's figures are old, which they are while an
import is filling the table. So each way of finding is a query by an index of its own, and the records
are asked for by the ids that any of them finds.
"""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Select, Text, cast, func, select
from sqlalchemy.orm import InstrumentedAttribute

from app.models.sites import Site

House = tuple[str, str]
"""A postal code, and what the street begins with."""


def house(postal_code: str, street: str) -> House:
    """Where an address is looked for."""
    return postal_code, street.split(" ")[0]


def at(statement: Select[Any], houses: Collection[House]) -> Select[Any]:
    """`statement`, which selects from sites, at these houses only."""
    pairs = sorted(set(houses))
    wanted = (
        func.unnest(
            cast([code for code, _ in pairs], ARRAY(Text)),
            cast([number for _, number in pairs], ARRAY(Text)),
        )
        .table_valued("code", "house", name="wanted")
        .render_derived()
    )
    return statement.join(
        wanted, (Site.postal_code == wanted.c.code) & (Site.house == wanted.c.house)
    )


def having(
    id: InstrumentedAttribute[UUID], column: InstrumentedAttribute[Any], values: Collection[Any]
) -> list[Select[UUID]]:
    """The ids of the rows whose `column` holds one of `values`, as a query; none without values."""
    known = {value for value in values if value is not None}
    return [select(id).where(column.in_(known))] if known else []
