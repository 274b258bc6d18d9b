"""From cells to meaning: one row of a file as its kind understands it, or what is wrong with it.

Nothing here reads the database. A key that stands in the file twice is refused the second time.
"""

from dataclasses import dataclass

from app.core import clock
from app.core.tables import Row, RowError, restored
from app.services.context import Ctx
from app.services.imports.kinds.base import Issue, Kind, Reading, Settings, Taken
from app.services.imports.kinds.values import tags
from app.services.imports.mapping import Mapping


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row that somebody said is not to be taken: nobody looks at what it says."""

    line: int


Meaning = tuple[int, Taken | list[Issue] | LeftOut]
"""A row's number, and what it means."""


async def read_settings(ctx: Ctx) -> Settings:
    """What the organisation writes without saying it; once for a run."""
    organisation = await ctx.organisation()
    return Settings(
        country=organisation.country,
        currency=organisation.currency,
        time_zone=organisation.time_zone,
        today=clock.today(organisation.time_zone),
    )


class Rows:
    """Reads the rows of one file; remembers in which row each key stood first."""

    def __init__(self, kind: Kind, mapping: Mapping, key: str, settings: Settings) -> None:
        self._kind = kind
        self._mapping = mapping
        self._key = kind.key(key)
        self._settings = settings
        self._first: dict[str, int] = {}
        self._columns = {read_as: head for head, read_as in mapping.targets.items() if read_as}

    async def read(self, row: Row | RowError) -> Taken | list[Issue]:
        """The row as its kind understands it, or everything that is wrong with it."""
        if isinstance(row, RowError):
            return [Issue(row.number, row.line, row.column, row.code, row.reason)]
        reading = Reading(row.number, row.line, self._mapping.targets, ours=self._mapping.is_ours)
        cells = {heading: restored(cell) for heading, cell in row.cells.items()}
        values = self._kind.prepare(self._mapping.apply(cells))
        given = {name: value for name, value in values.items() if value}
        record, beside = await self._kind.understand(given, reading, self._settings)
        with reading.of("tags"):
            if (words := given.get("tags")) is not None:
                beside["tags"] = tags(words)
        if reading.issues:
            return reading.issues
        key = self._kind.key_of(self._key, record, beside) if self._key is not None else None
        if self._key is not None and key is not None:
            first = self._first.setdefault(key, row.number)
            if first != row.number:
                reason = f"“{key}” stands in row {first} already. Keep one of the two rows."
                reading.refuse("key_twice", reason, *self._key.targets)
                return reading.issues
        return Taken(row.number, row.line, key, record, beside, self._columns)
