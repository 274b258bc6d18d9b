"""`app.scheduling.slots.search` by tables: the same answer, seat for seat, from all gaps at once.

What is always true: what is left out here could not be shown. Who may not, and what is too short even
without a drive, then with both, is gone before anything dearer is asked; of what is left each gap's times
are exact. Work of less than two seconds is asked one by one, and so are the people of a crew, once it is
known who could come when.
"""

from collections.abc import Iterator, Mapping, Sequence

from app.scheduling import table_people as people
from app.scheduling import tables as t
from app.scheduling.arrays import Bools, Ints, np
from app.scheduling.capacity import Cell
from app.scheduling.model import MINUTE, Interval, Task, Weights
from app.scheduling.slots import (
    Found,
    Seat,
    Way,
    graded,
    linked,
    scored,
    search,
    way,
)
from app.scheduling.spans import Spans, both, of_work
from app.scheduling.table_gaps import fits
from app.scheduling.table_windows import Met, Windows, cells_of, joined, offered
from app.scheduling.tables import Table

SHORTEST = 2
"""Seconds: beside something busy, stretches for shorter work can touch."""
BITS = 62
"""Of a key that holds cost, beginning and order."""
LAST = (1 << 63) - 1


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
    able = asked.windows.meeting(table.lanes[t.STARTS], table.lanes[t.CLOSED])
    able &= people.may(table, task)
    looked_at = 0
    met: list[Met] = []
    for length, whose in takes:
        spans = both(of_work(task, length), after)
        if spans:
            these = able if whose is None else able & whose
            looked_at += asked.gaps(these, spans, length)
            met += asked.met(these, spans, length)
    if not met:
        return Found((), looked_at)
    choices = joined(met)
    if task.roles > 1:
        ways = _crews(asked, choices, cells)
    else:
        ways = _singles(asked, choices, cells)
    return Found(graded(list(ways)), looked_at)


class _Asked:
    """A question to a table."""

    def __init__(
        self, table: Table, task: Task, weights: Weights, windows: Sequence[Interval]
    ) -> None:
        self.table, self.task, self.weights = table, task, weights
        self.windows = windows if isinstance(windows, Windows) else Windows(windows)

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

    def met(self, able: Bools, spans: Spans, length: int) -> Iterator[Met]:
        """Every gap with room in a window."""
        rows = self.table.rows
        windows = offered(self.table, self.windows, spans, length)
        days = windows.most.nonzero()[0]
        if not days.size:
            return
        first, last = self.table.days[0, days[0]], self.table.days[1, days[-1]]
        near = (rows[t.ROOM, first:last] >= length).nonzero()[0] + first
        row = self._carrying(near[able[rows[t.LANE, near]]])
        to, onward = self._drives(row)
        long = (rows[t.FREE, row] >= to + onward + length).nonzero()[0]
        row, to, onward = row[long], to[long], onward[long]
        detour = to + onward - rows[t.DRIVE, row]
        for these, low, high in fits(self.table, row, to, onward, length):
            found = windows.meeting(self.table, row[these], low, high, detour[these], length)
            if found is not None:
                yield found

    def _drives(self, row: Ints) -> tuple[Ints, Ints]:
        """From the places before these gaps, and to those behind."""
        table, place = self.table, self.task.place
        here, there = table.rows[t.HERE, row], table.rows[t.THERE, row]
        if 2 * len(row) >= len(table.nodes.places):
            to, onward = table.drives.around(place, table.nodes)
            return to[here], onward[there]
        both_ = np.concatenate((here, there))
        to, onward = table.drives.around(place, table.nodes, both_)
        return to[: len(row)], onward[len(row) :]

    def _carrying(self, row: Ints) -> Ints:
        """Those of the rows in which there is room aboard."""
        for unit, amount in self.task.demand.items():
            aboard, to_come, room = self.table.loads(unit)[:, row]
            with_it = np.maximum(aboard + amount, 0)
            row = row[(with_it <= room) & (with_it + to_come <= room)]
        return row


