"""The planner's picture, kept ready to be asked: a question a second must not read the database anew.

What is always true: a picture is of one organisation and is never shown to another. It is used only while
nothing that it was made from has changed, and whoever asks sees that by what the journal shows of
transactions that the picture did not see: at once, however far the journal's numbers have come, and
whichever process wrote. Nothing that a transaction has not committed is kept.
"""

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from app.core import clock
from app.core.tools import roads_of
from app.scheduling import slots
from app.scheduling.capacity import Cell, Sold, Taken
from app.scheduling.distances import Drives, Estimated, Known
from app.scheduling.lanes import Lane, lane
from app.scheduling.model import Busy, Interval, Place, Resource, Task, Weights
from app.scheduling.spans import NEVER
from app.scheduling.table_days import changed, tables
from app.scheduling.tables import Board, Table, together
from app.services.arrival_windows import DayWindow
from app.services.context import Ctx
from app.services.dispatching import drives, marks, people, snapshot
from app.services.dispatching.marks import Mark
from app.services.dispatching.snapshot import Snapshot

WEIGHTS = Weights()
ONE_DAY = timedelta(days=1)
OLDEST = 60
"""Seconds after which a picture is drawn anew, though nothing changed: people's day goes on."""
MOST_DAYS = 6_000
"""People's days that a process keeps in all: 100 people for two months of questions."""
FEW = 4
"""A day's table is made anew where more than one board in so many has changed."""
QUIET = (
    "activity", "attachment", "bulk_action", "contact", "customer", "equipment", "export", "file",
    "invoice", "job", "mail", "note", "payment", "saved_view", "tag", "tagging",
)  # fmt: skip
"""Kinds of records that no picture shows."""


@dataclass(frozen=True, slots=True)
class Boards:
    """Boards with the shadows in their places, ready to be asked all at once."""

    lanes: list[Lane]
    table: Table
    oversold: list[Task]


@dataclass(eq=False)
class Picture:
    """Some days of everybody, with shadows in their places. Made by `of`."""

    seen: Snapshot
    names: Mapping[UUID, str]
    """What technicians are called."""
    bare: list[Lane]
    """Everybody's boards with what stands on them."""
    boards: Boards
    """The same with the shadows."""
    taken: list[tuple[str, Taken]]
    """What has taken the time of windows, by the task's id."""
    resources: list[Resource]
    """People's days as windows count them: what is driven to and is no work is busy."""
    mark: Mark
    """What it saw."""
    cells: dict[Hashable, list[Cell]] = field(default_factory=dict)
    """What windows hold, as it was asked before."""
    windows: dict[Hashable, list[DayWindow]] = field(default_factory=dict)
    """Which windows there are, likewise."""
    reached: set[str] = field(default_factory=set)
    """Places to which the map service's drives are known."""

    @property
    def oversold(self) -> list[Task]:
        """Shadows for which there is no place."""
        return self.boards.oversold

    def without(self, task: Task) -> "Boards":
        """The boards while this task stands nowhere: it is about to be planned."""
        if task.id not in self.tasks:
            return self.boards
        shadows = [one for one in self.seen.shadows if one.id != task.id]
        bare = [_less(one, task.id) for one in self.bare]
        return _boards(bare, shadows, self.boards.table.drives, self.boards)

    @cached_property
    def tasks(self) -> frozenset[str]:
        """The ids of all that stands or is a shadow here."""
        standing = (each.task.id for one in self.bare for each in one.standing)
        return frozenset(standing) | {one.id for one in self.seen.shadows}

    @cached_property
    def counted(self) -> frozenset[str]:
        """The ids of all that has taken the time of windows."""
        return frozenset(id for id, _ in self.taken)

    def holds_until(self) -> int:
        """When the first hold in it expires, seconds UTC."""
        return min((one.expires for one in self.seen.holds.values()), default=NEVER)


def _boards(
    bare: Sequence[Lane], shadows: Sequence[Task], drive: Drives, before: Boards | None
) -> Boards:
    """Boards with shadows, and their tables, a day each: of days that are as they were before, those."""
    lanes, oversold = slots.with_shadows(bare, shadows, WEIGHTS)
    days: dict[date, list[Lane]] = defaultdict(list)
    for one in lanes:
        days[one.resource.day].append(one)
    known = {}
    if before is not None and before.table.drives is drive:
        known = {one.boards[0].resource.day: one for one in before.table.parts if one.boards}
    made = {day: _kept(known[day], row) for day, row in days.items() if day in known}
    found = {day: one for day, one in made.items() if one is not None}
    new = sorted(day for day in days if day not in found)
    if new:
        found |= zip(new, tables([days[day] for day in new], drive), strict=True)
    parts = [found[day] for day in sorted(days)]
    return Boards(lanes, together(parts or tables([[]], drive)), oversold)


def _kept(before: Table, row: Sequence[Lane]) -> Table | None:
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


def _less(board: Lane, id: str) -> Lane:
    if all(one.task.id != id for one in board.standing):
        return board
    row = [one for one in board.standing if one.task.id != id]
    return lane(board.resource, row, board.line.travel)


