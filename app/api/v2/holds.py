"""`/api/v2/holds`: time that is kept for a customer who has not decided yet."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Query, Response
from pydantic import Field

from app.api.deps import allowed
from app.api.edge import Edge, shows
from app.api.lists import Pages
from app.api.outputs import Instant, Out, PageOut, Record
from app.api.problems import answers
from app.api.v2.stories import tell
from app.api.v2.visits.outputs import Named, VisitOut
from app.api.v2.visits.outputs import show as show_visit
from app.models.holds import Hold, HoldStatus
from app.models.permissions import Permission
from app.models.technicians import Technician
from app.models.work_orders import Priority
from app.services.context import Ctx
from app.services.dispatching import holding
from app.services.dispatching.holding import HoldBooking, HoldDraft, HoldQuery, Longer

router = APIRouter(
    prefix="/api/v2/holds", tags=["visits"], route_class=Edge, responses=answers(401, 403)
)
Reader = Annotated[Ctx, allowed(Permission.visits_read)]
Writer = Annotated[Ctx, allowed(Permission.dispatch_write)]


class WorkOrderOfHold(Out):
    id: UUID
    number: str


class HoldOut(Record):
    """Time of people that is kept, and for what."""

    status: HoldStatus
    expires_at: Instant = Field(description="It ends by itself then.")
    window_start: Instant
    window_end: Instant
    starts_at: Instant = Field(description="When work would begin.")
    ends_at: Instant
    time_zone: str
    technicians: list[Named] = Field(description="Whose time is held, the lead first.")
    job_type: Named
    site_id: UUID | None
    address: str | None
    latitude: float | None = Field(description="Of a place that is no site.")
    longitude: float | None
    work_order: WorkOrderOfHold | None
    visit_id: UUID | None = Field(description="The visit it is for, or became.")
    priority: Priority
    channel: str | None
    note: str | None


OWN = ("id", "version", "created_at", "updated_at", "expires_at", "window_start", "window_end",
       "starts_at", "ends_at", "time_zone", "job_type", "site_id", "latitude", "longitude",
       "work_order", "visit_id", "priority", "channel", "note")  # fmt: skip


def shown(hold: Hold, people: Mapping[UUID, Technician]) -> HoldOut:
    """A hold that was loaded whole."""
    others = [one.resource_id for one in hold.bookings if one.resource_id != hold.lead_id]
    return HoldOut.model_validate(
        {
            **{name: getattr(hold, name) for name in OWN},
            "status": holding.status_of(hold),
            "address": hold.site.address if hold.site is not None else None,
            "technicians": [hold.lead, *(people[one] for one in others)],
        }
    )


@shows(Hold)
async def show(ctx: Ctx, hold_id: UUID) -> HoldOut:
    """The hold as it is now."""
    hold = await ctx.get(Hold, hold_id, fresh=True, options=holding.WHOLE)
    return shown(hold, await holding.people_of(ctx, [hold]))


@router.get("", operation_id="list_holds", summary="List holds", responses=answers(400, 422))
async def list_holds(
    ctx: Reader, query: Annotated[HoldQuery, Query()], page: Pages
) -> PageOut[HoldOut]:
    """Holds you may see, also those that have ended; `status=open` are those that stand."""
    found = await page(Hold, query, options=holding.WHOLE)
    people = await holding.people_of(ctx, found.data)
    return PageOut(
        data=[shown(one, people) for one in found.data],
        next_cursor=found.next_cursor,
        total=found.total,
    )


@router.post(
    "",
    operation_id="create_hold",
    summary="Hold a window",
    status_code=201,
    responses=answers(400, 404, 409, 422),
)
async def create_hold(ctx: Writer, draft: HoldDraft) -> HoldOut:
    """Keep the time of whoever fits best, or of `technician_ids`, for a window that was offered. It is
    told to nobody and ends after `minutes`. 409 `slot_gone` names the `slots` there are instead."""
    made = await holding.create(ctx, draft)
    return await show(ctx, made.id)


@router.get("/{id}", operation_id="get_hold", summary="Get a hold", responses=answers(404, 422))
async def get_hold(ctx: Reader, id: UUID) -> HoldOut:
    """One hold."""
    return await show(ctx, id)


@router.post(
    "/{id}/extend",
    operation_id="extend_hold",
    summary="Hold it longer",
    responses=answers(400, 404, 409, 422),
)
async def extend_hold(
    ctx: Writer, id: UUID, longer: Annotated[Longer, Body(default_factory=Longer)]
) -> HoldOut:
    """From now on, an hour at most. 409 `hold_ended` when it is over."""
    await holding.extend(ctx, await ctx.get(Hold, id, lock=True), longer)
    await ctx.session.flush()
    return await show(ctx, id)


@router.post(
    "/{id}/book",
    operation_id="book_hold",
    summary="Book what is held",
    responses=answers(400, 404, 409, 422),
)
async def book_hold(
    ctx: Writer, id: UUID, draft: Annotated[HoldBooking, Body(default_factory=HoldBooking)]
) -> VisitOut:
    """It becomes a visit, or its visit is planned: promised, with those whose time was held. 409
    `hold_ended` when it is over, with the `visit_id` it became."""
    visit = await holding.book(ctx, id, draft)
    await ctx.session.flush()
    return await show_visit(ctx, visit.id)


@router.delete(
    "/{id}",
    operation_id="release_hold",
    summary="Hold it no more",
    status_code=204,
    responses=answers(404, 409, 422),
)
async def release_hold(ctx: Writer, id: UUID) -> Response:
    """Its people's time is free at once. 409 `hold_ended` when it was booked: cancel the visit."""
    await holding.release(ctx, await ctx.get(Hold, id, lock=True))
    return Response(status_code=204)


tell(router, Hold, Permission.visits_read)
