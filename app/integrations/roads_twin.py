"""The twin of a map service: roads without a network, which play the whole conversation.

Its roads are a grid: one drives east or west, then north or south, at one pace. Whoever tries the house
out sees drives of a `provider` (`ROADS=twin`, not in production); tests have it be busy, broken, silent,
or know only a part.
"""

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.core.geo import EARTH_RADIUS_M, Point
from app.core.places import NotNow
from app.core.roads import Drive, Table
from app.integrations import roads

PACE = 12.0
"""Metres a second."""
RUSH = (range(6, 10), range(15, 20))
"""Hours in which everything takes half as long again, on working days."""


def drive(start: Point, goal: Point, leaving: datetime | None = None) -> Drive:
    """By the grid, from one place to another."""
    metre = math.radians(1) * EARTH_RADIUS_M
    north = abs(goal.latitude - start.latitude) * metre
    east = abs(goal.longitude - start.longitude) * metre * math.cos(math.radians(start.latitude))
    slow = leaving is not None and leaving.weekday() < 5 and any(leaving.hour in h for h in RUSH)
    return Drive(round((north + east) / PACE * (1.5 if slow else 1.0)), round(north + east))


@dataclass
class RoadsTwin:
    """A service that answers from its own grid of roads."""

    name: str = "twin"
    a_minute: int = 6000
    by_the_hour: bool = True
    most_starts: int = roads.MOST_STARTS
    moods: list[str] = field(default_factory=list)
    """How to take the next questions: `busy`, `broken`, `garbled`, `cut`, `silent` or `endless`."""
    islands: set[Point] = field(default_factory=set)
    """Places that no road leads to."""
    asked: list[tuple[Sequence[Point], Sequence[Point], datetime | None]] = field(
        default_factory=list
    )

    async def table(
        self, starts: Sequence[Point], goals: Sequence[Point], leaving: datetime | None
    ) -> Table:
        """Every drive from a start to a goal. Raises `NotNow` when it is in no mood."""
        mood = self.mood()
        if mood == "silent":
            await asyncio.sleep(min(roads.TIMEOUT, roads.LONGEST))
            raise NotNow(f"{self.name} did not answer: TimeoutError.")
        if mood == "busy":
            raise NotNow(f"{self.name} was asked too often.", after=timedelta(seconds=90))
        if mood is not None:
            raise NotNow(f"{self.name} is {mood}.")
        return self.answer(starts, goals, leaving)

    def mood(self) -> str | None:
        """How it takes the question that comes now."""
        return self.moods.pop(0) if self.moods else None

    def answer(
        self, starts: Sequence[Point], goals: Sequence[Point], leaving: datetime | None
    ) -> list[list[Drive | None]]:
        """What it knows, and that it was asked."""
        self.asked.append((starts, goals, leaving))
        return [
            [
                None if {start, goal} & self.islands else drive(start, goal, leaving)
                for goal in goals
            ]
            for start in starts
        ]
