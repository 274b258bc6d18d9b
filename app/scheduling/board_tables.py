"""Tables that this process keeps warm, so that whoever has a customer on the phone does not wait for them.

What is always true: what is given out is exactly what was kept for this organisation, this day and this
number of its journal; never that of another organisation, and nothing older. There are never more days or
bytes than was said; those that were not asked for the longest go first. Nothing here knows a database or a
clock. This module and those it names load numpy: import them in the function that asks, not above it.

How it is used, by whoever answers "when could somebody come":

1. Read the number of the organisation's journal in the transaction that reads the board, then `ask` for
   the days with it. Nothing missing: search.
2. For a day that is missing, `before` tells what was kept for an older number. If nothing of that number's
   day has changed since (the journal says), `keep` the same table under the new number; if a few boards
   have, `table_days.changed(table, {resource id: board})` makes only their rows; else
   `table_days.tables` makes all days that are missing at once, which costs little more than one.
3. `keep` them, and `ask` again.

Boards go in with shadows placed (`slots.with_shadows`), or promised time is offered twice. A day that has
begun depends on the clock (`Resource.available_from`): make it anew each time with `table_days.table` and put
it beside the others with `tables.together`, do not keep it. A visit that is to be moved is taken off its own
board for the question: `changed` with that board without it, which is not kept either. Whoever sees only some
people has tables of their own, not kept here.
"""

from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date

from app.scheduling.tables import Table, together

MOST_DAYS = 600
MOST_BYTES = 64 << 20
MOST_STRETCHES = 8
"""Tables of several days that are kept put together."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A day's table, and the number of the journal that it is true for."""

    number: int
    table: Table


class BoardTables:
    """Days' tables by organisation."""

    def __init__(self, most_days: int = MOST_DAYS, most_bytes: int = MOST_BYTES) -> None:
        self.most_days, self.most_bytes = most_days, most_bytes
        self.bytes = 0
        """Of all days that are kept, without their boards."""
        self._days: OrderedDict[tuple[Hashable, date], Kept] = OrderedDict()
        self._stretches: OrderedDict[tuple[Hashable, tuple[date, ...]], Table] = OrderedDict()

    def __len__(self) -> int:
        return len(self._days)

    def ask(
        self, organisation: Hashable, days: Sequence[date], number: int
    ) -> tuple[Table | None, list[date]]:
        """The days as one table, or which of them are missing."""
        found: list[Table] = []
        missing: list[date] = []
        for day in days:
            kept = self.before(organisation, day)
            if kept is None or kept.number != number:
                missing.append(day)
            else:
                found.append(kept.table)
        if missing or not found:
            return None, missing
        return self._together(organisation, tuple(days), tuple(found)), []

    def before(self, organisation: Hashable, day: date) -> Kept | None:
        """What is kept of a day, for whichever number."""
        kept = self._days.get((organisation, day))
        if kept is not None:
            self._days.move_to_end((organisation, day))
        return kept

    def keep(self, organisation: Hashable, day: date, number: int, table: Table) -> None:
        """Keep a day's table, in the place of what was kept of that day; one for an older number than that
        is not kept."""
        key = organisation, day
        old = self._days.get(key)
        if old is not None and old.number > number:
            return
        self.bytes += table.bytes - (old.table.bytes if old is not None else 0)
        self._days[key] = Kept(number, table)
        self._days.move_to_end(key)
        while len(self._days) > self.most_days or self.bytes > self.most_bytes:
            _, gone = self._days.popitem(last=False)
            self.bytes -= gone.table.bytes

    def forget(self, organisation: Hashable) -> None:
        """Let go of everything of an organisation."""
        for key in [one for one in self._days if one[0] == organisation]:
            self.bytes -= self._days.pop(key).table.bytes
        for stretch in [one for one in self._stretches if one[0] == organisation]:
            del self._stretches[stretch]

    def _together(
        self, organisation: Hashable, days: tuple[date, ...], parts: tuple[Table, ...]
    ) -> Table:
        key = organisation, days
        found = self._stretches.get(key)
        if found is None or any(a is not b for a, b in zip(found.parts, parts, strict=True)):
            found = self._stretches[key] = together(parts)
        self._stretches.move_to_end(key)
        while len(self._stretches) > MOST_STRETCHES:
            self._stretches.popitem(last=False)
        return found
