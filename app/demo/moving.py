"""The years before a company worked with Truckroll: brought over as they ended, not lived through.

What happened before `opened` is told as everything is (`living`), but only its outcome is kept: one
row as it stood when it was brought over. What comes after is a chronicle as ever, and goes on from
those rows.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.demo.chronicle import Act, Chronicle, Model
from app.models.invoices import Invoice, InvoiceStatus
from app.models.visits import Visit
from app.services.facts import Fact

Key = tuple[Model, UUID]
STEP = timedelta(microseconds=100)
"""Between two rows that are brought over, by their identifiers."""


@dataclass(slots=True)
class Brought:
    """Rows as they stood, and the facts that they are there now: at most one of each row."""

    at: datetime
    rows: dict[Model, list[tuple[UUID, dict[str, Any]]]]
    facts: list[tuple[Fact, Model, UUID, tuple[UUID, ...], dict[str, Any]]]


@dataclass
class Moved(Chronicle):
    """A chronicle that begins with what was brought over."""

    opened: datetime = field(kw_only=True)
    """What came before was not lived here."""
    at: datetime = field(kw_only=True)
    """When the next record is brought over."""
    living: dict[Key, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    """Versions and values of brought rows that something happens to afterwards."""
    _rows: dict[Key, dict[str, Any]] = field(default_factory=dict)
    _facts: list[tuple[Fact, Model, UUID, tuple[UUID, ...], dict[str, Any]]] = field(
        default_factory=list
    )
    _done: list[dict[Key, dict[str, Any]]] = field(default_factory=list)
    _told: int = 0

    def add(self, act: Act, model: Model, /, *, id: UUID | None = None, **values: Any) -> UUID:
        """A row comes into being; its id."""
        if act.at >= self.opened:
            return super().add(act, model, id=id, **values)
        self.at += STEP
        id = id or self.ids.at(self.at)
        self._rows[model, id] = values
        return id

    def change(self, act: Act, model: Model, id: UUID, /, **values: Any) -> None:
        """Columns of a row take other values."""
        if act.at >= self.opened:
            super().change(act, model, id, **values)
        else:
            self._rows[model, id].update(values)

    def remove(self, act: Act, model: Model, id: UUID) -> None:
        """A row goes."""
        if act.at >= self.opened:
            super().remove(act, model, id)
        else:
            del self._rows[model, id]

    def say(
        self, act: Act, fact: Fact, model: Model, id: UUID, *about: UUID | None, **data: Any
    ) -> None:
        """A fact about a row; of most that was brought over, that it is there."""
        if act.at >= self.opened:
            super().say(act, fact, model, id, *about, **data)
        elif fact.endswith(".created") and model is not Visit:
            subjects = tuple(dict.fromkeys((id, *(one for one in about if one is not None))))
            self._facts.append((fact, model, id, subjects, data))

    def next_record(self) -> None:
        """What was told until here belongs together: keep it if it lives on, and go on."""
        told = len(self.added) + len(self.changed) + len(self.removed) + len(self.said)
        if told > self._told:
            for key, values in self._rows.items():
                self.living[key] = (2 if issued(key[0], values) else 1, values)
        self._told = told
        self._done.append(self._rows)
        self._rows = {}

    def take(self) -> Brought:
        """What was brought over since the last time."""
        brought = Brought(self.at, {}, self._facts)
        for record in self._done:
            for (model, id), values in record.items():
                brought.rows.setdefault(model, []).append((id, values))
        self._done, self._facts = [], []
        return brought


def issued(model: Model, values: dict[str, Any]) -> bool:
    """Whether a row is an invoice that was issued: it gets its lines first, then its status."""
    return model is Invoice and values["status"] is not InvoiceStatus.draft
