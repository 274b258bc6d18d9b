"""What dispatchers do with a visit. Planning needs If-Match: two people look at the same board."""

from uuid import UUID

from app.api.deps import MaybeSeenVersion, SeenVersion
from app.api.v2.visits.outputs import VisitOut, show
from app.api.v2.visits.routing import Reopener, Told, Writer, verb
from app.services.visits import endings, planning, promises, releases
from app.services.visits.endings import Cancellation
from app.services.visits.happenings import ReasonedHappening
from app.services.visits.planning import Plan
from app.services.visits.promises import Confirmation, NewPromise
from app.services.visits.taking import take


@verb("schedule", "schedule_visit", "Plan, move or resize a visit", 428)
async def schedule(ctx: Writer, id: UUID, plan: Plan, seen: SeenVersion) -> VisitOut:
    """Book the technicians for the planned time. 409 `double_booking` names the booking in the way
    (`clash`) and the `next_free` times; 409 `skill_missing`,
    `do_not_service`, `credit_hold` and `outside_access_hours` can be overruled by who may."""
    await planning.schedule(ctx, await take(ctx, id, at=seen), plan)
    return await show(ctx, id)


@verb("unschedule", "unschedule_visit", "Take a visit off the board", 428)
async def unschedule(ctx: Writer, id: UUID, told: Told, seen: SeenVersion) -> VisitOut:
    """Free its technicians. What was promised stands."""
    await planning.unschedule(ctx, await take(ctx, id, at=seen), told)
    return await show(ctx, id)


@verb("promise", "promise_visit", "Promise a window of arrival")
async def promise(ctx: Writer, id: UUID, new: NewPromise, seen: MaybeSeenVersion) -> VisitOut:
    """Write what the customer was told into the ledger; it replaces the promise that stood. With
    `notify` they are sent a confirmation with an invitation for their calendar, once for a window.
    409 `do_not_service` or `credit_hold` unless `override` names it, from somebody who may."""
    await promises.promise(ctx, await take(ctx, id, at=seen), new)
    return await show(ctx, id)


@verb("confirm", "confirm_visit", "Note that the customer confirmed")
async def confirm(
    ctx: Writer, id: UUID, confirmation: Confirmation, seen: MaybeSeenVersion
) -> VisitOut:
    """The customer confirmed a scheduled or dispatched visit."""
    await promises.confirm(ctx, await take(ctx, id, at=seen), confirmation)
    return await show(ctx, id)


@verb("dispatch", "dispatch_visit", "Release a visit to its technicians")
async def dispatch(ctx: Writer, id: UUID, told: Told, seen: MaybeSeenVersion) -> VisitOut:
    """From now on it is theirs to accept, decline or set off for."""
    await releases.dispatch(ctx, await take(ctx, id, at=seen), told)
    return await show(ctx, id)


@verb("recall", "recall_visit", "Take back a dispatched visit")
async def recall(ctx: Writer, id: UUID, told: Told, seen: MaybeSeenVersion) -> VisitOut:
    """Before anybody travels; it stays planned."""
    await releases.recall(ctx, await take(ctx, id, at=seen), told)
    return await show(ctx, id)


@verb("cancel", "cancel_visit", "Cancel a visit")
async def cancel(ctx: Writer, id: UUID, told: Cancellation, seen: MaybeSeenVersion) -> VisitOut:
    """It does not take place, or does not go on; what was done is kept. The customer is written to
    only with `notify`."""
    await endings.cancel(ctx, await take(ctx, id, at=seen), told)
    return await show(ctx, id)


@verb("reopen", "reopen_visit", "Reopen a completed visit")
async def reopen(
    ctx: Reopener, id: UUID, told: ReasonedHappening, seen: MaybeSeenVersion
) -> VisitOut:
    """It goes on after all; its work order is in progress again."""
    await endings.reopen(ctx, await take(ctx, id, at=seen), told)
    return await show(ctx, id)
