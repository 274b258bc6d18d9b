"""Locks on a plan: who comes, when, or both stand still until somebody takes the lock off.

A lock holds against dispatchers and the planner alike. What happens in the field it does not meet: a
technician may decline, a customer may cancel.
"""

from enum import StrEnum

from app.core import clock
from app.core.errors import Conflict
from app.models.visits import Visit, VisitLock
from app.services.context import Ctx
from app.services.facts import Fact
from app.services.visits.happenings import Happening
from app.services.visits.telling import because, tell

TIME = (VisitLock.time, VisitLock.both)
PEOPLE = (VisitLock.resource, VisitLock.both)
IN_WORDS = {
    VisitLock.time: "its time",
    VisitLock.resource: "who comes",
    VisitLock.both: "its time and who comes",
}


class Locked(StrEnum):
    """What is to stand still: who comes, when, or both."""

    resource = "resource"
    time = "time"
    both = "both"


class Lock(Happening):
    """What of the plan is locked."""

    lock: Locked


async def lock(ctx: Ctx, visit: Visit, said: Lock) -> None:
    """Lock what is said of a planned visit; it replaces the lock that stood."""
    visit.refuse_unless("lock")
    wanted = VisitLock(said.lock.value)
    if visit.lock == wanted:
        return
    visit.lock = wanted
    visit.moved_at = clock.now()
    await tell(
        ctx,
        Fact.visit_locked,
        visit,
        occurred_at=said.occurred_at,
        what=IN_WORDS[wanted],
        lock=wanted.value,
        because=because(said.reason),
    )


async def unlock(ctx: Ctx, visit: Visit, said: Happening) -> None:
    """Take the lock off, if there is one."""
    visit.refuse_unless("unlock")
    if visit.lock == VisitLock.none:
        return
    visit.lock = VisitLock.none
    visit.moved_at = clock.now()
    await tell(
        ctx,
        Fact.visit_unlocked,
        visit,
        occurred_at=said.occurred_at,
        because=because(said.reason),
    )


def refuse_locked(visit: Visit, *, time: bool, people: bool) -> None:
    """Raise `Conflict` `locked` when its time, or who comes, would change and is locked."""
    if (time and visit.lock in TIME) or (people and visit.lock in PEOPLE):
        raise Conflict(
            f"This visit is locked: {IN_WORDS[VisitLock(visit.lock)]} stays as it is. Take the lock off first"
            " (unlock).",
            code="locked",
            visit_id=visit.id,
            lock=VisitLock(visit.lock).value,
        )
