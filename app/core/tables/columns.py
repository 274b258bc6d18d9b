"""The columns of a table that is written: where each finds its value in a row, and what that means.

Pure. A row is what the API shows, as JSON: moments, days and decimals are texts in it, and an amount is
an integer of minor units beside its currency. In a table an amount is in major units, as people write
it: `189.00`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any

import orjson

from app.core.money import to_major
from app.core.tables.formulas import neutral

Path = tuple[str, ...]
LISTED = "; "
"""Stands between the texts of a list in one cell."""


class Kind(Enum):
    """What the values of a column are."""

    plain = "plain"
    """Whatever the row holds: a text, a number, yes or no, something with parts."""
    moment = "moment"
    day = "day"
    decimal = "decimal"
    amount = "amount"
    """Minor units; `currency` stands beside it."""
    names = "names"
    """A list of things that are called something, which is what is written of each."""


@dataclass(frozen=True)
class Column:
    """One column."""

    path: Path
    kind: Kind = Kind.plain
    called: Path = ("name",)
    """Where each of several has its name."""

    @property
    def heading(self) -> str:
        """A field within a field with a dot: `customer.name`."""
        return ".".join(self.path)

    def of(self, row: Any) -> Any:
        """The value in this row, as JSON has it; None where there is none. An amount is a Decimal."""
        within = row
        for name in self.path[:-1]:
            within = within.get(name) if isinstance(within, Mapping) else None
        value = within.get(self.path[-1]) if isinstance(within, Mapping) else None
        if self.kind is Kind.amount and value is not None and isinstance(within, Mapping):
            return to_major(value, within["currency"])
        if self.kind is Kind.names and value is not None:
            return [_found(one, self.called) for one in value]
        return value


def _found(within: Any, path: Path) -> Any:
    for name in path:
        within = within.get(name) if isinstance(within, Mapping) else None
    return within


def digits_of(amount: Decimal) -> int:
    """How many decimals an amount has."""
    exponent = amount.as_tuple().exponent
    assert isinstance(exponent, int)  # amounts are finite
    return -exponent


def cell(value: Any) -> str:
    """A value as the text of a cell, which no spreadsheet computes."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case list() if not any(isinstance(one, list | dict) for one in value):
            return neutral(LISTED.join("" if one is None else _listed(one) for one in value))
        case list() | dict():
            return orjson.dumps(value).decode()
        case str():
            return neutral(value)
        case Decimal():
            return f"{value:f}"
    return str(value)


def _listed(value: Any) -> str:
    """One of several in a cell: in quotes where it holds what would be read as two."""
    text = _bare(value)
    quoted = any(sign in text for sign in ',;|\n"')
    return '"' + text.replace('"', '""') + '"' if quoted else text


def _bare(value: Any) -> str:
    return value if isinstance(value, str) else cell(value)
