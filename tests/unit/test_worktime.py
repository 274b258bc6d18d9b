"""Working time: a table written by hand, and what holds in five zones for ten years."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

import pytest

from app.scheduling.values import (
    Absence,
    Calendar,
    FixedBreak,
    FlexibleBreak,
    Holiday,
    Moved,
    Pattern,
    PieceKind,
    Rank,
    Shift,
    ShiftKind,
    WorkDay,
)
from app.scheduling.worktime import day_of, days_of, week_of

CHICAGO = "America/Chicago"
LUNCH = FixedBreak(time(12), 30)
FLOATING = FlexibleBreak(30, time(11), time(13))

# two weeks: in A five days with lunch at noon, in B four long ones with a break at some time
ROTATION = Pattern(
    key="ab",
    name="Weeks A and B",
    kind=ShiftKind.normal,
    rank=Rank.own,
    first=date(2026, 10, 19),
    last=None,
    anchor=date(2026, 10, 19),
    weeks=2,
    shifts=(
        *(Shift(day, time(8), time(17), (LUNCH,), week=1) for day in range(5)),
        *(Shift(day, time(7), time(17, 30), (FLOATING,), week=2) for day in range(4)),
    ),
    overtime_minutes=60,
)
SWAPPED = Pattern(
    key="swap",
    name="Saturday for Monday",
    kind=ShiftKind.normal,
    rank=Rank.own_override,
    first=date(2026, 10, 24),
    last=date(2026, 10, 24),
    anchor=date(2026, 10, 24),
    shifts=(Shift(5, time(9), time(13)),),
)
MONDAY_OFF = Pattern(
    key="off",
    name="Monday for Saturday",
    kind=ShiftKind.normal,
    rank=Rank.own_override,
    first=date(2026, 10, 26),
    last=date(2026, 10, 26),
    anchor=date(2026, 10, 26),
    shifts=(),
)
NIGHTS = Pattern(
    key="nights",
    name="On call on Saturday nights",
    kind=ShiftKind.on_call,
    rank=Rank.own,
    first=date(2026, 10, 30),
    last=None,
    anchor=date(2026, 10, 19),
    shifts=(Shift(5, time(22), time(6)),),
)
HALF_DAY = Holiday("founders", "Founders’ Day", date(2026, 10, 28), start=time(12))
DENTIST = Absence("dentist", "Time off", date(2026, 10, 22), date(2026, 10, 22), time(15), time(16))
CALENDAR = Calendar(CHICAGO, (ROTATION, SWAPPED, MONDAY_OFF, NIGHTS), (HALF_DAY,), (DENTIST,))

# The clocks of Chicago are five hours behind UTC until Sunday 1 November, 02:00, and six after.
BY_HAND = """
2026-10-19 work 13:00-17:00, break 17:00-17:30, work 17:30-22:00        | 510
2026-10-20 work 13:00-17:00, break 17:00-17:30, work 17:30-22:00        | 510
2026-10-21 work 13:00-17:00, break 17:00-17:30, work 17:30-22:00        | 510
2026-10-22 work 13:00-17:00, break 17:00-17:30, work 17:30-20:00, time_off 20:00-21:00, work 21:00-22:00 | 450
2026-10-23 work 13:00-17:00, break 17:00-17:30, work 17:30-22:00        | 510
2026-10-24 work 14:00-18:00                                             | 240
2026-10-25                                                              | 0
2026-10-26                                                              | 0
2026-10-27 work 12:00-22:30; 30 minutes from 16:00 to 18:00             | 600
2026-10-28 work 12:00-17:00, holiday 17:00-22:30; 30 minutes from 16:00 to 16:30 | 270
2026-10-29 work 12:00-22:30; 30 minutes from 16:00 to 18:00             | 600
2026-10-30                                                              | 0
2026-10-31 on_call 03:00-05:00                                          | 0
2026-11-01 on_call 05:00-12:00                                          | 0
2026-11-02 work 14:00-18:00, break 18:00-18:30, work 18:30-23:00        | 510
"""
ON_CALL = {date(2026, 10, 31): 2 * 60, date(2026, 11, 1): 7 * 60}
"""From ten to six is nine hours in the night in which two o'clock becomes one."""


def said(day: WorkDay) -> str:
    """A day as a line of the table."""

    def clock(at: int) -> str:
        return datetime.fromtimestamp(at, UTC).strftime("%H:%M")

    pieces = ", ".join(
        f"{piece.kind} {clock(piece.start)}-{clock(piece.end)}" for piece in day.pieces
    )
    breaks = "".join(
        f"; {one.minutes} minutes from {clock(one.earliest)} to {clock(one.latest)}"
        for one in day.breaks
    )
    return f"{day.day} {pieces}{breaks}".strip() + f" | {day.minutes(PieceKind.work)}"


