"""Rules that repeat: tables written by hand, a second reckoning day by day, and ten years of five zones
against another library with time zone data of its own."""

from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from random import Random

import pytest
from dateutil.zoneinfo import get_zonefile_instance

from app.core import wall
from app.scheduling.recurrence import (
    AfterCompletion,
    Frequency,
    MonthEnd,
    Rule,
    Unit,
    Weekday,
    after,
    days,
    occurrences,
)
from app.scheduling.values import Moved
from tests.support.deep import times

MO, TU, WE, TH, FR, SA, SU = range(7)
F = Frequency
FIRST = date(2026, 1, 1)
TEN_YEARS = (date(2020, 1, 1), date(2029, 12, 31))
ZONES = (
    "Europe/Paris",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Asia/Kathmandu",
)
"""An hour at two and at three, half an hour, at midnight, and never."""


def written(rule: Rule, until: str = "2026-12-31") -> str:
    found = days(rule, rule.first, date.fromisoformat(until))
    return " ".join(f"{day:%m-%d}" for day in found)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (Rule(F.daily, FIRST, interval=100), "01-01 04-11 07-20 10-28"),
        (Rule(F.daily, FIRST, count=3), "01-01 01-02 01-03"),
        (Rule(F.weekly, FIRST, until=date(2026, 1, 20)), "01-01 01-08 01-15"),
        (Rule(F.weekly, FIRST, weekdays=(Weekday(WE), Weekday(MO)), count=4),
         "01-05 01-07 01-12 01-14"),
        # the week of the first day counts, although its Wednesday is over by then
        (Rule(F.weekly, FIRST, interval=2, weekdays=(Weekday(WE),), count=2), "01-14 01-28"),
        # a Sunday belongs to the week before where weeks begin on Monday
        (Rule(F.weekly, date(2026, 1, 6), interval=2, count=4, weekdays=(Weekday(TU), Weekday(SU))),
         "01-06 01-11 01-20 01-25"),
        (Rule(F.weekly, date(2026, 1, 6), interval=2, count=4, weekdays=(Weekday(TU), Weekday(SU)),
              week_starts=SU), "01-06 01-18 01-20 02-01"),
        (Rule(F.monthly, date(2026, 1, 31), count=6), "01-31 02-28 03-31 04-30 05-31 06-30"),
        (Rule(F.monthly, date(2026, 1, 31), month_end=MonthEnd.skip),
         "01-31 03-31 05-31 07-31 08-31 10-31 12-31"),
        (Rule(F.monthly, FIRST, month_days=(15, -1), count=4), "01-15 01-31 02-15 02-28"),
        # where two days of the rule fall on one, it takes place once
        (Rule(F.monthly, FIRST, month_days=(30, 31), count=4), "01-30 01-31 02-28 03-30"),
        (Rule(F.monthly, FIRST, weekdays=(Weekday(TU, 2),), count=3), "01-13 02-10 03-10"),
        (Rule(F.monthly, FIRST, weekdays=(Weekday(FR, -1),), count=3), "01-30 02-27 03-27"),
        (Rule(F.monthly, FIRST, weekdays=(Weekday(MO, 5),)), "03-30 06-29 08-31 11-30"),
        (Rule(F.monthly, FIRST, interval=3, month_days=(1,)), "01-01 04-01 07-01 10-01"),
        (Rule(F.yearly, FIRST, months=(4, 10), month_days=(15,)), "04-15 10-15"),
        (Rule(F.yearly, FIRST, months=(11,), weekdays=(Weekday(TH, 4),)), "11-26"),
        # the first occurrence satisfies the rule, whatever day the rule was made on
        (Rule(F.monthly, date(2026, 1, 20), month_days=(10,), count=2), "02-10 03-10"),
        # exceptions are counted: three dates were agreed, one of them falls out
        (Rule(F.weekly, FIRST, count=3, exceptions=frozenset({date(2026, 1, 8)})), "01-01 01-15"),
    ],
    ids=range(19),
)  # fmt: skip
def test_rules_give_the_days_a_person_would_name(rule: Rule, expected: str) -> None:
    assert written(rule) == expected


def test_the_29th_of_february_is_the_28th_in_other_years_unless_they_are_skipped() -> None:
    leap = date(2024, 2, 29)
    clamped = days(Rule(F.yearly, leap), leap, date(2028, 12, 31))
    assert [f"{day:%d}" for day in clamped] == ["29", "28", "28", "28", "29"]
    skipped = days(Rule(F.yearly, leap, month_end=MonthEnd.skip), leap, date(2032, 12, 31))
    assert [day.year for day in skipped] == [2024, 2028, 2032]


