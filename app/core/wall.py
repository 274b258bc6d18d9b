"""Wall time: what a clock on the wall shows somewhere, and the instant it means.

An instant is one thing; a wall time needs a zone, may not exist (the clock jumped over it) or may
exist twice (the clock was set back; `fold` says which). Nothing here moves a time silently.

Sentences are English; the days and hours in them are written as whoever reads them writes those
(`read_by`): a screen that says 8:36 AM has no 08:36 beside it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.core import Locale, UnknownLocaleError
from babel.dates import format_interval, format_skeleton

_MINUTE = timedelta(minutes=1)
_PLAIN, _TWELVE = "en_GB", "en_US"
_reader: ContextVar[str] = ContextVar("wall_reader", default=_PLAIN)


class Skipped(ValueError):
    """A wall time that does not exist: the clocks were put forward over it."""

    def __init__(self, wall: datetime, zone: str, before: datetime, after: datetime) -> None:
        super().__init__(
            f"{_minute(wall)} does not exist in {zone}: the clocks go forward over it."
            f" The nearest times are {_minute(before)} and {_minute(after)}."
        )
        self.before, self.after = before, after


def instant(wall: datetime, zone: str, *, fold: int = 0) -> datetime:
    """The instant in UTC at which clocks in `zone` show `wall`.

    A time that comes twice means its first coming, or its second with `fold=1`. Raises `Skipped`
    with the nearest times that exist.
    """
    there = ZoneInfo(zone)
    at = wall.replace(tzinfo=there, fold=fold).astimezone(UTC)
    if at.astimezone(there).replace(tzinfo=None, fold=0) == wall.replace(fold=0):
        return at
    early = wall.replace(tzinfo=there, fold=1).astimezone(UTC)
    late = wall.replace(tzinfo=there, fold=0).astimezone(UTC)
    jump = _jump(early, late, there)
    raise Skipped(
        wall,
        zone,
        (jump - _MINUTE).astimezone(there).replace(tzinfo=None, fold=0),
        jump.astimezone(there).replace(tzinfo=None, fold=0),
    )


def _jump(early: datetime, late: datetime, zone: ZoneInfo) -> datetime:
    """The second between the two at which the offset of `zone` changes."""
    before = early.astimezone(zone).utcoffset()
    while late - early > timedelta(seconds=1):
        middle = early + (late - early) // 2
        if middle.astimezone(zone).utcoffset() == before:
            early = middle
        else:
            late = middle
    return late.replace(microsecond=0)


def comes_twice(wall: datetime, zone: str) -> bool:
    """Whether clocks in `zone` show `wall` at two instants."""
    there = ZoneInfo(zone)
    first, second = (wall.replace(tzinfo=there, fold=fold).astimezone(UTC) for fold in (0, 1))
    return first < second


def written(at: datetime, zone: str) -> str:
    """Wall time with the offset it had, `2026-11-23T08:00-06:00`: what to keep beside an instant.

    Wall and zone give the instant again under new time zone data; the offset tells a time that
    comes twice which one it was.
    """
    return at.astimezone(ZoneInfo(zone)).isoformat(timespec="minutes")


def day(at: datetime, zone: str) -> date:
    """The calendar day at `at` in `zone`."""
    return at.astimezone(ZoneInfo(zone)).date()


@contextmanager
def read_by(languages: str) -> Iterator[None]:
    """Within it, days and hours are spoken as a reader of these languages writes them.

    `languages` are as in `Accept-Language` (RFC 9110, 12.5.4), or the name of a locale (`en_US`): the
    first counts. One that is not English gives its clock of twelve or of twenty-four hours, and
    English words; one that is not known, or none, “Mon 23 Nov, 08:00”.
    """
    before = _reader.set(_locale(languages[:100]))
    try:
        yield
    finally:
        _reader.reset(before)


def spoken(start: datetime, end: datetime, zone: str) -> str:
    """“Mon 23 Nov, 08:00–10:00”, by clocks in `zone`; “Mon, Nov 23, 8:00 – 10:00 AM” to an American."""
    here, there = (at.astimezone(ZoneInfo(zone)) for at in (start, end))
    if here.date() != there.date():
        return f"{spoken_at(start, zone)} – {spoken_at(end, zone)}"
    return f"{spoken_day(here.date())}, {spoken_hours(here.time(), there.time())}"


def spoken_at(at: datetime, zone: str) -> str:
    """“Mon 23 Nov, 10:30”, or “Mon, Nov 23, 10:30 AM”."""
    return f"{spoken_day(day(at, zone))}, {spoken_hour(at, zone)}"


def spoken_hour(at: datetime, zone: str) -> str:
    """“10:30”, or “10:30 AM”."""
    there = at.astimezone(ZoneInfo(zone)).time()
    return _hour(there.replace(second=0, microsecond=0), _reader.get())


def spoken_hours(start: time, end: time) -> str:
    """“08:00–10:00”, or “8:00 – 10:00 AM”; of the same day."""
    return _hours(*(at.replace(second=0, microsecond=0) for at in (start, end)), _reader.get())


def spoken_day(on: date) -> str:
    """“Mon 23 Nov”, or “Mon, Nov 23”."""
    return _day(on, _reader.get())


def spoken_date(on: date) -> str:
    """“Mon, 23 Nov 2026”, or “Mon, Nov 23, 2026”."""
    return format_skeleton("yMMMEd", on, locale=_reader.get())


# what a board says, it says of few days and hours, and CLDR's patterns are read anew for each


@lru_cache(maxsize=512)
def _day(on: date, locale: str) -> str:
    return format_skeleton("MMMEd", on, locale=locale)


@lru_cache(maxsize=1440)
def _hour(at: time, locale: str) -> str:
    return _spaced(format_skeleton(_clock(locale), at, locale=locale))


@lru_cache(maxsize=512)
def _hours(start: time, end: time, locale: str) -> str:
    return _spaced(format_interval(start, end, _clock(locale), locale=locale))


def _spaced(text: str) -> str:
    """With plain spaces: CLDR has narrower ones in some patterns, which few fonts have."""
    return text.replace("\u2009", " ").replace("\u202f", " ")


@lru_cache(maxsize=64)
def _locale(languages: str) -> str:
    """The locale in which sentences for readers of these languages have their days and hours."""
    first = languages.split(",")[0].split(";")[0].strip()
    try:
        found = Locale.parse(first.replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        return _PLAIN
    if found.language == "en":
        return str(found)
    return _TWELVE if _clock(str(found)) == "hm" else _PLAIN


@lru_cache(maxsize=64)
def _clock(locale: str) -> str:
    """The skeleton of an hour and its minutes there (CLDR, date field symbols)."""
    usual = Locale.parse(locale).time_formats["short"].pattern
    return "hm" if "a" in usual else "Hm"


def _minute(wall: datetime) -> str:
    return wall.isoformat(timespec="minutes")
