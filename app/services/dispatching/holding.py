"""Holding a window while a customer makes up their mind, and booking what was held.

What is always true: a hold takes its people's time as a visit does, and windows count it; it is a promise to
nobody. It ends by itself, an hour after it was made at the latest unless somebody asks for more, and what
has expired keeps nobody from anything. Booking it needs no look for room: the time is kept.
Locks are taken in everybody's order: the visit, the days, the hold, the technicians, the work order.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import Field
from sqlalchemy import delete as delete_rows
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from app.core import clock, wall
from app.core.errors import Conflict, invalid_field
from app.core.listing import Column, Filter, ListQuery
from app.models.bookings import Booking, BookingKind
from app.models.holds import Hold, HoldStatus
from app.models.promises import ToldVia
from app.models.technicians import Technician
from app.models.visits import Visit
from app.services.context import Ctx
from app.services.dispatching import booking
from app.services.dispatching.booking import Window
from app.services.dispatching.wanted import Sought
from app.services.dispatching.work import RANK
from app.services.facts import Fact, emit
from app.services.inputs import Draft, LongText, Reason, ShortText
from app.services.visits import bookings, crew, drafts, planning, promises
from app.services.visits.bookings import Claim
from app.services.visits.gating import Override
from app.services.visits.taking import take
from app.services.visits.telling import because, names

WHOLE = (
    joinedload(Hold.job_type),
    joinedload(Hold.site),
    joinedload(Hold.work_order),
    joinedload(Hold.lead),
    selectinload(Hold.bookings),
)
USUAL, MOST_MINUTES = 15, 60
MOST = 1000
"""Holds that one sweep ends."""
Minutes = Annotated[int, Field(ge=1, le=MOST_MINUTES, description="How long, from now on.")]
URGENCY = {rank: priority for priority, rank in RANK.items()}


class HoldDraft(Window, Sought):
    """What is held, and how long."""

    id: UUID | None = Field(None, description="Your own UUID for it, if you make them.")
    minutes: Minutes = USUAL
    note: ShortText | None = Field(None, description="For whom, and why.")


class Longer(Draft):
    """How long it is held from now on."""

    minutes: Minutes = USUAL


class HoldBooking(Draft):
    """What becomes of a hold, and what the customer was told."""

    work_order_id: UUID | None = Field(
        None, description="Of which it becomes a visit, where the hold names none."
    )
    told_via: ToldVia = Field(ToldVia.not_yet, description="How the customer was told.")
    told_to: ShortText | None = Field(None, description="Who was told.")
    instructions: LongText | None = Field(None, description="Of a new visit.")
    reason: Reason | None = None
    override: Override | None = Field(
        None, description="Do not service or a credit hold, overruled with a reason."
    )


class HoldQuery(ListQuery):
    """Filters and sorts of the list of holds."""

    SORTS: ClassVar[dict[str, Column]] = {
        "created_at": Hold.created_at,
    }

    status: Annotated[HoldStatus | None, Filter(Hold.status)] = None
    site_id: Annotated[UUID | None, Filter(Hold.site_id)] = None
    work_order_id: Annotated[UUID | None, Filter(Hold.work_order_id)] = None
    visit_id: Annotated[UUID | None, Filter(Hold.visit_id)] = None
    lead_id: Annotated[UUID | None, Filter(Hold.lead_id)] = None


async def create(ctx: Ctx, draft: HoldDraft) -> Hold:
    """Hold a window with whoever was found for it.

    Raises `Conflict` `slot_gone` with the windows there are now, `NotFound` for what is named and not
    there.
    """
    visit = await booking.taken_up(ctx, draft.visit_id)
    taken = await booking.found(ctx, draft, draft, visit)
    wanted = taken.wanted
    hold = Hold(
        **({"id": draft.id} if draft.id else {}),
        site_id=wanted.site.id if wanted.site is not None else None,
        latitude=draft.latitude if wanted.site is None else None,
        longitude=draft.longitude if wanted.site is None else None,
        time_zone=wanted.zone,
        job_type_id=wanted.job_type.id,
        work_order_id=wanted.work_order.id if wanted.work_order is not None else None,
        visit_id=draft.visit_id,
        lead_id=taken.people[0],
        priority=URGENCY[wanted.task.priority],
        channel=draft.channel,
        window_start=draft.window_start,
        window_end=draft.window_end,
        starts_at=taken.start,
        ends_at=taken.end,
        expires_at=clock.now() + timedelta(minutes=draft.minutes),
        note=draft.note,
    )
    await ctx.add(hold)
    people = await crew.technicians(ctx, taken.people)
    await bookings.book(ctx, _claim(hold), people, taken.start, taken.end)
    reserved = taken.choice.room.from_reserve
    await _tell(
        ctx,
        Fact.hold_created,
        hold,
        name=_what(wanted.task.name, wanted.job_type.name),
        technicians=names(people),
        because=because(draft.note),
        reserve=f"; {reserved} minutes of it are kept back" if reserved else "",
        reserve_minutes=reserved,
    )
    return hold


async def extend(ctx: Ctx, hold: Hold, longer: Longer) -> Hold:
    """Hold it longer. `hold` is locked. Raises `Conflict` `hold_ended`."""
    _refuse_ended(hold)
    rows = await _locked(ctx, hold)
    hold.expires_at = clock.now() + timedelta(minutes=longer.minutes)
    for one in rows:
        one.expires_at = hold.expires_at
    await _tell(ctx, Fact.hold_extended, hold, name=await _name(ctx, hold))
    return hold


async def release(ctx: Ctx, hold: Hold) -> None:
    """Hold it no more. `hold` is locked. Raises `Conflict` `hold_ended` for one that was booked; another
    that has ended stays as it is."""
    if hold.status == HoldStatus.booked:
        _refuse_ended(hold)
    if hold.status != HoldStatus.open:
        return
    await _freed(ctx, hold)
    hold.status = HoldStatus.released
    await _tell(ctx, Fact.hold_released, hold, name=await _name(ctx, hold))


async def book(ctx: Ctx, hold_id: UUID, draft: HoldBooking) -> Visit:
    """Make what is held a visit: promised, and planned with those whose time was held.

    Raises `Conflict` `hold_ended`, and what `visits` say of promising and planning; `Invalid` when
    nothing says of which work order it becomes a visit.
    """
    seen = await ctx.get(Hold, hold_id)
    visit = await booking.taken_up(ctx, seen.visit_id)
    await booking.lock_days(ctx, seen.starts_at, seen.ends_at)
    hold = await ctx.get(Hold, hold_id, lock=True)
    _refuse_ended(hold)
    order_id = _order(hold, draft)
    rows = await _locked(ctx, hold)
    people = [hold.lead_id, *(one.resource_id for one in rows if one.resource_id != hold.lead_id)]
    await _freed(ctx, hold)
    if visit is None:
        made = await drafts.create(
            ctx,
            drafts.VisitDraft(
                work_order_id=order_id,
                duration_minutes=round((hold.ends_at - hold.starts_at) / timedelta(minutes=1)),
                instructions=draft.instructions,
                override=draft.override,
            ),
        )
        visit = await take(ctx, made.id)
    window = (hold.window_start, hold.window_end)
    stands = (visit.promised_start, visit.promised_end) == window
    if not stands or draft.told_via is not ToldVia.not_yet:
        new = promises.NewPromise(
            window_start=window[0],
            window_end=window[1],
            told_via=draft.told_via,
            told_to=draft.told_to,
            reason=draft.reason,
            override=draft.override,
        )
        await promises.promise(ctx, visit, new)
    plan = planning.Plan(
        technician_ids=people,
        start=hold.starts_at,
        end=hold.ends_at,
        reason=draft.reason,
        override=draft.override,
    )
    await planning.schedule(ctx, visit, plan)
    hold.status, hold.visit_id = HoldStatus.booked, visit.id
    await _tell(
        ctx, Fact.hold_booked, hold, name=await _name(ctx, hold), also=(visit.work_order_id,)
    )
    return visit


async def sweep(ctx: Ctx) -> int:
    """End what has expired; how many that were."""
    over = await ctx.session.scalars(
        select(Hold)
        .where(Hold.status == HoldStatus.open, Hold.expires_at <= clock.now())
        .order_by(Hold.expires_at, Hold.id)
        .limit(MOST)
        .with_for_update(key_share=True, skip_locked=True)
    )
    ended = over.all()
    for hold in ended:
        await _freed(ctx, hold)
        hold.status = HoldStatus.expired
        await _tell(ctx, Fact.hold_expired, hold, name=await _name(ctx, hold))
    return len(ended)


def status_of(hold: Hold) -> HoldStatus:
    """What it is at this moment, though nobody has swept yet."""
    if hold.status == HoldStatus.open and hold.expires_at <= clock.now():
        return HoldStatus.expired
    return HoldStatus(hold.status)


def _refuse_ended(hold: Hold) -> None:
    status = status_of(hold)
    if status is HoldStatus.open:
        return
    said = {
        HoldStatus.booked: "It was booked already.",
        HoldStatus.released: "It was released already. Look for a time again.",
        HoldStatus.expired: "It has expired. Look for a time again.",
    }
    raise Conflict(said[status], code="hold_ended", hold_status=status, visit_id=hold.visit_id)


def _order(hold: Hold, draft: HoldBooking) -> UUID:
    """Of which work order it becomes a visit."""
    if hold.work_order_id is not None and draft.work_order_id not in (None, hold.work_order_id):
        raise invalid_field("work_order_id", "It is held for another work order.", code="unclear")
    order_id = hold.work_order_id or draft.work_order_id
    if order_id is None:
        raise invalid_field(
            "work_order_id",
            "Name the work order: it was held for a kind of work alone.",
            code="missing",
        )
    return order_id


def _claim(hold: Hold) -> Claim:
    return Claim(BookingKind.hold, hold.id, hold.time_zone, hold.expires_at)


async def _locked(ctx: Ctx, hold: Hold) -> Sequence[Booking]:
    """The time it takes, its people locked: whoever drops expired holds does so under that lock."""
    theirs = select(Booking).where(Booking.hold_id == hold.id).order_by(Booking.resource_id)
    rows = (await ctx.session.scalars(theirs)).all()
    await bookings.lock(ctx, [one.resource_id for one in rows])
    rows = (await ctx.session.scalars(theirs.execution_options(populate_existing=True))).all()
    if not rows:
        raise Conflict(
            "It has expired, and its time was taken. Look for a time again.",
            code="hold_ended",
            hold_status=HoldStatus.expired,
            visit_id=None,
        )
    return rows


async def _freed(ctx: Ctx, hold: Hold) -> None:
    """Give its people's time back, at once: what comes in its place must find it free."""
    await ctx.session.execute(
        delete_rows(Booking)
        .where(Booking.hold_id == hold.id)
        .execution_options(synchronize_session=False)
    )


async def _name(ctx: Ctx, hold: Hold) -> str:
    found = await ctx.get(Hold, hold.id, options=WHOLE)
    return _what(found.work_order.number if found.work_order else None, found.job_type.name)


def _what(order: str | None, kind: str) -> str:
    return kind if order is None or order == kind else f"{kind} ({order})"


async def _tell(
    ctx: Ctx,
    fact: Fact,
    hold: Hold,
    *,
    also: tuple[UUID, ...] = (),
    **data: Any,
) -> None:
    await emit(
        ctx,
        fact,
        hold,
        about=(hold.lead_id, hold.site_id, hold.work_order_id, hold.visit_id, *also),
        when=wall.spoken(hold.starts_at, hold.ends_at, hold.time_zone),
        until=_clock(hold.expires_at, hold.time_zone),
        **data,
    )


def _clock(at: datetime, zone: str) -> str:
    return wall.written(at, zone)[11:16]


async def people_of(ctx: Ctx, holds: Sequence[Hold]) -> dict[UUID, Technician]:
    """Whose time is held, of holds loaded whole."""
    ids = {one.resource_id for hold in holds for one in hold.bookings}
    found = await ctx.session.scalars(select(Technician).where(Technician.id.in_(ids)))
    return {one.id: one for one in found}
