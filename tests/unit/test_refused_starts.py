"""Beginnings that the slot finder does not show: each breaks a rule that is named, and the checker, who knows
nothing of the rules, finds the same plan broken."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from app.scheduling import rules, timeline
from app.scheduling.lanes import lane
from app.scheduling.model import (
    Interval,
    Place,
    Plan,
    Problem,
    Resource,
    Route,
    Stop,
    StopKind,
    Task,
)
from app.scheduling.slots import check
from tests.checker import faults
from tests.support.days import STEP, a_task, drive, pinned
from tests.support.deep import times
from tests.unit.test_slots import WEIGHTS, a_board, at, offered


@settings(max_examples=times(15, deep=500), deadline=None, database=None)
@given(st.integers(0, 2**40))
def test_what_is_not_shown_breaks_a_rule_that_is_true(seed: int) -> None:
    pick = Random(seed)
    people, orders, _ = a_board(pick)
    new = a_task(pick, "new")
    for who in people:
        row, stops = as_planned(who, orders[who.id])
        board = lane(who, [at(task, start // STEP) for task, start in row], drive)
        for step in pick.sample(range(-2, 58), 6):
            moment = Interval(step * STEP, step * STEP)
            shown = check(offered(new, moment), [board], moment, WEIGHTS)
            work = [pinned(offered(new, moment), moment.start), *(pinned(*one) for one in row)]
            problem = Problem((who,), tuple(work), drive)
            plan = by_hand(who, stops, work)
            codes = {one.code for one in rules.broken(problem, plan)}
            found = {one.code for one in faults(problem, plan)}
            assert codes <= found
            assert codes or not found
            assert shown is not None or codes


def as_planned(
    who: Resource, order: Sequence[Task]
) -> tuple[list[tuple[Task, int]], tuple[Stop, ...]]:
    """What stands, at its seconds, and the stops of the route."""
    stops = timeline.of(who, order, drive).stops()
    assert stops is not None
    begins = {one.task: one.start for one in stops}
    return [(task, begins[task.id]) for task in order], stops


def by_hand(who: Resource, stops: Sequence[Stop], work: Sequence[Task]) -> Plan:
    """The route as somebody who drags it there makes it: the first of the work at its second, all else,
    the break too, as it was."""
    new = work[0]
    tasks = {one.id: one for one in work}
    begin = new.windows[0].start if new.promised is None else new.promised.start
    put = Stop(StopKind.task, begin, begin + new.takes(who), None, new.id)
    rest = [one for one in stops if one.kind is not StopKind.end]
    row = sorted([*rest, put], key=lambda one: (one.start, one.end))
    here, free, made = who.start, who.opens, []
    for one in row:
        if one.task is not None:
            there: Place = tasks[one.task].place
            made.append(replace(one, leave_at=one.start - drive(here, there)))
            here, free = there, one.end
        else:
            made.append(one)
    back = free + drive(here, who.end)
    made.append(Stop(StopKind.end, back, back, free))
    return Plan((Route(who.id, tuple(made)),))
