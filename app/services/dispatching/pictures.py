"""The planner's picture, kept ready to be asked: a question a second must not read the database anew.

What is always true: a picture is of one organisation and is never shown to another. It is used only while
nothing that it was made from has changed, and whoever asks sees that by what the journal shows of
transactions that the picture did not see: at once, however far the journal's numbers have come, and
whichever process wrote. Nothing that a transaction has not committed is kept.
"""

import asyncio
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary, WeakValueDictionary

from app.core import clock
from app.core.recent import Recent
from app.core.tools import roads_of
from app.scheduling import slots
from app.scheduling.capacity import Sold, Taken
from app.scheduling.distances import Drives, Estimated, Known, spot
from app.scheduling.lanes import Lane
from app.scheduling.model import Busy, Interval, Place, Resource, Task, Weights
from app.scheduling.spans import NEVER
from app.scheduling.table_days import changed, tables
from app.scheduling.table_windows import Held, Windows
from app.scheduling.tables import Board, Stood, Table, as_lane, together
from app.scheduling.worktime import utc
from app.services.arrival_windows import DayWindow
from app.services.context import Ctx
from app.services.dispatching import changes, drives, marks, people, renewing, snapshot
from app.services.dispatching.changes import MOST, QUIET
from app.services.dispatching.marks import Mark
from app.services.dispatching.snapshot import DayOf, Snapshot
from app.services.dispatching.wanted import NEW

WEIGHTS = Weights()
ONE_DAY = timedelta(days=1)
OLDEST = 60
"""Seconds after which a picture is drawn anew, though nothing changed: people's day goes on."""
MOST_DAYS = 6_000
"""People's days that a process keeps in all: 100 people for two months of questions."""
MOST_STALE = 128
"""Answers of earlier pictures that are mended when they are asked for again."""
FEW = 4
"""A day's table is made anew where more than one board in so many has changed."""
Key = tuple[UUID, date, date]
Count = tuple[Resource, tuple[tuple[str, Taken], ...]]
"""A day as windows count it, and what has taken its time, by the task's id."""


@dataclass(frozen=True, slots=True)
class Boards:
    """Boards with the shadows in their places, ready to be asked all at once."""

    table: Table
    oversold: list[Task]


@dataclass(frozen=True, slots=True)
class Windowed:
    """The windows of some days, the earliest first."""

    windows: tuple[DayWindow, ...]
    spans: tuple[Interval, ...]
    ahead: tuple[DayWindow, ...]
    """Those that were not over when the picture was drawn."""
    asked: Windows
    """What of these lay ahead, one by one."""


@dataclass(frozen=True, slots=True)
class Stale:
    """What windows held before, and where that may have changed since."""

    cells: Held
    since: tuple[Interval, ...]


@dataclass(eq=False)
class Picture:
    """Some days of everybody, with shadows in their places. Made by `of`."""

    seen: Snapshot
    names: Mapping[UUID, str]
    """What technicians are called."""
    bare: list[Board]
    """Everybody's boards with what stands on them."""
    lanes: dict[str, Lane]
    """Of these, those that were asked by themselves, by the ids of their days."""
    boards: Boards
    """The same with the shadows."""
    counts: list[Count]
    """People's days as windows count them: what is driven to and is no work is busy."""
    shadows: tuple[tuple[str, Taken], ...]
    """The time of windows that these take."""
    mark: Mark
    """What it saw."""
    cells: dict[Hashable, Held] = field(default_factory=dict)
    """What windows hold, as it was asked before."""
    stale: dict[Hashable, Stale] = field(default_factory=dict)
    """The same, as it was asked of the picture before this one."""
    windows: dict[Hashable, Windowed] = field(default_factory=dict)
    """Which windows there are, likewise."""
    reached: set[str] = field(default_factory=set)
    """Places to which the map service's drives are known."""
    legs: drives.Drives = field(init=False)
    """What is known of drives among its places, and of those to and from whoever asked. What was seen stays
    what it was: the next picture tells by it what was learnt since."""

    def __post_init__(self) -> None:
        self.legs = self.seen.drives

    @property
    def oversold(self) -> list[Task]:
        """Shadows for which there is no place."""
        return self.boards.oversold

    @cached_property
    def resources(self) -> list[Resource]:
        """People's days as windows count them."""
        return [one for one, _ in self.counts]

    @cached_property
    def taken(self) -> list[tuple[str, Taken]]:
        """What has taken the time of windows, by the task's id."""
        return [each for _, taken in self.counts for each in taken] + list(self.shadows)

    def knows(self, task: Task) -> bool:
        """Whether it stands somewhere, or is a shadow."""
        return task.id != NEW and UUID(task.id) in self.seen.visits

    def without(self, task: Task) -> "Boards":
        """The boards while this task stands nowhere: it is about to be planned."""
        if not self.knows(task):
            return self.boards
        shadows = [one for one in self.seen.shadows if one.id != task.id]
        bare: list[Board] = []
        for day, board in zip(self.seen.days, self.bare, strict=True):
            left = day.without(task.id)
            bare.append(board if left is day else Stood(left.resource, left.standing))
        return _boards(bare, shadows, self.boards.table.drives, self.boards, self.lanes)

    def holds_until(self) -> int:
        """When the first hold in it expires, seconds UTC."""
        return min((one.expires for one in self.seen.holds.values()), default=NEVER)


