"""The planned time that a visit or event takes of people and vehicles. Two bookings of one never
overlap.

The database's exclusion constraint decides, on every path. What is done here makes its answer quick
and useful: whoever books first locks the technicians and vehicles, in the order of their ids, so that nobody
runs into a deadlock, and a refusal names the booking in the way and the next free times.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, literal, null, or_, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import IntegrityError

from app.core import clock, wall
from app.core.db import deferred
from app.core.errors import Conflict
from app.models.bookings import Booking, BookingKind
from app.models.events import Event
from app.models.technicians import Resource, Technician
from app.models.time_off import TimeOff, TimeOffStatus
from app.models.vehicles import Vehicle
from app.models.visits import Visit
from app.models.work_orders import WorkOrder
from app.services.context import Ctx
from app.services.visits.gaps import gaps

EXCLUSION_VIOLATION = "23P01"
LOOK_AHEAD = timedelta(days=14)
"""How far free times are looked for."""
OFFERS = 3
"""Free times that are offered for each technician."""
MOST = 5000
"""Bookings that are read for it."""


@dataclass(frozen=True)
class Claim:
    """What takes the time, and on whose clock it is spoken of."""

    kind: BookingKind
    id: UUID
    zone: str
    expires_at: datetime | None = None
    """Until when a hold keeps it."""

    @property
    def column(self) -> Any:
        if self.kind == BookingKind.hold:
            return Booking.hold_id
        return Booking.visit_id if self.kind == BookingKind.visit else Booking.event_id


def of_visit(visit: Visit) -> Claim:
    """A visit's claim on the time of whoever comes."""
    return Claim(BookingKind.visit, visit.id, visit.work_order.site.time_zone)


Bookable = Technician | Vehicle


async def lock(ctx: Ctx, technician_ids: Sequence[UUID]) -> None:
    """Lock what is about to be booked, so that others who book it wait here, in one order."""
    await ctx.session.execute(
        select(Resource.id)
        .where(Resource.id.in_(technician_ids))
        .order_by(Resource.id)
        .with_for_update(key_share=True)
    )


@dataclass(frozen=True)
class Wish:
    """From when until when a claim wants to take whose time."""

    claim: Claim
    crew: Sequence[Bookable]
    start: datetime
    end: datetime

    @property
    def ids(self) -> list[UUID]:
        return [one.id for one in self.crew]


class _Taken(Exception):
    """Somebody else has the time."""

    def __init__(self, wish: Wish) -> None:
        super().__init__()
        self.wish = wish


async def book(
    ctx: Ctx, claim: Claim, crew: Sequence[Bookable], start: datetime, end: datetime
) -> None:
    """Let the claim take `start` to `end` of everybody in `crew`, and of nobody else.

    They stay locked until the transaction ends. Raises `Conflict` `double_booking` with
    the booking in the way as `clash` and the `next_free` times; nothing overrules it.
    """
    await book_together(ctx, [Wish(claim, crew, start, end)])


async def book_together(ctx: Ctx, wishes: Sequence[Wish]) -> None:
    """Book all of these, claims of one kind, or none; what they give up they may give to each other.

    Raises as `book` does, about the first that has no place.
    """
    claims = [one.claim for one in wishes]
    try:
        # Locking inside the savepoint gives the lock back with a refusal: of a crowd that wants one
        # slot, each who comes too late keeps the others waiting for one look and no longer.
        async with ctx.session.begin_nested():
            await lock(ctx, [id for one in wishes for id in one.ids])
            for wish in wishes:
                if await _is_taken(ctx, claims, wish):
                    raise _Taken(wish)
                await _drop_expired_holds(ctx, wish.ids, wish.start, wish.end)
            if len(wishes) == 1:
                await _write(ctx, wishes)
            else:  # one may take what the next has not yet given up
                async with deferred(ctx.session, "no_double_booking"):
                    await _write(ctx, wishes)
    except _Taken as taken:
        raise await _double_booking(ctx, claims, taken.wish) from None
    except IntegrityError as error:
        # whoever books past the lock still meets the constraint
        if getattr(error.orig, "sqlstate", None) != EXCLUSION_VIOLATION:
            raise
        beaten = [one for one in wishes if await _is_taken(ctx, claims, one)]
        raise await _double_booking(ctx, claims, [*beaten, *wishes][0]) from error


