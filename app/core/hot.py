"""The pool of bare connections for hot reads (`rulings.md` 5).

An ORM session costs more than a whole small read, so what is polled is asked on connections of its
own. What is always true of them: they log in as the serving role, so the walls hold; nothing is ever
set on a session, so nothing of one request is left for the next, and returning one resets nothing.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import asyncpg
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.lost import LOST

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
Connection: TypeAlias = Any

SETTINGS = {
    "application_name": "truckroll hot reads",
    "statement_timeout": "15000",
    "lock_timeout": "5000",
    "idle_in_transaction_session_timeout": "30000",
    # a plan is made once for a statement, whatever it is asked with; none is worth compiling
    "plan_cache_mode": "force_generic_plan",
    "jit": "off",
    # one made while a table was small would else go on reading all of it
    "enable_seqscan": "off",
}
WAIT = 2
"""Seconds for a connection, as the pool of the sessions waits (`core.db`)."""
FAILURES = (*LOST, TimeoutError)
"""What asking may end with when it is not the question's fault."""


def refused(error: BaseException) -> bool:
    """Whether the database said no, so that nothing was written. Otherwise the connection was lost,
    or is about to be, and what became of the statement is not known."""
    told = isinstance(error, asyncpg.PostgresError)
    return told and (getattr(error, "sqlstate", None) or "08")[:2] not in ("08", "57")


async def _nothing(_: Any) -> None:
    """What a returned connection is asked to forget: nothing was ever told to it."""


async def make_pool(url: str, size: int) -> Pool:
    """Bare connections to `url`, opened when they are needed."""
    return await asyncpg.create_pool(
        url,
        min_size=0,
        max_size=size,
        reset=_nothing,
        statement_cache_size=100,
        max_cached_statement_lifetime=0,
        max_inactive_connection_lifetime=1800,
        command_timeout=30,
        server_settings=SETTINGS,
    )


@asynccontextmanager
async def connection(pool: Pool) -> AsyncIterator[Connection]:
    """One of the pool. Raises the `TimeoutError` of the sessions' pool when none is free in time."""
    try:
        found = await pool.acquire(timeout=WAIT)
    except TimeoutError as error:
        raise PoolTimeout("no connection for a hot read") from error
    try:
        yield found
    finally:
        await pool.release(found)


class HotPool:
    """The pool of one process: made at the first read, gone with the engine."""

    def __init__(self, engine: AsyncEngine) -> None:
        url = engine.url.set(drivername="postgresql")
        self._url = url.render_as_string(hide_password=False)
        self._size: int = engine.pool.size()  # type: ignore[attr-defined]
        self._pool: Pool | None = None
        self._lock = asyncio.Lock()
        event.listen(engine.sync_engine, "engine_disposed", self._end)

    def _end(self, _: Engine) -> None:
        if self._pool is not None:
            self._pool.terminate()
            self._pool = None

    @property
    def held(self) -> tuple[int, int]:
        """How many connections are open, and how many of them nobody uses."""
        if self._pool is None:
            return 0, 0
        return self._pool.get_size(), self._pool.get_idle_size()

    async def get(self) -> Pool:
        """The pool."""
        if self._pool is None:
            async with self._lock:
                if self._pool is None:
                    self._pool = await make_pool(self._url, self._size)
        return self._pool
