"""Somebody's board, ready to be asked where there is room.

What is always true: what stands stands. A visit that begins at a certain second is not moved, and where
two of them leave too little time for the drive between them, or one lies outside of the shift or in a
meeting, that is a warning there and spoils no other gap. What has no second of its own slides, within the
shift and its window, to let others in.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from app.scheduling import timeline
from app.scheduling.model import Busy, Drive, Interval, Lock, Resource, Task, Window, WindowKind
from app.scheduling.spans import both, promised
from app.scheduling.timeline import Timeline, first_drive_from, outside


@dataclass(frozen=True, slots=True)
class Standing:
    """A task on somebody's board: at a second of its own, or where it finds room (`start` None)."""

    task: Task
    start: int | None = None


@dataclass(frozen=True, slots=True)
class Lane:
    """One resource's board, ready to be asked. Made by `lane`."""

    resource: Resource
    standing: tuple[Standing, ...]
    line: Timeline
    drives: tuple[int, ...]
    """As long as they really are, between neighbours; nothing for a day without work."""


def lane(resource: Resource, standing: Iterable[Standing], travel: Drive) -> Lane:
    """Somebody's board. Tasks come in their order; overtime is never proposed, so none is allowed."""
    row = tuple(standing)
    fixed = [
        (one.start, one.start + one.task.takes(resource)) for one in row if one.start is not None
    ]
    low = min((start for start, _ in fixed), default=resource.opens)
    high = max((end for _, end in fixed), default=resource.shift.end)
    since = resource.available_from
    stretched = replace(
        resource,
        shift=Interval(min(resource.shift.start, low), max(resource.shift.end, high)),
        available_from=None if since is None else min(since, low),
        max_overtime=0,
        busy=_beside(resource.busy, fixed),
    )
    tasks = [
        _inside(resource, one.task) if one.start is None else _at(one.task, one.start)
        for one in row
    ]
    places = (resource.start, *(one.task.place for one in row), resource.end)
    drives = tuple(travel(a, b) for a, b in pairwise(places))
    line = timeline.of(stretched, tasks, travel, _as_they_stand(stretched, row, drives))
    return Lane(resource, row, line, drives if row else (0,))


def taken(board: Lane, task: Task, gap: int, start: int | None) -> Lane:
    """The board with a task in a gap."""
    row = board.standing
    put = (*row[:gap], Standing(task, start), *row[gap:])
    return lane(board.resource, put, board.line.travel)


def _inside(resource: Resource, task: Task) -> Task:
    """The task within the shift as it really is, though a visit that stands may lie beyond it."""
    hours = tuple(one for one in task.windows if one.kind is WindowKind.access)
    shift = ((resource.opens, resource.shift.end - task.takes(resource)),)
    offered = tuple(Window(low, high) for low, high in both(promised(task), shift))
    nothing = (Window(0, -1),)
    return replace(task, windows=(*hours, *(offered or nothing)), promised=None, late_limit=0)


def _at(task: Task, start: int) -> Task:
    """The task at its second, whatever was promised: it stands there already."""
    return replace(
        task, windows=(Window(start, start),), promised=None, late_limit=0, lock=Lock.none
    )


def _as_they_stand(
    resource: Resource, row: Sequence[Standing], drives: Sequence[int]
) -> tuple[int, ...]:
    """The drives, no longer than the time between two tasks that stand: what was planned too tightly is
    a warning there, and no reason to close the rest of the day."""
    legs = list(drives)
    done: int | None = first_drive_from(resource, drives[0])
    for number, one in enumerate(row):
        if one.start is not None and done is not None:
            legs[number] = min(drives[number], _longest(resource.busy, done, one.start))
        done = None if one.start is None else one.start + one.task.takes(resource)
    if row and done is not None:
        back = resource.closes + outside(resource, resource.last_leg, drives[-1])
        legs[-1] = min(drives[-1], _longest(resource.busy, done, back))
    return tuple(legs)


def _longest(busy: Sequence[Busy], start: int, end: int) -> int:
    """The longest stretch between two instants without anything busy."""
    edges = [start]
    for one in busy:
        edges += [min(max(one.start, start), end), min(max(one.end, start), end)]
    edges.append(end)
    return max(0, *(high - low for low, high in zip(edges[::2], edges[1::2], strict=True)))


def _beside(busy: Sequence[Busy], fixed: Sequence[tuple[int, int]]) -> tuple[Busy, ...]:
    """What is busy beside the tasks that stand, though they lie over it."""
    left = list(busy)
    for start, end in fixed:
        left = [
            replace(one, start=low, end=high)
            for one in left
            for low, high in ((one.start, min(one.end, start)), (max(one.start, end), one.end))
            if low < high
        ]
    return tuple(sorted(left, key=lambda one: one.start))
