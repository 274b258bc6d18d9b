"""When a task could be done: the windows that can be booked, the best first, each with who, where in
their day, and why.

What is always true: a window that is shown can be booked, for its beginning was tried with everything
that stands, break, drives and hours of access included, and no rule would have to be overruled. Whoever
books asks `check`, which is the same question for one window. Each gap between two neighbours is looked
at once, by itself (`app.scheduling.timeline`): twice as many gaps are twice the work. Plain Python: the
oracle of any table that may come in its place.

Visits that were promised and have nobody yet are shadows: they take the cheapest place there is and may
slide in it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from app.scheduling import rules
from app.scheduling.capacity import Cell
from app.scheduling.cost import assigning, total
from app.scheduling.lanes import Lane, taken
from app.scheduling.model import MINUTE, Interval, Place, Task, Weights
from app.scheduling.spans import NEVER, Spans, both, of_task

GOOD = 15 * MINUTE
"""A window that costs more is not recommended."""
CROWDED = 10 * MINUTE
"""What it costs to take the last of a window; by the square of the share that is sold."""
SPARE = 10 * MINUTE
"""With less room than this a window is tight."""


class Grade(StrEnum):
    recommended = "recommended"
    available = "available"
    tight = "tight"


class Seat(NamedTuple):
    """Somebody's gap in which a task would begin at `start`."""

    resource: str
    technician: str
    gap: int
    start: int
    end: int
    cost: int
    detour: int
    before: Place
    after: Place
    spare: int
    """How much later it could begin in this gap, and in this window unless that is a moment."""
    alone: bool
    """Nothing else is on their day."""


class Slot(NamedTuple):
    """A window that can be booked."""

    window: Interval
    grade: Grade
    score: int
    seats: tuple[Seat, ...]
    """One for each role, with the same beginning."""
    next_best: Seat | None
    """Who else, or where else, at the next lowest cost."""

    @property
    def start(self) -> int:
        return self.seats[0].start

    def reason(self, *, office: bool) -> str:
        """Why it has its grade. Only the office is told of places, which are other customers' addresses."""
        seat = self.seats[0]
        if self.grade is Grade.tight and seat.spare < MINUTE:
            return "Nothing to spare."
        if self.grade is Grade.tight:
            return f"Only {rules.spoken(seat.spare)} to spare."
        if not office:
            good = self.grade is Grade.recommended
            return "Fits well with our other visits." if good else "Can be done."
        if seat.alone:
            return f"A free day, with {rules.spoken(seat.detour)} of driving."
        way = f"between {_called(seat.before)} and {_called(seat.after)}"
        if seat.detour < MINUTE:
            return f"On the way {way}."
        return f"{rules.spoken(seat.detour).capitalize()} extra {way}."


@dataclass(frozen=True, slots=True)
class Found:
    """Windows, the best first, and how many gaps were looked at for them."""

    slots: tuple[Slot, ...]
    looked_at: int

    @property
    def soonest(self) -> Slot | None:
        """The next available, whoever it is."""
        return min(self.slots, key=lambda one: (one.start, one.score), default=None)


def with_shadows(
    lanes: Sequence[Lane], shadows: Sequence[Task], weights: Weights
) -> tuple[list[Lane], list[Task]]:
    """The boards with each shadow in its cheapest place, and those for which there is none: their window
    is oversold. Whoever has least time to choose from goes first."""
    boards = {one.resource.id: one for one in lanes}
    waiting = sorted(shadows, key=lambda one: (_choice(one), one.priority, one.id))
    placed = True
    while placed:  # again, for one that unloads may have made room for another
        oversold = [one for one in waiting if not _placed(boards, one, weights)]
        placed = 0 < len(oversold) < len(waiting)
        waiting = oversold
    return [boards[one.resource.id] for one in lanes], waiting


def _placed(boards: dict[str, Lane], shadow: Task, weights: Weights) -> bool:
    """Whether there was a place for a shadow, which it now has."""
    windows = [
        Interval(one.start, one.end)
        for one in (shadow.promised, *shadow.windows)
        if one is not None
    ] or [Interval(-NEVER, NEVER)]
    slots = search(shadow, list(boards.values()), windows, weights).slots
    for seat in slots[0].seats if slots else ():
        # a crew's shadow is pinned, so that its people stay together
        start = seat.start if shadow.roles > 1 else None
        boards[seat.resource] = taken(boards[seat.resource], shadow, seat.gap, start)
    return bool(slots)


