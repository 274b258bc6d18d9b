"""Where technicians are, in one trip on a bare connection: for what is told live, many times a second."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from app.core.hot import Pool, connection
from app.services.hot.registry import TELL_POSITIONS


async def whereabouts(
    pool: Pool, org_id: UUID, ids: Sequence[UUID], days_since: date, looked_since: datetime
) -> Sequence[Any]:
    """The rows of `system.live_positions`. Raises what a lost connection raises."""
    async with connection(pool) as bare:
        rows: Sequence[Any] = await bare.fetch(
            TELL_POSITIONS, org_id, ids, days_since, looked_since
        )
        return rows
