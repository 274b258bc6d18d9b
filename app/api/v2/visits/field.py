"""What technicians do with their visits. `occurred_at` is when it said, if that was earlier."""

from uuid import UUID

from app.api.deps import MaybeSeenVersion
from app.api.v2.visits.outputs import VisitOut, show
from app.api.v2.visits.routing import Answered, Completed, Doer, Told, verb
from app.services.visits import endings, extending, field, releases
from app.services.visits.extending import Extension
from app.services.visits.happenings import ReasonedHappening
from app.services.visits.releases import Refused
from app.services.visits.taking import take


@verb("accept", "accept_visit", "Accept a dispatched visit")
async def accept(ctx: Doer, id: UUID, answer: Answered, seen: MaybeSeenVersion) -> VisitOut:
    """Yes, I will be there."""
    await releases.accept(ctx, await take(ctx, id, at=seen), answer)
    return await show(ctx, id)


@verb("decline", "decline_visit", "Decline a dispatched visit")
async def decline(ctx: Doer, id: UUID, refused: Refused, seen: MaybeSeenVersion) -> VisitOut:
    """No, and why; the visit goes back to the board."""
    await releases.decline(ctx, await take(ctx, id, at=seen), refused)
    return await show(ctx, id)


@verb("en-route", "set_off_for_visit", "Set off for the site")
async def en_route(ctx: Doer, id: UUID, told: Told, seen: MaybeSeenVersion) -> VisitOut:
    """The technicians are on the way."""
    await field.en_route(ctx, await take(ctx, id, at=seen), told)
    return await show(ctx, id)


@verb("divert", "divert_from_visit", "Turn to other work on the way")
async def divert(ctx: Doer, id: UUID, told: Told, seen: MaybeSeenVersion) -> VisitOut:
    """Not on the way any more; the visit waits, dispatched."""
    await field.divert(ctx, await take(ctx, id, at=seen), told)
    return await show(ctx, id)


@verb("arrive", "arrive_at_visit", "Arrive at the site")
async def arrive(ctx: Doer, id: UUID, told: Told, seen: MaybeSeenVersion) -> VisitOut:
    """Somebody is at the site."""
    await field.arrive(ctx, await take(ctx, id, at=seen), told)
    return await show(ctx, id)


@verb("start", "start_visit", "Start the work")
async def start(ctx: Doer, id: UUID, told: Told, seen: MaybeSeenVersion) -> VisitOut:
    """Work begins now, or at `occurred_at`."""
    await field.start(ctx, await take(ctx, id, at=seen), told)
    return await show(ctx, id)


@verb("pause", "pause_visit", "Pause the work")
async def pause(ctx: Doer, id: UUID, told: Told, seen: MaybeSeenVersion) -> VisitOut:
    """A break, missing parts, no access for a while; the interval is kept."""
    await field.pause(ctx, await take(ctx, id, at=seen), told)
    return await show(ctx, id)


@verb("resume", "resume_visit", "Resume the work")
async def resume(ctx: Doer, id: UUID, told: Told, seen: MaybeSeenVersion) -> VisitOut:
    """Work goes on after a pause."""
    await field.resume(ctx, await take(ctx, id, at=seen), told)
    return await show(ctx, id)


@verb("extend", "extend_visit", "Say that it takes longer")
async def extend(ctx: Doer, id: UUID, told: Extension, seen: MaybeSeenVersion) -> VisitOut:
    """When a visit that has begun is expected to be over (`expected_end`). It books nobody; what it
    makes late shows on the board."""
    await extending.extend(ctx, await take(ctx, id, at=seen), told)
    return await show(ctx, id)


@verb("complete", "complete_visit", "Complete a visit")
async def complete(ctx: Doer, id: UUID, completion: Completed, seen: MaybeSeenVersion) -> VisitOut:
    """The work is done. With all three times it fills in a visit that nobody tapped."""
    await endings.complete(ctx, await take(ctx, id, at=seen), completion)
    return await show(ctx, id)


@verb("incomplete", "end_visit_incomplete", "End a visit without finishing the work")
async def incomplete(
    ctx: Doer, id: UUID, told: ReasonedHappening, seen: MaybeSeenVersion
) -> VisitOut:
    """Somebody has to come again."""
    await endings.incomplete(ctx, await take(ctx, id, at=seen), told)
    return await show(ctx, id)


@verb("no-access", "report_no_access", "Nobody could get in")
async def no_access(ctx: Doer, id: UUID, told: Told, seen: MaybeSeenVersion) -> VisitOut:
    """The site could not be entered."""
    await endings.no_access(ctx, await take(ctx, id, at=seen), told)
    return await show(ctx, id)


@verb("no-show", "report_no_show", "Nobody was there")
async def no_show(ctx: Doer, id: UUID, told: Told, seen: MaybeSeenVersion) -> VisitOut:
    """The customer was not there."""
    await endings.no_show(ctx, await take(ctx, id, at=seen), told)
    return await show(ctx, id)
