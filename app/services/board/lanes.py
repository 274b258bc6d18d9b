"""One lane on one day: what stands there, the drives between, when it will really be, what it comes to.

Pure: it is given everything, and asks nobody. What somebody may not see takes its time on the lane and
says nothing else: neither what it is nor how far it lies from the next visit.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import orjson

from app.core.recent import Recent
from app.models.visits import BEGUN, VisitStatus
from app.scheduling import alerts, expected
from app.scheduling.expected import Due, Totals
from app.scheduling.model import Busy, Interval, Resource
from app.scheduling.values import WorkDay
from app.scheduling.worktime import utc
from app.services.board.beside import Beside
from app.services.board.cells import Seen
from app.services.dispatching import people
from app.services.dispatching.drives import Drives

MINUTE = 60


@dataclass(frozen=True, slots=True)
class LaneDay:
    """A lane's local day, before anything stands on it."""

    day: date
    start: int
    end: int
    resource: Resource
    work: WorkDay | None
    """None for what has no working time: a vehicle."""


Key = tuple[int, ...]
MOST = 24_000_000
"""Bytes of days that a process remembers as they were shown."""
OBJECTS = 8
"""So much more than its JSON a day takes with the objects that it is written from."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A day as the board shows it, and written."""

    day: dict[str, Any]
    written: bytes
    alerts: int

    @classmethod
    def of(cls, day: dict[str, Any]) -> "Shown":
        return cls(day, orjson.dumps(day, option=orjson.OPT_UTC_Z), len(day["alerts"]))


Kept = tuple[LaneDay, Sequence[Seen], Shown]
_kept: Recent[Key, Kept] = Recent(MOST, lambda one: OBJECTS * len(one[-1].written))


def remembered(
    lane: LaneDay,
    visits: Sequence[Seen],
    events: Sequence[Beside],
    holds: Sequence[Beside],
    drives: Drives,
    now: int,
) -> Shown:
    """What `shown` says; not reckoned again when it was for the same day, visits and minute. Visits are
    the same when they are the ones that were remembered (`visits.visits`). Nobody changes it."""
    if events or holds or drives.known or lane.work is None:  # which is another one each time
        return Shown.of(shown(lane, visits, events, holds, drives, now))
    key = (id(lane), now // MINUTE, *map(id, visits))
    if (known := _kept.get(key)) is not None:
        return known[-1]
    found = Shown.of(shown(lane, visits, events, holds, drives, now))
    _kept.keep(
        key, (lane, visits, found)
    )  # with what its key was made of, so that ids stay their own
    return found


def shown(
    lane: LaneDay,
    visits: Sequence[Seen],
    events: Sequence[Beside],
    holds: Sequence[Beside],
    drives: Drives,
    now: int,
) -> dict[str, Any]:
    """The day as the board shows it."""
    taking = [one for one in visits if one.status != VisitStatus.canceled and one.start]
    driven = [one for one in events if one.place is not None]
    still = [one for one in (*events, *holds) if one.place is None]
    taken = (Busy(_seconds(one.start), _seconds(one.end), one.name) for one in still)
    resource = replace(lane.resource, busy=people.merged((*lane.resource.busy, *taken)))
    dues = [*map(_due, taking), *map(_due_of_event, driven)]
    stops, totals = expected.of_day(resource, dues, drives, now)
    hidden = {one.id for one in taking if not one.visible}
    hidden |= {one.shown["id"] for one in driven if not one.visible}
    unconfirmed = frozenset(
        one.id for one in taking if one.promised_start is not None and one.confirmed_at is None
    )
    raised = alerts.of_day(dues, stops, now, unconfirmed=unconfirmed) if stops else []
    of_events = {one.shown["id"] for one in driven}
    legs = []
    before_hidden = False
    for one in stops:
        if one.id not in hidden:
            legs.append(_leg(one, of_events, drives, veiled=before_hidden))
        before_hidden = one.id in hidden
    return {
        "date": lane.day,
        "start": utc(lane.start),
        "end": utc(lane.end),
        **_worked(lane.work),
        "events": [one.shown for one in events if one.visible],
        "holds": [one.shown for one in holds],
        "busy": [
            *({"start": one.start, "end": one.end} for one in taking if not one.visible),
            *({"start": one.start, "end": one.end} for one in events if not one.visible),
        ],
        "visit_ids": [one.id for one in visits if one.visible],
        "stops": legs,
        "alerts": [
            {
                "code": one.code,
                "visit_id": one.visit,
                "minutes": one.measure // MINUTE,
                "cause_visit_id": one.cause if one.cause not in hidden else None,
            }
            for one in raised
            if one.visit not in hidden and one.visit not in of_events
        ],
        "totals": None if hidden else _totals(totals),
    }


def _due(one: Seen) -> Due:
    assert one.start is not None
    assert one.end is not None
    ended = one.finished_at or one.end if one.over else None
    begun = one.over or one.status in BEGUN
    promised = None
    if one.promised_start is not None and one.promised_end is not None:
        promised = Interval(_seconds(one.promised_start), _seconds(one.promised_end))
    return Due(
        one.id,
        one.place,
        _seconds(one.start),
        _seconds(one.end),
        promised,
        _perhaps(one.travel_started_at) if begun else None,
        _perhaps(one.arrived_at) if begun else None,
        _perhaps(one.started_at) if begun else None,
        _perhaps(ended),
        _perhaps(one.expected_end),
    )


def _due_of_event(one: Beside) -> Due:
    assert one.place is not None
    return Due(one.shown["id"], one.place, _seconds(one.start), _seconds(one.end))


def _leg(
    one: expected.Expected, of_events: set[str], drives: Drives, *, veiled: bool
) -> dict[str, Any]:
    travel = drives.leg(one.come_from, one.place)
    event = one.id in of_events
    return {
        "visit_id": None if event else one.id,
        "event_id": one.id if event else None,
        "leave_at": None if veiled else utc(one.leave_at),
        "leave_by": None if veiled else utc(one.leave_by),
        "drive_minutes": None if veiled else _minutes(travel.seconds),
        "metres": None if veiled else travel.metres,
        "source": None if veiled else travel.source,
        "arrive": utc(one.arrive),
        "start": utc(one.start),
        "end": utc(one.end),
    }


def _totals(totals: Totals) -> dict[str, Any]:
    return {
        "drive_minutes": _minutes(totals.drive),
        "work_minutes": _minutes(totals.work),
        "idle_minutes": _minutes(totals.idle),
        "overtime_minutes": _minutes(totals.overtime),
        "home_at": utc(totals.home_at),
    }


def _worked(work: WorkDay | None) -> dict[str, Any]:
    if work is None:
        return {"known": False, "pieces": [], "breaks": [], "overtime": []}
    return {
        "known": work.planned or bool(work.pieces),
        "pieces": [
            {"start": utc(one.start), "end": utc(one.end), "kind": one.kind, "name": one.name}
            for one in work.pieces
        ],
        "breaks": [
            {"minutes": one.minutes, "earliest": utc(one.earliest), "latest": utc(one.latest)}
            for one in work.breaks
        ],
        "overtime": [{"start": utc(one.start), "end": utc(one.end)} for one in work.overtime],
    }


def _seconds(at: datetime) -> int:
    return int(at.timestamp())


def _perhaps(at: datetime | None) -> int | None:
    return None if at is None else int(at.timestamp())


def _minutes(seconds: int) -> int:
    """Whole minutes; half of one counts."""
    return (seconds + MINUTE // 2) // MINUTE
