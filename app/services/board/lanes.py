"""One lane on one day: what stands there, the drives between, when it will really be, what it comes to.

Pure: it is given everything, and asks nobody. What somebody may not see takes its time on the lane and
says nothing else: neither what it is nor how far it lies from the next visit. What is wrong with a visit is
reckoned here and nowhere else, for boards and for alerts: on the lane of its lead, whose status it has
(`rulings.md` 26); on those of the others it takes its time.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

import orjson

from app.core.recent import Recent
from app.models.visits import BEGUN, VisitStatus
from app.scheduling import alerts, expected
from app.scheduling.alerts import Alert
from app.scheduling.expected import Due, Totals
from app.scheduling.model import Busy, Interval, Place, Resource
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
class Heard:
    """What one knows of visits beside their rows."""

    told: frozenset[str] = frozenset()
    """Of the visits that nobody has confirmed, those whose customer was told when."""
    at: Mapping[str, Place] = field(default_factory=dict)
    """Where those are who are on the way, as far as one has heard of them lately."""


NOTHING = Heard()


@dataclass(frozen=True, slots=True)
class Reckoned:
    """A lane's day as it goes."""

    resource: Resource
    """With what is busy besides."""
    dues: tuple[Due, ...]
    stops: tuple[expected.Expected, ...]
    totals: Totals
    alerts: tuple[Alert, ...]
    watched: frozenset[str]
    """The visits whose alerts are told here."""
    unconfirmed: frozenset[str]

    def next_look(self, drives: Drives, now: int) -> int | None:
        """When, if nobody does anything, its alerts may be others."""
        return alerts.next_look(self.resource, self.dues, drives, now, unconfirmed=self.unconfirmed)


@dataclass(frozen=True, slots=True)
class Shown:
    """A day as the board shows it, and written."""

    day: dict[str, Any]
    written: bytes
    alerts: int
    reckoned: Reckoned

    @classmethod
    def of(cls, day: dict[str, Any], reckoned: Reckoned) -> "Shown":
        written = orjson.dumps(day, option=orjson.OPT_UTC_Z)
        return cls(day, written, len(day["alerts"]), reckoned)


Kept = tuple[LaneDay, Sequence[Seen], Shown]
_kept: Recent[Key, Kept] = Recent(MOST, lambda one: OBJECTS * len(one[-1].written))


def remembered(
    lane: LaneDay,
    visits: Sequence[Seen],
    events: Sequence[Beside],
    holds: Sequence[Beside],
    drives: Drives,
    now: int,
    *,
    heard: Heard = NOTHING,
    led_by: str | None = None,
) -> Shown:
    """What `shown` says; not reckoned again when it was for the same day, visits and minute. Visits are
    the same when they are the ones that were remembered (`visits.visits`). Nobody changes it."""
    if events or holds or drives.known or heard.at or lane.work is None:
        return shown(
            lane, visits, events, holds, drives, now, heard, led_by
        )  # another one each time
    told = tuple(2 * _led(one, led_by) + (one.id in heard.told) for one in visits)
    key = (id(lane), now // MINUTE, *map(id, visits), *told)
    if (known := _kept.get(key)) is not None:
        return known[-1]
    found = shown(lane, visits, events, holds, drives, now, heard, led_by)
    _kept.keep(
        key, (lane, visits, found)
    )  # with what its key was made of, so that ids stay their own
    return found


def _led(one: Seen, led_by: str | None) -> bool:
    return led_by is None or one.technicians[:1] == [led_by]


def reckoned(
    lane: LaneDay,
    visits: Sequence[Seen],
    events: Sequence[Beside],
    holds: Sequence[Beside],
    drives: Drives,
    now: int,
    heard: Heard,
    led_by: str | None,
) -> Reckoned:
    """When what stands there will really be, and what is wrong with what is led by somebody, or with all."""
    taking = [one for one in visits if one.status != VisitStatus.canceled and one.start]
    driven = [one for one in events if one.place is not None]
    still = [one for one in (*events, *holds) if one.place is None]
    taken = (Busy(_seconds(one.start), _seconds(one.end), one.name) for one in still)
    resource = replace(lane.resource, busy=people.merged((*lane.resource.busy, *taken)))
    dues = [_due(one, heard, led_by, drives, now) for one in taking]
    dues += map(_due_of_event, driven)
    stops, totals = expected.of_day(resource, dues, drives, now)
    watched = frozenset(one.id for one in taking if _led(one, led_by))
    unconfirmed = watched & heard.told
    raised = alerts.of_day(dues, stops, now, unconfirmed=unconfirmed) if stops else []
    standing = {one.id for one in taking}
    here = tuple(
        one if one.cause is None or one.cause in standing else replace(one, cause=None)  # an event
        for one in raised
        if one.visit in watched
    )
    return Reckoned(resource, tuple(dues), tuple(stops), totals, here, watched, unconfirmed)


def shown(
    lane: LaneDay,
    visits: Sequence[Seen],
    events: Sequence[Beside],
    holds: Sequence[Beside],
    drives: Drives,
    now: int,
    heard: Heard = NOTHING,
    led_by: str | None = None,
) -> Shown:
    """The day as the board shows it."""
    found = reckoned(lane, visits, events, holds, drives, now, heard, led_by)
    taking = [one for one in visits if one.status != VisitStatus.canceled and one.start]
    driven = [one for one in events if one.place is not None]
    hidden = {one.id for one in taking if not one.visible}
    hidden |= {one.shown["id"] for one in driven if not one.visible}
    of_events = {one.shown["id"] for one in driven}
    legs = []
    before_hidden = False
    for one in found.stops:
        if one.id not in hidden:
            legs.append(_leg(one, of_events, drives, veiled=before_hidden))
        before_hidden = one.id in hidden
    day = {
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
        "alerts": [told(one, hidden) for one in found.alerts if one.visit not in hidden],
        "totals": None if hidden else _totals(found.totals),
    }
    return Shown.of(day, found)


def told(alert: Alert, hidden: Set[str] = frozenset()) -> dict[str, Any]:
    """An alert as the board shows it."""
    return {
        "code": alert.code,
        "visit_id": alert.visit,
        "minutes": alert.minutes,
        "cause_visit_id": alert.cause if alert.cause not in hidden else None,
    }


def _due(one: Seen, heard: Heard, led_by: str | None, drives: Drives, now: int) -> Due:
    assert one.start is not None
    assert one.end is not None
    ended = one.finished_at or one.end if one.over else None
    begun = one.over or one.status in BEGUN
    promised = None
    if one.promised_start is not None and one.promised_end is not None:
        promised = Interval(_seconds(one.promised_start), _seconds(one.promised_end))
    whose = led_by or next(iter(one.technicians), None)
    arrives = None
    if one.status == VisitStatus.en_route and whose is not None and whose in heard.at:
        arrives = now + drives(heard.at[whose], one.place)
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
        arrives,
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
