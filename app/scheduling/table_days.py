"""Tables made from people's days: of very many days at once.

What is always true: the rows are those that the timeline gives. Where everything stands at its second, a gap
lies between two known ones, so each is asked by itself whether its drive fits, and whether the break does
as well. Somebody can then be in a gap before their break if the drives fit in all gaps before it, and after
the break if that fits in one of those. What slides, or lies over something busy, is asked board by board
(`app.scheduling.table_lines`).
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from app.scheduling import tables as t
from app.scheduling.arrays import Bools, Ints, np
from app.scheduling.distances import Drives
from app.scheduling.model import COMMUTE
from app.scheduling.spans import NEVER
from app.scheduling.table_columns import Columns
from app.scheduling.table_gaps import drive_from, drive_until, first, last
from app.scheduling.table_lines import by_timeline
from app.scheduling.tables import Board, Cut, Numbers, Table

STALE = 2
"""A day that was changed is made anew once it keeps so many times more places than it may need: those of what
is gone stay in it."""


def table(boards: Sequence[Board], drives: Drives) -> Table:
    """Boards as rows. They drive as `drives` say, who made them too if they are lanes."""
    return tables([boards], drives)[0]


def tables(days: Sequence[Sequence[Board]], drives: Drives) -> list[Table]:
    """A table for each day. Many days at once cost little more than one."""
    if not any(days):
        return [by_timeline((), drives) for _ in days]
    every = _Days(days, drives)
    slow = every.slow()
    stand = (~slow & ~every.occupied, ~slow & every.occupied)
    kinds = [every.tables(some) for some in stand if some.any()]
    if slow.any():
        bounds = pairwise(every.bounds)
        kinds.append(
            [
                by_timeline([every.boards[n] for n in range(a, b) if slow[n]], drives)
                for a, b in bounds
            ]
        )
    return [
        t.beside([one for one in day if one.boards] or day[:1])
        for day in map(list, zip(*kinds, strict=True))
    ]


def changed(table: Table, boards: Mapping[str, Board]) -> Table:
    """A day's table with some boards, by the ids of their resources, in the place of what they were; the
    rows of all others are taken as they are."""
    old = [n for n, one in enumerate(table.boards) if one.resource.id in boards]
    if len(table.nodes.places) < STALE * (table.gaps + len(table.boards)):
        new = tables([list(boards.values())], table.drives)
        return t.beside([t.without(table, old), *new])
    gone = set(old)
    rest = [one for n, one in enumerate(table.boards) if n not in gone]
    return tables([[*rest, *boards.values()]], table.drives)[0]


class _Days(Columns):
    """Boards of some days, and their tables."""

    def tables(self, some: Bools) -> list[Table]:
        """A table for each day of some of its boards, on which everything stands."""
        whose = some.nonzero()[0]
        bounds = whose.searchsorted(self.bounds)
        gaps = _Gaps(self, some, whose)
        rows, busy, pauses = gaps.rows(self)
        met = (rows[t.ODD] >= 0).nonzero()[0]
        numbers = met
        if met.size:
            numbers, rows[t.ODD, met] = np.unique(rows[t.ODD, met], return_inverse=True)
        stretches = self._stretches(whose)
        block = Table(
            boards=tuple([self.boards[n] for n in whose.tolist()]),
            drives=self.drives,
            nodes=self.whole,
            rows=rows,
            lanes=self.lanes[:, whose],
            stretches=stretches,
            busy=busy[:, numbers],
            pauses=pauses[:, numbers],
        )
        edges = (
            bounds.tolist(),
            self.edges,
            rows[t.LANE].searchsorted(bounds).tolist(),
            stretches[t.OF].searchsorted(bounds).tolist(),
            numbers.searchsorted(np.append(gaps.firsts, gaps.total)[bounds]).tolist(),
        )
        return [
            Cut(block, part, Numbers(*low), Numbers(*high))
            for part, (low, high) in zip(
                self.parts, pairwise(zip(*edges, strict=True)), strict=True
            )
        ]

    def _stretches(self, whose: Ints) -> Ints:
        """The stretches of their days beside what is busy, by their numbers among these."""
        lows, highs = beside_busy(self.opens[whose], self.ends[whose], self.busy[:, whose])
        which, number = (lows < highs).T.nonzero()
        return np.stack((which, lows[number, which], highs[number, which]))


class _Gaps:
    """The gaps of some boards on which everything stands, board after board, in columns. Those that become
    rows are written where they stay, and what is needed on the way lies where the last of them will be: of
    so many gaps, each column is twenty pages of memory more."""

    def __init__(self, days: _Days, some: Bools, whose: Ints) -> None:
        visits = slice(None) if some.all() else some[days.owner]
        counts = days.counts[whose]
        starts = days.starts[visits]
        ends = starts + days.lengths[visits]
        firsts = (counts + 1).cumsum() - counts - 1
        self.total = int(counts.sum()) + len(counts)
        self.counts = counts + 1
        self.firsts, self.lasts = firsts, firsts + counts
        self.boards = whose
        self.table = rows = np.empty((t.ROW, self.total), np.int64)
        np.subtract(np.arange(self.total), firsts.repeat(self.counts), out=rows[t.GAP])
        # what stands beyond somebody's shift stretches their day
        low, high, since = days.begins[whose], days.ends[whose], days.since[whose]
        at = self.firsts - np.arange(len(firsts))
        earliest = np.minimum.reduceat(np.append(starts, NEVER), at)
        latest = np.maximum.reduceat(np.append(ends, -NEVER), at)
        work = counts > 0
        low = np.where(work, np.minimum(low, earliest), low)
        high = np.where(work, np.maximum(high, latest), high)
        since = np.where(work & (since > -NEVER), np.minimum(since, earliest), since)
        self.opens, self.closes = np.maximum(low, since), high
        self.ends, self.starts = rows[t.OPENS], rows[t.CLOSES]
        spots, inner = days.spots[visits], np.ones(self.total, np.bool_)
        inner[self.firsts] = False
        for column, of_boards, of_visits in (
            (self.ends, self.opens, ends),
            (rows[t.HERE], days.homes[whose], spots),
        ):
            column[self.firsts], column[inner] = of_boards, of_visits
        inner[self.firsts], inner[self.lasts] = True, False
        for column, of_boards, of_visits in (
            (self.starts, self.closes, starts),
            (rows[t.THERE], days.goals[whose], spots),
        ):
            column[self.lasts], column[inner] = of_boards, of_visits
        rows[t.DRIVE] = days.drives.between(days.whole, rows[t.HERE], rows[t.THERE])

    def _beside(self, held: Bools) -> tuple[Bools, Bools]:
        """Whether something holds in a gap of the same board before each, and in one behind it."""
        so_far = held.cumsum()
        behind = so_far[self.lasts].repeat(self.counts) > so_far
        so_far -= held
        return so_far > so_far[self.firsts].repeat(self.counts), behind

    def _outside(self, early: Ints, late: Ints, drives: Ints) -> tuple[Ints, Ints]:
        """From when, and until when, one may drive: from and to home outside of the shift as well."""
        since, until = self.ends, self.starts
        if early.any():
            since = since.copy()
            since[self.firsts] -= early * np.minimum(drives[self.firsts], COMMUTE)
        if late.any():
            until = until.copy()
            until[self.lasts] += late * np.minimum(drives[self.lasts], COMMUTE)
        return since, until

    def rows(self, days: _Days) -> tuple[Ints, Ints, Ints]:
        """The gaps as rows, each with the number of its board among these; what is busy, and the stretches
        for the break, by the number of the gap."""
        rows, counts, boards, edge = self.table, self.counts, self.boards, self.lasts
        busy = days.busy[:, boards] if days.occupied[boards].any() else days.busy[:0, boards]
        pause = days.pause[boards]
        pauses = _pauses(
            np.maximum(days.earliest[boards], self.opens),
            np.minimum(days.latest[boards], self.closes - pause),
            busy,
            pause,
        )
        since, until = pauses[::2].min(axis=0), pauses[1::2].max(axis=0)
        rows[t.PAUSE] = pause.repeat(counts)
        rows[t.FROM], rows[t.UNTIL] = since.repeat(counts), until.repeat(counts)
        pauses = pauses.repeat(counts, axis=1) if len(pauses) > 2 else rows[t.FROM : t.UNTIL + 1]
        busy = busy.repeat(counts, axis=1)
        rows[t.EARLY : t.LATE + 1] = 0
        rows[t.EARLY, self.firsts], rows[t.LATE, edge] = days.early[boards], days.late[boards]

        waits = (days.earliest[boards] < NEVER).repeat(counts)
        self._states(busy, pauses, waits, until)
        rows[t.READY_N, edge] = until
        low, high = rows[t.ROOM], rows[t.FREE]
        np.minimum(rows[t.N], rows[t.B], out=low)
        np.maximum(rows[t.READY_N], rows[t.READY_B], out=high)
        low[self.firsts] -= COMMUTE
        high[edge] += COMMUTE
        rows[t.ODD] = -1
        if len(busy):
            odd = (pauses[::2] < NEVER).sum(axis=0) > 1
            for begins, over in zip(busy[::2], busy[1::2], strict=True):
                odd |= (begins < high) & (low < over)
            rows[t.ODD, odd] = odd.nonzero()[0]
        rows[t.LANE] = np.arange(len(boards)).repeat(counts)
        rows[t.DRIVE, self.firsts[counts == 1]] = 0
        rows[t.OPENS] = days.opens[boards].repeat(counts)
        rows[t.CLOSES] = days.ends[boards].repeat(counts)
        if len(busy):
            lows, highs = beside_busy(rows[t.OPENS], rows[t.CLOSES], busy)
            which, number = (lows < highs).T.nonzero()
            rows = rows.take(which, axis=1)
            rows[t.OPENS], rows[t.CLOSES] = lows[number, which], highs[number, which]
            low, high = rows[t.ROOM], rows[t.FREE]
        room = np.minimum(high, rows[t.CLOSES]) - np.maximum(low, rows[t.OPENS])
        high -= low
        low[:] = room
        return rows, busy, pauses

    def _states(self, busy: Ints, pauses: Ints, waits: Bools, until: Ints) -> None:
        """The rows' times in both states of the break. `waits`: whether one is to be taken; `until`: when it
        begins at the latest, by boards."""
        rows, edge = self.table, self.lasts
        pause, drives = rows[t.PAUSE], rows[t.DRIVE]
        early, late = rows[t.EARLY, self.firsts], rows[t.LATE, edge]
        # as planned: a drive for which there is too little time takes what there is
        leg, ready, rested = rows[t.ROOM], rows[t.FREE], rows[t.RESTED]
        np.minimum(drives, _longest(busy, *self._outside(early, late, drives)), out=leg)
        leaves, back = self._outside(early, late, leg)
        np.add(drive_from(busy, leaves, leg), leg, out=ready)
        np.add(first(pauses, self.ends), pause, out=rested)
        rests = drive_from(busy, rested, leg) + leg <= self.starts
        rests |= first(pauses, ready) + pause <= self.starts
        rests[edge] = self.ends[edge] <= _home(
            busy[:, edge], pauses[:, edge], pause[edge], leg[edge], back[edge], until
        )
        rests_before, rests_behind = self._beside(rests)
        missed = ready > back
        before, behind = waits, rests_behind
        after = rests_before | ~waits
        rows[t.READY_B] = self.starts
        if missed.any():
            missed_before, missed_behind = self._beside(missed)
            before, after = before & ~missed_before, after & ~missed_before
            behind = behind & ~missed_behind
            rows[t.READY_B, missed_behind] = -NEVER
        rows[t.N] = np.where(before, self.ends, NEVER)
        rows[t.B] = np.where(after, self.ends, NEVER)
        np.minimum(rested, NEVER, out=rested)
        rested[~before] = NEVER
        rows[t.READY_N] = np.where(behind, self.starts, -NEVER)


def _home(busy: Ints, pauses: Ints, pause: Ints, leg: Ints, back: Ints, until: Ints) -> Ints:
    """When one must leave for home with the break still to be taken, on the way or there."""
    leaves = last(pauses, drive_until(busy, back, leg) - pause)
    resting = drive_until(busy, last(pauses, back - pause), leg)
    return np.maximum(np.maximum(leaves, resting), drive_until(busy, np.minimum(back, until), leg))


def _pauses(low: Ints, high: Ints, busy: Ints, pause: Ints) -> Ints:
    """`spans.of_break`: where it may begin, stretch by stretch."""
    lows, highs = beside_busy(low, high + pause, busy)
    found = np.empty((2 * len(lows), len(low)), np.int64)
    some = lows <= highs - pause
    found[::2], found[1::2] = np.where(some, lows, NEVER), np.where(some, highs - pause, -NEVER)
    return found


def beside_busy(low: Ints, high: Ints, busy: Ints) -> tuple[Ints, Ints]:
    """The stretches from `low` to `high` beside what is busy; those of nothing end before they begin."""
    lows, highs = np.empty((2, len(busy) // 2 + 1, len(low)), np.int64)
    for number, (begins, over) in enumerate(zip(busy[::2], busy[1::2], strict=True)):
        lows[number], highs[number] = low, np.minimum(begins, high)
        low = np.maximum(low, over)
    lows[-1], highs[-1] = low, high
    return lows, highs


def _longest(busy: Ints, start: Ints, end: Ints) -> Ints:
    """`lanes._longest`: of the stretches between two instants without anything busy."""
    found: Ints = np.zeros(1, np.int64)
    since = start
    for begins, over in zip(busy[::2], busy[1::2], strict=True):
        begins, over = (np.minimum(np.maximum(one, start), end) for one in (begins, over))
        found = np.maximum(found, begins - since)
        since = np.maximum(since, over)
    longest: Ints = np.maximum(found, end - since)
    return longest
