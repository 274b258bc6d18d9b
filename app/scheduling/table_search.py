"""`app.scheduling.slots.search` by tables: the same answer, seat for seat, from all gaps at once.

What is always true: what is left out here could not be shown. Who may not, and what is too short even
without a drive, then with both, is gone before anything dearer is asked; of what is left each gap's times
are exact. Work of less than two seconds is asked one by one, and so are the people of a crew, once it is
known who could come when.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from app.scheduling import table_people as people
from app.scheduling import tables as t
from app.scheduling.capacity import Cell
from app.scheduling.distances import Ints
from app.scheduling.model import MINUTE, Interval, Task, Weights
from app.scheduling.slots import (
    SPARE,
    Found,
    Seat,
    Way,
    graded,
    linked,
    scored,
    search,
    sold,
    way,
)
from app.scheduling.spans import NEVER, Spans, both, of_work
from app.scheduling.table_gaps import fits
from app.scheduling.table_people import Bools
from app.scheduling.tables import Table

SHORTEST = 2
"""Seconds: beside something busy, stretches for shorter work can touch."""
BITS = 62
"""Of a key that holds cost, beginning and order."""
LAST = np.iinfo(np.int64).max


def search_tables(
    table: Table,
    task: Task,
    windows: Sequence[Interval],
    weights: Weights,
    *,
    cells: Sequence[Cell] = (),
    placed: Mapping[str, Interval] | None = None,
) -> Found:
    """The windows in which a task can begin, the best first: what `search` finds on the same boards."""
    if not table.boards or not windows:
        return Found((), 0)
    takes = people.lengths(table, task)
    if min(length for length, _ in takes) < SHORTEST:
        boards = [table.lane(n) for n in range(len(table.boards))]
        return search(task, boards, windows, weights, cells=cells, placed=placed)
    asked = _Asked(table, task, weights, windows)
    after = linked(task, placed or {})
    able = asked.meeting() & people.may(table, task)
    looked_at = 0
    met: list[_Met] = []
    for length, whose in takes:
        spans = both(of_work(task, length), after)
        if spans:
            these = able if whose is None else able & whose
            looked_at += asked.gaps(these, spans, length)
            met += asked.met(these, spans, length)
    if not met:
        return Found((), looked_at)
    choices = met[0] if len(met) == 1 else _joined(met)
    if task.roles > 1:
        ways = _crews(asked, choices, cells)
    else:
        ways = _singles(asked, choices, cells)
    return Found(graded(list(ways)), looked_at)


@dataclass(frozen=True, slots=True)
class _Met:
    """Gaps that have room in a window, window after window."""

    row: Ints
    start: Ints
    until: Ints
    """The last beginning in this window, and in the gap."""
    high: Ints
    detour: Ints
    length: Ints
    begins: Ints
    """Where each window's begin."""
    windows: Ints
    """Their numbers; one may come more than once."""

    def of(self, values: Ints) -> Ints:
        """What is said of each window, said of each gap."""
        return np.repeat(values, np.diff(self.begins, append=len(self.row)))

    def kept(self, keep: Bools) -> "_Met":
        """Without some gaps."""
        left = np.add.reduceat(keep, self.begins, dtype=np.int64)
        some = left > 0
        counts = left[some]
        return _Met(
            self.row[keep],
            self.start[keep],
            self.until[keep],
            self.high[keep],
            self.detour[keep],
            self.length[keep],
            np.cumsum(counts) - counts,
            self.windows[some],
        )


def _joined(met: Sequence[_Met]) -> _Met:
    begins, before = [], 0
    for one in met:
        begins.append(one.begins + before)
        before += len(one.row)
    return _Met(
        np.concatenate([one.row for one in met]),
        np.concatenate([one.start for one in met]),
        np.concatenate([one.until for one in met]),
        np.concatenate([one.high for one in met]),
        np.concatenate([one.detour for one in met]),
        np.concatenate([one.length for one in met]),
        np.concatenate(begins),
        np.concatenate([one.windows for one in met]),
    )


