"""When something may begin: stretches of seconds, both ends included, in order.

What is always true: what is earliest from a later instant is never earlier, and what is latest before an
earlier instant is never later. That makes one earliest and one latest time enough to know a route by
(`app.scheduling.timeline`).
"""

from collections.abc import Iterable, Sequence

from app.scheduling.model import Break, Busy, Lock, Resource, Task, Window, WindowKind

NEVER = 1 << 60
"""Later than everything; `-NEVER` is earlier than everything."""
ALWAYS = ((-NEVER, NEVER),)
Spans = tuple[tuple[int, int], ...]


def first(spans: Spans, at: int) -> int:
    """The first second of the spans that is not before `at`, or `NEVER`."""
    for low, high in spans:
        if at <= high:
            return max(at, low)
    return NEVER


def last(spans: Spans, at: int) -> int:
    """The last second of the spans that is not after `at`, or `-NEVER`."""
    for low, high in reversed(spans):
        if at >= low:
            return min(at, high)
    return -NEVER


def both(these: Iterable[tuple[int, int]], those: Iterable[tuple[int, int]]) -> Spans:
    """What lies in the one and in the other."""
    others = tuple(those)
    return tuple(
        (max(low, begins), min(high, ends))
        for low, high in these
        for begins, ends in others
        if max(low, begins) <= min(high, ends)
    )


def either(spans: Iterable[tuple[int, int]]) -> Spans:
    """All of them, in order, with those that touch made one."""
    merged: list[tuple[int, int]] = []
    for low, high in sorted(one for one in spans if one[0] <= one[1]):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return tuple(merged)


def clear(spans: Spans, busy: Sequence[Busy], length: int) -> Spans:
    """Of the spans, the beginnings from which so many seconds meet nothing busy."""
    for one in busy:
        before, after = one.start - length, one.end
        spans = tuple(
            (low, high)
            for begins, ends in spans
            for low, high in ((begins, min(ends, before)), (max(begins, after), ends))
            if low <= high
        )
    return spans


def drive_from(busy: Sequence[Busy], at: int, length: int) -> int:
    """The first departure, not before `at`, of a drive that meets nothing busy."""
    for one in busy:
        if at < one.end and at + length > one.start:
            at = one.end
    return at


def drive_until(busy: Sequence[Busy], at: int, length: int) -> int:
    """The last departure of a drive that arrives not after `at` and meets nothing busy."""
    leaves = at - length
    for one in reversed(busy):
        if leaves < one.end and leaves + length > one.start:
            leaves = one.start - length
    return leaves


def of_break(resource: Resource, pause: Break) -> Spans:
    """When somebody's floating break may begin: in its window, inside of what they work."""
    low = max(pause.earliest, resource.opens)
    high = min(pause.latest, resource.closes - pause.duration)
    return clear(((low, high),), resource.busy, pause.duration) if low <= high else ()


def promised(task: Task) -> Spans:
    """When a task may begin by what was promised, or is offered, to the customer."""
    windows = [(one.start, one.end) for one in task.windows if one.kind is WindowKind.promise]
    if task.promised is not None:
        windows = [(task.promised.start, task.promised.end)]
    return either((low, high + task.late_limit) for low, high in windows) if windows else ALWAYS


def accessible(windows: Iterable[Window], length: int) -> Spans:
    """When a presence of so many seconds may begin by the hours of access."""
    open_for = [(one.start, one.end - 1) for one in windows if one.kind is WindowKind.access]
    return (
        either((low, high + 1 - length) for low, high in either(open_for)) if open_for else ALWAYS
    )


def of_work(task: Task, length: int) -> Spans:
    """When work of so many seconds may begin, whoever does it: promise, access, a lock on its time."""
    spans = both(promised(task), accessible(task.windows, length))
    if task.lock in (Lock.time, Lock.both) and task.current:
        spans = both(spans, ((task.current[0].start, task.current[0].start),))
    return spans


def of_task(resource: Resource, task: Task) -> Spans:
    """When somebody may begin a task, with what is busy left alone."""
    length = task.takes(resource)
    return clear(of_work(task, length), resource.busy, length)
