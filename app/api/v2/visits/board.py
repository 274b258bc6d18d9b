"""What dispatchers do with a visit. Planning needs If-Match: two people look at the same board."""

from uuid import UUID

from app.api.deps import MaybeSeenVersion, SeenVersion
from app.api.v2.visits.outputs import VisitOut, show
from app.api.v2.visits.routing import Reopener, Told, Writer, verb
from app.services.visits import endings, locking, planning, promises, releases, shifting
from app.services.visits.endings import Cancellation
from app.services.visits.happenings import ReasonedHappening
from app.services.visits.locking import Lock
from app.services.visits.planning import Coming, Plan, Starting
from app.services.visits.promises import Confirmation, NewPromise
from app.services.visits.shifting import Resize
from app.services.visits.taking import take


@verb("schedule", "schedule_visit", "Plan, move or resize a visit", 428)
async def schedule(ctx: Writer, id: UUID, plan: Plan, seen: SeenVersion) -> VisitOut:
    """Book the technicians for the planned time. 409 `double_booking` names the booking in the way
    (`clash`) and the `next_free` times; 409 `skill_missing`,
    `do_not_service`, `credit_hold` and `outside_access_hours` can be overruled by who may."""
    await planning.schedule(ctx, await take(ctx, id, at=seen), plan)
    return await show(ctx, id)


@verb("move", "move_visit", "Move a planned visit", 428)
async def move(ctx: Writer, id: UUID, told: Starting, seen: SeenVersion) -> VisitOut:
    """Another start, the same length, and the same people unless you name others. Refused as
    `schedule` is, and with 409 `locked`."""
    await shifting.move(ctx, await take(ctx, id, at=seen), told)
    return await show(ctx, id)


@verb("resize", "resize_visit", "Make a planned visit longer or shorter", 428)
async def resize(ctx: Writer, id: UUID, told: Resize, seen: SeenVersion) -> VisitOut:
    """The same start, another end. Once somebody has set off: `extend`."""
    await shifting.resize(ctx, await take(ctx, id, at=seen), told)
    return await show(ctx, id)


@verb("assign", "assign_visit", "Say who comes to a planned visit", 428)
async def assign(ctx: Writer, id: UUID, told: Coming, seen: SeenVersion) -> VisitOut:
    """People, crew, vehicles and lead; the time stays. What you do not name stays, too."""
    await shifting.assign(ctx, await take(ctx, id, at=seen), told)
    return await show(ctx, id)


@verb("lock", "lock_visit", "Lock what is planned of a visit", 428)
async def lock(ctx: Writer, id: UUID, told: Lock, seen: SeenVersion) -> VisitOut:
    """Its time, who comes, or both: nobody changes that until the lock is taken off, 409 `locked`."""
    await locking.lock(ctx, await take(ctx, id, at=seen), told)
    return await show(ctx, id)


@verb("unlock", "unlock_visit", "Take the lock off a visit", 428)
async def unlock(ctx: Writer, id: UUID, told: Told, seen: SeenVersion) -> VisitOut:
    """What was locked may change again."""
    await locking.unlock(ctx, await take(ctx, id, at=seen), told)
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
