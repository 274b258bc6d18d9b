"""When the stops of somebody's day will really be: from what has happened, what was planned, and now.

What is always true: what happened stands as it happened; nobody leaves in the past, nor before they are
done where they are; whoever is early waits for the plan. The floating break is taken where it delays
nobody, or where it is the last chance, and left out where there is none. Nothing here is booked: expected
times raise alerts and never meet a constraint (`rulings.md` 32).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.scheduling.capacity import at_work
from app.scheduling.model import Drive, Interval, Place, Resource
from app.scheduling.spans import NEVER, clear, drive_from, drive_until, first
from app.scheduling.timeline import outside


@dataclass(frozen=True, slots=True)
class Due:
    """A visit of somebody's day: its plan, and how far it has come. Instants in seconds UTC."""

    id: str
    place: Place
    start: int
    end: int
    promised: Interval | None = None
    set_off: int | None = None
    arrived: int | None = None
    began: int | None = None
    ended: int | None = None
    expected_end: int | None = None
    """When whoever is there says that it will be over."""
    arrives: int | None = None
    """When whoever is on the way will be there, as their position tells."""

    @property
    def length(self) -> int:
        return self.end - self.start

    @property
    def waits(self) -> bool:
        """Nobody has set off for it."""
        return self.set_off is None and self.arrived is None and self.ended is None


@dataclass(frozen=True, slots=True)
class Expected:
    """One of them as it will be, or was."""

    id: str
    leave_by: int
    """When one has to leave for it to begin as planned."""
    leave_at: int
    """When one will leave, or left."""
    drive: int
    """Seconds of driving before it."""
    come_from: Place
    place: Place
    arrive: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Totals:
    """What a day holds, in seconds."""

    drive: int
    work: int
    idle: int
    """Of the shift, without breaks and what is busy, what is neither."""
    overtime: int
    home_at: int
    """When one is back; the end of nothing at all is the beginning of the shift."""


def of_day(
    resource: Resource, dues: Sequence[Due], drive: Drive, now: int
) -> tuple[list[Expected], Totals]:
    """The day's stops in the order in which they are done, and what they come to."""
    here, free = resource.start, None
    rested = resource.pause is None or resource.break_taken
    found: list[Expected] = []
    for due in sorted(dues, key=_order):
        leg = drive(here, due.place)
        leave_by = drive_until(resource.busy, due.start, leg)
        if due.waits:
            ready = max(now, leave_by if free is None else free)
            one, rested = _to_come(resource, due, leg, leave_by, ready, here, rested)
        else:
            one = _begun(due, leg, leave_by, here, now)
        found.append(one)
        here, free = due.place, one.end
    return found, _totals(resource, found, drive)


def over(start: int, length: int, said: int | None, now: int) -> int:
    """When what began at `start` will be over: when whoever is there says, or else so long after. Whoever
    is there is there."""
    return max(now, start + length if said is None else said, start)


def _order(due: Due) -> tuple[int, int, str]:
    """What is over, what is under way, what is to come; each by its time."""
    begun = due.arrived or due.set_off or due.began or due.ended
    rank = 0 if due.ended is not None else 2 if due.waits else 1
    return rank, begun or due.start, due.id


def _begun(due: Due, leg: int, leave_by: int, here: Place, now: int) -> Expected:
    if due.arrived is not None or due.ended is not None:
        arrive = next(
            one for one in (due.arrived, due.began, due.ended, due.start) if one is not None
        )
        start = due.began if due.began is not None else arrive
    else:
        assert due.set_off is not None
        told = due.arrives if due.arrives is not None else due.set_off + leg
        arrive = max(now, told)
        start = max(arrive, due.promised.start) if due.promised is not None else arrive
    leave_at = due.set_off if due.set_off is not None else arrive - leg
    if due.ended is not None:
        end = due.ended
    else:
        end = over(start, due.length, due.expected_end, now)
    return Expected(due.id, leave_by, leave_at, leg, here, due.place, arrive, start, end)


def _to_come(
    resource: Resource, due: Due, leg: int, leave_by: int, ready: int, here: Place, rested: bool
) -> tuple[Expected, bool]:
    """The next one, and whether the break is behind one then."""

    def leaving(at: int) -> Expected:
        leave = drive_from(resource.busy, max(at, leave_by), leg)
        arrive = leave + leg
        wanted = max(arrive, due.start)
        start = first(clear(((wanted, NEVER),), resource.busy, due.length), wanted)
        end = max(start + due.length, due.expected_end or 0)
        return Expected(due.id, leave_by, leave, leg, here, due.place, arrive, start, end)

    plain = leaving(ready)
    pause = resource.pause
    if rested or pause is None:
        return plain, rested
    begins = max(ready, pause.earliest)
    if begins > pause.latest:
        return plain, False  # there was no room for it
    delays_nobody = begins + pause.duration <= plain.leave_at or (
        plain.arrive <= pause.latest
        and max(plain.arrive, pause.earliest) + pause.duration <= plain.start
    )
    if delays_nobody:
        return plain, True
    if plain.end <= pause.latest:
        return plain, False  # there is room behind it
    return leaving(begins + pause.duration), True


def _totals(resource: Resource, stops: Sequence[Expected], drive: Drive) -> Totals:
    """Of a day without a shift nothing is idle, and nothing overtime: that is warned of elsewhere."""
    shift = resource.shift
    free = at_work(replace(resource, available_from=None, break_taken=False), shift)
    if not stops:
        return Totals(0, 0, free, 0, shift.start)
    last = stops[-1]
    home = drive(last.place, resource.end)
    home_at = drive_from(resource.busy, last.end, home) + home
    driven = sum(one.drive for one in stops) + home
    work = sum(max(0, one.end - one.start) for one in stops)
    apart = outside(resource, resource.first_leg, stops[0].drive)
    apart += outside(resource, resource.last_leg, home)
    overtime = max(0, home_at - outside(resource, resource.last_leg, home) - shift.end)
    known = shift.end > shift.start
    return Totals(
        driven,
        work,
        max(0, free - (driven - apart) - work),
        overtime if known else 0,
        home_at,
    )