def search(
    task: Task,
    lanes: Sequence[Lane],
    windows: Sequence[Interval],
    weights: Weights,
    *,
    cells: Sequence[Cell] = (),
    placed: Mapping[str, Interval] | None = None,
) -> Found:
    """The windows in which a task can begin, the best first.

    A task that stands on a board is taken off it before. `windows` bound the beginning, their ends
    included. `cells` are what windows still hold for such work: one in which too little is left is not
    shown. `placed` says when the tasks are done that it comes after; without one of them there is no
    window.
    """
    after = linked(task, placed or {})
    seats: list[list[tuple[Seat, int]]] = [[] for _ in windows]
    looked_at = 0
    calendar = _Calendar(windows)
    for board in lanes:
        who, line = board.resource, board.line
        asked = calendar.meeting(who.opens, who.closes)
        if not asked or not rules.may(who, task):
            continue
        length = task.takes(who)
        hours = ((who.opens, who.shift.end - length),)
        allowed = both(both(of_task(line.resource, task), hours), after)
        if not allowed:
            continue
        personal = total(assigning(who, task, weights))
        for gap, (here, there) in enumerate(pairwise(line.places)):
            looked_at += 1
            if line.room(gap) < length:
                continue
            to, onward = line.travel(here, task.place), line.travel(task.place, there)
            fit = line.fit_by(task, gap, to, onward, allowed)
            if fit is None:
                continue
            detour = to + onward - board.drives[gap]
            cost = detour * weights.travel // 1000 + personal
            for number in asked:
                window = windows[number]
                wide = window.end - window.start >= SPARE
                for low, high in fit.starts:
                    start, until = max(low, window.start), min(high, window.end)
                    if start > until:
                        continue
                    seat = Seat(
                        resource=who.id,
                        technician=who.technician,
                        gap=gap,
                        start=start,
                        end=start + length,
                        cost=cost,
                        detour=detour,
                        before=here,
                        after=there,
                        spare=(until if wide else high) - start,
                        alone=not line.tasks,
                    )
                    seats[number].append((seat, until))
    shown = [
        one
        for window, choices in zip(windows, seats, strict=True)
        if (one := way(task, window, choices, cells)) is not None
    ]
    return Found(graded(shown), looked_at)


def check(
    task: Task,
    lanes: Sequence[Lane],
    window: Interval,
    weights: Weights,
    *,
    cells: Sequence[Cell] = (),
    placed: Mapping[str, Interval] | None = None,
) -> Slot | None:
    """The same for one window: whoever books asks again. None: it is gone."""
    found = search(task, lanes, (window,), weights, cells=cells, placed=placed)
    return next(iter(found.slots), None)


class _Calendar:
    """Windows by their beginnings, so that a day meets its own and not everybody's."""

    def __init__(self, windows: Sequence[Interval]) -> None:
        self._windows = windows
        self._order = sorted(range(len(windows)), key=lambda n: windows[n].start)
        self._starts = [windows[n].start for n in self._order]
        self._longest = max((one.end - one.start for one in windows), default=0)

    def meeting(self, start: int, end: int) -> list[int]:
        """The numbers of those that meet a stretch of time."""
        low = bisect_left(self._starts, start - self._longest)
        high = bisect_right(self._starts, end)
        return [n for n in self._order[low:high] if self._windows[n].end >= start]


Way = tuple[int, Interval, tuple[Seat, ...], Seat | None]
"""How a window would be kept: score, window, who, who else."""


def way(
    task: Task, window: Interval, choices: Sequence[tuple[Seat, int]], cells: Sequence[Cell]
) -> Way | None:
    """The cheapest way to keep a window. A choice is a seat and until when it could begin."""
    crew: list[Seat] = []
    next_best = None
    if task.roles > 1:
        crew = _together(task.roles, choices, cells)
    else:
        best = _two_best(_neatly(choices, cells))
        crew, next_best = best[:1], best[1] if len(best) > 1 else None
    if not crew:
        return None
    return (
        scored(sum(one.cost for one in crew), sold(window, cells)),
        window,
        tuple(crew),
        next_best,
    )


