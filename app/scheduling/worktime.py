"""When somebody works: patterns, holidays and absences → pieces of one local day, each with its
reason.

What is always true: pieces do not overlap and lie inside the day; a shift over midnight is cut there,
so the days of a range hold exactly what the range holds. A wall time that the clocks skip is moved
forward by what they skip and recorded; one that comes twice is the first. Lengths are those of the
instants, so a night in which the clocks change is an hour longer or shorter.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.scheduling.values import (
    Calendar,
    FixedBreak,
    FlexibleBreak,
    Floating,
    Moved,
    Overtime,
    Pattern,
    Piece,
    PieceKind,
    Rank,
    Shift,
    ShiftKind,
    WorkDay,
)

ONE_DAY = timedelta(days=1)
MIDNIGHT = time()
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Span = tuple[int, int]


def day_of(calendar: Calendar, day: date) -> WorkDay:
    """The working time of one local day."""
    clock = _Clock(ZoneInfo(calendar.zone))
    start, end = clock.midnight(day), clock.midnight(day + ONE_DAY)
    yesterday = _patterns_of(calendar, day - ONE_DAY)
    today = _patterns_of(calendar, day)
    shifts = [
        *_shifts(clock, yesterday, day - ONE_DAY),
        *_shifts(clock, today, day),
    ]
    off = _Layer(_absences(clock, calendar, (day - ONE_DAY, day)))
    rest = _Layer(_holidays(clock, calendar, (day - ONE_DAY, day)))
    pieces, breaks, overtime = _paint(clock, shifts, off, rest)
    inside = [
        _cut(piece, start, end) for piece in pieces if piece.start < end and piece.end > start
    ]
    return WorkDay(
        day=day,
        start=start,
        end=end,
        pieces=tuple(sorted(inside, key=lambda piece: piece.start)),
        breaks=tuple(one for one in breaks if start <= one.earliest < end),
        overtime=tuple(one for one in overtime if start < one.start <= end),
        moved=tuple(one for one in dict.fromkeys(clock.moved) if one.wall.date() == day),
        planned=bool(today),
    )


def days_of(calendar: Calendar, first: date, last: date) -> list[WorkDay]:
    """The local days from `first` to `last`, both included."""
    return [day_of(calendar, first + timedelta(days=n)) for n in range((last - first).days + 1)]


def week_of(pattern: Pattern, day: date) -> int:
    """The week of the rotation that `day` lies in, from 1."""
    weeks = (_monday(day) - _monday(pattern.anchor)).days // 7
    return weeks % pattern.weeks + 1


def instants_of(
    zone: str, first: date, last: date, start: time | None = None, end: time | None = None
) -> Span:
    """From when until when whole local days last, or hours of one, in seconds UTC."""
    return _Clock(ZoneInfo(zone)).stretch(first, last, start, end)


def derived(zone: ZoneInfo, day: date, wall: time) -> tuple[int, Moved | None]:
    """The instant at which clocks in `zone` show `wall` on a day, in seconds UTC: the first, when it
    comes twice; moved forward by what the clocks skip, with a record of it, when it never does."""
    shown = datetime.combine(day, wall)
    instant = int(shown.replace(tzinfo=zone).timestamp())
    became = utc(instant).astimezone(zone).replace(tzinfo=None, fold=0)
    return instant, None if became == shown else Moved(shown, became)


@dataclass
class _Clock:
    """Turns wall times of one zone into instants, and keeps those it had to move."""

    zone: ZoneInfo
    moved: list[Moved] = field(default_factory=list)

    def at(self, day: date, wall: time) -> int:
        instant, moved = derived(self.zone, day, wall)
        if moved is not None:
            self.moved.append(moved)
        return instant

    def midnight(self, day: date) -> int:
        """When the day begins: the first instant whose date it is, whatever the clock shows then."""
        return int(datetime.combine(day, MIDNIGHT, self.zone).timestamp())

    def after(self, day: date, start: time, wall: time) -> int:
        """`wall` on the day of a shift that begins at `start`, or in the night after it."""
        return self.at(day if wall >= start else day + ONE_DAY, wall)

    def stretch(self, first: date, last: date, start: time | None, end: time | None) -> Span:
        begins = self.midnight(first) if start is None else self.at(first, start)
        ends = self.midnight(last + ONE_DAY) if end is None else self.at(last, end)
        return begins, max(begins, ends)


@dataclass(frozen=True, slots=True)
class _Shift:
    """A shift on a certain day."""

    pattern: Pattern
    shift: Shift
    day: date
    start: int
    end: int

    @property
    def rests(self) -> bool:
        """Whether a holiday cancels it: not who is on call, and not what was set for the day."""
        return self.pattern.kind == ShiftKind.normal and self.pattern.rank not in (
            Rank.own_override,
            Rank.crew_override,
        )


@dataclass(frozen=True, slots=True)
class _Layer:
    """Stretches with their reasons, earlier ones before later ones."""

    spans: list[tuple[int, int, str, str]]

    def over(self, start: int, end: int, kind: PieceKind) -> Iterator[Piece]:
        for begins, ends, source, name in self.spans:
            if (low := max(begins, start)) < (high := min(ends, end)):
                yield Piece(low, high, kind, source, name)

    def without(self, start: int, end: int) -> list[Span]:
        return minus([(start, end)], [(begins, ends) for begins, ends, _, _ in self.spans])


def _patterns_of(calendar: Calendar, day: date) -> list[Pattern]:
    """The patterns that decide about a day."""
    applying = [one for one in calendar.patterns if one.applies(day)]
    overriding = [one for one in applying if one.rank == Rank.own_override]
    if overriding:
        return overriding
    found = []
    for kind in ShiftKind:
        of_kind = [one for one in applying if one.kind == kind]
        best = min((one.rank for one in of_kind), default=None)
        found += [one for one in of_kind if one.rank == best]
    return found


def _shifts(clock: _Clock, patterns: Iterable[Pattern], day: date) -> Iterator[_Shift]:
    for pattern in patterns:
        week = week_of(pattern, day)
        for shift in pattern.shifts:
            if shift.week != week or shift.weekday != day.weekday():
                continue
            until = day if shift.end > shift.start else day + ONE_DAY
            start, end = clock.at(day, shift.start), clock.at(until, shift.end)
            if start < end:
                yield _Shift(pattern, shift, day, start, end)


def _absences(
    clock: _Clock, calendar: Calendar, days: Sequence[date]
) -> list[tuple[int, int, str, str]]:
    # a shift of the second day may reach into the one after it; that one's absences cut it there
    first, last = days[0], days[-1] + ONE_DAY
    return [
        (*clock.stretch(one.first, one.last, one.start, one.end), one.key, one.name)
        for one in calendar.absences
        if one.first <= last and one.last >= first
    ]


def _holidays(
    clock: _Clock, calendar: Calendar, days: Sequence[date]
) -> list[tuple[int, int, str, str]]:
    first, last = days[0], days[-1] + ONE_DAY
    return [
        (*clock.stretch(one.day, one.day, one.start, one.end), one.key, one.name)
        for one in calendar.holidays
        if first <= one.day <= last
    ]


def _paint(
    clock: _Clock, shifts: Sequence[_Shift], off: _Layer, rest: _Layer
) -> tuple[list[Piece], list[Floating], list[Overtime]]:
    """Lay the layers over each other; what was laid first stays on top."""
    top: list[Piece] = []
    breaks: list[Piece] = []
    work: list[Piece] = []
    idle: list[Piece] = []
    floating: list[Floating] = []
    overtime: list[Overtime] = []
    # the normal ones first, so that nobody is on call while at work
    for one in sorted(shifts, key=lambda one: one.pattern.kind == ShiftKind.on_call):
        kind = PieceKind.work if one.pattern.kind == ShiftKind.normal else PieceKind.on_call
        source, name = one.pattern.key, one.pattern.name
        top += off.over(one.start, one.end, PieceKind.time_off)
        left = off.without(one.start, one.end)
        if one.rests:
            idle += rest.over(one.start, one.end, PieceKind.holiday)
            left = [inner for span in left for inner in rest.without(*span)]
        pauses = [
            (low, high)
            for pause in one.shift.breaks
            if isinstance(pause, FixedBreak)
            for low, high in _overlap(left, _fixed(clock, one, pause))
        ]
        breaks += [Piece(low, high, PieceKind.pause, source, name) for low, high in pauses]
        left = minus(left, pauses)
        work += [Piece(low, high, kind, source, name) for low, high in left]
        floating += _floating(clock, one, left)
        limit = one.pattern.overtime_minutes * 60
        if limit and left and left[-1][1] == one.end:
            overtime.append(Overtime(one.end, one.end + limit, source))
    return _flat([*top, *breaks, *work, *idle]), floating, overtime


def _fixed(clock: _Clock, one: _Shift, pause: FixedBreak) -> Span:
    start = clock.after(one.day, one.shift.start, pause.start)
    return start, start + pause.minutes * 60


def _floating(clock: _Clock, one: _Shift, left: Sequence[Span]) -> Iterator[Floating]:
    """The flexible breaks for which there still is room in what is left of the shift."""
    for pause in one.shift.breaks:
        if not isinstance(pause, FlexibleBreak):
            continue
        earliest = clock.after(one.day, one.shift.start, pause.earliest)
        latest = clock.after(one.day, one.shift.start, pause.latest)
        for start, end in left:
            low, high = max(earliest, start), min(latest, end - pause.minutes * 60)
            if low <= high:
                yield Floating(pause.minutes, low, high, one.pattern.key)
                break


def _flat(pieces: Iterable[Piece]) -> list[Piece]:
    """Without overlaps: of two pieces, the earlier in the list stays whole."""
    flat: list[Piece] = []
    for piece in pieces:
        taken = [(one.start, one.end) for one in flat]
        flat += [
            Piece(low, high, piece.kind, piece.source, piece.name)
            for low, high in minus([(piece.start, piece.end)], taken)
        ]
    return flat


def minus(spans: Sequence[Span], taken: Iterable[Span]) -> list[Span]:
    """What of the spans is not taken."""
    left = list(spans)
    for start, end in taken:
        if start < end:
            left = [
                (low, high)
                for begins, ends in left
                for low, high in ((begins, min(ends, start)), (max(begins, end), ends))
                if low < high
            ]
    return left


def _overlap(spans: Sequence[Span], with_: Span) -> Iterator[Span]:
    for start, end in spans:
        if (low := max(start, with_[0])) < (high := min(end, with_[1])):
            yield low, high


def _cut(piece: Piece, start: int, end: int) -> Piece:
    low, high = max(piece.start, start), min(piece.end, end)
    return Piece(low, high, piece.kind, piece.source, piece.name)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def utc(seconds: int) -> datetime:
    """Seconds UTC as an aware time."""
    return EPOCH + timedelta(seconds=seconds)
