"""When somebody will be there: from where they are, what stands before it, and how the drive has gone.

An answer is a band: nine of ten arrivals should lie in it. Drives and work each have a spread of their
own, and what stands before a visit adds its own to it. A drive that has gone slower than we guess goes
on slower, the more surely the longer it lasts.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.geo import Point
from app.scheduling.travel import Travel, estimate

DRIVE = (0.62, 1.55)
"""Nine of ten drives take so many times what we guess."""
WORK = (0.6, 1.6)
"""Nine of ten jobs take so many times what is planned."""
SLACK = 60.0
"""Seconds: no arrival is known better."""
TRUST = 600.0
"""Seconds of driving after which what was seen counts as much as what was guessed."""
SLOWEST, QUICKEST = 2.5, 0.5


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
    """An instant, and the band in which nine of ten arrivals lie, in seconds; the last drive."""

    at: float
    low: float
    high: float
    travel: Travel


def pace(driving: Driving | None, here: Point, goal: Point, seen_at: float) -> float:
    """How many times our guess this drive takes, as far as it has gone."""
    if driving is None:
        return 1.0
    guessed = estimate(driving.start, goal).seconds - estimate(here, goal).seconds
    elapsed = max(0.0, seen_at - driving.since)
    return min(SLOWEST, max(QUICKEST, (TRUST + elapsed) / (TRUST + max(0.0, guessed))))


def arrival(
    now: float,
    here: Point,
    seen_at: float,
    goal: Point,
    *,
    driving: Driving | None = None,
    before: Sequence[Stop] = (),
    not_before: float | None = None,
    travels: Sequence[Travel] | None = None,
) -> Eta:
    """When somebody who was `here` at `seen_at` will be at the goal.

    `driving` is the drive they are on now, to the first of the places ahead. `travels` are the drives
    between the places, where somebody else knows them better than we do.
    """
    places = [here, *(stop.place for stop in before), goal]
    legs = travels or [estimate(a, b) for a, b in zip(places, places[1:], strict=False)]
    stops = [*before, Stop(goal, 0, not_before)]
    # whoever drives has driven on since; whoever works goes on from now
    at = low = high = seen_at if driving is not None else now
    for place, (leg, stop) in enumerate(zip(legs, stops, strict=True)):
        takes = leg.seconds * (pace(driving, here, stop.place, seen_at) if place == 0 else 1.0)
        at, low, high = at + takes, low + takes * DRIVE[0], high + takes * DRIVE[1] + SLACK
        at, low, high = max(at, now), max(low - SLACK, now), max(high, now + SLACK)
        if stop.not_before is not None:
            at, low, high = (max(one, stop.not_before) for one in (at, low, high))
        at, low, high = (
            at + stop.seconds,
            low + stop.seconds * WORK[0],
            high + stop.seconds * WORK[1],
        )
    return Eta(at, low, high, legs[-1])
