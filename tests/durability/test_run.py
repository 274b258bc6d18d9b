"""What a script may expect of `./run`: from an empty folder to the second start, and the tour."""

import asyncio
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.support import nest, process
from tests.support.ready import ready


@contextmanager
def an_empty_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="truckroll-") as folder:
        path = Path(folder)
        path.chmod(0o755)
        yield path


@pytest.fixture
def data() -> Iterator[Path]:
    """An empty data folder."""
    with an_empty_folder() as path:
        yield path


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A data folder in which the demo is built by the first start, and found by the later ones."""
    with an_empty_folder() as path:
        yield path


def said_by(*arguments: str | Path) -> tuple[int, str]:
    """Run a command that is expected to end by itself: its exit code and what it says."""
    done = nest.python("app", *arguments, environment={**os.environ, "OPS_PORT": "0"})
    said, _ = done.communicate()
    return done.wait(), said


async def test_from_an_empty_folder_to_the_second_start(home: Path) -> None:
    running = await asyncio.to_thread(process.start, home, anew=True)
    told = running.run_json
    assert told["url"] == running.url
    assert told["pid"] == running.process.pid
    assert stat.S_IMODE((home / "run.json").stat().st_mode) == 0o600
    demo = told["demo"]
    assert isinstance(demo, list)
    orgs = {one["org"] for one in demo}
    assert len(orgs) == 2
    for org in orgs:
        roles = sorted(one["role"] for one in demo if one["org"] == org)
        assert roles == ["accountant", "dispatcher", "owner", "technician"]

    async with httpx2.AsyncClient(base_url=running.url) as client:
        assert '<div id="root">' in (await client.get("/")).text
        there = (await client.get("/installation")).json()
        assert demo[0]["email"] in {one["email"] for one in there["demo"]}
        assert demo[0]["password"] in {one["password"] for one in there["demo"]}
        assert (await client.get("/health")).json()["status"] == "ok"
        assert "Truckroll API" in (await client.get("/api/reference")).text
        assert len((await client.get("/static/scalar.js")).content) > 1_000_000
        for one in demo:
            body = {key: one[key] for key in ("email", "password", "org")}
            assert (await client.post("/api/v2/auth/login", json=body)).status_code == 200
        small = next(one for one in demo if one["org"] == "prairie-drain")
        body = {"email": small["email"], "password": small["password"]}
        both = await client.post("/api/v2/auth/login", json=body)
        assert both.json()["code"] == "org_selection_required"
        assert {one["slug"] for one in both.json()["organisations"]} == orgs

    code, sentence = await asyncio.to_thread(said_by, "--data", home, "--port", "0")
    assert code != 0
    assert "already running" in sentence
    assert running.url in sentence

    assert await asyncio.to_thread(running.stop, signal.SIGTERM) == 0
    assert await process.until_gone(home)

    again = await asyncio.to_thread(process.start, home)
    assert "Building the demo" not in again.log.read_text()
    async with httpx2.AsyncClient(base_url=again.url) as client:
        body = {key: demo[0][key] for key in ("email", "password", "org")}
        assert (await client.post("/api/v2/auth/login", json=body)).status_code == 200
    assert await asyncio.to_thread(again.stop, signal.SIGINT) == 0
    assert await process.until_gone(home)


def tour() -> str:
    """The `sh` blocks of both pages as one script; the second goes on where the first ends."""
    pages = ("docs/tour.md", "docs/api/README.md")
    text = "\n".join((process.ROOT / page).read_text() for page in pages)
    return "\n".join(re.findall(r"^```sh\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL))


async def test_the_tour_runs_as_it_stands(home: Path) -> None:
    """`docs/tour.md` and `docs/api/README.md`, on what `./run` has made."""
    running = await asyncio.to_thread(process.start, home)
    done = await asyncio.to_thread(
        subprocess.run,
        ["sh", "-c", tour()],
        cwd=process.ROOT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        env={**os.environ, "TRUCKROLL_DATA": str(home)},
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "the story is whole" in done.stdout
    assert done.stdout.splitlines()[-1] == "the page is true"
    assert await asyncio.to_thread(running.stop) == 0
    assert await process.until_gone(home)


async def test_a_taken_port_is_named(data: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        code, sentence = await asyncio.to_thread(said_by, "--data", data, "--port", port)
    assert code == 1
    assert port in sentence
    assert process.postmasters(data) == []


async def test_without_the_demo_there_is_nobody_and_no_file(data: Path) -> None:
    await asyncio.to_thread(ready, data)
    running = await asyncio.to_thread(process.start, data, "--no-demo")
    async with httpx2.AsyncClient(base_url=running.url) as client:
        known = (await client.get("/installation")).json()
        assert (known["environment"], known["demo"]) == ("local", [])
    assert not (data / "run.json").exists()
    assert await asyncio.to_thread(running.stop) == 0
    assert await process.until_gone(data)


def test_production_refuses_a_secret_anybody_could_know() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "app", "serve"],
        cwd=process.ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={
            **os.environ,
            "TRUCKROLL_ENVIRONMENT": "production",
            "SECRET_KEY": "changeme",
            "DATABASE_URL": "postgresql://app@127.0.0.1/none",
        },
    )
    assert done.returncode == 1
    assert "SECRET_KEY" in done.stderr
