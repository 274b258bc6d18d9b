"""What is told live of positions: to those who reach them, and who have looked a moment ago.

That one looked is a row of `position_looks`: so nobody follows somebody live whose name is not left
there, and a map that stays open reads the list again every quarter of an hour.
"""

from collections.abc import Collection
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from app.core import clock
from app.core.model import Viewer
from app.models.positions import MILLION, Position, PositionLook, reached
from app.models.technicians import Technician

LOOKED = timedelta(minutes=15)
"""For how long a look counts."""


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


async def positions(
    session: AsyncSession, keys: Collection[str]
) -> list[tuple[UUID, dict[str, Any]]]:
    """Where these technicians are now, as it is told."""
    rows = await session.scalars(
        select(Position).where(Position.id.in_([UUID(key) for key in keys]))
    )
    return [
        (
            one.id,
            {
                "technician_id": str(one.id),
                "at": one.at.isoformat().replace("+00:00", "Z"),
                "latitude": one.latitude_e6 / MILLION,
                "longitude": one.longitude_e6 / MILLION,
                "accuracy_m": one.accuracy_m,
                "speed_mps": None if one.speed_cms is None else one.speed_cms / 100,
            },
        )
        for one in rows
    ]
