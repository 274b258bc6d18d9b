"""The time that a command's rows take, put back: free for all of them, or for none.

The rows of a swap stand in each other's place on the way back, too. So the constraint is asked once
all of them stand again; before that everybody else's bookings are looked at, for a refusal that names
the one in the way.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, or_, select
from sqlalchemy.exc import IntegrityError

from app.core import clock
from app.core.db import deferred
from app.core.errors import Conflict
from app.models.bookings import Booking, BookingKind
from app.models.technicians import Technician
from app.models.time_off import TimeOff, TimeOffStatus
from app.models.vehicles import Vehicle
from app.models.visits import Visit
from app.services.context import Ctx
from app.services.visits import bookings
from app.services.visits.bookings import Claim, Wish


async def refuse_taken(
    ctx: Ctx,
    visits: Sequence[Visit],
    held: Mapping[UUID, Booking],
    *,
    since: datetime,
) -> None:
    """Ask whether everybody has the time that these bookings take of them. Time off that was there
    `since` then is no matter: the work stood in it already.

    Raises `Conflict` `double_booking` with the booking in the way, as planning a visit does.
    """
    taking = [one for one in held.values() if one.kind != BookingKind.time_off]
    if not taking:
        return
    await _drop_expired_holds(ctx, taking)
    clash = await _clash(ctx, taking, since)
    if clash is not None:
        raise await _refusal(ctx, visits, clash)


@asynccontextmanager
async def crossing(ctx: Ctx) -> AsyncIterator[None]:
    """Let rows cross each other's time inside the block, and be asked for it once at its end.

    Raises `Conflict` `double_booking` for time that somebody took who asked nobody.
    """
    try:
        async with ctx.session.begin_nested(), deferred(ctx.session, "no_double_booking"):
            yield
    except IntegrityError as error:
        if getattr(error.orig, "sqlstate", None) != bookings.EXCLUSION_VIOLATION:
            raise
        raise Conflict(
            "This time was taken a moment ago. Look again and try once more.",
            code="double_booking",
            clash=None,
            next_free=[],
        ) from error


def _meets(model: Any, resource: Any, one: Booking) -> ColumnElement[bool]:
    return and_(
        resource == one.resource_id,
        model.starts_at < one.during.upper,
        model.ends_at > one.during.lower,
    )


async def _drop_expired_holds(ctx: Ctx, taking: Sequence[Booking]) -> None:
    await ctx.session.execute(
        delete(Booking)
        .where(
            Booking.kind == BookingKind.hold,
            Booking.expires_at <= clock.now(),
            or_(*(_meets(Booking, Booking.resource_id, one) for one in taking)),
        )
        .execution_options(synchronize_session=False)
    )


async def _clash(ctx: Ctx, taking: Sequence[Booking], since: datetime) -> Booking | None:
    """The first of these whose time somebody else has, or who is away in it."""
    booked = await ctx.session.execute(
        select(Booking.resource_id, Booking.starts_at, Booking.ends_at)
        .where(
            Booking.id.not_in([one.id for one in taking]),
            or_(*(_meets(Booking, Booking.resource_id, one) for one in taking)),
        )
        .limit(1)
    )
    away = await ctx.session.execute(
        select(TimeOff.technician_id, TimeOff.starts_at, TimeOff.ends_at)
        .where(
            TimeOff.status == TimeOffStatus.approved,
            TimeOff.updated_at > since,
            or_(*(_meets(TimeOff, TimeOff.technician_id, one) for one in taking)),
        )
        .limit(1)
    )
    for whose, start, end in (*booked, *away):
        for one in taking:
            if one.resource_id == whose and start < one.during.upper and end > one.during.lower:
                return one
    return None


async def _refusal(ctx: Ctx, visits: Sequence[Visit], clash: Booking) -> Conflict:
    visit = next((one for one in visits if one.id == clash.visit_id), None)
    if visit is not None:
        claim = bookings.of_visit(visit)
    else:
        id = clash.event_id or clash.hold_id or clash.visit_id or clash.id
        kind = BookingKind(clash.kind)
        claim = Claim(kind, id, (await ctx.organisation()).time_zone, clash.expires_at)
    key = (ctx.org_id, clash.resource_id)
    whom: bookings.Bookable | None = await ctx.session.get(Technician, key)
    if whom is None:
        whom = await ctx.session.get_one(Vehicle, key)
    return await bookings.refusal(ctx, Wish(claim, [whom], clash.during.lower, clash.during.upper))
