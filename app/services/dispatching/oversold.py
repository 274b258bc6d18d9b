"""Windows that were promised and have nobody: those for which there is no place any more (`rulings.md` 31).

What is always true: it is said by the same picture that sells windows, of the minute that goes. One whose window
is over has no place any more: nobody came.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.core import clock
from app.scheduling.model import Weights
from app.scheduling.slots import with_shadows
from app.services.context import Ctx
from app.services.dispatching import pictures, snapshot
from app.services.dispatching.people import Team

ONE_DAY = timedelta(days=1)
BEGINS = timedelta(hours=25)
"""So long before a window the day on which it lies may have begun: from then on every minute takes from what
room there is."""


@dataclass(frozen=True, slots=True)
class Shadow:
    """A visit that was promised, and nobody comes."""

    id: str
    start: datetime
    end: datetime


async def of(
    ctx: Ctx,
    first: date,
    last: date,
    shadows: Sequence[Shadow],
    now: datetime,
    *,
    past: bool = False,
    known: Team | None = None,
) -> list[Shadow]:
    """Those of them, promised for these days, for which there is no place. `past`: this session sees the
    database as it was then, and nothing of it is kept. `known`: who works then, read in this transaction, which has written nothing."""
    over = {one.id for one in shadows if one.end <= now}
    if len(over) < len(shadows):
        if past:
            seen = await snapshot.load(ctx, first - ONE_DAY, last + ONE_DAY, now=now)
            _, none = with_shadows(seen.lanes(), seen.shadows, Weights())
        else:
            # as it is in this minute
            picture = await pictures.of(ctx, first, last, oldest=clock.now().second, known=known)
            none = picture.oversold
        over |= {one.id for one in none}
    return [one for one in shadows if one.id in over]


def next_look(shadows: Sequence[Shadow], now: datetime) -> datetime | None:
    """When, if nobody does anything, there may be another one."""
    looks = [
        max(one.start - BEGINS, now + timedelta(minutes=1)) for one in shadows if one.end > now
    ]
    return min(looks, default=None)
