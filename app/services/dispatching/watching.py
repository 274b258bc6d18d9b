"""Alerts as people see them: what is wrong with a day, since when, in words; and the clock that looks.

What is always true: what is shown is computed when it is asked for; what is kept says only since when it
is known. The clock looks when the journal has gone on or when, by the last look, something may be new: a
quiet organisation costs one small question a minute. Each alert is told once when it is raised and once
when it is over, in the visit's timeline, and so on the boards.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import joinedload

from app.core import clock, wall
from app.models.alerts import AlertClock, RaisedAlert
from app.models.visits import Visit, VisitStatus
from app.scheduling.alerts import Alert, AlertCode
from app.scheduling.model import MINUTE, Weights
from app.scheduling.slots import with_shadows
from app.scheduling.worktime import instants_of, utc
from app.services import journal_chain
from app.services.context import Ctx
from app.services.dispatching import snapshot, today
from app.services.dispatching.today import Today
from app.services.facts import Fact, Told, emit_all

ONE_DAY = timedelta(days=1)
RECHECK = timedelta(hours=1)
"""One looks again after so long in any case: what a break was skipped for may make up for lateness."""
MOST = 1000
WORDS = {
    AlertCode.late_to_leave: "late to leave",
    AlertCode.late_to_arrive: "late to arrive",
    AlertCode.overrunning: "overrunning",
    AlertCode.window_at_risk: "window at risk",
    AlertCode.window_oversold: "window oversold",
    AlertCode.not_confirmed: "not confirmed",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One alert in words."""

    visit_id: UUID
    code: AlertCode
    detail: str
    minutes: int
    since: datetime | None
    """When it was first seen; None: this moment."""
    cause_visit_id: UUID | None


@dataclass(frozen=True, slots=True)
class Watched:
    """A day's alerts, and when to look again."""

    day: date
    alerts: tuple[Shown, ...]
    look_again_at: datetime | None


