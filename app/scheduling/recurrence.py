"""What repeats: a rule → local dates → instants.

Dates are those of RFC 5545 as python-dateutil counts them; ours are the end of short months (`clamp`,
or RFC 5545's `skip`), “n after completion”, and the hour on the wall. What is always true: days come
in order and once each, on or after the rule's first day, and the first one satisfies the rule; `count`
counts the exceptions too, as RFC 5545 does. The same hour on the wall stays the same hour across a
change of the clocks: one that they skip is moved forward by what they skip and recorded, one that comes
twice is the first. The day of an occurrence is the rule's, so it is its key whatever the clocks did.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from itertools import groupby, islice
from zoneinfo import ZoneInfo

from dateutil import rrule
from dateutil.relativedelta import relativedelta

from app.scheduling.values import Moved
from app.scheduling.worktime import derived

LONGEST_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
EVERY_MONTH_HAS = 28


class Frequency(StrEnum):
    daily = "daily"
    weekly = "weekly"
    monthly = "monthly"
    yearly = "yearly"


class MonthEnd(StrEnum):
    """What becomes of day 29, 30 or 31 in a month that is shorter."""

    clamp = "clamp"
    """It is the last day of the month."""
    skip = "skip"
    """There is no occurrence."""


class Unit(StrEnum):
    days = "days"
    weeks = "weeks"
    months = "months"
    years = "years"


@dataclass(frozen=True, slots=True)
class Weekday:
    """A day of the week, or the `nth` one of a month; from its end when that is negative."""

    day: int
    """0 is Monday."""
    nth: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """When something repeats. What is left out is as on the first day: its weekday, its day of the
    month, its month. Raises ValueError, with a sentence, for a rule that nobody can mean."""

    frequency: Frequency
    first: date
    """No occurrence before it; the weeks, months or years of `interval` are counted from its own."""
    interval: int = 1
    weekdays: tuple[Weekday, ...] = ()
    month_days: tuple[int, ...] = ()
    """1 to 31, or −1 (the last) to −28."""
    months: tuple[int, ...] = ()
    count: int | None = None
    until: date | None = None
    """The last day that it may be on."""
    exceptions: frozenset[date] = frozenset()
    month_end: MonthEnd = MonthEnd.clamp
    week_starts: int = 0
    """Where weeks begin, for every other week and the like; 0 is Monday."""

    def __post_init__(self) -> None:
        if why := _nonsense(self):
            raise ValueError(why)


@dataclass(frozen=True, slots=True)
class AfterCompletion:
    """Again so long after it was done."""

    every: int
    unit: Unit
    month_end: MonthEnd = MonthEnd.clamp

    def __post_init__(self) -> None:
        if not 1 <= self.every <= 999:
            raise ValueError("It repeats after 1 to 999 days, weeks, months or years.")


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time of what repeats."""

    day: date
    """The day by the rule: with the rule, its key."""
    at: int
    """Seconds UTC."""
    moved: Moved | None = None
    """The hour that does not exist on this day, and what the clocks showed instead."""


def days(rule: Rule, first: date, last: date) -> list[date]:
    """The days of a rule from `first` to `last`, both included."""
    if rule.until is not None:
        last = min(last, rule.until)
    counted = islice(_once_each(rule, last), rule.count)
    return [day for day in counted if day >= first and day not in rule.exceptions]


def occurrences(rule: Rule, wall: time, zone: str, first: date, last: date) -> list[Occurrence]:
    """When clocks in `zone` show `wall` on the days of a rule, from `first` to `last`."""
    there = ZoneInfo(zone)
    return [Occurrence(day, *derived(there, day, wall)) for day in days(rule, first, last)]


def after(rule: AfterCompletion, completed: date) -> date:
    """The day on which it is due again. With `skip`, months without the day are passed over."""
    day = completed
    for times in range(1, 401):  # the calendar repeats itself after 400 years
        step: dict[str, int] = {str(rule.unit): times * rule.every}
        day = completed + relativedelta(**step)
        in_months = rule.unit in (Unit.months, Unit.years)
        if not in_months or rule.month_end == MonthEnd.clamp or day.day == completed.day:
            break
    return day