def test_a_rotation_a_swap_a_night_and_a_half_day_are_as_written_by_hand() -> None:
    days = days_of(CALENDAR, date(2026, 10, 19), date(2026, 11, 2))
    table = [" ".join(line.split()) for line in BY_HAND.strip().splitlines()]
    assert [" ".join(said(day).split()) for day in days] == table
    assert {day.day: n for day in days if (n := day.minutes(PieceKind.on_call))} == ON_CALL
    assert [day.end - day.start for day in days if day.day == date(2026, 11, 1)] == [25 * 3600]
    assert not any(day.moved for day in days)


def test_each_piece_says_what_made_it_so() -> None:
    half = day_of(CALENDAR, date(2026, 10, 28))
    assert [(one.source, one.name) for one in half.pieces] == [
        ("ab", "Weeks A and B"),
        ("founders", "Founders’ Day"),
    ]
    assert half.overtime == ()  # the shift ended at noon, and so did the day
    (until,) = day_of(CALENDAR, date(2026, 10, 27)).overtime
    assert until.end - until.start == 3600
    assert day_of(CALENDAR, date(2026, 10, 26)).planned  # known to be off
    assert not day_of(Calendar(CHICAGO), date(2026, 10, 26)).planned  # nothing is known


def test_a_shift_that_begins_in_the_hour_that_the_clocks_skip_begins_after_it() -> None:
    early = Pattern(
        key="early",
        name="Early",
        kind=ShiftKind.normal,
        rank=Rank.own,
        first=date(2026, 3, 1),
        last=None,
        anchor=date(2026, 3, 2),
        shifts=(Shift(6, time(2, 30), time(8)),),
    )
    day = day_of(Calendar(CHICAGO, (early,)), date(2026, 3, 8))
    assert said(day) == "2026-03-08 work 08:30-13:00 | 270"
    assert day.moved == (
        Moved(
            datetime.fromisoformat("2026-03-08T02:30"), datetime.fromisoformat("2026-03-08T03:30")
        ),
    )
    assert day.end - day.start == 23 * 3600


def test_who_is_on_call_stays_so_on_a_holiday_and_no_one_is_on_call_at_work() -> None:
    both = (
        Pattern(
            "day", "Days", ShiftKind.normal, Rank.own, date(2026, 1, 1), None, date(2026, 1, 1),
            (Shift(3, time(8), time(16)),),
        ),
        Pattern(
            "all", "Round the clock", ShiftKind.on_call, Rank.crew, date(2026, 1, 1), None,
            date(2026, 1, 1), (Shift(3, MIDNIGHT, MIDNIGHT),),
        ),
    )  # fmt: skip
    thursday = date(2026, 11, 26)
    at_work = day_of(Calendar("UTC", both), thursday)
    assert said(at_work) == (
        "2026-11-26 on_call 00:00-08:00, work 08:00-16:00, on_call 16:00-00:00 | 480"
    )
    festive = Calendar("UTC", both, (Holiday("h", "Thanksgiving", thursday),))
    assert said(day_of(festive, thursday)) == "2026-11-26 on_call 00:00-00:00 | 0"


def test_ones_own_pattern_comes_before_the_crews_and_that_before_the_organisations() -> None:
    def every_day(rank: Rank, hour: int, first: date) -> Pattern:
        shifts = tuple(Shift(day, time(hour), time(hour + 1)) for day in range(7))
        return Pattern(
            rank.name, rank.name, ShiftKind.normal, rank, first, None, date(2026, 1, 1), shifts
        )

    ranks = (Rank.organisation, Rank.crew, Rank.crew_override, Rank.own, Rank.own_override)
    patterns = tuple(every_day(rank, 8 + n, date(2026, 1, 1 + n)) for n, rank in enumerate(ranks))
    days = days_of(Calendar("UTC", patterns), date(2026, 1, 1), date(2026, 1, 5))
    assert [day.pieces[0].source for day in days] == [rank.name for rank in ranks]
    assert {len(day.pieces) for day in days} == {1}


