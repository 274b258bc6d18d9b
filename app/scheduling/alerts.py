"""What is about to go wrong on somebody's day, from when, and when to look again.

What is always true: an alert follows from plan, facts and now, and from nothing that is kept, so it is
gone the moment it is cured. Each has a clock: `next_look` says when, if nobody does anything, another
one may be there, or one of them gone. Alerts move nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.scheduling import expected
from app.scheduling.expected import Due, Expected
from app.scheduling.model import HOUR, MINUTE, Drive, Resource

LEAVE = 5 * MINUTE
"""So long after the last moment to leave in time."""
ARRIVE = 10 * MINUTE
"""So much later than planned."""
OVERRUN = 5 * MINUTE
CONFIRM = 24 * HOUR
"""So long before it begins a promised visit should be confirmed."""
NEAR = 10
"""Minutes that are looked at one by one where a break may make up for lateness."""


class AlertCode(StrEnum):
    late_to_leave = "late_to_leave"
    late_to_arrive = "late_to_arrive"
    overrunning = "overrunning"
    window_at_risk = "window_at_risk"
    window_oversold = "window_oversold"
    not_confirmed = "not_confirmed"


@dataclass(frozen=True, slots=True)
class Alert:
    """One of them."""

    code: AlertCode
    visit: str
    measure: int = 0
    """Seconds: how late, how much over."""
    cause: str | None = None
    """The visit before it that takes too long."""

    @property
    def minutes(self) -> int:
        """Whole minutes; a part of one counts."""
        return -(-self.measure // MINUTE)


def of_day(
    dues: Sequence[Due],
    stops: Sequence[Expected],
    now: int,
    *,
    unconfirmed: frozenset[str] = frozenset(),
) -> list[Alert]:
    """The alerts of somebody's day; `unconfirmed` are promised visits that nobody has confirmed."""
    by_id = {one.id: one for one in dues}
    found: list[Alert] = []
    before: Due | None = None
    for stop in stops:
        due = by_id[stop.id]
        if due.ended is None:
            found += _of_one(due, stop, now, before)
        if due.waits and due.id in unconfirmed and now >= due.start - CONFIRM:
            found.append(Alert(AlertCode.not_confirmed, due.id))
        before = due
    return found


def _of_one(due: Due, stop: Expected, now: int, before: Due | None) -> Iterator[Alert]:
    if due.waits and now >= stop.leave_by + LEAVE:
        yield Alert(AlertCode.late_to_leave, due.id, now - stop.leave_by)
    if due.arrived is None:
        held_up = None
        if (
            due.waits
            and before is not None
            and before.ended is None
            and stop.leave_at > stop.leave_by
        ):
            held_up = before.id
        if stop.arrive >= due.start + ARRIVE:
            yield Alert(AlertCode.late_to_arrive, due.id, stop.arrive - due.start, held_up)
        if due.promised is not None and stop.arrive > due.promised.end:
            late = stop.arrive - due.promised.end
            yield Alert(AlertCode.window_at_risk, due.id, late, held_up)
    else:
        over = now - _should_end(due, stop)
        if over >= OVERRUN:
            yield Alert(AlertCode.overrunning, due.id, over)


def _should_end(due: Due, stop: Expected) -> int:
    if due.expected_end is not None:
        return due.expected_end
    return stop.start + due.length


def next_look(
    resource: Resource,
    dues: Sequence[Due],
    drive: Drive,
    now: int,
    *,
    unconfirmed: frozenset[str] = frozenset(),
    within: int = CONFIRM,
) -> int | None:
    """When, if nobody does anything until then, the alerts may be others than they are now, and are unless
    it says the end of the next ten minutes; None: not `within` that time.

    What is late only becomes later, so halving the time finds when. But a break for which there is no room
    any more makes up for some of it: as long as it may, whoever has set out is looked at minute by minute.
    """

    def at(moment: int) -> set[tuple[AlertCode, str]]:
        stops, _ = expected.of_day(resource, dues, drive, moment)
        raised = of_day(dues, stops, moment, unconfirmed=unconfirmed)
        return {(one.code, one.visit) for one in raised}

    present, until = at(now), now + within
    begins, ends = _wavers(resource, dues, drive, now)
    if begins >= until or begins >= ends:
        return _first(at, present, now, until)
    if begins > now:
        return _first(at, present, now, begins) or begins
    near = min(now + NEAR * MINUTE, until)
    for moment in range(now, near, MINUTE):
        step = min(moment + MINUTE, near)
        if at(step) != present:
            return _first(at, present, moment, step)
    return near


def _first(
    at: Callable[[int], set[tuple[AlertCode, str]]],
    present: set[tuple[AlertCode, str]],
    low: int,
    high: int,
) -> int | None:
    """When it becomes another one until `high`, if it does and stays so."""
    if at(high) == present:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        if at(middle) == present:
            low = middle
        else:
            high = middle
    return high


def _wavers(resource: Resource, dues: Sequence[Due], drive: Drive, now: int) -> tuple[int, int]:
    """From when until when lateness may become less by itself: from when somebody has to set out, or has,
    until the break cannot begin any more."""
    waiting = [one for one in dues if one.waits]
    if resource.pause is None or resource.break_taken or not waiting:
        return now, now
    if len(waiting) < len(dues):
        return now, resource.pause.latest + 1
    stops, _ = expected.of_day(resource, dues, drive, now)
    return max(now, stops[0].leave_by), resource.pause.latest + 1