async def watch(ctx: Ctx, day: date) -> Watched:
    """What is wrong with a day, or is about to be, of the visits that one may see."""
    going = await today.look(ctx, day)
    oversold = await _oversold(ctx, day)
    found = [*going.alerts(), *oversold.alerts]
    seen = set(
        await ctx.session.scalars(
            ctx.select(Visit)
            .where(Visit.id.in_({UUID(one.visit) for one in found}))
            .with_only_columns(Visit.id)
        )
    )
    since = await _since(ctx, seen)
    looks = (_moment(going.next_look()), oversold.look_again_at)
    shown = [
        Shown(
            UUID(one.visit),
            one.code,
            await _said(ctx, going, one, oversold.windows),
            -(-one.measure // MINUTE),
            since.get((UUID(one.visit), one.code)),
            UUID(one.cause) if one.cause and UUID(one.cause) in seen else None,
        )
        for one in found
        if UUID(one.visit) in seen
    ]
    return Watched(day, tuple(shown), min((one for one in looks if one is not None), default=None))


async def tick(ctx: Ctx) -> int:
    """Look at today and tomorrow, where something may be new; tell what was raised and what is over."""
    now = clock.now()
    head = (await journal_chain.head(ctx)).seq
    known = await ctx.session.scalar(select(AlertClock).limit(1))
    if known is not None and known.seq == head and known.look_at > now:
        return 0
    zone = (await ctx.organisation()).time_zone
    first = wall.day(now, zone)
    found: dict[tuple[UUID, str], str] = {}
    looks = [now + RECHECK]
    for day in (first, first + ONE_DAY):
        going = await today.look(ctx, day)
        oversold = await _oversold(ctx, day)
        for one in (*going.alerts(), *oversold.alerts):
            found[UUID(one.visit), one.code.value] = await _said(ctx, going, one, oversold.windows)
        again = (_moment(going.next_look()), oversold.look_again_at)
        looks += [one for one in again if one is not None]
    rows = await ctx.session.scalars(select(RaisedAlert).limit(MOST * 10))
    stand = {(one.visit_id, one.code) for one in rows}
    await _tell(
        ctx, raised={k: v for k, v in found.items() if k not in stand}, over=stand - set(found)
    )
    await ctx.session.execute(
        insert(AlertClock)
        .values(org_id=ctx.org_id, seq=head, look_at=min(looks))
        .on_conflict_do_update(index_elements=["org_id"], set_={"seq": head, "look_at": min(looks)})
    )
    return 0


async def _tell(ctx: Ctx, raised: dict[tuple[UUID, str], str], over: set[tuple[UUID, str]]) -> None:
    if not raised and not over:
        return
    ids = {id for id, _ in (*raised, *over)}
    visits = {
        one.id: one
        for one in await ctx.session.scalars(
            select(Visit)
            .where(Visit.id.in_(ids))
            .options(joinedload(Visit.work_order))
            .limit(len(ids))
        )
    }
    now = clock.now()
    for id, code in raised:
        ctx.session.add(RaisedAlert(visit_id=id, code=code, raised_at=now))
    for id, code in over:
        await ctx.session.execute(
            delete(RaisedAlert).where(RaisedAlert.visit_id == id, RaisedAlert.code == code)
        )
    told = [
        Told(
            Fact.visit_alert_raised,
            visits[id],
            _about(visits[id]),
            None,
            {"code": code, "detail": said},
        )
        for (id, code), said in raised.items()
    ]
    told += [
        Told(
            Fact.visit_alert_cleared,
            visits[id],
            _about(visits[id]),
            None,
            {"code": code, "alert": WORDS[AlertCode(code)]},
        )
        for id, code in sorted(over)
        if id in visits
    ]
    for one in told:  # each by itself: several may be about one visit
        await emit_all(ctx, [one])


def _about(visit: Visit) -> tuple[UUID | None, ...]:
    return (visit.work_order_id,)


async def _since(ctx: Ctx, ids: set[UUID]) -> dict[tuple[UUID, str], datetime]:
    rows = await ctx.session.scalars(
        select(RaisedAlert).where(RaisedAlert.visit_id.in_(ids)).limit(MOST * 10)
    )
    return {(one.visit_id, one.code): one.raised_at for one in rows}


def _moment(at: int | None) -> datetime | None:
    return None if at is None else utc(at)


@dataclass(frozen=True, slots=True)
class _Oversold:
    """The alerts of what was promised and has nobody, and when there will be one more."""

    alerts: Sequence[Alert]
    windows: Mapping[str, tuple[datetime, datetime]]
    """What was promised, by visit."""
    look_again_at: datetime | None


async def _oversold(ctx: Ctx, day: date) -> _Oversold:
    """The shadows of a day for which there is no place (`rulings.md` 31): those whose window is over have
    none any more."""
    zone = (await ctx.organisation()).time_zone
    start, end = (utc(one) for one in instants_of(zone, day, day))
    rows = await ctx.session.execute(
        select(Visit.id, Visit.promised_start, Visit.promised_end)
        .where(
            Visit.status == VisitStatus.unscheduled,
            Visit.promised_start >= start,
            Visit.promised_start < end,
            Visit.deleted_at.is_(None),
        )
        .order_by(Visit.promised_start, Visit.id)
        .limit(MOST)
    )
    windows = {str(row.id): (row.promised_start, row.promised_end) for row in rows}
    now = clock.now()
    over = {id for id, (_, ends) in windows.items() if ends <= now}
    ahead = windows.keys() - over
    if ahead:
        seen = await snapshot.load(ctx, day, day)
        here = [one for one in seen.shadows if one.id in ahead]
        _, oversold = with_shadows(seen.lanes(), here, Weights())
        over |= {one.id for one in oversold}
    return _Oversold(
        [Alert(AlertCode.window_oversold, id) for id in windows if id in over],
        windows,
        min((ends for id, (_, ends) in windows.items() if id not in over), default=None),
    )


async def _said(
    ctx: Ctx, going: Today, alert: Alert, windows: Mapping[str, tuple[datetime, datetime]]
) -> str:
    """What is wrong, in words, by the clock at the site; of a window by the organisation's."""
    if alert.code is AlertCode.window_oversold:
        start, end = windows[alert.visit]
        window = wall.spoken(start, end, (await ctx.organisation()).time_zone)
        if end <= clock.now():
            return f"Promised for {window}, and nobody came."
        return f"Promised for {window}, and nobody has room for it then."
    row = going.rows[alert.visit]
    stop = next(one for each in going.going for one in each.stops if one.id == alert.visit)
    minutes = _minutes(alert.measure)
    match alert.code:
        case AlertCode.late_to_leave:
            return f"Should have set off at {_clock(stop.leave_by, row.time_zone)}, {minutes} ago."
        case AlertCode.late_to_arrive:
            why = ""
            if alert.cause is not None:
                why = f" Work order {going.rows[alert.cause].number} before it takes longer."
            when = _clock(stop.arrive, row.time_zone)
            return f"Expected at {when}, {minutes} after the plan.{why}"
        case AlertCode.overrunning:
            return f"Should have been over {minutes} ago."
        case AlertCode.window_at_risk:
            until = _clock(int(row.promised_end.timestamp()), row.time_zone)
            return f"Expected at {_clock(stop.arrive, row.time_zone)}, promised until {until}."
        case _:
            begins = _clock(int(row.planned_start.timestamp()), row.time_zone)
            day = wall.spoken_day(wall.day(row.planned_start, row.time_zone))
            return f"Begins {day} at {begins}, and the customer has not confirmed."


def _clock(at: int, zone: str) -> str:
    return f"{utc(at).astimezone(ZoneInfo(zone)):%H:%M}"


def _minutes(seconds: int) -> str:
    minutes = -(-seconds // MINUTE)
    return "1 minute" if minutes == 1 else f"{minutes} minutes"
