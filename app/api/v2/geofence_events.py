"""`/api/v2/geofence-events`: what positions say of visits, to be taken up or waved away."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from app.api.deps import allowed
from app.api.edge import Edge, shows
from app.api.lists import Pages
from app.api.outputs import Instant, PageOut, Record
from app.api.problems import answers
from app.api.v2.stories import tell
from app.api.v2.visits.outputs import Named
from app.models.geofence_events import Crossed, EventStatus, GeofenceEvent
from app.models.permissions import Permission
from app.services.context import Ctx
from app.services.tracking import following
from app.services.tracking.events import EventQuery
from app.services.tracking.following import SHOWN

router = APIRouter(
    prefix="/api/v2/geofence-events",
    tags=["positions"],
    route_class=Edge,
    responses=answers(401, 403),
)
Reader = Annotated[Ctx, allowed(Permission.visits_read)]
Doer = Annotated[Ctx, allowed(Permission.visits_execute)]


class GeofenceEventOut(Record):
    """Somebody seems to have come to a visit, or to have left it."""

    visit_id: UUID
    technician: Named
    kind: Crossed
    at: Instant
    status: EventStatus


@shows(GeofenceEvent)
async def show(ctx: Ctx, event_id: UUID) -> GeofenceEventOut:
    """The event as this caller sees it."""
    return GeofenceEventOut.model_validate(
        await ctx.get(GeofenceEvent, event_id, fresh=True, options=SHOWN)
    )


@router.get(
    "",
    operation_id="list_geofence_events",
    summary="What positions say of visits",
    responses=answers(400, 422),
)
async def list_geofence_events(
    ctx: Reader, query: Annotated[EventQuery, Query()], page: Pages
) -> PageOut[GeofenceEventOut]:
    """Arrivals and departures that were seen: `open` ones wait for somebody; `set` ones moved the visit
    by themselves, as the flag `geofence` of your organisation says."""
    return await page(GeofenceEvent, query, options=SHOWN)  # type: ignore[return-value]


@router.get(
    "/{id}",
    operation_id="get_geofence_event",
    summary="Get what positions say of a visit",
    responses=answers(404, 422),
)
async def get_geofence_event(ctx: Reader, id: UUID) -> GeofenceEventOut:
    """One event."""
    return await show(ctx, id)


@router.post(
    "/{id}/accept",
    operation_id="accept_geofence_event",
    summary="It was so",
    responses=answers(404, 409, 422),
)
async def accept_geofence_event(ctx: Doer, id: UUID) -> GeofenceEventOut:
    """An arrival: the visit's `arrive`, at the time that was seen. A departure: its `complete`; what
    that asks for is asked here, too. 409 `decided` when somebody was quicker; 404 when the visit has gone
    on without it."""
    await following.accept(ctx, id)
    return await show(ctx, id)


@router.post(
    "/{id}/dismiss",
    operation_id="dismiss_geofence_event",
    summary="It was not so",
    responses=answers(404, 409, 422),
)
async def dismiss_geofence_event(ctx: Doer, id: UUID) -> GeofenceEventOut:
    """The visit stays as it is, and this is not suggested again."""
    await following.dismiss(ctx, await ctx.get(GeofenceEvent, id, lock=True))
    return await show(ctx, id)


tell(router, GeofenceEvent, Permission.visits_read)
