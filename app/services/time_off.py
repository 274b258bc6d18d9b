"""Time off: asked for, approved or declined, cancelled.

Once approved it takes its time in `bookings`, around what is booked there already: visits stay where
they are and turn up among the alerts, and nothing new can be booked over the absence, not even where
a visit that stayed is taken away later (`visits.bookings` asks here too).
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import Field
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import Range

from app.core import clock, wall
from app.core.errors import Forbidden, invalid_field
from app.core.listing import Column, Filter, ListQuery
from app.models.bookings import Booking, BookingKind
from app.models.technicians import Technician
from app.models.time_off import TimeOff, TimeOffKind, TimeOffStatus
from app.scheduling.worktime import instants_of, utc
from app.services.context import Ctx
from app.services.facts import Fact, emit
from app.services.inputs import Day, Draft, Moment, Reason, ShortText
from app.services.shifts import WallClock
from app.services.visits import bookings
from app.services.visits.gaps import between

LONGEST = timedelta(days=366)


class TimeOffDraft(Draft):
    """Whole days from `first_day` to `last_day`, or hours of one day, on the technician's clock."""

    id: UUID | None = Field(None, description="Your own UUID for it, if you make them.")
    technician_id: UUID
    kind: TimeOffKind
    first_day: Day
    last_day: Day | None = Field(None, description="Silence: one day.")
    start_time: WallClock | None = Field(None, description="Of a single day; silence: midnight.")
    end_time: WallClock | None = None
    note: ShortText | None = None


class Decision(Draft):
    """Why, if there is more to say."""

    reason: Reason | None = None


class Reasoned(Draft):
    """Why not."""

    reason: Reason


class TimeOffQuery(ListQuery):
    """Filters and sorts of the list of time off."""

    SORTS: ClassVar[dict[str, Column]] = {
        "created_at": TimeOff.created_at,
        "starts_at": TimeOff.starts_at,
    }

    technician_id: Annotated[UUID | None, Filter(TimeOff.technician_id)] = None
    status: Annotated[TimeOffStatus | None, Filter(TimeOff.status)] = None
    kind: Annotated[TimeOffKind | None, Filter(TimeOff.kind)] = None
    starts_from: Annotated[Moment | None, Filter(TimeOff.starts_at, "gte")] = None
    starts_before: Annotated[Moment | None, Filter(TimeOff.starts_at, "lt")] = None


async def create(ctx: Ctx, draft: TimeOffDraft) -> TimeOff:
    """Ask for time off; a technician only for themselves.

    Raises `NotFound` for the technician, `Forbidden` for another one's, `Invalid` for days that
    cannot be.
    """
    technician = await ctx.get(Technician, draft.technician_id, pointer="/technician_id")
    if not ctx.sees_all and technician.member_id != ctx.user_id:
        raise Forbidden("You can ask for time off only for yourself.", code="not_yours")
    last = draft.last_day or draft.first_day
    if last < draft.first_day:
        raise invalid_field(
            "last_day", "The last day cannot come before the first.", code="turned_round"
        )
    if last - draft.first_day > LONGEST:
        raise invalid_field("last_day", "Time off lasts a year at most.", code="out_of_bounds")
    start, end = _time(draft.start_time), _time(draft.end_time)
    if (start or end) and last != draft.first_day:
        raise invalid_field(
            "start_time", "Hours are of a single day. Ask for each day by itself.", code="several"
        )
    # whoever gives them another clock has done so by now, or waits until this is there to be counted
    await bookings.lock(ctx, [technician.id])
    await ctx.session.refresh(technician, ["time_zone"])
    starts_at, ends_at = instants_of(technician.time_zone, draft.first_day, last, start, end)
    if ends_at <= starts_at:
        raise invalid_field("end_time", "The end must come after the start.", code="turned_round")
    given = draft.model_dump(
        exclude_none=True, exclude={"technician_id", "last_day", "start_time", "end_time"}
    )
    off = TimeOff(
        **given,
        technician=technician,
        last_day=last,
        start_time=start,
        end_time=end,
        starts_at=utc(starts_at),
        ends_at=utc(ends_at),
    )
    await ctx.add(off)
    await _tell(ctx, Fact.time_off_requested, off)
    return off


async def approve(ctx: Ctx, off: TimeOff, decision: Decision) -> None:
    """Grant it: from now on nothing can be booked over it. Visits that are booked stay."""
    off.refuse_unless("approve")
    await bookings.lock(ctx, [off.technician_id])
    busy = await _booked(ctx, off)
    ctx.session.add_all(
        Booking(
            resource_id=off.technician_id,
            during=Range(start, end, bounds="[)"),
            kind=BookingKind.time_off,
            time_off_id=off.id,
        )
        for start, end in between(busy, off.starts_at, off.ends_at)
    )
    await _decided(ctx, off, "approve", Fact.time_off_approved, decision.reason)


async def decline(ctx: Ctx, off: TimeOff, decision: Reasoned) -> None:
    """Do not grant it."""
    await _decided(ctx, off, "decline", Fact.time_off_declined, decision.reason)


async def cancel(ctx: Ctx, off: TimeOff, decision: Decision) -> None:
    """Take it back; what it had taken of the technician's time is free again."""
    off.refuse_unless("cancel")
    await bookings.lock(ctx, [off.technician_id])
    await ctx.session.execute(delete(Booking).where(Booking.time_off_id == off.id))
    await _decided(ctx, off, "cancel", Fact.time_off_canceled, decision.reason)


async def _decided(ctx: Ctx, off: TimeOff, verb: str, fact: Fact, reason: str | None) -> None:
    off.move(verb)
    off.decided_at = clock.now()
    off.decided_by_id = ctx.user_id
    off.decision_reason = reason
    await _tell(ctx, fact, off, reason=reason or "", because=f": {reason}" if reason else "")


async def _booked(ctx: Ctx, off: TimeOff) -> Sequence[tuple[datetime, datetime]]:
    await ctx.session.execute(
        delete(Booking).where(
            Booking.resource_id == off.technician_id,
            Booking.kind == BookingKind.hold,
            Booking.expires_at <= clock.now(),
        )
    )
    found = await ctx.session.execute(
        select(Booking.starts_at, Booking.ends_at)
        .where(
            Booking.resource_id == off.technician_id,
            Booking.starts_at < off.ends_at,
            Booking.ends_at > off.starts_at,
        )
        .order_by(Booking.starts_at)
        .limit(bookings.MOST)
    )
    return [(row.starts_at, row.ends_at) for row in found]


async def _tell(ctx: Ctx, fact: Fact, off: TimeOff, **data: Any) -> None:
    await emit(
        ctx,
        fact,
        off,
        about=(off.technician_id,),
        technician=off.technician.name,
        when=when(off),
        **data,
    )


def when(off: TimeOff) -> str:
    """“Mon 23 Nov to Fri 27 Nov”, or “Mon 23 Nov, 08:00–10:00”."""
    if off.start_time or off.end_time:
        return wall.spoken(off.starts_at, off.ends_at, off.technician.time_zone)
    first, last = wall.spoken_day(off.first_day), wall.spoken_day(off.last_day)
    return first if first == last else f"{first} to {last}"


def _time(text: str | None) -> time | None:
    return None if text is None else time.fromisoformat(text)
