"""Days made up for the planner: people, work and orders, in steps of ten minutes; and the slow truth
about one route, found by trying every minute of it.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from random import Random

from app.core.geo import Point
from app.scheduling import timeline
from app.scheduling.model import (
    Break,
    Busy,
    Interval,
    Leg,
    Place,
    Plan,
    Problem,
    Resource,
    Route,
    Task,
    Window,
    WindowKind,
)

STEP = 600
"""Seconds; all times of a made-up day are multiples of it."""
MONDAY = date(2031, 3, 3)
TRADES = ("gas", "heating")


def place(key: str, north: int, east: int) -> Place:
    return Place(key, Point(float(north), float(east)))


def drive(a: Place, b: Place) -> int:
    """One step for each field of a chessboard, straight along its lines."""
    north, east = a.point.latitude - b.point.latitude, a.point.longitude - b.point.longitude
    return STEP * round(abs(north) + abs(east))


def a_place(pick: Random, key: str, width: int = 4) -> Place:
    return place(key, pick.randint(0, width), pick.randint(0, width))


def a_resource(pick: Random, key: str = "ana", steps: int = 54) -> Resource:
    """Somebody's day: with or without a break, a meeting, drives outside of the shift."""
    home = a_place(pick, f"home of {key}")
    length = pick.randint(2, 5)
    meets = pick.randint(0, steps - 3)
    floating = Break(length * STEP, (steps // 3) * STEP, (steps // 3 + pick.randint(0, 15)) * STEP)
    return Resource(
        id=f"{key}/{MONDAY}",
        technician=key,
        day=MONDAY,
        name=key.title(),
        start=home,
        end=pick.choice((home, a_place(pick, f"depot of {key}"))),
        shift=Interval(0, steps * STEP),
        first_leg=pick.choice(tuple(Leg)),
        last_leg=pick.choice(tuple(Leg)),
        pause=pick.choice((None, floating, floating)),
        busy=pick.choice(((), (Busy(meets * STEP, (meets + 3) * STEP, "a meeting"),))),
        skills={one: pick.randint(1, 3) for one in pick.sample(TRADES, pick.randint(1, 2))},
        territories=frozenset(pick.sample(("north", "south"), pick.randint(0, 2))),
        trades=frozenset(TRADES),
        max_overtime=pick.choice((0, 0, 3 * STEP)),
        capacity={"litres": 5},
        available_from=pick.choice((None, None, pick.randint(1, 9) * STEP)),
        break_taken=pick.random() < 0.1,
    )


def a_task(pick: Random, key: str, steps: int = 54) -> Task:
    """Work with windows, hours of access, needs, something to load."""
    windows = []
    for _ in range(pick.choice((0, 1, 1, 2))):
        begins = pick.randint(0, steps - 4)
        windows.append(Window(begins * STEP, (begins + pick.randint(0, 20)) * STEP))
    for _ in range(pick.choice((0, 0, 1, 2))):
        begins = pick.randint(0, steps // 2)
        ends = begins + pick.randint(5, 30)
        windows.append(Window(begins * STEP, ends * STEP, WindowKind.access))
    return Task(
        id=key,
        place=a_place(pick, f"site of {key}"),
        duration=pick.randint(1, 6) * STEP,
        name=f"Visit {key}",
        windows=tuple(windows),
        skills={pick.choice(TRADES): pick.randint(1, 2)} if pick.random() < 0.3 else {},
        priority=pick.randint(1, 4),
        demand={"litres": pick.choice((1, 2, -9))} if pick.random() < 0.3 else {},
        territory=pick.choice((None, None, "north", "south")),
        trade=pick.choice(TRADES),
    )


def an_order(pick: Random, resource: Resource, most: int) -> list[Task]:
    """Some tasks in an order that can be kept, tried one after the other where they happen to fit."""
    order: list[Task] = []
    for number in range(most):
        task = a_task(pick, f"{resource.technician}-{number}")
        at = pick.randint(0, len(order))
        tried = [*order[:at], task, *order[at:]]
        if timeline.of(resource, tried, drive).feasible:
            order = tried
    return order


def a_plan(problem: Problem, orders: dict[str, Sequence[Task]]) -> Plan:
    """The plan of these orders, as the timeline states it; the other tasks are left out."""
    routes = []
    for resource in problem.resources:
        stops = timeline.of(resource, orders.get(resource.id, ()), problem.travel).stops()
        assert stops is not None
        routes.append(Route(resource.id, stops))
    planned = {task.id for order in orders.values() for task in order}
    return Plan(
        tuple(routes),
        {one.id: "nothing fits" for one in problem.tasks if one.id not in planned},
    )


class SlowTruth:
    """What can become of a route, tried step by step: wait, drive, rest, work. Nothing is inferred."""

    def __init__(self, resource: Resource, tasks: Sequence[Task]) -> None:
        self.who, self.tasks = resource, tasks
        self.places = [resource.start, *(one.place for one in tasks), resource.end]
        self.last = resource.closes + 8 * STEP
        self.ends = cache(self._ends)

    def earliest_end(self) -> int | None:
        """When the last drive, or a break after it, is over at the earliest."""
        ends = self._reached()
        done = [t for t, place, there, rested in ends if (place, there) == self._goal and rested]
        return min(done, default=None)

    def starts_of(self, number: int) -> set[int]:
        """When the task of this number may begin with all others still done."""
        return {
            at
            for at, place, there, rested in self._reached()
            if (place, there) == (number + 1, True)
            and self._may_begin(number, at)
            and self.ends(at + self.tasks[number].takes(self.who), number + 1, False, rested)
        }

    @property
    def _goal(self) -> tuple[int, bool]:
        return len(self.tasks) + 1, True

    def _reached(self) -> set[tuple[int, int, bool, bool]]:
        """States: when, at which place, whether its work is still to come, whether one has rested."""
        opens = self.who.opens
        commutes = self.who.first_leg is Leg.outside and self.who.available_from is None
        rested = self.who.pause is None or self.who.break_taken
        found: set[tuple[int, int, bool, bool]] = set()
        new = [(opens - 6 * STEP if commutes else opens, 0, False, rested)]
        while new:
            state = new.pop()
            if state not in found and state[0] <= self.last:
                found.add(state)
                new += self._next(*state)
        return found

    def _ends(self, at: int, place: int, there: bool, rested: bool) -> bool:
        if at > self.last:
            return False
        if (place, there) == self._goal and rested:
            return True
        return any(self.ends(*state) for state in self._next(at, place, there, rested))

    def _next(
        self, at: int, place: int, there: bool, rested: bool
    ) -> list[tuple[int, int, bool, bool]]:
        who, moves = self.who, []
        if (place, there) != self._goal or not rested:
            moves.append((at + STEP, place, there, rested))
        if not rested and who.pause is not None and at >= who.opens:
            over = at + who.pause.duration
            if (
                who.pause.earliest <= at <= who.pause.latest
                and over <= who.closes
                and self._free(at, over)
            ):
                moves.append((over, place, there, True))
        if there and place <= len(self.tasks) and self._may_begin(place - 1, at):
            done = at + self.tasks[place - 1].takes(who)
            moves.append((done, place, False, rested))
        if not there and place <= len(self.tasks):
            takes = drive(self.places[place], self.places[place + 1])
            early = late = 0
            if place == 0 and who.first_leg is Leg.outside and who.available_from is None:
                early = min(takes, 3600)
            if place == len(self.tasks) and who.last_leg is Leg.outside:
                late = min(takes, 3600)
            arrives = at + takes
            home = place == len(self.tasks)
            if (
                at >= who.opens - early
                and self._free(at, arrives)
                and not (home and arrives > who.closes + late)
            ):
                moves.append((arrives, place + 1, True, rested))
        return moves

    def _may_begin(self, number: int, at: int) -> bool:
        task = self.tasks[number]
        over = at + task.takes(self.who)
        promises = [one for one in task.windows if one.kind is WindowKind.promise]
        hours = [one for one in task.windows if one.kind is WindowKind.access]
        let_in = all(
            any(one.start <= second and second + STEP <= one.end for one in hours)
            for second in range(at, over, STEP)
        )
        return (
            (not promises or any(one.start <= at <= one.end for one in promises))
            and (not hours or let_in)
            and self._free(at, over)
        )

    def _free(self, start: int, end: int) -> bool:
        return all(end <= one.start or start >= one.end for one in self.who.busy)


def pinned(task: Task, start: int) -> Task:
    """The same task, at this second and no other."""
    hours = tuple(one for one in task.windows if one.kind is WindowKind.access)
    return replace(task, windows=(*hours, Window(start, start)), promised=None)
