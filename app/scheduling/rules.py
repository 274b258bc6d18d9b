"""The hard rules: one function each, which says what is broken, in words, and by how much.

What is always true: a code means here what it means on a visit's warnings and in refusals of the API.
For whoever proposes (slots, plans) every rule is hard; what a person may overrule by hand is decided
where hands are. Rules read the times that a plan states and derive none.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from app.scheduling.model import (
    BEGUN,
    EMERGENCY,
    MINUTE,
    BusyKind,
    Lock,
    Plan,
    Problem,
    Resource,
    Route,
    Stop,
    StopKind,
    Task,
)
from app.scheduling.spans import NEVER, Spans, accessible, first, last, promised
from app.scheduling.timeline import first_drive_from, outside


class Code(StrEnum):
    skill_missing = "skill_missing"
    other_territory = "other_territory"
    other_technician_required = "other_technician_required"
    technician_excluded = "technician_excluded"
    on_call = "on_call"
    outside_promise = "outside_promise"
    outside_access_hours = "outside_access_hours"
    locked = "locked"
    begun = "begun"
    frozen = "frozen"
    outside_shift = "outside_shift"
    overtime = "overtime"
    no_room_for_break = "no_room_for_break"
    time_off = "time_off"
    double_booking = "double_booking"
    travel_does_not_fit = "travel_does_not_fit"
    over_capacity = "over_capacity"
    crew_incomplete = "crew_incomplete"
    linked_visits = "linked_visits"
    wrong_duration = "wrong_duration"
    unaccounted = "unaccounted"


TAKEN_BY = {
    BusyKind.event: Code.double_booking,
    BusyKind.pause: Code.no_room_for_break,
    BusyKind.time_off: Code.time_off,
}
"""What it is called to work while somebody is busy: an event is a booking like a visit."""
NAMELESS = {
    BusyKind.event: "an event",
    BusyKind.pause: "a break",
    BusyKind.time_off: "time off",
}


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that does not hold."""

    code: Code
    detail: str
    measure: int = 0
    """How much is missing or too much: seconds, levels, units or people."""
    task: str | None = None
    resource: str | None = None


