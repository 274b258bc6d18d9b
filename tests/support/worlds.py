"""Two worlds on a database of their own, for a folder of tests to import into its conftest.

What the stories of one folder do to one another there is what they are about.
"""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from app.postgres import Cluster
from app.services.identity import proving
from tests.support.database import Database, clone, drop
from tests.support.server import Server, serving
from tests.support.world import World, a_world

__all__ = ["admin", "database", "ours", "server", "victim"]


@pytest_asyncio.fixture(scope="package")
async def database(request: pytest.FixtureRequest, cluster: Cluster) -> AsyncIterator[Database]:
    """One clone for the whole folder."""
    made = await clone(cluster, f"test_{Path(request.node.path).name}")
    yield made
    await drop(made)


@pytest_asyncio.fixture(scope="package")
async def server(database: Database) -> AsyncIterator[Server]:
    with pytest.MonkeyPatch.context() as patched:
        # those who live here for as long as a whole folder takes need not prove themselves again
        patched.setattr(proving, "FRESH", timedelta(hours=2))
        async with serving(database, pool_size=20) as running:
            yield running


@pytest_asyncio.fixture(scope="package")
async def ours(server: Server) -> AsyncIterator[World]:
    """The organisation that asks."""
    world = await a_world(server, "ours", "OURSQX")
    yield world
    await world.close()


@pytest_asyncio.fixture(scope="package")
async def victim(server: Server) -> AsyncIterator[World]:
    """The organisation of which nothing may be seen and nothing changed."""
    world = await a_world(server, "victim", "VICTIMZK")
    yield world
    await world.close()


@pytest_asyncio.fixture(scope="package")
async def admin(database: Database) -> AsyncIterator[asyncpg.Connection]:
    """The superuser, who looks behind the walls."""
    connection = await asyncpg.connect(database.admin)
    yield connection
    await connection.close()
