"""What windows hold: of people's time, how much is there, sold, held, owed, kept back, left."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from app.models.branches import Territory
from app.models.job_types import JobType
from app.scheduling import capacity
from app.scheduling.capacity import Cell, Reserve
from app.scheduling.model import MINUTE, Interval, Task
from app.scheduling.table_windows import Held, Windows
from app.scheduling.worktime import instants_of, utc
from app.services import arrival_windows
from app.services.arrival_windows import DayWindow
from app.services.context import Ctx
from app.services.dispatching import pictures, reserves
from app.services.dispatching.pictures import Picture, Stale, Windowed

ONE_DAY = timedelta(days=1)
HOURS = 2
"""So long are the windows of who has set up none; they begin at even hours of the clock at the site."""
MOST_ANSWERS = 64
"""Answers that a picture keeps."""


async def windows(
    ctx: Ctx,
    picture: Picture,
    zone: str,
    first: date,
    last: date,
    job_type_id: UUID | None,
    branch_id: UUID | None,
) -> Windowed:
    """The windows of the days from `first` to `last`, the earliest first: the organisation's, those that fit nearest,
    or two hours each while anybody works. The picture keeps them: whoever changes them changes it."""
    key = (zone, first, last, job_type_id, branch_id)
    found = picture.windows.get(key)
    if found is None:
        if len(picture.windows) >= MOST_ANSWERS:
            picture.windows.clear()
        found = windowed(await _windows(ctx, picture, *key), picture.seen.now)
        picture.windows[key] = found
    return found


def windowed(offered: Sequence[DayWindow], now: int) -> Windowed:
    """Windows, and what of them lies ahead."""
    spans = tuple([span(one) for one in offered])
    ahead = [n for n, one in enumerate(spans) if one.end > now]
    asked = Windows(Interval(max(spans[n].start, now), spans[n].end) for n in ahead)
    return Windowed(tuple(offered), spans, tuple([offered[n] for n in ahead]), asked)


def span(window: DayWindow) -> Interval:
    """In seconds."""
    return Interval(int(window.start.timestamp()), int(window.end.timestamp()))


async def _windows(
    ctx: Ctx,
    picture: Picture,
    zone: str,
    first: date,
    last: date,
    job_type_id: UUID | None,
    branch_id: UUID | None,
) -> list[DayWindow]:
    sets = await arrival_windows.nearest(ctx, job_type_id, branch_id)
    days = [first + ONE_DAY * n for n in range((last - first).days + 1)]
    if sets:
        return [window for day in days for window in arrival_windows.on(sets, zone, day)]
    worked = {
        hour
        for one in picture.resources
        if one.shift.start < one.shift.end
        for hour in range(one.shift.start // 3600, -(-one.shift.end // 3600))
    }
    return [
        window
        for day in days
        for window in _even(zone, day)
        if any(
            hour in worked
            for hour in range(
                int(window.start.timestamp()) // 3600, -(-int(window.end.timestamp()) // 3600)
            )
        )
    ]


def _even(zone: str, day: date) -> list[DayWindow]:
    found = []
    for hour in range(0, 24, HOURS):
        last = hour + HOURS == 24
        until = None if last else time(hour + HOURS)
        start, end = instants_of(zone, day, day, time(hour), until)
        if start < end:
            said = "24:00" if last else f"{hour + HOURS:02}:00"
            found.append(DayWindow(utc(start), utc(end), f"{hour:02}:00", said))
    return found


def cells(
    picture: Picture,
    spans: Sequence[Interval],
    task: Task | None,
    *,
    territory: str | None,
    trade: str | None,
    kept: Sequence[Reserve],
    priority: int = 3,
    channel: str | None = None,
) -> Held:
    """What each of these holds for work of one territory and trade; `task` is about to be planned, and
    takes nothing."""

    own = task is not None and picture.knows(task)

    def counted(these: Sequence[Interval]) -> Held:
        return Held(
            capacity.cells(
                these,
                picture.resources,
                [took for id, took in picture.taken if not own or task is None or id != task.id],
                territory=territory,
                trade=trade,
                now=picture.seen.now,
                reserves=kept,
                priority=priority,
                channel=channel,
            )
        )

    if own:
        return counted(spans)
    key = (tuple(spans), territory, trade, tuple(kept), priority, channel)
    if key not in picture.cells:
        if len(picture.cells) >= MOST_ANSWERS:
            picture.cells.clear()
        was = picture.stale.pop(key, None)
        picture.cells[key] = counted(spans) if was is None else _mended(was, counted)
    return picture.cells[key]


def _mended(was: Stale, counted: Callable[[Sequence[Interval]], Held]) -> Held:
    """What windows hold, asked again where that may have changed."""
    old = [
        one.window
        for one in was.cells
        if any(one.window.start < each.end and each.start < one.window.end for each in was.since)
    ]
    new = {id(one.window): one for one in counted(old)} if old else {}
    return Held(new.get(id(one.window), one) for one in was.cells)


@dataclass(frozen=True, slots=True)
class Window:
    """A window with what it holds, in minutes of work."""

    window_start: datetime
    window_end: datetime
    start_local: str
    end_local: str
    available: int
    sold: int
    held: int
    shadows: int
    reserved: int
    remaining: int
    share: int


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What no window counts, and why."""

    kind: str
    id: UUID
    name: str
    days: list[date]
    why: str


