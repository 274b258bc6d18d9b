"""How long a drive takes where nobody else is asked: the great circle, the roads' detours, a pace.

What is always true: the same two places give the same time, on every machine and without a network.
Nearby is slow (streets, lights), far away is fast; each stop costs finding the door.
"""

from dataclasses import dataclass
from enum import StrEnum

from app.core.geo import Point, haversine_m

DETOUR = 1.35
"""Road metres for a metre of great circle."""
PACES = ((5_000.0, 30 / 3.6), (20_000.0, 55 / 3.6), (float("inf"), 80 / 3.6))
"""Up to so many road metres, so many metres a second."""
STOP_SECONDS = 90


class Source(StrEnum):
    """Where a travel time comes from."""

    estimate = "estimate"
    """Ours: great circle, detour, pace."""
    provider = "provider"
    """A map service was asked."""


@dataclass(frozen=True, slots=True)
class Travel:
    """A drive from one place to another."""

    seconds: int
    metres: int
    source: Source


def estimate(start: Point, goal: Point) -> Travel:
    """The drive as we guess it."""
    metres = haversine_m(start, goal) * DETOUR
    seconds, before = float(STOP_SECONDS), 0.0
    for until, pace in PACES:
        seconds += max(0.0, min(metres, until) - before) / pace
        before = until
    return Travel(round(seconds), round(metres), Source.estimate)
