"""How long drives take: as a map service said where one is set (`ROADS`), else our estimate, and which.

Nobody waits for a service, and no transaction is open while it takes its time. What it was not asked yet
is answered with the estimate and noted; a job asks, within the allowance that all processes share, and
the next one who looks is told. When it does not answer, the estimate stands.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, cast
from zoneinfo import ZoneInfo

from sqlalchemy import CursorResult, Delete, delete, func, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from app.core import clock
from app.core.geo import Point
from app.core.limits import Policy
from app.core.places import NotNow
from app.core.roads import Band, Drive, Roads
from app.core.tools import roads_of
from app.models.jobs import Job, JobStatus
from app.models.travel_times import SCALE, TravelTime
from app.scheduling.travel import STOP_SECONDS, Source, Travel, band_of, estimate
from app.services import jobs
from app.services.context import Ctx

JOB = "drive_times"
"""The kind of job."""
SQUARE = 250
"""Hundred-thousandths of a degree, about 280 m: somebody on the road is in the middle of one."""
NEAR_M = 675
"""Road metres (500 m as the crow flies): nobody is asked about less."""
TOGETHER = 25
"""Drives that a job takes at once."""
MOST = 500
"""Drives that one may want to know at once."""
KEPT = timedelta(days=30)
ON_THE_ROAD_KEPT = timedelta(days=2)
"""Of what begins where somebody was."""
PASSED = timedelta(minutes=10)
"""After which nobody wants to know a drive from there any more."""
LEASE = timedelta(minutes=2)
ATTEMPTS = 6
PAUSE = timedelta(minutes=1)
"""After a failure; it doubles from there."""
GONE_AT_ONCE = 1000
MOST_WAITING = 1000
"""Drives of one organisation that wait for an answer: the service is everybody's."""
MOST_KEPT = 20_000
"""Answers that one organisation keeps, give or take a minute's."""


@dataclass(frozen=True)
class Leg:
    """A drive that somebody wants to know."""

    start: Point
    goal: Point
    leaves: datetime
    zone: str
    """Whose hours count."""
    moving: bool = False
    """Somebody is at the start now, on the road."""


class Wanted(NamedTuple):
    """A drive that is to be asked for now."""

    start: Point
    goal: Point
    band: Band
    zone: str
    key: tuple[int, int, int, int, Band]


Key = tuple[int, int, int, int, Band]
KEY = (
    TravelTime.start_latitude_e5,
    TravelTime.start_longitude_e5,
    TravelTime.goal_latitude_e5,
    TravelTime.goal_longitude_e5,
    TravelTime.band,
)


