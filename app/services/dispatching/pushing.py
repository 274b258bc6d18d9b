"""Who gives way when something is put on a board that is full. Pure: takes times and returns times.

What is hit starts again once what hit it is over and the drive is done; it may hit the next in turn,
and so on until somebody's free time swallows it or the day is over. What does not move (a meeting, a
lock, a visit that has begun) is gone round. Nothing moves that is not hit.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID


@dataclass(frozen=True)
class Block:
    """Time that is taken of some people and vehicles."""

    id: UUID
    resources: frozenset[UUID]
    start: datetime
    end: datetime
    fixed: bool = False

    def meets(self, other: "Block") -> bool:
        """Whether somebody would be in both at once."""
        return (
            self.start < other.end
            and other.start < self.end
            and bool(self.resources & other.resources)
        )

    def at(self, start: datetime) -> "Block":
        """As long, from `start`."""
        return Block(self.id, self.resources, start, start + (self.end - self.start), self.fixed)


Between = Callable[[Block, Block], timedelta]
"""How long it takes to get from the one to the other."""


def push_back(
    new: Block, board: Sequence[Block], between: Between, until: datetime
) -> dict[UUID, datetime | None]:
    """When each block of the board that gives way to `new` starts instead; None: no more before
    `until`. Fixed blocks never move; whether `new` meets one is for the caller to ask."""
    settled = [new, *(one for one in board if one.fixed)]
    moved: dict[UUID, datetime | None] = {}
    waiting = sorted((one for one in board if not one.fixed), key=lambda one: (one.start, one.id))
    for block in waiting:
        place = block
        while (hit := _first_met(place, settled)) is not None:
            place = block.at(_whole_minute(hit.end + between(hit, block)))
        if place.end > until and place is not block:
            moved[block.id] = None
            continue
        if place is not block:
            moved[block.id] = place.start
        settled.append(place)
    return moved


def _first_met(place: Block, settled: Sequence[Block]) -> Block | None:
    """What ends last of all that it meets: each step gets past at least one of them."""
    met = [one for one in settled if place.meets(one)]
    return max(met, key=lambda one: (one.end, one.id)) if met else None


def _whole_minute(at: datetime) -> datetime:
    down = at.replace(second=0, microsecond=0)
    return down if down == at else down + timedelta(minutes=1)
