"""Drives that never were: a small grid of streets and highways, with lights, jams and stops.

Nothing here knows how the product estimates: streets have limits and queues of their own, and each day
its traffic. Metres are east and north of a middle; `fixes` tells them as a device would.
"""

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from app.core.geo import Point
from app.scheduling.track import ONE_DEGREE, Fix

MIDDLE = Point(33.4484, -112.0740)
BLOCK = 200.0
"""Metres between two streets."""
HIGHWAY = 10
"""Every so many blocks is an arterial, every so many of those a highway."""


def place(east: float, north: float) -> Point:
    """Metres from the middle as degrees."""
    return Point(
        MIDDLE.latitude + north / ONE_DEGREE,
        MIDDLE.longitude + east / (ONE_DEGREE * math.cos(math.radians(MIDDLE.latitude))),
    )


@dataclass
class Day:
    """One day's traffic: how slow everything is, and where there is a jam."""

    pick: random.Random
    slowness: float = field(init=False)
    jam: float = field(init=False)

    def __post_init__(self) -> None:
        self.slowness = self.pick.lognormvariate(0.0, 0.18)
        self.jam = self.pick.random()

    def pace(self, line: int) -> float:
        """Metres a second on this street or highway."""
        if line % (HIGHWAY * 3) == 0:
            limit = 24.0
        elif line % HIGHWAY == 0:
            limit = 15.0
        else:
            limit = 10.5
        jammed = 0.45 if self.jam < 0.25 and self.pick.random() < 0.2 else 1.0
        return limit * jammed * self.pick.uniform(0.8, 1.05) / self.slowness

    def waits(self, line: int) -> float:
        """Seconds at the next crossing: a light, a stop sign, or nothing."""
        if line % (HIGHWAY * 3) == 0:
            return 0.0
        return self.pick.choice((0.0, 0.0, 0.0, 4.0, 12.0, 35.0)) * self.slowness


def drive(
    day: Day, start: tuple[float, float], goal: tuple[float, float]
) -> list[tuple[float, float, float]]:
    """Seconds since setting off, east, north: by the nearest larger road, as people drive."""
    (x, y), (to_x, to_y) = start, goal
    far = abs(to_x - x) + abs(to_y - y)
    grain = BLOCK * (HIGHWAY * 3 if far > 16_000 else HIGHWAY if far > 4_000 else 1)
    road = round(y / grain) * grain
    corners = [(x, y), (x, road), (to_x, road), (to_x, to_y)]
    at, path = day.pick.uniform(10, 60), [(0.0, x, y)]
    for (ax, ay), (bx, by) in pairwise(corners):
        length = math.hypot(bx - ax, by - ay)
        line = round((ay if ay == by else ax) / BLOCK)
        gone = 0.0
        while gone < length:
            step = min(BLOCK, length - gone)
            at += step / day.pace(line) + day.waits(line)
            gone += step
            path.append((at, ax + (bx - ax) * gone / length, ay + (by - ay) * gone / length))
    path.append((at + day.pick.uniform(20, 90), to_x, to_y))  # finding the door
    return path


def along(
    path: Sequence[tuple[float, float, float]], every: float
) -> Iterator[tuple[float, float, float]]:
    """Where one is on a drive, every so many seconds."""
    place_in, at = 0, 0.0
    while at <= path[-1][0]:
        while path[place_in + 1][0] < at:
            place_in += 1
        (t0, x0, y0), (t1, x1, y1) = path[place_in], path[place_in + 1]
        share = (at - t0) / (t1 - t0)
        yield at, x0 + (x1 - x0) * share, y0 + (y1 - y0) * share
        at += every


def standing(
    start: float, seconds: float, every: float, east: float, north: float
) -> Iterator[tuple[float, float, float]]:
    """Somebody who does not move."""
    at = start
    while at < start + seconds:
        yield at, east, north
        at += every


def fix(
    at: float,
    east: float,
    north: float,
    *,
    pick: random.Random,
    jitter: float = 6.0,
    accuracy: float | None = None,
) -> Fix:
    """What a device tells of it: anywhere in a disc of `jitter` metres."""
    far, turn = jitter * math.sqrt(pick.random()), pick.uniform(0, math.tau)
    there = place(east + far * math.cos(turn), north + far * math.sin(turn))
    return Fix(at, there.latitude, there.longitude, jitter if accuracy is None else accuracy)
