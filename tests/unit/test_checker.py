"""The checker itself: a sound plan, and one thing at a time made wrong in it. The rules, which know the
same world by other means, have to see each of them too."""

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.scheduling import rules
from app.scheduling.model import (
    After,
    Assignment,
    Break,
    Busy,
    BusyKind,
    Interval,
    Leg,
    Lock,
    Plan,
    Problem,
    Resource,
    State,
    Stop,
    Task,
    Window,
    WindowKind,
)
from tests.checker import faults
from tests.support.days import MONDAY, STEP, a_plan, a_resource, a_task, an_order, drive, place
from tests.support.deep import times

HOME, MILL, OAK, DUMP = (
    place(name, 0, east) for name, east in zip("hmod", (0, 1, 3, 5), strict=True)
)


def standing(technician: str, step: int) -> tuple[Assignment, ...]:
    return (Assignment(technician, MONDAY, step * STEP),)


def a_sound_day() -> tuple[Problem, Plan]:
    """Two people with everything: break, meeting, crew, link, locks, loads, hours of access."""
    ana, ben = (
        Resource(
            id=name,
            technician=name,
            day=MONDAY,
            start=HOME,
            end=HOME,
            shift=Interval(0, 40 * STEP),
            pause=Break(3 * STEP, 12 * STEP, 20 * STEP),
            busy=(Busy(24 * STEP, 26 * STEP, "the meeting"),),
            skills={"gas": 2},
            territories=frozenset({"north"}),
            capacity={"litres": 3},
        )
        for name in ("ana", "ben")
    )
    ben = replace(ben, first_leg=Leg.outside, last_leg=Leg.outside, shift=Interval(0, 38 * STEP))
    begun = Task(
        "begun", MILL, 4 * STEP, state=State.working, current=standing("ana", 1), territory="north"
    )
    soon = Task("soon", MILL, 4 * STEP, state=State.scheduled, current=standing("ben", 0))
    skilled = Task(
        "skilled",
        OAK,
        3 * STEP,
        skills={"gas": 2},
        demand={"litres": 2},
        windows=(Window(7 * STEP, 9 * STEP),),
        required=frozenset({"ana"}),
    )
    dump = Task("dump", DUMP, STEP, demand={"litres": -9})
    open_hours = Task(
        "open hours",
        DUMP,
        4 * STEP,
        demand={"litres": 2},
        windows=(Window(12 * STEP, 20 * STEP, WindowKind.access),),
        excluded=frozenset({"ben"}),
    )
    crew = Task("crew", OAK, 4 * STEP, roles=2, windows=(Window(28 * STEP, 28 * STEP),))
    after = Task(
        "after",
        MILL,
        2 * STEP,
        links=(After("crew", STEP, 6 * STEP),),
        promised=Interval(0, 99 * STEP),
    )
    held = Task("held", OAK, 2 * STEP, lock=Lock.both, current=standing("ben", 8))
    left = Task("left", OAK, 90 * STEP)
    problem = Problem(
        (ana, ben),
        (begun, soon, skilled, dump, open_hours, crew, after, held, left),
        drive,
        now=STEP,
        frozen_until=2 * STEP,
    )
    orders = {"ana": [begun, skilled, dump, open_hours, crew], "ben": [soon, held, crew, after]}
    return problem, a_plan(problem, orders)


def stop(plan: Plan, of: str, kind: str) -> Stop:
    """A task by its id, or the break or end, on the route of somebody."""
    route = next(one for one in plan.routes if one.resource == of)
    return next(one for one in route.stops if kind in (one.task, one.kind))


def changed(plan: Plan, of: str, kind: str, *put: Stop) -> Plan:
    """The plan with something else in the place of one stop."""
    was = stop(plan, of, kind)
    return replace(
        plan,
        routes=tuple(
            replace(
                route,
                stops=tuple(new for one in route.stops for new in (put if one is was else (one,))),
            )
            if route.resource == of
            else route
            for route in plan.routes
        ),
    )


def moved(plan: Plan, of: str, kind: str, steps: int, *, drive_too: bool = True) -> Plan:
    """The plan with one stop so many steps later, without regard to the others."""
    was, by = stop(plan, of, kind), steps * STEP
    leave = was.leave_at + by if was.leave_at is not None and drive_too else was.leave_at
    return changed(
        plan, of, kind, replace(was, start=was.start + by, end=was.end + by, leave_at=leave)
    )


def with_task(problem: Problem, id: str, **fields: Any) -> Problem:
    tasks = tuple(replace(one, **fields) if one.id == id else one for one in problem.tasks)
    return replace(problem, tasks=tasks)


def with_resource(problem: Problem, id: str, **fields: Any) -> Problem:
    found = tuple(replace(one, **fields) if one.id == id else one for one in problem.resources)
    return replace(problem, resources=found)


Seeded = Callable[[Problem, Plan], tuple[Problem, Plan]]


def _called_away(id: str, step: int, kind: BusyKind) -> Seeded:
    busy = (Busy(step * STEP, (step + 1) * STEP, "", kind),)
    return lambda problem, plan: (with_resource(problem, id, busy=busy), plan)


