"""The planner's picture of some days: people, what stands on their boards, shadows, drives.

What is always true: it is one look, made in one transaction, and nothing in it changes afterwards. What
stands, stands at its second (`scheduling.lanes`), on the day it begins on, and takes its time on each day
that it reaches into; what was promised and has nobody is a shadow. Somebody
whose day has begun goes on from now, and from where they finished last. The same picture serves slots,
board, alerts and whoever books, so they cannot disagree.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from app.core import clock
from app.models.technicians import Technician
from app.scheduling.capacity import Sold
from app.scheduling.lanes import Lane, Standing, lane
from app.scheduling.model import Busy, Lock, Place, Resource, Task
from app.scheduling.worktime import instants_of, utc
from app.services import journal_chain
from app.services.context import Ctx
from app.services.dispatching import drives, people, work
from app.services.dispatching.drives import Drives
from app.services.dispatching.people import CALL, PersonDay
from app.services.dispatching.work import Elsewhere, Held, Planned

EVENT = "event:"
"""What the id of an event's task begins with."""
SINCE = timedelta(hours=16)
"""Whoever finished a visit before that goes on from home."""
LONGEST = timedelta(days=31)
"""So many days are planned together at most."""
EARLIEST_ZONE, LATEST_ZONE = timedelta(hours=14), timedelta(hours=12)
"""How much sooner and later than in UTC a day begins somewhere."""


@dataclass(frozen=True, slots=True)
class DayOf:
    """Somebody's local day with what stands on it."""

    person: PersonDay
    resource: Resource
    """As the planner asks it: with events that have no place and what stands elsewhere, and from now on if
    the day has begun."""
    standing: tuple[Standing, ...]
    elsewhere: tuple[Standing, ...]
    """What takes time here and stands on a day before, out of which it reaches, or, of a day on call, on
    the day's other resource."""
    bare: Resource
    """Without what stands elsewhere."""

    def without(self, id: str) -> "DayOf":
        """The same day, did this task take no time of it."""
        standing = tuple(one for one in self.standing if one.task.id != id)
        elsewhere = tuple(one for one in self.elsewhere if one.task.id != id)
        if len(standing) == len(self.standing) and len(elsewhere) == len(self.elsewhere):
            return self
        return _day(self.person, self.bare, standing, elsewhere)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Some days of everybody, or of some."""

    first: date
    last: date
    now: int
    """Seconds UTC."""
    seq: int
    """The journal's number up to which everything is in it; perhaps more."""
    days: tuple[DayOf, ...]
    shadows: tuple[Task, ...]
    """Promised for these days, and nobody comes."""
    visits: Mapping[UUID, Planned]
    holds: Mapping[str, Held]
    """By the task's id."""
    technicians: Mapping[UUID, Technician]
    drives: Drives
    elsewhere: tuple[Elsewhere, ...] = ()
    """Events and holds."""
    ended: Mapping[UUID, Place] = field(default_factory=dict)
    """Where each finished last."""
    team: tuple[UUID, ...] = ()
    """Whose days these are."""
    others: frozenset[UUID] = frozenset()
    """Who of them does not work at present, and is there for a visit."""

    def sold(self, task: Task, technician_id: UUID) -> tuple[Sold | None, bool]:
        """As what a task takes a window's time, None for an event, and whether this person leads it."""
        held = self.holds.get(task.id)
        if held is not None:
            return Sold.hold, held.lead == str(technician_id)
        if task.id.startswith(EVENT):
            return None, False
        return Sold.visit, self.visits[UUID(task.id)].technicians[:1] == (technician_id,)

    def lanes(self, *, without: UUID | None = None) -> list[Lane]:
        """Everybody's boards, ready to be asked; `without` a visit that is about to be planned anew."""
        days = self.days if without is None else [one.without(str(without)) for one in self.days]
        return [lane(one.resource, one.standing, self.drives) for one in days]


