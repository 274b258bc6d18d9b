"""What a drag would do, reckoned from a board and its lane table by the server's own evaluation of a day
(`app.scheduling.expected`). It is what the vectors in `tests/vectors/drag.json` are made by, and what the
browsers' function (`web/src/board/consequence.ts`) has to say, too.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any

from app.core.geo import Point
from app.models.visits import BEGUN, OCCUPYING, TERMINAL
from app.scheduling import alerts, expected
from app.scheduling.alerts import AlertCode
from app.scheduling.expected import Due, Expected, Totals
from app.scheduling.model import Break, Busy, Interval, Leg, Place, Resource
from app.scheduling.travel import NOWHERE, Source, Travel
from app.scheduling.worktime import Span, minus
from app.services.dispatching import people
from app.services.dispatching.drives import Drives, ends

MINUTE = 60
DROPPABLE = ("tentative", "unscheduled", "scheduled", "dispatched")
FIGURES = ("drive_minutes", "work_minutes", "idle_minutes", "overtime_minutes")
AT_WORK = ("work", "on_call", "break")


def at(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp())


def perhaps(moment: str | None) -> int | None:
    return None if moment is None else at(moment)


def z(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def minutes(seconds: int) -> int:
    return (seconds + MINUTE // 2) // MINUTE


def reckoned(board: Any, table: Any, drop: Any) -> Any:
    """What would come of it, as `POST /board/consequence` says it, its sentences aside; None: the board
    does not hold that day, or not all of these lanes."""
    visit, who = drop["visit"], drop["technician_ids"]
    start = at(drop["start"])
    end = at(drop["end"]) if drop.get("end") else start + visit["duration_minutes"] * MINUTE
    number = next(
        (
            place
            for place, one in enumerate(board["days"])
            if at(one["start"]) <= start < at(one["end"])
        ),
        None,
    )
    lanes = {one["id"]: one for one in board["lanes"]}
    if number is None or not {*who} <= lanes.keys():
        return None
    then = _Day(board, table, number)
    refusal = _refused(then, visit, who, start, end)
    held = [id for id in then.standing(visit) if id not in who]
    told: dict[str, Any] = {
        "refusal": refusal,
        "warnings": [] if refusal else _warned(then, visit, who, start, end),
        "stops": [],
        "lanes": [],
        "moves": [],
        "unseen": [],
    }
    for lane in board["lanes"]:
        id = lane["id"]
        if id not in (*who, *held):
            continue
        if then.shown(id)["totals"] is None:
            told["unseen"].append(id)
            continue
        before = then.evaluated(id)
        after = before
        if not refusal:
            after = then.evaluated(id, without=visit["id"])
            if id in who:
                after = then.evaluated(id, without=visit["id"], more=_dropped(visit, start, end))
        _tell(told, id, visit["id"], before, after, none=bool(refusal))
    return told


def _tell(told: Any, lane: str, visit: str, before: "_Seen", after: "_Seen", *, none: bool) -> None:
    for one in after.stops:
        if one.id == visit and not none:
            told["stops"].append({"technician_id": lane, **_stop(one, after)})
    was, now = _totals(before.totals), _totals(after.totals)
    told["lanes"].append(
        {
            "technician_id": lane,
            "totals": now,
            "more": {name: now[name] - was[name] for name in FIGURES},
        }
    )
    arrived = {one.id: one.arrive for one in before.stops}
    for one in after.stops:
        if one.id == visit or one.id not in after.visits or one.id not in arrived:
            continue
        later = one.arrive - arrived[one.id]
        if abs(later) >= MINUTE:
            told["moves"].append(
                {
                    "visit_id": one.id,
                    "technician_id": lane,
                    "was": z(arrived[one.id]),
                    "arrive": z(one.arrive),
                    "minutes": round(later / MINUTE),
                    "late": one.id in after.late,
                }
            )


def _stop(one: Expected, day: "_Seen") -> dict[str, Any]:
    travel = day.drives.leg(one.come_from, one.place)
    return {
        "visit_id": one.id,
        "event_id": None,
        "leave_at": z(one.leave_at),
        "leave_by": z(one.leave_by),
        "drive_minutes": minutes(travel.seconds),
        "metres": travel.metres,
        "source": travel.source.value,
        "arrive": z(one.arrive),
        "start": z(one.start),
        "end": z(one.end),
        "late": one.id in day.late,
    }


def _totals(one: Totals) -> dict[str, Any]:
    return {
        "drive_minutes": minutes(one.drive),
        "work_minutes": minutes(one.work),
        "idle_minutes": minutes(one.idle),
        "overtime_minutes": minutes(one.overtime),
        "home_at": z(one.home_at),
    }


class _Seen:
    """A lane's day, evaluated."""

    def __init__(
        self, dues: Sequence[Due], visits: set[str], resource: Resource, drives: Drives, now: int
    ) -> None:
        self.visits, self.drives = visits, drives
        self.stops, self.totals = expected.of_day(resource, dues, drives, now)
        raised = alerts.of_day(dues, self.stops, now)
        self.late = {one.visit for one in raised if one.code is AlertCode.window_at_risk}


