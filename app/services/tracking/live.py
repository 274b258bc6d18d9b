"""What is told live of positions: to those who reach them, and who have looked a moment ago.

That one looked is a row of `position_looks`: so nobody follows somebody live whose name is not left
there, and a map that stays open reads the list again every quarter of an hour. What the list would not
show is not told: of whoever is not at work now, or no longer with us, there is no place.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from app.core import clock
from app.core.db import hold_still
from app.core.model import Viewer
from app.models.positions import MILLION, Position, PositionLook, reached
from app.models.technicians import Technician
from app.services.hot import Pool, whereabouts
from app.services.identity.acting import act_for
from app.services.tracking import duty, working

LOOKED = timedelta(minutes=15)
"""For how long a look counts."""
_COLUMNS = (
    "technician_id", "at", "latitude_e6", "longitude_e6", "accuracy_m", "speed_cms", "mark", "told",
)  # fmt: skip


class Watched:
    """Technicians whose positions somebody may be told of live: what the hub asks of a model."""

    id: InstrumentedAttribute[UUID] = Technician.id

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Oneself, and those one reaches and has looked at."""
        own = Technician.of_member(viewer.user_id)
        looked = (
            select(PositionLook.id)
            .where(
                PositionLook.org_id == Technician.org_id,
                PositionLook.technician_id == Technician.id,
                PositionLook.looker_id == viewer.user_id,
                PositionLook.last_at > clock.now() - LOOKED,
            )
            .exists()
        )
        mine = reached(Technician.id.expression, Technician.org_id.expression, viewer)
        return and_(mine, own | looked)


async def everybody(session: AsyncSession, most: int) -> list[str]:
    """Of whom there is a position, those heard of last."""
    heard = select(Position.id).order_by(Position.heard_at.desc()).limit(most)
    return [str(one) for one in await session.scalars(heard)]


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where somebody is, as it is told."""

    id: UUID
    body: dict[str, Any]
    told: frozenset[UUID]
    """Themselves, and whoever has looked a moment ago: `Watched`, for those who see everything."""


async def at_once(
    pool: Pool, org_id: UUID, keys: Collection[str]
) -> tuple[list[Whereabouts], list[str]]:
    """Where those of them are whose plan is known and has them at work, in one trip; and the others,
    who are to be asked about by `positions`."""
    now = clock.now()
    ids = [UUID(key) for key in keys]
    rows = await whereabouts(pool, org_id, ids, duty.marked_since(), now - LOOKED)
    told, others = [], []
    for row in rows:
        plan = duty.remembered(org_id, row["technician_id"])
        if (
            plan is not None
            and plan.mark == row["mark"]
            and plan.covers(now, now)
            and working.within(plan.spans, now)
        ):
            told.append(_told(row))
        else:
            others.append(str(row["technician_id"]))
    return told, others


async def positions(session: AsyncSession, keys: Collection[str]) -> list[Whereabouts]:
    """Where these technicians are now, of those who are at work. To be asked first in a transaction."""
    await hold_still(session)
    ctx, now = await act_for(session, None), clock.now()
    asked = func.system.live_positions(
        ctx.org_id, [UUID(key) for key in keys], duty.marked_since(), now - LOOKED
    )
    found = await session.execute(select(asked.table_valued(*_COLUMNS)))
    rows = {row["technician_id"]: row for row in found.mappings()}
    working_now = await duty.at_work(ctx, {id: row["mark"] for id, row in rows.items()}, now)
    return [_told(row) for id, row in rows.items() if id in working_now]


def _told(row: Any) -> Whereabouts:
    """A row of `system.live_positions`, as it is told."""
    speed = row["speed_cms"]
    return Whereabouts(
        row["technician_id"],
        {
            "technician_id": str(row["technician_id"]),
            "at": row["at"].isoformat().replace("+00:00", "Z"),
            "latitude": row["latitude_e6"] / MILLION,
            "longitude": row["longitude_e6"] / MILLION,
            "accuracy_m": row["accuracy_m"],
            "speed_mps": None if speed is None else speed / 100,
        },
        frozenset(row["told"]),
    )
