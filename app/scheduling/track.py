"""A track: what devices told, in order, without what cannot be; and how far it goes.

What is always true: the same pings give the same track, in whatever order they came and however often.
A fix that nobody could have driven to is a lie; the longest story that somebody could have driven is
taken for the truth. It costs so much for each fix, whatever they say: a device that talks nonsense
keeps nobody waiting.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from app.core.geo import EARTH_RADIUS_M, Point

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FASTEST = 70.0
"""Metres a second: no van drives faster."""
SILENCE = 600.0
"""Seconds without a word after which a new story begins."""
STEP = 30.0
"""Metres: less is jitter, and nobody has driven."""
OPEN = 8
"""Chains of fixes that are gone on with at once: a device that tells more lies between two truths than
that is not understood."""
ONE_DEGREE = math.radians(1) * EARTH_RADIUS_M
"""Metres."""


class Fix(NamedTuple):
    """Where a device was at an instant, in seconds, and how precisely it knew."""

    at: float
    latitude: float
    longitude: float
    accuracy: float

    @property
    def point(self) -> Point:
        """On the map."""
        return Point(self.latitude, self.longitude)


def instant(seconds: float) -> datetime:
    """Of a fix, to the millisecond."""
    return EPOCH + timedelta(milliseconds=round(seconds * 1000))


def apart(a: Fix, b: Fix) -> float:
    """Metres between two fixes: flat, which is right to a thousandth within a day's drive."""
    north = (b.latitude - a.latitude) * ONE_DEGREE
    middle = math.radians((a.latitude + b.latitude) / 2)
    east = (b.longitude - a.longitude) * ONE_DEGREE * math.cos(middle)
    return math.hypot(north, east)


def clean(fixes: Iterable[Fix]) -> list[Fix]:
    """The fixes in their order, without those that nobody could have driven to."""
    kept: list[Fix] = []
    for story in _stories(sorted(fixes)):
        kept += _likely(story)
    return kept


def between(track: Sequence[Fix], start: float, end: float) -> Sequence[Fix]:
    """The fixes of a clean track from one instant to another, both included."""
    return track[bisect_left(track, start, key=_at) : bisect_right(track, end, key=_at)]


def _at(fix: Fix) -> float:
    return fix.at


def driven(track: Sequence[Fix], start: float = -math.inf, end: float = math.inf) -> int:
    """Metres along a clean track between two instants; what a parked device imagines does not count."""
    metres, anchor = 0.0, None
    for fix in between(track, start, end):
        if anchor is None:
            anchor = fix
            continue
        step = apart(anchor, fix)
        if step >= max(STEP, anchor.accuracy + fix.accuracy):
            metres += step
            anchor = fix
    return round(metres)


def _stories(fixes: Sequence[Fix]) -> Iterator[list[Fix]]:
    story: list[Fix] = []
    for fix in fixes:
        if story and fix.at - story[-1].at > SILENCE:
            yield story
            story = []
        story.append(fix)
    if story:
        yield story


def _likely(story: Sequence[Fix]) -> list[Fix]:
    """The longest chain in which each fix can be reached from the one before it; of equals the first.

    Of too many chains the shortest goes, of equals the one that ended first.
    """
    chains: list[list[Fix]] = []
    for fix in story:
        for place, chain in enumerate(chains):
            if _reachable(chain[-1], fix):
                chain.append(fix)
                while place and len(chain) > len(chains[place - 1]):  # the longest are asked first
                    chains[place - 1], chains[place] = chain, chains[place - 1]
                    place -= 1
                break
        else:
            if len(chains) == OPEN:
                shortest = min(chains, key=lambda one: (len(one), one[-1].at))
                chains = [one for one in chains if one is not shortest]
            chains.append([fix])
    return max(chains, key=len)


def _reachable(a: Fix, b: Fix) -> bool:
    return apart(a, b) <= a.accuracy + b.accuracy + FASTEST * (b.at - a.at)