SEEDED: dict[str, tuple[str, Seeded]] = {
    "a level is too low": (
        "skill_missing",
        lambda a, b: (with_resource(a, "ana", skills={"gas": 1}), b),
    ),
    "a certificate has expired": (
        "skill_missing",
        lambda a, b: (with_resource(a, "ana", skills={}), b),
    ),
    "somebody works elsewhere": (
        "other_territory",
        lambda a, b: (with_resource(a, "ana", territories=frozenset({"south"})), b),
    ),
    "somebody else was asked for": (
        "other_technician_required",
        lambda a, b: (with_task(a, "dump", required=frozenset({"ben", "eve"})), b),
    ),
    "somebody was ruled out": (
        "technician_excluded",
        lambda a, b: (with_task(a, "dump", excluded=frozenset({"ana"})), b),
    ),
    "somebody is on call": ("on_call", lambda a, b: (with_resource(a, "ana", on_call=True), b)),
    "before the window": (
        "outside_promise",
        lambda a, b: (with_task(a, "skilled", windows=(Window(10 * STEP, 12 * STEP),)), b),
    ),
    "after the promise, whatever else is offered": (
        "outside_promise",
        lambda a, b: (
            with_task(a, "skilled", promised=Interval(0, 6 * STEP), late_limit=STEP - 1),
            b,
        ),
    ),
    "they are let in too late": (
        "outside_access_hours",
        lambda a, b: (
            with_task(a, "open hours", windows=(Window(30 * STEP, 40 * STEP, WindowKind.access),)),
            b,
        ),
    ),
    "they are put out before the end": (
        "outside_access_hours",
        lambda a, b: (
            with_task(
                a,
                "open hours",
                windows=(
                    Window(12 * STEP, 18 * STEP, WindowKind.access),
                    Window(18 * STEP + 60, 30 * STEP, WindowKind.access),
                ),
            ),
            b,
        ),
    ),
    "locked to somebody else": (
        "locked",
        lambda a, b: (with_task(a, "held", lock=Lock.resource, current=standing("ana", 8)), b),
    ),
    "locked to another time": (
        "locked",
        lambda a, b: (with_task(a, "held", lock=Lock.time, current=standing("ben", 9)), b),
    ),
    "what has begun is moved": (
        "begun",
        lambda a, b: (with_task(a, "begun", current=standing("ana", 2)), b),
    ),
    "what has begun is left out": (
        "begun",
        lambda a, b: (a, replace(changed(b, "ana", "begun"), unplanned={"begun": "", "left": ""})),
    ),
    "what is about to begin changes hands": (
        "frozen",
        lambda a, b: (with_task(a, "soon", current=standing("ana", 0)), b),
    ),
    "one leaves home before the shift": (
        "outside_shift",
        lambda a, b: (with_resource(a, "ben", first_leg=Leg.inside), b),
    ),
    "one is not there yet": (
        "outside_shift",
        lambda a, b: (with_resource(a, "ana", available_from=STEP), b),
    ),
    "work begins after the shift": (
        "outside_shift",
        lambda a, b: (
            with_resource(a, "ben", shift=Interval(0, 33 * STEP), last_leg=Leg.outside),
            b,
        ),
    ),
    "work ends after the shift": (
        "overtime",
        lambda a, b: (with_resource(a, "ben", shift=Interval(0, 35 * STEP)), b),
    ),
    "one is back after the shift": (
        "overtime",
        lambda a, b: (with_resource(a, "ana", shift=Interval(0, 34 * STEP)), b),
    ),
    "no break": ("no_room_for_break", lambda a, b: (a, changed(b, "ana", "break"))),
    "two breaks": (
        "no_room_for_break",
        lambda a, b: (a, changed(b, "ana", "break", *[stop(b, "ana", "break")] * 2)),
    ),
    "a break of nobody's": (
        "no_room_for_break",
        lambda a, b: (with_resource(a, "ana", break_taken=True), b),
    ),
    "a break too early": (
        "no_room_for_break",
        lambda a, b: (
            with_resource(a, "ana", pause=Break(3 * STEP, 17 * STEP, 20 * STEP)),
            b,
        ),
    ),
    "a break too short": (
        "no_room_for_break",
        lambda a, b: (with_resource(a, "ana", pause=Break(4 * STEP, 10 * STEP, 20 * STEP)), b),
    ),
    "a break at work": (
        "no_room_for_break",
        lambda a, b: (a, moved(b, "ana", "break", 2)),
    ),
    "work during a meeting": ("double_booking", _called_away("ana", 30, BusyKind.event)),
    "work during a fixed break": ("no_room_for_break", _called_away("ana", 30, BusyKind.pause)),
    "work during time off": ("time_off", _called_away("ana", 30, BusyKind.time_off)),
    "a drive during a meeting": ("travel_does_not_fit", _called_away("ben", 33, BusyKind.event)),
    "a break during time off": ("no_room_for_break", _called_away("ben", 12, BusyKind.time_off)),
    "two visits at once": ("double_booking", lambda a, b: (a, moved(b, "ana", "open hours", -1))),
    "one leaves before one is done": (
        "travel_does_not_fit",
        lambda a, b: (a, moved(b, "ana", "skilled", -1)),
    ),
    "one begins before one is there": (
        "travel_does_not_fit",
        lambda a, b: (a, moved(b, "ana", "skilled", -1, drive_too=False)),
    ),
    "nobody comes back": ("travel_does_not_fit", lambda a, b: (a, changed(b, "ana", "end"))),
    "the tank runs over": (
        "over_capacity",
        lambda a, b: (with_task(a, "dump", demand={"litres": 0}), b),
    ),
    "there is no tank": ("over_capacity", lambda a, b: (with_resource(a, "ana", capacity={}), b)),
    "one of the crew is missing": (
        "crew_incomplete",
        lambda a, b: (a, changed(b, "ana", "crew")),
    ),
    "one of the crew comes later": (
        "crew_incomplete",
        lambda a, b: (a, moved(b, "ana", "crew", 1)),
    ),
    "a visit is made twice": (
        "crew_incomplete",
        lambda a, b: (
            a,
            changed(b, "ben", "held", stop(b, "ben", "held"), replace(stop(b, "ana", "dump"))),
        ),
    ),
    "too soon after": (
        "linked_visits",
        lambda a, b: (with_task(a, "after", links=(After("crew", 3 * STEP),)), b),
    ),
    "too late after": (
        "linked_visits",
        lambda a, b: (with_task(a, "after", links=(After("crew", 0, STEP),)), b),
    ),
    "after what is not planned": (
        "linked_visits",
        lambda a, b: (with_task(a, "after", links=(After("left"),)), b),
    ),
    "too little time": (
        "wrong_duration",
        lambda a, b: (with_task(a, "dump", duration=2 * STEP), b),
    ),
    "somebody takes longer": (
        "wrong_duration",
        lambda a, b: (with_task(a, "dump", duration_by_technician={"ana": 3 * STEP}), b),
    ),
    "forgotten": ("unaccounted", lambda a, b: (a, replace(b, unplanned={}))),
    "planned and left out": (
        "unaccounted",
        lambda a, b: (a, replace(b, unplanned={"left": "", "dump": ""})),
    ),
}