async def refuse_taken(ctx: Ctx, wish: Wish, giving_way: Sequence[Claim]) -> None:
    """Raise as `book` does when the wish meets anything but these claims, which will give way."""
    claims = [wish.claim, *giving_way]
    if await _is_taken(ctx, claims, wish):
        raise await _double_booking(ctx, claims, wish)


async def refusals(ctx: Ctx, wishes: Sequence[Wish], most: int) -> list[tuple[Wish, Conflict]]:
    """Of wishes that cannot be booked together, at most so many that have no place, each with why."""
    claims = [one.claim for one in wishes]
    found: list[tuple[Wish, Conflict]] = []
    for wish in wishes:
        if len(found) < most and await _is_taken(ctx, claims, wish):
            found.append((wish, await _double_booking(ctx, claims, wish)))
    return found


async def _write(ctx: Ctx, wishes: Sequence[Wish]) -> None:
    for one in wishes:
        await _replace(ctx, one.claim, set(one.ids), Range(one.start, one.end, bounds="[)"))
    await ctx.session.flush()


async def free(ctx: Ctx, visit: Visit, *, at: datetime | None = None) -> None:
    """Give back what the visit has taken: all of it, or what is left of it after `at`."""
    await release(ctx, of_visit(visit), at=at)


async def release(ctx: Ctx, claim: Claim, *, at: datetime | None = None) -> None:
    """Give back what was claimed: all of it, or what is left of it after `at`."""
    for booking in await _of(ctx, claim):
        if at is None or at <= booking.starts_at:
            await ctx.session.delete(booking)
        elif at < booking.ends_at:
            booking.during = Range(booking.starts_at, at, bounds="[)")


async def free_one(ctx: Ctx, visit: Visit, technician_id: UUID) -> None:
    """Give back what the visit has taken of one technician."""
    for booking in await _of(ctx, of_visit(visit)):
        if booking.resource_id == technician_id:
            await ctx.session.delete(booking)


async def _of(ctx: Ctx, claim: Claim) -> Sequence[Booking]:
    found = await ctx.session.scalars(
        select(Booking).where(claim.column == claim.id).order_by(Booking.resource_id)
    )
    return found.all()


def _in_the_way(
    claims: Sequence[Claim], technician_ids: Sequence[UUID], start: datetime, until: datetime
) -> list[ColumnElement[bool]]:
    """Bookings by others than these claims, by their plain times: a range operator reaches no index."""
    column = claims[0].column
    return [
        Booking.resource_id.in_(technician_ids),
        Booking.starts_at < until,
        Booking.ends_at > start,
        or_(column.is_(None), column.not_in([one.id for one in claims])),
        or_(Booking.expires_at.is_(None), Booking.expires_at > clock.now()),
    ]


async def _is_taken(ctx: Ctx, claims: Sequence[Claim], wish: Wish) -> bool:
    booked = select(Booking.id).where(*_in_the_way(claims, wish.ids, wish.start, wish.end))
    absent = select(TimeOff.id).where(*_absent(wish.ids, wish.start, wish.end))
    return bool(await ctx.session.scalar(select(or_(exists(booked), exists(absent)))))


def _absent(
    technician_ids: Sequence[UUID], start: datetime, until: datetime
) -> list[ColumnElement[bool]]:
    """Approved time off. It is booked around the visits that were there before it, so that one of
    these, taken away later, would leave a hole in it."""
    return [
        TimeOff.technician_id.in_(technician_ids),
        TimeOff.status == TimeOffStatus.approved,
        TimeOff.starts_at < until,
        TimeOff.ends_at > start,
    ]


async def _drop_expired_holds(
    ctx: Ctx, technician_ids: Sequence[UUID], start: datetime, end: datetime
) -> None:
    await ctx.session.execute(
        delete(Booking)
        .where(
            Booking.resource_id.in_(technician_ids),
            Booking.kind == BookingKind.hold,
            Booking.expires_at <= clock.now(),
            Booking.starts_at < end,
            Booking.ends_at > start,
        )
        .execution_options(synchronize_session=False)
    )


async def _replace(ctx: Ctx, claim: Claim, wanted: set[UUID], during: Range[datetime]) -> None:
    for booking in await _of(ctx, claim):
        if booking.resource_id in wanted:
            booking.during = during
            wanted = wanted - {booking.resource_id}
        else:
            await ctx.session.delete(booking)
    ctx.session.add_all(
        Booking(
            resource_id=one,
            during=during,
            kind=claim.kind,
            expires_at=claim.expires_at,
            **{claim.column.key: claim.id},
        )
        for one in sorted(wanted)
    )


