"""Days, times and relative dates as a filter writes them.

Each stands for a span: `last_week` for seven days, a day for itself; of an instant they mean
everything from the first moment to before the one after the last, in a time zone.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.core.filters.trees import Span

FIRST, LAST = date(1900, 1, 1), date(2200, 1, 1)
RELATIVE = (
    "today, yesterday, tomorrow, -7d, +3d, -2w, -1m, -1y, this_week, last_month, next_quarter,"
    " this_year"
)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Clock:
    """What relative dates are relative to."""

    now: datetime
    zone: str

    @property
    def today(self) -> date:
        return self.now.astimezone(ZoneInfo(self.zone)).date()

    def start_of(self, day: date) -> datetime:
        """The first moment of a day."""
        return datetime.combine(day, time(), ZoneInfo(self.zone)).astimezone(UTC)


def day(given: Any, clock: Clock) -> Span:
    """What it means of a day. Raises ValueError with what to write instead."""
    found = _days(given, clock) if isinstance(given, str) else None
    if found is None:
        raise ValueError(f"Send a day like 2026-11-23 or a relative one: {RELATIVE}.")
    low, high = found
    return Span(low, high if high - low > DAY else None)


def instant(given: Any, clock: Clock) -> Span:
    """What it means of an instant. Raises ValueError with what to write instead."""
    if isinstance(given, str):
        if given == "now":
            return Span(clock.now)
        if hours := _HOURS.fullmatch(given):
            return Span(clock.now + timedelta(hours=int(hours[1] + hours[2])))
        if _INSTANT.fullmatch(given):
            return Span(_moment(given))
        if (found := _days(given, clock)) is not None:
            low, high = found
            return Span(clock.start_of(low), clock.start_of(high))
    raise ValueError(
        "Send a time like 2026-11-23T08:00:00Z, a day like 2026-11-23, now, -24h or a relative"
        f" day: {RELATIVE}."
    )


def _days(given: str, clock: Clock) -> tuple[date, date] | None:
    """The first day and the one after the last."""
    try:
        if _DAY.fullmatch(given):
            low = date.fromisoformat(given)
            found = low, low + DAY
        else:
            found = _relative(given, clock.today) or (date.min, date.min)
            if found[0] == date.min:
                return None
    except (ValueError, OverflowError):
        raise ValueError(f"There is no such day between {FIRST.year} and {LAST.year}.") from None
    if not FIRST <= found[0] < LAST:
        raise ValueError(f"Days lie between {FIRST.year} and {LAST.year}.")
    return found


def _relative(given: str, today: date) -> tuple[date, date] | None:
    if given in _NEAR:
        low = today + _NEAR[given] * DAY
        return low, low + DAY
    which, _, period = given.partition("_")
    if which in _WHICH and period in _PERIODS:
        turn, begin, move = _WHICH[which], *_PERIODS[period]
        return move(begin(today), turn), move(begin(today), turn + 1)
    if offset := _OFFSET.fullmatch(given):
        low = _UNITS[offset[3]](today, int(offset[1] + offset[2]))
        return low, low + DAY
    return None


def _moment(given: str) -> datetime:
    try:
        moment = datetime.fromisoformat(given).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("There is no such time.") from None
    if not FIRST <= moment.date() < LAST:
        raise ValueError(f"Times lie between {FIRST.year} and {LAST.year}.")
    return moment


def _months(start: date, count: int) -> date:
    """So many months on, at the latest the last day of that month."""
    year, month = divmod(start.year * 12 + start.month - 1 + count, 12)
    if not date.min.year <= year <= date.max.year:
        raise ValueError("beyond the calendar")
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_HOURS = re.compile(r"([+-])([0-9]{1,5})h")
_OFFSET = re.compile(r"([+-])([0-9]{1,5})([dwmy])")
_UNITS: Mapping[str, Callable[[date, int], date]] = {
    "d": lambda day, count: day + count * DAY,
    "w": lambda day, count: day + 7 * count * DAY,
    "m": _months,
    "y": lambda day, count: _months(day, 12 * count),
}
_NEAR = {"yesterday": -1, "today": 0, "tomorrow": 1}
_WHICH = {"last": -1, "this": 0, "next": 1}
_PERIODS: Mapping[str, tuple[Callable[[date], date], Callable[[date, int], date]]] = {
    "week": (lambda day: day - day.weekday() * DAY, lambda day, count: day + 7 * count * DAY),
    "month": (lambda day: day.replace(day=1), _months),
    "quarter": (
        lambda day: day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1),
        lambda day, count: _months(day, 3 * count),
    ),
    "year": (
        lambda day: day.replace(month=1, day=1),
        lambda day, count: _months(day, 12 * count),
    ),
}
"""How a period begins, and where the one so many after it does. Weeks begin on Monday."""