def _once_each(rule: Rule, last: date) -> Iterator[date]:
    """All days of the rule until `last`, before `count` and exceptions, in order."""
    for day, _ in groupby(heapq.merge(*(map(datetime.date, one) for one in _parts(rule, last)))):
        yield day


def _parts(rule: Rule, last: date) -> Iterator[rrule.rrule]:
    """The rule as rules of the library, whose days are merged."""

    def part(frequency: int, **by: object) -> rrule.rrule:
        return rrule.rrule(
            frequency,
            dtstart=datetime.combine(rule.first, time()),
            until=datetime.combine(last, time()),
            interval=rule.interval,
            wkst=rule.week_starts,
            **by,
        )

    weekdays = [rrule.weekday(one.day, one.nth) for one in rule.weekdays]
    match rule.frequency:
        case Frequency.daily:
            yield part(rrule.DAILY)
        case Frequency.weekly:
            yield part(rrule.WEEKLY, byweekday=weekdays or rule.first.weekday())
        case Frequency.monthly if weekdays:
            # one by one: together, the library takes “each Monday, and the first Friday” for both at once
            for weekday in weekdays:
                yield part(rrule.MONTHLY, byweekday=weekday)
        case Frequency.monthly:
            for day in rule.month_days or (rule.first.day,):
                yield part(rrule.MONTHLY, **_month_day(day, rule.month_end))
        case Frequency.yearly:
            for month in rule.months or (rule.first.month,):
                for weekday in weekdays:
                    yield part(rrule.YEARLY, bymonth=month, byweekday=weekday)
                if weekdays:
                    continue
                for day in rule.month_days or (rule.first.day,):
                    yield part(rrule.YEARLY, bymonth=month, **_month_day(day, rule.month_end))


def _month_day(day: int, month_end: MonthEnd) -> dict[str, object]:
    """A clamped day is the last that there is of the 28th to itself."""
    if day <= EVERY_MONTH_HAS or month_end == MonthEnd.skip:
        return {"bymonthday": day}
    return {"bymonthday": tuple(range(EVERY_MONTH_HAS, day + 1)), "bysetpos": -1}


def _nonsense(rule: Rule) -> str | None:
    """Why nobody can mean this rule."""
    yearly, monthly = rule.frequency == Frequency.yearly, rule.frequency == Frequency.monthly
    if not 1 <= rule.interval <= 999:
        return "It repeats every 1 to 999 days, weeks, months or years."
    if rule.count is not None and rule.count < 1:
        return "It takes place at least once."
    if rule.count is not None and rule.until is not None:
        return "Say how often, or until when, not both."
    if rule.until is not None and rule.until < rule.first:
        return "It ends before it begins."
    if rule.weekdays and rule.month_days:
        return "Choose days of the week or days of the month, not both."
    if rule.weekdays and rule.frequency == Frequency.daily:
        return "Days of the week are for what repeats weekly, monthly or yearly."
    if rule.month_days and not (monthly or yearly):
        return "Days of the month are for what repeats monthly or yearly."
    if rule.months and not yearly:
        return "Months are for what repeats yearly."
    if not all(0 <= one.day <= 6 for one in (*rule.weekdays, Weekday(rule.week_starts))):
        return "Days of the week are 0 (Monday) to 6."
    if any(one.nth is not None for one in rule.weekdays) and not (monthly or yearly):
        return "“The second Monday” is for what repeats monthly or yearly."
    if not all(one.nth is None or 1 <= abs(one.nth) <= 5 for one in rule.weekdays):
        return "A month has five Mondays at most."
    if not all(1 <= day <= 31 or -EVERY_MONTH_HAS <= day <= -1 for day in rule.month_days):
        return "Days of the month are 1 to 31, or −1 (the last) to −28."
    if not all(1 <= month <= 12 for month in rule.months):
        return "Months are 1 to 12."
    if yearly and not rule.weekdays and rule.month_end == MonthEnd.skip and _never(rule):
        return "None of these months has such a day."
    return None


def _never(rule: Rule) -> bool:
    longest = max(LONGEST_MONTH[month - 1] for month in rule.months or (rule.first.month,))
    return min(rule.month_days or (rule.first.day,)) > longest
