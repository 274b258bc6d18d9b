"""A filter that was read: typed conditions and how they hang together."""

from dataclasses import dataclass
from typing import Any

from app.core.filters.fields import FilterField, Op


@dataclass(frozen=True)
class Span:
    """A value with an extent, such as a day of instants: from `low` to before `high`.

    Without `high` it is a point.
    """

    low: Any
    high: Any = None


@dataclass(frozen=True)
class Leaf:
    """One condition; the spans are what the operator takes."""

    name: str
    field: FilterField
    op: Op
    values: tuple[Span, ...] = ()
    empty: bool = True
    """Of `is_null`: whether it is to be null."""


@dataclass(frozen=True)
class Not:
    inner: "Node"


@dataclass(frozen=True)
class And:
    all: "tuple[Node, ...]"


@dataclass(frozen=True)
class Or:
    any: "tuple[Node, ...]"


Node = Leaf | Not | And | Or
