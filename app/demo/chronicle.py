"""The chronicle: everything that happened to a demo company, told in any order, written in order.

Each thing has its moment and its actor. What is told of a moment that has not come yet has not
happened: a life is told whole, and ends where the present is (`writing` puts it into the tables).
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from app.core.model import TenantModel
from app.demo.ids import Ids
from app.services.facts import Fact

Model = type[TenantModel]


class Act(NamedTuple):
    """One thing somebody did: when, who, and in which request."""

    at: datetime
    actor_id: UUID | None
    request_id: str


@dataclass(slots=True)
class Change:
    """A row that came, took other values or went. When it is written, `values` is all of it."""

    act: Act
    model: Model
    id: UUID
    values: dict[str, Any]


@dataclass(slots=True)
class Said:
    """A fact about a row."""

    act: Act
    fact: Fact
    model: Model
    id: UUID
    about: tuple[UUID, ...]
    data: dict[str, Any]


@dataclass
class Chronicle:
    """What happened until `until`."""

    ids: Ids
    until: datetime
    added: list[Change] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    removed: list[Change] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    _requests: int = 0

    def act(self, at: datetime, actor_id: UUID | None) -> Act:
        """Somebody does something at a moment."""
        self._requests += 1
        return Act(at, actor_id, f"demo-{self._requests}")

    def add(self, act: Act, model: Model, /, *, id: UUID | None = None, **values: Any) -> UUID:
        """A row comes into being; its id."""
        id = id or self.ids.at(act.at)
        if act.at <= self.until:
            self.added.append(Change(act, model, id, values))
        return id

    def change(self, act: Act, model: Model, id: UUID, /, **values: Any) -> None:
        """Columns of a row take other values."""
        if act.at <= self.until:
            self.changed.append(Change(act, model, id, values))

    def remove(self, act: Act, model: Model, id: UUID) -> None:
        """A row goes."""
        if act.at <= self.until:
            self.removed.append(Change(act, model, id, {}))

    def say(
        self, act: Act, fact: Fact, model: Model, id: UUID, *about: UUID | None, **data: Any
    ) -> None:
        """A fact about a row, with what `facts.emit` would be given."""
        if act.at <= self.until:
            subjects = tuple(one for one in about if one is not None)
            self.said.append(Said(act, fact, model, id, subjects, data))
