"""What a connection of our own ends with when the other side is gone, and whether it is."""

import asyncio

import asyncpg
import structlog

LOST = (
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    # killed between two messages of one exchange, the client loses its place in the conversation
    asyncpg.InternalClientError,
)
"""Whoever lives on one connection connects anew after any of these."""

log = structlog.get_logger()


async def answers(url: str) -> bool:
    """Whether the database answers within two seconds, on a connection of its own: a full pool of ours
    is not the database's fault."""
    connection = None
    try:
        async with asyncio.timeout(2):
            connection = await asyncpg.connect(url)
            await connection.fetchval("select 1")
            await connection.close()
    except (*LOST, TimeoutError) as error:
        log.warning("the database does not answer", error=repr(error))
        return False
    finally:
        if connection is not None and not connection.is_closed():
            connection.terminate()
    return True
