"""Alerts as people see them: what is wrong with a day, since when, in words; and the clock that looks.

What is always true: what is shown is computed when it is asked for, from the board's own picture; what is kept
says only since when it is known. The clock looks when the journal has gone on or when, by the last look,
something may be new: a quiet organisation costs one small question a minute. Each alert is told once when it is
raised and once when it is over, in the visit's timeline, and so on the boards; it is over when it is cured, at
whatever hour, or when it is left to whoever closes the days (`watched`), which is told as that.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import joinedload

from app.core import clock, wall
from app.models.alerts import AlertClock, RaisedAlert
from app.models.permissions import RecordScope
from app.models.sites import Site
from app.models.visits import Visit, VisitStatus
from app.models.work_orders import WorkOrder
from app.scheduling import rules
from app.scheduling.alerts import Alert, AlertCode
from app.scheduling.expected import Expected
from app.scheduling.model import MINUTE
from app.scheduling.worktime import utc
from app.services import journal_chain
from app.services.board import picture
from app.services.board.asking import BoardQuery
from app.services.board.picture import Drawn
from app.services.context import Ctx
from app.services.dispatching import oversold, watched
from app.services.facts import Fact, Told, emit_all

RECHECK = timedelta(hours=1)
"""One looks again after so long in any case."""
MOST = 1000
PLAIN = 2
"""Below so many hours a length is said in minutes."""
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
    # what somebody does not see takes time, too
    whole = replace(ctx, record_scope=RecordScope.all)
    query = BoardQuery(date=day)
    found = await picture.drawn(whole, query)
    none = await oversold.of(whole, day, day, found.shadows, found.now)
    raised = [*_raised(found), *(_Raised(_oversold(one.id), None) for one in none)]
    rows = await _rows(ctx, raised)
    since = await _since(ctx, rows)
    looks = (_next_look(found), oversold.next_look(found.shadows, found.now))
    shown = [
        Shown(
            id,
            one.alert.code,
            _said(one, rows, found.now, found.zone),
            one.alert.minutes,
            since.get((id, one.alert.code)),
            cause if cause in rows else None,
        )
        for one in raised
        for id, cause in [(UUID(one.alert.visit), _id(one.alert.cause))]
        if id in rows
    ]
    return Watched(day, tuple(shown), min((one for one in looks if one is not None), default=None))


async def tick(ctx: Ctx) -> int:
    """Look at whatever is watched, where something may be new; tell what was raised and what is over."""
    moment = clock.now()
    head = (await journal_chain.head(ctx)).seq
    known = await ctx.session.scalar(select(AlertClock).limit(1))
    if known is not None and known.seq == head and known.look_at > moment:
        return 0
    now = moment.replace(second=0, microsecond=0)
    organisation = await ctx.organisation()
    zone = organisation.time_zone
    seen = await watched.of(ctx, now)
    look_at = [now + RECHECK]
    look_at += [seen.again] if seen.again is not None else []
    raised: list[_Raised] = []
    for day, ids in seen.days.items():
        found = await picture.drawn(ctx, BoardQuery(date=day), ids)
        raised += _raised(found)
        look = _next_look(found)
        look_at += [look] if look is not None else []
    for row in seen.shadows:
        first, last = wall.day(row[0].start, zone), wall.day(row[-1].end, zone)
        none = await oversold.of(ctx, first, last, row, now)
        raised += [_Raised(_oversold(one.id), None) for one in none]
        again = oversold.next_look(row, now)
        look_at += [again] if again is not None else []
    rows = await _rows(ctx, raised)
    with wall.read_by(organisation.locale):
        told = {
            (UUID(one.alert.visit), one.alert.code.value): _said(one, rows, now, zone)
            for one in reversed(raised)  # of a visit that reaches into a day, its own day says it
            if UUID(one.alert.visit) in rows
        }
    kept = await ctx.session.scalars(select(RaisedAlert).limit(MOST * 10))
    stand = {(one.visit_id, one.code) for one in kept}
    await _tell(
        ctx,
        raised={key: said for key, said in told.items() if key not in stand},
        over=stand - set(told),
    )
    again = min(look_at)
    await ctx.session.execute(
        insert(AlertClock)
        .values(org_id=ctx.org_id, seq=head, look_at=again)
        .on_conflict_do_update(index_elements=["org_id"], set_={"seq": head, "look_at": again})
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
    told += [_over(visits[id], AlertCode(code), now) for id, code in sorted(over) if id in visits]
    for one in told:  # each by itself: several may be about one visit
        await emit_all(ctx, [one])


def _over(visit: Visit, code: AlertCode, now: datetime) -> Told:
    """That it is cured, or that one has stopped watching."""
    said: dict[str, Any] = {"code": code.value, "alert": WORDS[code]}
    if watched.is_left(visit, now):
        said["days"] = watched.KEPT.days
        return Told(Fact.visit_alert_left, visit, _about(visit), None, said)
    return Told(Fact.visit_alert_cleared, visit, _about(visit), None, said)


def _about(visit: Visit) -> tuple[UUID | None, ...]:
    return (visit.work_order_id,)


async def _since(ctx: Ctx, ids: Iterable[UUID]) -> dict[tuple[UUID, str], datetime]:
    rows = await ctx.session.scalars(
        select(RaisedAlert).where(RaisedAlert.visit_id.in_(list(ids))).limit(MOST * 10)
    )
    return {(one.visit_id, one.code): one.raised_at for one in rows}


@dataclass(frozen=True, slots=True)
class _Raised:
    """An alert, and its stop on the lane that says it; None: it stands on none."""

    alert: Alert
    stop: Expected | None


def _raised(found: Drawn) -> list[_Raised]:
    """What the lanes of a board say."""
    raised = []
    for _, days in found.lanes:
        for day in days:
            stops = {one.id: one for one in day.reckoned.stops}
            raised += [_Raised(one, stops[one.visit]) for one in day.reckoned.alerts]
    return raised


def _oversold(id: str) -> Alert:
    return Alert(AlertCode.window_oversold, id)


def _next_look(found: Drawn) -> datetime | None:
    """When, if nobody does anything, the lanes may say something else."""
    now = int(found.now.timestamp())
    looks = [
        look
        for _, days in found.lanes
        for day in days
        if any(one.ended is None for one in day.reckoned.dues)
        and (look := day.reckoned.next_look(found.drives, now)) is not None
    ]
    if any(one.status == VisitStatus.en_route for one in found.cells):
        looks.append(now + MINUTE)  # where they are is no change of any record
    return utc(min(looks)) if looks else None


async def _rows(ctx: Ctx, raised: Iterable[_Raised]) -> dict[UUID, Any]:
    """What is said of the visits of alerts, and of what holds them up, as far as one sees them."""
    named = {id for one in raised for id in (one.alert.visit, one.alert.cause) if id is not None}
    if not named:
        return {}
    found = await ctx.session.execute(
        ctx.select(Visit)
        .join(WorkOrder, (WorkOrder.org_id == Visit.org_id) & (WorkOrder.id == Visit.work_order_id))
        .join(Site, (Site.org_id == WorkOrder.org_id) & (Site.id == WorkOrder.site_id))
        .where(Visit.id.in_([UUID(id) for id in named]))
        .with_only_columns(
            Visit.id,
            Visit.planned_start,
            Visit.promised_start,
            Visit.promised_end,
            WorkOrder.number,
            Site.time_zone,
        )
    )
    return {row.id: row for row in found}


def _said(one: _Raised, rows: Mapping[UUID, Any], now: datetime, zone: str) -> str:
    """What is wrong, in words, by the clock at the site; of a window by the organisation's, whose `zone` is."""
    alert, stop = one.alert, one.stop
    row = rows[UUID(alert.visit)]
    if stop is None:
        window = wall.spoken(row.promised_start, row.promised_end, zone)
        if row.promised_end <= now:
            return f"Promised for {window}, and nobody came."
        return f"Promised for {window}, and nobody has room for it then."
    minutes = length(alert.minutes)
    match alert.code:
        case AlertCode.late_to_leave:
            return f"Should have set off at {_clock(stop.leave_by, row.time_zone)}, {minutes} ago."
        case AlertCode.late_to_arrive:
            cause = rows.get(UUID(alert.cause)) if alert.cause is not None else None
            why = f" Work order {cause.number} before it takes longer." if cause else ""
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


def _id(id: str | None) -> UUID | None:
    return UUID(id) if id is not None else None


def _clock(at: int, zone: str) -> str:
    return wall.spoken_hour(utc(at), zone)


def length(minutes: int) -> str:
    """So many minutes as people say them: "1 minute", "95 minutes", "4 hours 16 minutes"."""
    hours, rest = divmod(minutes, 60)
    if hours < PLAIN:
        return rules.spoken(minutes * MINUTE)
    return f"{hours} hours {rules.spoken(rest * MINUTE)}" if rest else f"{hours} hours"
