"""Windows over many gaps at once: which the task may begin in, which gaps have room in them, and whether
they still hold as much.

What is always true: a gap stands once for each window in which it has room, window after window.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from app.scheduling.arrays import Bools, Ints, np
from app.scheduling.capacity import Cell
from app.scheduling.model import Interval
from app.scheduling.slots import SPARE
from app.scheduling.spans import NEVER, Spans
from app.scheduling.tables import Table


class Windows(tuple[Interval, ...]):
    """Windows that are asked for again and again: their columns are made once."""

    @cached_property
    def starts(self) -> Ints:
        return np.array([one.start for one in self], np.int64)

    @cached_property
    def ends(self) -> Ints:
        return np.array([one.end for one in self], np.int64)

    @cached_property
    def wide(self) -> Bools:
        """Which of them are more than a moment."""
        found: Bools = self.ends - self.starts >= SPARE
        return found

    @cached_property
    def _latest(self) -> tuple[Ints, Ints]:
        """When they begin, in order, and when all that began by then are over; before the first, never."""
        order = self.starts.argsort()
        latest = np.full(len(self) + 1, -NEVER)
        np.maximum.accumulate(self.ends[order], out=latest[1:])
        return self.starts[order], latest

    def meeting(self, since: Ints, until: Ints) -> Bools:
        """Which of these stretches, both ends included, meet a window."""
        starts, latest = self._latest
        found: Bools = latest[starts.searchsorted(until, side="right")] >= since
        return found


@dataclass(frozen=True, slots=True)
class Met:
    """Gaps that have room in a window."""

    row: Ints
    start: Ints
    until: Ints
    """The last beginning in this window; `high` in the gap, whatever the window."""
    high: Ints
    detour: Ints
    length: Ints
    begins: Ints
    """Where each window's begin."""
    windows: Ints
    """Their numbers; one may come more than once."""

    @property
    def widths(self) -> Ints:
        """How many gaps each window has."""
        return _widths(self.begins, len(self.row))

    def kept(self, keep: Bools) -> "Met":
        """Without some gaps."""
        left = np.add.reduceat(keep, self.begins, dtype=np.int64)
        some = left > 0
        counts = left[some]
        return Met(
            self.row[keep],
            self.start[keep],
            self.until[keep],
            self.high[keep],
            self.detour[keep],
            self.length[keep],
            counts.cumsum() - counts,
            self.windows[some],
        )


def _widths(begins: Ints, end: int) -> Ints:
    """How many there are from each beginning to the next, or to the end."""
    found = np.empty(len(begins), np.int64)
    np.subtract(begins[1:], begins[:-1], out=found[:-1])
    found[-1] = end - begins[-1]
    return found


def joined(met: Sequence[Met]) -> Met:
    """All of them, one behind the other."""
    if len(met) == 1:
        return met[0]
    begins, before = [], 0
    for one in met:
        begins.append(one.begins + before)
        before += len(one.row)
    return Met(
        np.concatenate([one.row for one in met]),
        np.concatenate([one.start for one in met]),
        np.concatenate([one.until for one in met]),
        np.concatenate([one.high for one in met]),
        np.concatenate([one.detour for one in met]),
        np.concatenate([one.length for one in met]),
        np.concatenate(begins),
        np.concatenate([one.windows for one in met]),
    )


@dataclass(frozen=True, slots=True)
class Offered:
    """By place and day: windows as far as a task may begin in them. Made by `offered`."""

    most: Ints
    """How many each day has."""
    low: Ints
    high: Ints
    last: Ints
    """The last beginning were it not for the window."""
    windows: Ints
    """Their numbers."""

    def meeting(
        self, table: Table, row: Ints, low: Ints, high: Ints, detour: Ints, length: int
    ) -> Met | None:
        """Where rows meet windows, with a task that begins from `low` to `high`."""
        count = len(row)
        firsts = row.searchsorted(table.days[0])
        day = np.arange(len(firsts)).repeat(_widths(firsts, count))
        start = np.maximum(self.low.take(day, axis=1), low).ravel()
        until = np.minimum(self.high.take(day, axis=1), high).ravel()
        some = (start <= until).nonzero()[0]
        if not some.size:
            return None
        which = some % count
        places = np.arange(len(self.low)) * count
        begins = some.searchsorted((places[:, None] + firsts).ravel())
        left = _widths(begins, len(some)).nonzero()[0]
        met = Met(
            row[which],
            start[some],
            until[some],
            high[which],
            detour[which],
            np.full(len(some), length),
            begins[left],
            self.windows.ravel()[left],
        )
        np.minimum(met.high, self.last.ravel()[left].repeat(met.widths), out=met.high)
        return met


