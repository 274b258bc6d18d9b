"""How long it takes to drive among very many places: all at once.

What is always true: the same seconds as one by one. `Estimated` gives those of
`app.scheduling.travel.estimate` from unit vectors: half the chord between two of them is the sine of half
the angle, and whatever lies so near to half a second that rounding could go the other way is asked again
one by one. Two places with one key are one, and it takes nothing.

A `Drives` answers one by one too, so whoever plans by tables and whoever checks a booking ask the same.
"""

import math
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, chain, pairwise
from typing import Protocol

from app.core.geo import EARTH_RADIUS_M, Point
from app.scheduling.arrays import Floats, Ints, np
from app.scheduling.model import Drive, Place
from app.scheduling.travel import (
    DETOUR,
    NOWHERE,
    PACES,
    STOP_SECONDS,
    UNKNOWN_SECONDS,
    estimate,
)

DIAMETER = 2 * EARTH_RADIUS_M * DETOUR
"""Of the earth, in metres of road."""
NEAR = 0.01
"""Half a chord, on the unit sphere, below which three terms give the arc: 127 km apart."""
ACROSS = 0.9
"""Half a chord above which the arc is not sure: the other side of the earth is asked one by one."""
SAME = 1e-20
"""Square of half a chord: two places so near, a millimetre, may be one."""
SURE = 1e-6
"""Seconds: so far from half a second rounding is the same either way."""
AT_ONCE = 2048
"""Drives: what is made on the way to so many stays in the cache."""
DEGREE = 100_000
"""Five decimals tell places apart for whoever knows the roads."""
LOST = (1 << 40, 1 << 40)
"""The spot of what nobody put on the map, which nobody knows a drive to."""
Spot = tuple[int, int]
Ends = tuple[int, int, int, int]
"""Latitude and longitude of start and goal, in hundred-thousandths of a degree."""


@dataclass(frozen=True, slots=True)
class Nodes:
    """Places to drive to and from, in an order. Made by `nodes` and `joined`."""

    places: Sequence[Place]
    vectors: Floats
    """Half unit vectors, one column for each: as long apart as half the chord between them."""
    nowhere: Ints
    """The numbers of those that nobody put on the map."""
    _spots: dict[Spot, list[int]] = field(default_factory=dict, compare=False)

    @property
    def spots(self) -> Mapping[Spot, Sequence[int]]:
        """The numbers of the places on a spot."""
        if not self._spots:
            for number, one in enumerate(self.places):
                self._spots.setdefault(spot(one.point), []).append(number)
        return self._spots


def nodes(places: Sequence[Place], packed: bytes | None = None) -> Nodes:
    """Places in the order of their numbers; `packed`, where their degrees were read already."""
    degrees = np.frombuffer(points(places) if packed is None else packed).reshape(len(places), 2)
    north, east = radians = np.empty((2, len(places)))
    np.multiply(degrees.T, math.pi / 180, out=radians)
    nowhere = np.isinf(north).nonzero()[0]
    if nowhere.size:
        radians[:, nowhere] = 0
    vectors = np.empty((3, len(places)))
    flat = np.cos(north)
    flat /= 2
    np.multiply(flat, np.cos(east), out=vectors[0])
    np.multiply(flat, np.sin(east), out=vectors[1])
    np.sin(north, out=vectors[2])
    vectors[2] /= 2
    return Nodes(places, vectors, nowhere)


def points(places: Iterable[Place]) -> bytes:
    """Their degrees, packed."""
    found = [one.point for one in places]
    return struct.pack(f"{2 * len(found)}d", *chain.from_iterable(found))


def parted(whole: Nodes, parts: Sequence[Sequence[Place]]) -> list[Nodes]:
    """Its places part by part, each with numbers of its own. Nothing is copied."""
    edges = [0, *accumulate(len(one) for one in parts)]
    lost = whole.nowhere.searchsorted(edges).tolist()
    return [
        Nodes(one, whole.vectors[:, a:b], whole.nowhere[c:d] - a)
        for one, (a, b), (c, d) in zip(parts, pairwise(edges), pairwise(lost), strict=True)
    ]


def joined(parts: Sequence[Nodes]) -> Nodes:
    """All of them in a row."""
    places: list[Place] = []
    nowhere: list[Ints] = []
    for one in parts:
        nowhere.append(one.nowhere + len(places))
        places += one.places
    vectors = np.concatenate([one.vectors for one in parts], axis=1)
    return Nodes(places, vectors, np.concatenate(nowhere))


def spot(point: Point) -> Spot:
    """Where a point is, to five decimals."""
    if point == NOWHERE:
        return LOST
    return round(point.latitude * DEGREE), round(point.longitude * DEGREE)


class Drives(Protocol):
    """Who knows how long drives take."""

    def __call__(self, start: Place, goal: Place, /) -> int:
        """Seconds from one place to another."""
        ...

    def around(self, place: Place, others: Nodes, which: Ints | None = None) -> tuple[Ints, Ints]:
        """Seconds to a place from each of the others, and from it to each; or of these numbers alone."""
        ...

    def between(self, places: Nodes, starts: Ints, goals: Ints) -> Ints:
        """Seconds from start to goal, by their numbers, pair by pair."""
        ...


