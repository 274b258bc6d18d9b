"""A folder for each story, and at its end nothing that runs and nothing on the disk."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import pytest

from app.postgres import Cluster, binaries, folder, locks, start
from tests.postgres.world import Application


class Begin(Protocol):
    def __call__(self, data: Path, **options: object) -> Cluster: ...


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for one story."""
    with _folder() as path:
        monkeypatch.setattr(folder, "ELSEWHERE", path / "elsewhere" / "clusters")
        monkeypatch.setattr(binaries, "COPIES", path / "elsewhere" / "programs")
        yield path


@pytest.fixture(scope="session")
def prepared() -> Iterator[Path]:
    """A data folder with a cluster, made once: making one takes longest of all."""
    with _folder() as path:
        start(path / "data", durable=False).close()
        yield path / "data"


@pytest.fixture
def data(prepared: Path) -> Iterator[Path]:
    """A data folder with a cluster from an earlier day, which has lived through other stories."""
    _nothing_runs(prepared)
    yield prepared
    _nothing_runs(prepared)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A running server that the stories of a module only look at, or meet as a stranger."""
    with _folder() as path:
        cluster = start(path / "data", durable=False)
        yield cluster
        cluster.close()


@pytest.fixture
def begin(place: Path) -> Iterator[Begin]:
    """`start` for tests: whatever it starts is closed at the end of the story."""
    begun: list[Cluster] = []

    def begin(data: Path, **options: object) -> Cluster:
        chosen = {"durable": False, **options}
        begun.append(start(data, **chosen))  # type: ignore[arg-type]
        return begun[-1]

    yield begin
    for cluster in begun:
        cluster.close()


@pytest.fixture
def applications(place: Path) -> Iterator[list[Application]]:
    """Applications that a story puts here are ended with it."""
    running: list[Application] = []
    yield running
    for application in running:
        application.end()


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder that every user of the machine may pass through, unlike pytest's own."""
    path = Path(tempfile.mkdtemp(prefix="truckroll-"))
    path.chmod(0o755)
    yield path
    for alive in path.rglob("alive.lock"):
        _nothing_runs(alive.parent)
    shutil.rmtree(path)


def _nothing_runs(data: Path) -> None:
    with locks.locked(data / "alive.lock", locks.EXCLUSIVE, within=20):
        assert not (data / "cluster" / "postmaster.pid").exists()
