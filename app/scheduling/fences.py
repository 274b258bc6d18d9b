"""Coming to a place and leaving it, as a track tells it.

One looks at three minutes at a time: where somebody was on average, and how sure that is, which is the
worse of what the devices say and of how far the fixes lie apart. Whoever is surely inside has stopped
there, for who drives past is spread over the road; whoever is surely outside is gone; in between
nothing is said. So neither a jittering edge nor a drive past is an arrival, and one stop is one. Who is
there from the beginning has not arrived: nobody saw them come.
"""

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.core.geo import Point
from app.scheduling.track import ONE_DEGREE, Fix

WINDOW = 180.0
"""Seconds that are looked at together."""
SPAN = 135.0
"""Seconds of them that must be known."""
FEWEST = 4
"""Fixes in them."""
SILENCE = 300.0
"""Seconds after which one looks anew."""
DOUBT = 1.75
"""Times the spread of the fixes: a few of them may lie together by chance."""
SURE = 25.0
"""Metres: nobody is known more precisely than this, whatever a device says."""


class Crossed(StrEnum):
    arrival = "arrival"
    departure = "departure"


@dataclass(frozen=True, slots=True)
class Crossing:
    """Somebody came, or left, at an instant."""

    kind: Crossed
    at: float


class _Window:
    """The last fixes, as metres east and north of the place, and their sums."""

    def __init__(self) -> None:
        self.fixes: deque[tuple[float, float, float, float]] = deque()
        self.east = self.north = self.squares = self.accuracy = 0.0

    def add(self, at: float, east: float, north: float, accuracy: float) -> None:
        if self.fixes and at - self.fixes[-1][0] > SILENCE:
            self.__init__()  # type: ignore[misc]  # begin anew
        self.fixes.append((at, east, north, accuracy))
        self._count(1, east, north, accuracy)
        while at - self.fixes[0][0] > WINDOW:
            _, *old = self.fixes.popleft()
            self._count(-1, *old)

    def _count(self, sign: int, east: float, north: float, accuracy: float) -> None:
        self.east += sign * east
        self.north += sign * north
        self.squares += sign * (east * east + north * north)
        self.accuracy += sign * accuracy

    @property
    def tells(self) -> bool:
        """Whether there is enough to say anything."""
        return len(self.fixes) >= FEWEST and self.fixes[-1][0] - self.fixes[0][0] >= SPAN

    def look(self) -> tuple[float, float]:
        """How far from the place somebody was on average, and how unsure that is, in metres."""
        n = len(self.fixes)
        east, north = self.east / n, self.north / n
        spread = math.sqrt(max(0.0, self.squares / n - east * east - north * north))
        return math.hypot(east, north), max(DOUBT * spread, self.accuracy / n, SURE)

    def first(self, radius: float, *, inside: bool) -> float:
        """When the first of these fixes was inside, or outside."""
        for at, east, north, _ in self.fixes:
            if (math.hypot(east, north) <= radius) is inside:
                return at
        return self.fixes[0][0]


def crossings(track: Iterable[Fix], place: Point, radius: float) -> list[Crossing]:
    """Who came to a place and left it, in order: arrivals and departures take turns."""
    found: list[Crossing] = []
    there: bool | None = None
    window = _Window()
    width = math.cos(math.radians(place.latitude)) * ONE_DEGREE
    for fix in track:
        window.add(
            fix.at,
            (fix.longitude - place.longitude) * width,
            (fix.latitude - place.latitude) * ONE_DEGREE,
            fix.accuracy,
        )
        if not window.tells:
            continue
        metres, unsure = window.look()
        if metres + unsure <= radius:
            if there is False:
                found.append(Crossing(Crossed.arrival, window.first(radius, inside=True)))
            there = True
        elif metres - unsure >= radius:
            if there:
                found.append(Crossing(Crossed.departure, window.first(radius, inside=False)))
            there = False
    return found
