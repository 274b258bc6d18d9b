"""One world for all of these: what they send is refused, so it stays as it is."""

from collections.abc import AsyncIterator

import asyncpg
import pytest_asyncio

from app.postgres import Cluster
from tests.support.browsers import Browser
from tests.support.database import Database, clone, drop
from tests.support.server import Server, serving
from tests.support.world import World, a_world


@pytest_asyncio.fixture(scope="package")
async def database(cluster: Cluster) -> AsyncIterator[Database]:
    made = await clone(cluster, "test_contract")
    yield made
    await drop(made)


@pytest_asyncio.fixture(scope="package")
async def server(database: Database) -> AsyncIterator[Server]:
    async with serving(database) as running:
        yield running


@pytest_asyncio.fixture(scope="package")
async def world(server: Server) -> AsyncIterator[World]:
    """An organisation with one of everything."""
    made = await a_world(server, "world", "WORLD")
    yield made
    await made.close()


@pytest_asyncio.fixture(scope="package")
async def page(server: Server, world: World) -> AsyncIterator[Browser]:
    """The owner's browser: the same rights, by cookie."""
    browser = Browser(server)
    assert (await browser.sign_in(world.owner.email, world.company.slug)).status_code == 200
    yield browser
    await browser.aclose()


@pytest_asyncio.fixture(scope="package")
async def admin(database: Database) -> AsyncIterator[asyncpg.Connection]:
    """The superuser, who sees every row."""
    connection = await asyncpg.connect(database.admin)
    yield connection
    await connection.close()
