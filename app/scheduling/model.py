"""What the planner plans with: people's days, work, and the plan that comes out.

What is always true: times are whole seconds UTC, lengths and costs whole seconds; nothing changes once
it is made. Somebody on two days is two resources. A plan states when every visit **and every break**
begins and when one leaves for it, so nobody derives them again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from app.core.geo import Point

MINUTE = 60
HOUR = 3600
ONE_DAY = 86_400
EMERGENCY = 1
"""The priority for which those on call come."""
COMMUTE = HOUR
"""So much of a drive from or to home lies outside the shift, where such drives do; the rest inside."""


NOTHING: Mapping[str, int] = {}
"""One for all: thousands of visits need no thousands of empty ones."""


def _nothing() -> Mapping[str, int]:
    return NOTHING


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is. Two places with one key are one."""

    key: str
    point: Point
    name: str = ""
    """A street, for the office."""


Drive = Callable[[Place, Place], int]
"""Seconds from one place to another; nothing when they are one."""


@dataclass(frozen=True, slots=True)
class Interval:
    """From `start` until just before `end`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Break:
    """It may begin from `earliest` to `latest`, wherever one is, and interrupts neither drive nor work."""

    duration: int
    earliest: int
    latest: int


class BusyKind(StrEnum):
    event = "event"
    """A meeting, a training."""
    pause = "break"
    """A fixed break."""
    time_off = "time_off"


@dataclass(frozen=True, slots=True)
class Busy:
    """Nobody drives or works then. It has no place: an event that has one is a task locked to its time."""

    start: int
    end: int
    name: str = ""
    kind: BusyKind = BusyKind.event


class Leg(StrEnum):
    """Whether the drive from or to home lies in the shift."""

    inside = "inside"
    outside = "outside"


@dataclass(frozen=True, slots=True)
class Resource:
    """One technician, or a crew riding in one truck, on one local day."""

    id: str
    technician: str
    day: date
    start: Place
    end: Place
    shift: Interval
    name: str = ""
    first_leg: Leg = Leg.inside
    last_leg: Leg = Leg.inside
    pause: Break | None = None
    """The floating break; further breaks are `busy`."""
    busy: tuple[Busy, ...] = ()
    """In order, without overlaps."""
    skills: Mapping[str, int] = field(default_factory=_nothing)
    """Levels by code, of what is valid on the day."""
    territories: frozenset[str] = frozenset()
    """None named: everywhere."""
    trades: frozenset[str] = frozenset()
    on_call: bool = False
    """For emergencies alone, and no part of what windows hold."""
    max_overtime: int = 0
    capacity: Mapping[str, int] = field(default_factory=_nothing)
    available_from: int | None = None
    """During the day: when they go on from `start`, which is then their last position."""
    break_taken: bool = False

    @property
    def opens(self) -> int:
        """From when they can be asked for."""
        since = self.available_from
        return self.shift.start if since is None else max(self.shift.start, since)

    @property
    def closes(self) -> int:
        """Until when they can be asked for."""
        return self.shift.end + self.max_overtime


class WindowKind(StrEnum):
    promise = "promise"
    """Bounds the start."""
    access = "access"
    """Bounds start and end of the presence."""


@dataclass(frozen=True, slots=True)
class Window:
    """One of the times at which a task may be done. A promise includes its last second."""

    start: int
    end: int
    kind: WindowKind = WindowKind.promise


@dataclass(frozen=True, slots=True)
class After:
    """Begins so long after the end of another task."""

    task: str
    min_gap: int = 0
    max_gap: int | None = None


class Lock(StrEnum):
    none = "none"
    resource = "resource"
    time = "time"
    both = "both"


class State(StrEnum):
    """The statuses of open visits."""

    unscheduled = "unscheduled"
    tentative = "tentative"
    scheduled = "scheduled"
    dispatched = "dispatched"
    en_route = "en_route"
    on_site = "on_site"
    working = "working"
    paused = "paused"


BEGUN = frozenset({State.en_route, State.on_site, State.working, State.paused})
"""Somebody is on the way or there: it stays where it is."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who does a task, and when it begins."""

    technician: str
    day: date
    start: int


