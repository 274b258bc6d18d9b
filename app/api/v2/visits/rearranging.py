"""What dispatchers do with more than one visit: swap two, split one, spread it over days, copy it."""

from uuid import UUID

from app.api.deps import SeenVersion
from app.api.problems import answers
from app.api.v2.visits.outputs import VisitOut, show
from app.api.v2.visits.routing import Writer, router, verb
from app.services.dispatching import dropping, inserting
from app.services.dispatching.dropping import Drop
from app.services.dispatching.inserting import Insert
from app.services.visits import day_parts, drafts, splitting, swapping
from app.services.visits.day_parts import DayParts
from app.services.visits.drafts import Copy
from app.services.visits.splitting import Split
from app.services.visits.swapping import Swap
from app.services.visits.taking import take, take_both


@verb("swap", "swap_visits", "Swap two planned visits", 428)
async def swap(ctx: Writer, id: UUID, told: Swap, seen: SeenVersion) -> VisitOut:
    """Each starts where the other started, or gets the other's people, or both; each keeps its length.
    Both change or neither: 409 `double_booking` names the third booking that is in the way. 412 shows
    whichever of the two has changed."""
    one, other = await take_both(
        ctx, (id, seen), (told.with_id, told.with_version), pointer="/with_id"
    )
    await swapping.swap(ctx, one, other, told)
    return await show(ctx, id)


@router.post(
    "/{id}/drop",
    operation_id="drop_visit",
    summary="Drop a visit on a technician's name",
    responses=answers(400, 404, 409, 412, 422, 428),
)
async def drop(ctx: Writer, id: UUID, told: Drop, seen: SeenVersion) -> VisitOut:
    """Plan it with this technician in the first gap of the day in which it can be done: inside shift,
    hours of access and the promise, with the drives. Nothing else moves. 409 `no_gap` says why there is
    none."""
    await dropping.drop(ctx, await take(ctx, id, at=seen), told)
    return await show(ctx, id)


@verb("insert", "insert_visit", "Put an emergency on a full board", 428)
async def insert(ctx: Writer, id: UUID, told: Insert, seen: SeenVersion) -> VisitOut:
    """Visits in its way give way: behind it on the same day, or into the tray. The first time, 409
    `displaces` names each of them, by how many minutes, and whose promise breaks; the second time
    `accept` names them as they were shown. What has begun, is locked or is no visit gives way to
    nobody: 409 `double_booking`."""
    await inserting.insert(ctx, await take(ctx, id, at=seen), told)
    return await show(ctx, id)


@verb("split", "split_visit", "Split a visit in two parts", 428)
async def split(ctx: Writer, id: UUID, told: Split, seen: SeenVersion) -> VisitOut:
    """The first part stays, for `minutes`; the second is a visit of its own (`followed_by_id`), planned
    where you say a start and otherwise unscheduled. The promise stays with the first."""
    await splitting.split(ctx, await take(ctx, id, at=seen), told)
    return await show(ctx, id)


@verb("day-parts", "plan_visit_on_days", "Plan a visit on several days", 428)
async def plan_on_days(ctx: Writer, id: UUID, told: DayParts, seen: SeenVersion) -> VisitOut:
    """The same hours and people on each day; the visit becomes the first part, and each part that
    follows is a visit of its own (`followed_by_id`). All days are booked, or none is."""
    await day_parts.day_parts(ctx, await take(ctx, id, at=seen), told)
    return await show(ctx, id)


@router.post(
    "/{id}/duplicate",
    operation_id="duplicate_visit",
    summary="Add another visit like this one",
    status_code=201,
    responses=answers(400, 404, 409, 422),
)
async def duplicate(ctx: Writer, id: UUID, copy: Copy | None = None) -> VisitOut:
    """For the same work, as long and with the same instructions; unscheduled and promised to nobody."""
    made = await drafts.duplicate(ctx, await take(ctx, id), copy or Copy())
    return await show(ctx, made.id)