MIDNIGHT = time()
ZONES = (CHICAGO, "Europe/Berlin", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Kathmandu")
"""An hour, an hour elsewhere, half an hour, at midnight (until 2019), and never."""
FIRST, YEARS = date(2016, 1, 1), 10


def drawn(zone: str) -> Calendar:
    """Some calendar: rotations, overrides, nights, holidays and absences."""
    random = Random(f"worktime {zone}")

    def wall() -> time:
        return time(random.randrange(24), random.choice((0, 15, 30, 45)))

    def shift(weeks: int) -> Shift:
        breaks = random.choice(
            ((), (FixedBreak(wall(), 30),), (FlexibleBreak(30, wall(), wall()),))
        )
        return Shift(random.randrange(7), wall(), wall(), breaks, random.randrange(weeks) + 1)

    def pattern(n: int) -> Pattern:
        weeks = random.randrange(1, 5)
        first = FIRST + timedelta(days=random.randrange(3000))
        return Pattern(
            key=f"pattern {n}",
            name="Drawn",
            kind=random.choice(list(ShiftKind)),
            rank=random.choice(list(Rank)),
            first=first,
            last=first + timedelta(days=random.randrange(1500)),
            anchor=first,
            weeks=weeks,
            shifts=tuple(shift(weeks) for _ in range(random.randrange(12))),
            overtime_minutes=random.choice((0, 60)),
        )

    def any_day() -> date:
        return FIRST + timedelta(days=random.randrange(YEARS * 365))

    holidays = [Holiday(f"holiday {n}", "Drawn", any_day(), start=time(12)) for n in range(100)]
    absences = [Absence(f"absence {n}", "Drawn", (d := any_day()), d) for n in range(60)]
    return Calendar(zone, tuple(pattern(n) for n in range(16)), tuple(holidays), tuple(absences))


@pytest.mark.parametrize("zone", ZONES)
def test_ten_years_of_days_fit_together(zone: str) -> None:
    calendar = drawn(zone)
    days = days_of(calendar, FIRST, date(FIRST.year + YEARS, 1, 1) - timedelta(days=1))
    assert all(one.end == other.start for one, other in pairwise(days))
    for day in days:
        assert all(piece.start < piece.end for piece in day.pieces)
        edges = [
            day.start,
            *(at for piece in day.pieces for at in (piece.start, piece.end)),
            day.end,
        ]
        assert edges == sorted(edges)  # in order, apart from each other, inside the day
    assert sum(len(day.pieces) for day in days) > 1000


@pytest.mark.parametrize("zone", ZONES)
def test_the_sum_over_days_is_the_sum_over_the_shifts(zone: str) -> None:
    """One pattern without anything over it: each minute of its shifts lies in exactly one day."""
    random = Random(f"sums {zone}")
    there = ZoneInfo(zone)
    nights = Pattern(
        "n", "Nights", ShiftKind.normal, Rank.own, FIRST, None, FIRST,
        tuple(Shift(day, time(21, 30), time(random.randrange(2, 9))) for day in range(7)),
    )  # fmt: skip
    ends = {shift.weekday: shift.end for shift in nights.shifts}
    last = FIRST + timedelta(days=YEARS * 365)
    days = days_of(Calendar(zone, (nights,)), FIRST, last + timedelta(days=1))
    by_day = Counter[date]()
    for day in days:
        by_day[day.day] = sum(piece.end - piece.start for piece in day.pieces)
    total = 0
    for n in range((last - FIRST).days + 1):
        on = FIRST + timedelta(days=n)
        start = datetime.combine(on, time(21, 30), there)
        end = datetime.combine(on + timedelta(days=1), ends[on.weekday()], there)
        total += int(end.timestamp() - start.timestamp())
    evening = int(
        datetime.combine(last + timedelta(days=2), MIDNIGHT, there).timestamp()
        - datetime.combine(last + timedelta(days=1), time(21, 30), there).timestamp()
    )
    assert sum(by_day.values()) == total + evening


@pytest.mark.parametrize("zone", ZONES)
def test_every_instant_is_what_the_clock_on_the_wall_says(zone: str) -> None:
    """Read the other way round: from an instant to the wall, and there what the pattern says."""
    there = ZoneInfo(zone)
    random = Random(f"instants {zone}")
    pattern = Pattern(
        "r", "Rotation", ShiftKind.normal, Rank.own, FIRST, None, FIRST,
        tuple(
            Shift(day, time(6 + week), time(14 + week), (LUNCH,), week=week)
            for week in (1, 2, 3) for day in range(week, 7)
        ),
        weeks=3,
    )  # fmt: skip
    calendar = Calendar(zone, (pattern,))
    for _ in range(1500):
        day = day_of(calendar, FIRST + timedelta(days=random.randrange(YEARS * 365)))
        at = random.randrange(day.start, day.end)
        wall = datetime.fromtimestamp(at, there)
        week = ((wall.date() - date(2015, 12, 28)).days // 7) % 3 + 1
        assert week == week_of(pattern, day.day)
        works = time(6 + week) <= wall.time() < time(14 + week) and wall.weekday() >= week
        resting = works and time(12) <= wall.time() < time(12, 30)
        expected = "break" if resting else "work" if works else None
        found = next((str(one.kind) for one in day.pieces if one.start <= at < one.end), None)
        assert found == expected, (zone, wall)
