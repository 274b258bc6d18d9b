"""A server with a hub and a relay for each module. In the deep run the whole folder runs twice: told by
PostgreSQL's NOTIFY, and told by Redis."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest
import pytest_asyncio

from app.postgres import Cluster
from tests.support.database import Database, clone, drop
from tests.support.deep import DEEP
from tests.support.journal import relaying
from tests.support.live import living
from tests.support.redis_server import RedisServer, a_redis
from tests.support.server import Server

collect_ignore = [] if DEEP else ["test_redis.py", "test_typescript.py"]
"""Node and Redis are installed where something needs them
(docs/decisions/0010-node-is-a-python-requirement.md)."""
BY = ["notify", "redis"] if DEEP else ["notify"]


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    """A Redis."""
    with a_redis() as running:
        yield running


@pytest_asyncio.fixture(scope="module", params=BY)
async def database(cluster: Cluster, request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    """A clone of the migrated template for this module, and how its hubs are told."""
    module = request.module.__name__.rpartition(".")[2]
    made = await clone(cluster, f"test_live_{module}_{request.param}")
    yield (
        made
        if request.param == "notify"
        else replace(made, redis=request.getfixturevalue("redis").url)
    )
    await drop(made)


@pytest_asyncio.fixture(scope="module")
async def server(database: Database) -> AsyncIterator[Server]:
    """The real server, its hub, and a relay."""
    async with relaying(database), living(database) as running:
        yield running
