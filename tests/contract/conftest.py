"""One world for all of these: what they send is refused, so it stays as it is."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.support.browsers import Browser
from tests.support.server import Server
from tests.support.world import World, a_world
from tests.support.worlds import admin, database, server

__all__ = ["admin", "database", "page", "server", "world"]


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
