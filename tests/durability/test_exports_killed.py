"""A worker that is killed while it makes an export: nothing of it can be fetched, and the next one makes
it whole. `make test-deep` makes a hundred thousand rows, and looks at the memory that takes."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import asyncpg
import httpx2
import pytest
import pytest_asyncio

from app.core import clock
from app.models.exports import EXPORTED
from app.services.exports import making
from tests.support.deep import DEEP, times
from tests.support.exports import EXPORTS, asked, ended, worker_process
from tests.support.people import Company
from tests.support.server import Server
from tests.support.sheets import lines, many_customers, sheet

ROWS = times(3_000, deep=100_000)
MOST_MEMORY = 400 * 1024**2
"""Of a worker that makes an export, however long it is."""


@asynccontextmanager
async def a_worker(server: Server) -> AsyncIterator[asyncio.subprocess.Process]:
    """A worker in a process of its own, which does not outlive the block."""
    process = await worker_process(server.database, server.state.settings.data)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest_asyncio.fixture
async def many(acme: Company, server: Server) -> AsyncIterator[None]:
    await many_customers(server, acme.id, ROWS)
    yield
    connection = await asyncpg.connect(server.database.admin)
    async with connection.transaction():
        await connection.execute("set local session_replication_role = replica")
        await connection.execute("delete from customers where org_id = $1", acme.id)
    await connection.close()


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
        async with asyncio.timeout(60):
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
        while not watching.done():
            most = max(most, _memory(second.pid))
            await asyncio.sleep(0.1)
        ready = await watching
    assert (ready["status"], ready["rows_written"]) == ("ready", ROWS)
    async with httpx2.AsyncClient(base_url=server.url, timeout=120) as nobody:
        content = (await nobody.get(ready["link"])).content
    rows = (lines if shape == "csv" else sheet)(content)
    assert [row["name"] for row in rows] == [f"M {n:07}" for n in range(1, ROWS + 1)]
    took = ready["finished_at"], ready["started_at"]
    print(f"{shape}: {ROWS:,} rows, {len(content):,} bytes, {most / 1024**2:.0f} MB, {took}")
    assert most < MOST_MEMORY
    assert [one.name for one in folder.iterdir()] == left  # the second took its own with it
    assert await _objects(server, acme.id) == 1 if shape == "csv" else 2


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
