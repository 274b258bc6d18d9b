"""The rules of a person and a task, whenever it begins, and those of its beginning."""

from collections.abc import Callable

from app.scheduling.model import EMERGENCY, Lock, Resource, Task
from app.scheduling.rules.violations import Code, Violation, off_by, spoken, what, who
from app.scheduling.spans import accessible, promised


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
    said = f"{who(resource)} does not have {needs} on this day."
    return Violation(Code.skill_missing, said, sum(lacking.values()), task.id, resource.id)


def territory(resource: Resource, task: Task) -> Violation | None:
    """The task's territory is one of the person's, who works everywhere when none is named."""
    if task.territory is None or not resource.territories:
        return None
    if task.territory in resource.territories:
        return None
    said = f"{who(resource)} does not work in {task.territory}."
    return Violation(Code.other_territory, said, 1, task.id, resource.id)


def required(resource: Resource, task: Task) -> Violation | None:
    """One of those who were asked for."""
    if not task.required or resource.technician in task.required:
        return None
    said = f"{what(task)} asks for somebody else than {who(resource)}."
    return Violation(Code.other_technician_required, said, 1, task.id, resource.id)


def excluded(resource: Resource, task: Task) -> Violation | None:
    """None of those who were ruled out."""
    if resource.technician not in task.excluded:
        return None
    said = f"{who(resource)} is not to be sent to {what(task)}."
    return Violation(Code.technician_excluded, said, 1, task.id, resource.id)


def on_call(resource: Resource, task: Task) -> Violation | None:
    """Who is on call comes for emergencies alone."""
    if not resource.on_call or task.priority <= EMERGENCY:
        return None
    said = f"{who(resource)} is on call, for emergencies alone."
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
    said = f"{what(task)} is locked to somebody else. Take the lock off first."
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
    off = off_by(promised(task), start)
    if not off:
        return None
    side = "after the end" if off > 0 else "before the start"
    said = f"{what(task)} would begin {spoken(abs(off))} {side} of its window."
    return Violation(Code.outside_promise, said, abs(off), task.id, resource.id)


def access_hours(resource: Resource, task: Task, start: int) -> Violation | None:
    """The whole presence lies in the hours in which one is let in."""
    length = task.takes(resource)
    spans = accessible(task.windows, length)
    off = off_by(spans, start) if spans else length
    if not off:
        return None
    said = f"{what(task)} would be {spoken(abs(off))} outside of the hours in which one is let in."
    if not spans:
        said = f"{what(task)} takes {spoken(length)}, longer than one is let in."
    return Violation(Code.outside_access_hours, said, abs(off), task.id, resource.id)


def lock_on_time(resource: Resource, task: Task, start: int) -> Violation | None:
    """A task that is locked to its time keeps it."""
    if task.lock not in (Lock.time, Lock.both) or not task.current:
        return None
    off = min(abs(start - one.start) for one in task.current)
    if not off:
        return None
    said = f"{what(task)} is locked to its time. Take the lock off first."
    return Violation(Code.locked, said, off, task.id, resource.id)


STARTING: tuple[Callable[[Resource, Task, int], Violation | None], ...] = (
    promise,
    access_hours,
    lock_on_time,
)
