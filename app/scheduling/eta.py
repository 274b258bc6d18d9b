"""When somebody will be there: from where they are, what stands before it, and how drives go here.

An answer is a band: nine of ten arrivals should lie in it. How many times our guess a drive takes is
learnt from drives that were about as long; until there are enough, it is assumed. What a map service said
is taken as it is. A drive that has gone
slower than its like goes on slower, the more surely the longer it lasts. Work has a spread of its own,
and what stands before a visit adds its own to it.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median, quantiles

from app.core.geo import Point
from app.scheduling.travel import Source, Travel, estimate

WORK = (0.6, 1.6)
"""Nine of ten jobs take so many times what is planned."""
SLACK = 60.0
"""Seconds: no arrival is known better."""
TRUST = 2400.0
"""Seconds of driving after which what was seen counts as much as what is usual."""
SLOWEST, QUICKEST = 2.5, 0.5
MARGIN = 1.05
"""A few drives know the edges of a band badly."""
ENOUGH = 20
"""Drives from which it is learnt."""
LIKE = 40
"""Drives, at most, that are about as long."""


@dataclass(frozen=True, slots=True)
class Habit:
    """How many times our guess drives take: in the middle, and from where until where nine of ten lie."""

    middle: float = 1.0
    low: float = 0.6
    high: float = 1.8


class Habits:
    """How drives go here, by how long we guess they take."""

    def __init__(self, drives: Sequence[tuple[float, float]] = ()) -> None:
        """`drives` are what we guessed and what it took, in seconds."""
        self._drives = sorted(one for one in drives if one[0] > 0 and one[1] > 0)

    @property
    def are_learnt(self) -> bool:
        """Whether there are enough drives to say anything."""
        return len(self._drives) >= ENOUGH

    def of(self, guess: float) -> Habit:
        """Those of the drives that are about as long."""
        if not self.are_learnt:
            return Habit()
        place = bisect_left(self._drives, (guess, 0.0))
        first = max(0, min(place - LIKE // 2, len(self._drives) - LIKE))
        ratios = [took / guessed for guessed, took in self._drives[first : first + LIKE]]
        twentieths = quantiles(ratios, n=20)
        return Habit(median(ratios), twentieths[0] / MARGIN, twentieths[-1] * MARGIN)


NONE = Habits()


def as_usual(leg: Travel, usual: Habits) -> Travel:
    """A drive as long as they take here, where it is our estimate and enough is known of that."""
    if leg.source is not Source.estimate or not usual.are_learnt:
        return leg
    return replace(
        leg, seconds=round(leg.seconds * usual.of(leg.seconds).middle), source=Source.learnt
    )


@dataclass(frozen=True, slots=True)
class Driving:
    """A drive that goes on: where and when it began."""

    start: Point
    since: float


@dataclass(frozen=True, slots=True)
class Stop:
    """Work before the visit in question: where, how long it still takes, not before when."""

    place: Point
    seconds: float
    not_before: float | None = None


@dataclass(frozen=True, slots=True)
class Eta:
    """An instant, and the band in which nine of ten arrivals lie, in seconds; the drives until then."""

    at: float
    low: float
    high: float
    legs: Sequence[Travel]
    """In order, each as long as it is expected to take; the last leads to the goal."""


def pace(driving: Driving | None, here: Point, seen_at: float, usual: Habits) -> float:
    """How many times what is usual this drive takes, as far as it has gone."""
    if driving is None:
        return 1.0
    guess = estimate(driving.start, here).seconds
    expected, elapsed = guess * usual.of(guess).middle, max(0.0, seen_at - driving.since)
    return min(SLOWEST, max(QUICKEST, (TRUST + elapsed) / (TRUST + expected)))


def ways(here: Point, before: Sequence[Stop], goal: Point) -> list[tuple[Point, Point]]:
    """The drives until the goal, in order."""
    return list(pairwise([here, *(stop.place for stop in before), goal]))


def arrival(
    now: float,
    here: Point,
    seen_at: float,
    goal: Point,
    *,
    driving: Driving | None = None,
    before: Sequence[Stop] = (),
    not_before: float | None = None,
    usual: Habits = NONE,
    known: Sequence[Travel] | None = None,
) -> Eta:
    """When somebody who was `here` at `seen_at` will be at the goal.

    `driving` is the drive they are on now, to the first of the places ahead. `known` are the drives of
    `ways`, as far as somebody else knows them; silence: our estimates.
    """
    legs = known or [estimate(a, b) for a, b in ways(here, before, goal)]
    taken = []
    stops = [*before, Stop(goal, 0, not_before)]
    # whoever drives has driven on since; whoever works goes on from now
    at = low = high = seen_at if driving is not None else now
    own = pace(driving, here, seen_at, usual)
    for leg, stop in zip(legs, stops, strict=True):
        # habits are learnt beside our estimates: of what others say they know nothing
        habit = (usual if leg.source is Source.estimate else NONE).of(leg.seconds)
        taken.append(as_usual(leg, usual))
        at += leg.seconds * habit.middle * own
        low += leg.seconds * habit.low * own - SLACK
        high += leg.seconds * habit.high * own + SLACK
        at, low, high = max(at, now), max(low, now), max(high, now + SLACK)
        if stop.not_before is not None:
            at, low, high = (max(one, stop.not_before) for one in (at, low, high))
        at, low, high = (
            at + stop.seconds,
            low + stop.seconds * WORK[0],
            high + stop.seconds * WORK[1],
        )
        own = 1.0
    return Eta(at, low, high, taken)