def policy(roads: Roads) -> Policy:
    """How often all processes together may ask."""
    if roads.a_minute < 120:
        return Policy("roads", 1, max(1, 60 // roads.a_minute))
    return Policy("roads", roads.a_minute // 60, 1)


def key_of(roads: Roads, leg: Leg) -> Key:
    """Under which a drive is remembered."""
    band = band_of(leg.leaves.astimezone(ZoneInfo(leg.zone))) if roads.by_the_hour else Band.any
    grain = SQUARE if leg.moving else 1
    start = (round(one * SCALE / grain) * grain for one in leg.start)
    return (*start, *(round(one * SCALE) for one in leg.goal), band)  # type: ignore[return-value] # two and two


async def times(ctx: Ctx, legs: Sequence[Leg]) -> list[Travel]:
    """How long each drive takes, and where that comes from."""
    assert len(legs) <= MOST
    guesses = [estimate(leg.start, leg.goal) for leg in legs]
    roads = roads_of(ctx.session)
    if roads is None:
        return guesses
    keys = {
        place: key_of(roads, leg)
        for place, (leg, guess) in enumerate(zip(legs, guesses, strict=True))
        if guess.metres >= NEAR_M
    }
    if not keys:
        return guesses
    known = await _known(ctx, roads, set(keys.values()))
    missing = {key: legs[place] for place, key in keys.items() if key not in known}
    if missing:
        await _want(ctx, roads, missing)
    return [known.get(keys[n]) or guess if n in keys else guess for n, guess in enumerate(guesses)]


async def _known(ctx: Ctx, roads: Roads, keys: set[Key]) -> dict[Key, Travel | None]:
    """What was answered, and what is waited for (None), of these. A service knows the road; the door is
    to be found by whoever has driven it."""
    rows = await ctx.session.scalars(
        select(TravelTime)
        .where(TravelTime.provider == roads.name, tuple_(*KEY).in_(sorted(keys)))
        .limit(MOST)
    )
    return {
        row.key: None
        if row.seconds is None or row.metres is None
        else Travel(row.seconds + STOP_SECONDS, row.metres, Source.provider)
        for row in rows
    }


async def _want(ctx: Ctx, roads: Roads, missing: Mapping[Key, Leg]) -> None:
    now = clock.now()
    # while they do not answer, those who come wait with the others
    paused = await ctx.session.scalar(
        select(func.min(TravelTime.due_at)).where(
            TravelTime.provider == roads.name,
            TravelTime.due_at > now + LEASE,
            TravelTime.attempts > 0,
        )
    )
    room = await _room(ctx, roads, len(missing))
    rows = [
        {
            "org_id": ctx.org_id,
            "provider": roads.name,
            **dict(zip((column.key for column in KEY), key, strict=True)),
            "moving": leg.moving,
            "zone": leg.zone,
            "due_at": paused or now,
            "attempts": 0,
        }
        for key, leg in sorted(missing.items())[:room]
    ]
    if not rows:
        return
    await ctx.session.execute(insert(TravelTime).values(rows).on_conflict_do_nothing())
    if paused is None and not await _is_asked(ctx):
        await jobs.ask(ctx, JOB, as_system=True)


async def _room(ctx: Ctx, roads: Roads, needed: int) -> int:
    """For how many more there is room. Where there is too little, those go that were noted first of
    where somebody is on the road: they are elsewhere by now."""
    waiting = select(*KEY).where(TravelTime.provider == roads.name, TravelTime.due_at.is_not(None))
    found = waiting.limit(MOST_WAITING).subquery()
    number = await ctx.session.scalar(select(func.count()).select_from(found)) or 0
    lacking = needed - (MOST_WAITING - number)
    if lacking > 0:
        first = (
            waiting.where(TravelTime.moving)
            .order_by(TravelTime.due_at, *KEY)
            .limit(lacking)
            .with_for_update(skip_locked=True)
        )
        passed = [tuple(row) for row in await ctx.session.execute(first)]
        gone = delete(TravelTime).where(TravelTime.provider == roads.name, tuple_(*KEY).in_(passed))
        number -= await _gone(ctx, gone) if passed else 0
    return max(0, MOST_WAITING - number)


async def _is_asked(ctx: Ctx) -> bool:
    waiting = select(Job.id).where(Job.kind == JOB, Job.status == JobStatus.queued).limit(1)
    return await ctx.session.scalar(waiting) is not None


async def go_on(ctx: Ctx) -> int:
    """What the clock does: forget what is old, and ask again what is due."""
    now, today = clock.now(), clock.now().date()
    old = or_(
        TravelTime.answered_on < today - KEPT,
        TravelTime.moving & (TravelTime.answered_on < today - ON_THE_ROAD_KEPT),
        TravelTime.moving & (TravelTime.due_at < now - PASSED),
        TravelTime.attempts >= ATTEMPTS,
        TravelTime.due_at < now - KEPT,  # of a service that is asked no more
    )
    key = tuple_(TravelTime.provider, *KEY)
    some = select(TravelTime.provider, *KEY).where(old).limit(GONE_AT_ONCE)
    gone = await _gone(ctx, delete(TravelTime).where(key.in_(some)))
    gone += await _keep_within_bounds(ctx)
    roads = roads_of(ctx.session)
    if roads is not None:
        due = select(TravelTime.due_at).where(
            TravelTime.provider == roads.name, TravelTime.due_at <= now
        )
        if await ctx.session.scalar(due.limit(1)) is not None and not await _is_asked(ctx):
            await jobs.ask(ctx, JOB, as_system=True)
    return gone


async def _keep_within_bounds(ctx: Ctx) -> int:
    """Forget the oldest of too many answers."""
    answered = select(TravelTime.provider, *KEY).where(TravelTime.answered_on.is_not(None))
    found = answered.limit(2 * MOST_KEPT).subquery()
    many = (await ctx.session.scalar(select(func.count()).select_from(found)) or 0) - MOST_KEPT
    if many <= 0:
        return 0
    oldest = answered.order_by(TravelTime.answered_on, *KEY).limit(many)
    key = tuple_(TravelTime.provider, *KEY)
    return await _gone(ctx, delete(TravelTime).where(key.in_(oldest)))


async def _gone(ctx: Ctx, statement: Delete) -> int:
    done = await ctx.session.execute(statement.execution_options(synchronize_session=False))
    return cast(CursorResult[Any], done).rowcount


async def take(ctx: Ctx) -> list[Wanted]:
    """The next drives of one band, for one job alone: few enough for one table."""
    roads, now = roads_of(ctx.session), clock.now()
    if roads is None:
        return []
    rows = (
        await ctx.session.scalars(
            select(TravelTime)
            .where(
                TravelTime.provider == roads.name,
                TravelTime.due_at <= now,
                ~(TravelTime.moving & (TravelTime.due_at < now - PASSED)),
            )
            .order_by(TravelTime.due_at, *KEY)
            .limit(TOGETHER)
            .with_for_update(skip_locked=True)
        )
    ).all()
    rows = [row for row in rows if (row.band, row.zone) == (rows[0].band, rows[0].zone)]
    starts = list(dict.fromkeys(row.key[:2] for row in rows))[: roads.most_starts]
    taken = [row for row in rows if row.key[:2] in starts]
    for row in taken:
        row.due_at = now + LEASE
    return [_wanted(row) for row in taken]


def _wanted(row: TravelTime) -> Wanted:
    north, east, to_north, to_east, band = row.key
    return Wanted(
        Point(north / SCALE, east / SCALE),
        Point(to_north / SCALE, to_east / SCALE),
        band,
        row.zone,
        row.key,
    )


async def answer(ctx: Ctx, found: Mapping[Key, Drive | None]) -> None:
    """Remember what was said, of each, also that there is no road."""
    roads = roads_of(ctx.session)
    assert roads is not None
    for key, drive in sorted(found.items(), key=lambda one: one[0]):
        await ctx.session.execute(
            _of(roads, [key]).values(
                seconds=drive.seconds if drive else None,
                metres=drive.metres if drive else None,
                answered_on=clock.now().date(),
                due_at=None,
                attempts=0,
            )
        )


async def put_off(ctx: Ctx, wanted: Sequence[Wanted], error: NotNow) -> None:
    """They did not answer: ask later, each time twice as late, and in the end no more."""
    roads = roads_of(ctx.session)
    assert roads is not None
    doubled = PAUSE * func.power(2, TravelTime.attempts)
    pause = func.greatest(doubled, max(PAUSE, error.after or timedelta())) + LEASE
    await ctx.session.execute(
        _of(roads, [one.key for one in wanted]).values(
            due_at=clock.now() + pause, attempts=TravelTime.attempts + 1
        )
    )


def _of(roads: Roads, keys: Sequence[Key]) -> Any:
    return (
        update(TravelTime)
        .where(TravelTime.provider == roads.name, tuple_(*KEY).in_(list(keys)))
        .execution_options(synchronize_session=False)
    )
