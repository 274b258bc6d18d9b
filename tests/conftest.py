"""Fixtures everything shares: one cluster for the run, a database and a server per module."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from app.postgres import Cluster, start
from tests.support.database import Database, clone, drop
from tests.support.people import Company, found_company
from tests.support.server import Server, serving

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def cluster(worker_id: str) -> Iterator[Cluster]:
    """The test server, without durability."""
    started = start(ROOT / ".data" / f"test-{worker_id}", durable=False)
    yield started
    started.close()


@pytest.fixture(scope="session")
def worker_id(request: pytest.FixtureRequest) -> str:
    """`main`, or xdist's name of this worker."""
    return getattr(request.config, "workerinput", {}).get("workerid", "main")


@pytest_asyncio.fixture(scope="module")
async def database(cluster: Cluster, request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    """A clone of the migrated template for this module."""
    name = "test_" + request.module.__name__.removeprefix("tests.").replace(".", "_")[-50:]
    made = await clone(cluster, name)
    yield made
    await drop(made)


@pytest_asyncio.fixture(scope="module")
async def server(database: Database) -> AsyncIterator[Server]:
    """The real HTTP server on this module's database."""
    async with serving(database) as running:
        yield running


@pytest_asyncio.fixture(scope="module")
async def acme(server: Server) -> AsyncIterator[Company]:
    """A company."""
    company = await found_company(server, "acme")
    yield company
    await company.close()


@pytest_asyncio.fixture(scope="module")
async def rival(server: Server) -> AsyncIterator[Company]:
    """Another company, the main adversary."""
    company = await found_company(server, "rival")
    yield company
    await company.close()
