"""Writers that bypass the product's own session, a relay that can be killed, and what they left."""

import asyncio
import random
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg

from app.core.ids import new_id
from app.core.wake import Wake
from app.process import make_bus
from app.tasks.relay import Relay
from tests.support.database import Database
from tests.support.server import settings_for

CONTEXT = (
    "select set_config('app.org_id', $1, true), set_config('app.actor_id', '', true),"
    " set_config('app.source', 'test', true), set_config('app.request_id', 'writer', true)"
)
WRITE = "insert into skills (org_id, id, name) values ($1, $2, $2::uuid::text)"


async def begin(connection: asyncpg.Connection, org_id: UUID) -> asyncpg.transaction.Transaction:
    """A transaction of the application role in one organisation."""
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute(CONTEXT, str(org_id))
    return transaction


async def write(database: Database, org_id: UUID, commits: int) -> None:
    """`commits` transactions of one row each, open for 0–30 ms."""
    connection = await asyncpg.connect(database.app)
    for _ in range(commits):
        transaction = await _insert(connection, org_id)
        await transaction.commit()
    await connection.close()


async def write_until(database: Database, org_id: UUID, enough: asyncio.Event) -> None:
    """The same without end, and one in five is rolled back."""
    connection = await asyncpg.connect(database.app)
    while not enough.is_set():
        transaction = await _insert(connection, org_id)
        end = random.choices((transaction.commit, transaction.rollback), (4, 1))[0]
        await end()
    await connection.close()


async def _insert(connection: asyncpg.Connection, org_id: UUID) -> asyncpg.transaction.Transaction:
    transaction = await begin(connection, org_id)
    await connection.execute(WRITE, org_id, new_id())
    await asyncio.sleep(random.uniform(0, 0.03))
    return transaction


async def straggle(database: Database, org_id: UUID, done: asyncio.Event) -> None:
    """A transaction that writes at once and commits when everybody else is through."""
    connection = await asyncpg.connect(database.app)
    try:
        transaction = await begin(connection, org_id)
        await connection.execute(WRITE, org_id, new_id())
        await done.wait()
        await transaction.commit()
    finally:
        await connection.close()


@asynccontextmanager
async def relaying(database: Database, *, every: float = 0.2) -> AsyncIterator[None]:
    """A relay in this process until the block ends. Commits of a server that is live wake it; for
    those of others it looks `every` so many seconds."""
    stop, bus = asyncio.Event(), make_bus(settings_for(database, redis_url=database.redis))
    wake = Wake(database.app, bus)
    relay = Relay(database.relay, every=every, told=None if bus is None else wake.poke)
    running = asyncio.gather(relay.run(stop), wake.run(stop))
    try:
        yield
    finally:
        stop.set()
        await running


MAIN = """
import asyncio, sys
from app.core.wake import Wake
from app.process import make_bus
from app.tasks.relay import Relay
asyncio.run(Relay(sys.argv[1], every=0.01).run(asyncio.Event()))
"""


async def relay_process(database: Database) -> asyncio.subprocess.Process:
    """A relay in a process of its own, to be killed."""
    return await asyncio.create_subprocess_exec(sys.executable, "-c", MAIN, database.relay)


async def relays(database: Database, number: int) -> None:
    """Wait until so many relays are connected."""
    connection = await asyncpg.connect(database.admin)
    try:
        async with asyncio.timeout(30):
            found = -1
            while found != number:
                await asyncio.sleep(0.02)
                found = await connection.fetchval(
                    "select count(*) from pg_stat_activity"
                    " where application_name = 'truckroll relay' and datname = current_database()"
                )
    finally:
        await connection.close()


async def kill(process: asyncio.subprocess.Process) -> None:
    """SIGKILL, and wait for the death."""
    process.send_signal(signal.SIGKILL)
    await process.wait()


async def numbering(database: Database, org_id: UUID) -> tuple[list[int], list[int], int]:
    """The numbers given, the entries that have one, and how many entries there are."""
    connection = await asyncpg.connect(database.admin)
    try:
        rows = await connection.fetch(
            "select seq, entry_id from system.journal_numbers where org_id = $1 order by seq",
            org_id,
        )
        entries = await connection.fetchval(
            "select count(*) from journal where org_id = $1", org_id
        )
    finally:
        await connection.close()
    return [row["seq"] for row in rows], [row["entry_id"] for row in rows], entries


async def numbered(database: Database, org_id: UUID) -> None:
    """Wait until every entry has its number."""
    async with asyncio.timeout(30):
        while True:
            given, _, entries = await numbering(database, org_id)
            if len(given) == entries:
                return
            await asyncio.sleep(0.02)
