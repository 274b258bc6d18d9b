"""How a visit ends: completed, incomplete, no access, no show, cancelled; and reopening a completed one.

An end frees what is left of the planned time. Reopening takes no time back: actual work never meets
the calendar.
"""

from datetime import datetime

from pydantic import Field

from app.core import clock
from app.core.errors import FieldError, Invalid
from app.models.visits import Visit
from app.services.context import Ctx
from app.services.facts import Fact
from app.services.inputs import Happened
from app.services.visits import bookings, crew, invitations
from app.services.visits.happenings import (
    Happening,
    ReasonedHappening,
    moment,
    refuse_disorder,
)
from app.services.visits.moving import moved
from app.services.visits.pausing import end_pause
from app.services.visits.withdrawing import withdraw
from app.services.visits.work import locked, refuse_ended
from app.services.work_orders.following import follow
from app.services.work_orders.gate import Waived, pass_visit

TIMES = ("arrived_at", "started_at", "finished_at")


class Completion(Happening):
    """The work is done; the times fill in what nobody tapped."""

    arrived_at: Happened | None = None
    started_at: Happened | None = None
    finished_at: Happened | None = Field(None, description="Silence: `occurred_at`, or now.")
    waived: Waived = None


async def complete(ctx: Ctx, visit: Visit, completion: Completion) -> None:
    """The work of this visit is done.

    A visit at which nobody has tapped an arrival is filled in with all three times; `Invalid` names
    those that are missing. Raises `Conflict` (code `gate`) for what else must be there, unless that
    is waived.
    """
    crew.refuse_outsiders(ctx, visit)
    visit.refuse_unless("complete")
    given = {name: at for name in TIMES if (at := getattr(completion, name)) is not None}
    if visit.arrived_at is None:
        _refuse_missing(given)
    await pass_visit(ctx, visit, completion.waived)
    for name, at in given.items():
        setattr(visit, name, at)
    if completion.waived is not None:
        why = f"although something is missing: {completion.waived}"
        completion = completion.model_copy(update={"reason": completion.reason or why[:200]})
    await _end(
        ctx,
        visit,
        "complete",
        Fact.visit_completed,
        completion,
        at=given.get("finished_at") or moment(visit, completion),
        given=tuple(given),
    )


def _refuse_missing(given: dict[str, datetime]) -> None:
    missing = [name for name in TIMES if name not in given]
    if missing:
        detail = "Nobody noted an arrival. Say when it was, to complete the visit."
        raise Invalid(
            f"{detail} Missing: {', '.join(missing)}.",
            code="times_missing",
            errors=[FieldError(f"/{name}", "missing", detail) for name in missing],
        )


async def incomplete(ctx: Ctx, visit: Visit, said: ReasonedHappening) -> None:
    """It ends without being done, and somebody has to come again."""
    await _stop(ctx, visit, "incomplete", Fact.visit_incomplete, said)


async def no_access(ctx: Ctx, visit: Visit, said: Happening) -> None:
    """Nobody could get in."""
    await _stop(ctx, visit, "no-access", Fact.visit_no_access, said)


async def no_show(ctx: Ctx, visit: Visit, said: Happening) -> None:
    """Nobody was there."""
    await _stop(ctx, visit, "no-show", Fact.visit_no_show, said)


class Cancellation(ReasonedHappening):
    """Why it does not take place, and whether the customer is told."""

    notify: bool = Field(
        False, description="Write to whoever was invited, and take it out of their calendar."
    )


async def cancel(ctx: Ctx, visit: Visit, said: Cancellation) -> None:
    """It does not take place, or does not go on. Raises `Invalid` when somebody is to be told who
    was never written to."""
    await withdraw(ctx, visit, said)
    if said.notify:
        await invitations.call_off(ctx, visit)
        visit.customer_told_at = clock.now()
    await follow(ctx, visit.work_order)


async def reopen(ctx: Ctx, visit: Visit, said: ReasonedHappening) -> None:
    """A completed visit goes on after all. Raises `Conflict` when its work order is past that."""
    visit.refuse_unless("reopen")
    refuse_ended(await locked(ctx, visit.work_order))
    visit.finished_at = None
    crew.carry_on(visit)
    await moved(ctx, visit, "reopen", Fact.visit_reopened, said)


async def _stop(ctx: Ctx, visit: Visit, verb: str, fact: Fact, said: Happening) -> None:
    crew.refuse_outsiders(ctx, visit)
    visit.refuse_unless(verb)
    await _end(ctx, visit, verb, fact, said, at=moment(visit, said))


async def _end(
    ctx: Ctx,
    visit: Visit,
    verb: str,
    fact: Fact,
    said: Happening,
    *,
    at: datetime,
    given: tuple[str, ...] = (),
) -> None:
    visit.finished_at = at
    visit.expected_end = None
    refuse_disorder(visit, said=given)
    end_pause(visit, at)
    await bookings.free(ctx, visit, at=at)
    crew.finish(visit)
    await moved(ctx, visit, verb, fact, said)
