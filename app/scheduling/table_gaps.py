"""When a task may begin in each of many gaps, given the drives to it and from it.

What is always true: the two states of the break are those of `app.scheduling.timeline`, in the same terms.
A task that may begin before the break and after it, and not between, has two stretches in one gap.
"""

from collections.abc import Iterator

from app.scheduling import tables as t
from app.scheduling.arrays import Ints, np
from app.scheduling.model import COMMUTE
from app.scheduling.spans import NEVER
from app.scheduling.tables import Table

Stretches = tuple[Ints, Ints, Ints]
"""Of which gaps, from when and until when a task may begin."""


def fits(table: Table, row: Ints, to: Ints, onward: Ints, length: int) -> Iterator[Stretches]:
    """Where a task has room in these rows, by the places of the rows; rows with two stretches come twice,
    the second time among themselves."""
    rows = table.rows[: t.TIMES].take(row, axis=1)
    outside = table.outside
    times = _times(rows, to, onward, rows[:0], rows[t.FROM : t.UNTIL + 1], outside)
    odd = (rows[t.ODD] >= 0).nonzero()[0]
    if odd.size:
        which = rows[t.ODD, odd]
        times[:, odd] = _times(
            rows[:, odd],
            to[odd],
            onward[odd],
            table.busy[:, which],
            table.pauses[:, which],
            outside,
        )
    low, high = times[:2], times[2:]
    np.maximum(low, rows[t.OPENS], out=low)
    np.minimum(high, rows[t.CLOSES], out=high)
    high -= length
    some = low <= high
    low_n, low_b = np.where(some, low, NEVER)
    high_n, high_b = np.where(some, high, -NEVER)
    apart = some[0] & some[1] & (np.maximum(low_n, low_b) > np.minimum(high_n, high_b) + 1)
    twice = apart.nonzero()[0]
    since, until = np.minimum(low_n, low_b), np.maximum(high_n, high_b)
    if twice.size:
        since[twice], until[twice] = low_n[twice], high_n[twice]
    fit = (since <= until).nonzero()[0]
    yield fit, since[fit], until[fit]
    if twice.size:
        yield twice, low_b[twice], high_b[twice]


def _times(
    rows: Ints, to: Ints, onward: Ints, busy: Ints, pauses: Ints, outside: tuple[bool, bool]
) -> Ints:
    """When one is ready to begin, before the break and after it, and when one must leave, likewise.
    `outside`: whether any first or last drive lies outside of the shift."""
    n, b, pause, ready_b = rows[t.N], rows[t.B], rows[t.PAUSE], rows[t.READY_B]
    if outside[0]:
        early = rows[t.EARLY] * np.minimum(to, COMMUTE)
        n, b = n - early, b - early
    if outside[1]:
        ready_b = ready_b + rows[t.LATE] * np.minimum(onward, COMMUTE)
    times = np.empty((4, len(to)), np.int64)
    without, with_it, leave_n, leave_b = times
    np.add(drive_from(busy, n, to), to, out=without)
    rested = np.minimum(drive_from(busy, b, to), drive_from(busy, rows[t.RESTED], to))
    np.minimum(rested + to, first(pauses, without) + pause, out=with_it)
    leave_b[:] = drive_until(busy, ready_b, onward)
    leave_n[:] = drive_until(busy, np.minimum(rows[t.READY_N], ready_b), onward)
    np.maximum(leave_n, last(pauses, leave_b - pause), out=leave_n)
    resting = drive_until(busy, last(pauses, ready_b - pause), onward)
    np.maximum(leave_n, resting, out=leave_n)
    return times


def drive_from(busy: Ints, at: Ints, length: Ints) -> Ints:
    """`spans.drive_from`"""
    for start, end in zip(busy[::2], busy[1::2], strict=True):
        at = np.where((at < end) & (at + length > start), end, at)
    return at


def drive_until(busy: Ints, at: Ints, length: Ints) -> Ints:
    """`spans.drive_until`"""
    leaves = at - length
    for start, end in zip(busy[-2::-2], busy[::-2], strict=True):
        leaves = np.where((leaves < end) & (leaves + length > start), start - length, leaves)
    return leaves


def first(pauses: Ints, at: Ints) -> Ints:
    """`spans.first`"""
    found = np.where(at <= pauses[1], np.maximum(at, pauses[0]), NEVER)
    for low, high in zip(pauses[2::2], pauses[3::2], strict=True):
        found = np.where(at <= high, np.minimum(found, np.maximum(at, low)), found)
    return found


def last(pauses: Ints, at: Ints) -> Ints:
    """`spans.last`"""
    found = np.where(at >= pauses[0], np.minimum(at, pauses[1]), -NEVER)
    for low, high in zip(pauses[2::2], pauses[3::2], strict=True):
        found = np.where(at >= low, np.maximum(found, np.minimum(at, high)), found)
    return found
