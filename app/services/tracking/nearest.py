"""Who is online, where, and who could be at a site soonest.

A place is told only of those who are at work now, and with its age; that somebody was heard of, and
when, is told of everybody who is reached.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated, ClassVar
from uuid import UUID

from sqlalchemy import Select, select

from app.core import clock
from app.core.errors import Conflict
from app.core.filters import Fields, filterable
from app.core.geo import Point
from app.core.listing import Column, Filter, ListQuery
from app.models.positions import Look, Position, reached
from app.models.sites import Site
from app.models.technicians import Technician
from app.scheduling.eta import as_usual
from app.scheduling.travel import Travel, estimate
from app.services.context import Ctx
from app.services.tracking import habits, looks, roads, working

ONLINE = timedelta(minutes=5)
"""Whoever was heard of in the last minutes is online."""
RECENT = timedelta(hours=2)
"""A position that is older says nothing about who is near now."""
MOST = 1000
LIKELY = 25
"""By our estimate: whose drive to a site is looked up, where a map service is set."""


@dataclass(frozen=True)
class Present:
    """A technician, when they were heard of, and where they are while they are at work."""

    technician: Technician
    last_seen_at: datetime | None
    online: bool
    at_work: bool
    position: Position | None


@dataclass(frozen=True)
class Near:
    """A technician at work, and how long the drive would take them from where they were last."""

    technician: Technician
    position: Position
    online: bool
    travel: Travel

    @property
    def arrives_at(self) -> datetime:
        """If they set off now."""
        return clock.now() + timedelta(seconds=self.travel.seconds)


class PresenceQuery(ListQuery):
    """Filters and sorts of the list of who is online, and where."""

    SORTS: ClassVar[dict[str, Column]] = {"name": Technician.sort_name}
    DEFAULT_SORT: ClassVar[str] = "name"
    FILTERS: ClassVar[Fields | None] = filterable(
        Technician.id, Technician.team_id, Technician.name
    )

    team_id: Annotated[UUID | None, Filter(Technician.team_id)] = None


def followed(ctx: Ctx) -> Select[Technician]:
    """The active technicians whose positions this person reaches."""
    return ctx.select(Technician).where(
        Technician.active,
        reached(Technician.id.expression, Technician.org_id.expression, ctx),
    )


async def present(ctx: Ctx, technicians: Sequence[Technician]) -> list[Present]:
    """What is known of a page of them; leaves that this person looked."""
    now = clock.now()
    known = await _positions(ctx, technicians)
    working_now = await working.at_work(ctx, technicians, now)
    found = []
    for one in technicians:
        position = known.get(one.id)
        seen = position.heard_at if position is not None else None
        at_work = one.id in working_now
        found.append(
            Present(
                one,
                seen,
                seen is not None and now - seen <= ONLINE,
                at_work,
                position if at_work else None,
            )
        )
    await looks.note(ctx, Look.position, [one.technician for one in found if one.position])
    return found


async def nearest(ctx: Ctx, site: Site, *, limit: int) -> list[Near]:
    """Those who could be at a site soonest, from where they were last; leaves that they looked.

    Raises `Conflict` for a site of which nobody knows where it is.
    """
    goal = place_of(site)
    now = clock.now()
    statement = (
        select(Technician, Position)
        .join(Position, (Position.org_id == Technician.org_id) & (Position.id == Technician.id))
        .where(
            Technician.visible_to(ctx),
            Technician.active,
            Technician.deleted_at.is_(None),
            Position.at > now - RECENT,
            Position.visible_to(ctx),
        )
        .order_by(Position.at.desc(), Position.id)
        .limit(MOST)
    )
    rows = [(one, position) for one, position in await ctx.session.execute(statement)]
    working_now = await working.at_work(ctx, [one for one, _ in rows], now)
    found = [
        Near(one, position, now - position.heard_at <= ONLINE, estimate(position.point, goal))
        for one, position in rows
        if one.id in working_now
    ]
    found.sort(key=_soonest)
    likely = found[: max(limit, LIKELY)]
    legs = [roads.Leg(one.position.point, goal, now, site.time_zone, True) for one in likely]
    drives, usual = await roads.times(ctx, legs), await habits.usual(ctx, now)
    found = sorted(
        (
            replace(one, travel=as_usual(drive, usual))
            for one, drive in zip(likely, drives, strict=True)
        ),
        key=_soonest,
    )
    await looks.note(ctx, Look.nearest, [one.technician for one in found[:limit]])
    return found[:limit]


def _soonest(near: Near) -> tuple[int, str]:
    return near.travel.seconds, near.technician.sort_name


def place_of(site: Site) -> Point:
    """Where a site is. Raises `Conflict` when nobody knows."""
    if site.latitude is None or site.longitude is None:
        raise Conflict(
            "Nobody knows where this site is. Set its pin on the map first.", code="not_placed"
        )
    return Point(float(site.latitude), float(site.longitude))


async def _positions(ctx: Ctx, technicians: Sequence[Technician]) -> dict[UUID, Position]:
    rows = await ctx.session.scalars(
        select(Position).where(Position.id.in_([one.id for one in technicians])).limit(MOST)
    )
    return {row.id: row for row in rows}
