"""A worker that is killed while it makes an export: nothing of it can be fetched, and the next one makes
it whole. `make test-deep` makes a hundred thousand rows, and looks at the memory that takes."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import httpx2
import pytest
import pytest_asyncio

from app.core import clock
from app.models.exports import EXPORTED
from app.services.exports import making
from tests.support import nest
from tests.support.deep import DEEP, times
from tests.support.exports import EXPORTS, asked, ended, worker_process
from tests.support.people import Company, Person
from tests.support.server import Server
from tests.support.sheets import lines, many_customers, sheet, without_customers

ROWS = times(3_000, deep=100_000)
MOST_MEMORY = 400 * 1024**2
"""Of a worker that makes an export, however long it is."""


@asynccontextmanager
async def a_worker(server: Server) -> AsyncIterator[nest.Program]:
    """A worker in a process of its own, which does not outlive the block."""
    process = await worker_process(server.database, server.state.settings.data)
    try:
        yield process
    finally:
        process.kill()
        await asyncio.to_thread(process.wait)


@pytest_asyncio.fixture
async def many(acme: Company, server: Server) -> AsyncIterator[None]:
    await many_customers(server, acme.id, ROWS)
    yield
    await without_customers(server, acme.id)


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where the workers keep what is not finished."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("shape", ["csv", "xlsx"] if DEEP else ["csv"])
async def test_a_killed_export_is_made_again_and_is_whole(
    shape: str, acme: Company, server: Server, many: None, folder: Path
) -> None:
    dana = await acme.person("dispatcher")
    export = await asked(dana, list="customers", format=shape, sort="name")
    where = f"{EXPORTS}/{export['id']}"
    async with a_worker(server) as first:
        async with asyncio.timeout(200):
            while not (found := await dana.got(where))["rows_written"]:
                await asyncio.sleep(0.02)
        first.kill()
    assert found["status"] == "running"
    assert found["link"] is None
    left = [one.name for one in folder.iterdir()]
    assert len(left) == 1

    most = 0
    async with a_worker(server) as second:
        watching = asyncio.create_task(ended(dana, export["id"], within=590))
        writing = asyncio.create_task(_write_beside(dana, where, found["started_at"]))
        while not watching.done():
            most = max(most, _memory(second.pid))
            await asyncio.sleep(0.1)
        ready = await watching
        writing.cancel()
    assert (ready["status"], ready["rows_written"]) == ("ready", ROWS)
    async with httpx2.AsyncClient(base_url=server.url, timeout=120) as nobody:
        content = (await nobody.get(ready["link"])).content
    rows = (lines if shape == "csv" else sheet)(content)
    assert [row["name"] for row in rows] == [f"M {n:07}" for n in range(1, ROWS + 1)]
    took = ready["finished_at"], ready["started_at"]
    print(f"{shape}: {ROWS:,} rows, {len(content):,} bytes, {most / 1024**2:.0f} MB, {took}")
    assert most < MOST_MEMORY
    assert [one.name for one in folder.iterdir()] == left  # the second took its own with it
    assert await _objects(server, acme.id) == (1 if shape == "csv" else 2)


async def _write_beside(dana: Person, where: str, before: str) -> None:
    """Add customers at both ends of the list while the second attempt reads it: too late to be in it."""
    while (now := await dana.got(where))["started_at"] == before or not now["rows_written"]:
        await asyncio.sleep(0.02)
    while True:
        for name in ("0 before all", "Z after all"):
            await dana.made("/api/v2/customers", {"name": name, "source": "moment"})
        await asyncio.sleep(0.1)


def _memory(pid: int) -> int:
    """Resident bytes."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next(
        (int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmRSS")), 0
    )


async def _objects(server: Server, org_id: UUID) -> int:
    tools = server.state.sessions.tools
    assert tools is not None
    found = [one async for some in tools.objects.of(org_id, since="", at_once=100) for one in some]
    return len([one for one in found if one.key.part == EXPORTED])


def test_what_a_killed_worker_left_is_removed_a_day_later(tmp_path: Path) -> None:
    made = Path(tempfile.mkdtemp(prefix=making.FOLDER))
    (made / "export").write_text("somebody's customers")
    making.forget_leftovers()
    assert made.exists()
    with clock.set_to(clock.now() + making.LEFT_BEHIND * 2):
        making.forget_leftovers()
    assert not made.exists()
    shutil.rmtree(made, ignore_errors=True)
