"""Waiting for something to be so, without guessing how long it takes."""

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg


async def until(holds: Callable[[], Awaitable[bool]], *, seconds: float = 10) -> None:
    """Return once `holds()` is true; fail after `seconds`."""
    async with asyncio.timeout(seconds):
        while not await holds():
            await asyncio.sleep(0.01)


async def waiting_for_locks(connection: asyncpg.Connection, number: int) -> bool:
    """Whether at least `number` backends wait for a lock."""
    # not pg_stat_activity: within a transaction it shows what it showed first
    waiting = await connection.fetchval(
        "select count(distinct pid) from pg_locks where not granted"
    )
    return bool(waiting >= number)
