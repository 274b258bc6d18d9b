"""Booking a window that was offered: a visit that is promised, and planned with whoever was found or left
without anybody (a shadow, `rulings.md` 31).

What is always true: the window is looked for again, by the same function that offered it, while nobody else
can take it: whoever sells on a day waits for the one before, and those who would come are locked and seen
to be as they were. What was shown can be booked, or the answer is `slot_gone` with what there is now.
Locks are taken in everybody's order: the visit, the days, the technicians, the work order.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import func, select

from app.core import clock, wall
from app.core.errors import Conflict, invalid_field
from app.models.promises import ToldVia
from app.models.visits import Visit
from app.scheduling.worktime import utc
from app.services.arrival_windows import DayWindow
from app.services.context import Ctx
from app.services.dispatching import offers, pictures, snapshot, wanted
from app.services.dispatching.offers import Choice, Looked
from app.services.dispatching.wanted import Asked, Wanted
from app.services.facts import Fact
from app.services.inputs import Draft, LongText, Moment, Reason, ShortText
from app.services.visits import bookings, drafts, planning, promises
from app.services.visits.gating import Override
from app.services.visits.taking import WHOLE, take
from app.services.visits.telling import because, local, tell
from app.services.visits.times import refuse_span

ONE_DAY = timedelta(days=1)
BEFORE, AFTER = timedelta(hours=14), timedelta(hours=12)
"""How much sooner and later than in UTC a day begins somewhere."""
TRIES = 3
"""How often it is looked again when those who were found got something else meanwhile."""


class Window(Draft):
    """A window as it was offered; or another one."""

    window_start: Moment
    window_end: Moment


class SlotBooking(Window, Asked):
    """What to book, and what the customer was told."""

    visit_version: int | None = Field(
        None, ge=1, le=2**53 - 1, description="The visit's, as you saw it; another one is 412."
    )
    assign: bool = Field(True, description="false: it is promised, and who comes is decided later.")
    told_via: ToldVia = Field(ToldVia.not_yet, description="How the customer was told.")
    told_to: ShortText | None = Field(None, description="Who was told.")
    instructions: LongText | None = Field(None, description="Of a new visit.")
    reason: Reason | None = None
    override: Override | None = Field(
        None, description="Do not service or a credit hold, overruled with a reason."
    )


@dataclass(frozen=True, slots=True)
class Taken:
    """What was found for whoever books, locked."""

    wanted: Wanted
    choice: Choice
    people: list[UUID]
    start: datetime
    end: datetime


async def book(ctx: Ctx, draft: SlotBooking) -> Visit:
    """Make the visit, or take the one it is for, promise the window, and plan it.

    Raises `Conflict` `slot_gone` with the windows there are now (`slots`), what `visits` say of promising
    and planning, `Stale` when the visit is not as it was seen.
    """
    visit = await taken_up(ctx, draft.visit_id, at=draft.visit_version)
    if visit is None and draft.work_order_id is None:
        raise invalid_field(
            "work_order_id",
            "Name the work order or the visit: a visit belongs to a work order. To keep the time"
            " meanwhile, hold it.",
            code="missing",
        )
    if visit is not None and visit.planned_start is not None and not draft.assign:
        raise Conflict(
            "Somebody is on this visit already. Unschedule it first to promise it without anybody.",
            code="planned",
        )
    if visit is not None and draft.instructions is not None:
        raise invalid_field(
            "instructions", "This visit has its instructions; PATCH changes them.", code="unclear"
        )
    taken = await found(ctx, draft, draft, visit, assign=draft.assign)
    if visit is None:
        visit = await _made(ctx, draft)
    minutes = draft.duration_minutes or visit.duration_minutes
    if minutes != visit.duration_minutes and visit.planned_start is None:
        await drafts.change(ctx, visit, drafts.VisitPatch(duration_minutes=minutes))
    window = (draft.window_start, draft.window_end)
    again = (visit.promised_start, visit.promised_end) == window
    if not again or draft.told_via is not ToldVia.not_yet:
        await promises.promise(ctx, visit, _promise(draft))
    if draft.assign:
        await plan(ctx, visit, taken, draft.reason, draft.override)
    if taken.choice.room.from_reserve:
        await tell(
            ctx,
            Fact.visit_took_reserve,
            visit,
            minutes=taken.choice.room.from_reserve,
            window=local(visit, *window),
            because=because(draft.reason),
        )
    return visit


async def taken_up(ctx: Ctx, visit_id: UUID | None, *, at: int | None = None) -> Visit | None:
    """The visit that is named, if one is, locked. Raises `NotFound`, and `Stale` when its version is not
    `at`."""
    if visit_id is None:
        return None
    return await ctx.get(Visit, visit_id, at=at, lock=True, options=WHOLE, pointer="/visit_id")


async def plan(
    ctx: Ctx, visit: Visit, taken: Taken, reason: str | None, override: Override | None
) -> None:
    """Put it on the boards of whoever was found."""
    said = planning.Plan(
        technician_ids=taken.people,
        start=taken.start,
        end=taken.end,
        reason=reason,
        override=override,
    )
    await planning.schedule(ctx, visit, said)


async def found(
    ctx: Ctx, asked: Asked, place: Window, visit: Visit | None, *, assign: bool = True
) -> Taken:
    """The window as it can be booked at this moment, by nobody else: the days are locked, and so are
    those who would come. Raises `Conflict` `slot_gone`."""
    refuse_span(place.window_start, place.window_end, "window_start", "window_end")
    if place.window_end <= clock.now():
        raise invalid_field("window_end", "This window is over.", code="past")
    day = wall.day(place.window_start, "UTC")
    work = await wanted.of(ctx, asked, day, wall.day(place.window_end, "UTC"), visit=visit)
    await lock_days(
        ctx, place.window_start, place.window_end + timedelta(seconds=work.task.duration)
    )
    first = wall.day(place.window_start, work.zone)
    last = wall.day(place.window_end, work.zone)
    window = _window(place, work.zone)
    for _ in range(TRIES):
        looked = await offers.look(ctx, work, first, last, only=window, oldest=1)
        choice = next(iter(looked.choices), None)
        if choice is None or (not assign and not _holds_as_shadow(looked, choice)):
            break
        taken = Taken(
            work,
            choice,
            [UUID(one.technician) for one in choice.slot.seats],
            utc(choice.slot.start),
            utc(choice.slot.seats[0].end),
        )
        if not assign or await _still_so(ctx, looked, taken.people):
            return taken
    raise await _gone(ctx, place, work, first, last)


async def lock_days(ctx: Ctx, start: datetime, end: datetime) -> None:
    """Let nobody else sell what lies on these days until the transaction ends: what two add to a window,
    each alone would see room for."""
    first, last = (start - BEFORE).date(), (end + AFTER).date()
    numbers = []
    for n in range((last - first).days + 1):
        mark = f"sell:{ctx.org_id}:{first + ONE_DAY * n}".encode()
        digest = hashlib.blake2b(mark, digest_size=8).digest()
        numbers.append(int.from_bytes(digest, "big", signed=True))
    # one after the other, in the order of the days
    await ctx.session.execute(select(*(func.pg_advisory_xact_lock(one) for one in numbers)))


async def _still_so(ctx: Ctx, looked: Looked, people: Sequence[UUID]) -> bool:
    """Lock those who would come, and see whether they stand as they did: people who plan by hand do not
    wait for whoever sells."""
    await bookings.lock(ctx, people)
    if await pictures.holds(ctx, looked.picture):
        return True
    seen = looked.picture.seen
    now = await snapshot.load(ctx, seen.first, seen.last, technician_ids=people)
    before = {one.resource.id: one for one in seen.days}
    return all(
        one.resource.id in before
        and one.standing == before[one.resource.id].standing
        and one.resource.busy == before[one.resource.id].resource.busy
        and one.resource.shift == before[one.resource.id].resource.shift
        for one in now.days
    )


def _holds_as_shadow(looked: Looked, choice: Choice) -> bool:
    """Whether windows have room for it where it will be counted: from the beginning of its window."""
    start = int(choice.window.start.timestamp())
    end = start + looked.wanted.task.duration
    return all(one.takes(start, end) for one in looked.cells)


def _window(place: Window, zone: str) -> DayWindow:
    start, end = place.window_start, place.window_end
    return DayWindow(start, end, wall.written(start, zone)[11:16], wall.written(end, zone)[11:16])


async def _gone(ctx: Ctx, place: Window, work: Wanted, first: date, last: date) -> Conflict:
    """Why it cannot be booked, with what can."""
    looked = await offers.look(ctx, work, first, last)
    there = offers.shown(looked, office=ctx.sees_all)
    spoken = wall.spoken(place.window_start, place.window_end, work.zone)
    left = "Choose one of the others." if there.offers else there.nothing_because
    return Conflict(
        f"{spoken} cannot be booked any more. {left}",
        code="slot_gone",
        slots=[_written(asdict(one)) for one in there.offers],
    )


def _written(value: Any) -> Any:
    """Times as replies say them."""
    if isinstance(value, dict):
        return {name: _written(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_written(one) for one in value]
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds").replace("+00:00", "Z")
    return value


async def _made(ctx: Ctx, draft: SlotBooking) -> Visit:
    assert draft.work_order_id is not None
    made = await drafts.create(
        ctx,
        drafts.VisitDraft(
            work_order_id=draft.work_order_id,
            duration_minutes=draft.duration_minutes,
            instructions=draft.instructions,
            override=draft.override,
        ),
    )
    return await take(ctx, made.id)


def _promise(draft: SlotBooking) -> promises.NewPromise:
    return promises.NewPromise(
        window_start=draft.window_start,
        window_end=draft.window_end,
        told_via=draft.told_via,
        told_to=draft.told_to,
        reason=draft.reason,
        override=draft.override,
    )
