"""Two worlds on one database: ours, whose owner asks, and the victim's, whose ids are asked for."""

from collections.abc import AsyncIterator

import asyncpg
import pytest_asyncio

from app.postgres import Cluster
from tests.support.database import Database, clone, drop
from tests.support.server import Server, serving
from tests.support.world import World, a_world


@pytest_asyncio.fixture(scope="package")
async def database(cluster: Cluster) -> AsyncIterator[Database]:
    """One clone for all of these: what they do to one another is what they are about."""
    made = await clone(cluster, "test_isolation")
    yield made
    await drop(made)


@pytest_asyncio.fixture(scope="package")
async def server(database: Database) -> AsyncIterator[Server]:
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
