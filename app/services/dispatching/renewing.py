"""The planner's picture as it is now, from what it was and what has changed: only what that concerns is read
and made anew.

What is always true: the outcome is what `snapshot.load` would say. Who it cannot say that of, it gives up.
Days that are as they were are the same objects, so whoever made something of them need not make it again.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from app.core.tools import roads_of
from app.models.visits import BEGUN
from app.scheduling.model import State, Task
from app.services.context import Ctx
from app.services.dispatching import drives, people, snapshot, work
from app.services.dispatching.changes import Changed
from app.services.dispatching.drives import Drives
from app.services.dispatching.snapshot import DayOf, Snapshot
from app.services.dispatching.work import Elsewhere, Planned

GOES_ON = frozenset(State(one) for one in BEGUN)
"""Whoever is there is there until now, and whoever is on the way will be there from now at the soonest."""


async def renewed(ctx: Ctx, before: Snapshot, changed: Changed, now: datetime) -> Snapshot | None:
    """The same days with what changed, seen from `now`; None where all must be read anew."""
    start, end = snapshot.edges(before.first, before.last)
    visits, moved = await _visits(ctx, before, changed, start, end, now)
    away, gone = await _elsewhere(ctx, before, changed, start, end)
    ended = before.ended
    if any(one.person.work.start <= now.timestamp() < one.person.work.end for one in before.days):
        ended = await work.last_places(ctx, before.team, now - snapshot.SINCE)
    touched = moved | gone | changed.technicians
    touched |= {id for id in before.team if ended.get(id) != before.ended.get(id)}
    if touched & before.others or not touched <= set(before.team):
        return None  # whoever is there for a visit alone comes and goes with it
    days: dict[UUID, list[DayOf]] = defaultdict(list)
    for one in before.days:
        days[one.person.technician_id].append(one)
    persons = {id: [one.person for one in row] for id, row in days.items()}
    if changed.technicians:
        team = await people.technicians(ctx, sorted(changed.technicians))
        fresh = defaultdict(list)
        for person in await people.days(ctx, team, before.first, before.last):
            fresh[person.technician_id].append(person)
        if fresh.keys() != changed.technicians:
            return None
        persons |= fresh
    at = int(now.timestamp())
    passing = {
        id
        for id, row in days.items()
        if at != before.now and any(_passes(one, before.now, at) for one in row)
    }
    standing, busy = snapshot.of_each(
        (one for one in visits.values() if not (touched | passing).isdisjoint(one.technicians)),
        away,
    )
    found: list[DayOf] = []
    for id in before.team:
        if id not in touched and id not in passing:
            found += days[id]
            continue
        known = {one.resource.id: one for one in days[id]}
        for person in persons[id]:
            day = snapshot.day_of(person, standing[id], busy[id], now, ended.get(id))
            was = known.get(day.resource.id)
            # whoever is touched may lead where they only came along
            found.append(was if was is not None and was == day and id not in touched else day)
    shadows = snapshot.shadows_of(visits.values())
    return replace(
        before,
        now=at,
        days=tuple(found),
        shadows=before.shadows if shadows == before.shadows else shadows,
        visits=visits,
        holds={one.key: one.held for one in away if one.held is not None},
        elsewhere=away,
        ended=ended,
        drives=await _drives(ctx, before, found, shadows, at),
    )


def _passes(one: DayOf, before: int, at: int) -> bool:
    """Whether the day looks another way from `at`: it goes on, or has ended since."""
    return one.person.work.start <= at and one.person.work.end > before


async def _visits(
    ctx: Ctx, before: Snapshot, changed: Changed, start: datetime, end: datetime, now: datetime
) -> tuple[dict[UUID, Planned], set[UUID]]:
    """The visits as they are, and whose days that may change. What has begun ends later as time goes by."""
    begun = {id for id, one in before.visits.items() if one.task.state in GOES_ON}
    asked = changed.visits | begun
    if not asked and start > now:
        return dict(before.visits), set()
    found = await work.planned(ctx, start, end, before.first, before.last, now, only=asked)
    fresh = {one.visit_id: one for one in found}
    stale = asked & before.visits.keys()
    visits = {id: one for id, one in before.visits.items() if id not in stale} | fresh
    differ = [id for id in stale | fresh.keys() if before.visits.get(id) != fresh.get(id)]
    touched = {
        technician
        for id in differ
        for one in (before.visits.get(id), fresh.get(id))
        if one is not None
        for technician in one.technicians
    }
    return visits, touched


async def _elsewhere(
    ctx: Ctx, before: Snapshot, changed: Changed, start: datetime, end: datetime
) -> tuple[tuple[Elsewhere, ...], set[UUID]]:
    """Events and holds as they are, and whose days that changes."""
    if not changed.events and not changed.holds:
        return before.elsewhere, set()
    events = [one for one in before.elsewhere if one.held is None]
    holds = [one for one in before.elsewhere if one.held is not None]
    if changed.events:
        events = await work.events(ctx, start, end)
    if changed.holds:
        holds = await work.holds(ctx, start, end)
    away = (*events, *holds)
    touched = {one.resource_id for one in set(away) ^ set(before.elsewhere)}
    return away, touched & set(before.team)


async def _drives(
    ctx: Ctx, before: Snapshot, days: Iterable[DayOf], shadows: Iterable[Task], at: int
) -> Drives:
    """What is known of them; asked again where somebody goes somewhere new, and as time goes by."""
    if roads_of(ctx.session) is not None:
        places = snapshot.places_of(days, shadows)
        if at != before.now or not places <= snapshot.places_of(before.days, before.shadows):
            return await drives.between(ctx, places)
    return Drives(before.drives.known)