def spoken(seconds: int) -> str:
    """A length as people say it, never less than it is."""
    minutes = -(-seconds // MINUTE)
    return "1 minute" if minutes == 1 else f"{minutes} minutes"


# of a person and a task


def skill(resource: Resource, task: Task) -> Violation | None:
    """Every skill the task needs, at its level, valid on the day."""
    lacking = {
        code: level - resource.skills.get(code, 0)
        for code, level in task.skills.items()
        if resource.skills.get(code, 0) < level
    }
    if not lacking:
        return None
    needs = " and ".join(
        code if task.skills[code] == 1 else f"{code} at level {task.skills[code]}"
        for code in sorted(lacking)
    )
    said = f"{_who(resource)} does not have {needs} on this day."
    return Violation(Code.skill_missing, said, sum(lacking.values()), task.id, resource.id)


def territory(resource: Resource, task: Task) -> Violation | None:
    """The task's territory is one of the person's, who works everywhere when none is named."""
    if task.territory is None or not resource.territories:
        return None
    if task.territory in resource.territories:
        return None
    said = f"{_who(resource)} does not work in {task.territory}."
    return Violation(Code.other_territory, said, 1, task.id, resource.id)


def required(resource: Resource, task: Task) -> Violation | None:
    """One of those who were asked for."""
    if not task.required or resource.technician in task.required:
        return None
    said = f"{_what(task)} asks for somebody else than {_who(resource)}."
    return Violation(Code.other_technician_required, said, 1, task.id, resource.id)


def excluded(resource: Resource, task: Task) -> Violation | None:
    """None of those who were ruled out."""
    if resource.technician not in task.excluded:
        return None
    said = f"{_who(resource)} is not to be sent to {_what(task)}."
    return Violation(Code.technician_excluded, said, 1, task.id, resource.id)


def on_call(resource: Resource, task: Task) -> Violation | None:
    """Who is on call comes for emergencies alone."""
    if not resource.on_call or task.priority <= EMERGENCY:
        return None
    said = f"{_who(resource)} is on call, for emergencies alone."
    off = task.priority - EMERGENCY
    return Violation(Code.on_call, said, off, task.id, resource.id)


def lock_on_person(resource: Resource, task: Task) -> Violation | None:
    """A task that is locked to somebody stays theirs, on that day."""
    if task.lock not in (Lock.resource, Lock.both) or not task.current:
        return None
    if any(
        (one.technician, one.day) == (resource.technician, resource.day) for one in task.current
    ):
        return None
    said = f"{_what(task)} is locked to somebody else. Take the lock off first."
    return Violation(Code.locked, said, 1, task.id, resource.id)


PAIRING: tuple[Callable[[Resource, Task], Violation | None], ...] = (
    skill,
    territory,
    required,
    excluded,
    on_call,
    lock_on_person,
)


def may(resource: Resource, task: Task) -> bool:
    """Whether somebody may do a task at all, whenever."""
    return not any(rule(resource, task) for rule in PAIRING)


# of a person, a task and its beginning


def promise(resource: Resource, task: Task, start: int) -> Violation | None:
    """It begins in the promised window, or so much later as was granted."""
    off = _off(promised(task), start)
    if not off:
        return None
    side = "after the end" if off > 0 else "before the start"
    said = f"{_what(task)} would begin {spoken(abs(off))} {side} of its window."
    return Violation(Code.outside_promise, said, abs(off), task.id, resource.id)


def access_hours(resource: Resource, task: Task, start: int) -> Violation | None:
    """The whole presence lies in the hours in which one is let in."""
    length = task.takes(resource)
    spans = accessible(task.windows, length)
    off = _off(spans, start) if spans else length
    if not off:
        return None
    said = f"{_what(task)} would be {spoken(abs(off))} outside of the hours in which one is let in."
    if not spans:
        said = f"{_what(task)} takes {spoken(length)}, longer than one is let in."
    return Violation(Code.outside_access_hours, said, abs(off), task.id, resource.id)


def lock_on_time(resource: Resource, task: Task, start: int) -> Violation | None:
    """A task that is locked to its time keeps it."""
    if task.lock not in (Lock.time, Lock.both) or not task.current:
        return None
    off = min(abs(start - one.start) for one in task.current)
    if not off:
        return None
    said = f"{_what(task)} is locked to its time. Take the lock off first."
    return Violation(Code.locked, said, off, task.id, resource.id)


STARTING: tuple[Callable[[Resource, Task, int], Violation | None], ...] = (
    promise,
    access_hours,
    lock_on_time,
)


# of a route, as it is stated


@dataclass(frozen=True, slots=True)
class Step:
    """A stop, with the drive that leads to it; a break has none."""

    stop: Stop
    task: Task | None
    drive: int = 0
    first: bool = False

    @property
    def leaves(self) -> int:
        return self.stop.start if self.stop.leave_at is None else self.stop.leave_at

    @property
    def arrives(self) -> int:
        return self.leaves + self.drive


@dataclass(frozen=True, slots=True)
class Day:
    """Somebody's stated route, made ready for the rules. Made by `day_of`."""

    resource: Resource
    steps: tuple[Step, ...]

    @property
    def work(self) -> list[Step]:
        return [one for one in self.steps if one.task is not None]

    @property
    def driven(self) -> list[Step]:
        return [one for one in self.steps if one.stop.kind is not StopKind.pause]

    @property
    def breaks(self) -> list[Step]:
        return [one for one in self.steps if one.stop.kind is StopKind.pause]

    @property
    def until(self) -> int:
        """Until when the day counts: without the part of the drive home that lies outside."""
        back = 0
        for one in self.steps:
            apart = 0
            if one.stop.kind is StopKind.end:
                apart = outside(self.resource, self.resource.last_leg, one.drive)
            back = max(back, one.stop.end - apart)
        return back


def day_of(problem: Problem, route: Route) -> Day:
    """A route of a plan with its resource, tasks and drives. Raises `KeyError` for what is unknown."""
    resource = {one.id: one for one in problem.resources}[route.resource]
    tasks = {one.id: one for one in problem.tasks}
    here, begun, steps = resource.start, False, []
    for stop in route.stops:
        if stop.kind is StopKind.pause:
            steps.append(Step(stop, None))
            continue
        task = tasks[stop.task] if stop.task is not None else None
        there = task.place if task is not None else resource.end
        steps.append(Step(stop, task, problem.travel(here, there), not begun))
        here, begun = there, True
    return Day(resource, tuple(steps))


def shift(day: Day) -> Violation | None:
    """Nobody is asked for before their shift, and no work begins after it."""
    resource = day.resource
    for one in day.steps:
        opens = first_drive_from(resource, one.drive) if one.first else resource.opens
        early = max(opens - one.leaves, resource.opens - one.stop.start)
        late = one.stop.start - resource.closes if one.task is not None else 0
        if (off := max(early, late)) > 0:
            side = "before the shift" if early > 0 else "after the shift"
            said = f"{_who(resource)} would work {spoken(off)} {side}."
            return Violation(Code.outside_shift, said, off, one.stop.task, resource.id)
    return None


def overtime(day: Day) -> Violation | None:
    """The day is over at the end of the shift, or so much later as is allowed."""
    over = day.until - day.resource.closes
    if not day.steps or over <= 0:
        return None
    said = f"{_who(day.resource)} would be done {spoken(over)} too late."
    return Violation(Code.overtime, said, over, None, day.resource.id)


def pause(day: Day) -> Violation | None:
    """A day with work has its break: once, whole, in its window, while one neither drives nor works."""
    resource, due = day.resource, day.resource.pause
    taken = day.breaks
    wanted = 1 if due is not None and not resource.break_taken and day.work else 0
    said, off = "", 0
    if len(taken) != wanted:
        off = due.duration if due is not None else 0
        said = f"{_who(resource)} would have {len(taken)} breaks and not {wanted}."
    elif due is not None and wanted:
        stop = taken[0].stop
        if stop.end - stop.start != due.duration:
            off = abs(stop.end - stop.start - due.duration)
            said = f"The break of {_who(resource)} takes {spoken(due.duration)}."
        elif off := abs(_off(((due.earliest, due.latest),), stop.start)):
            said = f"The break of {_who(resource)} would lie {spoken(off)} outside of its time."
        else:
            off = max((_meet(stop.start, stop.end, *span) for span in _spent(day)), default=0)
            said = f"{_who(resource)} would need {spoken(off)} more for the break."
            if not off:
                return None
    else:
        return None
    return Violation(Code.no_room_for_break, said, off, None, resource.id)


def busy(day: Day) -> Violation | None:
    """Meetings, fixed breaks and time off are left alone by work, drives and breaks."""
    worked = [(one.stop.start, one.stop.end) for one in day.driven]
    rested = [(one.stop.start, one.stop.end) for one in day.breaks]
    driven = [(one.leaves, one.arrives) for one in day.driven]
    for one in day.resource.busy:
        for spans, code in (
            (worked, TAKEN_BY[one.kind]),
            (rested, Code.no_room_for_break),
            (driven, Code.travel_does_not_fit),
        ):
            off = max((_meet(one.start, one.end, *span) for span in spans), default=0)
            if off:
                what = one.name or NAMELESS[one.kind]
                said = f"{_who(day.resource)} has {what} then, {spoken(off)} of it."
                return Violation(code, said, off, None, day.resource.id)
    return None


def overlap(day: Day) -> Violation | None:
    """Nobody does two things at once."""
    for before, after in pairwise(day.work):
        off = before.stop.end - after.stop.start
        if off > 0:
            said = f"{_who(day.resource)} would be at two visits at once for {spoken(off)}."
            return Violation(Code.double_booking, said, off, after.stop.task, day.resource.id)
    return None


def travel(day: Day) -> Violation | None:
    """One leaves no earlier than one is done, arrives before one begins, and comes back."""
    done = None
    for one in day.driven:
        late = one.arrives - one.stop.start
        soon = done - one.leaves if done is not None else 0
        if (off := max(late, 0) + max(soon, 0)) > 0:
            said = f"{_who(day.resource)} would need {spoken(off)} more for the drive."
            return Violation(Code.travel_does_not_fit, said, off, one.stop.task, day.resource.id)
        done = one.stop.end
    if day.work and day.driven[-1].stop.kind is not StopKind.end:
        said = f"{_who(day.resource)} would not come back."
        return Violation(Code.travel_does_not_fit, said, 0, None, day.resource.id)
    return None


def load(day: Day) -> Violation | None:
    """Never more aboard than there is room for; what unloads leaves nothing less than nothing."""
    aboard: dict[str, int] = {}
    for one in day.work:
        assert one.task is not None
        for unit, amount in one.task.demand.items():
            aboard[unit] = max(0, aboard.get(unit, 0) + amount)
            over = aboard[unit] - day.resource.capacity.get(unit, 0)
            if over > 0:
                said = f"{_who(day.resource)} has no room for {over} more of {unit}."
                return Violation(Code.over_capacity, said, over, one.task.id, day.resource.id)
    return None


def duration(day: Day) -> Violation | None:
    """Each task is given the time that it takes this person."""
    for one in day.work:
        assert one.task is not None
        given, takes = one.stop.end - one.stop.start, one.task.takes(day.resource)
        if given != takes:
            said = f"{_what(one.task)} takes {spoken(takes)} and is given {spoken(given)}."
            off = abs(given - takes)
            return Violation(Code.wrong_duration, said, off, one.task.id, day.resource.id)
    return None


ROUTE: tuple[Callable[[Day], Violation | None], ...] = (
    shift,
    overtime,
    pause,
    busy,
    overlap,
    travel,
    load,
    duration,
)


# of a whole plan


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
    said = f"{_what(task)} is planned and left out." if placed else f"{_what(task)} was forgotten."
    return Violation(Code.unaccounted, said, 1, task.id)


def crew(task: Task, placed: Sequence[Placed]) -> Violation | None:
    """All its people, no more, each on a route of their own, at the same time."""
    people = {one.resource.technician for one in placed}
    if not placed or (
        len(people) == len(placed) == task.roles and len({one.start for one in placed}) == 1
    ):
        return None
    said = f"{_what(task)} takes {task.roles} people at the same time."
    off = abs(task.roles - len(placed)) or max(one.start - placed[0].start for one in placed) or 1
    return Violation(Code.crew_incomplete, said, abs(off), task.id)


def links(task: Task, placed: Mapping[str, Sequence[Placed]]) -> Violation | None:
    """What comes after other work comes after it, neither too soon nor too late."""
    for one in placed.get(task.id, ()):
        for link in task.links:
            before = placed.get(link.task, ())
            if not before:
                said = f"{_what(task)} comes after a visit that is not planned."
                return Violation(Code.linked_visits, said, 0, task.id, one.resource.id)
            gap = one.start - max(other.end for other in before)
            most = NEVER if link.max_gap is None else link.max_gap
            if off := abs(_off(((link.min_gap, most),), gap)):
                how = "early" if gap < link.min_gap else "late"
                said = f"{_what(task)} would be {spoken(off)} too {how} after the visit before it."
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
    return Violation(code, f"{_what(task)} {why} and stays where it is.", off, task.id)


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


def _off(spans: Spans, at: int) -> int:
    """How far outside of all spans an instant is: more than nothing after, less before the nearest."""
    after, before = first(spans, at), last(spans, at)
    if after == at:
        return 0
    return at - before if at - before <= after - at else at - after


def _meet(start: int, end: int, begins: int, ends: int) -> int:
    """For how many seconds two stretches lie over each other."""
    return max(0, min(end, ends) - max(start, begins))


def _spent(day: Day) -> Iterator[tuple[int, int]]:
    for one in day.driven:
        yield one.leaves, one.arrives
        yield one.stop.start, one.stop.end


def _who(resource: Resource) -> str:
    return resource.name or resource.technician


def _what(task: Task) -> str:
    return task.name or task.id
