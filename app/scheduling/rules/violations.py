"""What a rule says when it does not hold: a code, a sentence, a measure.

What is always true: a code means here what it means on a visit's warnings and in refusals of the API.
"""

from dataclasses import dataclass
from enum import StrEnum

from app.scheduling.model import MINUTE, Resource, Task
from app.scheduling.spans import Spans, first, last


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


def off_by(spans: Spans, at: int) -> int:
    """How far outside of all spans an instant is: more than nothing after, less before the nearest."""
    after, before = first(spans, at), last(spans, at)
    if after == at:
        return 0
    return at - before if at - before <= after - at else at - after


def who(resource: Resource) -> str:
    """What somebody is called."""
    return resource.name or resource.technician


def what(task: Task) -> str:
    """What a task is called."""
    return task.name or task.id
