"""One resource's tasks in an order: when each may begin, where the break goes, and what fits between.

What is always true: this is the only evaluation of a route. A route has two earliest departures at each
place, `n` while the floating break is still to be taken and `b` once it was, and two latest times at
which each place must be ready, seen from the end: the mirror image. Both are exact, for who is earlier
is never worse off. So whether a task fits in a gap is told from the gap's two neighbours alone, however
long the route is.

Sources: push forward by latest times (M. W. P. Savelsbergh, "The vehicle routing problem with time
windows: minimizing route duration", ORSA Journal on Computing 4, 1992); evaluation by what is known of
the parts (T. Vidal, T. G. Crainic, M. Gendreau, C. Prins, "A unified solution framework for
multi-attribute vehicle routing problems", EJOR 234, 2014).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from app.scheduling.model import COMMUTE, Drive, Leg, Place, Resource, Stop, StopKind, Task
from app.scheduling.spans import (
    NEVER,
    Spans,
    both,
    drive_from,
    drive_until,
    either,
    first,
    last,
    of_break,
    of_task,
)

Pair = tuple[int, int]
"""Two times in seconds: with the break still to be taken, and with it taken."""


@dataclass(frozen=True, slots=True)
class Fit:
    """A task fits into a gap: when it may begin there, and how much more is driven for it."""

    gap: int
    """Before the task of this number; the last gap is behind all."""
    detour: int
    starts: Spans


@dataclass(frozen=True, slots=True)
class Timeline:
    """An order of tasks on one resource, with its earliest and latest times. Made by `of`."""

    resource: Resource
    tasks: tuple[Task, ...]
    travel: Drive
    places: tuple[Place, ...]
    """Start, tasks, end."""
    legs: tuple[int, ...]
    """Seconds from each place to the next."""
    allowed: tuple[Spans, ...]
    """When each task may begin, wherever one comes from."""
    pauses: Spans
    earliest: tuple[Pair, ...]
    """Departures, from the start and from each task."""
    latest: tuple[Pair, ...]
    """When each task must be ready to begin at the latest, breaks before it taken."""
    loads: tuple[Mapping[str, Pair], ...]
    """In each gap, by unit: what is aboard, and how much more comes aboard behind it."""

    @property
    def feasible(self) -> bool:
        """Whether all of it can be done in this order."""
        if not self.tasks:
            return True
        n, b = self.earliest[0]
        ready = _arrive(self, n, b, self.legs[0], leaving_home=True)
        fits = ready[0] <= self.latest[0][0] or ready[1] <= self.latest[0][1]
        return fits and not self.overloaded

    @property
    def overloaded(self) -> bool:
        """Whether more comes aboard than there is room for."""
        room = self.resource.capacity
        return any(
            aboard > room.get(unit, 0) for gap in self.loads for unit, (aboard, _) in gap.items()
        )

    def fit(self, task: Task, gap: int) -> Fit | None:
        """When `task` may begin in a gap with everything else still done in time; None: never.

        Looks at nothing but the gap's two neighbours.
        """
        here, there = self.places[gap], self.places[gap + 1]
        return self.fit_by(
            task,
            gap,
            self.travel(here, task.place),
            self.travel(task.place, there),
            of_task(self.resource, task),
        )

    def fit_by(self, task: Task, gap: int, to: int, onward: int, allowed: Spans) -> Fit | None:
        """The same, for whoever knows the two drives and when the task may begin."""
        if not self._carries(task, gap):
            return None
        alone = not self.tasks
        n, b = self.earliest[gap]
        arrives = _arrive(self, n, b, to, leaving_home=gap == 0)
        if gap < len(self.tasks):
            leaves = _leave(self, self.latest[gap], onward)
        else:
            leaves = _leave(self, _ends(self, onward), onward)
        length = task.takes(self.resource)
        starts = either(
            span
            for low, high in zip(arrives, leaves, strict=True)
            for span in both(allowed, ((low, high - length),))
            if low <= high - length
        )
        if not starts:
            return None
        return Fit(gap, to + onward - (0 if alone else self.legs[gap]), starts)

    def room(self, gap: int) -> int:
        """At most so many seconds lie between a gap's neighbours, drives included: who needs more need
        not ask how far they are."""
        low, high = min(self.earliest[gap]), self.resource.closes
        if gap == 0:
            low -= COMMUTE
        if gap < len(self.tasks):
            high = max(self.latest[gap])
        else:
            high += COMMUTE
        return high - low

    def _carries(self, task: Task, gap: int) -> bool:
        for unit, amount in task.demand.items():
            room = self.resource.capacity.get(unit, 0)
            aboard, to_come = self.loads[gap].get(unit, (0, 0))
            with_it = max(0, aboard + amount)
            if with_it > room or with_it + to_come > room:
                return False
        return True

    def stops(self) -> tuple[Stop, ...] | None:
        """When everything begins, as early as it can, and when one leaves for it, as late as that
        allows; None where it cannot be done in this order.

        The break is where the day ends earliest.
        """
        if not self.tasks:
            return ()
        return _stated(self) if self.feasible else None


def of(
    resource: Resource,
    tasks: Sequence[Task],
    travel: Drive,
    legs: Sequence[int] | None = None,
) -> Timeline:
    """The timeline of somebody's tasks in this order, whether it can be kept or not. `legs` are its
    drives, for whoever knows them better than `travel`."""
    places = (resource.start, *(one.place for one in tasks), resource.end)
    legs = tuple(legs or (travel(a, b) for a, b in pairwise(places)))
    allowed = tuple(of_task(resource, one) for one in tasks)
    waits = resource.pause is not None and not resource.break_taken
    pauses = of_break(resource, resource.pause) if waits and resource.pause else ()
    line = Timeline(
        resource, tuple(tasks), travel, places, legs, allowed, pauses, (), (), loads_of(tasks)
    )
    earliest: list[Pair] = [(resource.opens, NEVER) if waits else (NEVER, resource.opens)]
    for i, task in enumerate(tasks):
        ready = _arrive(line, *earliest[i], legs[i], leaving_home=i == 0)
        length = task.takes(resource)
        n, b = (first(allowed[i], one) for one in ready)
        earliest.append((min(NEVER, n + length), min(NEVER, b + length)))
    latest: list[Pair] = [_ends(line, legs[-1])]
    for i in range(len(tasks) - 1, -1, -1):
        leaves = _leave(line, latest[-1], legs[i + 1])
        length = tasks[i].takes(resource)
        n, b = (last(allowed[i], one - length) for one in leaves)
        latest.append((n, b))
    return replace(line, earliest=tuple(earliest), latest=tuple(reversed(latest[1:])))


def outside(resource: Resource, leg: Leg, drive: int) -> int:
    """How much of a drive from or to home lies outside of the shift."""
    return min(drive, COMMUTE) if leg is Leg.outside else 0


def first_drive_from(resource: Resource, drive: int) -> int:
    """From when the first drive may begin: before the shift, where it lies outside; never before
    somebody who is on the road already is available."""
    if resource.available_from is not None:
        return resource.opens
    return resource.opens - outside(resource, resource.first_leg, drive)


def _paused(line: Timeline, at: int) -> int:
    """The earliest end of a break for which one is ready at `at`."""
    assert line.resource.pause is not None
    begins = first(line.pauses, at)
    return begins + line.resource.pause.duration if begins < NEVER else NEVER


def _pausing(line: Timeline, until: int) -> int:
    """The latest beginning of a break that is over at `until`."""
    assert line.resource.pause is not None
    return last(line.pauses, until - line.resource.pause.duration)


def _arrive(line: Timeline, n: int, b: int, drive: int, *, leaving_home: bool) -> Pair:
    """When one is ready at the next place: the break behind one, before the drive, or after it."""
    busy, resource = line.resource.busy, line.resource
    early = resource.opens - first_drive_from(resource, drive) if leaving_home else 0
    with_it = drive_from(busy, b - early, drive) + drive if b < NEVER else NEVER
    if n >= NEVER:
        return NEVER, with_it
    without = drive_from(busy, n - early, drive) + drive
    rested = _paused(line, n)
    if rested < NEVER:
        with_it = min(with_it, drive_from(busy, rested, drive) + drive)
    return without, min(with_it, _paused(line, without))


def _leave(line: Timeline, latest: Pair, drive: int) -> Pair:
    """The mirror image: when one must leave for a place that must be ready by `latest`."""
    busy = line.resource.busy
    n, b = latest
    with_it = drive_until(busy, b, drive) if b > -NEVER else -NEVER
    without = drive_until(busy, n, drive) if n > -NEVER else -NEVER
    if line.resource.pause is not None and b > -NEVER:
        without = max(without, _pausing(line, with_it))
        rested = _pausing(line, b)
        if rested > -NEVER:
            without = max(without, drive_until(busy, rested, drive))
    return without, with_it


def _ends(line: Timeline, drive: int) -> Pair:
    """When one must be back: with the break still to be taken, in time for it."""
    resource = line.resource
    back = resource.closes + outside(resource, resource.last_leg, drive)
    return min(back, last(line.pauses, NEVER)), back


def loads_of(tasks: Sequence[Task]) -> tuple[Mapping[str, Pair], ...]:
    """What is aboard in each gap, and the most that comes aboard behind it: sums of amounts that may
    unload, at most all. From the front `max(0, x + amount)`, from behind the highest sum."""
    units = {unit for one in tasks for unit in one.demand}
    aboard = [dict.fromkeys(units, 0)]
    for one in tasks:
        aboard.append({u: max(0, aboard[-1][u] + one.demand.get(u, 0)) for u in units})
    to_come = [dict.fromkeys(units, 0)]
    for one in reversed(tasks):
        to_come.append({u: max(0, to_come[-1][u] + one.demand.get(u, 0)) for u in units})
    to_come.reverse()
    return tuple({u: (aboard[i][u], to_come[i][u]) for u in units} for i in range(len(aboard)))


def _stated(line: Timeline) -> tuple[Stop, ...]:
    """Walk from the end to the start along what made each time, then say it in order."""
    resource, busy = line.resource, line.resource.busy
    found: list[Stop] = []
    last_one = len(line.tasks)
    ready = _arrive(line, *line.earliest[last_one], line.legs[-1], leaving_home=False)
    taken, at = True, ready[1]  # a day with work has its break, or needs none
    for i in range(last_one, -1, -1):
        drive = line.legs[i]
        n, b = line.earliest[i]
        early = resource.opens - first_drive_from(resource, drive) if i == 0 else 0
        rest: Stop | None = None
        before = False
        if not taken:
            leaves, came_taken = n - early, False
        elif b < NEVER and drive_from(busy, b - early, drive) + drive == at:
            leaves, came_taken = b - early, True
        else:
            came_taken = False
            assert resource.pause is not None
            length = resource.pause.duration
            rested = _paused(line, n)
            before = rested < NEVER and drive_from(busy, rested, drive) + drive == at
            leaves = rested if before else n - early
            begins = first(line.pauses, n) if before else at - length
            rest = Stop(StopKind.pause, begins, begins + length)
        arrives = drive_from(busy, leaves, drive) + drive
        if i == last_one:
            goal = Stop(StopKind.end, arrives, arrives, arrives - drive)
        else:
            task = line.tasks[i]
            begins = first(line.allowed[i], at)
            until = min(begins, rest.start) if rest is not None and not before else begins
            goal = Stop(
                StopKind.task,
                begins,
                begins + task.takes(resource),
                drive_until(busy, until, drive),
                task.id,
            )
        around = [goal] if rest is None else [rest, goal]
        if rest is not None and not before and i == last_one:
            around = [goal, rest]
        found = [*around, *found]
        taken = came_taken
        at = _ready(line, i, taken)
    return tuple(found)


def _ready(line: Timeline, i: int, taken: bool) -> int:
    """When one is ready for the task before gap `i`."""
    if i == 0:
        return line.resource.opens
    ready = _arrive(line, *line.earliest[i - 1], line.legs[i - 1], leaving_home=i == 1)
    return ready[1] if taken else ready[0]
