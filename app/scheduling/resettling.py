"""Many booked times that change at once, each by a little: which of them can, beside the rest.

What is always true of the answer: with everything that may change at its new time and everything that
is left at its old one, no resource has two things at once; and nothing is left without naming what is in
its way.
"""

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import pairwise

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Shift:
    """What takes the time of these resources, and is to take another stretch of it."""

    key: Hashable
    resources: tuple[Hashable, ...]
    before: Span
    after: Span


@dataclass(frozen=True, slots=True)
class Taken:
    """A resource's time that is not to change."""

    key: Hashable
    resource: Hashable
    span: Span


@dataclass(frozen=True, slots=True)
class Left:
    """A shift that cannot be, and what is in its way."""

    shift: Shift
    resource: Hashable
    by: Hashable


def settle(shifts: Sequence[Shift], rest: Sequence[Taken]) -> list[Left]:
    """The shifts that must be left as they are. Before them, nothing overlaps. Of two shifts that meet,
    the one that begins later is left."""
    left: dict[Hashable, Left] = {}
    by_key = {one.key: one for one in shifts}
    while True:
        standing = defaultdict(list)
        for one in rest:
            standing[one.resource].append((one.span, one.key))
        for shift in shifts:
            span = shift.before if shift.key in left else shift.after
            for resource in shift.resources:
                standing[resource].append((span, shift.key))
        met = len(left)
        for resource, taken in standing.items():
            taken.sort(key=lambda it: it[0])
            for (earlier, first), (later, second) in pairwise(taken):
                if earlier[1] <= later[0]:
                    continue
                key, by = (second, first) if _may_go(second, by_key, left) else (first, second)
                if _may_go(key, by_key, left):
                    left[key] = Left(by_key[key], resource, by)
        if len(left) == met:
            return list(left.values())


def _may_go(key: Hashable, shifts: dict[Hashable, Shift], left: dict[Hashable, Left]) -> bool:
    return key in shifts and key not in left