def _boards(
    bare: Sequence[Board],
    shadows: Sequence[Task],
    drive: Drives,
    before: Boards | None,
    lanes: dict[str, Lane],
) -> Boards:
    """Boards with shadows, and their tables, a day each: of days that are as they were before, those."""
    boards = list(bare)
    oversold: list[Task] = []
    # a shadow begins in its window, so nobody else's board is asked
    met = [n for n, one in enumerate(bare) if any(_meets(one.resource, each) for each in shadows)]
    if shadows:
        asked = [_lane(bare[n], drive, lanes) for n in met]
        placed, oversold = slots.with_shadows(asked, shadows, WEIGHTS)
        for n, one in zip(met, placed, strict=True):
            boards[n] = one
    days: dict[date, list[Board]] = defaultdict(list)
    for each in boards:
        days[each.resource.day].append(each)
    known = {}
    if before is not None and before.table.drives is drive:
        known = {one.boards[0].resource.day: one for one in before.table.parts if one.boards}
    made = {day: _kept(known[day], row) for day, row in days.items() if day in known}
    found = {day: one for day, one in made.items() if one is not None}
    new = sorted(day for day in days if day not in found)
    if new:
        found |= zip(new, tables([days[day] for day in new], drive), strict=True)
    parts = [found[day] for day in sorted(days)]
    return Boards(together(parts or tables([[]], drive)), oversold)


def _meets(who: Resource, shadow: Task) -> bool:
    promised = shadow.promised
    return promised is None or (who.opens <= promised.end and promised.start <= who.closes)


def _lane(board: Board, drive: Drives, lanes: dict[str, Lane]) -> Lane:
    """A board, ready to be asked by itself; kept while it is as it was."""
    was = lanes.get(board.resource.id)
    if was is None or not _as_before(was, board):
        was = lanes[board.resource.id] = as_lane(board, drive)
    return was


def _kept(before: Table, row: Sequence[Board]) -> Table | None:
    """A day's table with the boards that changed; None where others work, or most has changed."""
    was = {one.resource.id: one for one in before.boards}
    if was.keys() != {one.resource.id for one in row}:
        return None
    new: dict[str, Board] = {
        one.resource.id: one for one in row if not _as_before(was[one.resource.id], one)
    }
    if not new:
        return before
    return changed(before, new) if len(new) * FEW <= len(row) else None


def _as_before(one: Board, other: Board) -> bool:
    return one is other or (one.resource == other.resource and one.standing == other.standing)


class _Kept:
    """The pictures of a process on one database."""

    def __init__(self) -> None:
        self.pictures: Recent[Key, Picture] = Recent(MOST_DAYS, lambda one: len(one.bare))
        # while anybody draws it or waits for that
        self.turns: WeakValueDictionary[Key, asyncio.Lock] = WeakValueDictionary()


_KEPT: WeakKeyDictionary[Any, _Kept] = WeakKeyDictionary()
"""By the engine: an organisation's id says nothing about which database it was read from."""