def test_a_sound_day_is_sound() -> None:
    problem, plan = a_sound_day()
    assert faults(problem, plan) == []
    assert list(rules.broken(problem, plan)) == []


@pytest.mark.parametrize("name", SEEDED)
def test_each_seeded_fault_is_caught(name: str) -> None:
    code, seed = SEEDED[name]
    problem, plan = seed(*a_sound_day())
    assert code in {one.code for one in faults(problem, plan)}
    found = {one.code: one for one in rules.broken(problem, plan)}
    assert code in found
    assert found[rules.Code(code)].detail.endswith(".")


def test_sentences_are_those_a_dispatcher_says() -> None:
    def said(name: str) -> str:
        code, seed = SEEDED[name]
        return next(one.detail for one in rules.broken(*seed(*a_sound_day())) if one.code == code)

    assert said("a level is too low") == "ana does not have gas at level 2 on this day."
    assert (
        said("before the window")
        == "skilled would begin 30 minutes before the start of its window."
    )
    assert said("no break") == "ana would have no break."
    assert said("two breaks") == "ana would have 2 breaks."
    assert said("a drive during a meeting") == "ben would drive during an event, for 10 minutes."
    assert said("a visit is made twice") == "dump is planned more than once."
    assert (
        said("too soon after")
        == "after would begin 10 minutes too early after the visit before it."
    )
    assert said("one begins before one is there") == "ana would need 10 minutes more for the drive."


def test_each_rule_has_a_seeded_fault() -> None:
    assert {code for code, _ in SEEDED.values()} == {str(code) for code in rules.Code}
    assert len(SEEDED) >= 25


@settings(max_examples=times(50, deep=5000), deadline=None, database=None)
@given(st.integers(0, 2**40))
def test_rules_and_checker_are_of_one_mind(seed: int) -> None:
    """Plans shaken at random: who finds nothing here finds nothing there, and each word of the rules,
    which name the first of a kind, is one of the checker's, which names them all."""
    pick = Random(seed)
    people = [a_resource(pick, name) for name in ("ana", "ben")]
    orders = {one.id: an_order(pick, one, 5) for one in people}
    extra = a_task(pick, "left")
    tasks = [*(task for order in orders.values() for task in order), extra]
    problem = Problem(tuple(people), tuple(tasks), drive, frozen_until=STEP)
    plan = a_plan(problem, orders)
    for route in plan.routes:
        for one in route.stops:
            if pick.random() < 0.15:
                kind = one.task or one.kind
                by = pick.choice((-5, -1, 1, 5))
                plan = moved(plan, route.resource, kind, by, drive_too=pick.random() < 0.5)
    mine = {one.code.value for one in rules.broken(problem, plan)}
    found = {one.code for one in faults(problem, plan)}
    assert mine <= found
    assert bool(mine) == bool(found)
