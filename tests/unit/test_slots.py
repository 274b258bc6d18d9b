"""Windows that can be booked: all that are shown can, none is missing, and each says why it is good."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from app.scheduling import rules, timeline
from app.scheduling.capacity import Taken, cells
from app.scheduling.cost import assigning, total
from app.scheduling.lanes import Lane, Standing, lane
from app.scheduling.model import (
    After,
    Break,
    Busy,
    Interval,
    Leg,
    Place,
    Plan,
    Problem,
    Resource,
    Route,
    Task,
    Weights,
    Window,
    WindowKind,
)
from app.scheduling.slots import Grade, Slot, check, search, with_shadows
from tests.checker import faults
from tests.support.days import (
    MONDAY,
    STEP,
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
ANA = Resource("ana/mon", "ana", MONDAY, HOME, HOME, Interval(0, 48 * STEP), name="Ana")
BEN = replace(ANA, id="ben/mon", technician="ben", name="Ben")
DAY = tuple(Interval(at * STEP, (at + 12) * STEP) for at in (0, 12, 24, 36))
WEIGHTS = Weights()
seeds = st.integers(0, 2**40)


def at(task: Task, step: int) -> Standing:
    return Standing(task, step * STEP)


def starts(slots: tuple[Slot, ...]) -> dict[int, int]:
    """By window, where the task would begin, in steps."""
    return {one.window.start // STEP: one.start // STEP for one in slots}


def test_the_cheapest_windows_come_first_with_their_reasons() -> None:
    mill = replace(MILL, name="Mill Rd")
    oak = replace(OAK, name="Oak St")
    ana = lane(ANA, [at(Task("a", mill, 6 * STEP), 2), at(Task("b", oak, 6 * STEP), 20)], drive)
    found = search(Task("new", place("new", 0, 2), 6 * STEP), [ana], DAY, WEIGHTS)
    assert starts(found.slots) == {0: 9, 12: 12, 24: 27, 36: 36}
    first = found.slots[0]
    assert first.grade is Grade.recommended
    assert first.reason(office=True) == "On the way between Mill Rd and Oak St."
    assert "Mill" not in first.reason(office=False)
    by_window = {one.window.start // STEP: one for one in found.slots}
    assert by_window[24].reason(office=True) == "On the way between Oak St and home."
    assert found.soonest == by_window[0]
    ben = search(Task("new", OAK, 6 * STEP), [lane(BEN, [], drive)], DAY, WEIGHTS)
    assert ben.slots[0].reason(office=True) == "A free day, with 60 minutes of driving."
    assert [one.grade for one in ben.slots] == [Grade.available] * 4  # an hour is no little way


def test_a_detour_is_said_in_minutes_and_little_to_spare_is_tight() -> None:
    stands = [at(Task("a", MILL, 6 * STEP), 1), at(Task("b", MILL, 6 * STEP), 14)]
    ana = lane(replace(ANA, shift=Interval(0, 21 * STEP)), stands, drive)
    new = Task("new", place("new", 1, 1), 3 * STEP)
    only = search(new, [ana], DAY, WEIGHTS).slots
    assert [one.reason(office=True) for one in only] == ["20 minutes extra between mill and mill."]
    assert [one.grade for one in only] == [Grade.available]
    full = search(
        replace(new, duration=3 * STEP - 60), [ana], (Interval(0, 8 * STEP + 300),), WEIGHTS
    )
    assert full.slots[0].grade is Grade.tight
    assert full.slots[0].reason(office=False) == "Only 5 minutes to spare."
    none = search(replace(new, duration=5 * STEP), [ana], DAY, WEIGHTS)
    assert none.slots[0].reason(office=True) == "Nothing to spare."
    moment = check(new, [ana], Interval(8 * STEP, 8 * STEP), WEIGHTS)
    assert moment is not None
    assert moment.grade is not Grade.tight  # a moment is as narrow as it was asked for


def test_what_stands_too_tightly_closes_its_own_gap_alone() -> None:
    """A drive that does not fit, a visit outside of the shift, one in a meeting: all planned by hand."""
    stands = [
        at(Task("a", OAK, 6 * STEP), 0),
        at(Task("b", HOME, 6 * STEP), 7),
        at(Task("c", OAK, 6 * STEP), 50),
    ]
    busy = (Busy(9 * STEP, 15 * STEP, "a meeting"),)
    resource = replace(ANA, busy=busy, pause=Break(3 * STEP, 20 * STEP, 30 * STEP))
    ana = lane(resource, stands, drive)
    new = Task("new", MILL, 6 * STEP)
    assert starts(search(new, [ana], DAY, WEIGHTS).slots) == {12: 16, 24: 24, 36: 36}
    last = check(new, [ana], Interval(36 * STEP, 60 * STEP), WEIGHTS)
    assert last is not None
    assert last.seats[0].spare == 6 * STEP  # until the shift ends, not until the visit after it


def test_beginnings_are_those_that_people_say() -> None:
    """Whole five minutes where there is room, else whole minutes, else the second."""
    task, lanes = Task("new", HOME, 10), [lane(ANA, [], drive)]

    def begins(low: int, high: int) -> int:
        found = check(task, lanes, Interval(low, high), WEIGHTS)
        assert found is not None
        assert found.seats[0].end == found.start + 10
        return found.start

    assert [begins(1, 900), begins(301, 400), begins(361, 362)] == [300, 360, 361]
    assert begins(600, 900) == 600


def test_whoever_may_not_is_not_offered() -> None:
    lanes = [lane(ANA, [], drive), lane(replace(BEN, skills={"gas": 3}), [], drive)]
    gas = Task("new", MILL, STEP, skills={"gas": 2})
    assert {one.seats[0].resource for one in search(gas, lanes, DAY, WEIGHTS).slots} == {"ben/mon"}
    none = search(replace(gas, excluded=frozenset({"ben"})), lanes, DAY, WEIGHTS)
    assert none.slots == ()
    assert none.soonest is None
    liked = search(
        replace(gas, skills={}, preferred=frozenset({"ben"})), lanes, DAY, WEIGHTS
    ).slots[0]
    assert liked.seats[0].resource == "ben/mon"
    assert liked.next_best is not None
    assert liked.next_best.cost - liked.seats[0].cost == WEIGHTS.not_preferred


def test_work_that_comes_after_other_work_waits_for_it() -> None:
    task = Task("new", MILL, STEP, links=(After("first", 2 * STEP, 4 * STEP),))
    lanes = [lane(ANA, [], drive)]
    done = {"first": Interval(10 * STEP, 20 * STEP)}
    assert starts(search(task, lanes, DAY, WEIGHTS, placed=done).slots) == {12: 22, 24: 24}
    assert search(task, lanes, DAY, WEIGHTS).slots == ()


def test_promises_without_anybody_hold_their_place() -> None:
    lanes = [lane(ANA, [], drive), lane(BEN, [], drive)]
    morning = Interval(0, 4 * STEP)
    shadows = [Task(str(n), MILL, 30 * STEP, promised=morning) for n in range(3)]
    boards, oversold = with_shadows(lanes, shadows, WEIGHTS)
    assert [len(one.standing) for one in boards] == [1, 1]
    assert [one.id for one in oversold] == ["2"]
    new = Task("new", MILL, 15 * STEP)
    assert starts(search(new, boards, DAY, WEIGHTS).slots) == {24: 31}  # the shadow goes first
    assert check(replace(new, duration=20 * STEP), boards, DAY[0], WEIGHTS) is None
    assert check(replace(new, duration=20 * STEP), lanes, DAY[0], WEIGHTS) is not None


def test_a_shadow_slides_to_let_others_in() -> None:
    anytime = Task("shadow", MILL, 6 * STEP, promised=Interval(0, 30 * STEP))
    boards, _ = with_shadows([lane(ANA, [], drive)], [anytime], WEIGHTS)
    early = check(Task("new", MILL, 6 * STEP), boards, Interval(STEP, STEP), WEIGHTS)
    assert early is not None
    assert early.seats[0].gap == 0


def test_a_shadow_that_unloads_makes_room_for_one_before_it() -> None:
    ana = replace(ANA, capacity={"litres": 2})
    full = [Standing(Task("a", HOME, STEP, demand={"litres": 2}), 0)]
    load = Task("load", HOME, STEP, demand={"litres": 1}, promised=Interval(20 * STEP, 21 * STEP))
    dump = Task("dump", HOME, STEP, demand={"litres": -9}, promised=Interval(0, 40 * STEP))
    boards, oversold = with_shadows([lane(ana, full, drive)], [load, dump], WEIGHTS)
    assert oversold == []
    assert [one.task.id for one in boards[0].standing] == ["a", "dump", "load"]


def test_a_shadow_slides_within_the_shift_though_somebody_works_after_it() -> None:
    evening = [Standing(Task("evening", HOME, 6 * STEP), 60 * STEP)]
    shadow = Task("shadow", HOME, 6 * STEP, promised=Interval(0, 50 * STEP))
    boards, _ = with_shadows([lane(ANA, evening, drive)], [shadow], WEIGHTS)
    assert [one.task.id for one in boards[0].standing] == ["shadow", "evening"]
    day = Interval(0, 48 * STEP)
    before = check(Task("new", HOME, 40 * STEP), boards, day, WEIGHTS)
    assert before is not None
    assert before.seats[0].spare == 2 * STEP  # the shadow takes the shift's last hour, and no later
    assert check(Task("new", HOME, 43 * STEP), boards, day, WEIGHTS) is None


def test_a_window_is_dropped_when_too_little_of_it_is_left() -> None:
    people = [ANA, BEN]
    lanes = [lane(one, [], drive) for one in people]
    rooms = cells(DAY, people, [Taken(0, 10 * STEP)], now=0)
    assert [one.remaining for one in rooms] == [4_800, 10_800, 10_800, 9_720]  # a reserve for later
    new = Task("new", MILL, 4_860)
    shown = search(replace(new, duration=4_800), lanes, DAY, WEIGHTS, cells=rooms).slots
    assert 0 in starts(shown)
    assert 0 not in starts(search(new, lanes, DAY, WEIGHTS, cells=rooms).slots)
    by_window = {one.window.start: one for one in shown}
    assert by_window[0].score > by_window[DAY[1].start].score  # more than half of it is sold


def a_board(pick: Random) -> tuple[list[Resource], dict[str, list[Task]], list[Lane]]:
    """People with work, at its second or where it finds room."""
    people = [
        replace(a_resource(pick, name), max_overtime=0)
        for name in ("ana", "ben", "eve")[: pick.randint(1, 3)]
    ]
    orders, lanes = {}, []
    for one in people:
        order = [replace(task, skills={}, territory=None) for task in an_order(pick, one, 8)]
        begins: list[int | None] = [None] * len(order)
        if pick.random() < 0.6:
            stops = timeline.of(one, order, drive).stops()
            assert stops is not None
            by_id = {stop.task: stop.start for stop in stops}
            begins = [by_id[task.id] for task in order]
        orders[one.id] = [
            task if start is None else pinned(task, start)
            for task, start in zip(order, begins, strict=True)
        ]
        row = [Standing(task, start) for task, start in zip(order, begins, strict=True)]
        lanes.append(lane(one, row, drive))
    return people, orders, lanes


def offered(task: Task, window: Interval) -> Task:
    """The task as it would be booked: with this window promised."""
    hours = tuple(one for one in task.windows if one.kind is WindowKind.access)
    return replace(task, windows=hours, promised=window)


@settings(max_examples=times(25, deep=2000), deadline=None, database=None)
@given(seeds)
def test_every_slot_can_be_booked_and_none_is_missing(seed: int) -> None:
    pick = Random(seed)
    people, orders, lanes = a_board(pick)
    new = replace(a_task(pick, "new"), roles=pick.choice((1, 1, 1, 2)))
    new = offered(new, Interval(0, 60 * STEP))
    windows = [Interval(low * STEP, (low + 9) * STEP) for low in range(0, 54, 9)]
    found = search(new, lanes, windows, WEIGHTS)
    assert search(new, lanes[::-1], windows, WEIGHTS) == found  # whoever is named first
    shown = {one.window: one for one in found.slots}
    for window, slot in shown.items():
        booked = offered(pinned(new, slot.start), window)
        mine: dict[str, Sequence[Task]] = dict(orders)
        for seat in slot.seats:
            row = mine[seat.resource]
            mine[seat.resource] = [*row[: seat.gap], pinned(booked, slot.start), *row[seat.gap :]]
        tasks = {one.id: one for row in mine.values() for one in row}
        tasks["new"] = booked
        problem = Problem(tuple(people), tuple(tasks.values()), drive)
        plan = a_plan(problem, mine)
        assert faults(problem, plan) == []
        assert list(rules.broken(problem, plan)) == []
        assert check(new, lanes, window, WEIGHTS) is not None
    for window in windows if new.roles == 1 else ():
        booked = offered(new, window)
        ways = [
            sum(after.legs) - sum(before.legs if row else ()) + total(assigning(one, new, WEIGHTS))
            for one in people
            if rules.may(one, new)
            for row in [orders[one.id]]
            for before in [timeline.of(one, row, drive)]
            for gap in range(len(row) + 1)
            for after in [timeline.of(one, [*row[:gap], booked, *row[gap:]], drive)]
            if after.feasible
        ]
        assert (window in shown) == bool(ways)
        assert window not in shown or shown[window].seats[0].cost == min(ways)


@settings(max_examples=times(15, deep=500), deadline=None, database=None)
@given(seeds)
def test_selling_slot_after_slot_never_oversells_a_window(seed: int) -> None:
    """Sold, shadow and held hours stay within what is available less the reserve."""
    pick = Random(seed)
    people = [replace(a_resource(pick, name), max_overtime=0) for name in ("ana", "ben")]
    lanes = [lane(one, [], drive) for one in people]
    windows = [Interval(low * STEP, (low + 9) * STEP) for low in range(0, 54, 9)]
    sold: list[Taken] = []
    for number in range(12):
        new = offered(a_task(pick, str(number)), Interval(0, 60 * STEP))
        rooms = cells(windows, people, sold, now=-99 * STEP)
        found = search(new, lanes, windows, WEIGHTS, cells=rooms).slots
        for slot in found[:1]:
            seat = slot.seats[0]
            sold.append(Taken(seat.start, seat.end, seat.resource))
            lanes = [
                lane(
                    one.resource,
                    [
                        *one.standing[: seat.gap],
                        Standing(new, seat.start),
                        *one.standing[seat.gap :],
                    ],
                    drive,
                )
                if one.resource.id == seat.resource
                else one
                for one in lanes
            ]
        for cell in cells(windows, people, sold, now=-99 * STEP):
            assert cell.consumed <= cell.available - cell.reserved


@settings(max_examples=times(15, deep=300), deadline=None, database=None)
@given(seeds)
def test_a_crews_windows_are_those_in_which_two_can_begin_at_once(seed: int) -> None:
    pick = Random(seed)
    people, orders, lanes = a_board(pick)
    new = offered(replace(a_task(pick, "new"), roles=2), Interval(0, 60 * STEP))
    windows = [Interval(low * STEP, (low + 9) * STEP) for low in range(0, 54, 9)]
    shown = {one.window for one in search(new, lanes, windows, WEIGHTS).slots}

    def able(at: int) -> int:
        """How many could begin it then."""
        there = pinned(new, at)
        return sum(
            any(
                timeline.of(one, [*row[:gap], there, *row[gap:]], drive).feasible
                for gap in range(len(row) + 1)
            )
            for one in people
            if rules.may(one, new)
            for row in [orders[one.id]]
        )

    expected = {
        one for one in windows if any(able(at) > 1 for at in range(one.start, one.end + 1, STEP))
    }
    assert shown == expected


@settings(max_examples=times(15, deep=1000), deadline=None, database=None)
@given(seeds)
def test_boards_with_shadows_can_be_carried_out(seed: int) -> None:
    """Each shadow that has a place keeps its promise there; none that is called oversold had one."""
    pick = Random(seed)
    people, _, lanes = a_board(pick)
    shadows = [
        offered(a_task(pick, f"shadow {n}"), Interval(n * 9 * STEP, (n + 1) * 9 * STEP))
        for n in range(4)
    ]
    boards, oversold = with_shadows(lanes, shadows, WEIGHTS)
    orders = {
        one.resource.id: [
            each.task if each.start is None else pinned(each.task, each.start)
            for each in one.standing
        ]
        for one in boards
    }
    tasks = [
        *(one for row in orders.values() for one in row),
        *oversold,
    ]
    problem = Problem(tuple(people), tuple(tasks), drive)
    mine: dict[str, Sequence[Task]] = dict(orders)
    assert faults(problem, a_plan(problem, mine)) == []
    assert len(tasks) == sum(len(one.standing) for one in lanes) + len(shadows)
    for one in oversold:
        assert one.promised is not None
        assert check(one, boards, one.promised, WEIGHTS) is None


def test_twice_the_gaps_are_twice_the_work() -> None:
    asked: list[int] = []

    def counted(a: Place, b: Place) -> int:
        asked.append(1)
        return drive(a, b)

    def work(people: int, visits: int) -> tuple[int, int]:
        row = [at(Task(str(n), MILL, STEP), 2 * n + 1) for n in range(visits)]
        lanes = [
            lane(replace(ANA, id=str(n), technician=str(n), last_leg=Leg.outside), row, counted)
            for n in range(people)
        ]
        asked.clear()
        found = search(Task("new", MILL, STEP), lanes, DAY, WEIGHTS)
        assert found.slots
        return found.looked_at, len(asked)

    assert work(5, 7) == (40, 80)
    assert work(10, 7) == (80, 160)
    assert work(5, 15) == (80, 160)


def test_a_slot_of_a_crew_is_one_time_for_all_of_it() -> None:
    ana = lane(ANA, [at(Task("a", MILL, 20 * STEP), 2)], drive)
    ben = lane(BEN, [at(Task("b", MILL, 6 * STEP), 26)], drive)
    new = Task("new", MILL, 4 * STEP, roles=2)
    found = search(new, [ana, ben], [Interval(0, 48 * STEP)], WEIGHTS).slots
    assert [(one.start // STEP, len(one.seats)) for one in found] == [(22, 2)]
    routes = [
        Route(board.resource.id, timeline.of(board.resource, row, drive).stops() or ())
        for board, row in (
            (ana, [pinned(ana.standing[0].task, 2 * STEP), pinned(new, 22 * STEP)]),
            (ben, [pinned(new, 22 * STEP), pinned(ben.standing[0].task, 26 * STEP)]),
        )
    ]
    tasks = (
        ana.standing[0].task,
        ben.standing[0].task,
        replace(new, windows=(Window(0, 48 * STEP),)),
    )
    assert faults(Problem((ANA, BEN), tasks, drive), Plan(tuple(routes))) == []
    assert search(new, [ana], [Interval(0, 48 * STEP)], WEIGHTS).slots == ()