def sold(window: Interval, cells: Sequence[Cell]) -> int:
    """The share of a window that is sold, where most is."""
    meeting = (
        one for one in cells if one.window.start <= window.end and window.start < one.window.end
    )
    return max((one.sold for one in meeting), default=0)


def scored(cost: int, share: int) -> int:
    """What a window is ranked by: what it costs, and more the more of it is sold."""
    return cost + CROWDED * share * share // 1_000_000


def graded(ways: Sequence[Way]) -> tuple[Slot, ...]:
    """In order of their scores: tight where there is little to spare, else recommended in the best third."""
    ranked = sorted(ways, key=lambda one: (one[0], one[1].start, one[1].end))
    third = -(-len(ranked) // 3)
    found = []
    for place, (score, window, seats, next_best) in enumerate(ranked):
        grade = Grade.available
        if min(seat.spare for seat in seats) < SPARE:
            grade = Grade.tight
        elif score <= GOOD and place < third:
            grade = Grade.recommended
        found.append(Slot(window, grade, score, seats, next_best))
    return tuple(found)


def _two_best(seats: Iterable[Seat]) -> list[Seat]:
    """The cheapest and the next, in one pass; of equals the earlier, then the smaller id."""
    found: list[Seat] = []
    for one in seats:
        found = sorted((*found, one), key=_rank)[:2]
    return found


def _neatly(choices: Iterable[tuple[Seat, int]], cells: Sequence[Cell]) -> Iterator[Seat]:
    """Each choice with a beginning that people say, where the windows still hold as much."""
    for seat, until in choices:
        neat = _later(seat, _neat(seat.start, until))
        if _has_room(neat, cells):
            yield neat


def _together(roles: int, choices: Sequence[tuple[Seat, int]], cells: Sequence[Cell]) -> list[Seat]:
    """The cheapest people who can begin at the same second: there is none before somebody's time begins.
    Of equals the earliest."""
    best: list[Seat] = []
    for at in sorted({seat.start for seat, _ in choices}):
        people: dict[str, tuple[Seat, int]] = {}
        for seat, until in choices:
            if seat.start <= at <= until:
                other = people.get(seat.technician)
                if other is None or _rank(seat) < _rank(other[0]):
                    people[seat.technician] = seat, until
        chosen = sorted(people.values(), key=lambda one: _rank(one[0]))[:roles]
        if len(chosen) < roles:
            continue
        neat = _neat(at, min(until for _, until in chosen))
        crew = [_later(seat, neat) for seat, _ in chosen]
        cheaper = not best or sum(one.cost for one in crew) < sum(one.cost for one in best)
        if cheaper and _has_room(crew[0], cells):
            best = crew
    return best


def _neat(low: int, high: int) -> int:
    """The first whole five minutes, else the first whole minute, else second."""
    for step in (5 * MINUTE, MINUTE):
        at = -(-low // step) * step
        if at <= high:
            return at
    return low


def _later(seat: Seat, start: int) -> Seat:
    by = start - seat.start
    return seat._replace(start=start, end=seat.end + by, spare=seat.spare - by)


def _rank(seat: Seat) -> tuple[int, int, str, int]:
    return seat.cost, seat.start, seat.resource, seat.gap


def _has_room(seat: Seat, cells: Sequence[Cell]) -> bool:
    return all(one.takes(seat.start, seat.end) for one in cells)


def linked(task: Task, placed: Mapping[str, Interval]) -> Spans:
    """When a task may begin by what it comes after."""
    spans: Spans = ((-NEVER, NEVER),)
    for link in task.links:
        before = placed.get(link.task)
        if before is None:
            return ()
        most = NEVER if link.max_gap is None else before.end + link.max_gap
        spans = both(spans, ((before.end + link.min_gap, most),))
    return spans


def _choice(task: Task) -> int:
    """How much time there is to choose from."""
    if task.promised is not None:
        return task.promised.end - task.promised.start
    return sum(one.end - one.start for one in task.windows) or NEVER


def _called(place: Place) -> str:
    return place.name or place.key