@dataclass(frozen=True, slots=True)
class Oversold:
    """A visit that was promised, and there is no place for it."""

    visit_id: UUID
    work_order: str
    window_start: datetime
    window_end: datetime


@dataclass(frozen=True, slots=True)
class Capacity:
    """What the windows of some days hold."""

    time_zone: str
    windows: list[Window]
    left_out: list[LeftOut]
    oversold: list[Oversold]


async def of_days(
    ctx: Ctx,
    first: date,
    last: date,
    territory: Territory | None,
    kind: JobType | None,
    trade: str | None,
) -> Capacity:
    """The windows of these days on the organisation's clock, for ordinary work. Raises `Conflict`
    `too_many`."""
    picture = await pictures.of(ctx, first, last)
    zone = (await ctx.organisation()).time_zone
    branch_id = territory.branch_id if territory is not None else None
    offered = await windows(ctx, picture, zone, first, last, kind.id if kind else None, branch_id)
    found = cells(
        picture,
        offered.spans,
        None,
        territory=str(territory.id) if territory is not None else None,
        trade=trade or (kind.trade if kind is not None else None),
        kept=await reserves.of(ctx),
    )
    return Capacity(
        zone,
        [_window(one, cell) for one, cell in zip(offered.windows, found, strict=True)],
        left_out(picture, first, last),
        oversold(picture, picture.oversold),
    )


def _window(window: DayWindow, cell: Cell) -> Window:
    return Window(
        window.start,
        window.end,
        window.start_local,
        window.end_local,
        available=cell.available // MINUTE,
        sold=(cell.consumed - cell.held - cell.shadows) // MINUTE,
        held=cell.held // MINUTE,
        shadows=cell.shadows // MINUTE,
        reserved=cell.reserved // MINUTE,
        remaining=cell.remaining // MINUTE,
        share=cell.sold // 10,
    )


def left_out(picture: Picture, first: date, last: date) -> list[LeftOut]:
    """Whoever has neither shift nor working hours on some of these days: nobody knows what they have."""
    unknown: dict[UUID, list[date]] = {}
    for one in picture.seen.days:
        work = one.person.work
        if first <= work.day <= last and not work.planned and not work.pieces:
            of = unknown.setdefault(one.person.technician_id, [])
            of += [work.day] if work.day not in of else []
    return [
        LeftOut(
            "technician",
            id,
            picture.names[id],
            of,
            "No shift and no working hours say when. Give them a shift.",
        )
        for id, of in sorted(unknown.items(), key=lambda it: (picture.names[it[0]], it[0]))
    ]


def oversold(picture: Picture, tasks: Sequence[Task]) -> list[Oversold]:
    """Promised visits for which there is no place, as people speak of them."""
    return [
        Oversold(UUID(one.id), one.name, utc(one.promised.start), utc(one.promised.end))
        for one in tasks
        if one.promised is not None
    ]