async def of(
    ctx: Ctx,
    first: date,
    last: date,
    *,
    places: Sequence[Place] = (),
    oldest: int = OLDEST,
    known: people.Team | None = None,
) -> Picture:
    """The days from `first` to `last`, both included, as they are now; ready to be asked for drives to
    `places`, too. With the nights that begin before, and the days of those who live further east.
    Raises `Conflict` `too_many`."""
    kept = _KEPT.setdefault(ctx.session.get_bind(), _Kept())
    first, last = first - ONE_DAY, last + ONE_DAY
    key = (ctx.org_id, first, last)
    async with kept.turns.setdefault(key, asyncio.Lock()):
        picture = kept.pictures.get(key)
        if picture is None:
            made, shared = await _drawn(ctx, first, last, None, known)
        else:
            made, shared = await _as_now(ctx, picture, oldest, known)
        if shared:
            kept.pictures.keep(key, made)
        await _reach(ctx, made, places)
    return made


async def holds(ctx: Ctx, picture: Picture) -> bool:
    """Whether it is as it would be drawn now."""
    if _is_late(picture, OLDEST):
        return False
    written, _ = await marks.since(ctx, picture.mark, quiet=QUIET)
    return not written


def _is_late(picture: Picture, oldest: int) -> bool:
    """Whether time alone has made it another one."""
    now = int(clock.now().timestamp())
    return not 0 <= now - picture.seen.now <= oldest or now >= picture.holds_until()


async def _as_now(
    ctx: Ctx, picture: Picture, oldest: int, known: people.Team | None
) -> tuple[Picture, bool]:
    """The picture as it is now, and whether others may be shown it: not what only this transaction knows.
    Only what was changed is read again, if that can be told."""
    late, now = _is_late(picture, oldest), utc(picture.seen.now)
    mark = await marks.now(ctx) if late else None  # or what was written in between were lost
    written, seen = await marks.since(ctx, picture.mark, quiet=QUIET, limit=MOST)
    if not late and not written:
        return picture, True
    mark = mark or seen
    renewed = None
    changed = await changes.of(ctx, written)
    if late:
        now = clock.now()
    if changed is not None and now.timestamp() >= picture.seen.now:
        expired = clock.now().timestamp() >= picture.holds_until()
        changed = replace(changed, holds=changed.holds or expired)
        renewed = await renewing.renewed(ctx, picture.seen, changed, now)
    if renewed is None:
        return await _drawn(ctx, picture.seen.first, picture.seen.last, picture, known)
    return _made(renewed, picture.names, mark, picture), not await marks.wrote(ctx, mark)


async def _drawn(
    ctx: Ctx, first: date, last: date, before: Picture | None, known: people.Team | None = None
) -> tuple[Picture, bool]:
    """A picture read anew, and whether others may be shown it."""
    mark = known.mark if known is not None else await marks.now(ctx)
    seen = await snapshot.load(ctx, first, last, known=known)
    names = {id: one.name for id, one in seen.technicians.items()}
    # rows belong to their transaction, and a picture outlives it
    made = _made(replace(seen, technicians={}), names, mark, before)
    return made, not await marks.wrote(ctx, mark)


def _made(seen: Snapshot, names: Mapping[UUID, str], mark: Mark, before: Picture | None) -> Picture:
    """A picture of what was seen. What is as it was `before` is taken over."""
    if before is not None and not _drive_alike(seen.drives, before.seen.drives):
        before = None
    if before is None:
        bare: list[Board] = [Stood(one.resource, one.standing) for one in seen.days]
        lanes: dict[str, Lane] = {}
        made = _boards(bare, seen.shadows, _drives(seen.drives), None, lanes)
        counts = [_count(seen, one) for one in seen.days]
        return Picture(seen, names, bare, lanes, made, counts, _waiting(seen), mark)
    was = {
        one.resource.id: (one, board, count)
        for one, board, count in zip(before.seen.days, before.bare, before.counts, strict=True)
    }
    bare, counts, dirty = [], [], []
    later = seen.now != before.seen.now
    for one in seen.days:
        day, board, count = was.pop(one.resource.id, (None, None, None))
        if board is None or not _as_before(board, one):
            board = Stood(one.resource, one.standing)
        if count is None or day is not one or (later and not _begins(one, seen.now)):
            new = _count(seen, one)
            if new != count:
                dirty += [each for each in (count, new) if each is not None]
                count = new
        bare.append(board)
        counts.append(count)
    dirty += [count for _, _, count in was.values()]
    shadows = _waiting(seen)
    live = {one.resource.id for one in seen.days}
    lanes = {id: one for id, one in before.lanes.items() if id in live}
    made = before.boards
    if shadows != before.shadows or seen.shadows != before.seen.shadows or bare != before.bare:
        made = _boards(bare, seen.shadows, made.table.drives, made, lanes)
    stale = {}
    if not later:
        spans = tuple(_spans(dirty, {*shadows} ^ {*before.shadows}))
        if len(before.stale) + len(before.cells) <= MOST_STALE:
            stale = {key: Stale(one.cells, one.since + spans) for key, one in before.stale.items()}
        stale |= {key: Stale(one, spans) for key, one in before.cells.items()}
    return Picture(seen, names, bare, lanes, made, counts, shadows, mark, stale=stale)


