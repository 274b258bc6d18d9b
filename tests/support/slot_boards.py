"""Boards of several days made up for the slot finder, and questions to them: with everything that a day
or a task can have, in seconds that are not round.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random

from app.core.geo import Point
from app.scheduling.capacity import Cell
from app.scheduling.distances import Drives, Estimated, Known, OneByOne, spot
from app.scheduling.lanes import Standing
from app.scheduling.model import (
    ONE_DAY,
    After,
    Assignment,
    Break,
    Busy,
    Interval,
    Lock,
    Place,
    Resource,
    State,
    Task,
    Window,
)
from app.scheduling.tables import Stood
from app.scheduling.travel import NOWHERE
from tests.support.days import MONDAY, STEP, a_resource, a_task, drive, place

NAMES = ("ana", "ben", "eve", "kim", "lou")


@dataclass(frozen=True)
class Question:
    """What one asks the slot finder."""

    task: Task
    windows: Sequence[Interval]
    cells: Sequence[Cell]
    placed: dict[str, Interval]


def some_drives(pick: Random) -> Drives:
    """A chessboard's, an estimate's, or partly known."""
    if pick.random() < 0.4:
        return OneByOne(drive)
    fields = [spot(_there(place("", north, east)).point) for north in range(5) for east in range(5)]
    known = {(*pick.choice(fields), *pick.choice(fields)): pick.randint(0, 3000) for _ in range(60)}
    return Known(known, Estimated()) if pick.random() < 0.6 else Estimated()


def _there(field: Place) -> Place:
    """A field of the chessboard as a place on earth, four kilometres wide; one is not on the map."""
    north, east = field.point
    if (north, east) == (4, 4):
        return replace(field, point=NOWHERE)
    return replace(field, point=Point(41.8 + north * 0.037, -87.9 + east * 0.05))


def days_of_people(pick: Random, drives: Drives, days: int = 3) -> list[Stood]:
    """Several people's days; what stands on them may be too tight, or slide."""
    found = []
    for day in range(days):
        for name in NAMES[: pick.randint(0, len(NAMES))]:
            who = _on(a_resource(pick, name), day, pick)
            row = [
                _moved(a_task(pick, f"{name}-{day}-{n}"), day * ONE_DAY)
                for n in range(pick.choice((0, 1, 3, 5, 7)))
            ]
            if not isinstance(drives, OneByOne):
                who = replace(who, start=_there(who.start), end=_there(who.end))
                row = [replace(one, place=_there(one.place)) for one in row]
            found.append(Stood(who, _standing(pick, who, row)))
    pick.shuffle(found)
    return sorted(found, key=lambda one: one.resource.day) if pick.random() < 0.7 else found


def _standing(pick: Random, who: Resource, row: Sequence[Task]) -> tuple[Standing, ...]:
    """At seconds that rise, some free to slide."""
    at, found = who.opens - pick.choice((0, 0, 2 * STEP)), []
    slides = pick.choice((0.0, 0.0, 0.3, 1.0))
    for task in row:
        at += pick.randint(0, 9 * STEP)
        promised = Interval(at - pick.randint(0, 9 * STEP), at + pick.randint(0, 20 * STEP))
        loose = pick.random() < slides
        found.append(
            Standing(replace(task, promised=promised), None) if loose else Standing(task, at)
        )
        at += task.takes(who)
    return tuple(found)


def _on(who: Resource, day: int, pick: Random) -> Resource:
    """The same person's day so many days later, in seconds that are not round."""
    by = day * ONE_DAY + pick.choice((0, 0, 37, 60, 1111))
    busy = [Busy(one.start + by, one.end + by, one.name) for one in who.busy]
    if busy and pick.random() < 0.5:
        after = busy[-1].end + pick.choice((0, 1, STEP))
        busy.append(Busy(after, after + pick.choice((1, STEP, 3 * STEP)), "another"))
    pause = who.pause
    if pause is not None:
        pause = Break(pause.duration, pause.earliest + by, pause.latest + by)
    since = who.available_from
    return replace(
        who,
        start=replace(who.start, key=f"{who.start.key} {day}"),
        end=replace(who.end, key=f"{who.end.key} {day}"),
        id=f"{pick.randint(0, 99)}/{who.technician}/{day}",
        day=MONDAY + timedelta(day),
        shift=Interval(who.shift.start + by, who.shift.end + by),
        pause=pause,
        busy=tuple(busy),
        available_from=None if since is None else since + by,
        on_call=pick.random() < 0.1,
        capacity=pick.choice(({}, {"litres": 2}, {"litres": 5})),
    )


def _moved(task: Task, by: int) -> Task:
    windows = tuple(Window(one.start + by, one.end + by, one.kind) for one in task.windows)
    return replace(task, windows=windows)


def a_question(pick: Random, boards: Sequence[Stood], drives: Drives, days: int = 3) -> Question:
    """Work of any kind, and windows that may overlap, be moments, or lie at night."""
    people = [one.resource for one in boards]
    day = pick.randint(0, days - 1)
    bare = replace(_moved(a_task(pick, "new"), day * ONE_DAY), windows=())
    task = a_task(pick, "new") if pick.random() < 0.5 else bare
    every = [one for n in range(days) for one in _moved(task, n * ONE_DAY).windows]
    task = replace(task, windows=tuple(every))
    if not isinstance(drives, OneByOne):
        task = replace(task, place=_there(task.place))

    def some(share: float) -> frozenset[str]:
        return frozenset(pick.sample(NAMES, 2)) if pick.random() < share else frozenset()

    task = replace(
        task,
        duration=pick.choice((task.duration, task.duration + 7, pick.choice((0, 1, 2, 50)))),
        duration_by_technician={name: pick.randint(2, 5000) for name in some(0.2)},
        roles=pick.choice((1, 1, 1, 1, 2, 3)),
        required=some(0.1),
        excluded=some(0.1),
        preferred=some(0.2),
        lock=pick.choice((Lock.none, Lock.none, Lock.none, *Lock)),
        state=pick.choice((State.unscheduled, State.scheduled, State.dispatched)),
        confirmed=pick.random() < 0.2,
        links=(After("first", 60, pick.choice((None, 2 * ONE_DAY))),) * (pick.random() < 0.1),
    )
    if people and pick.random() < 0.3:
        was = pick.choice(people)
        at = was.opens + pick.randint(0, 20 * STEP)
        task = replace(task, current=(Assignment(was.technician, was.day, at),))
    if pick.random() < 0.2:
        at = day * ONE_DAY
        task = replace(task, promised=Interval(at, at + 60 * STEP), late_limit=pick.choice((0, 99)))
    windows = []
    for _ in range(pick.choice((0, 1, 8, 8, 8))):
        at = pick.randint(-STEP, days * ONE_DAY)
        windows.append(Interval(at, at + pick.choice((0, 300, 9 * STEP, 9 * STEP, 80 * STEP))))
    windows += [
        Interval(n * ONE_DAY + low * STEP, n * ONE_DAY + (low + 9) * STEP)
        for n in range(days)
        for low in range(0, 54, 9)
    ]
    cells = [
        Cell(one, None, None, 9000, pick.randint(0, 9000), pick.choice((0, 900)))
        for one in windows
        if pick.random() < 0.5
    ]
    return Question(
        task,
        windows,
        cells if pick.random() < 0.5 else (),
        {"first": Interval(0, pick.randint(1, ONE_DAY))} if pick.random() < 0.8 else {},
    )
