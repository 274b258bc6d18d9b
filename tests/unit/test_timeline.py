"""The one evaluation of a route, against trying every ten minutes of it."""

from dataclasses import replace
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from app.scheduling import rules, timeline
from app.scheduling.model import (
    Break,
    Busy,
    Interval,
    Leg,
    Place,
    Problem,
    Resource,
    StopKind,
    Task,
    Window,
    WindowKind,
)
from tests.checker import faults
from tests.support.days import (
    MONDAY,
    STEP,
    SlowTruth,
    a_plan,
    a_resource,
    a_task,
    an_order,
    drive,
    pinned,
    place,
)
from tests.support.deep import times

HOME, MILL, OAK = place("home", 0, 0), place("mill", 0, 1), place("oak", 0, 3)
seeds = st.integers(0, 2**40)
ANA = Resource("ana/mon", "ana", MONDAY, HOME, HOME, Interval(0, 48 * STEP), name="Ana")
LUNCH = Break(3 * STEP, 12 * STEP, 18 * STEP)


def stated(resource: Resource, *tasks: Task) -> list[tuple[StopKind, int, int, int | None]] | None:
    """Kind, start, end and departure of each stop, in steps."""
    stops = timeline.of(resource, tasks, drive).stops()
    if stops is None:
        return None
    return [
        (
            one.kind,
            one.start // STEP,
            one.end // STEP,
            None if one.leave_at is None else one.leave_at // STEP,
        )
        for one in stops
    ]


def test_a_day_is_stated_with_its_departures_and_its_break() -> None:
    ana = replace(ANA, pause=LUNCH)
    mill = Task("mill", MILL, 6 * STEP, windows=(Window(2 * STEP, 4 * STEP),))
    oak = Task("oak", OAK, 6 * STEP, windows=(Window(15 * STEP, 20 * STEP),))
    assert stated(ana, mill, oak) == [
        (StopKind.task, 2, 8, 1),
        (StopKind.pause, 12, 15, None),
        (StopKind.task, 15, 21, 10),
        (StopKind.end, 24, 24, 21),
    ]
    assert stated(ana, oak, mill) is None  # the mill is promised for earlier


def test_drives_outside_of_the_shift_take_an_hour_of_it_at_most() -> None:
    far = Task("far", place("far", 0, 8), STEP)
    commuting = replace(ANA, first_leg=Leg.outside, last_leg=Leg.outside)
    assert stated(ANA, far) == [(StopKind.task, 8, 9, 0), (StopKind.end, 17, 17, 9)]
    assert stated(commuting, far) == [(StopKind.task, 2, 3, -6), (StopKind.end, 11, 11, 3)]
    assert stated(replace(commuting, shift=Interval(0, 5 * STEP)), far) is not None
    assert stated(replace(commuting, shift=Interval(0, 4 * STEP)), far) is None
    assert stated(replace(commuting, available_from=STEP), far) == [
        (StopKind.task, 9, 10, 1),  # who is on the road already has no way to work
        (StopKind.end, 18, 18, 10),
    ]


def test_meetings_part_neither_a_drive_nor_work() -> None:
    ana = replace(ANA, busy=(Busy(2 * STEP, 4 * STEP, "a meeting"),))
    oak = Task("oak", OAK, 2 * STEP)
    assert stated(ana, oak) == [(StopKind.task, 7, 9, 4), (StopKind.end, 12, 12, 9)]
    mill = Task("mill", MILL, 2 * STEP)
    assert stated(ana, mill) == [(StopKind.task, 4, 6, 1), (StopKind.end, 7, 7, 6)]


def test_access_hours_hold_the_whole_presence() -> None:
    hours = (
        Window(0, 4 * STEP, WindowKind.access),
        Window(10 * STEP, 14 * STEP, WindowKind.access),
        Window(14 * STEP, 16 * STEP, WindowKind.access),
    )
    line = timeline.of(ANA, [], drive)
    six = line.fit(Task("mill", MILL, 6 * STEP, windows=hours), 0)
    assert six is not None
    assert six.starts == ((10 * STEP, 10 * STEP),)  # hours that touch are one stretch
    three = line.fit(Task("mill", MILL, 3 * STEP, windows=hours), 0)
    assert three is not None
    assert three.starts == ((STEP, STEP), (10 * STEP, 13 * STEP))


