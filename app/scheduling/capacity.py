"""How much work a window still takes: what people have, less what is sold, less what is kept back.

What is always true: whole seconds, never less than nothing, and windows side by side hold together what
one window over both holds, before the share for travel. Whoever is on call adds nothing.
Work without a duration and people without a shift are no zeros here, they are not given
at all; that is for the doctor to find.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from app.scheduling.model import HOUR, Interval, Resource

T = TypeVar("T")
TRAVEL_FACTOR = 750
"""Thousandths of the time that are left for work beside driving, until it is learnt."""


@dataclass(frozen=True, slots=True)
class Reserve:
    """What is kept back of each window, for whom, until when."""

    seconds: int = 0
    thousandths: int = 0
    priority: int | None = None
    """For work of this priority and higher ones."""
    channel: str | None = None
    """For whoever books this way."""
    release: int = 0
    """Seconds before the window, from which on anybody has it."""

    def kept_from(self, priority: int, channel: str | None) -> bool:
        """Whether somebody who asks does without it."""
        urgent = self.priority is not None and priority <= self.priority
        chosen = self.channel is not None and channel == self.channel
        return not (urgent or chosen)


EMERGENCIES = Reserve(thousandths=100, priority=1, release=4 * HOUR)
"""A tenth, until four hours before."""


class Sold(StrEnum):
    """What has taken time."""

    visit = "visit"
    hold = "hold"
    shadow = "shadow"


@dataclass(frozen=True, slots=True)
class Taken:
    """Time that is sold: a visit, a hold, a shadow. A helper's time is not: windows are counted over
    leads."""

    start: int
    end: int
    resource: str | None = None
    """None: nobody yet."""
    territory: str | None = None
    trade: str | None = None
    lead: bool = True
    kind: Sold = Sold.visit


@dataclass(frozen=True, slots=True)
class Cell:
    """A window of one day, for one territory and one trade; None is all of them. In seconds."""

    window: Interval
    territory: str | None
    trade: str | None
    available: int
    consumed: int
    reserved: int
    """Kept back from whoever asked."""
    held: int = 0
    """What of `consumed` is held."""
    shadows: int = 0
    """What of it was promised and has nobody."""

    @property
    def free(self) -> int:
        """What is not sold, reserves and all."""
        return max(0, self.available - self.consumed)

    @property
    def remaining(self) -> int:
        """What may still be sold without touching a reserve."""
        return max(0, self.free - self.reserved)

    @property
    def sold(self) -> int:
        """The share that is sold, in thousandths; of nothing, all is."""
        if self.available <= 0:
            return 1000
        return min(1000, self.consumed * 1000 // self.available)

    def takes(self, start: int, end: int) -> bool:
        """Whether work from `start` to `end` still has room in the part that lies in this window."""
        return _within(self.window, start, end) <= self.remaining

    def takes_reserve(self, start: int, end: int) -> bool:
        """Whether it has room only in what is kept back, for which one needs the permission."""
        return self.remaining < _within(self.window, start, end) <= self.free


def cells(
    windows: Iterable[Interval],
    resources: Sequence[Resource],
    taken: Sequence[Taken],
    *,
    territory: str | None = None,
    trade: str | None = None,
    now: int,
    reserves: Sequence[Reserve] = (EMERGENCIES,),
    priority: int = 3,
    channel: str | None = None,
    factor: int = TRAVEL_FACTOR,
) -> list[Cell]:
    """What each window holds for work of one territory and trade, for somebody who asks now.

    Sold is what stands with anybody who could do such work, and what of this kind stands with nobody.
    """
    windows = list(windows)
    low = min((one.start for one in windows), default=0)
    high = max((one.end for one in windows), default=0)
    people = {one.id: one for one in resources if _works(one, territory, trade)}
    at = _Meeting(
        [one for one in people.values() if one.opens < high and one.shift.end > low],
        lambda one: Interval(one.opens, one.shift.end),
    )
    sold = _Meeting(
        [
            one
            for one in taken
            if one.start < high
            and one.end > low
            and one.lead
            and (
                one.resource in people
                if one.resource is not None
                else _same(one.territory, territory) and _same(one.trade, trade)
            )
        ],
        lambda one: Interval(one.start, one.end),
    )
    found = []
    for window in windows:
        available = sum(at_work(one, window) for one in at.these(window)) * factor // 1000
        kept = sum(
            one.seconds + available * one.thousandths // 1000
            for one in reserves
            if one.kept_from(priority, channel) and now < window.start - one.release
        )
        parts = dict.fromkeys(Sold, 0)
        for each in sold.these(window):
            parts[each.kind] += _within(window, each.start, each.end)
        found.append(
            Cell(
                window,
                territory,
                trade,
                available,
                sum(parts.values()),
                min(kept, available),
                parts[Sold.hold],
                parts[Sold.shadow],
            )
        )
    return found


class _Meeting(Generic[T]):
    """Stretches of time by their beginnings, so that a window meets its own and not all of them."""

    def __init__(self, ones: Sequence[T], when: Callable[[T], Interval]) -> None:
        self._when = when
        self._all = sorted(ones, key=lambda one: when(one).start)
        self._starts = [when(one).start for one in self._all]
        lengths = (when(one).end - when(one).start for one in self._all)
        self._longest = max(lengths, default=0)

    def these(self, window: Interval) -> list[T]:
        low = bisect_left(self._starts, window.start - self._longest)
        high = bisect_left(self._starts, window.end)
        return [one for one in self._all[low:high] if self._when(one).end > window.start]


def at_work(resource: Resource, window: Interval) -> int:
    """Seconds of somebody's shift in a window, without what is busy and their share of the break."""
    opens, closes = resource.opens, resource.shift.end
    worked = _within(window, opens, closes)
    worked -= sum(
        _within(window, max(one.start, opens), min(one.end, closes)) for one in resource.busy
    )
    return max(0, worked - _resting(resource, window))


def _resting(resource: Resource, window: Interval) -> int:
    """What of the floating break falls into a window: it lies anywhere in its time alike. Differences of
    one rising sum, so that windows side by side hold the whole break."""
    pause = resource.pause
    if pause is None or resource.break_taken:
        return 0
    low = max(pause.earliest, resource.opens)
    high = min(pause.latest + pause.duration, resource.shift.end)
    if low >= high:
        return 0

    def until(at: int) -> int:
        return min(pause.duration, high - low) * (max(low, min(at, high)) - low) // (high - low)

    return until(window.end) - until(window.start)


def _works(resource: Resource, territory: str | None, trade: str | None) -> bool:
    if resource.on_call:
        return False
    here = territory is None or not resource.territories or territory in resource.territories
    return here and (trade is None or trade in resource.trades)


def _same(of: str | None, asked: str | None) -> bool:
    return of is None or asked is None or of == asked


def _within(window: Interval, start: int, end: int) -> int:
    return max(0, min(window.end, end) - max(window.start, start))
