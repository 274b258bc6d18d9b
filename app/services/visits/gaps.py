"""Free time between booked times. Pure: takes data and returns data."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

Span = tuple[datetime, datetime]


def gaps(
    busy: Iterable[Span], start: datetime, until: datetime, length: timedelta
) -> Iterator[Span]:
    """The first place for `length` in each gap between `start` and `until`; `busy` is sorted by
    its starts and may overlap."""
    free_from = start
    for begins, ends in busy:
        if begins >= until:
            break
        if begins - free_from >= length:
            yield free_from, free_from + length
        free_from = max(free_from, ends)
    if until - free_from >= length:
        yield free_from, free_from + length


def between(busy: Iterable[Span], start: datetime, until: datetime) -> Iterator[Span]:
    """What is left of `start` to `until` beside `busy`, which is sorted by its starts."""
    free_from = start
    for begins, ends in busy:
        if begins >= until:
            break
        if begins > free_from:
            yield free_from, begins
        free_from = max(free_from, ends)
    if until > free_from:
        yield free_from, until
