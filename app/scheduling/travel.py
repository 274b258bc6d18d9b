"""How long a drive takes where nobody else is asked: the great circle, the roads' detours, a pace.

What is always true: the same two places give the same time, on every machine and without a network.
Nearby is slow (streets, lights), far away is fast; each stop costs finding the door.

Whoever asks a map service (`app.services.tracking.roads`) asks by bands of hours: a drive takes as long
at half past seven as at eight.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from app.core.geo import Point, haversine_m
from app.core.roads import Band

DETOUR = 1.35
"""Road metres for a metre of great circle."""
PACES = ((5_000.0, 30 / 3.6), (20_000.0, 55 / 3.6), (float("inf"), 80 / 3.6))
"""Up to so many road metres, so many metres a second."""
STOP_SECONDS = 90
NOWHERE = Point(float("inf"), float("inf"))
"""Of a place that nobody has put on the map."""
UNKNOWN_SECONDS = 20 * 60
"""A drive to or from there: rather too long for a town than none at all."""


class Source(StrEnum):
    """Where a travel time comes from."""

    estimate = "estimate"
    """Ours: great circle, detour, pace."""
    learnt = "learnt"
    """Ours, corrected by how the drives of this organisation went."""
    provider = "provider"
    """A map service was asked."""
    assumed = "assumed"
    """Nobody knows where one of the two is."""


BEGINS = ((6, Band.morning), (10, Band.midday), (15, Band.afternoon), (20, Band.night))
"""From which hour of a working day on."""
MIDDLE = {
    Band.night: time(23),
    Band.morning: time(8),
    Band.midday: time(12),
    Band.afternoon: time(17),
    Band.weekend: time(13),
}


def band_of(local: datetime) -> Band:
    """In which band an instant lies."""
    found = Band.night
    for hour, band in BEGINS:
        if local.hour >= hour:
            found = band
    return Band.weekend if local.weekday() >= 5 and found is not Band.night else found


def typical(band: Band, today: date) -> datetime | None:
    """A local time that stands for the whole band, on a day to come; None where no hour matters."""
    if band is Band.any:
        return None
    day = today + timedelta(days=1)
    while (day.weekday() >= 5) != (band is Band.weekend):
        day += timedelta(days=1)
    return datetime.combine(day, MIDDLE[band])


@dataclass(frozen=True, slots=True)
class Travel:
    """A drive from one place to another."""

    seconds: int
    metres: int
    source: Source


def estimate(start: Point, goal: Point) -> Travel:
    """The drive as we guess it."""
    if NOWHERE in (start, goal):
        return Travel(UNKNOWN_SECONDS, 0, Source.assumed)
    metres = haversine_m(start, goal) * DETOUR
    seconds, before = float(STOP_SECONDS), 0.0
    for until, pace in PACES:
        seconds += max(0.0, min(metres, until) - before) / pace
        before = until
    return Travel(round(seconds), round(metres), Source.estimate)
