"""An emergency: who can take it when, and what that does to whoever waits for them.

What is always true: a proposal is reckoned by what stands at this moment and writes nothing. It names each
visit that is put off, from when to when, and each promise that it breaks; visits that have begun, that are
locked in their time, and events stay where they are. Carrying it out is one transaction with the versions
that were seen, so nobody is put off who was not named.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

from pydantic import Field, model_validator

from app.core import clock
from app.core.errors import invalid_field
from app.models.technicians import Technician
from app.models.visits import Visit
from app.scheduling import rules
from app.scheduling.lanes import Lane, Standing
from app.scheduling.model import BEGUN, EMERGENCY, MINUTE, Busy, Lock, Task
from app.scheduling.worktime import utc
from app.services.board.asking import local_day
from app.services.context import Ctx
from app.services.dispatching import snapshot, wanted
from app.services.dispatching.snapshot import Snapshot
from app.services.dispatching.wanted import Asked
from app.services.inputs import Day, Draft, Moment
from app.services.visits import planning, shifting
from app.services.visits.gating import Override
from app.services.visits.happenings import Happening
from app.services.visits.planning import Plan, Starting
from app.services.visits.taking import WHOLE, take

MOST = 10
MOST_DISPLACED = 30
TIED = (Lock.time, Lock.both)


class EmergencyAsk(Draft):
    """Which visit, and when it should be."""

    visit_id: UUID = Field(description="A visit that is open and has not begun.")
    day: Day | None = Field(None, description="Silence: today.")


@dataclass(frozen=True, slots=True)
class PutOff:
    """A visit that makes room."""

    visit_id: UUID
    version: int
    number: str
    was: datetime
    start: datetime
    minutes: int
    promised_end: datetime | None
    promise_broken: bool


@dataclass(frozen=True, slots=True)
class Proposal:
    """One way to do it."""

    technician: Technician
    start: datetime
    end: datetime
    drive_minutes: int
    overtime_minutes: int
    displaced: tuple[PutOff, ...]

    @property
    def promises_broken(self) -> int:
        return sum(one.promise_broken for one in self.displaced)


class MovedVisit(Draft):
    """A visit that is put off, as it was seen."""

    visit_id: UUID
    version: int = Field(ge=1, le=2**53 - 1)
    start: Moment


class Emergency(Happening):
    """A proposal to carry out."""

    visit_id: UUID
    version: int = Field(ge=1, le=2**53 - 1, description="Of the visit, as you saw it.")
    technician_id: UUID
    start: Moment
    displaced: list[MovedVisit] = Field(default_factory=list, max_length=MOST_DISPLACED)
    override: Override | None = None

    @model_validator(mode="after")
    def _once_each(self) -> "Emergency":
        ids = [self.visit_id, *(one.visit_id for one in self.displaced)]
        if len(set(ids)) != len(ids):
            raise ValueError("Name each visit once.")
        return self


async def propose(ctx: Ctx, ask: EmergencyAsk) -> tuple[Visit, list[Proposal]]:
    """The visit, and who could take it, the best first: fewest promises broken, then the soonest.

    Raises `NotFound`, and `Conflict` for a visit that has begun or is over.
    """
    visit = await ctx.get(Visit, ask.visit_id, options=WHOLE, pointer="/visit_id")
    day = ask.day or await local_day(ctx, clock.now())
    work = await wanted.of(ctx, Asked(visit_id=visit.id), day, day, visit=visit)
    task = replace(work.task, roles=1, priority=EMERGENCY, lock=Lock.none)
    seen = await snapshot.load(ctx, day, day, places=[task.place])
    found = [
        one
        for board in seen.lanes(without=visit.id)
        if rules.may(board.resource, task) and (one := _by(seen, board, task)) is not None
    ]
    best: dict[UUID, Proposal] = {}
    for one in sorted(found, key=_rank):
        best.setdefault(one.technician.id, one)
    return visit, list(best.values())[:MOST]


def _rank(one: Proposal) -> tuple[int, datetime, int, str]:
    return one.promises_broken, one.start, len(one.displaced), str(one.technician.id)


async def carry_out(ctx: Ctx, told: Emergency) -> tuple[Visit, list[Visit]]:
    """Put off whom the proposal names, the last first, and plan the emergency.

    Raises `NotFound`, `Stale` about whichever visit is not as it was seen, and what `planning.schedule` raises.
    """
    await ctx.get(Technician, told.technician_id, pointer="/technician_id")
    await ctx.get(Visit, told.visit_id, pointer="/visit_id")
    ids = [one.visit_id for one in told.displaced]
    await ctx.get_all(Visit, ids, pointer="/displaced/{}/visit_id")
    seen = {told.visit_id: told.version} | {one.visit_id: one.version for one in told.displaced}
    taken = {id: await take(ctx, id, at=seen[id]) for id in sorted(seen)}
    put_off = sorted(told.displaced, key=lambda one: one.start, reverse=True)
    for place, one in enumerate(told.displaced):
        planned = taken[one.visit_id].planned_start
        if planned is None or one.start <= planned:
            raise invalid_field(
                f"displaced/{place}/start", "A visit that makes room begins later than before."
            )
    for one in put_off:
        said = Starting(start=one.start, reason=told.reason, override=told.override)
        await shifting.move(ctx, taken[one.visit_id], said)
    plan = Plan(
        technician_ids=[told.technician_id],
        start=told.start,
        override=told.override,
        reason=told.reason,
        occurred_at=told.occurred_at,
    )
    await planning.schedule(ctx, taken[told.visit_id], plan)
    return taken[told.visit_id], [taken[one.visit_id] for one in told.displaced]


def _by(seen: Snapshot, board: Lane, task: Task) -> Proposal | None:
    """At once, or as soon as what has begun is done; whoever comes after it makes room."""
    resource = board.resource
    if resource.shift.end <= resource.shift.start:
        return None
    here, free = resource.start, resource.opens
    rest: list[Standing] = []
    for one in board.standing:
        assert one.start is not None
        if one.task.state in BEGUN or one.start < seen.now:
            here, free = one.task.place, max(free, one.start + one.task.takes(resource))
        else:
            rest.append(one)
    drive = board.line.travel(here, task.place)
    start = _clear(resource.busy, free + drive, task.duration)
    end = start + task.takes(resource)
    if end > resource.shift.end + resource.max_overtime and not resource.on_call:
        return None  # another day, or somebody else
    displaced = _displaced(seen, board, task, end, rest)
    if displaced is None:
        return None
    last = utc(end)
    home = board.line.travel(task.place, resource.end)
    if rest:
        at = {one.visit_id: one.start for one in displaced}
        final = rest[-1]
        assert final.start is not None
        begins = at.get(_visit_id(final.task), utc(final.start))
        last = begins + timedelta(seconds=final.task.takes(resource))
        home = board.line.travel(final.task.place, resource.end)
    over = (last - utc(resource.shift.end)) + timedelta(seconds=home)
    return Proposal(
        seen.technicians[UUID(resource.technician)],
        utc(start),
        utc(end),
        (drive + MINUTE // 2) // MINUTE,
        max(0, round(over / timedelta(minutes=1))),
        tuple(displaced),
    )


def _displaced(
    seen: Snapshot, board: Lane, task: Task, end: int, rest: Sequence[Standing]
) -> list[PutOff] | None:
    """Who is put off, each no longer than it takes; None where somebody cannot be."""
    found: list[PutOff] = []
    free = end
    for before, one in pairwise([Standing(task, end), *rest]):
        assert one.start is not None
        drive = board.line.travel(before.task.place, one.task.place)
        start = one.start
        if free + drive > one.start:
            start = _clear(board.resource.busy, free + drive, one.task.duration)
        free = start + one.task.takes(board.resource)
        if start == one.start:
            return found  # whoever comes after is not touched
        planned = seen.visits.get(_visit_id(one.task))
        if planned is None or one.task.lock in TIED:
            return None
        promised = one.task.promised
        found.append(
            PutOff(
                planned.visit_id,
                planned.version,
                one.task.name,
                utc(one.start),
                utc(start),
                (start - one.start) // MINUTE,
                utc(promised.end) if promised else None,
                promised is not None and start > promised.end,
            )
        )
    return found


def _visit_id(task: Task) -> UUID:
    """Of a visit's task; of an event's, of no visit."""
    return UUID(task.id.removeprefix("event:"))


def _clear(busy: Sequence[Busy], at: int, length: int) -> int:
    """The first whole minute from `at` on at which nothing busy is in the way."""
    start = -(-at // MINUTE) * MINUTE
    for low, high in _spans(busy):
        if start < high and start + length > low:
            start = -(-high // MINUTE) * MINUTE
    return start


def _spans(busy: Sequence[Busy]) -> Iterator[tuple[int, int]]:
    yield from ((one.start, one.end) for one in busy)