class _Day:
    """One day of a board with its table."""

    def __init__(self, board: Any, table: Any, number: int) -> None:
        self.table, self.number = table, number
        self.now = at(board["now"])
        self.cells = {one["id"]: one for one in board["visits"]}
        self.lanes = {one["id"]: one for one in board["lanes"]}
        self.day = board["days"][number]["date"]
        self.of_table = {one["id"]: one for one in table["lanes"]}
        self.drives = Drives(
            {
                ends(Place("", self._point(a)), Place("", self._point(b))): Travel(
                    seconds, metres, Source.provider
                )
                for a, b, seconds, metres in table["known"]
            }
        )

    def shown(self, lane: str) -> Any:
        return self.lanes[lane]["days"][self.number]

    def tabled(self, lane: str) -> Any:
        return self.of_table[lane]["days"][self.number]

    def standing(self, visit: Any) -> list[str]:
        """Who comes to it at present, of those that the board shows."""
        cell = self.cells.get(visit["id"])
        return [
            one["technician_id"]
            for one in (cell["assigned"] if cell else [])
            if one["technician_id"] in self.lanes
        ]

    def evaluated(
        self, lane: str, *, without: str | None = None, more: tuple[Due, int] | None = None
    ) -> _Seen:
        shown = self.shown(lane)
        on_it = [self.cells[id] for id in shown["visit_ids"] if id != without]
        taking = [one for one in on_it if one["status"] != "canceled" and one["planned_start"]]
        dues = [_due(one) for one in taking]
        if more is not None and _stands(shown, more):
            dues.append(more[0])
        visits = {one.id for one in dues}
        events = [one for one in shown["events"] if f"event:{one['id']}" in self.table["places"]]
        dues += [
            Due(one["id"], self._place(f"event:{one['id']}"), at(one["start"]), at(one["end"]))
            for one in events
        ]
        return _Seen(dues, visits, self._resource(lane, events), self.drives, self.now)

    def _resource(self, lane: str, driven: Sequence[Any]) -> Resource:
        one, shown = self.tabled(lane), self.shown(lane)
        still = [it for it in shown["events"] if it not in driven]
        busy = [
            Busy(at(it["start"]), at(it["end"]))
            for it in (*one["busy"], *still, *shown["busy"], *shown["holds"])
        ]
        pause = one["pause"]
        return Resource(
            lane,
            lane,
            date.fromisoformat(one["date"]),
            self._place(one["start"]),
            self._place(one["end"]),
            Interval(at(one["shift"]["start"]), at(one["shift"]["end"])),
            first_leg=Leg(one["first_leg"]),
            last_leg=Leg(one["last_leg"]),
            pause=pause and Break(pause["seconds"], at(pause["earliest"]), at(pause["latest"])),
            busy=people.merged(busy),
            skills=one["skills"],
        )

    def _point(self, number: int) -> Point:
        found = self.table["points"][number]
        return NOWHERE if found is None else Point(*found)

    def _place(self, key: str) -> Place:
        return Place(key, self._point(self.table["places"][key]))


def _site(cell: Any) -> Place:
    known = cell["latitude"] is not None
    return Place(cell["site_id"], Point(cell["latitude"], cell["longitude"]) if known else NOWHERE)


def _due(cell: Any) -> Due:
    over, begun = cell["status"] in TERMINAL, cell["status"] in (*BEGUN, *TERMINAL)
    ended = (cell["finished_at"] or cell["planned_end"]) if over else None
    return Due(
        cell["id"],
        _site(cell),
        at(cell["planned_start"]),
        at(cell["planned_end"]),
        _promised(cell),
        perhaps(cell["travel_started_at"]) if begun else None,
        perhaps(cell["arrived_at"]) if begun else None,
        perhaps(cell["started_at"]) if begun else None,
        perhaps(ended),
        perhaps(cell["expected_end"]),
    )


def _promised(cell: Any) -> Interval | None:
    if cell["promised_start"] is None:
        return None
    return Interval(at(cell["promised_start"]), at(cell["promised_end"]))


