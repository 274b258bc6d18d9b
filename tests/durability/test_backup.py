"""The restore drill: a backup made under load, everything killed, and all of it back elsewhere."""

import asyncio
import hashlib
import os
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import IO, Any

import asyncpg
import httpx2
import pytest
import pytest_asyncio

from app.core import prepare
from app.core.archive import Damaged, Writer, contents, manifest_of
from app.core.migrate import downgrade
from app.installation import head
from app.postgres import Cluster
from tests.durability.test_sigkill import Writer as Customers
from tests.durability.test_sigkill import found as found_durable
from tests.durability.test_sigkill import read_feed, sign_in
from tests.support import nest, process
from tests.support.database import Database, clone, drop, passwords
from tests.support.deep import times
from tests.support.server import serving

FIRST = "0240"
"""The first schema that backups are made of; an archive of it is restored and migrated up."""
BEFORE = 40
"""Customers that are acknowledged before the backup begins; they must all come back."""

KILLS = times(1, deep=3)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A place for data folders and archives, with nothing running in it afterwards."""
    with tempfile.TemporaryDirectory(prefix="truckroll-") as made:
        path = Path(made)
        path.chmod(0o755)
        yield path
        assert asyncio.run(process.until_gone(path))


def app(
    *arguments: str | Path, stdout: IO[bytes] | None = None, **environment: str
) -> nest.Program:
    """`python -m app …`, in a process group of its own."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("DATABASE_", "TRUCKROLL_"))}
    return nest.python(
        "app", *arguments, stdout=stdout, environment={**kept, "OPS_PORT": "0", **environment}
    )


def said(running: nest.Program) -> tuple[int, str]:
    """The exit code and everything that was said, once it has ended."""
    output, _ = running.communicate(timeout=120)
    return running.returncode, output


def killed_at(line: str, running: nest.Program) -> None:
    """SIGKILL to a process and all its programs when it says something."""
    assert running.stdout is not None
    assert any(line in one for one in running.stdout), "it never came to that"
    os.killpg(running.pid, signal.SIGKILL)
    running.communicate()


def addresses(database: Database) -> dict[str, str]:
    return {
        "DATABASE_URL": database.app,
        "DATABASE_OWNER_URL": database.owner,
        "DATABASE_RELAY_URL": database.relay,
        "DATABASE_BACKUP_URL": database.url(prepare.BACKUP),
    }


@pytest_asyncio.fixture(scope="module")
async def outside(cluster: Cluster) -> AsyncIterator[dict[str, str]]:
    """The settings of an instance on an outside PostgreSQL, as the first version that made backups."""
    made = await clone(cluster, "test_backup_source")
    await found_durable(made.app)
    async with serving(made) as server:
        customers = Customers(server.url, await sign_in(server.url), [], {})
        assert (await customers.send(0)).status_code == 201
        await customers.client.aclose()
    await asyncio.to_thread(downgrade, made.owner, FIRST)
    yield addresses(made)
    await drop(made)


