"""Whether drives and the floating break still fit into somebody's day with a visit that was planned by hand.

What is always true: it is asked of the same boards as slots are, so a start at which a drive or the break is
in the way is never offered, and is warned of where somebody takes it all the same (`rulings.md` 22). Only what
the visit itself brings is said: what was too tight before it is not its fault.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from app.models.visits import Visit
from app.scheduling.lanes import Lane, Standing, lane
from app.scheduling.model import Place, Resource, Task
from app.scheduling.rules.violations import Code, spoken
from app.scheduling.rules.violations import who as called
from app.scheduling.timeline import first_drive_from, outside
from app.scheduling.travel import NOWHERE
from app.services.context import Ctx
from app.services.dispatching import snapshot
from app.services.dispatching.people import CALL
from app.services.dispatching.snapshot import DayOf, Snapshot
from app.services.dispatching.work import place_of
from app.services.visits.crew import standing
from app.services.visits.warnings import Warned

ONE_DAY = timedelta(days=1)
TOGETHER = timedelta(days=28)
"""Visits that begin within so long are looked at in one go."""


@dataclass(frozen=True, slots=True)
class _Put:
    """A visit where somebody has put it."""

    visit: UUID
    people: frozenset[UUID]
    task: Task
    start: int


async def warned(ctx: Ctx, visits: Sequence[Visit]) -> dict[UUID, list[Warned]]:
    """Of visits that were planned this moment and stand nowhere else, by their ids: for whom a drive does not
    fit, and who finds no room for the break."""
    found: dict[UUID, list[Warned]] = {one.id: [] for one in visits}
    rest = sorted(visits, key=_begins)
    while rest:
        until = _begins(rest[0]) + TOGETHER
        some = [one for one in rest if _begins(one) < until]
        rest = rest[len(some) :]
        await _look(ctx, some, [_put(one) for one in visits], found)
    return found


async def _look(
    ctx: Ctx, visits: Sequence[Visit], puts: Sequence[_Put], found: dict[UUID, list[Warned]]
) -> None:
    people = sorted({one.technician.id for visit in visits for one in standing(visit)})
    if not people:
        return
    ids = {one.id for one in visits}
    seen = await snapshot.load(
        ctx,
        _begins(visits[0]).date() - ONE_DAY,
        _begins(visits[-1]).date() + ONE_DAY,
        technician_ids=people,
        places=[one.task.place for one in puts],
    )
    for day in seen.days:
        who = day.person.technician_id
        if day.resource.id.endswith(CALL) or day.resource.shift.start == day.resource.shift.end:
            continue  # who is called drives at any hour, and of an unknown day nobody knows the hours
        work = day.person.work
        here = [one for one in puts if who in one.people and work.start <= one.start < work.end]
        for one in here:
            if one.visit in ids:
                found[one.visit] += _said(_without(day, puts), here, one, seen)


def _without(day: DayOf, puts: Sequence[_Put]) -> DayOf:
    """The day without these, which the database may still have where they were."""
    for one in puts:
        day = day.without(one.task.id)
    return day


def _said(day: DayOf, here: Sequence[_Put], put: _Put, seen: Snapshot) -> Iterator[Warned]:
    """What is in the way of one that was put on this day, beside the others that were."""
    row = [*day.standing, *(Standing(one.task, one.start) for one in here if one is not put)]
    row.sort(key=lambda one: (one.start or 0, one.task.id))
    board = lane(day.resource, row, seen.drives)
    gap = sum((one.start or 0) < put.start for one in row)
    if _fits(board, put, gap):
        return
    tight = list(_tight(board, put, gap))
    yield from tight
    pause = day.resource.pause
    if tight or pause is None or day.resource.break_taken or not board.line.feasible:
        return
    if _fits(lane(replace(day.resource, pause=None), row, seen.drives), put, gap):
        said = f"{called(day.resource)} has no room for the break of {spoken(pause.duration)}."
        yield Warned(Code.no_room_for_break.value, said)


def _fits(board: Lane, put: _Put, gap: int) -> bool:
    line = board.line
    places = line.places
    to, onward = (
        line.travel(places[gap], put.task.place),
        line.travel(put.task.place, places[gap + 1]),
    )
    return line.fit_by(put.task, gap, to, onward, ((put.start, put.start),)) is not None


def _tight(board: Lane, put: _Put, gap: int) -> Iterator[Warned]:
    """Which drives to it and from it are too long for the time there is. Of work outside of the shift nobody
    says when one leaves home for it and is back."""
    who, row, drive = board.resource, board.standing, board.line.travel
    end = put.start + put.task.duration
    before, behind = board.line.places[gap], board.line.places[gap + 1]
    to, onward = drive(before, put.task.place), drive(put.task.place, behind)
    inside, name = who.opens <= put.start and end <= who.closes, called(who)
    if _known(before, put.task.place):
        if gap and (late := _end(row[gap - 1], who) + to - put.start) > 0:
            said = (
                f"{name} needs {spoken(late)} more for the drive from {before.name or before.key}."
            )
            yield Warned(Code.travel_does_not_fit.value, said)
        if not gap and inside and (late := first_drive_from(who, to) + to - put.start) > 0:
            if who.available_from is None:
                said = f"{name} would set out {spoken(late)} before the shift begins."
                yield Warned(Code.outside_shift.value, said)
            else:
                said = f"{name} needs {spoken(late)} more for the drive."
                yield Warned(Code.travel_does_not_fit.value, said)
    if _known(behind, put.task.place):
        if gap < len(row) and (late := end + onward - (row[gap].start or 0)) > 0:
            said = f"{name} needs {spoken(late)} more for the drive to {behind.name or behind.key}."
            yield Warned(Code.travel_does_not_fit.value, said)
        back = who.closes + outside(who, who.last_leg, onward)
        if gap == len(row) and inside and (late := end + onward - back) > 0:
            said = f"{name} would be back {spoken(late)} after the shift has ended."
            yield Warned(Code.overtime.value, said)


def _end(one: Standing, who: Resource) -> int:
    return (one.start or 0) + one.task.takes(who)


def _known(*places: Place) -> bool:
    """What nobody has put on the map is the doctor's finding: how far it is would be a guess."""
    return all(one.point != NOWHERE for one in places)


def _put(visit: Visit) -> _Put:
    assert visit.planned_start is not None
    assert visit.planned_end is not None
    site = visit.work_order.site
    start, end = int(visit.planned_start.timestamp()), int(visit.planned_end.timestamp())
    place = place_of(site.id, site.latitude, site.longitude, site.street)
    task = Task(str(visit.id), place, end - start, visit.work_order.number)
    return _Put(visit.id, frozenset(one.technician.id for one in standing(visit)), task, start)


def _begins(visit: Visit) -> datetime:
    assert visit.planned_start is not None
    return visit.planned_start
