"""Tracks as arithmetic: lies go, parked devices drive nowhere, and an arrival is somebody who came."""

import random

import pytest

from app.scheduling import track as tracks
from app.scheduling.fences import Crossed, crossings
from app.scheduling.track import Fix, clean, driven
from tests.support.deep import times
from tests.support.roads import Day, along, drive, fix, place, standing

RADIUS = 150.0
SITE = place(0, 0)
SEEDS = range(times(2, deep=200))


def seen(track: list[Fix]) -> list[Crossed]:
    return [one.kind for one in crossings(track, SITE, RADIUS)]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("every", [1, 15, 40])
def test_driving_past_is_no_arrival(seed: int, every: int) -> None:
    pick = random.Random(seed)
    aside = pick.uniform(-60, 60)
    past = [fix(at, -6_000 + 60 / 3.6 * at, aside, pick=pick) for at in range(0, 720, every)]
    assert seen(past) == []


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("honest", [True, False])
def test_jitter_on_the_edge_is_no_arrival(seed: int, honest: bool) -> None:
    """80 m around the edge itself, for four hours, whatever the device says of its precision."""
    pick = random.Random(seed)
    came = [fix(at, 3_000 - 10 * at, 0, pick=pick) for at in range(0, 285, 15)]
    edge = [
        fix(at, *where, pick=pick, jitter=80, accuracy=80 if honest else 8)
        for at, *where in standing(285, 4 * 3600, 15, RADIUS, 0)
    ]
    assert seen(came + edge) == []


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("away", [0, 60, 100, 130, 150, 200])
def test_a_parked_night_is_nothing(seed: int, away: float) -> None:
    pick = random.Random(seed)
    night = [
        fix(at, *where, pick=pick, jitter=pick.choice((5, 15, 80)), accuracy=10)
        for at, *where in standing(0, 10 * 3600, 30, away, 0)
    ]
    assert seen(night) == []


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("every", [5, 15, 45])
def test_one_stop_is_one_arrival_and_one_departure(seed: int, every: int) -> None:
    pick = random.Random(seed)
    there = drive(Day(pick), (-3_000, 2_400), (40, -30))
    begin = there[-1][0]
    back = drive(Day(pick), (40, -30), (5_000, 1_000))
    stop = 1_500.0
    track = [
        *(fix(*one, pick=pick) for one in along(there, every)),
        *(fix(*one, pick=pick, jitter=30) for one in standing(begin + 1, stop, every, 40, -30)),
        *(fix(begin + stop + 2 + at, *where, pick=pick) for at, *where in along(back, every)),
    ]
    found = crossings(track, SITE, RADIUS)
    assert [one.kind for one in found] == [Crossed.arrival, Crossed.departure]
    assert found[0].at == pytest.approx(begin, abs=180)
    assert found[1].at == pytest.approx(begin + stop, abs=240)


def test_a_parked_device_drives_nowhere() -> None:
    pick = random.Random(5)
    night = [
        fix(at, *where, pick=pick, jitter=pick.choice((5, 15, 80)))
        for at, *where in standing(0, 10 * 3600, 30, 0, 0)
    ]
    assert driven(clean(night)) == 0


def test_what_nobody_could_have_driven_is_left_out() -> None:
    pick = random.Random(1)
    true = [fix(*one, pick=pick) for one in along(drive(Day(pick), (0, 0), (9_000, 4_000)), 10)]
    lies = [
        Fix(
            one.at + pick.uniform(0.01, 0.4),
            *place(pick.uniform(3e5, 9e5), pick.uniform(3e5, 9e5)),
            5,
        )
        for one in pick.sample(true, len(true) // 5)
    ]
    first = Fix(true[0].at - 1, *place(-4e5, 1e5), 5)
    mixed = [*true, *lies, first]
    pick.shuffle(mixed)
    assert clean(mixed) == clean(true) == sorted(true)
    assert driven(clean(true)) == pytest.approx(13_000, rel=0.06)


def nowhere(pick: random.Random, at: float) -> Fix:
    """Somewhere on earth, for an instant."""
    return Fix(at, pick.uniform(-80, 80), pick.uniform(-180, 180), 5)


@pytest.mark.parametrize("amount", [times(1_000, deep=50_000), times(4_000, deep=100_000)])
def test_nonsense_costs_so_much_for_each_fix(amount: int, monkeypatch: pytest.MonkeyPatch) -> None:
    pick = random.Random(amount)
    asked = 0
    measure = tracks.apart

    def counted(a: Fix, b: Fix) -> float:
        nonlocal asked
        asked += 1
        return measure(a, b)

    monkeypatch.setattr(tracks, "apart", counted)
    assert clean([nowhere(pick, at / 5) for at in range(amount)])
    print(f"{asked / amount:.1f} comparisons for each of {amount:,} fixes that nobody could drive")
    assert asked <= tracks.OPEN * amount


def test_as_many_lies_as_truths_each_somewhere_else_hide_nothing() -> None:
    pick = random.Random(3)
    true = [fix(*one, pick=pick) for one in along(drive(Day(pick), (0, 0), (9_000, 4_000)), 10)]
    before = [nowhere(pick, true[0].at - 30 + number) for number in range(20)]
    lies = [nowhere(pick, one.at + pick.uniform(0.1, 9)) for one in true]
    mixed = [*before, *true, *lies]
    pick.shuffle(mixed)
    assert clean(mixed) == true
