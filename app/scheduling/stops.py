"""Stops: from coming to a place until leaving it, and whose visit each belongs to.

One stop belongs to one visit: two visits at a place, or next door, are not both begun by it. It is the
one they are on the way to; else the one whose place and planned time are nearest. While somebody is at
one visit they have not come to another.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

from app.core.geo import Point
from app.scheduling.fences import Crossed, Crossing, crossings
from app.scheduling.track import Fix, apart, between

MINUTE = 60.0
LOOK = 100
"""Fixes by which one tells how far from its place a stop was."""


@dataclass(frozen=True)
class Stop:
    """Somebody was at a place from `start` until `end`, on average so many metres from its pin."""

    start: float
    end: float
    metres: float = 0.0

    def meets(self, other: "Stop") -> bool:
        """Whether both were at the same time."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True)
class Goal:
    """A visit, as a track is held against it."""

    place: Point | None
    """None: nobody knows where it is."""
    first: float
    last: float
    """From when until when somebody may have come."""
    planned: float
    set_off: float | None = None
    """When they set off for it, while they are on the way."""
    spent: Stop | None = None
    """When somebody was there, as they said; None: they have not come yet."""


@dataclass
class Seen:
    """What a track says of a visit: when they left its place, and the stops that are this visit's."""

    left: list[float] = field(default_factory=list)
    stops: list[Stop] = field(default_factory=list)


def seen(track: Sequence[Fix], goals: Sequence[Goal], radius: float) -> list[Seen]:
    """What the track says of each of somebody's visits."""
    found = [Seen() for _ in goals]
    rivals: list[tuple[bool, float, float, int, Stop]] = []
    taken: list[Stop] = []
    for number, goal in enumerate(goals):
        stops: list[Stop] = []
        if goal.place is not None:
            part = between(track, goal.first, goal.last)
            crossed = crossings(part, goal.place, radius)
            found[number].left = [one.at for one in crossed if one.kind is Crossed.departure]
            stops = _stops(crossed, part, goal.place)
        if goal.spent is not None:
            there = goal.spent
            taken += [one for one in stops if one.meets(there)] or [there]
        else:
            rivals += [
                (goal.set_off is None, _far(goal, stop), goal.planned, number, stop)
                for stop in stops
                if stop.start > -math.inf and (goal.set_off is None or stop.end > goal.set_off)
            ]
    mine: list[tuple[int, Stop]] = []
    for *_, number, stop in sorted(rivals, key=lambda one: one[:4]):
        others = (one for owner, one in mine if owner != number)
        if not any(stop.meets(one) for one in (*taken, *others)):
            mine.append((number, stop))
    for number, stop in sorted(mine, key=lambda one: one[1].start):
        found[number].stops.append(stop)
    return found


def _stops(crossed: Sequence[Crossing], track: Sequence[Fix], place: Point) -> list[Stop]:
    """The times at the place; whoever was there from the beginning came at no time that is known."""
    found = []
    came: float | None = -math.inf
    for one in crossed:
        if one.kind is Crossed.arrival:
            came = one.at
        elif came is not None:
            found.append(_stop(came, one.at, track, place))
            came = None
    if crossed and came is not None:
        found.append(_stop(came, math.inf, track, place))
    return found


def _stop(start: float, end: float, track: Sequence[Fix], place: Point) -> Stop:
    pin = Fix(start, place.latitude, place.longitude, 0)
    near = [apart(fix, pin) for fix in islice(between(track, start, end), LOOK)]
    return Stop(start, end, sum(near) / len(near))


def _far(goal: Goal, stop: Stop) -> float:
    """How little it is this goal's: a metre beside the pin weighs as much as a minute beside the plan."""
    return abs(stop.start - goal.planned) / MINUTE + stop.metres