async def load(
    ctx: Ctx,
    first: date,
    last: date,
    *,
    technician_ids: Sequence[UUID] | None = None,
    places: Sequence[Place] = (),
    now: datetime | None = None,
    known: people.Team | None = None,
) -> Snapshot:
    """The days from `first` to `last`, both included, of everybody who works at present or is on a visit
    then, or of some: what stands with them, and no shadows.

    `places` are those that somebody will want to drive to besides. `now` is another moment for whoever looks
    back; `known`, whoever works then, is not read again. Raises `Conflict` `too_many`.
    """
    assert last - first < LONGEST
    now = now or clock.now()
    seq = (await journal_chain.head(ctx)).seq
    start, end = edges(first, last)
    planned = await work.planned(ctx, start, end, first, last, now, people=technician_ids)
    if known is not None and (
        technician_ids is not None or (known.first, known.last) != (first, last)
    ):
        known = None
    team = list(known.technicians) if known else await people.technicians(ctx, technician_ids)
    others: list[UUID] = []
    more: list[Technician] = []
    if technician_ids is None:
        here = {one.id for one in team}
        others = sorted({id for one in planned for id in one.technicians} - here)
        more = await people.technicians(ctx, others) if others else []
        team += more
    if known is None:
        each_day = await people.days(ctx, team, first, last)
    else:
        each_day = [*known.days, *(await people.days(ctx, more, first, last) if more else [])]
    elsewhere = await work.elsewhere(ctx, start, end, now, technician_ids)
    ended = await work.last_places(ctx, [one.id for one in team], now - SINCE)
    standing, busy = of_each(planned, elsewhere)
    days = [
        day_of(
            person,
            standing[person.technician_id],
            busy[person.technician_id],
            now,
            ended.get(person.technician_id),
        )
        for person in each_day
    ]
    shadows = shadows_of(planned)
    return Snapshot(
        first,
        last,
        int(now.timestamp()),
        seq,
        tuple(days),
        shadows,
        {one.visit_id: one for one in planned},
        {one.key: one.held for one in elsewhere if one.held is not None},
        {one.id: one for one in team},
        await drives.between(ctx, {*places, *places_of(days, shadows)}),
        tuple(elsewhere),
        ended,
        tuple(one.id for one in team),
        frozenset(others),
    )


def shadows_of(planned: Iterable[Planned]) -> tuple[Task, ...]:
    """What of it was promised, and nobody comes."""
    return tuple(sorted((one.task for one in planned if one.start is None), key=lambda one: one.id))


def places_of(days: Iterable[DayOf], shadows: Iterable[Task]) -> set[Place]:
    """Where somebody may come from or go to."""
    found = {one.place for one in shadows}
    for one in days:
        found |= {one.resource.start, one.resource.end, *(each.task.place for each in one.standing)}
    return found


def edges(first: date, last: date) -> tuple[datetime, datetime]:
    """From the first midnight of anybody anywhere to the last one."""
    start, end = instants_of("UTC", first, last)
    return utc(start) - EARLIEST_ZONE, utc(end) + LATEST_ZONE


def of_each(
    planned: Iterable[Planned], elsewhere: Iterable[Elsewhere]
) -> tuple[dict[UUID, list[Standing]], dict[UUID, list[Busy]]]:
    """What stands with each, in order, and when each is busy without going anywhere."""
    standing: dict[UUID, list[Standing]] = defaultdict(list)
    busy: dict[UUID, list[Busy]] = defaultdict(list)
    for one in planned:
        for technician in one.technicians if one.start is not None else ():
            standing[technician].append(Standing(one.task, one.start))
    for other in elsewhere:
        if other.place is None:
            busy[other.resource_id].append(Busy(other.start, other.end, other.name))
            continue
        task = Task(other.key, other.place, other.end - other.start, other.name, lock=Lock.both)
        standing[other.resource_id].append(Standing(task, other.start))
    for row in standing.values():
        row.sort(key=lambda one: (one.start or 0, one.task.id))
    return standing, busy


def day_of(
    person: PersonDay,
    standing: Sequence[Standing],
    busy: Sequence[Busy],
    now: datetime,
    ended: Place | None,
) -> DayOf:
    """What of it lies on this day. A day on call carries nothing of its own: what stands is on the day's
    other resource, and takes the same time here; and so does what began on a day before."""
    work, resource = person.work, person.resource
    here, elsewhere = [], []
    for one in standing:
        if one.start is None or one.start >= work.end:
            continue
        if one.start >= work.start and not resource.id.endswith(CALL):
            here.append(one)
        elif one.start + one.task.takes(resource) > work.start:
            elsewhere.append(one)
    taken = [one for one in busy if one.start < work.end and one.end > work.start]
    at = int(now.timestamp())
    if work.start <= at < work.end:
        resource = replace(resource, available_from=at, start=ended or resource.start)
    if work.end <= at:
        resource = replace(resource, available_from=work.end)  # nobody is sent yesterday
    bare = replace(resource, busy=people.merged((*resource.busy, *taken)))
    return _day(person, bare, tuple(here), tuple(elsewhere))


def _day(
    person: PersonDay,
    bare: Resource,
    standing: tuple[Standing, ...],
    elsewhere: tuple[Standing, ...],
) -> DayOf:
    taken = [
        Busy(one.start, one.start + one.task.takes(bare), one.task.name)
        for one in elsewhere
        if one.start is not None
    ]
    resource = replace(bare, busy=people.merged((*bare.busy, *taken))) if taken else bare
    return DayOf(person, resource, standing, elsewhere, bare)
