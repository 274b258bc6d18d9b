"""A batch that is plainly in order, in one trip: read by columns, kept by one function.

It answers what `pings.take` would. Whatever is unusual (a field too many, a number out of bounds, an
instant that is not kept, somebody off their plan) is left to the route, which says so word by word. When somebody is planned to work is remembered (`duty`), and counts
only where the database finds the same mark in the transaction that keeps the batch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import compress
from operator import itemgetter, lt
from typing import Any
from uuid import UUID

import orjson

from app.core import clock
from app.core.db import Scope, Sessions, hold_still
from app.services.hot import Caller, Taken, take_pings
from app.services.hot.taking import Pool
from app.services.identity.acting import act_for
from app.services.inputs import FIRST, LAST
from app.services.tracking import duty, working
from app.services.tracking.duty import Planned
from app.services.tracking.pings import AHEAD, MOST, VAGUE, NotKept, Refused, ranked

DAY = 86_400
SHAPES = frozenset(
    f"0000-00-00T00:00:00{fraction}{offset}"
    for fraction in ("", ".000", ".000000")
    for offset in ("Z", "+00:00", "-00:00")
)
"""How instants are written, each figure as a nought, that every reader of ISO 8601 reads alike."""
FIGURES = str.maketrans("123456789", "0" * 9)
_FIELDS = itemgetter("at", "latitude", "longitude", "accuracy_m")
_NUMBERS = {float, int}
NOTHING: tuple[Sequence[Any], ...] = ((),) * 6
"""For whoever asks only who this is, before anything is known of the technician's plan."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Positions in the order of their seconds, each of another one."""

    sent: int
    """How many there were."""
    vague: Sequence[NotKept]
    """Those of them that say nothing, which are not among the columns."""
    first: datetime
    last: datetime
    """Of all that were sent."""
    at: Sequence[int]
    latitude: Sequence[float]
    longitude: Sequence[float]
    accuracy: Sequence[float]
    speed: Sequence[float | None]

    @property
    def each(self) -> tuple[Sequence[Any], ...]:
        """The columns."""
        return self.at, self.latitude, self.longitude, self.accuracy, self.speed

    @property
    def days(self) -> list[date]:
        """The days, of UTC, in which there are some."""
        return [_moment(day * DAY).date() for day in sorted({at // DAY for at in self.at})]


def columns(body: bytes) -> Columns | None:
    """A batch as columns; None where it is not plainly in order."""
    if b"\\" in body:
        return None
    try:
        batch = orjson.loads(body)
        pings = batch["pings"]
        if len(batch) != 1 or type(pings) is not list or not 1 <= len(pings) <= MOST:
            return None
        written, *numbers = zip(*map(_FIELDS, pings), strict=True)
        speed = [ping.get("speed_mps") for ping in pings]
        fields = sum(map(len, pings))
        if fields != 4 * len(pings) + sum("speed_mps" in ping for ping in pings):
            return None  # a field that is not known
        if body.count(b'"') != 2 * (1 + fields + len(pings)):
            return None  # one that is there twice
        if not SHAPES.issuperset(",".join(written).translate(FIGURES).split(",")):
            return None
        stamps = [datetime.fromisoformat(one).timestamp() for one in written]
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
    latitude, longitude, accuracy = numbers
    span = _moment(min(stamps)), _moment(max(stamps))
    if not (
        _within(latitude, -90, 90)
        and _within(longitude, -180, 180)
        and _within(accuracy, 0, 1_000_000)
        and _within([one for one in speed if one is not None], 0, 10_000)
        and FIRST <= span[0] <= span[1] < LAST
    ):
        return None
    each: tuple[Sequence[Any], ...] = list(map(int, stamps)), latitude, longitude, accuracy, speed
    vague: list[NotKept] = []
    if max(accuracy) > VAGUE:
        vague = [
            NotKept(
                place, datetime.fromisoformat(written[place]).astimezone(UTC), Refused.inaccurate
            )
            for place, metres in enumerate(accuracy)
            if metres > VAGUE
        ]
        if len(vague) == len(pings):
            return None
        good = [metres <= VAGUE for metres in accuracy]
        each = tuple(list(compress(column, good)) for column in each)
    at = each[0]
    if not all(map(lt, at, at[1:])):
        order = _order(*each)
        each = tuple([column[place] for place in order] for column in each)
    return Columns(len(pings), vague, *span, *each)


def _order(
    at: Sequence[int],
    latitude: Sequence[float],
    longitude: Sequence[float],
    accuracy: Sequence[float],
    speed: Sequence[float | None],
) -> list[int]:
    """Their places by time; of several for one second that of the best."""
    if len(set(at)) == len(at):
        return sorted(range(len(at)), key=at.__getitem__)

    def rank(place: int) -> tuple[int, ...]:
        return at[place], *ranked(latitude[place], longitude[place], accuracy[place], speed[place])

    places = sorted(range(len(at)), key=rank)
    return [place for n, place in enumerate(places) if n == 0 or at[place] != at[places[n - 1]]]


def _moment(stamp: float) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=stamp)


def _within(numbers: Sequence[Any], least: int, most: int) -> bool:
    return not numbers or (
        _NUMBERS.issuperset(map(type, numbers)) and least <= min(numbers) and max(numbers) <= most
    )


async def keep(
    pool: Pool,
    sessions: Sessions,
    caller: Caller,
    csrf_hash: bytes | None,
    org_id: UUID | None,
    technician_id: UUID,
    told: Columns,
) -> Taken | None:
    """Keep a batch; None where nothing was written and the route has to answer. It may also be None
    after the connection was lost: sending a batch again changes nothing.

    `org_id` is the caller's, where it is known already.
    """
    plan = duty.remembered(org_id, technician_id) if org_id is not None else None
    if plan is not None and not plan.covers(told.first, told.last):
        plan = None
    for again in (True, False):
        if plan is not None and not _all_kept(plan, told):
            return None
        taken = await take_pings(
            pool,
            caller,
            csrf_hash,
            technician_id,
            duty.marked_since(),
            plan.mark if plan is not None else None,
            (told.days, *told.each) if plan is not None else NOTHING,
        )
        if taken is None or taken.kept is not None:
            return taken
        if not again:
            return None
        async with sessions.open(Scope(taken.org_id, source=caller.source)) as session:
            await hold_still(session)
            ctx = await act_for(session, None)
            plan = await duty.learn(ctx, technician_id, told.first, told.last)
        if plan is None:
            return None
    return None


def _all_kept(plan: Planned, told: Columns) -> bool:
    """Whether no instant is refused: none too old or to come, and all in planned time."""
    now = clock.now()
    if told.last > now + AHEAD or told.first < now - timedelta(days=plan.kept_days):
        return False
    if any(start <= told.first and told.last <= end for start, end in plan.spans):
        return True
    return all(working.within(plan.spans, _moment(at)) for at in told.at)
