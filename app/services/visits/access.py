"""When a site may be entered: weekly spans of wall time at the site, against a planned presence.

A promise bounds the arrival; access hours bound the whole presence (`rulings.md` 33). A quarter of
an hour either way is let pass. A site without access hours may be entered at any time.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta

from app.core import wall
from app.models.sites import Site, Weekday

TOLERANCE = timedelta(minutes=15)
MIDNIGHT = "24:00"


def closed_for(site: Site, start: datetime, end: datetime) -> str | None:
    """The hours in words when a presence from `start` to `end` does not fit, else None."""
    if not site.access_hours:
        return None
    for opens, closes in _merged(site, start, end):
        if opens - TOLERANCE <= start and end <= closes + TOLERANCE:
            return None
    return in_words(site)


def opening(
    hours: Sequence[dict[str, str]], zone: str, first: date, last: date
) -> Iterator[tuple[datetime, datetime]]:
    """The stretches of these hours that begin on the days from `first` to `last`."""
    days, day = list(Weekday), first
    while hours and day <= last:
        for span in hours:
            if span["weekday"] == days[day.weekday()]:
                yield _at(day, span["opens"], zone), _at(day, span["closes"], zone)
        day += timedelta(days=1)


def room_for(site: Site, first: datetime, last: datetime, duration: timedelta) -> bool:
    """Whether somebody who arrives from `first` to `last` can stay for `duration` on one of these
    hours; a site without access hours has room at any time."""
    if not site.access_hours:
        return True
    return any(
        max(opens - TOLERANCE, first) <= min(closes + TOLERANCE - duration, last)
        for opens, closes in _merged(site, first, last + duration)
    )


def in_words(site: Site) -> str:
    """“Mon 08:00–12:00 and 13:00–17:00, Tue 08:00–17:00”."""
    days = []
    for day in Weekday:
        spans = [
            f"{span['opens']}–{span['closes']}"
            for span in site.access_hours
            if span["weekday"] == day
        ]
        if spans:
            days.append(f"{day.value.capitalize()} {' and '.join(spans)}")
    return ", ".join(days)


def _merged(site: Site, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    yield from stretches(site.access_hours, site.time_zone, start, end)


def stretches(
    hours: Sequence[dict[str, str]], zone: str, start: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """The stretches that these hours hold around these times; what touches is one stretch."""
    current: tuple[datetime, datetime] | None = None
    for opens, closes in sorted(_spans(hours, zone, start, end)):
        if current is not None and opens <= current[1]:
            current = (current[0], max(current[1], closes))
            continue
        if current is not None:
            yield current
        current = (opens, closes)
    if current is not None:
        yield current


def _spans(
    hours: Sequence[dict[str, str]], zone: str, start: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime]]:
    beside = timedelta(days=1)
    first, last = wall.day(start, zone) - beside, wall.day(end, zone) + beside
    yield from opening(hours, zone, first, last)


def _at(day: date, clock: str, zone: str) -> datetime:
    """The instant of a rule's wall time; one that the clocks skip moves forward (`rulings.md` 37)."""
    if clock == MIDNIGHT:
        day, clock = day + timedelta(days=1), "00:00"
    shown = datetime.combine(day, time.fromisoformat(clock))
    try:
        return wall.instant(shown, zone)
    except wall.Skipped as skipped:
        return wall.instant(skipped.after, zone)