@dataclass(frozen=True, slots=True)
class Task:
    """A visit, a hold, a shadow, an event with a place: whatever takes somebody's time somewhere."""

    id: str
    place: Place
    duration: int
    name: str = ""
    duration_by_technician: Mapping[str, int] = field(default_factory=_nothing)
    windows: tuple[Window, ...] = ()
    """One of each kind has to hold; a kind that is not there asks for nothing."""
    skills: Mapping[str, int] = field(default_factory=_nothing)
    roles: int = 1
    """How many do it together, each on a route of their own."""
    priority: int = 3
    """From 1, the highest, to 4."""
    demand: Mapping[str, int] = field(default_factory=_nothing)
    """What it loads, by unit; less than nothing unloads, at most all."""
    required: frozenset[str] = frozenset()
    """One of these technicians, where any is named."""
    excluded: frozenset[str] = frozenset()
    preferred: frozenset[str] = frozenset()
    territory: str | None = None
    trade: str | None = None
    due: int | None = None
    """The SLA: when it should be finished."""
    lock: Lock = Lock.none
    state: State = State.unscheduled
    confirmed: bool = False
    released: bool = False
    """May move although it begins before `frozen_until`."""
    current: tuple[Assignment, ...] = ()
    """Where it stands now, one for each role."""
    promised: Interval | None = None
    """What the customer was told about the start; its end is included."""
    late_limit: int = 0
    """So long after the promised end it may begin, where that was granted."""
    links: tuple[After, ...] = ()

    def takes(self, resource: Resource) -> int:
        """How long it takes somebody; a crew takes as long as planned."""
        if self.roles > 1:
            return self.duration
        return self.duration_by_technician.get(resource.technician, self.duration)


@dataclass(frozen=True, slots=True)
class Weights:
    """What a plan is judged by. Shares are thousandths of a second for each second, the rest seconds."""

    travel: int = 1000
    overtime: int = 1500
    balance: int = 100
    """Of the work above the mean."""
    late: int = 4000
    past_due: int = 2000
    not_preferred: int = 15 * MINUTE
    surplus_level: int = MINUTE
    other_technician: int = 10 * MINUTE
    other_technician_dispatched: int = 30 * MINUTE
    confirmed: int = 20 * MINUTE
    """More, to move what the customer confirmed."""
    other_day: int = 120 * MINUTE
    drop: Mapping[int, int] = field(
        default_factory=lambda: {
            1: 2400 * MINUTE,
            2: 1200 * MINUTE,
            3: 720 * MINUTE,
            4: 480 * MINUTE,
        }
    )
    """By priority."""
    drop_planned: int = 480 * MINUTE
    """More, to drop what was promised or planned."""
    drop_day_past_due: int = 30 * MINUTE
    broken_promise: int = 240 * MINUTE


@dataclass(frozen=True, slots=True)
class Problem:
    """All that a plan is made from."""

    resources: tuple[Resource, ...]
    tasks: tuple[Task, ...]
    travel: Drive
    weights: Weights = field(default_factory=Weights)
    now: int = 0
    frozen_until: int = 0
    """What is planned to begin before stays where it is, unless it was released."""
    seed: int = 0


class StopKind(StrEnum):
    task = "task"
    pause = "break"
    end = "end"
    """At the place where the route ends, without staying."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Something on a route, from `start` to `end`; one leaves for its place at `leave_at`."""

    kind: StopKind
    start: int
    end: int
    leave_at: int | None = None
    """A break has none: it is taken where one is."""
    task: str | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """One resource's stops in their order; one with any task ends with an `end`, or a break after it."""

    resource: str
    stops: tuple[Stop, ...] = ()
    cost_parts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """Who does what when, what is left out and why, and what it costs."""

    routes: tuple[Route, ...]
    unplanned: Mapping[str, str] = field(default_factory=dict)
    """By task, the reason in words."""
    cost_parts: Mapping[str, int] = field(default_factory=dict)
    seed: int = 0
    iterations: int = 0
    based_on: int = 0
    """Number of the journal entry it was planned from."""
