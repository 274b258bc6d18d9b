"""People who come by the front door, and a look behind it."""

from collections.abc import AsyncIterator, Callable

import asyncpg
import pytest
import pytest_asyncio

from app.services.identity import passwords
from tests.support.browsers import Browser
from tests.support.server import Server

HASHER, NOBODY = passwords._hasher, passwords.NOBODY
"""As the product has them; the stories' are cheaper (tests/conftest.py)."""


@pytest.fixture
def real_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords cost what they cost the product."""
    monkeypatch.setattr(passwords, "_hasher", HASHER)
    monkeypatch.setattr(passwords, "NOBODY", NOBODY)


@pytest_asyncio.fixture
async def browsers(server: Server) -> AsyncIterator[Callable[[], Browser]]:
    """Makes browsers, and closes them."""
    made: list[Browser] = []

    def another() -> Browser:
        made.append(Browser(server))
        return made[-1]

    yield another
    for browser in made:
        await browser.aclose()


@pytest.fixture
def browser(browsers: Callable[[], Browser]) -> Browser:
    """A browser nobody has signed in on."""
    return browsers()


@pytest_asyncio.fixture
async def behind(server: Server) -> AsyncIterator[asyncpg.Connection]:
    """The database, as its superuser sees it."""
    connection = await asyncpg.connect(server.database.admin)
    yield connection
    await connection.close()