def offered(table: Table, windows: Windows, spans: Spans, length: int) -> Offered:
    """By day, windows as far as a task of this length may begin in them, by its spans."""
    since, until = np.array(spans, np.int64).T
    low = np.maximum(windows.starts[:, None], since)
    high = np.minimum(windows.ends[:, None], until)
    window, span = (low <= high).nonzero()
    low, high = low[window, span], high[window, span]
    begins, closes = table.days[2], table.days[3] - length
    day, one = ((low <= closes[:, None]) & (high >= begins[:, None])).nonzero()
    most = np.bincount(day, minlength=len(begins))
    place = np.arange(len(day)) - (most.cumsum() - most).repeat(most)
    bounds = np.full((4, int(most.max()), len(begins)), -NEVER)
    bounds[0] = NEVER
    bounds[:, place, day] = low[one], high[one], until[span[one]], window[one]
    return Offered(most, bounds[0], bounds[1], bounds[2], bounds[3])


class Held(tuple[Cell, ...]):
    """What windows hold, asked again and again: their columns are made once."""

    @cached_property
    def columns(self) -> "Cells":
        return _columns(self)

    @cached_property
    def counted(self) -> "Held":
        """Those in which anybody works."""
        some = [one for one in self if one.available > 0]
        return self if len(some) == len(self) else Held(some)


@dataclass(frozen=True, slots=True)
class Cells:
    """What windows still hold, in the order of their beginnings. Made by `cells_of`."""

    starts: Ints
    ends: Ints
    remaining: Ints
    sold: Ints

    def refused(self, start: Ints, end: Ints) -> Bools:
        """Which work finds too little room in some window that it lies in."""
        found = np.zeros(start.shape, np.bool_)
        if (self.ends[1:] >= self.ends[:-1]).all():
            first = self.ends.searchsorted(start, side="right")
            behind = self.starts.searchsorted(end)
        else:
            first, behind = np.zeros_like(start), np.full_like(start, len(self.starts))
        for number in range(int((behind - first).max(initial=0))):
            cell = np.minimum(first + number, len(self.starts) - 1)
            within = np.minimum(self.ends[cell], end) - np.maximum(self.starts[cell], start)
            found |= np.maximum(within, 0) > self.remaining[cell]
        return found

    def shares(self, starts: Ints, ends: Ints) -> list[int]:
        """Of each window, `slots.sold`."""
        meets = (self.starts <= ends[:, None]) & (starts[:, None] < self.ends)
        most: list[int] = (meets * self.sold).max(axis=1, initial=0).tolist()
        return most


def cells_of(cells: Sequence[Cell]) -> Cells:
    """Cells as columns."""
    return cells.columns if isinstance(cells, Held) else _columns(cells)


def _columns(cells: Sequence[Cell]) -> Cells:
    columns = np.array(
        [
            (one.window.start, one.window.end, one.available, one.consumed, one.reserved)
            for one in cells
        ],
        np.int64,
    ).reshape(-1, 5)
    starts, ends, available, consumed, reserved = columns[columns[:, 0].argsort()].T
    remaining = np.maximum(np.maximum(available - consumed, 0) - reserved, 0)  # as `Cell` says
    sold = np.minimum(consumed * 1000 // np.maximum(available, 1), 1000)
    sold[available <= 0] = 1000
    return Cells(starts.copy(), ends.copy(), remaining, sold)