@pytest.mark.parametrize(
    ("rule", "done", "due"),
    [
        (AfterCompletion(90, Unit.days), "2026-11-21", "2027-02-19"),
        (AfterCompletion(2, Unit.weeks), "2026-12-24", "2027-01-07"),
        (AfterCompletion(1, Unit.months), "2026-01-31", "2026-02-28"),
        (AfterCompletion(1, Unit.months, MonthEnd.skip), "2026-01-31", "2026-03-31"),
        (AfterCompletion(6, Unit.months), "2026-08-31", "2027-02-28"),
        (AfterCompletion(1, Unit.years), "2028-02-29", "2029-02-28"),
        (AfterCompletion(1, Unit.years, MonthEnd.skip), "2028-02-29", "2032-02-29"),
    ],
)
def test_so_long_after_it_was_done(rule: AfterCompletion, done: str, due: str) -> None:
    assert after(rule, date.fromisoformat(done)) == date.fromisoformat(due)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: Rule(F.daily, FIRST, interval=0), "every 1 to 999"),
        (lambda: Rule(F.daily, FIRST, count=0), "at least once"),
        (lambda: Rule(F.daily, FIRST, count=3, until=FIRST), "not both"),
        (lambda: Rule(F.daily, FIRST, until=date(2025, 12, 31)), "ends before it begins"),
        (lambda: Rule(F.daily, FIRST, weekdays=(Weekday(MO),)), "weekly, monthly or yearly"),
        (lambda: Rule(F.weekly, FIRST, weekdays=(Weekday(7),)), "0 (Monday) to 6"),
        (lambda: Rule(F.weekly, FIRST, week_starts=-1), "0 (Monday) to 6"),
        (lambda: Rule(F.weekly, FIRST, weekdays=(Weekday(MO, 2),)), "second Monday"),
        (lambda: Rule(F.weekly, FIRST, month_days=(1,)), "monthly or yearly"),
        (lambda: Rule(F.monthly, FIRST, weekdays=(Weekday(MO, 6),)), "five Mondays"),
        (lambda: Rule(F.monthly, FIRST, weekdays=(Weekday(MO),), month_days=(1,)), "not both"),
        (lambda: Rule(F.monthly, FIRST, month_days=(0,)), "1 to 31"),
        (lambda: Rule(F.monthly, FIRST, months=(1,)), "repeats yearly"),
        (lambda: Rule(F.yearly, FIRST, months=(13,)), "1 to 12"),
        (lambda: Rule(F.yearly, FIRST, months=(2,), month_days=(30,), month_end=MonthEnd.skip),
         "has such a day"),
        (lambda: AfterCompletion(0, Unit.days), "after 1 to 999"),
    ],
    ids=range(16),
)  # fmt: skip
def test_a_rule_nobody_can_mean_is_refused_in_words(make: Callable[[], Rule], why: str) -> None:
    with pytest.raises(ValueError) as refused:
        make()
    assert why in str(refused.value)


def day_by_day(rule: Rule, last: date) -> list[date]:
    """The same rule read as a question about each day."""
    every = (rule.first + timedelta(days=n) for n in range((last - rule.first).days + 1))
    found = [day for day in every if satisfies(rule, day)]
    until = rule.until or last
    counted = found[: rule.count] if rule.count else found
    return [day for day in counted if day <= until and day not in rule.exceptions]


def satisfies(rule: Rule, day: date) -> bool:
    first = rule.first
    length = monthrange(day.year, day.month)[1]
    if rule.frequency == F.daily:
        return (day - first).days % rule.interval == 0
    if rule.frequency == F.weekly:
        week = [
            one - timedelta(days=(one.weekday() - rule.week_starts) % 7) for one in (first, day)
        ]
        on = [one.day for one in rule.weekdays] or [first.weekday()]
        return (week[1] - week[0]).days // 7 % rule.interval == 0 and day.weekday() in on
    apart = (day.year - first.year) * 12 + day.month - first.month
    if rule.frequency == F.yearly:
        apart = day.year - first.year
        if day.month not in (rule.months or (first.month,)):
            return False
    if apart % rule.interval:
        return False
    from_start, from_end = (day.day - 1) // 7 + 1, -((length - day.day) // 7 + 1)
    if rule.weekdays:
        return any(
            day.weekday() == one.day and one.nth in (None, from_start, from_end)
            for one in rule.weekdays
        )
    meant = [n if n > 0 else length + 1 + n for n in rule.month_days or (first.day,)]
    if rule.month_end == MonthEnd.clamp:
        meant = [min(n, length) for n in meant]
    return day.day in meant