@pytest.fixture(scope="module")
def archive(outside: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of it, through a pipe."""
    path = tmp_path_factory.mktemp("backup") / "backup.tar"
    with path.open("wb") as out:
        assert app("backup", "-", stdout=out, **outside).wait(120) == 0
    assert manifest_of(path)["schema"] == FIRST
    return path


async def test_the_drill(folder: Path, archive: Path) -> None:
    data, elsewhere, saved = folder / "data", folder / "elsewhere", folder / "backup.tar"

    # a restore that is killed is taken for nothing, and begun again
    for line in ("Restoring the database", "rows are as they were", "Comparing")[-KILLS:]:
        await asyncio.to_thread(killed_at, line, app("restore", archive, "--data", data))
    code, output = await asyncio.to_thread(said, app("serve", "--data", data, "--port", "0"))
    assert code == 1
    assert "A restore into this database did not end" in output
    code, output = await asyncio.to_thread(said, app("restore", archive, "--data", data))
    assert code == 0, output
    running = await asyncio.to_thread(process.start, data, "--no-demo")
    token = await sign_in(running.url)

    # somebody writes before, during and after the backup, then everything is killed
    acknowledged = dict[int, bytes]()
    writing = Customers(running.url, token, list(range(100_000)), acknowledged)
    work = asyncio.create_task(writing.run())
    while len(acknowledged) < BEFORE:
        await asyncio.sleep(0.01)
    before = {httpx2.Response(201, content=one).json()["id"] for one in acknowledged.values()}
    files = {"file": ("gate.txt", b"The gate sticks; lift it.", "text/plain")}
    file = (await writing.client.post("/api/v2/files", files=files)).json()
    code, output = await asyncio.to_thread(said, app("backup", saved, "--data", data))
    assert code == 0, output
    during = len(acknowledged)
    assert during > BEFORE
    await asyncio.to_thread(running.kill)
    await work
    await writing.client.aclose()
    assert (saved.stat().st_mode & 0o777) == 0o600
    manifest = manifest_of(saved)

    code, output = await asyncio.to_thread(said, app("restore", saved, "--data", elsewhere))
    assert code == 0, output

    # all is there, people sign in, and the journal goes on where it was
    again = await asyncio.to_thread(process.start, elsewhere, "--no-demo")
    client = Customers(again.url, await sign_in(again.url), [], {}).client
    feed = await read_feed(client)
    assert [one["seq"] for one in feed] == list(range(1, len(feed) + 1))
    created = [one["entity_id"] for one in feed if one["action"] == "created"]
    assert len(created) == len(set(created))
    assert before <= {*created}
    rows = manifest["survey"]["tables"]
    assert len(feed) == rows["public.journal"]["rows"]
    page = await client.get("/api/v2/customers", params={"limit": 1, "include_total": "true"})
    assert page.json()["total"] == rows["public.customers"]["rows"] <= during
    content = await client.get(f"/api/v2/files/{file['id']}/content")
    assert hashlib.sha256(content.content).hexdigest() == file["sha256"]
    made = await client.post("/api/v2/customers", json={"name": "After the restore"})
    more = await read_feed(client)
    assert [one["seq"] for one in more] == list(range(1, len(more) + 1))
    assert more[: len(feed)] == feed
    assert made.json()["id"] in {one["entity_id"] for one in more[len(feed) :]}
    await client.aclose()
    assert await asyncio.to_thread(again.stop) == 0

    # and what has been restored is not restored over
    code, output = await asyncio.to_thread(said, app("restore", saved, "--data", elsewhere))
    assert code == 1
    assert "empty place only" in output


def small_archive(path: Path) -> None:
    with path.open("wb") as out:
        writer = Writer(out)
        writer.add("database/000001", 700, iter([b"d" * 700]))
        writer.add("files/a/b/content", 3, iter([b"abc"]))
        writer.finish({"schema": "0240"})


def test_any_changed_byte_is_refused(tmp_path: Path) -> None:
    whole, bad = tmp_path / "whole.tar", tmp_path / "bad.tar"
    small_archive(whole)
    assert [part["name"] for part in manifest_of(whole)["parts"]] == [
        "database/000001",
        "files/a/b/content",
    ]
    content = whole.read_bytes()
    for place in range(0, len(content), 23):  # shares no factor with a block: falls everywhere
        bad.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        with pytest.raises(Damaged):
            manifest_of(bad)
    for length in range(0, len(content), 97):
        bad.write_bytes(content[:length])
        with pytest.raises(Damaged):
            manifest_of(bad)


@pytest.mark.parametrize(
    ("there", "named"),
    [(b"d" * 700, "database/000001"), (b"abc", "files/a/b/content")],
)
def test_the_damaged_part_is_named(tmp_path: Path, there: bytes, named: str) -> None:
    path = tmp_path / "bad.tar"
    small_archive(path)
    content = path.read_bytes()
    place = content.index(there)
    path.write_bytes(content[:place] + b"x" + content[place + 1 :])
    with pytest.raises(Damaged, match=named):
        manifest_of(path)


@pytest_asyncio.fixture
async def target(cluster: Cluster) -> AsyncIterator[Database]:
    """An empty database, prepared."""
    admin = cluster.dsn("postgres", cluster.superuser, cluster.superuser_password)
    await prepare.prepare(admin, "test_backup_target", passwords(cluster))
    made = Database(cluster, "test_backup_target")
    yield made
    await drop(made)


def rewritten(source: Path, to: Path, **changes: Any) -> None:
    """The same archive with another manifest, whole by its own digest."""
    manifest = manifest_of(source)
    del manifest["parts"], manifest["format"]
    with to.open("wb") as out:
        writer = Writer(out)
        for name, content in contents(source):
            body = content.read()
            writer.add(name, len(body), iter([body]))
        writer.finish(manifest | changes)


async def test_an_outside_database_comes_back_and_newer_or_false_ones_do_not(
    outside: dict[str, str], archive: Path, target: Database, tmp_path: Path
) -> None:
    other = tmp_path / "other.tar"
    for line in ("Copying the database", "Counting what is in it", "rows in")[:KILLS]:
        await asyncio.to_thread(killed_at, line, app("backup", other, **outside))
        assert not other.exists()
    code, output = await asyncio.to_thread(said, app("backup", other, **outside))
    assert code == 0, output
    assert [path.name for path in tmp_path.glob("other*")] == ["other.tar"]
    saved = manifest_of(archive)["survey"]
    assert manifest_of(other)["survey"]["tables"] == saved["tables"]
    code, output = await asyncio.to_thread(said, app("backup", other, **outside))
    assert code == 1
    assert "already a file" in output
    there = addresses(target) | {"TRUCKROLL_DATA": str(tmp_path / "data")}

    rewritten(archive, other, schema="9999")
    code, output = await asyncio.to_thread(said, app("restore", other, **there))
    assert code == 1
    assert "it is newer" in output

    code, output = await asyncio.to_thread(said, app("restore", archive, **outside))
    assert code == 1
    assert "already something in this database" in output

    # somebody else's files are not taken for the remains of a restore
    others = tmp_path / "data" / "files" / "others"
    others.parent.mkdir(parents=True)
    others.write_text("not ours")
    code, output = await asyncio.to_thread(said, app("restore", archive, **there))
    assert code == 1
    assert "There are files in" in output
    assert others.read_text() == "not ours"
    others.unlink()

    code, output = await asyncio.to_thread(said, app("restore", archive, **there))
    assert code == 0, output
    assert [path.name for path in others.parent.iterdir()] == []
    connection = await asyncpg.connect(target.admin)
    assert await connection.fetchval("select name from customers") == "Customer 0000"
    assert await connection.fetchval("select version_num from alembic_version") == head()
    await connection.close()


async def test_what_is_not_as_it_was_saved_is_not_opened(
    archive: Path, target: Database, tmp_path: Path
) -> None:
    other = tmp_path / "other.tar"
    survey = manifest_of(archive)["survey"]
    survey["tables"]["public.customers"]["rows"] += 1
    rewritten(archive, other, survey=survey)
    there = addresses(target) | {"TRUCKROLL_DATA": str(tmp_path / "data")}
    code, output = await asyncio.to_thread(said, app("restore", other, **there))
    assert code == 1
    assert "/tables/public.customers/rows: 2 was saved, 1 came back" in output
    code, output = await asyncio.to_thread(said, app("serve", "--port", "0", **there))
    assert code == 1
    assert "did not end" in output
