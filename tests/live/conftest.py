"""A server with a hub and a relay for each module."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.support.database import Database
from tests.support.deep import DEEP
from tests.support.journal import relaying
from tests.support.live import living
from tests.support.server import Server

collect_ignore = [] if DEEP else ["test_typescript.py"]
"""Node is installed where something needs it (docs/decisions/0010-node-is-a-python-requirement.md)."""


@pytest_asyncio.fixture(scope="module")
async def server(database: Database) -> AsyncIterator[Server]:
    """The real server, its hub, and a relay."""
    async with relaying(database), living(database) as running:
        yield running