def test_what_is_loaded_is_unloaded_before_more_comes_aboard() -> None:
    ana = replace(ANA, capacity={"litres": 3})
    two, dump = Task("two", MILL, STEP, demand={"litres": 2}), Task("dump", OAK, STEP)
    dump = replace(dump, demand={"litres": -9})
    line = timeline.of(ana, [two, dump, two], drive)
    assert line.feasible
    fits = [line.fit(replace(two, id="new"), gap) is not None for gap in range(4)]
    assert fits == [False, False, False, False]
    one = Task("one", MILL, STEP, demand={"litres": 1})
    assert [line.fit(one, gap) is not None for gap in range(4)] == [True] * 4
    assert not timeline.of(ana, [two, two], drive).feasible
    assert timeline.of(ana, [two, dump, two, dump], drive).fit(two, 4) is not None


@settings(max_examples=times(50, deep=5000), deadline=None, database=None)
@given(seeds)
def test_a_route_ends_as_early_as_trying_everything_finds(seed: int) -> None:
    """The two-state recurrence against all placements of the break, of waits and of departures."""
    pick = Random(seed)
    resource = replace(a_resource(pick), capacity={"litres": 99})
    tasks = [a_task(pick, str(number)) for number in range(pick.randint(1, 3))]
    if pick.random() < 0.5:
        tasks = an_order(pick, resource, 5) or tasks
    stops = timeline.of(resource, tasks, drive).stops()
    truth = SlowTruth(resource, tasks).earliest_end()
    assert (stops is None) == (truth is None)
    if stops is not None:
        assert max(one.end for one in stops) == truth
        able = replace(resource, skills={"gas": 9, "heating": 9}, territories=frozenset())
        problem = Problem((able,), tuple(tasks), drive)
        plan = a_plan(problem, {able.id: tasks})
        assert faults(problem, plan) == []
        assert list(rules.broken(problem, plan)) == []


@settings(max_examples=times(50, deep=3000), deadline=None, database=None)
@given(seeds)
def test_a_gap_says_every_second_at_which_a_task_may_begin_in_it(seed: int) -> None:
    pick = Random(seed)
    resource = replace(a_resource(pick), capacity={"litres": 99})
    order = an_order(pick, resource, 4)
    new = a_task(pick, "new")
    gap = pick.randint(0, len(order))
    fit = timeline.of(resource, order, drive).fit(new, gap)
    spans = fit.starts if fit is not None else ()
    with_it = [*order[:gap], new, *order[gap:]]
    possible = {at for low, high in spans for at in range(low, high + 1, STEP)}
    assert possible == SlowTruth(resource, with_it).starts_of(gap)
    whole = timeline.of(resource, with_it, drive)
    assert whole.feasible == bool(spans)
    if fit is not None:
        assert fit.detour == sum(whole.legs) - sum(
            timeline.of(resource, order, drive).legs if order else ()
        )


@settings(max_examples=times(30, deep=3000), deadline=None, database=None)
@given(seeds)
def test_looking_at_a_gap_is_evaluating_the_route_anew(seed: int) -> None:
    """The same on longer routes, with loads: each end of what a gap offers can be kept, and the second
    beyond it cannot."""
    pick = Random(seed)
    resource = a_resource(pick)
    order = an_order(pick, resource, 14)
    new = a_task(pick, "new")
    line = timeline.of(resource, order, drive)
    for gap in range(len(order) + 1):
        fit = line.fit(new, gap)

        def kept(at: int, gap: int = gap) -> bool:
            tasks = [*order[:gap], pinned(new, at), *order[gap:]]
            allowed = timeline.of_task(resource, new)
            inside = any(low <= at <= high for low, high in allowed)
            return inside and timeline.of(resource, tasks, drive).feasible

        assert (fit is not None) == timeline.of(
            resource, [*order[:gap], new, *order[gap:]], drive
        ).feasible
        for low, high in fit.starts if fit is not None else ():
            assert kept(low)
            assert kept(high)
            assert not kept(low - 1)
            assert not kept(high + 1)


def test_a_gap_costs_the_same_on_a_long_route() -> None:
    """Two drives are asked for, whether three tasks are on the route or thirty."""
    asked: list[int] = []

    def counted(a: Place, b: Place) -> int:
        asked.append(1)
        return drive(a, b)

    for many in (3, 30):
        tasks = [Task(str(number), MILL, 60) for number in range(many)]
        line = timeline.of(ANA, tasks, counted)
        assert len(asked) == many + 1
        asked.clear()
        assert line.fit(Task("new", OAK, 60), many // 2) is not None
        assert len(asked) == 2
        asked.clear()
