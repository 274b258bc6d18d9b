"""Whose visit a stop belongs to: one stop begins one visit, at a place, next door and on the way."""

import math
import random

import pytest

from app.core.geo import Point
from app.scheduling.stops import Goal, Stop, seen
from app.scheduling.track import Fix
from tests.support.deep import times
from tests.support.roads import Day, along, drive, fix, place, standing

RADIUS = 150.0
HOUR = 3_600.0
HOME = (-3_000.0, 2_400.0)
Where = tuple[float, float]


def round_of(pick: random.Random, *stops: tuple[float, Where]) -> list[Fix]:
    """From home to each place at its time for half an hour, and home again each time."""
    found: list[Fix] = []
    for start, where in stops:
        there, back = drive(Day(pick), HOME, where), drive(Day(pick), where, HOME)
        came = start + there[-1][0]
        found += [fix(start + at, *at_place, pick=pick) for at, *at_place in along(there, 15)]
        found += [fix(*one, pick=pick) for one in standing(came + 1, 1_800, 15, *where)]
        found += [fix(came + 1_802 + at, *rest, pick=pick) for at, *rest in along(back, 15)]
    return sorted(found)


def goal(where: Where, planned: float, **more: float | Stop | None) -> Goal:
    point: Point = place(*where)
    return Goal(point, planned - 6 * HOUR, planned + 13 * HOUR, planned, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(times(2, deep=100)))
@pytest.mark.parametrize("apart", [0, 40, 120])
def test_two_visits_and_their_neighbours_are_begun_once_each(seed: int, apart: float) -> None:
    """Four visits, two next door to the others, of which two are driven to."""
    pick = random.Random(seed)
    here, there = (0.0, 0.0), (2_000.0, 0.0)
    track = round_of(pick, (0, here), (5 * HOUR, there))
    goals = [
        goal(here, 0.2 * HOUR),
        goal((here[0] + apart, 0.0), 2.5 * HOUR),
        goal(there, 4.8 * HOUR),
        goal((there[0] + apart, 0.0), 9 * HOUR),
    ]
    assert [len(one.stops) for one in seen(track, goals, RADIUS)] == [1, 0, 1, 0]


def test_next_door_it_is_whoever_they_stood_at_before_whose_time_it_is() -> None:
    track = round_of(random.Random(1), (0, (0.0, 0.0)))
    goals = [goal((100.0, 0.0), 0.2 * HOUR), goal((0.0, 0.0), 1.2 * HOUR)]
    assert [len(one.stops) for one in seen(track, goals, RADIUS)] == [0, 1]


def test_it_is_whoever_they_are_on_the_way_to() -> None:
    track = round_of(random.Random(1), (0, (0.0, 0.0)))
    goals = [goal((0.0, 0.0), 0.2 * HOUR), goal((0.0, 0.0), 4 * HOUR, set_off=-60.0)]
    assert [len(one.stops) for one in seen(track, goals, RADIUS)] == [0, 1]
    later = [goals[0], goal((0.0, 0.0), 4 * HOUR, set_off=3 * HOUR)]
    assert [len(one.stops) for one in seen(track, later, RADIUS)] == [1, 0]


@pytest.mark.parametrize("left", [math.inf, 0.5 * HOUR])
def test_a_stop_at_a_visit_that_they_have_told_of_begins_no_other(left: float) -> None:
    """Not while it goes on, wherever they are; what comes later begins the next one."""
    spent = Stop(0.2 * HOUR, left)
    goals = [goal((0.0, 0.0), 0.2 * HOUR, spent=spent), goal((0.0, 0.0), 4 * HOUR)]
    track = round_of(random.Random(1), (0, (0.0, 0.0)))
    assert [len(one.stops) for one in seen(track, goals, RADIUS)] == [0, 0]
    nowhere = [Goal(None, 0, HOUR, 0, spent=spent), goals[1]]
    assert [len(one.stops) for one in seen(track, nowhere, RADIUS)] == [0, 0]
    track = round_of(random.Random(1), (0, (0.0, 0.0)), (4 * HOUR, (0.0, 0.0)))
    again = [len(one.stops) for one in seen(track, goals, RADIUS)]
    assert again == [0, 0 if left == math.inf else 1]
