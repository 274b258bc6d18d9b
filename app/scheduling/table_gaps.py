"""When a task may begin in each of many gaps, given the drives to it and from it.

What is always true: the two states of the break are those of `app.scheduling.timeline`, in the same terms.
A task that may begin before the break and after it, and not between, has two stretches in one gap.
"""

from collections.abc import Iterator

import numpy as np

from app.scheduling import tables as t
from app.scheduling.distances import Ints
from app.scheduling.model import COMMUTE
from app.scheduling.spans import NEVER
from app.scheduling.tables import Table

Stretches = tuple[Ints, Ints, Ints]
"""Of which gaps, from when and until when a task may begin."""


def fits(table: Table, row: Ints, to: Ints, onward: Ints, length: int) -> Iterator[Stretches]:
    """Where a task has room in these rows, by the places of the rows; rows with two stretches come twice,
    the second time among themselves."""
    rows = table.rows[:, row]
    times = _times(rows, to, onward, rows[:0], rows[[t.FROM, t.UNTIL]])
    odd = np.flatnonzero(rows[t.ODD] >= 0)
    if odd.size:
        which = rows[t.ODD, odd]
        times[:, odd] = _times(
            rows[:, odd], to[odd], onward[odd], table.busy[:, which], table.pauses[:, which]
        )
    opens, closes = rows[t.OPENS], rows[t.CLOSES] - length
    low_n, low_b = np.maximum(times[:2], opens)
    high_n, high_b = np.minimum(times[2:] - length, closes)
    some_n, some_b = low_n <= high_n, low_b <= high_b
    apart = some_n & some_b & (np.maximum(low_n, low_b) > np.minimum(high_n, high_b) + 1)
    low = np.minimum(np.where(some_n, low_n, NEVER), np.where(some_b, low_b, NEVER))
    high = np.maximum(np.where(some_n, high_n, -NEVER), np.where(some_b, high_b, -NEVER))
    twice = np.flatnonzero(apart)
    low[twice], high[twice] = low_n[twice], high_n[twice]
    some = np.flatnonzero(some_n | some_b)
    yield some, low[some], high[some]
    if twice.size:
        yield twice, low_b[twice], high_b[twice]


def _times(rows: Ints, to: Ints, onward: Ints, busy: Ints, pauses: Ints) -> Ints:
    """When one is ready to begin, before the break and after it, and when one must leave, likewise."""
    pause = rows[t.PAUSE]
    early = rows[t.EARLY] * np.minimum(to, COMMUTE)
    without = _drive_from(busy, rows[t.N] - early, to) + to
    with_it = _drive_from(busy, rows[t.B] - early, to)
    with_it = np.minimum(with_it, _drive_from(busy, rows[t.RESTED], to)) + to
    rested = _first(pauses, without) + pause
    ready_b = rows[t.READY_B] + rows[t.LATE] * np.minimum(onward, COMMUTE)
    ready_n = np.minimum(rows[t.READY_N], ready_b)
    leave_b = _drive_until(busy, ready_b, onward)
    leave_n = _drive_until(busy, ready_n, onward)
    before = _last(pauses, leave_b - pause)
    resting = _drive_until(busy, _last(pauses, ready_b - pause), onward)
    return np.stack(
        (
            without,
            np.minimum(with_it, rested),
            np.maximum(leave_n, np.maximum(before, resting)),
            leave_b,
        )
    )


def _drive_from(busy: Ints, at: Ints, length: Ints) -> Ints:
    """`spans.drive_from`"""
    for start, end in zip(busy[::2], busy[1::2], strict=True):
        at = np.where((at < end) & (at + length > start), end, at)
    return at


def _drive_until(busy: Ints, at: Ints, length: Ints) -> Ints:
    """`spans.drive_until`"""
    leaves = at - length
    for start, end in zip(busy[-2::-2], busy[::-2], strict=True):
        leaves = np.where((leaves < end) & (leaves + length > start), start - length, leaves)
    return leaves


def _first(pauses: Ints, at: Ints) -> Ints:
    """`spans.first`"""
    found = np.full(at.shape, NEVER)
    for low, high in zip(pauses[::2], pauses[1::2], strict=True):
        found = np.where(at <= high, np.minimum(found, np.maximum(at, low)), found)
    return found


def _last(pauses: Ints, at: Ints) -> Ints:
    """`spans.last`"""
    found = np.full(at.shape, -NEVER)
    for low, high in zip(pauses[::2], pauses[1::2], strict=True):
        found = np.where(at >= low, np.maximum(found, np.minimum(at, high)), found)
    return found
