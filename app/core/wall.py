"""Wall time: what a clock on the wall shows somewhere, and the instant it means.

An instant is one thing; a wall time needs a zone, may not exist (the clock jumped over it) or may
exist twice (the clock was set back; `fold` says which). Nothing here moves a time silently.
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = (
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip
_MINUTE = timedelta(minutes=1)


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


def spoken(start: datetime, end: datetime, zone: str) -> str:
    """“Mon 23 Nov, 08:00–10:00”, as people in `zone` would say it."""
    here, there = (at.astimezone(ZoneInfo(zone)) for at in (start, end))
    if here.date() == there.date():
        return f"{spoken_day(here.date())}, {here:%H:%M}–{there:%H:%M}"
    return f"{spoken_day(here.date())}, {here:%H:%M} – {spoken_day(there.date())}, {there:%H:%M}"


def spoken_at(at: datetime, zone: str) -> str:
    """“Mon 23 Nov, 10:30”."""
    there = at.astimezone(ZoneInfo(zone))
    return f"{spoken_day(there.date())}, {there:%H:%M}"


def spoken_day(on: date) -> str:
    """“Mon 23 Nov”; the same in every locale of the process."""
    return f"{_DAYS[on.weekday()]} {on.day} {_MONTHS[on.month - 1]}"


def _minute(wall: datetime) -> str:
    return wall.isoformat(timespec="minutes")
