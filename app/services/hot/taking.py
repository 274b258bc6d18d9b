"""Taking in a batch of positions in one trip, on a bare connection: sign-in, walls and all.

The function keeps it only where the mark that it is asked with is the technician's (`tracking.duty`); so
what was computed from those rows may be computed before it, and remembered.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import structlog

from app.core.hot import FAILURES, Pool, connection
from app.services.hot.reading import Caller
from app.services.hot.registry import TAKE_PINGS

__all__ = ["Pool", "Taken", "take_pings"]
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a batch."""

    org_id: UUID
    user_id: UUID
    kept: int | None
    """None: nothing was, for the mark is another."""
    news: bool = False
    """It told where the technician is last."""


async def take_pings(
    pool: Pool,
    caller: Caller,
    csrf_hash: bytes | None,
    technician_id: UUID,
    since: date,
    mark: str | None,
    rows: Sequence[Sequence[Any]],
) -> Taken | None:
    """Keep these columns (`tracking.batches`). None: the route has to answer. Nothing was written then,
    or the connection was lost meanwhile: a batch that comes again changes nothing."""
    async with connection(pool) as bare:
        try:
            row = await bare.fetchrow(
                TAKE_PINGS, *caller.credentials(), csrf_hash, technician_id, since, mark, *rows
            )
        except FAILURES as error:
            log.warning("a batch of positions failed", error=type(error).__name__)
            return None
    assert row is not None
    if row["state"] == "unknown":
        return Taken(row["org_id"], row["user_id"], None)
    if row["state"] != "ok":
        return None
    return Taken(row["org_id"], row["user_id"], row["kept"], row["news"])
