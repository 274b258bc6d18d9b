"""What is asked of whoever knows the roads, and what they answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from app.core.geo import Point


class Band(StrEnum):
    """Hours in which the roads are much the same, by the local clock."""

    any = "any"
    """Of a service that does not tell the hours apart."""
    night = "night"
    morning = "morning"
    midday = "midday"
    afternoon = "afternoon"
    weekend = "weekend"
    """By day."""


@dataclass(frozen=True, slots=True)
class Drive:
    """From one place to another by road."""

    seconds: int
    metres: int


Table = Sequence[Sequence[Drive | None]]
"""For each start one row, in it for each goal one drive; None: there is no road, or they do not know."""


class Roads(Protocol):
    """Whoever knows (`app.integrations.roads`)."""

    @property
    def name(self) -> str:
        """Who they are, for the cache and the allowance."""
        ...

    @property
    def a_minute(self) -> int:
        """How often they may be asked."""
        ...

    @property
    def by_the_hour(self) -> bool:
        """Whether a drive takes them longer at one hour than at another."""
        ...

    @property
    def most_starts(self) -> int:
        """Starts of one table."""
        ...

    async def table(
        self, starts: Sequence[Point], goals: Sequence[Point], leaving: datetime | None
    ) -> Table:
        """Every drive from a start to a goal, at a local time of day. Raises `NotNow`."""
        ...
