"""What a plan costs, in seconds of a technician's time: one formula, by named terms.

What is always true: the parts add up to the cost, and each is a whole number of seconds, rounded down
where a weight is a share. What a route costs by itself stands on the route; what only the whole plan
knows (who carries more than the mean, what was left out) stands on the plan. Work of a crew is late, or
breaks a promise, once: with the first of its routes. Weights are `Weights`; the formula is that of the
page on scheduling.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from app.scheduling.model import (
    ONE_DAY,
    Plan,
    Problem,
    Resource,
    State,
    Task,
    Weights,
    WindowKind,
)
from app.scheduling.rules import Day, day_of

Parts = Mapping[str, int]
ROUTE_PARTS = (
    "travel",
    "overtime",
    "late",
    "past_due",
    "broken_promises",
    "not_preferred",
    "surplus_levels",
    "moves",
)
PLAN_PARTS = (*ROUTE_PARTS, "balance", "unplanned")


def total(parts: Parts) -> int:
    """All of them together."""
    return sum(parts.values())


def costed(problem: Problem, plan: Plan) -> Plan:
    """The same plan with its costs, and each route's, stated."""
    days = [day_of(problem, route) for route in plan.routes]
    parts, of_routes = dict.fromkeys(PLAN_PARTS, 0), []
    met: set[str] = set()
    for day in days:
        here = of_day(day, problem.weights, met)
        met |= {one.task.id for one in day.work if one.task is not None}
        of_routes.append(here)
        for name, amount in here.items():
            parts[name] += amount
    parts["balance"] = balance(problem, days)
    left = [one for one in problem.tasks if one.id in plan.unplanned]
    parts["unplanned"] = sum(dropping(one, problem.weights, problem.now) for one in left)
    routes = zip(plan.routes, of_routes, strict=True)
    return replace(
        plan,
        routes=tuple(replace(route, cost_parts=here) for route, here in routes),
        cost_parts=parts,
    )


def of_day(day: Day, weights: Weights, met: set[str] | frozenset[str] = frozenset()) -> Parts:
    """What a stated route costs by itself; `met` are crews' tasks that other routes paid for."""
    parts = dict.fromkeys(ROUTE_PARTS, 0)
    parts["travel"] = _share(sum(one.drive for one in day.driven), weights.travel)
    over = max(0, day.until - day.resource.shift.end) if day.steps else 0
    parts["overtime"] = _share(over, weights.overtime)
    for one in day.work:
        assert one.task is not None
        for name, amount in assigning(day.resource, one.task, weights).items():
            parts[name] += amount
        if one.task.id not in met:
            for name, amount in timing(one.task, one.stop.start, one.stop.end, weights).items():
                parts[name] += amount
    return parts


def assigning(resource: Resource, task: Task, weights: Weights) -> Parts:
    """What it costs that this person does it, whenever: not the one who is preferred, knowing more than
    is needed, another than before."""
    known = (resource.skills.get(code, 0) - level for code, level in task.skills.items())
    liked = not task.preferred or resource.technician in task.preferred
    return {
        "not_preferred": 0 if liked else weights.not_preferred,
        "surplus_levels": weights.surplus_level * sum(max(0, one) for one in known),
        "moves": moving(resource, task, weights),
    }


def moving(resource: Resource, task: Task, weights: Weights) -> int:
    """What it costs that a task leaves whom it was planned with: another day, or another person."""
    was = {(one.technician, one.day) for one in task.current}
    if not was or (resource.technician, resource.day) in was:
        return 0
    return leaving(task, resource.day in {day for _, day in was}, weights)


def leaving(task: Task, same_day: bool, weights: Weights) -> int:
    """What it costs that a task leaves its people, for others on the same day or for another day."""
    if not same_day:
        cost = weights.other_day
    elif task.state is State.dispatched:
        cost = weights.other_technician_dispatched
    else:
        cost = weights.other_technician
    return cost + (weights.confirmed if task.confirmed else 0)


def timing(task: Task, start: int, end: int, weights: Weights) -> Parts:
    """What it costs that it is done then: late, past the SLA, not as promised."""
    told = task.promised
    kept = told is None or told.start <= start <= told.end
    past = 0 if task.due is None else max(0, end - task.due)
    return {
        "late": _share(lateness(task, start), weights.late),
        "past_due": _share(past, weights.past_due),
        "broken_promises": 0 if kept else weights.broken_promise,
    }


def lateness(task: Task, start: int) -> int:
    """Seconds beyond the end of the window that was promised, or is the last one before."""
    windows = [(one.start, one.end) for one in task.windows if one.kind is WindowKind.promise]
    if task.promised is not None:
        windows = [(task.promised.start, task.promised.end)]
    if any(low <= start <= high for low, high in windows):
        return 0
    return min((start - high for _, high in windows if high < start), default=0)


def balance(problem: Problem, days: Sequence[Day]) -> int:
    """A share of what somebody drives and works above the mean of all."""
    carried = [
        sum(one.drive for one in day.driven)
        + sum(one.stop.end - one.stop.start for one in day.work)
        for day in days
    ]
    mean = sum(carried) // max(1, len(problem.resources))
    return sum(_share(max(0, one - mean), problem.weights.balance) for one in carried)


def dropping(task: Task, weights: Weights, now: int) -> int:
    """What it costs to leave a task out: more when a customer, or the board, counts on it, and for each
    whole day past its SLA."""
    counted_on = task.promised is not None or bool(task.current)
    days = 0 if task.due is None else max(0, now - task.due) // ONE_DAY
    return (
        weights.drop[task.priority]
        + (weights.drop_planned if counted_on else 0)
        + days * weights.drop_day_past_due
    )


def _share(seconds: int, thousandths: int) -> int:
    return seconds * thousandths // 1000