def _singles(asked: _Asked, choices: Met, cells: Sequence[Cell]) -> Iterator[Way]:
    """The two cheapest gaps of each window."""
    neat = _neat(choices.start, choices.until)
    room = cells_of(cells)
    keep = ~room.refused(neat, neat + choices.length)
    if not keep.all():
        if not keep.any():
            return
        choices, neat = choices.kept(keep), neat[keep]
    cost = _cost(asked, choices)
    best = _two_best(_keys(cost, neat, asked.table.order[choices.row]), choices)
    places = [place for two in best.values() for place in two]
    seats = dict(zip(places, _seats(asked, choices, np.array(places), cost, neat), strict=True))
    numbers = sorted(best)
    windows = asked.windows
    shares = room.shares(windows.starts[numbers], windows.ends[numbers])
    for number, share in zip(numbers, shares, strict=True):
        first, *other = best[number]
        seat, next_best = seats[first], seats[other[0]] if other else None
        yield scored(seat.cost, share), windows[number], (seat,), next_best


def _two_best(keys: Ints, choices: Met) -> dict[int, list[int]]:
    """By the numbers of windows, the place of the choice with the least key, and of that with the next."""
    windows, widths = choices.windows, choices.widths
    least = np.minimum.reduceat(keys, choices.begins)
    first = (keys == least.repeat(widths)).nonzero()[0]
    keys[first] = LAST
    after = np.minimum.reduceat(keys, choices.begins)
    more = after < LAST
    second = ((keys == after.repeat(widths)) & (keys < LAST)).nonzero()[0]
    found = {
        window: [place] for window, place in zip(windows.tolist(), first.tolist(), strict=True)
    }
    if len(found) == len(windows):
        for window, place in zip(windows[more].tolist(), second.tolist(), strict=True):
            found[window].append(place)
        return found
    # one that came more than once has its best among all of them
    several: dict[int, list[tuple[int, int]]] = {}
    for which, key, place in ((windows, least, first), (windows[more], after[more], second)):
        for window, *one in zip(which.tolist(), key.tolist(), place.tolist(), strict=True):
            several.setdefault(window, []).append((one[0], one[1]))
    return {window: [place for _, place in sorted(all_)[:2]] for window, all_ in several.items()}


def _crews(asked: _Asked, choices: Met, cells: Sequence[Cell]) -> Iterator[Way]:
    """The cheapest people of each window who can begin at the same second."""
    every = np.arange(len(choices.row))
    seats = _seats(asked, choices, every, _cost(asked, choices), choices.start)
    until = choices.until.tolist()
    by_window: dict[int, list[tuple[Seat, int]]] = {}
    for number, seat, last in zip(
        choices.windows.repeat(choices.widths).tolist(), seats, until, strict=True
    ):
        by_window.setdefault(number, []).append((seat, last))
    for number in sorted(by_window):
        found = way(asked.task, asked.windows[number], by_window[number], cells)
        if found is not None:
            yield found


def _cost(asked: _Asked, choices: Met) -> Ints:
    cost = choices.detour * asked.weights.travel // 1000
    personal = people.costs(asked.table, asked.task, asked.weights)
    if personal is not None:
        cost += personal[asked.table.rows[t.LANE, choices.row]]
    return cost


def _neat(low: Ints, high: Ints) -> Ints:
    """`slots._neat`"""
    fives, minutes = (-(-low // step) * step for step in (5 * MINUTE, MINUTE))
    return np.where(fives <= high, fives, np.where(minutes <= high, minutes, low))


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


def _seats(asked: _Asked, choices: Met, which: Ints, cost: Ints, start: Ints) -> Iterator[Seat]:
    """Choices in words."""
    table = asked.table
    row = choices.row[which]
    begins = start[which]
    window = choices.windows[choices.begins.searchsorted(which, side="right") - 1]
    last = np.where(asked.windows.wide[window], choices.until[which], choices.high[which])
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
