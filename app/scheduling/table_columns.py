"""Boards of some days in columns: people, what stands with them, where.

What is always true: a day is read to its end before the next is begun. What thousands of visits say of
themselves lies all over memory, and a day's part of it stays near while it is asked for.
"""

import struct
from collections.abc import Sequence
from itertools import accumulate, chain

from app.scheduling import tables as t
from app.scheduling.arrays import Bools, Ints, np
from app.scheduling.distances import Drives, joined, nodes
from app.scheduling.model import Break, Busy, Leg
from app.scheduling.spans import NEVER
from app.scheduling.tables import Board

NO_PAUSE = Break(0, NEVER, -NEVER)


class Columns:
    """What gaps are made from. Boards, visits and places are numbered through all days."""

    def __init__(self, days: Sequence[Sequence[Board]], drives: Drives) -> None:
        self.drives = drives
        self.boards = list(chain.from_iterable(days))
        self.bounds = [0, *accumulate(len(one) for one in days)]
        read = [_Day(one) for one in days]
        who = [each for one in read for each in one.who]
        self.counts = np.array([each for one in read for each in one.counts], np.int64)
        self.owner = np.arange(len(who)).repeat(self.counts)
        self.starts = _joined([one.starts for one in read])
        self.lengths = _joined([one.lengths for one in read])
        visits = 0
        self.slides: list[int] = []
        for one in read:
            self.slides += [visits + n for n in one.slides]
            visits += one.visits
        self.busy = _busy([one.busy for one in who])
        self.occupied = np.array([bool(one.busy) for one in who], np.bool_)
        self._people(np.concatenate([one.people for one in read], axis=1))
        self._places(read)

    def _people(self, columns: Ints) -> None:
        columns[5] *= columns[4] == -NEVER  # nobody who is on the road already drives from home
        self.begins, self.ends, overtime, on_call, self.since = columns[:5]
        self.early, self.late, self.pause, self.earliest, self.latest = columns[5:]
        self.opens = np.maximum(self.begins, self.since)
        self.lanes = np.stack(
            (self.opens, self.ends, self.ends + overtime, on_call, self.counts + 1)
        )

    def _places(self, read: Sequence["_Day"]) -> None:
        spots, homes, goals = [], [], []
        self.edges = [0]
        for one in read:
            at = self.edges[-1]
            home, goal = at + one.visits, at + one.visits + len(one.who)
            spots.append(np.arange(at, home))
            homes.append(np.arange(home, goal))
            goals.append(homes[-1])
            if any(one.away):
                goals[-1] = homes[-1].copy()
                goals[-1][one.away] = np.arange(goal, at + len(one.nodes.places))
            self.edges.append(at + len(one.nodes.places))
        self.spots, self.homes, self.goals = map(np.concatenate, (spots, homes, goals))
        self.parts = [one.nodes for one in read]
        self.whole = joined(self.parts)

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
        self.who = [one.resource for one in boards]
        rows = [one.standing for one in boards]
        self.counts = [len(one) for one in rows]
        standing = list(chain.from_iterable(rows))
        self.visits = len(standing)
        tasks = [one.task for one in standing]
        starts = [one.start for one in standing]
        self.slides: list[int] = []
        if None in starts:
            self.slides = [n for n, one in enumerate(starts) if one is None]
        self.starts = _numbers([one or 0 for one in starts] if self.slides else starts)
        lengths = [one.duration for one in tasks]
        own = [one.duration_by_technician for one in tasks]
        if any(own):
            whose = [
                who for who, count in zip(self.who, self.counts, strict=True) for _ in range(count)
            ]
            lengths = [one.takes(who) for one, who in zip(tasks, whose, strict=True)]
        self.lengths = _numbers(lengths)
        self.away = [one.end is not one.start for one in self.who]
        """Who does not end where they begin."""
        # of the visits, then where people begin, then where they end
        places = [one.place for one in tasks]
        places += [one.start for one in self.who]
        if any(self.away):
            places += [one.end for one in self.who if one.end is not one.start]
        self.nodes = nodes(places)
        self.people = self._people()

    def _people(self) -> Ints:
        who = self.who
        shifts = [one.shift for one in who]
        pauses = [NO_PAUSE if one.break_taken else one.pause or NO_PAUSE for one in who]
        columns = _numbers(
            [
                *[one.start for one in shifts],
                *[one.end for one in shifts],
                *[one.max_overtime for one in who],
                *[one.on_call for one in who],
                *[-NEVER if one.available_from is None else one.available_from for one in who],
                *[one.first_leg is Leg.outside for one in who],
                *[one.last_leg is Leg.outside for one in who],
                *[one.duration for one in pauses],
                *[one.earliest for one in pauses],
                *[one.latest for one in pauses],
            ]
        )
        return _joined([columns]).reshape(10, len(who))


def _numbers(numbers: Sequence[int | None]) -> bytes:
    """Twice as fast as by numpy, who asks each what it is."""
    return struct.pack(f"{len(numbers)}q", *numbers)


def _joined(parts: Sequence[bytes]) -> Ints:
    found: Ints = np.frombuffer(b"".join(parts), np.int64)
    return found


def _busy(times: Sequence[Sequence[Busy]]) -> Ints:
    """A column for each board: beginnings and ends, in turn."""
    if not any(times):
        return np.zeros((0, len(times)), np.int64)
    rows = [tuple(at for one in row for at in (one.start, one.end)) for row in times]
    return t.ragged(rows, t.NO_TIME)
