"""A world on a database of its own, and a second one that shares nothing with it."""

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
    made = await clone(cluster, "test_api")
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
