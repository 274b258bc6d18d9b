"""The track of a technician, read from what is kept: clean, in order, the same however it came."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, or_, select

from app.core import clock
from app.models.assignments import GONE, Assignment
from app.models.positions import MILLION, Ping
from app.models.technicians import Technician
from app.models.visits import Visit
from app.scheduling.track import Fix, clean, driven
from app.services.context import Ctx

MOST = 100_000
"""Pings of one track: more than one a second for a whole day."""
MOST_LEGS = 200


@dataclass(frozen=True)
class Leg:
    """From setting off for a visit to being there, or until now."""

    visit_id: UUID
    start: datetime
    end: datetime | None
    metres: int


@dataclass(frozen=True)
class Track:
    """Where somebody was, and how far they drove."""

    fixes: Sequence[Fix]
    metres: int
    legs: Sequence[Leg]


async def read(ctx: Ctx, technician_id: UUID, start: datetime, end: datetime) -> list[Fix]:
    """The clean fixes from `start` until before `end`."""
    rows = await ctx.session.execute(
        select(Ping.at, Ping.latitude_e6, Ping.longitude_e6, Ping.accuracy_m)
        .where(Ping.technician_id == technician_id, Ping.at >= start, Ping.at < end)
        .order_by(Ping.at)
        .limit(MOST)
    )
    return await asyncio.to_thread(_clean, rows.all())  # others are served in the meantime


def _clean(rows: Sequence[Row[datetime, int, int, int]]) -> list[Fix]:
    return clean(
        Fix(at.timestamp(), latitude / MILLION, longitude / MILLION, accuracy)
        for at, latitude, longitude, accuracy in rows
    )


async def track(ctx: Ctx, technician: Technician, start: datetime, end: datetime) -> Track:
    """Where a technician was from `start` until before `end`, with the legs of their visits."""
    fixes = await read(ctx, technician.id, start, end)
    visits = await ctx.session.execute(
        select(Visit.id, Visit.travel_started_at, Visit.arrived_at, Visit.finished_at)
        .join(Assignment, (Assignment.org_id == Visit.org_id) & (Assignment.visit_id == Visit.id))
        .where(
            Visit.visible_to(ctx),
            Assignment.technician_id == technician.id,
            Assignment.status.not_in(GONE),
            Visit.travel_started_at < end,
            or_(Visit.arrived_at.is_(None), Visit.arrived_at >= start),
            Visit.travel_started_at >= start,
            Visit.deleted_at.is_(None),
        )
        .order_by(Visit.travel_started_at, Visit.id)
        .limit(MOST_LEGS)
    )
    legs = []
    for id, began, arrived, finished in visits:
        assert began is not None
        until = arrived or finished
        last = until or min(end, clock.now())
        legs.append(Leg(id, began, until, driven(fixes, began.timestamp(), last.timestamp())))
    return Track(fixes, driven(fixes), legs)