def _dropped(visit: Any, start: int, end: int) -> tuple[Due, int]:
    until = perhaps(visit.get("expected_end"))
    due = Due(visit["id"], _site(visit), start, end, _promised(visit), expected_end=until)
    return due, max(end, until or 0)


def _stands(shown: Any, more: tuple[Due, int]) -> bool:
    """Whether it stands on that local day: where it begins, or the first that it reaches into."""
    due, until = more
    low, high = at(shown["start"]), at(shown["end"])
    return low <= due.start < high or (due.start < low < until)


def _refused(day: _Day, visit: Any, who: list[str], start: int, end: int) -> Any:
    """The code of the first thing that it would be refused for."""
    for code in _reasons(day, visit, who, start, end):
        return {"code": code}
    return None


def _reasons(day: _Day, visit: Any, who: list[str], start: int, end: int) -> Iterator[str]:
    table = day.table
    if visit["status"] not in DROPPABLE:
        yield "illegal_transition"
    banners = table["refused"].get(visit["id"], [])
    yield from (one for one in banners if one.startswith("work_order"))
    if not all(day.lanes[one]["active"] for one in who):
        yield "technician_inactive"
    present = {one["technician_id"] for one in visit["assigned"]}
    other_time = (perhaps(visit["planned_start"]), perhaps(visit["planned_end"])) != (start, end)
    if visit["lock"] in ("time", "both") and other_time:
        yield "locked"
    if visit["lock"] in ("resource", "both") and present != {*who}:
        yield "locked"
    yield from (one for one in banners if not one.startswith("work_order"))
    give = table["rules"]["access_tolerance_seconds"]
    hours = table["access"].get(visit["site_id"])
    if hours is not None and not any(
        at(one["start"]) - give <= start and end <= at(one["end"]) + give for one in hours
    ):
        yield "outside_access_hours"
    for skill, level in table["needs"].get(visit["job_type_id"], {}).items():
        if all(day.tabled(one)["skills"].get(skill, 0) < level for one in who):
            yield "skill_missing"
    if (other_time or present != {*who}) and any(
        low < end and high > start for one in who for low, high in _taken(day, one, visit["id"])
    ):
        yield "double_booking"


def _taken(day: _Day, lane: str, visit: str) -> Iterator[Span]:
    """What is booked of somebody on the days of the board."""
    for shown in day.lanes[lane]["days"]:
        for id in shown["visit_ids"]:
            cell = day.cells[id]
            if id == visit or cell["planned_start"] is None or cell["status"] == "canceled":
                continue
            end = at(cell["planned_end"])
            if cell["status"] not in OCCUPYING:
                end = min(end, perhaps(cell["finished_at"]) or end)
            yield at(cell["planned_start"]), end
        for one in (*shown["events"], *shown["busy"]):
            yield at(one["start"]), at(one["end"])
        for one in shown["holds"]:
            if at(one["expires_at"]) > day.now:
                yield at(one["start"]), at(one["end"])
    for tabled in day.of_table[lane]["days"]:
        yield from ((at(one["start"]), at(one["end"])) for one in tabled["off"])


def _warned(day: _Day, visit: Any, who: list[str], start: int, end: int) -> list[Any]:
    found: list[Any] = []
    for one in who:
        found += [{"code": code, "technician_id": one} for code in _hours(day, one, start, end)]
    if len(who) < visit["crew_size"]:
        found.append({"code": "crew_incomplete", "technician_id": None})
    promised = _promised(visit)
    if promised is not None and not promised.start <= start <= promised.end:
        found.append({"code": "outside_promise", "technician_id": None})
    return found


def _hours(day: _Day, lane: str, start: int, end: int) -> Iterator[str]:
    """Whether it lies in what somebody works; of days that the board does not hold nothing is said."""
    days = day.lanes[lane]["days"]
    known = [(at(one["start"]), at(one["end"])) for one in days if one["known"]]
    pieces = [one for each in days for one in each["pieces"]]
    inside = [(at(one["start"]), at(one["end"])) for one in pieces if one["kind"] in AT_WORK]
    over = [(at(one["start"]), at(one["end"])) for each in days for one in each["overtime"]]
    wanted = minus([(start, end)], minus([(start, end)], known))
    outside = minus(wanted, inside)
    if outside:
        yield "outside_shift" if minus(outside, over) else "overtime"
    for one in pieces:
        if one["kind"] == "break" and start < at(one["end"]) and at(one["start"]) < end:
            yield "no_room_for_break"
