"""When something could be done: the windows that can be booked, the best first, each with its reason.

What is always true: one function serves the office, whoever books (`booking`, `holding`), and customers who
look for themselves, so what is shown can be booked. It offers nothing that a rule would have to be
overruled for, and no window of which capacity or insertion says that it is sold. Only the office is told
of names and places.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from app.models.permissions import Permission
from app.scheduling import table_people
from app.scheduling.capacity import Cell, Reserve
from app.scheduling.model import MINUTE, Interval
from app.scheduling.slots import Grade, Seat, Slot
from app.scheduling.table_search import search_tables
from app.scheduling.table_windows import Held
from app.scheduling.tables import Table
from app.scheduling.travel import Source
from app.scheduling.worktime import utc
from app.services.arrival_windows import DayWindow
from app.services.context import Ctx
from app.services.dispatching import capacity, pictures, reserves
from app.services.dispatching.capacity import Oversold
from app.services.dispatching.pictures import WEIGHTS, Picture
from app.services.dispatching.wanted import Wanted

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Comes:
    """Somebody who would come, and from where."""

    technician_id: UUID
    name: str
    leave_at: datetime
    drive_minutes: int
    drive_source: Source
    coming_from: str | None
    """A street; None where the office has put no name to the place."""
    extra_minutes: int
    """What their day becomes longer by, of driving."""


@dataclass(frozen=True, slots=True)
class Other:
    """Who else could come in the window, or where else in the day."""

    technician_id: UUID
    name: str
    start: datetime
    extra_minutes: int


@dataclass(frozen=True, slots=True)
class Room:
    """What is left of a window, in minutes of work."""

    available: int
    sold: int
    held: int
    shadows: int
    reserved: int
    remaining: int
    share: int
    """Of it that is taken, in percent."""
    takes: int
    """What this would take."""
    from_reserve: int
    """And what of that is kept back from others."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A window that can be booked."""

    window_start: datetime
    window_end: datetime
    start_local: str
    end_local: str
    grade: Grade
    reason: str
    start: datetime | None
    """When work would begin; None for whoever is not of the office."""
    end: datetime | None
    technicians: list[Comes]
    next_best: Other | None
    room: Room | None


@dataclass(frozen=True, slots=True)
class Found:
    """What can be offered, and how it was found."""

    time_zone: str
    first: date
    last: date
    offers: list[Offer]
    soonest: Offer | None
    looked_at: int
    nothing_because: str | None
    oversold: list[Oversold]


@dataclass(frozen=True, slots=True)
class Choice:
    """A window with what stands behind it, for whoever books it."""

    window: DayWindow
    slot: Slot
    room: Room


@dataclass(frozen=True, slots=True)
class Looked:
    """What was looked at, and what was found."""

    wanted: Wanted
    first: date
    last: date
    picture: Picture
    choices: list[Choice]
    soonest: Choice | None
    looked_at: int
    table: Table
    cells: Sequence[Cell]
    oversold: list[Oversold]
    sold_out: bool
    """Somebody could come, if windows were not sold."""


async def look(
    ctx: Ctx,
    wanted: Wanted,
    first: date,
    last: date,
    *,
    only: DayWindow | None = None,
    oldest: int = pictures.OLDEST,
) -> Looked:
    """The windows for work on the days from `first` to `last` at its place; or `only` one, whichever it
    is. Raises `Forbidden` when reserves are asked for by somebody who may not take them, and `Conflict`
    `too_many`."""
    if wanted.use_reserve:
        ctx.require(Permission.capacity_reserve)
    task = wanted.task
    picture = await pictures.of(ctx, first, last, places=(task.place,), oldest=oldest)
    boards = picture.without(task)
    offered = await capacity.windows(
        ctx, picture, wanted.zone, first, last, wanted.job_type.id, wanted.branch_id
    )
    spans, open_ = offered.spans, offered
    if only is not None:
        open_ = capacity.windowed([only], picture.seen.now)
        spans += tuple([one for one in open_.spans if one not in spans])
    kept = await reserves.of(ctx)
    full = _cells(picture, spans, wanted, kept)
    binding = _cells(picture, spans, wanted, ()) if wanted.use_reserve else full
    # where nobody's shift lies, whoever is on call comes, and takes no window's time
    found = search_tables(boards.table, task, open_.asked, WEIGHTS, cells=binding.counted)
    asked = {id(one): window for one, window in zip(open_.asked, open_.ahead, strict=True)}
    rooms = {(one.window.start, one.window.end): one for one in full}
    choices = []
    for slot in found.slots:
        window = asked[id(slot.window)]
        whole = capacity.span(window)
        choices.append(Choice(window, slot, _room(rooms[whole.start, whole.end], full, slot)))
    at = {id(one.slot): one for one in choices}
    return Looked(
        wanted,
        first,
        last,
        picture,
        choices,
        at[id(found.soonest)] if found.soonest is not None else None,
        found.looked_at,
        boards.table,
        binding.counted,
        capacity.oversold(picture, boards.oversold),
        not choices and bool(search_tables(boards.table, task, open_.asked, WEIGHTS).slots),
    )