class Estimated:
    """Drives as we guess them."""

    def __call__(self, start: Place, goal: Place, /) -> int:
        return 0 if start.key == goal.key else estimate(start.point, goal.point).seconds

    def around(self, place: Place, others: Nodes, which: Ints | None = None) -> tuple[Ints, Ints]:
        vectors = others.vectors if which is None else others.vectors.take(which, axis=1)
        seconds, doubt = _seconds(vectors - _halved(place.point)[:, None])
        if place.point == NOWHERE:
            seconds[:] = UNKNOWN_SECONDS
            doubt = list(range(len(seconds)))
        elif others.nowhere.size:
            lost = others.nowhere if which is None else np.isin(which, others.nowhere)
            seconds[lost] = UNKNOWN_SECONDS
        for n in doubt:
            seconds[n] = self(others.places[n if which is None else which[n]], place)
        return seconds, seconds

    def between(self, places: Nodes, starts: Ints, goals: Ints) -> Ints:
        seconds = np.empty(len(starts), np.int64)
        doubt: list[int] = []
        for a in range(0, len(starts), AT_ONCE):
            apart = places.vectors.take(starts[a : a + AT_ONCE], axis=1)
            apart -= places.vectors.take(goals[a : a + AT_ONCE], axis=1)
            seconds[a : a + AT_ONCE], unsure = _seconds(apart)
            doubt += [a + n for n in unsure]
        if places.nowhere.size:
            lost, there = np.isin(starts, places.nowhere), np.isin(goals, places.nowhere)
            seconds[lost | there] = UNKNOWN_SECONDS
            doubt += (lost & there).nonzero()[0].tolist()
        for n in doubt:
            seconds[n] = self(places.places[starts[n]], places.places[goals[n]])
        return seconds


def _seconds(apart: Floats) -> tuple[Ints, list[int]]:
    """Of vectors as long as half a chord, and which of them are in doubt."""
    if not apart.shape[1]:
        return np.zeros(0, np.int64), []
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
    exact -= seconds
    doubt = np.abs(exact, out=exact) > 0.5 - SURE
    if far:
        doubt |= half > ACROSS
    if square.min() < SAME:
        doubt |= square < SAME
    return seconds.astype(np.int64), doubt.nonzero()[0].tolist()


def _halved(point: Point) -> Floats:
    if point == NOWHERE:
        return np.zeros(3)
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

    def between(self, places: Nodes, starts: Ints, goals: Ints) -> Ints:
        pairs = zip(starts.tolist(), goals.tolist(), strict=True)
        return np.array(
            [self._drive(places.places[a], places.places[b]) for a, b in pairs], np.int64
        )


class Known:
    """Drives of which some are known by the spots of start and goal, as a map service told them; the rest
    are asked of others."""

    def __init__(self, seconds: Mapping[Ends, int], rest: Drives) -> None:
        self._rest = rest
        self._onward: dict[Spot, dict[Spot, int]] = {}
        self._to: dict[Spot, dict[Spot, int]] = {}
        for (a, b, c, d), known in seconds.items():
            self._onward.setdefault((a, b), {})[c, d] = known
            self._to.setdefault((c, d), {})[a, b] = known

    def __call__(self, start: Place, goal: Place, /) -> int:
        if start.key == goal.key:
            return 0
        known = self._onward.get(spot(start.point), {}).get(spot(goal.point))
        return self._rest(start, goal) if known is None else known

    def around(self, place: Place, others: Nodes, which: Ints | None = None) -> tuple[Ints, Ints]:
        to, onward = self._rest.around(place, others, which)
        here = spot(place.point)
        known_to, known_onward = self._to.get(here), self._onward.get(here)
        to = _over(to, known_to, place, others, which) if known_to else to
        onward = _over(onward, known_onward, place, others, which) if known_onward else onward
        return to, onward

    def between(self, places: Nodes, starts: Ints, goals: Ints) -> Ints:
        found = self._rest.between(places, starts, goals)
        if not self._onward:
            return found
        spots = [spot(one.point) for one in places.places]
        for n, (a, b) in enumerate(zip(starts.tolist(), goals.tolist(), strict=True)):
            known = self._onward.get(spots[a], {}).get(spots[b])
            if known is not None and places.places[a].key != places.places[b].key:
                found[n] = known
        return found


def _over(
    seconds: Ints, known: Mapping[Spot, int], place: Place, others: Nodes, which: Ints | None
) -> Ints:
    """The seconds with what is known in their place."""
    told = np.full(len(others.places), -1)
    for where in known.keys() & others.spots.keys():
        told[others.spots[where]] = known[where]
    for same in others.spots.get(spot(place.point), ()):
        if others.places[same].key == place.key:
            told[same] = -1
    told = told if which is None else told[which]
    return np.where(told < 0, seconds, told)
