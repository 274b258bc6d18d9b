"""The breadcrumb's days: a partition for each, opened ahead, emptied and dropped when its time is over.

Days are of UTC and belong to all organisations. An organisation keeps positions for as long as its flag
says; nobody for longer than the oldest partition stands.
"""

import typing
from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ARRAY, CursorResult, Date, Delete, cast, delete, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.core import clock
from app.models.flags import LONGEST_KEPT
from app.models.positions import Ping, Position, PositionLook
from app.services.context import Ctx

AHEAD = timedelta(days=3)
LOOKS_KEPT = timedelta(days=366)
MOST = 5000
"""Rows a transaction takes away at most."""


async def open_days(session: AsyncSession, days: Collection[date]) -> None:
    """Have a partition for each of these days, and for no other; nothing happens where there is one."""
    each = func.unnest(cast(sorted(days), ARRAY(Date))).column_valued("day")
    await session.execute(select(func.system.open_ping_days(each, each)))


async def keep_days(engine: AsyncEngine, most: int) -> int:
    """What the clock does for all: open the next days, drop those that nobody keeps any more."""
    today = clock.now().date()
    oldest = today - timedelta(days=LONGEST_KEPT + 1)
    async with engine.begin() as connection:
        opened = func.system.open_ping_days(today, today + AHEAD)
        await connection.execute(select(opened))
        await connection.execute(select(func.system.drop_ping_days(oldest)))
    return 0  # a second look would find nothing


async def sweep(ctx: Ctx) -> int:
    """What the clock does in an organisation: forget where people were, and who looked, in time."""
    before = clock.now() - timedelta(days=(await ctx.flags()).positions_kept_days)
    key = tuple_(Ping.technician_id, Ping.at)
    old = select(Ping.technician_id, Ping.at).where(Ping.at < before).order_by(Ping.at)
    gone = await _gone(ctx, delete(Ping).where(key.in_(old.limit(MOST)), Ping.at < before))
    last = select(Position.id).where(Position.at < before).order_by(Position.id).limit(MOST)
    await _gone(ctx, delete(Position).where(Position.id.in_(last)))
    looked = (
        select(PositionLook.id)
        .where(PositionLook.hour < clock.now() - LOOKS_KEPT)
        .order_by(PositionLook.hour)
        .limit(MOST)
    )
    await _gone(ctx, delete(PositionLook).where(PositionLook.id.in_(looked)))
    return gone


async def _gone(ctx: Ctx, statement: Delete) -> int:
    done = await ctx.session.execute(statement.execution_options(synchronize_session=False))
    return typing.cast(CursorResult[Any], done).rowcount
