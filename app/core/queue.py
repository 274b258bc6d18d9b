"""The queue under the jobs: pgqueuer in a schema of its own, spoken to on a connection we hold.

Its NOTIFY trigger is not installed (a NOTIFY inside a business transaction serialises commits); who
enqueues sends `envelope()` on `CHANNEL` after the commit instead (`core.wake`).
"""

from datetime import timedelta
from typing import Any

import asyncpg
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.adapters.persistence.qb import (
    QueryBuilderEnvironment,
    QueryQueueBuilder,
    QuerySchedulerBuilder,
)
from pgqueuer.domain.models import TableChangedEvent
from pgqueuer.domain.settings import DBSettings
from pgqueuer.domain.types import Channel
from pgqueuer.queries import Queries
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.core import clock
from app.core.db import wake_after_commit
from app.core.telemetry import request_id, trace_headers

SCHEMA = "jobs"
CHANNEL = Channel("truckroll_jobs")
SETTINGS = DBSettings(db_schema=SCHEMA, channel=CHANNEL)

LOG_KEPT = timedelta(days=7)

_WAITING = text("""
    select count(*), coalesce(extract(epoch from cast(:now as timestamptz) - min(greatest(created, execute_after))), 0)
      from jobs.pgqueuer where status = 'queued' and execute_after <= :now
""")
_SWEEP = text("""
    delete from jobs.pgqueuer_log where id in (
      select id from jobs.pgqueuer_log where created < :before order by id limit :most
    )
""")


def queries(connection: "asyncpg.Connection[Any]") -> Queries:
    """pgqueuer's operations on this connection; inside its transaction when it has one."""
    return Queries(
        AsyncpgDriver(connection),
        QueryBuilderEnvironment(SETTINGS),
        QueryQueueBuilder(SETTINGS),
        QuerySchedulerBuilder(SETTINGS),
    )


async def enqueue(
    session: AsyncSession,
    entrypoint: str,
    payload: bytes,
    *,
    key: str,
    afresh: bool = False,
    after: timedelta | None = None,
) -> None:
    """Queue a job in the session's own transaction, and wake the workers once it has committed.

    The session must have sent a statement already: only then has its transaction begun. At most one
    job of a `key` is queued or picked at a time; a second one adds nothing. `afresh` takes the
    place of one that has ended and that its worker has not yet taken out. It carries the request's
    id and its trace, where there is one. Nobody takes it before `after` has passed.
    """
    assert session.in_transaction()
    raw = await (await session.connection()).get_raw_connection()
    connection = raw.driver_connection
    assert connection is not None
    assert connection.is_in_transaction()
    operations = queries(connection)
    if afresh:
        await operations.driver.execute("delete from jobs.pgqueuer where dedupe_key = $1", key)
    headers = {"request_id": request_id(), **trace_headers()}
    await operations.enqueue(
        entrypoint,
        payload,
        execute_after=after,
        dedupe_key=key,
        headers=headers,
        on_conflict="skip",
    )
    wake_after_commit(session.sync_session, CHANNEL, _envelope())


async def waiting(engine: AsyncEngine) -> tuple[int, float]:
    """How many jobs are due and untaken, and for how many seconds the oldest has been."""
    async with engine.connect() as connection:
        number, oldest = (await connection.execute(_WAITING, {"now": clock.now()})).one()
        return int(number), float(oldest)


async def sweep(engine: AsyncEngine, most: int) -> int:
    """Forget what the queue has logged of jobs that ended long ago, at most `most`; how many."""
    async with engine.begin() as connection:
        gone = await connection.execute(_SWEEP, {"before": clock.now() - LOG_KEPT, "most": most})
        return gone.rowcount


def _envelope() -> str:
    return TableChangedEvent(
        channel=CHANNEL,
        sent_at=clock.now(),
        type="table_changed_event",
        operation="insert",
        table=SETTINGS.queue_table,
    ).model_dump_json(exclude={"received_at"})
