"""`/api/v2/availability` and `/api/v2/slots`: when something could be done, and booking one of these
times."""

from datetime import date, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field, ValidationError

from app.api.deps import allowed
from app.api.edge import Edge
from app.api.outputs import Instant, Out
from app.api.problems import answers
from app.api.v2.visits.outputs import VisitOut, show
from app.core import clock
from app.core.errors import FieldError, Invalid
from app.models.permissions import Permission
from app.models.work_orders import Priority
from app.scheduling.slots import Grade
from app.scheduling.travel import Source
from app.services.context import Ctx
from app.services.dispatching import booking, offers, wanted
from app.services.dispatching.booking import SlotBooking
from app.services.dispatching.wanted import MOST_PEOPLE, Sought
from app.services.inputs import Day

router = APIRouter(
    prefix="/api/v2/slots", tags=["visits"], route_class=Edge, responses=answers(401, 403)
)
availability = APIRouter(
    prefix="/api/v2/availability", tags=["visits"], route_class=Edge, responses=answers(401, 403)
)
Writer = Annotated[Ctx, allowed(Permission.dispatch_write)]

USUAL, LONGEST = timedelta(days=14), timedelta(days=28)
"""Days that are looked at without a word about it, and at most."""


class ComesOut(Out):
    """Somebody who would come."""

    technician_id: UUID
    name: str
    leave_at: Instant
    drive_minutes: int
    drive_source: Source = Field(description="Where the drive's length is known from.")
    coming_from: str | None
    extra_minutes: int = Field(description="Of driving, that their day becomes longer by.")


class OtherOut(Out):
    technician_id: UUID
    name: str
    start: Instant
    extra_minutes: int


class RoomOut(Out):
    """What the window holds, in minutes of work, and what this would take of it."""

    available: int
    sold: int
    held: int
    shadows: int = Field(description="Promised, and nobody comes yet.")
    reserved: int = Field(description="Kept back from this work.")
    remaining: int
    share: int = Field(description="What is taken, in percent.")
    takes: int
    from_reserve: int = Field(description="What of it is kept back; needs capacity:reserve.")


class SlotOut(Out):
    """A window that can be booked."""

    window_start: Instant
    window_end: Instant
    start_local: str = Field(description="What the clock at the site shows.")
    end_local: str
    grade: Grade = Field(
        description="`recommended`: little driving and room to spare; `tight`: less than ten minutes"
        " to spare."
    )
    reason: str
    start: Instant | None = Field(description="When work would begin.")
    end: Instant | None
    technicians: list[ComesOut]
    next_best: OtherOut | None = Field(description="Who else, or where else in the day.")
    room: RoomOut | None


class OversoldOut(Out):
    """A visit that was promised, and nobody has room for it."""

    visit_id: UUID
    work_order: str
    window_start: Instant
    window_end: Instant


class AvailabilityOut(Out):
    time_zone: str = Field(description="The site's.")
    first: date
    last: date
    slots: list[SlotOut] = Field(
        validation_alias="offers", description="The best first; each can be booked, each alone."
    )
    soonest: SlotOut | None = Field(description="The next available, whoever comes.")
    looked_at: int = Field(description="Gaps between visits that were looked at.")
    nothing_because: str | None = Field(description="Why there is none.")
    oversold: list[OversoldOut] = Field(
        description="Promised on these days, and no place is left for them."
    )


@availability.get(
    "",
    operation_id="find_slots",
    summary="When something could be done",
    responses=answers(404, 409, 422),
)
async def find_slots(
    ctx: Writer,
    visit_id: Annotated[UUID | None, Query(description="An open visit.")] = None,
    work_order_id: Annotated[UUID | None, Query(description="Its next visit.")] = None,
    job_type_id: Annotated[
        UUID | None, Query(description="A kind of work, with site_id or a point.")
    ] = None,
    site_id: Annotated[UUID | None, Query(description="Where.")] = None,
    latitude: Annotated[float | None, Query(ge=-90, le=90, description="Or where.")] = None,
    longitude: Annotated[float | None, Query(ge=-180, le=180, description="Or where.")] = None,
    duration_minutes: Annotated[
        int | None, Query(ge=5, le=10_080, description="Silence: the visit's, or the job type's.")
    ] = None,
    crew_size: Annotated[
        int | None, Query(ge=1, le=MOST_PEOPLE, description="Silence: the job type's.")
    ] = None,
    priority: Annotated[
        Priority | None, Query(description="Of a kind of work; silence: normal.")
    ] = None,
    technician_ids: Annotated[
        list[UUID] | None, Query(max_length=MOST_PEOPLE, description="Only these.")
    ] = None,
    channel: Annotated[
        str | None, Query(min_length=1, max_length=200, description="How it is booked.")
    ] = None,
    use_reserve: Annotated[
        bool, Query(description="Take what is kept back, too; needs capacity:reserve.")
    ] = False,
    first: Annotated[
        Day | None, Query(alias="from", description="The first day at the site; silence: today.")
    ] = None,
    last: Annotated[
        Day | None, Query(alias="to", description="The last one; silence: 14 days in all.")
    ] = None,
) -> AvailabilityOut:
    """The windows in which the work can begin, from people's shifts, skills, visits, drives, breaks and
    what the windows still hold: the best first, each with its reason, and the next available. What is
    listed can be booked with `POST /slots/book`. The windows are the arrival windows of the branch; who
    has none gets two hours each. Of a visit that is planned it says where it could go."""
    try:
        sought = Sought(
            visit_id=visit_id,
            work_order_id=work_order_id,
            job_type_id=job_type_id,
            site_id=site_id,
            latitude=latitude,
            longitude=longitude,
            duration_minutes=duration_minutes,
            crew_size=crew_size,
            priority=priority,
            technician_ids=technician_ids or None,
            channel=channel,
            use_reserve=use_reserve,
        )
    except ValidationError as error:
        raise Invalid(
            "The question cannot be understood.",
            errors=[
                FieldError(f"?{'/'.join(map(str, one['loc']))}", "invalid", one["msg"])
                for one in error.errors()
            ],
        ) from error
    start, end = days(first, last, (await ctx.organisation()).time_zone)
    work = await wanted.of(ctx, sought, start, end, pointer="?{}".format)
    looked = await offers.look(ctx, work, start, end)
    return AvailabilityOut.model_validate(offers.shown(looked, office=ctx.sees_all))


@router.post(
    "/book",
    operation_id="book_slot",
    summary="Book a window that was offered",
    responses=answers(400, 404, 409, 412, 422),
)
async def book_slot(ctx: Writer, draft: SlotBooking) -> VisitOut:
    """Make a visit of the work order, or take the visit, promise the window, and plan it with whoever
    fits best, or with `technician_ids`. With `assign: false` it is promised and nobody comes yet: it
    keeps a place until somebody is put on it. 409 `slot_gone` when it cannot be done any more, with the
    `slots` of that day that can."""
    visit = await booking.book(ctx, draft)
    await ctx.session.flush()
    return await show(ctx, visit.id)


def days(first: date | None, last: date | None, zone: str) -> tuple[date, date]:
    """The days that are asked about. Raises `Invalid` for none, or too many."""
    start = first or clock.today(zone)
    end = last or start + USUAL - timedelta(days=1)
    if not start <= end < start + LONGEST:
        detail = f"Ask about 1 to {LONGEST.days} days, the last not before the first."
        raise Invalid(detail, errors=[FieldError("?to", "out_of_bounds", detail)])
    return start, end
