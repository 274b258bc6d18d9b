"""A database that is being filled has no revision: until it has one again, nothing starts on it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from app.installation import FILLING


@asynccontextmanager
async def unfinished(owner_url: str) -> AsyncIterator[None]:
    """Take the revision away, and put it back when the block has ended well."""
    connection = await asyncpg.connect(owner_url)
    try:
        async with connection.transaction():
            revision = await connection.fetchval(
                "delete from alembic_version returning version_num"
            )
            await connection.execute(f"comment on table alembic_version is '{FILLING}'")
        yield
        async with connection.transaction():
            await connection.execute("insert into alembic_version values ($1)", revision)
            await connection.execute("comment on table alembic_version is null")
    finally:
        await connection.close()


async def number_all(relay_url: str) -> None:
    """Give the entries of the journal that are visible now their numbers, as the relay does."""
    connection = await asyncpg.connect(relay_url)
    try:
        await connection.fetchval("select system.number_journal()")
    finally:
        await connection.close()
