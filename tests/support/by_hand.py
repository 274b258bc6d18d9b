"""What is wrong with work that somebody puts where nobody offered it, told by the checker of plans, which
knows nothing of the rules, and by whose time is booked in the database.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from app.models.bookings import Booking
from app.models.time_off import TimeOff, TimeOffStatus
from app.scheduling.model import (
    Busy,
    Drive,
    Interval,
    Plan,
    Problem,
    Resource,
    Route,
    Stop,
    StopKind,
    Task,
)
from app.services.context import Ctx
from app.services.dispatching import snapshot
from app.services.dispatching.people import CALL
from app.services.dispatching.snapshot import DayOf
from tests.checker import faults

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Placed:
    """Work and its second."""

    task: Task
    start: int


async def wrong(ctx: Ctx, task: Task, people: Sequence[str], start: datetime) -> set[str]:
    """The codes of all that is wrong when these people do it from `start` on; nothing when it fits."""
    found: set[str] = set()
    if len(people) < task.roles:
        found.add("crew_incomplete")
    seen = await snapshot.load(
        ctx,
        start.date() - ONE_DAY,
        start.date() + 2 * ONE_DAY,
        technician_ids=[UUID(one) for one in people],
        places=(task.place,),
    )
    second, crew = int(start.timestamp()), []
    for id in people:
        if await _is_booked(ctx, UUID(id), start, start + timedelta(seconds=task.duration)):
            found.add("double_booking")
        [day] = [
            one
            for one in seen.days
            if one.resource.technician == id
            and one.person.work.start <= second < one.person.work.end
            and not one.resource.id.endswith(CALL)
        ]
        found |= _with(day, replace(task, roles=1), second, seen.drives)
        crew.append(day.resource)
    # of those who come together, one who knows it is enough
    if not any(
        all(one.skills.get(skill, 0) < level for one in crew)
        for skill, level in task.skills.items()
    ):
        found.discard("skill_missing")
    return found


async def asked_off(ctx: Ctx, people: Sequence[str], start: datetime, end: datetime) -> bool:
    """Whether one of them has asked for time off then, which nobody has granted."""
    asked = select(TimeOff.id).where(
        TimeOff.technician_id.in_([UUID(one) for one in people]),
        TimeOff.status == TimeOffStatus.requested,
        TimeOff.starts_at < end,
        TimeOff.ends_at > start,
    )
    return await ctx.session.scalar(asked.limit(1)) is not None


async def _is_booked(ctx: Ctx, who: UUID, start: datetime, end: datetime) -> bool:
    taken = select(Booking.id).where(
        Booking.resource_id == who, Booking.starts_at < end, Booking.ends_at > start
    )
    return await ctx.session.scalar(taken.limit(1)) is not None


def _with(day: DayOf, task: Task, start: int, drive: Drive) -> set[str]:
    """What is wrong with the day that was not wrong before. Whoever has something before or behind their
    shift is out then and may drive; work that is new lies in the shift as it is."""
    row = [Placed(one.task, one.start) for one in day.standing if one.start is not None]
    who, end = day.resource, start + task.takes(day.resource)
    found = set()
    if start < who.opens or start > who.closes:
        found.add("outside_shift")
    if end > who.closes:
        found.add("overtime")
    first = min((one.start for one in row), default=who.shift.start)
    last = max((one.start + one.task.takes(who) for one in row), default=who.shift.end)
    out = Interval(min(who.shift.start, first), max(who.shift.end, last))
    who = replace(who, shift=out)
    was = Counter(min(_faults(who, row, drive), key=len))
    now = Counter(min(_faults(who, [*row, Placed(task, start)], drive), key=len))
    return found | {code for code, _ in now - was}


def _faults(who: Resource, row: Sequence[Placed], drive: Drive) -> Iterator[list[tuple[str, str]]]:
    """All that is wrong, with the break wherever it could be."""
    row = sorted(row, key=lambda one: (one.start, one.task.id))
    tasks = tuple(_pinned(one) for one in row)
    problem = Problem((who,), tasks, drive)
    for pause in _breaks(who, row, drive):
        plan = Plan((Route(who.id, tuple(_stops(who, row, drive, pause))),))
        yield [(one.code, one.about) for one in faults(problem, plan)]


def _pinned(one: Placed) -> Task:
    """What is said of its promise is no matter here: another one is looked for, or it stands there."""
    return replace(
        one.task, promised=Interval(one.start, one.start), windows=_access(one.task), current=()
    )


def _access(task: Task) -> tuple:  # type: ignore[type-arg]
    return tuple(one for one in task.windows if one.kind == "access")


def _breaks(who: Resource, row: Sequence[Placed], drive: Drive) -> Iterable[Interval | None]:
    """When the floating break could begin: as soon as it may, or once something is over."""
    if who.pause is None or who.break_taken or not row:
        return [None]
    begins, here = {who.pause.earliest, *(one.end for one in who.busy)}, who.start
    for one in row:
        end = one.start + one.task.takes(who)
        begins |= {one.start - who.pause.duration, end}
        here = one.task.place
        begins |= {end + drive(here, other.task.place) for other in row}
    begins = {one for one in begins if who.pause.earliest <= one <= who.pause.latest}
    return [Interval(one, one + who.pause.duration) for one in sorted(begins)]


def _stops(
    who: Resource, row: Sequence[Placed], drive: Drive, pause: Interval | None
) -> list[Stop]:
    """As somebody drives who leaves as late as they may, and for home as soon as they can."""
    if not row:
        return []
    away = [*who.busy, *([Busy(pause.start, pause.end)] if pause else [])]
    found, here, free = [], who.start, who.opens
    for one in row:
        leg = drive(here, one.task.place)
        leave = _latest(away, one.start, leg)
        leave = leave if leave >= free else one.start - leg
        end = one.start + one.task.takes(who)
        found.append(Stop(StopKind.task, one.start, end, leave, one.task.id))
        here, free = one.task.place, end
    leg = drive(here, who.end)
    leave = _soonest(away, free, leg)
    found.append(Stop(StopKind.end, leave + leg, leave + leg, leave))
    if pause is not None:
        found.append(Stop(StopKind.pause, pause.start, pause.end))
    return sorted(found, key=lambda one: (one.start, one.end))


def _latest(away: Sequence[Busy], goal: int, leg: int) -> int:
    leave = goal - leg
    for one in sorted(away, key=lambda it: -it.end):
        if one.start < leave + leg and leave < one.end:
            leave = one.start - leg
    return leave


def _soonest(away: Sequence[Busy], free: int, leg: int) -> int:
    leave = free
    for one in sorted(away, key=lambda it: it.start):
        if one.start < leave + leg and leave < one.end:
            leave = one.end
    return leave
