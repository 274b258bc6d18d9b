"""When a visit that has begun is expected to be over.

What is always true: it is what the board says (`scheduling.expected`), so whoever sells time or says that
it takes longer reckons with what the dispatcher sees. Whoever is on the way begins now at the soonest.
"""

from datetime import datetime
from typing import Protocol

from app.scheduling import expected
from app.scheduling.worktime import utc


class Begun(Protocol):
    """A visit, or what was read of one."""

    @property
    def planned_start(self) -> datetime | None: ...
    @property
    def planned_end(self) -> datetime | None: ...
    @property
    def arrived_at(self) -> datetime | None: ...
    @property
    def started_at(self) -> datetime | None: ...
    @property
    def expected_end(self) -> datetime | None: ...


def until(visit: Begun, now: datetime) -> datetime:
    """When it will be over: when whoever is there says, or else as long after it began as was planned, and
    not before the plan is over."""
    length, planned_end = 0, now
    if visit.planned_start is not None and visit.planned_end is not None:
        length = _seconds(visit.planned_end) - _seconds(visit.planned_start)
        planned_end = visit.planned_end
    said = None if visit.expected_end is None else _seconds(visit.expected_end)
    began = visit.started_at or visit.arrived_at or now
    end = utc(expected.over(_seconds(began), length, said, _seconds(now)))
    return end if said is not None else max(end, planned_end)


def _seconds(at: datetime) -> int:
    return int(at.timestamp())
