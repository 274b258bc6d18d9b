"""An emergency: who can take it when, and what that does to whoever is in its way.

What is always true: a proposal is the insert itself (`dispatching.inserting`), made and taken back, so it
names just those who would give way, and putting it on the board takes the words of the proposal. Nothing
is written here.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import Field

from app.core import clock
from app.core.errors import Conflict
from app.models.technicians import Technician
from app.models.visits import Visit
from app.scheduling import rules
from app.scheduling.lanes import Lane
from app.scheduling.model import BEGUN, EMERGENCY, MINUTE, Busy, Lock, Task
from app.scheduling.worktime import utc
from app.services.board.asking import local_day
from app.services.context import Ctx
from app.services.dispatching import inserting, snapshot, wanted
from app.services.dispatching.inserting import Insert
from app.services.dispatching.snapshot import Snapshot
from app.services.dispatching.wanted import Asked
from app.services.inputs import Day, Draft
from app.services.visits.taking import WHOLE

MOST = 10
"""Technicians for whom it is tried: those who could be there first."""


class EmergencyAsk(Draft):
    """Which visit, and when it should be."""

    visit_id: UUID = Field(description="A visit that is open and has not begun.")
    day: Day | None = Field(None, description="Silence: today.")


@dataclass(frozen=True, slots=True)
class Proposal:
    """One way to do it."""

    technician: Technician
    start: datetime
    end: datetime
    drive_minutes: int
    displaces: list[dict[str, Any]]
    """Who gives way, as the insert's refusal names them."""

    @property
    def promises_broken(self) -> int:
        return sum(one["breaks_promise"] for one in self.displaces)


async def propose(ctx: Ctx, ask: EmergencyAsk) -> tuple[Visit, list[Proposal]]:
    """The visit, and who could take it, the best first: fewest promises broken, then the soonest.

    Raises `NotFound`, and `Conflict` for a visit that has begun or is over.
    """
    visit = await ctx.get(Visit, ask.visit_id, options=WHOLE, pointer="/visit_id")
    visit.refuse_unless("insert")
    day = ask.day or await local_day(ctx, clock.now())
    work = await wanted.of(ctx, Asked(visit_id=visit.id), day, day, visit=visit)
    task = replace(work.task, roles=1, priority=EMERGENCY, lock=Lock.none)
    seen = await snapshot.load(ctx, day, day, places=[task.place])
    soonest: dict[UUID, Proposal] = {}
    for board in seen.lanes(without=visit.id):
        if rules.may(board.resource, task) and (one := _at_once(seen, board, task)) is not None:
            known = soonest.get(one.technician.id)
            if known is None or one.start < known.start:
                soonest[one.technician.id] = one
    found = []
    for one in sorted(soonest.values(), key=lambda it: (it.start, str(it.technician.id)))[:MOST]:
        displaces = await _tried(ctx, ask.visit_id, one)
        if displaces is not None:
            found.append(replace(one, displaces=displaces))
    visit = await ctx.get(Visit, ask.visit_id, fresh=True)
    return visit, sorted(found, key=_rank)


def _rank(one: Proposal) -> tuple[int, datetime, int, str]:
    return one.promises_broken, one.start, len(one.displaces), str(one.technician.id)


async def _tried(ctx: Ctx, visit_id: UUID, one: Proposal) -> list[dict[str, Any]] | None:
    """Who would give way; None where it would be refused for something else."""
    held = await ctx.session.begin_nested()
    try:
        visit = await ctx.get(Visit, visit_id, fresh=True, lock=True, options=WHOLE)
        await inserting.insert(
            ctx, visit, Insert(technician_ids=[one.technician.id], start=one.start)
        )
        await ctx.session.flush()
    except Conflict as refusal:
        return refusal.extra["displaces"] if refusal.code == "displaces" else None
    finally:
        await held.rollback()
    return []


def _at_once(seen: Snapshot, board: Lane, task: Task) -> Proposal | None:
    """When somebody could begin: now, or as soon as what has begun is done."""
    resource = board.resource
    if resource.shift.end <= resource.shift.start:
        return None
    here, free = resource.start, resource.opens
    for one in board.standing:
        if one.start is not None and (one.task.state in BEGUN or one.start < seen.now):
            here, free = one.task.place, max(free, one.start + one.task.takes(resource))
    drive = board.line.travel(here, task.place)
    start = _clear(resource.busy, free + drive, task.duration)
    end = start + task.takes(resource)
    if end > resource.closes:
        return None  # another day, or somebody else
    return Proposal(
        seen.technicians[UUID(resource.technician)],
        utc(start),
        utc(start) + timedelta(seconds=task.duration),
        (drive + MINUTE // 2) // MINUTE,
        [],
    )


def _clear(busy: tuple[Busy, ...], at: int, length: int) -> int:
    """The first whole minute from `at` on at which nothing busy is in the way."""
    start = -(-at // MINUTE) * MINUTE
    for one in busy:
        if start < one.end and start + length > one.start:
            start = -(-one.end // MINUTE) * MINUTE
    return start