async def _double_booking(ctx: Ctx, claims: Sequence[Claim], wish: Wish) -> Conflict:
    start, end = wish.start, wish.end
    by_id = {one.id: one for one in wish.crew}
    length = end - start
    earliest = max(start, _next_minute(clock.now()))
    busy = await _busy(ctx, claims, list(by_id), min(start, earliest), earliest + LOOK_AHEAD)
    clash = next((row for row in busy if row.starts_at < end and row.ends_at > start), None)
    free_times = [
        {_called(by_id[one]): one, "start": _z(begins), "end": _z(ends)}
        for one in by_id
        for begins, ends in islice(
            gaps(
                [(row.starts_at, row.ends_at) for row in busy if row.resource_id == one],
                earliest,
                earliest + LOOK_AHEAD,
                length,
            ),
            OFFERS,
        )
    ]
    if clash is None:  # it was freed between the refusal and this look
        return Conflict(
            "This time was taken a moment ago. Look again and try once more.",
            code="double_booking",
            clash=None,
            next_free=free_times,
        )
    taken = wall.spoken(clash.starts_at, clash.ends_at, wish.claim.zone)
    what = "technician" if isinstance(by_id[clash.resource_id], Technician) else "vehicle"
    is_booked = f"is booked {taken}"
    if clash.number:
        is_booked = f"is booked {taken} by work order {clash.number}"
    elif clash.title:
        is_booked = f"is booked {taken} for “{clash.title}”"
    elif clash.kind == BookingKind.hold:
        is_booked = f"is held for somebody {taken}"
    elif clash.kind == BookingKind.time_off:
        is_booked = f"has time off, {taken}"
    return Conflict(
        f"{by_id[clash.resource_id].name} {is_booked}. Choose another time or another {what}.",
        code="double_booking",
        clash={
            "booking": clash.id,
            "kind": clash.kind,
            "visit_id": clash.visit_id,
            "work_order_number": clash.number,
            **({"event_id": clash.event_id} if clash.event_id else {}),
            _called(by_id[clash.resource_id]): clash.resource_id,
            "starts_at": _z(clash.starts_at),
            "ends_at": _z(clash.ends_at),
        },
        next_free=free_times,
    )


def _called(one: Bookable) -> str:
    return "technician_id" if isinstance(one, Technician) else "vehicle_id"


async def _busy(
    ctx: Ctx,
    claims: Sequence[Claim],
    technician_ids: Sequence[UUID],
    start: datetime,
    until: datetime,
) -> Sequence[Any]:
    found = await ctx.session.execute(
        select(
            Booking.id,
            Booking.kind,
            Booking.resource_id,
            Booking.visit_id,
            Booking.starts_at,
            Booking.ends_at,
            Booking.event_id,
            Event.title,
            WorkOrder.number,
        )
        .outerjoin(Visit, (Visit.org_id == Booking.org_id) & (Visit.id == Booking.visit_id))
        .outerjoin(
            WorkOrder, (WorkOrder.org_id == Visit.org_id) & (WorkOrder.id == Visit.work_order_id)
        )
        .outerjoin(Event, (Event.org_id == Booking.org_id) & (Event.id == Booking.event_id))
        .where(*_in_the_way(claims, technician_ids, start, until))
        .order_by(Booking.starts_at, Booking.id)
        .limit(MOST)
    )
    absences = await ctx.session.execute(
        select(
            TimeOff.id,
            literal(BookingKind.time_off.value).label("kind"),
            TimeOff.technician_id.label("resource_id"),
            null().label("visit_id"),
            TimeOff.starts_at,
            TimeOff.ends_at,
            null().label("event_id"),
            null().label("title"),
            null().label("number"),
        )
        .where(*_absent(technician_ids, start, until))
        .limit(MOST)
    )
    # an absence is named whole, not by the rows that were booked for it around other visits
    booked = [row for row in found if row.kind != BookingKind.time_off]
    return sorted([*booked, *absences], key=lambda row: (row.starts_at, row.id))


def _next_minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0) + timedelta(minutes=1)


def _z(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


async def refusal(ctx: Ctx, wish: Wish) -> Conflict:
    """`double_booking` about what a claim wants: the booking in the way and the next free times."""
    return await _double_booking(ctx, [wish.claim], wish)