class _Kept:
    """The pictures of a process on one database, the ones used last."""

    def __init__(self) -> None:
        self.pictures: OrderedDict[tuple[UUID, date, date], Picture] = OrderedDict()
        self.turns: dict[tuple[UUID, date, date], asyncio.Lock] = {}

    def keep(self, key: tuple[UUID, date, date], picture: Picture) -> None:
        self.pictures[key] = picture
        self.pictures.move_to_end(key)
        while len(self.pictures) > 1 and self._size() > MOST_DAYS:
            self.turns.pop(self.pictures.popitem(last=False)[0], None)

    def _size(self) -> int:
        return sum(len(one.bare) for one in self.pictures.values())


_KEPT: WeakKeyDictionary[Any, _Kept] = WeakKeyDictionary()
"""By the engine: an organisation's id says nothing about which database it was read from."""


async def of(
    ctx: Ctx, first: date, last: date, *, places: Sequence[Place] = (), oldest: int = OLDEST
) -> Picture:
    """The days from `first` to `last`, both included, as they are now; ready to be asked for drives to
    `places`, too. With the nights that begin before, and the days of those who live further east.
    Raises `Conflict` `too_many`."""
    kept = _KEPT.setdefault(ctx.session.get_bind(), _Kept())
    first, last = first - ONE_DAY, last + ONE_DAY
    key = (ctx.org_id, first, last)
    async with kept.turns.setdefault(key, asyncio.Lock()):
        picture = kept.pictures.get(key)
        if picture is None or not await holds(ctx, picture, oldest):
            picture, shared = await _drawn(ctx, first, last, picture)
            if shared:
                kept.keep(key, picture)
        else:
            kept.pictures.move_to_end(key)
        await _reach(ctx, picture, places)
    return picture


async def holds(ctx: Ctx, picture: Picture, oldest: int = OLDEST) -> bool:
    """Whether it is as it would be drawn now."""
    age = int(clock.now().timestamp()) - picture.seen.now
    if not 0 <= age <= oldest or picture.seen.now + age >= picture.holds_until():
        return False
    return not await marks.since(ctx, picture.mark, quiet=QUIET)


async def _drawn(ctx: Ctx, first: date, last: date, before: Picture | None) -> tuple[Picture, bool]:
    """A picture, and whether others may be shown it: not what only this transaction knows. Days that are
    as they were `before` are taken over."""
    mark, wrote = await marks.now(ctx)
    seen = await snapshot.load(ctx, first, last)
    if before is not None and seen.drives.known != before.seen.drives.known:
        before = None
    known = {one.resource.id: one for one in before.bare} if before is not None else {}
    bare = []
    for one in seen.days:
        was = known.get(one.resource.id)
        bare.append(
            was
            if was is not None and _as_before(was, one)
            else lane(one.resource, one.standing, seen.drives)
        )
    if before is not None:
        drive, boards = before.boards.table.drives, before.boards
    else:
        drive, boards = _drives(seen.drives), None
    resources, taken = counted(seen)
    names = {id: one.name for id, one in seen.technicians.items()}
    # rows belong to their transaction, and a picture outlives it
    seen = replace(seen, technicians={})
    made = _boards(bare, seen.shadows, drive, boards)
    return Picture(seen, names, bare, made, taken, resources, mark), not wrote


def _drives(known: drives.Drives) -> Drives:
    """The same drives, to be asked many at once."""
    return Known({ends: one.seconds for ends, one in known.known.items()}, Estimated())


def counted(seen: Snapshot) -> tuple[list[Resource], list[tuple[str, Taken]]]:
    """People's days and what has taken them, as windows count: what is driven to and is no work (an
    event) is busy; of a crew, its lead counts; what is over is not counted, as that time is gone."""
    resources, taken = [], []
    for one in seen.days:
        events = []
        for each in one.standing:
            assert each.start is not None
            span = Interval(max(each.start, seen.now), each.start + each.task.takes(one.resource))
            kind, lead = seen.sold(each.task, one.person.technician_id)
            if kind is None:
                events.append(Busy(span.start, span.end, each.task.name))
            elif span.start < span.end:
                took = Taken(span.start, span.end, one.resource.id, lead=lead, kind=kind)
                taken.append((each.task.id, took))
        busy = people.merged((*one.resource.busy, *events))
        resources.append(replace(one.resource, busy=busy) if events else one.resource)
    for task in seen.shadows:
        start = max(promised_start(task), seen.now)
        end = promised_start(task) + task.duration
        if start < end:
            took = Taken(start, end, None, task.territory, task.trade, kind=Sold.shadow)
            taken.append((task.id, took))
    return resources, taken


def promised_start(task: Task) -> int:
    """When a shadow's time is counted from: the beginning of its window."""
    assert task.promised is not None
    return task.promised.start


async def _reach(ctx: Ctx, picture: Picture, places: Sequence[Place]) -> None:
    """Let it know the map service's drives to and from more places."""
    new = [one for one in places if one.key not in picture.reached]
    if not new or roads_of(ctx.session) is None:
        return
    known = picture.seen.drives
    around = {one for board in picture.bare for one in board.line.places}
    known.known |= (await drives.between(ctx, {*around, *new})).known
    picture.boards = replace(
        picture.boards, table=replace(picture.boards.table, drives=_drives(known))
    )
    picture.reached |= {one.key for one in new}
