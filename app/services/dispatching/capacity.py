"""What windows hold: of people's time, how much is there, sold, held, owed, kept back, left."""

from collections.abc import Sequence
from datetime import date, time, timedelta
from uuid import UUID

from app.scheduling import capacity
from app.scheduling.capacity import Cell, Reserve
from app.scheduling.model import Interval, Task
from app.scheduling.worktime import instants_of, utc
from app.services import arrival_windows
from app.services.arrival_windows import DayWindow
from app.services.context import Ctx
from app.services.dispatching.pictures import Picture

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
) -> list[DayWindow]:
    """The windows of the days from `first` to `last`, the earliest first: the organisation's, those that fit nearest,
    or two hours each while anybody works."""
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
    reserves: Sequence[Reserve],
    priority: int = 3,
    channel: str | None = None,
) -> list[Cell]:
    """What each of these holds for work of one territory and trade; `task` is about to be planned, and
    takes nothing."""

    def counted() -> list[Cell]:
        return capacity.cells(
            spans,
            picture.resources,
            [took for id, took in picture.taken if task is None or id != task.id],
            territory=territory,
            trade=trade,
            now=picture.seen.now,
            reserves=reserves,
            priority=priority,
            channel=channel,
        )

    if task is not None and any(id == task.id for id, _ in picture.taken):
        return counted()
    key = (tuple(spans), territory, trade, tuple(reserves), priority, channel)
    if key not in picture.cells:
        if len(picture.cells) >= MOST_ANSWERS:
            picture.cells.clear()
        picture.cells[key] = counted()
    return picture.cells[key]
