"""The hard rules: one function each, which says what is broken, in words, and by how much.

What is always true: for whoever proposes (slots, plans) every rule is hard; what a person may overrule by
hand is decided where hands are. Rules read the times that a plan states and derive none. `pairing` are
those of a person and a task, `routes` those of a route; here are those of a whole plan.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.scheduling.model import BEGUN, Plan, Problem, Resource, Task
from app.scheduling.rules.pairing import PAIRING, STARTING, may
from app.scheduling.rules.routes import ROUTE, Day, day_of
from app.scheduling.rules.violations import Code, Violation, off_by, spoken, what
from app.scheduling.spans import NEVER

__all__ = ["Code", "Day", "Placed", "Violation", "broken", "day_of", "may", "spoken"]


@dataclass(frozen=True, slots=True)
class Placed:
    """A task on a route."""

    resource: Resource
    start: int
    end: int


def accounted(task: Task, placed: Sequence[Placed], unplanned: bool) -> Violation | None:
    """Every task is planned or named as left out, and not both."""
    if bool(placed) != unplanned:
        return None
    said = f"{what(task)} is planned and left out." if placed else f"{what(task)} was forgotten."
    return Violation(Code.unaccounted, said, 1, task.id)


def crew(task: Task, placed: Sequence[Placed]) -> Violation | None:
    """All its people, no more, each on a route of their own, at the same time."""
    people = {one.resource.technician for one in placed}
    if not placed or (
        len(people) == len(placed) == task.roles and len({one.start for one in placed}) == 1
    ):
        return None
    said = f"{what(task)} takes {task.roles} people at the same time, each once."
    if task.roles == 1:
        said = f"{what(task)} is planned more than once."
    off = abs(task.roles - len(placed)) or max(one.start - placed[0].start for one in placed) or 1
    return Violation(Code.crew_incomplete, said, abs(off), task.id)


def links(task: Task, placed: Mapping[str, Sequence[Placed]]) -> Violation | None:
    """What comes after other work comes after it, neither too soon nor too late."""
    for one in placed.get(task.id, ()):
        for link in task.links:
            before = placed.get(link.task, ())
            if not before:
                said = f"{what(task)} comes after a visit that is not planned."
                return Violation(Code.linked_visits, said, 0, task.id, one.resource.id)
            gap = one.start - max(other.end for other in before)
            most = NEVER if link.max_gap is None else link.max_gap
            if off := abs(off_by(((link.min_gap, most),), gap)):
                how = "early" if gap < link.min_gap else "late"
                said = (
                    f"{what(task)} would begin {spoken(off)} too {how} after the visit before it."
                )
                return Violation(Code.linked_visits, said, off, task.id, one.resource.id)
    return None


def stays(problem: Problem, task: Task, placed: Sequence[Placed]) -> Violation | None:
    """What has begun, and what is about to, stays with its people and at its time."""
    begun = task.state in BEGUN
    soon = any(one.start < problem.frozen_until for one in task.current) and not task.released
    if not task.current or not (begun or soon):
        return None
    was = {(one.technician, one.day, one.start) for one in task.current}
    if was == {(one.resource.technician, one.resource.day, one.start) for one in placed}:
        return None
    code, why = (Code.begun, "has begun") if begun else (Code.frozen, "is about to begin")
    off = max((abs(one.start - task.current[0].start) for one in placed), default=0)
    return Violation(code, f"{what(task)} {why} and stays where it is.", off, task.id)


def broken(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """Every rule that a plan breaks; nothing when it may be shown. Raises `KeyError` for a plan that
    names what the problem does not hold."""
    placed: dict[str, list[Placed]] = {}
    for route in plan.routes:
        day = day_of(problem, route)
        for one in day.work:
            assert one.task is not None
            stop = one.stop
            placed.setdefault(one.task.id, []).append(Placed(day.resource, stop.start, stop.end))
            for pairing in PAIRING:
                yield from _said(pairing(day.resource, one.task))
            for starting in STARTING:
                yield from _said(starting(day.resource, one.task, stop.start))
        for of_route in ROUTE:
            yield from _said(of_route(day))
    for task in problem.tasks:
        where = placed.get(task.id, [])
        yield from _said(accounted(task, where, task.id in plan.unplanned))
        yield from _said(crew(task, where))
        yield from _said(links(task, placed))
        yield from _said(stays(problem, task, where))


def _said(found: Violation | None) -> Iterator[Violation]:
    if found is not None:
        yield found
