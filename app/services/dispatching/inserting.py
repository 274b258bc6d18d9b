"""An emergency is put on a board that is full, and whoever gives way is named.

What it displaces is either pushed back behind it, on the same day and with the same people, or goes
into the tray; nothing vanishes. Nobody is displaced without the word of a person: the first request is
refused with everybody who would give way, by how much and which promise that breaks, and the second
names them (`accept`). What has begun, is locked, or is no visit is displaced by nobody.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import Field
from sqlalchemy import select

from app.core import clock, wall
from app.core.errors import Conflict
from app.models.bookings import Booking
from app.models.visits import Visit, VisitLock, VisitStatus
from app.services.context import Ctx
from app.services.dispatching import drives
from app.services.dispatching.pushing import Block, push_back
from app.services.dispatching.work import place_of
from app.services.facts import Fact
from app.services.inputs import Draft, Moment
from app.services.visits import bookings, crew, party, placements, planning, releases
from app.services.visits.bookings import Wish
from app.services.visits.happenings import Happening
from app.services.visits.moving import moved
from app.services.visits.placements import Placement
from app.services.visits.planning import Starting, begins, lead
from app.services.visits.shifting import planned
from app.services.visits.taking import WHOLE
from app.services.visits.telling import because, local, tell
from app.services.visits.times import refuse_span

MOST = 50
"""Visits that give way to one."""
MOST_BOOKED = 500
"""Bookings of one day that are looked at."""
LARGEST_VERSION = 2**63 - 1
AHEAD = (VisitStatus.tentative, VisitStatus.scheduled, VisitStatus.dispatched)


class GivesWay(StrEnum):
    later = "later"
    tray = "tray"


class Accepted(Draft):
    """A visit that may give way, as it was shown."""

    visit_id: UUID
    version: int = Field(ge=1, le=LARGEST_VERSION)
    becomes_start: Moment | None = Field(None, description="When it would start instead.")

    @property
    def said(self) -> tuple[UUID, int, datetime | None]:
        return self.visit_id, self.version, self.becomes_start


class Insert(Starting):
    """Who comes and from when, and what becomes of those who are in the way."""

    displaced: GivesWay = Field(
        GivesWay.later,
        description="`later`: behind it, on the same day; who has no room there, and with `tray`"
        " everybody, goes into the tray.",
    )
    accept: list[Accepted] = Field(
        [], max_length=MOST, description="All who give way, as the refusal named them."
    )


@dataclass(frozen=True)
class _Displaced:
    visit: Visit
    start: datetime
    end: datetime
    """When it was planned."""
    becomes: datetime | None
    """When it starts instead; None: it waits in the tray."""

    @property
    def said(self) -> tuple[UUID, int, datetime | None]:
        """What has to be accepted."""
        return self.visit.id, self.visit.version, self.becomes

    @property
    def minutes(self) -> int | None:
        if self.becomes is None:
            return None
        return round((self.becomes - self.start) / timedelta(minutes=1))

    @property
    def breaks_promise(self) -> bool:
        """Whether the customer was told a time that is not kept by it."""
        told = self.visit.promised_end
        return told is not None and (self.becomes is None or self.becomes > told)

    def shown(self) -> dict[str, Any]:
        work_order = self.visit.work_order
        return {
            "visit_id": self.visit.id,
            "version": self.visit.version,
            "work_order_number": work_order.number,
            "customer": work_order.customer.name,
            "planned_start": self.start,
            "planned_end": self.end,
            "becomes_start": self.becomes,
            "minutes_later": self.minutes,
            "promised_end": self.visit.promised_end,
            "breaks_promise": self.breaks_promise,
            "confirmed": self.visit.confirmed_at is not None,
        }

    def spoken(self) -> str:
        """“WO-1007 (Ann Lee) would start 75 minutes later, Mon 23 Nov, 11:15”."""
        work_order = self.visit.work_order
        who = f"{work_order.number} ({work_order.customer.name})"
        if self.becomes is None:
            return f"{who} would go into the tray"
        at = wall.spoken_at(self.becomes, work_order.site.time_zone)
        return f"{who} would start {self.minutes} minutes later, {at}"


async def insert(ctx: Ctx, visit: Visit, told: Insert) -> None:
    """Plan the visit, and let those that are in its way give way.

    Raises `Conflict` `displaces` with all of them, unless `accept` names just these as they are now;
    and as `planning.schedule` does, `double_booking` for what gives way to nobody.
    """
    named = [one.visit_id for one in told.accept]
    await ctx.get_all(Visit, named, pointer="/accept/{}/visit_id")
    visit.refuse_unless("insert")
    zone = visit.work_order.site.time_zone
    start = begins(told, zone)
    end = start + timedelta(minutes=visit.duration_minutes)
    refuse_span(start, end, "start", "start")
    who = await party.of(ctx, visit, told, start)
    leads = lead(visit, told, who)
    place = await placements.find(ctx, visit, who, leads, start, end, told.override)
    ids = [*who.technician_ids, *(one.id for one in who.vehicles)]
    until = _midnight(end, zone)
    board, known = await _board(ctx, visit, ids, start, until)
    give_way = await _give_way(ctx, place, board, known, told.displaced, until)
    wish = Wish(bookings.of_visit(visit), [*place.people, *who.vehicles], start, end)
    await bookings.refuse_taken(ctx, wish, [bookings.of_visit(one.visit) for one in give_way])
    accepted = {one.said for one in told.accept}
    if any(one.said not in accepted for one in give_way):
        said = "; ".join(one.spoken() for one in give_way)
        raise Conflict(
            f"This puts others out of their place: {said}. Send it again with all of them in accept,"
            " as they are named here.",
            code="displaces",
            displaces=[one.shown() for one in give_way],
        )
    await _carry_out(ctx, visit, place, give_way, told)


async def _board(
    ctx: Ctx, own: Visit, ids: Sequence[UUID], start: datetime, until: datetime
) -> tuple[list[Block], Mapping[UUID, Visit]]:
    """What is booked that day of these, and of whoever shares a visit with them; the visits of it that
    may give way, whole and locked."""
    rows: dict[UUID, Any] = {}
    asked: set[UUID] = set()
    while wanted := set(ids) - asked:
        found = await ctx.session.execute(
            select(
                Booking.id,
                Booking.resource_id,
                Booking.visit_id,
                Booking.starts_at,
                Booking.ends_at,
            )
            .where(
                Booking.resource_id.in_(wanted),
                Booking.starts_at < until,
                Booking.ends_at > start,
                Booking.expires_at.is_(None) | (Booking.expires_at > clock.now()),
            )
            .order_by(Booking.starts_at, Booking.id)
            .limit(MOST_BOOKED)
        )
        asked |= wanted
        rows |= {row.id: row for row in found if row.visit_id != own.id}
        on_them = {row.visit_id for row in rows.values() if row.visit_id is not None}
        shared = await ctx.session.scalars(
            select(Booking.resource_id).where(Booking.visit_id.in_(on_them)).distinct()
        )
        ids = [*shared]
    visits = {row.visit_id for row in rows.values() if row.visit_id is not None}
    known = await _visits(ctx, visits)
    taken: dict[UUID, set[UUID]] = {}
    for row in rows.values():
        taken.setdefault(row.visit_id or row.id, set()).add(row.resource_id)
    spans = {row.visit_id or row.id: (row.starts_at, row.ends_at) for row in rows.values()}
    blocks = [
        Block(id, frozenset(resources), *spans[id], fixed=not _may_move(known.get(id)))
        for id, resources in taken.items()
    ]
    return blocks, known


async def _visits(ctx: Ctx, ids: set[UUID]) -> Mapping[UUID, Visit]:
    found = await ctx.session.scalars(
        ctx.select(Visit)
        .where(Visit.id.in_(ids))
        .options(*WHOLE)
        .order_by(Visit.id)
        .with_for_update(key_share=True, of=Visit)
        .execution_options(populate_existing=True)
    )
    return {one.id: one for one in found.unique()}


def _may_move(visit: Visit | None) -> bool:
    """Whether it may give way; what the caller does not see, or is no visit, does not."""
    return (
        visit is not None
        and visit.status in AHEAD
        and visit.lock == VisitLock.none
        and bool(crew.standing(visit))
    )


async def _give_way(
    ctx: Ctx,
    place: Placement,
    board: Sequence[Block],
    known: Mapping[UUID, Visit],
    to: GivesWay,
    until: datetime,
) -> list[_Displaced]:
    resources = {*place.who.technician_ids, *(one.id for one in place.who.vehicles)}
    new = Block(place.visit.id, frozenset(resources), place.start, place.end)
    everybody = {**known, place.visit.id: place.visit}
    places = {id: _place(one) for id, one in everybody.items()}
    way = await drives.between(ctx, places.values())

    def between(one: Block, other: Block) -> timedelta:
        if one.id not in places or other.id not in places:
            return timedelta(0)
        return timedelta(seconds=way(places[one.id], places[other.id]))

    if to == GivesWay.tray:
        gone: dict[UUID, datetime | None] = {
            one.id: None for one in board if not one.fixed and one.meets(new)
        }
    else:
        gone = push_back(new, board, between, until)
    return [
        _Displaced(known[id], *planned(known[id]), becomes)
        for id, becomes in sorted(gone.items(), key=lambda one: (planned(known[one[0]]), one[0]))
    ]


def _place(visit: Visit) -> Any:
    site = visit.work_order.site
    return place_of(site.id, site.latitude, site.longitude, site.street)


async def _carry_out(
    ctx: Ctx, visit: Visit, place: Placement, give_way: Sequence[_Displaced], told: Insert
) -> None:
    number = visit.work_order.number
    why = Happening(reason=f"Gave way to {number}")
    for one in give_way:
        if one.becomes is None:
            if one.visit.status == VisitStatus.dispatched:
                await releases.recall(ctx, one.visit, why)
            await planning.unschedule(ctx, one.visit, why)
    pushed = [
        (one, await _again(ctx, one, one.becomes, told))
        for one in give_way
        if one.becomes is not None
    ]
    taken_off = await placements.take(ctx, [place, *(it for _, it in pushed)])
    was_planned = visit.status in (VisitStatus.scheduled, VisitStatus.dispatched)
    await moved(
        ctx,
        visit,
        "insert",
        Fact.visit_inserted,
        told,
        target=VisitStatus(visit.status) if was_planned else VisitStatus.scheduled,
        also=taken_off[visit.id],
        displaced=[
            {"visit_id": str(one.visit.id), "minutes_later": one.minutes} for one in give_way
        ],
        **{**place.said(), "giving_way": _giving_way(give_way)},
    )
    for one, it in pushed:
        one.visit.status_reason = why.reason
        one.visit.moved_at = clock.now()
        await tell(
            ctx,
            Fact.visit_displaced,
            one.visit,
            was=local(one.visit, one.start, one.end),
            other=number,
            other_visit_id=str(visit.id),
            minutes=one.minutes,
            because=because(told.reason),
            **it.said(),
        )


async def _again(ctx: Ctx, one: _Displaced, start: datetime, told: Insert) -> Placement:
    """The same people behind what it gives way to; what was overruled for it once stays so."""
    who = party.present(one.visit)
    leads = crew.lead_of(one.visit) or who.technician_ids[0]
    end = start + (one.end - one.start)
    return await placements.find(ctx, one.visit, who, leads, start, end, told.override)


def _giving_way(give_way: Sequence[_Displaced]) -> str:
    numbers = [one.visit.work_order.number for one in give_way]
    return f"; {', '.join(numbers)} gave way" if numbers else ""


def _midnight(at: datetime, zone: str) -> datetime:
    """When the day of `at` is over in `zone`."""
    following = wall.day(at, zone) + timedelta(days=1)
    start = datetime.combine(following, datetime.min.time(), ZoneInfo(zone))
    return start.astimezone(at.tzinfo)