class _Asked:
    """A question to a table."""

    def __init__(
        self, table: Table, task: Task, weights: Weights, windows: Sequence[Interval]
    ) -> None:
        self.table, self.task, self.weights, self.windows = table, task, weights, windows
        self.to, self.onward = table.drives.around(task.place, table.nodes)
        self.starts, self.ends = np.array([(one.start, one.end) for one in windows], np.int64).T

    def meeting(self) -> Bools:
        """Whose day meets a window."""
        order = np.argsort(self.starts)
        latest = np.maximum.accumulate(self.ends[order])
        before = np.searchsorted(self.starts[order], self.table.lanes[t.CLOSED], side="right")
        found: Bools = (before > 0) & (latest[before - 1] >= self.table.lanes[t.STARTS])
        return found

    def gaps(self, able: Bools, spans: Spans, length: int) -> int:
        """How many gaps they have who could begin at some time, were their days free."""
        stretches = self.table.stretches
        low, high = stretches[t.LOW], stretches[t.HIGH] - length
        some = np.zeros(low.shape, np.bool_)
        for since, until in spans:
            some |= np.maximum(low, since) <= np.minimum(high, until)
        free = np.zeros(able.shape, np.bool_)
        free[stretches[t.OF][some]] = True
        return int(self.table.lanes[t.GAPS][able & free].sum())

    def met(self, able: Bools, spans: Spans, length: int) -> Iterator[_Met]:
        """Every gap with room in a window."""
        rows = self.table.rows
        offered = self._offered(spans, length)
        days = np.flatnonzero(offered.most)
        if not days.size:
            return
        first, last = self.table.days[0, days[0]], self.table.days[1, days[-1]]
        near = able[rows[t.LANE, first:last]] & (rows[t.ROOM, first:last] >= length)
        row = self._carrying(np.flatnonzero(near) + first)
        to, onward = self.to[rows[t.HERE, row]], self.onward[rows[t.THERE, row]]
        long = np.flatnonzero(rows[t.FREE, row] >= to + onward + length)
        row, to, onward = row[long], to[long], onward[long]
        detour = to + onward - rows[t.DRIVE, row]
        for these, low, high in fits(self.table, row, to, onward, length):
            found = offered.meeting(self.table, row[these], low, high, detour[these], length)
            if found is not None:
                yield found

    def _carrying(self, row: Ints) -> Ints:
        """Those of the rows in which there is room aboard."""
        for unit, amount in self.task.demand.items():
            aboard, to_come, room = self.table.loads(unit)[:, row]
            with_it = np.maximum(aboard + amount, 0)
            row = row[(with_it <= room) & (with_it + to_come <= room)]
        return row

    def _offered(self, spans: Spans, length: int) -> "_Offered":
        """By day, the windows as far as the task may begin in them at all."""
        since, until = np.array(spans, np.int64).T
        low = np.maximum(self.starts[:, None], since)
        high = np.minimum(self.ends[:, None], until)
        window, span = np.nonzero(low <= high)
        low, high = low[window, span], high[window, span]
        begins, ends = self.table.days[2:]
        day, one = np.nonzero((low <= ends[:, None] - length) & (high >= begins[:, None]))
        most = np.bincount(day, minlength=len(begins))
        place = np.arange(len(day)) - np.repeat(np.cumsum(most) - most, most)
        bounds = np.full((3, int(most.max(initial=0)), len(begins)), -NEVER)
        bounds[0] = NEVER
        bounds[:, place, day] = low[one], high[one], until[span[one]]
        numbers = np.full(bounds.shape[1:], -1)
        numbers[place, day] = window[one]
        return _Offered(most, bounds[0], bounds[1], bounds[2], numbers)


@dataclass(frozen=True, slots=True)
class _Offered:
    """By place and day: windows as far as the task may begin in them."""

    most: Ints
    """How many each day has."""
    low: Ints
    high: Ints
    last: Ints
    """The last beginning were it not for the window."""
    windows: Ints

    def meeting(
        self, table: Table, row: Ints, low: Ints, high: Ints, detour: Ints, length: int
    ) -> _Met | None:
        """Where stretches meet windows."""
        firsts = np.searchsorted(row, table.days[0])
        counts = np.diff(firsts, append=len(row))
        day = np.repeat(np.arange(len(counts)), counts)
        start = np.maximum(self.low[:, day], low)
        until = np.minimum(self.high[:, day], high)
        some = np.flatnonzero(start <= until)
        if not some.size:
            return None
        which = some % len(row)
        begins = np.searchsorted(
            some, (np.arange(len(self.low))[:, None] * len(row) + firsts).ravel()
        )
        left = np.flatnonzero(np.diff(begins, append=len(some)))
        met = _Met(
            row[which],
            start.ravel()[some],
            until.ravel()[some],
            high[which],
            detour[which],
            np.full(len(some), length),
            begins[left],
            self.windows.ravel()[left],
        )
        return replace(met, high=np.minimum(met.high, met.of(self.last.ravel()[left])))


