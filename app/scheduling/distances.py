"""How long it takes to drive to one place from very many, and from it to each: all at once.

What is always true: the same seconds as one by one. `Estimated` gives those of
`app.scheduling.travel.estimate` from unit vectors: half the chord between two of them is the sine of half
the angle, and whatever lies so near to half a second that rounding could go the other way is asked again
one by one. Two places with one key are one, and it takes nothing.

A `Drives` answers both ways, so whoever plans by tables and whoever checks one by one ask the same.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from app.core.geo import EARTH_RADIUS_M, Point
from app.scheduling.model import Drive, Place
from app.scheduling.travel import DETOUR, PACES, STOP_SECONDS, estimate

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

NEAR = 0.01
"""Half a chord, on the unit sphere, below which three terms give the arc: 127 km apart."""
DIAMETER = 2 * EARTH_RADIUS_M * DETOUR
"""Of the earth, in metres of road."""
ACROSS = 0.9
"""Half a chord above which the arc is not sure: the other side of the earth is asked one by one."""
NOBODY = np.zeros(0, np.int64)
SURE = 1e-6
"""Seconds: so far from half a second rounding is the same either way."""


@dataclass(frozen=True, slots=True)
class Nodes:
    """Places to drive to and from, in an order. Made by `nodes` and `joined`."""

    places: Sequence[Place]
    vectors: Floats
    """Half unit vectors, one column for each: as long apart as half the chord between them."""
    parts: tuple[tuple[int, Mapping[str, int]], ...]
    """Where a key stands: by part, the number of its first place, and the numbers in it."""

    def where(self, key: str) -> list[int]:
        """The numbers of a place."""
        return [first + index[key] for first, index in self.parts if key in index]


def nodes(places: Sequence[Place]) -> Nodes:
    """Places of which no two have the same key."""
    count = len(places)
    degrees = np.fromiter(chain.from_iterable([one.point for one in places]), float, 2 * count)
    north, east = np.radians(degrees.reshape(count, 2).T)
    flat = np.cos(north) / 2
    vectors = np.stack((flat * np.cos(east), flat * np.sin(east), np.sin(north) / 2))
    return Nodes(places, vectors, ((0, {one.key: n for n, one in enumerate(places)}),))


def joined(parts: Iterable[Nodes]) -> Nodes:
    """All of them in a row; what stands in several stands there several times."""
    parts = tuple(parts)
    places: list[Place] = []
    index: list[tuple[int, Mapping[str, int]]] = []
    for one in parts:
        index += ((len(places) + first, inner) for first, inner in one.parts)
        places += one.places
    return Nodes(places, np.concatenate([one.vectors for one in parts], axis=1), tuple(index))


class Drives(Protocol):
    """Who knows how long drives take."""

    def __call__(self, start: Place, goal: Place, /) -> int:
        """Seconds from one place to another."""
        ...

    def around(self, place: Place, others: Nodes, which: Ints | None = None) -> tuple[Ints, Ints]:
        """Seconds to a place from each of the others, and from it to each; or of these numbers alone."""
        ...


class Estimated:
    """Drives as we guess them."""

    def __call__(self, start: Place, goal: Place, /) -> int:
        return 0 if start.key == goal.key else estimate(start.point, goal.point).seconds

    def around(self, place: Place, others: Nodes, which: Ints | None = None) -> tuple[Ints, Ints]:
        vectors = others.vectors if which is None else others.vectors.take(which, axis=1)
        if not vectors.shape[1]:
            return NOBODY, NOBODY
        apart = vectors - _halved(place.point)[:, None]
        square = np.einsum("ij,ij->j", apart, apart)
        half = np.sqrt(square)
        far = bool(square.max() > NEAR * NEAR)
        if far:
            metres = np.arcsin(np.minimum(half, 1.0)) * DIAMETER
        else:  # three terms of the arc sine's series
            metres = half * (DIAMETER + square * (DIAMETER / 6 + square * (DIAMETER * 0.075)))
        exact = metres * (1 / PACES[0][1])
        exact += STOP_SECONDS
        # the paces rise: beyond each, a metre takes less than before
        for (until, pace), (_, faster) in pairwise(PACES):
            beyond = metres - until
            np.maximum(beyond, 0.0, out=beyond)
            beyond *= 1 / pace - 1 / faster
            exact -= beyond
        seconds = np.rint(exact)
        doubt = np.abs(exact - seconds) > 0.5 - SURE
        if far:
            doubt |= half > ACROSS
        for n in doubt.nonzero()[0].tolist():
            other = others.places[n if which is None else which[n]]
            seconds[n] = estimate(other.point, place.point).seconds
        found = seconds.astype(np.int64)
        for n in others.where(place.key):
            found[n if which is None else which == n] = 0
        return found, found


def _halved(point: Point) -> Floats:
    north, east = math.radians(point.latitude), math.radians(point.longitude)
    flat = math.cos(north) / 2
    return np.array((flat * math.cos(east), flat * math.sin(east), math.sin(north) / 2))


class OneByOne:
    """Drives of somebody who can only be asked one by one."""

    def __init__(self, drive: Drive) -> None:
        self._drive = drive

    def __call__(self, start: Place, goal: Place, /) -> int:
        return self._drive(start, goal)

    def around(self, place: Place, others: Nodes, which: Ints | None = None) -> tuple[Ints, Ints]:
        asked = others.places if which is None else [others.places[n] for n in which.tolist()]
        to = np.array([self._drive(one, place) for one in asked], np.int64)
        onward = np.array([self._drive(place, one) for one in asked], np.int64)
        return to, onward


class Known:
    """Drives of which some are known by start and goal, as a map service told them; the rest are asked
    of others."""

    def __init__(self, seconds: Mapping[tuple[str, str], int], rest: Drives) -> None:
        self._rest = rest
        self._onward: dict[str, dict[str, int]] = {}
        self._to: dict[str, dict[str, int]] = {}
        for (start, goal), known in seconds.items():
            self._onward.setdefault(start, {})[goal] = known
            self._to.setdefault(goal, {})[start] = known

    def __call__(self, start: Place, goal: Place, /) -> int:
        if start.key == goal.key:
            return 0
        known = self._onward.get(start.key, {}).get(goal.key)
        return self._rest(start, goal) if known is None else known

    def around(self, place: Place, others: Nodes, which: Ints | None = None) -> tuple[Ints, Ints]:
        to, onward = self._rest.around(place, others, which)
        known_to, known_onward = self._to.get(place.key), self._onward.get(place.key)
        to = _over(to, known_to, place, others, which) if known_to else to
        onward = _over(onward, known_onward, place, others, which) if known_onward else onward
        return to, onward


def _over(
    seconds: Ints, known: Mapping[str, int], place: Place, others: Nodes, which: Ints | None
) -> Ints:
    """The seconds with what is known in their place."""
    told = np.full(len(others.places), -1)
    for first, index in others.parts:
        for key in known.keys() & index.keys() - {place.key}:
            told[first + index[key]] = known[key]
    told = told if which is None else told[which]
    return np.where(told < 0, seconds, told)
