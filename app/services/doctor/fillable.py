"""Arrival windows that whoever is there can fill: two hours each, or half days.

A window holds work for three quarters of its length and each person. Where there is only one, or where some work
takes longer than two hours hold, two-hour windows would be offered and never sold: half days are.
"""

from collections.abc import Collection
from datetime import time

from app.core.wall import spoken_hours
from app.scheduling.capacity import TRAVEL_FACTOR

USUAL = (8 * 60, 17 * 60)
NOON = 12 * 60
SHORT = 120
LONGEST = SHORT * TRAVEL_FACTOR // 1000
"""Minutes of work that a short window holds, as capacity has it where nobody said otherwise."""

Windows = list[tuple[time, time]]


def fitting(hours: Collection[list[tuple[time, time]]], *, people: int, longest: int) -> Windows:
    """The windows of a day, within the hours of each day that is worked; `longest` is the work that takes
    longest, in minutes."""
    worked = [spans for spans in hours if spans]
    opens = max((_minutes(spans[0][0]) for spans in worked), default=USUAL[0])
    closes = min((_minutes(spans[-1][1]) for spans in worked), default=USUAL[1])
    if closes - opens < 2 * SHORT:
        opens, closes = USUAL
    middle = NOON if opens < NOON < closes else (opens + closes) // 2 // 60 * 60
    halves = [(opens, middle), (middle, closes)]
    if people > 1 and longest <= LONGEST:
        forenoon = [(at, at + SHORT) for at in range(opens, middle - SHORT + 1, SHORT)]
        afternoon = [(at - SHORT, at) for at in range(closes, middle + SHORT - 1, -SHORT)]
        halves = (forenoon + afternoon[::-1]) or halves
    return [(_clock(start), _clock(end)) for start, end in halves]


def said(windows: Windows) -> str:
    """“08:00–12:00 and 12:00–17:00”."""
    each = [spoken_hours(start, end) for start, end in windows]
    return " and ".join(filter(None, [", ".join(each[:-1]), each[-1]]))


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def _clock(minutes: int) -> time:
    return time(*divmod(minutes, 60))
