"""What the stories need: a question to a server, a look at a process, an application to kill."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncpg

from app.postgres import Cluster
from app.postgres.answering import pid_file

ROOT = Path(__file__).parents[2]
# What the package promises about the time from the last server's death to the database's.
PROMISED = 10.0


def ask(cluster: Cluster, sql: str) -> Any:
    """The one value that a question to the cluster answers, asked as its superuser."""
    dsn = cluster.dsn("postgres", cluster.superuser, cluster.superuser_password)
    return asyncio.run(ask_at(dsn, sql))


async def ask_at(dsn: str, sql: str) -> Any:
    connection = await asyncpg.connect(dsn, timeout=10)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close(timeout=10)


def identifier(cluster: Cluster) -> int:
    """The number that tells a cluster from all others."""
    number: int = ask(cluster, "SELECT system_identifier FROM pg_control_system()")
    return number


def postmaster(cluster: Cluster) -> int:
    """The process id of the server."""
    claim = pid_file(cluster.folder)
    assert claim is not None
    return claim.pid


def parent(pid: int) -> int:
    """The process that started this one."""
    return int(_stat(pid)[1])


def runs(pid: int) -> bool:
    """Whether the process lives; one that is only not yet buried does not."""
    try:
        return _stat(pid)[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def ends(pid: int, within: float = PROMISED) -> bool:
    """Whether the process is gone in time."""
    return eventually(lambda: not runs(pid), within)


def eventually(condition: Callable[[], object], within: float = PROMISED) -> bool:
    """Whether the condition comes true in time."""
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def kill(pid: int) -> None:
    """The death that nobody can prepare for."""
    os.kill(pid, signal.SIGKILL)


class Application:
    """A process of its own that uses the cluster of a data folder, as `./run` would."""

    def __init__(
        self,
        data: Path,
        *,
        python: Path | str = sys.executable,
        home: Path = ROOT,
        **identity: Any,
    ) -> None:
        self.process = subprocess.Popen(
            [python, home / "tests/postgres/application.py", data],
            cwd="/",
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(home),
                # A copied Python would otherwise look for its library where the first one lives.
                "LD_LIBRARY_PATH": str(Path(python).parents[1] / "lib"),
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            **identity,
        )

    def says(self) -> dict[str, Any]:
        """What it reports when its server is ready: `postmaster`, `port`, `owner`."""
        assert self.process.stdout is not None
        told: dict[str, Any] = json.loads(self.process.stdout.readline())
        return told

    def kill_with_its_group(self) -> None:
        """SIGKILL for it and for all that it started in its own process group."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def end(self) -> None:
        """Let it go in peace, if it still runs."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(timeout=30)
        self.process.stdout.close()


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