def _drive_alike(these: drives.Drives, those: drives.Drives) -> bool:
    return these.known is those.known or these.known == those.known


def _begins(one: DayOf, now: int) -> bool:
    """Whether nothing of the day was to begin before."""
    if one.elsewhere and one.person.work.start < now:
        return False
    return all(each.start is not None and each.start >= now for each in one.standing)


def _spans(days: Iterable[Count], shadows: Iterable[tuple[str, Taken]]) -> Iterator[Interval]:
    """When windows may hold something else, if these come or go."""
    for who, taken in days:
        yield Interval(min(who.opens, who.shift.start), max(who.shift.end, who.closes))
        yield from (Interval(one.start, one.end) for _, one in taken)
    yield from (Interval(one.start, one.end) for _, one in shadows)


def _drives(known: drives.Drives) -> Drives:
    """The same drives, to be asked many at once."""
    return Known({ends: one.seconds for ends, one in known.known.items()}, Estimated())


def _count(seen: Snapshot, one: DayOf) -> Count:
    """Somebody's day and what has taken it, as windows count: what is driven to and is no work (an event)
    is busy; of a crew, its lead counts; what is over is not counted, as that time is gone. What reaches
    over midnight counts on each day with what lies there."""
    work, who = one.person.work, one.bare
    if who.on_call:
        return one.resource, ()
    events, taken = [], []
    for each in (*one.standing, *one.elsewhere):
        assert each.start is not None
        until = min(each.start + each.task.takes(who), work.end)
        span = Interval(max(each.start, work.start, seen.now), until)
        kind, lead = seen.sold(each.task, one.person.technician_id)
        if kind is None:
            events.append(Busy(span.start, span.end, each.task.name))
        elif span.start < span.end:
            took = Taken(span.start, span.end, who.id, lead=lead, kind=kind)
            taken.append((each.task.id, took))
    if not events:
        return who, tuple(taken)
    return replace(who, busy=people.merged((*who.busy, *events))), tuple(taken)


def _waiting(seen: Snapshot) -> tuple[tuple[str, Taken], ...]:
    """What shadows take."""
    found = []
    for task in seen.shadows:
        start = max(promised_start(task), seen.now)
        end = promised_start(task) + task.duration
        if start < end:
            took = Taken(start, end, None, task.territory, task.trade, kind=Sold.shadow)
            found.append((task.id, took))
    return tuple(found)


def promised_start(task: Task) -> int:
    """When a shadow's time is counted from: the beginning of its window."""
    assert task.promised is not None
    return task.promised.start


async def _reach(ctx: Ctx, picture: Picture, places: Sequence[Place]) -> None:
    """Let it know the map service's drives to and from more places."""
    new = [one for one in places if one.key not in picture.reached]
    if not new or roads_of(ctx.session) is None:
        return
    around = snapshot.places_of(picture.seen.days, picture.seen.shadows)
    spots = {spot(one.point) for one in new}
    more = {
        ends: leg
        for ends, leg in (await drives.between(ctx, {*around, *new})).known.items()
        if not spots.isdisjoint((ends[:2], ends[2:]))
    }
    picture.legs = drives.Drives({**picture.legs.known, **more})
    table = replace(picture.boards.table, drives=_drives(picture.legs))
    picture.boards = replace(picture.boards, table=table)
    picture.reached |= {one.key for one in new}
