"""Fixtures everything shares: one cluster for the run, a database and a server per module."""

import gc
import secrets
from collections.abc import AsyncIterator, Iterator
from functools import cache
from pathlib import Path

import httpcore2
import pytest
import pytest_asyncio
import structlog
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from xdist.scheduler import LoadFileScheduling

from app.postgres import Cluster, start
from app.services.identity import passwords
from tests.support.database import Database, clone, drop
from tests.support.flushed import nothing_flushed_unasked
from tests.support.people import Company, found_company
from tests.support.server import Server, serving

ROOT = Path(__file__).resolve().parents[1]
TOGETHER = ("tests/contract", "tests/isolation", "tests/api")
"""Folders whose files share what takes long to make, so one worker runs the whole folder."""

FIRST = (*TOGETHER, "tests/durability", "tests/web", "tests/live")
LAST = "tests/unit"
"""What takes long is handed out first, so that no worker is left alone with it at the end."""


class ByWhatIsShared(LoadFileScheduling):
    """Hands a file to one worker, and a folder that shares its worlds whole."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        folder = file.rpartition("/")[0]
        return folder if folder in TOGETHER else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByWhatIsShared:
    """How the workers share the tests."""
    return ByWhatIsShared(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Folders in the order in which they are handed out; within one it stays as it is."""

    def place(item: pytest.Item) -> int:
        found = [number for number, one in enumerate(FIRST) if item.nodeid.startswith(f"{one}/")]
        return found[0] if found else len(FIRST) + item.nodeid.startswith(f"{LAST}/")

    items.sort(key=place)


def pytest_collection_finish(session: pytest.Session) -> None:
    """What was imported stays, as in the product: nobody need look through it for garbage, an eleventh of the time."""
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def changes_are_told() -> Iterator[None]:
    """No verb asks too late what it changed."""
    with nothing_flushed_unasked():
        yield


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Argon2id at its cheapest: a real hash takes a sixth of a second, and hundreds sign in.

    `real_passwords` (tests/identity) is for those who look at what the product's hashes are.
    """
    quick = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(passwords, "_hasher", quick)
        patched.setattr(passwords, "NOBODY", quick.hash(secrets.token_hex()))
        yield


@pytest.fixture(scope="session", autouse=True)
def authorities_read_once() -> Iterator[None]:
    """Clients share the list of authorities: each would read it anew, and thousands are made."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(httpcore2, "default_ssl_context", cache(httpcore2.default_ssl_context))
        yield


@pytest.fixture(scope="session", autouse=True)
def plain_traces() -> None:
    """A trace in the log is text: drawn with frames and colours, one takes a tenth of a second."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.dev.ConsoleRenderer(
                colors=False, exception_formatter=structlog.dev.plain_traceback
            ),
        ]
    )


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
