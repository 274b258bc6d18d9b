"""What the rows of a command were before it, from the entries of the journal. Pure.

A command may have written one row several times; what counts is the first value before and the last
value after. A row that it made and removed itself was never there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import inspect
from sqlalchemy.dialects.postgresql import TSTZRANGE, Range
from sqlalchemy.types import TypeEngine

from app.core.model import TenantModel
from app.services.dispatching.commands_journal import Entry


@dataclass
class Row:
    """One row as a command found and left it."""

    entity: str
    id: UUID
    was_there: bool
    is_there: bool
    before: dict[str, Any] = field(default_factory=dict)
    """The columns that it changed, as they were; of a row that was removed all that held something."""
    after: dict[str, Any] = field(default_factory=dict)

    @property
    def made(self) -> bool:
        """The command made it, and it is still there."""
        return self.is_there and not self.was_there

    @property
    def removed(self) -> bool:
        return self.was_there and not self.is_there

    @property
    def changed(self) -> bool:
        return self.was_there and self.is_there


def rows_of(entries: Iterable[Entry]) -> list[Row]:
    """The rows that these entries changed, in the order in which they were first touched."""
    found: dict[tuple[str, UUID], Row] = {}
    for entry in entries:
        if entry.is_fact:
            continue
        made = entry.action == "created"
        row = found.setdefault(
            (entry.entity, entry.entity_id), Row(entry.entity, entry.entity_id, not made, True)
        )
        row.is_there = entry.action != "deleted"
        for name, values in entry.changes.items():
            if isinstance(
                values, list
            ):  # a secret is not in the journal; nothing on the board is one
                row.before.setdefault(name, values[0])
                row.after[name] = values[1]
    return [row for row in found.values() if row.was_there or row.is_there]


def read(model: type[TenantModel], held: Mapping[str, Any]) -> dict[str, Any]:
    """The values of columns from the JSON that the journal keeps of them; what is no column of the
    table any more is left out."""
    columns = inspect(model).columns
    return {
        name: _read(columns[name].type, value)
        for name, value in held.items()
        if name in columns and columns[name].computed is None
    }


def _read(type_: TypeEngine[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(type_, TSTZRANGE):
        return read_range(value)
    kind = type_.python_type
    if kind in (datetime, date, time):
        return kind.fromisoformat(value)
    if kind is Decimal:
        return Decimal(str(value))
    return UUID(value) if kind is UUID else value


def read_range(said: str) -> Range[datetime]:
    """A stretch of time as PostgreSQL writes it: `["2026-11-23 16:00:00+00","…")`."""
    lower, upper = said[1:-1].split(",")
    return Range(
        datetime.fromisoformat(lower.strip('"')),
        datetime.fromisoformat(upper.strip('"')),
        bounds="[)",
    )
