"""What working time is computed from, and what comes out.

Wall times are `time`s on the clock of the technician's own zone; instants are whole seconds UTC.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import IntEnum, StrEnum


class ShiftKind(StrEnum):
    normal = "normal"
    on_call = "on_call"


class Rank(IntEnum):
    """Whose word counts on a day: an override of one's own before all; then, for each kind, the
    first of these that says anything about the day."""

    own_override = 0
    own = 1
    crew_override = 2
    crew = 3
    organisation = 4


class PieceKind(StrEnum):
    work = "work"
    on_call = "on_call"
    pause = "break"
    holiday = "holiday"
    time_off = "time_off"


@dataclass(frozen=True, slots=True)
class FixedBreak:
    """It begins when the wall clock shows `start`."""

    start: time
    minutes: int


@dataclass(frozen=True, slots=True)
class FlexibleBreak:
    """It may begin anywhere from `earliest` to `latest`."""

    minutes: int
    earliest: time
    latest: time


@dataclass(frozen=True, slots=True)
class Shift:
    """One shift of a pattern. It ends on the next day when `end` is not after `start`."""

    weekday: int
    """0 is Monday."""
    start: time
    end: time
    breaks: tuple[FixedBreak | FlexibleBreak, ...] = ()
    week: int = 1
    """Of the rotation, from 1."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """Shifts that repeat every `weeks` weeks from the week of `anchor`, on days `first` to `last`.

    An override takes the place of everything else on its days; without shifts, the days are off.
    """

    key: str
    name: str
    kind: ShiftKind
    rank: Rank
    first: date
    last: date | None
    anchor: date
    shifts: tuple[Shift, ...]
    weeks: int = 1
    overtime_minutes: int = 0
    """How long a day's work may go on after the shift."""

    def applies(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class Holiday:
    """A day on which patterns rest, or a part of one: from `start`, until `end`."""

    key: str
    name: str
    day: date
    start: time | None = None
    end: time | None = None


@dataclass(frozen=True, slots=True)
class Absence:
    """Approved time off: whole calendar days, or hours of one."""

    key: str
    name: str
    first: date
    last: date
    start: time | None = None
    end: time | None = None


@dataclass(frozen=True, slots=True)
class Calendar:
    """All that decides when one technician works."""

    zone: str
    patterns: tuple[Pattern, ...] = ()
    holidays: tuple[Holiday, ...] = ()
    absences: tuple[Absence, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a day, what it is, and what made it so."""

    start: int
    end: int
    kind: PieceKind
    source: str
    """Key of the pattern, holiday or absence."""
    name: str

    @property
    def minutes(self) -> int:
        return (self.end - self.start) // 60


@dataclass(frozen=True, slots=True)
class Floating:
    """A flexible break: it begins somewhere from `earliest` to `latest`."""

    minutes: int
    earliest: int
    latest: int
    source: str


@dataclass(frozen=True, slots=True)
class Overtime:
    """After a shift, how long a day's work may go on."""

    start: int
    end: int
    source: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A wall time that the clocks skip, and what they showed instead."""

    wall: datetime
    became: datetime


@dataclass(frozen=True, slots=True)
class WorkDay:
    """One local day, from its midnight to the next: pieces in order that never overlap."""

    day: date
    start: int
    end: int
    pieces: tuple[Piece, ...]
    breaks: tuple[Floating, ...]
    overtime: tuple[Overtime, ...]
    moved: tuple[Moved, ...]
    planned: bool
    """Whether any pattern says anything about the day, be it that it is off."""

    def minutes(self, kind: PieceKind) -> int:
        """Whole minutes of one kind; flexible breaks are taken out of the work."""
        found = sum(piece.end - piece.start for piece in self.pieces if piece.kind == kind) // 60
        if kind == PieceKind.work:
            found -= sum(one.minutes for one in self.breaks)
        return found
