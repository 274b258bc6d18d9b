"""`/api/v2/events`: time that is spent on something that is no job."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import Field
from sqlalchemy.orm import selectinload

from app.api.deps import SeenVersion, allowed
from app.api.edge import Edge, shows
from app.api.lists import Pages
from app.api.outputs import Instant, Out, PageOut, Record
from app.api.problems import answers
from app.api.v2.stories import tell
from app.models.events import Event, EventKind
from app.models.permissions import Permission
from app.models.technicians import Technician
from app.services import events
from app.services.context import Ctx
from app.services.event_series import Of, Repeats
from app.services.events import EventDraft, EventPatch, EventQuery
from app.services.visits.bookings import Bookable

SHOWN = (selectinload(Event.participants),)

router = APIRouter(
    prefix="/api/v2/events",
    tags=["events"],
    route_class=Edge,
    responses=answers(401, 403),
)
Reader = Annotated[Ctx, allowed(Permission.visits_read)]
Writer = Annotated[Ctx, allowed(Permission.dispatch_write)]


Which = Annotated[
    Of,
    Query(description="Of a series: this event; it and those that follow; all that are to come."),
]


class ParticipantOut(Out):
    id: UUID
    name: str


class EventOut(Record):
    """A meeting, a training, a vehicle's service: it takes its participants' time."""

    title: str
    kind: EventKind
    starts_at: Instant
    ends_at: Instant
    place: str | None
    latitude: float | None = Field(
        description="Of the place, where people have to drive there; None: they do not."
    )
    longitude: float | None
    description: str | None
    technicians: list[ParticipantOut]
    vehicles: list[ParticipantOut]
    series_id: UUID | None = Field(description="Events that repeat share it.")
    series_day: date | None = Field(description="The day by the rule, wherever it was moved to.")
    repeats: Repeats | None = Field(description="The rule, as long as it is true.")
    deleted_at: Instant | None


OWN = ("id", "version", "created_at", "updated_at", "title", "kind", "starts_at", "ends_at", "place",
       "latitude", "longitude",
       "description", "series_id", "series_day", "repeats", "deleted_at")  # fmt: skip


def shown(event: Event, by_id: dict[UUID, Bookable]) -> EventOut:
    """An event that was loaded with its participants."""
    there = [by_id[one.resource_id] for one in event.participants]
    people = [one for one in there if isinstance(one, Technician)]
    return EventOut.model_validate(
        {
            **{name: getattr(event, name) for name in OWN},
            "technicians": people,
            "vehicles": [one for one in there if one not in people],
        }
    )


@shows(Event)
async def show(ctx: Ctx, event_id: UUID) -> EventOut:
    """The event as this caller sees it."""
    event = await ctx.get(Event, event_id, fresh=True, options=SHOWN)
    return shown(event, {one.id: one for one in await events.bookables(ctx, [event])})


async def of_ids(ctx: Ctx, ids: Sequence[UUID]) -> list[EventOut]:
    """These events as they are now, deleted ones too, in the order of their ids."""
    asked = ctx.select(Event, deleted=True).where(Event.id.in_(ids)).options(*SHOWN)
    found = await ctx.session.scalars(
        asked.order_by(Event.id).execution_options(populate_existing=True)
    )
    there = list(found)
    by_id = {one.id: one for one in await events.bookables(ctx, there)}
    return [shown(event, by_id) for event in there]


@router.get("", operation_id="list_events", summary="List events", responses=answers(400, 422))
async def list_events(
    ctx: Reader, query: Annotated[EventQuery, Query()], page: Pages
) -> PageOut[EventOut]:
    """Events you may see; a technician sees those they take part in."""
    found = await page(Event, query, options=SHOWN)
    by_id = {one.id: one for one in await events.bookables(ctx, found.data)}
    return PageOut(
        data=[shown(event, by_id) for event in found.data],
        next_cursor=found.next_cursor,
        total=found.total,
    )


@router.post(
    "",
    operation_id="create_event",
    summary="Add an event",
    status_code=201,
    responses=answers(400, 404, 409, 422),
)
async def create_event(ctx: Writer, draft: EventDraft) -> EventOut:
    """Book everybody and everything that takes part; 409 `double_booking` names the booking in
    the way (`clash`) and the `next_free` times. With `repeats`, a series of events is made and booked,
    or none; the reply is its first, and `clashes` of a refusal names each day that has no place."""
    made = await events.create(ctx, draft)
    return await show(ctx, made.id)


@router.get("/{id}", operation_id="get_event", summary="Get an event", responses=answers(404, 422))
async def get_event(ctx: Reader, id: UUID) -> EventOut:
    """One event."""
    return await show(ctx, id)


@router.patch(
    "/{id}",
    operation_id="change_event",
    summary="Change an event",
    responses=answers(400, 404, 409, 412, 422, 428),
)
async def change_event(
    ctx: Writer, id: UUID, patch: EventPatch, seen: SeenVersion, of: Which = Of.this
) -> EventOut:
    """Change the fields you send; participants are replaced as a whole. Where an event of a series is
    moved with others, these go to the same hour on the office's clock, as many days further; those that
    follow become a series of their own."""
    await events.change(ctx, await ctx.get(Event, id, at=seen, options=SHOWN), patch, of)
    await ctx.session.flush()
    return await show(ctx, id)


@router.delete(
    "/{id}",
    operation_id="delete_event",
    summary="Delete an event",
    status_code=204,
    responses=answers(404, 409, 422),
)
async def delete_event(ctx: Writer, id: UUID, of: Which = Of.this) -> Response:
    """It does not take place; its participants are free again. With `following` or `all`, others of its
    series neither."""
    await events.delete(ctx, await ctx.get(Event, id, lock=True, options=SHOWN), of)
    return Response(status_code=204)


@router.post(
    "/{id}/restore",
    operation_id="restore_event",
    summary="Restore a deleted event",
    responses=answers(404, 409, 422),
)
async def restore_event(ctx: Writer, id: UUID) -> EventOut:
    """Bring a deleted event back."""
    await events.restore(ctx, await ctx.get(Event, id, lock=True, deleted=True, options=SHOWN))
    await ctx.session.flush()
    return await show(ctx, id)


tell(router, Event, Permission.visits_read)