def _singles(asked: _Asked, choices: _Met, cells: Sequence[Cell]) -> Iterator[Way]:
    """The two cheapest gaps of each window."""
    neat = _neat(choices.start, choices.until)
    refused = _refused(neat, choices.length, cells)
    if refused is not None:
        choices = choices.kept(~refused)
        neat = neat[~refused]
    if not len(choices.row):
        return
    cost = _cost(asked, choices)
    keys = _keys(cost, neat, asked.table.order[choices.row])
    found: dict[int, list[tuple[int, int]]] = {}
    for _ in range(2):
        least = np.minimum.reduceat(keys, choices.begins)
        at = np.flatnonzero((keys == choices.of(least)) & (keys < LAST))
        windows = choices.windows[least < LAST]
        for window, key, place in zip(
            windows.tolist(), keys[at].tolist(), at.tolist(), strict=True
        ):
            found.setdefault(window, []).append((key, place))
        keys[at] = LAST
    best = {window: sorted(two)[:2] for window, two in found.items()}
    places = [place for two in best.values() for _, place in two]
    seats = dict(zip(places, _seats(asked, choices, np.array(places), cost, neat), strict=True))
    for number in sorted(best):
        window = asked.windows[number]
        mine = [seats[place] for _, place in best[number]]
        score = scored(mine[0].cost, sold(window, cells))
        yield score, window, (mine[0],), mine[1] if len(mine) > 1 else None


def _crews(asked: _Asked, choices: _Met, cells: Sequence[Cell]) -> Iterator[Way]:
    """The cheapest people of each window who can begin at the same second."""
    every = np.arange(len(choices.row))
    seats = _seats(asked, choices, every, _cost(asked, choices), choices.start)
    until = choices.until.tolist()
    by_window: dict[int, list[tuple[Seat, int]]] = {}
    for number, seat, last in zip(choices.of(choices.windows).tolist(), seats, until, strict=True):
        by_window.setdefault(number, []).append((seat, last))
    for number in sorted(by_window):
        found = way(asked.task, asked.windows[number], by_window[number], cells)
        if found is not None:
            yield found


def _cost(asked: _Asked, choices: _Met) -> Ints:
    cost = choices.detour * asked.weights.travel // 1000
    personal = people.costs(asked.table, asked.task, asked.weights)
    if personal is not None:
        cost += personal[asked.table.rows[t.LANE, choices.row]]
    return cost


def _neat(low: Ints, high: Ints) -> Ints:
    """`slots._neat`"""
    fives, minutes = (-(-low // step) * step for step in (5 * MINUTE, MINUTE))
    return np.where(fives <= high, fives, np.where(minutes <= high, minutes, low))


def _refused(start: Ints, length: Ints, cells: Sequence[Cell]) -> Bools | None:
    """Whose work finds too little room in the windows that it lies in."""
    refused = None
    most = int(length.max())
    for one in cells:
        if one.remaining < min(most, one.window.end - one.window.start):
            within = np.minimum(start + length, one.window.end) - np.maximum(
                start, one.window.start
            )
            over = np.maximum(within, 0) > one.remaining
            refused = over if refused is None else refused | over
    return refused


def _keys(cost: Ints, start: Ints, order: Ints) -> Ints:
    """Numbers that rise as the cost does, of equals as the beginning does, then as the order."""
    cost, start = cost - cost.min(), start - start.min()
    low = int(order.max()).bit_length()
    middle = int(start.max()).bit_length()
    if int(cost.max()).bit_length() + middle + low <= BITS:
        return (cost << (middle + low)) | (start << low) | order
    keys = np.empty(len(cost), np.int64)
    keys[np.lexsort((order, start, cost))] = np.arange(len(cost))
    return keys


def _seats(asked: _Asked, choices: _Met, which: Ints, cost: Ints, start: Ints) -> Iterator[Seat]:
    """Choices in words."""
    table = asked.table
    row = choices.row[which]
    begins = start[which]
    wide = (asked.ends - asked.starts >= SPARE)[choices.of(choices.windows)[which]]
    last = np.where(wide, choices.until[which], choices.high[which])
    for lane, gap, at, end, price, detour, spare in zip(
        table.rows[t.LANE, row].tolist(),
        table.rows[t.GAP, row].tolist(),
        begins.tolist(),
        (begins + choices.length[which]).tolist(),
        cost[which].tolist(),
        choices.detour[which].tolist(),
        (last - begins).tolist(),
        strict=True,
    ):
        board = table.boards[lane]
        who, row_ = board.resource, board.standing
        yield Seat(
            who.id,
            who.technician,
            gap,
            at,
            end,
            price,
            detour,
            row_[gap - 1].task.place if gap else who.start,
            row_[gap].task.place if gap < len(row_) else who.end,
            spare,
            not row_,
        )
