"""Boards of some days in columns: people, what stands with them, where.

What is always true: a day is read to its end before the next is begun. What thousands of visits say of
themselves lies all over memory, and a day's part of it stays near while it is asked for. What is read is
packed at once: numbers cost less than objects, and numpy is asked once for all days.
"""

import struct
from collections.abc import Iterable, Sequence
from itertools import accumulate, chain, pairwise

from app.scheduling import tables as t
from app.scheduling.arrays import Bools, Ints, np
from app.scheduling.distances import Drives, nodes, parted, points
from app.scheduling.lanes import Standing
from app.scheduling.model import NOTHING, Break, Busy, Leg, Place
from app.scheduling.spans import NEVER
from app.scheduling.tables import Board

NO_PAUSE = Break(0, NEVER, -NEVER)
PERSON = struct.Struct("13q")


class Columns:
    """What gaps are made from. Boards, visits and places are numbered through all days."""

    def __init__(self, days: Sequence[Sequence[Board]], drives: Drives) -> None:
        self.drives = drives
        self.boards = list(chain.from_iterable(days))
        self.bounds = [0, *accumulate(len(one) for one in days)]
        read: list[_Day] = []
        places: list[Place] = []
        for one in days:
            read.append(_Day(one))
            places += read[-1].places
        self._people(_ints(one.people for one in read).reshape(-1, 13).T.copy())
        self.owner = np.arange(len(self.boards)).repeat(self.counts)
        self.starts = _ints(one.starts for one in read)
        self.lengths = _ints(one.lengths for one in read)
        visits = 0
        self.slides: list[int] = []
        for day in read:
            self.slides += [visits + n for n in day.slides]
            visits += day.visits
        self._places(read)
        self.whole = nodes(places, b"".join([one.points for one in read]))
        self.parts = parted(self.whole, [one.places for one in read])

    def _people(self, columns: Ints) -> None:
        columns[5] *= columns[4] == -NEVER  # nobody who is on the road already drives from home
        self.begins, self.ends, overtime, on_call, self.since = columns[:5]
        self.early, self.late, self.pause, self.earliest, self.latest = columns[5:10]
        self.counts, away, busy = columns[10:]
        self.away = away.astype(np.bool_)
        self.occupied = busy.astype(np.bool_)
        self.busy = np.zeros((0, len(busy)), np.int64)
        if busy.any():
            self.busy = _busy([one.resource.busy for one in self.boards])
        self.opens = np.maximum(self.begins, self.since)
        self.lanes = np.stack(
            (self.opens, self.ends, self.ends + overtime, on_call, self.counts + 1)
        )

    def _places(self, read: Sequence["_Day"]) -> None:
        """Of a day's places, those of the visits come first, then where people begin, then where those
        end who do not end there."""
        spots, homes, goals = [], [], []
        self.edges = [0]
        for one, (a, b) in zip(read, pairwise(self.bounds), strict=True):
            at = self.edges[-1]
            home = at + one.visits
            goal = home + b - a
            self.edges.append(at + len(one.places))
            spots.append(np.arange(at, home))
            homes.append(np.arange(home, goal))
            goals.append(homes[-1])
            if self.edges[-1] > goal:
                goals[-1] = homes[-1].copy()
                goals[-1][self.away[a:b]] = np.arange(goal, self.edges[-1])
        self.spots, self.homes, self.goals = map(np.concatenate, (spots, homes, goals))

    def slow(self) -> Bools:
        """Who has to be asked by themselves: where something slides, takes no time, or lies over something
        busy."""
        found = np.zeros(len(self.boards), np.bool_)
        found[self.owner[self.slides]] = True
        found[self.owner[self.lengths <= 0]] = True
        ends = self.starts + self.lengths
        for begins, over in zip(self.busy[::2], self.busy[1::2], strict=True):
            meets = (self.starts < over[self.owner]) & (begins[self.owner] < ends)
            found[self.owner[meets]] = True
        return found


class _Day:
    """One day's boards, read."""

    def __init__(self, boards: Sequence[Board]) -> None:
        standing: list[Standing] = []
        people: list[bytes] = []
        homes: list[Place] = []
        away: list[Place] = []
        # thousands of times, so each is looked up once
        outside, pack, told, begin = Leg.outside, PERSON.pack, people.append, homes.append
        for board in boards:
            who, row = board.resource, board.standing
            standing += row
            start, end = who.start, who.end
            begin(start)
            if end is not start:
                away.append(end)
            shift, since, pause = who.shift, who.available_from, who.pause
            if pause is None or who.break_taken:
                pause = NO_PAUSE
            told(
                pack(
                    shift.start,
                    shift.end,
                    who.max_overtime,
                    who.on_call,
                    -NEVER if since is None else since,
                    who.first_leg is outside,
                    who.last_leg is outside,
                    pause.duration,
                    pause.earliest,
                    pause.latest,
                    len(row),
                    end is not start,
                    len(who.busy),
                )
            )
        self.people = b"".join(people)
        self.visits = len(standing)
        tasks = [one.task for one in standing]
        starts = [one.start for one in standing]
        self.slides: list[int] = []
        try:
            self.starts = _packed(starts)
        except struct.error:
            self.slides = [n for n, one in enumerate(starts) if one is None]
            self.starts = _packed([one or 0 for one in starts])
        lengths = [one.duration for one in tasks if one.duration_by_technician is NOTHING]
        if len(lengths) < len(tasks):
            lengths = [each.task.takes(one.resource) for one in boards for each in one.standing]
        self.lengths = _packed(lengths)
        self.places = [one.place for one in tasks] + homes + away
        self.points = points(self.places)


def _packed(numbers: Sequence[int | None]) -> bytes:
    """Twice as fast as by numpy, who asks each what it is. Raises `struct.error` where one is None."""
    return struct.pack(f"{len(numbers)}q", *numbers)


def _ints(parts: Iterable[bytes]) -> Ints:
    found: Ints = np.frombuffer(b"".join(parts), np.int64)
    return found


def _busy(times: Sequence[Sequence[Busy]]) -> Ints:
    """A column for each board: beginnings and ends, in turn."""
    rows = [tuple(at for one in row for at in (one.start, one.end)) for row in times]
    return t.ragged(rows, t.NO_TIME)
