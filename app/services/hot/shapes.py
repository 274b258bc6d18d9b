"""What makes two questions the same statement, and its parameters."""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Uuid, bindparam

from app.core.listing import ListQuery
from app.models.permissions import RecordScope


def told(name: str, type_: Any = None) -> Any:
    """A parameter that each question gives a value."""
    return bindparam(name, type_=type_, required=False)


ORG, USER = told("org", Uuid()), told("user", Uuid())


class AnyViewer:
    """Whoever looks with this scope: organisation and person are parameters."""

    org_id = ORG
    user_id = USER

    def __init__(self, scope: RecordScope) -> None:
        self.sees_all = scope is RecordScope.all
        self.sees_team = scope.reach >= RecordScope.team.reach
        self.sees_territory = scope.reach >= RecordScope.territory.reach


SIZES = (1, 10, 50, 200)
"""How many rows a statement is written for: one for each number asked for would be hundreds."""


def size_for(limit: int) -> int:
    """The smallest of `SIZES` that holds `limit` rows."""
    return next(size for size in SIZES if size >= limit)


@dataclass(frozen=True)
class Shape:
    """What makes two questions the same statement."""

    model: type[Any]
    render: str
    scope: RecordScope
    query: type[ListQuery] | None = None
    """None: one record by its id."""
    given: frozenset[str] = frozenset()
    """Filters that were given a value, which is a parameter."""
    switches: frozenset[tuple[str, bool]] = frozenset()
    """Filters that are yes or no, which change the statement."""
    sort: str = ""
    after: bool = False
    """Whether it goes on behind a place in the list."""
    most: int = 1
    """Rows it looks at, at least as many as it is asked for: one of `SIZES`."""
    deleted: bool = False

    def within(self, scope: RecordScope) -> "Shape":
        """The same question of somebody who sees this far."""
        return self if scope is self.scope else replace(self, scope=scope)

    def asked(self) -> ListQuery:
        """The list's question, with a parameter for every value."""
        assert self.query is not None
        values: dict[str, Any] = dict(self.switches)
        values |= {name: told(f"given_{name}") for name in self.given}
        return self.query.model_construct(**values, sort=self.sort or None)