def drawn(random: Random) -> Rule:
    frequency = random.choice(list(F))
    first = date(2016, 1, 1) + timedelta(days=random.randrange(2000))
    by_day = random.random() < 0.5 and frequency != F.daily
    nth = (None, 1, 2, 3, 4, 5, -1, -2, -5) if frequency in (F.monthly, F.yearly) else (None,)
    weekdays = [
        Weekday(random.randrange(7), random.choice(nth)) for _ in range(random.randrange(4))
    ]
    by_date = not by_day and frequency in (F.monthly, F.yearly)
    dates = random.sample([*range(1, 32), *range(-28, 0)], random.randrange(4))
    end = random.randrange(3)
    return Rule(
        frequency,
        first,
        interval=random.choice((1, 1, 2, 3, 5, 13)),
        weekdays=tuple(weekdays) if by_day else (),
        month_days=tuple(dates) if by_date else (),
        months=tuple(random.sample(range(1, 13), 3)) if frequency == F.yearly else (),
        count=random.randrange(1, 200) if end == 1 else None,
        until=first + timedelta(days=random.randrange(3000)) if end == 2 else None,
        month_end=random.choice((MonthEnd.clamp, MonthEnd.clamp, MonthEnd.skip)),
        week_starts=random.randrange(7),
        exceptions=frozenset(first + timedelta(days=random.randrange(60)) for _ in range(5)),
    )


def test_drawn_rules_hold_for_ten_years_what_each_day_says() -> None:
    random, found = Random("rules"), 0
    for _ in range(times(30, deep=3000)):
        rule = drawn(random)
        last = date(rule.first.year + 10, 1, 1)
        expected = day_by_day(rule, last)
        assert days(rule, rule.first, last) == expected, rule
        middle = rule.first + timedelta(days=1500)  # a page of it is the same as that part of all
        assert days(rule, middle, last) == [day for day in expected if day >= middle], rule
        found += len(expected)
    assert found > 1000


WEEKLY = Rule(F.weekly, date(2026, 1, 6))


@pytest.mark.parametrize(
    ("zone", "hours"),
    [
        ("Europe/Paris", {13, 14}),
        ("America/New_York", {19, 20}),
    ],
)
def test_weekly_at_three_stays_at_three_across_both_changes(zone: str, hours: set[int]) -> None:
    found = occurrences(WEEKLY, time(15), zone, *TEN_YEARS)
    assert len(found) == 208
    assert not [one for one in found if one.moved]
    shown = {wall.written(utc(one.at), zone)[11:16] for one in found}
    assert shown == {"15:00"}
    assert {utc(one.at).hour for one in found} == hours  # summer and winter are both there


@pytest.mark.parametrize(
    ("zone", "forward", "back"),
    [
        ("Europe/Paris", "2026-03-29", "2026-10-25"),
        ("America/New_York", "2026-03-08", "2026-11-01"),
    ],
)
def test_half_past_two_on_the_days_the_clocks_change(zone: str, forward: str, back: str) -> None:
    hour = time(2, 30) if zone == "Europe/Paris" else time(1, 30)
    spring, autumn = date.fromisoformat(forward), date.fromisoformat(back)
    (moved,) = occurrences(Rule(F.daily, spring), time(2, 30), zone, spring, spring)
    assert moved.day == spring
    assert moved.moved == Moved(
        datetime.combine(spring, time(2, 30)), datetime.combine(spring, time(3, 30))
    )
    (first,) = occurrences(Rule(F.daily, autumn), hour, zone, autumn, autumn)
    assert first.moved is None  # it comes twice: the first is meant
    assert utc(first.at) == wall.instant(datetime.combine(autumn, hour), zone, fold=0)
    assert utc(first.at) < wall.instant(datetime.combine(autumn, hour), zone, fold=1)


@pytest.mark.parametrize("zone", ZONES)
def test_ten_years_are_the_instants_that_another_library_reckons(zone: str) -> None:
    """python-dateutil reads other data by other code; neither of them is asked by the product."""
    theirs = get_zonefile_instance().get(zone)
    random = Random(zone)
    moved = 0
    for hour in (time(0), time(0, 15), time(2, 10), time(2, 30), time(random.randrange(24), 45)):
        for one in occurrences(Rule(F.daily, TEN_YEARS[0]), hour, zone, *TEN_YEARS):
            at = utc(one.at)
            shown = at.astimezone(theirs).replace(tzinfo=None, fold=0)
            meant = datetime.combine(one.day, hour)
            assert shown == (one.moved.became if one.moved else meant), (zone, meant)
            if one.moved:
                moved += 1
                assert one.moved.wall == meant
                assert shown - meant == gap(theirs, at)
            else:  # no earlier instant shows the same
                earlier = (at - timedelta(minutes=minutes) for minutes in (30, 60))
                assert meant not in [it.astimezone(theirs).replace(tzinfo=None) for it in earlier]
    assert (moved > 0) == (zone != "Asia/Kathmandu")


def gap(zone: tzinfo, at: datetime) -> timedelta:
    """By how much the clocks went forward in the hours before."""
    before, then = (
        (at - ago).astimezone(zone).utcoffset() for ago in (timedelta(hours=4), timedelta())
    )
    assert before is not None
    assert then is not None
    return then - before


def utc(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
