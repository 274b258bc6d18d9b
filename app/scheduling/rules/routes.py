"""The rules of one resource's route, as a plan states it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from app.scheduling.model import BusyKind, Problem, Resource, Route, Stop, StopKind, Task
from app.scheduling.rules.violations import Code, Violation, off_by, spoken, what, who
from app.scheduling.timeline import first_drive_from, outside

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
            said = f"{who(resource)} would work {spoken(off)} {side}."
            return Violation(Code.outside_shift, said, off, one.stop.task, resource.id)
    return None


def overtime(day: Day) -> Violation | None:
    """The day is over at the end of the shift, or so much later as is allowed."""
    over = day.until - day.resource.closes
    if not day.steps or over <= 0:
        return None
    said = f"{who(day.resource)} would be done {spoken(over)} too late."
    return Violation(Code.overtime, said, over, None, day.resource.id)


def pause(day: Day) -> Violation | None:
    """A day with work has its break: once, whole, in its window, while one neither drives nor works."""
    resource, due = day.resource, day.resource.pause
    taken = day.breaks
    wanted = 1 if due is not None and not resource.break_taken and day.work else 0
    said, off = "", 0
    if len(taken) != wanted:
        off = due.duration if due is not None else 0
        said = f"{who(resource)} would have {len(taken)} breaks."
        if not taken:
            said = f"{who(resource)} would have no break."
        elif not wanted:
            said = f"{who(resource)} needs no break, and would have one."
    elif due is not None and wanted:
        stop = taken[0].stop
        if stop.end - stop.start != due.duration:
            off = abs(stop.end - stop.start - due.duration)
            said = f"The break of {who(resource)} takes {spoken(due.duration)}."
        elif off := abs(off_by(((due.earliest, due.latest),), stop.start)):
            said = f"The break of {who(resource)} would lie {spoken(off)} outside of its time."
        else:
            off = max((_meet(stop.start, stop.end, *span) for span in _spent(day)), default=0)
            said = f"{who(resource)} would need {spoken(off)} more for the break."
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
        for spans, code, does in (
            (worked, TAKEN_BY[one.kind], "be at work"),
            (rested, Code.no_room_for_break, "take the break"),
            (driven, Code.travel_does_not_fit, "drive"),
        ):
            off = max((_meet(one.start, one.end, *span) for span in spans), default=0)
            if off:
                during = one.name or NAMELESS[one.kind]
                said = f"{who(day.resource)} would {does} during {during}, for {spoken(off)}."
                return Violation(code, said, off, None, day.resource.id)
    return None


def overlap(day: Day) -> Violation | None:
    """Nobody does two things at once."""
    for before, after in pairwise(day.work):
        off = before.stop.end - after.stop.start
        if off > 0:
            said = f"{who(day.resource)} would be at two visits at once for {spoken(off)}."
            return Violation(Code.double_booking, said, off, after.stop.task, day.resource.id)
    return None


def travel(day: Day) -> Violation | None:
    """One leaves no earlier than one is done, arrives before one begins, and comes back."""
    done = None
    for one in day.driven:
        late = one.arrives - one.stop.start
        soon = done - one.leaves if done is not None else 0
        if (off := max(late, 0) + max(soon, 0)) > 0:
            said = f"{who(day.resource)} would need {spoken(off)} more for the drive."
            return Violation(Code.travel_does_not_fit, said, off, one.stop.task, day.resource.id)
        done = one.stop.end
    if day.work and day.driven[-1].stop.kind is not StopKind.end:
        said = f"{who(day.resource)} would not come back."
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
                said = f"{who(day.resource)} has no room for {over} more of {unit}."
                return Violation(Code.over_capacity, said, over, one.task.id, day.resource.id)
    return None


def duration(day: Day) -> Violation | None:
    """Each task is given the time that it takes this person."""
    for one in day.work:
        assert one.task is not None
        given, takes = one.stop.end - one.stop.start, one.task.takes(day.resource)
        if given != takes:
            said = f"{what(one.task)} takes {spoken(takes)} and is given {spoken(given)}."
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


def _meet(start: int, end: int, begins: int, ends: int) -> int:
    """For how many seconds two stretches lie over each other."""
    return max(0, min(end, ends) - max(start, begins))


def _spent(day: Day) -> Iterator[tuple[int, int]]:
    for one in day.driven:
        yield one.leaves, one.arrives
        yield one.stop.start, one.stop.end
