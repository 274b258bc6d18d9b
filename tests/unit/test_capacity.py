"""What a window still holds, by hand and for random days."""

from dataclasses import replace
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.scheduling.capacity import EMERGENCIES, Reserve, Taken, at_work, cells
from app.scheduling.model import HOUR, Break, Busy, Interval, Resource
from tests.support.days import MONDAY, STEP, a_resource, place
from tests.support.deep import times

HOME = place("home", 0, 0)
ANA = Resource(
    "ana",
    "ana",
    MONDAY,
    HOME,
    HOME,
    Interval(8 * HOUR, 17 * HOUR),
    trades=frozenset({"gas"}),
    territories=frozenset({"north"}),
)
BEN = replace(ANA, id="ben", trades=frozenset({"gas", "heating"}), territories=frozenset())
MORNING, NOON = Interval(8 * HOUR, 12 * HOUR), Interval(12 * HOUR, 17 * HOUR)


def test_a_day_by_hand() -> None:
    busy = (Busy(9 * HOUR, 10 * HOUR, "a meeting"),)
    ana = replace(ANA, pause=Break(HOUR, 11 * HOUR, 12 * HOUR), busy=busy)
    assert [at_work(ana, one) for one in (MORNING, NOON)] == [9_000, 16_200]  # half an hour each
    sold = [
        Taken(11 * HOUR, 13 * HOUR, "ana"),
        Taken(11 * HOUR, 13 * HOUR, "ben", lead=False),
        Taken(8 * HOUR, 9 * HOUR, None, "north", "gas"),
        Taken(8 * HOUR, 9 * HOUR, None, "south", "gas"),
    ]
    north_gas = cells([MORNING, NOON], [ana, BEN], sold, territory="north", trade="gas", now=0)
    morning = north_gas[0]
    assert morning.available == (9_000 + 4 * HOUR) * 3 // 4
    assert morning.consumed == 2 * HOUR
    assert morning.reserved == morning.available // 10
    assert morning.remaining == morning.available - morning.consumed - morning.reserved
    assert morning.sold == 7_200_000 // morning.available
    heating = cells([MORNING], [ana, BEN], sold, territory="south", trade="heating", now=0)[0]
    assert (heating.available, heating.consumed) == (4 * HOUR * 3 // 4, 0)
    waiting = replace(BEN, on_call=True)
    assert cells([MORNING], [waiting], [], now=0)[0].available == 0
    nobody = cells([MORNING], [ana, BEN], sold, territory="south", trade="tiling", now=0)[0]
    assert (nobody.available, nobody.remaining, nobody.sold) == (0, 0, 1000)


def test_a_reserve_is_kept_for_some_and_released_in_time() -> None:
    def kept(reserve: Reserve, now: int, priority: int = 3, channel: str | None = None) -> int:
        found = cells(
            [NOON], [BEN], [], now=now, reserves=[reserve], priority=priority, channel=channel
        )
        return found[0].reserved

    whole = 5 * HOUR * 3 // 4
    assert kept(EMERGENCIES, 0) == whole // 10
    assert kept(EMERGENCIES, 8 * HOUR - 1) == whole // 10
    assert kept(EMERGENCIES, 8 * HOUR) == 0  # four hours before
    assert kept(EMERGENCIES, 0, priority=1) == 0
    members = Reserve(seconds=HOUR, channel="members")
    assert kept(members, 0) == HOUR
    assert kept(members, 0, channel="members") == 0
    assert kept(Reserve(seconds=99 * HOUR, priority=2), 0) == whole


def test_what_only_a_reserve_has_room_for_is_told() -> None:
    cell = cells([NOON], [BEN], [Taken(12 * HOUR, 14 * HOUR, "ben")], now=0)[0]
    left = cell.available - 2 * HOUR
    assert cell.takes(14 * HOUR, 14 * HOUR + left - cell.reserved)
    assert not cell.takes(14 * HOUR, 14 * HOUR + left)
    assert cell.takes_reserve(14 * HOUR, 14 * HOUR + left)
    assert not cell.takes_reserve(13 * HOUR, 13 * HOUR + left + 1)
    assert not cell.takes_reserve(14 * HOUR, 14 * HOUR + 60)


@pytest.mark.parametrize("part", [1, 7, 9])
@settings(max_examples=times(25, deep=2000), deadline=None, database=None)
@given(st.integers(0, 2**40))
def test_windows_side_by_side_hold_what_one_over_all_holds(part: int, seed: int) -> None:
    """Without meetings, which may lie over the break; with them, never less than nothing."""
    pick = Random(seed)
    person = a_resource(pick)
    edges = sorted(pick.sample(range(60 * STEP), part + 1))
    windows = [Interval(low, high) for low, high in pairwise(edges)]
    free = replace(person, busy=())
    whole = at_work(free, Interval(edges[0], edges[-1]))
    assert sum(at_work(free, one) for one in windows) == whole
    sold = [
        Taken(begins, begins + pick.randint(0, 9 * STEP), pick.choice((person.id, None)))
        for begins in pick.sample(range(54 * STEP), 5)
    ]
    reserve = Reserve(pick.randint(0, HOUR), pick.randint(0, 500), priority=1)
    for cell in cells(windows, [person], sold, now=0, reserves=[reserve]):
        assert cell.available >= cell.reserved >= 0
        assert cell.remaining >= 0
        assert cell.remaining + cell.reserved + cell.consumed <= max(
            cell.available, cell.consumed + cell.reserved
        )
        assert 0 <= cell.sold <= 1000