def shown(looked: Looked, *, office: bool) -> Found:
    """What is told of it: to the office all, to a customer no names and no places."""
    offers = {id(one): _offer(looked, one, office=office) for one in looked.choices}
    return Found(
        looked.wanted.zone,
        looked.first,
        looked.last,
        list(offers.values()),
        offers[id(looked.soonest)] if looked.soonest is not None else None,
        looked.looked_at,
        None if offers else _why_nothing(looked),
        looked.oversold if office else [],
    )


def _cells(
    picture: Picture, spans: Sequence[Interval], wanted: Wanted, kept: Sequence[Reserve]
) -> Held:
    return capacity.cells(
        picture,
        spans,
        wanted.task,
        territory=wanted.task.territory,
        trade=wanted.task.trade,
        kept=kept,
        priority=wanted.task.priority,
        channel=wanted.channel,
    )


def _room(cell: Cell, cells: Sequence[Cell], slot: Slot) -> Room:
    """What the window holds; what is taken of reserves counts in all windows that it reaches into."""
    seat = slot.seats[0]
    beyond = sum(
        max(0, _within(one.window, seat) - one.remaining)
        for one in cells
        if one.window.start < seat.end and seat.start < one.window.end
    )
    return Room(
        available=cell.available // MINUTE,
        sold=(cell.consumed - cell.held - cell.shadows) // MINUTE,
        held=cell.held // MINUTE,
        shadows=cell.shadows // MINUTE,
        reserved=cell.reserved // MINUTE,
        remaining=cell.remaining // MINUTE,
        share=cell.sold // 10,
        takes=_within(cell.window, seat) // MINUTE,
        from_reserve=-(-beyond // MINUTE) if cell.available > 0 else 0,
    )


def _within(window: Interval, seat: Seat) -> int:
    return max(0, min(window.end, seat.end) - max(window.start, seat.start))


def _offer(looked: Looked, choice: Choice, *, office: bool) -> Offer:
    slot, window = choice.slot, choice.window
    told = (window.start, window.end, window.start_local, window.end_local, slot.grade)
    if not office:
        return Offer(*told, slot.reason(office=False), None, None, [], None, None)
    return Offer(
        *told,
        slot.reason(office=True),
        utc(slot.start),
        utc(slot.seats[0].end),
        [_comes(looked, one) for one in slot.seats],
        _other(looked, slot.next_best) if slot.next_best is not None else None,
        choice.room,
    )


def _comes(looked: Looked, seat: Seat) -> Comes:
    leg = looked.picture.legs.leg(seat.before, looked.wanted.task.place)
    who = UUID(seat.technician)
    return Comes(
        who,
        looked.picture.names[who],
        utc(seat.start - leg.seconds),
        -(-leg.seconds // MINUTE),
        leg.source,
        seat.before.name or None,
        round(seat.detour / MINUTE),
    )


def _other(looked: Looked, seat: Seat) -> Other:
    who = UUID(seat.technician)
    name = looked.picture.names[who]
    return Other(who, name, utc(seat.start), round(seat.detour / MINUTE))


def _why_nothing(looked: Looked) -> str:
    """Why there is no window, so that somebody can mend it."""
    task = looked.wanted.task
    shifts = [one.resource.shift for one in looked.table.boards]
    works = [one.start < one.end for one in shifts]
    if not any(works):
        return "Nobody works on these days. Look at shifts and time off, or choose other days."
    able = [
        one
        for one, may, at_work in zip(
            shifts, table_people.may(looked.table, task).tolist(), works, strict=True
        )
        if may and at_work
    ]
    if not able:
        return (
            "Nobody who works on these days may do this: skills, territory or the technicians asked for"
            " leave none. Choose other days or other people."
        )
    if all(one.end - one.start < task.duration for one in able):
        return "It takes longer than anybody's day. Split it into several visits."
    if looked.sold_out:
        return "Every window is sold, but for what is kept back. Choose other days."
    return "No gap in anybody's day is long enough, with the drives. Choose other days."
