"""What a plan costs: by hand, and to the second as the checker adds it up by itself."""

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.scheduling import cost
from app.scheduling.model import (
    MINUTE,
    ONE_DAY,
    Assignment,
    Interval,
    Problem,
    Resource,
    State,
    Task,
    Weights,
    Window,
)
from tests.checker import costs, faults
from tests.support.days import MONDAY, STEP, a_plan, a_resource, a_task, an_order, drive, place
from tests.support.deep import times

HOME, OAK = place("home", 0, 0), place("oak", 0, 3)
ANA = Resource("ana", "ana", MONDAY, HOME, HOME, Interval(0, 20 * STEP), skills={"gas": 3})
BEN = replace(ANA, id="ben", technician="ben")
WEIGHTS = Weights()


def parts_of(*tasks: Task, left: tuple[Task, ...] = (), resource: Resource = ANA) -> dict[str, int]:
    """What is not nothing of a day with these tasks, and those left out."""
    problem = Problem((resource, BEN), (*tasks, *left), drive, now=10 * ONE_DAY)
    plan = cost.costed(problem, a_plan(problem, {resource.id: tasks}))
    assert cost.total(plan.cost_parts) == sum(costs(problem, plan).values())
    return {name: amount for name, amount in plan.cost_parts.items() if amount}


def test_drives_overtime_and_who_carries_most() -> None:
    oak = Task("oak", OAK, 10 * STEP)
    assert parts_of(oak) == {"travel": 6 * STEP, "balance": 8 * STEP // 10}
    long = replace(oak, duration=18 * STEP)
    late = replace(ANA, max_overtime=9 * STEP)
    assert parts_of(long, resource=late) == {
        "travel": 6 * STEP,
        "overtime": 4 * STEP * 3 // 2,
        "balance": 12 * STEP // 10,
    }


def test_late_past_due_and_a_promise_that_is_broken() -> None:
    before = Task("before", HOME, 5 * STEP)
    late = Task(
        "late", HOME, STEP, promised=Interval(0, 3 * STEP), late_limit=9 * STEP, due=4 * STEP
    )
    assert parts_of(before, late) == {
        "late": 4 * 2 * STEP,
        "past_due": 2 * 2 * STEP,
        "broken_promises": 240 * MINUTE,
        "balance": 3 * STEP // 10,
    }
    offered = replace(late, promised=None, windows=(Window(0, 3 * STEP),), due=None)
    assert parts_of(before, offered)["late"] == 8 * STEP  # late, and no promise broken


def test_who_does_it_and_who_did_before() -> None:
    def moved(**fields: Any) -> dict[str, int]:
        task = Task("a", HOME, 0, **fields)
        return {k: v // MINUTE for k, v in cost.assigning(ANA, task, WEIGHTS).items() if v}

    mine, bens = Assignment("ana", MONDAY, 0), Assignment("ben", MONDAY, 0)
    tomorrow = replace(mine, day=MONDAY + timedelta(days=1))
    assert moved(skills={"gas": 1}) == {"surplus_levels": 2}
    assert moved(preferred=frozenset({"ben"})) == {"not_preferred": 15}
    assert moved(preferred=frozenset({"ana"})) == {}
    assert moved(current=(mine,), confirmed=True) == {}
    assert moved(current=(bens,), state=State.scheduled) == {"moves": 10}
    assert moved(current=(bens,), state=State.dispatched) == {"moves": 30}
    assert moved(current=(bens,), state=State.scheduled, confirmed=True) == {"moves": 30}
    assert moved(current=(tomorrow,), state=State.scheduled) == {"moves": 120}


def test_what_is_left_out() -> None:
    plain = [Task(str(one), HOME, STEP, priority=one) for one in (1, 2, 3, 4)]
    assert [cost.dropping(one, WEIGHTS, 0) // MINUTE for one in plain] == [2400, 1200, 720, 480]
    told = replace(plain[3], promised=Interval(0, 1), due=7 * ONE_DAY + 1)
    assert parts_of(left=(told,)) == {"unplanned": (480 + 480 + 2 * 30) * MINUTE}


@settings(max_examples=times(30, deep=3000), deadline=None, database=None)
@given(st.integers(0, 2**40))
def test_the_checker_adds_up_the_same(seed: int) -> None:
    pick = Random(seed)
    people = [
        replace(a_resource(pick, name), max_overtime=9 * STEP) for name in ("ana", "ben", "eve")
    ]
    orders = {}
    for person in people:
        order = an_order(pick, person, 6)
        orders[person.id] = [_embellished(pick, one) for one in order]
    left = [_embellished(pick, a_task(pick, f"left {n}")) for n in range(2)]
    tasks = (*(one for order in orders.values() for one in order), *left)
    problem = Problem(tuple(people), tasks, drive, now=5 * STEP)
    plan = cost.costed(problem, a_plan(problem, orders))
    assert dict(plan.cost_parts) == costs(problem, plan)
    assert all(amount >= 0 for amount in plan.cost_parts.values())
    by_routes = sum(cost.total(one.cost_parts) for one in plan.routes)
    rest = plan.cost_parts["balance"] + plan.cost_parts["unplanned"]
    assert cost.total(plan.cost_parts) == by_routes + rest
    wrong = dict(plan.cost_parts) | {"travel": plan.cost_parts["travel"] + 1}
    assert "cost" in {one.code for one in faults(problem, replace(plan, cost_parts=wrong))}


def _embellished(pick: Random, task: Task) -> Task:
    """With whatever costs something and forbids nothing."""
    where = Assignment(
        pick.choice(("ana", "ben", "zoe")), MONDAY + timedelta(pick.randint(0, 1)), 9
    )
    return replace(
        task,
        preferred=frozenset(pick.sample(("ana", "ben"), pick.randint(0, 2))),
        due=pick.choice((None, pick.randint(-3 * ONE_DAY, 50 * STEP))),
        current=pick.choice(((), (where,))),
        state=pick.choice((State.scheduled, State.dispatched)),
        confirmed=pick.random() < 0.5,
    )
