"""Truckroll as its users start it: a process group of its own, on a data folder of its own."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tests.support import nest

ROOT = Path(__file__).resolve().parents[2]
START_WITHIN = 200
"""Seconds; a start takes two or three, and the demo a minute of a busy machine: this only ends a hopeless wait."""


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Running:
    """A started Truckroll."""

    process: subprocess.Popen[bytes] | nest.Program
    data: Path
    port: int
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def run_json(self) -> dict[str, object]:
        found: dict[str, object] = json.loads((self.data / "run.json").read_text())
        return found

    def kill(self) -> None:
        """SIGKILL to the whole process group, as a machine that runs out of memory would."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to stop; its exit code."""
        self.process.send_signal(how)
        return self.process.wait(30)


def start(data: Path, *arguments: str, port: int | None = None, anew: bool = False) -> Running:
    """Start `python -m app` on `data` and wait until it says `ready`.

    `anew`: by an interpreter of its own, as users do.
    """
    port = port or free_port()
    data.mkdir(parents=True, exist_ok=True)
    log = data / "output.log"
    environment = {
        k: v for k, v in os.environ.items() if not k.startswith(("DATABASE_", "TRUCKROLL_"))
    } | {"OPS_PORT": "0"}
    with log.open("wb") as out:
        command = ("serve", "--data", str(data), "--port", str(port), *arguments)
        process = (
            subprocess.Popen(
                [sys.executable, "-m", "app", *command],
                cwd=ROOT,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env=environment,
            )
            if anew
            else nest.python("app", *command, environment=environment, stdout=out, together=True)
        )
    until = time.monotonic() + START_WITHIN
    while b"\nready http" not in b"\n" + log.read_bytes():
        if process.poll() is not None or time.monotonic() > until:
            raise AssertionError(f"it did not start: {log.read_text()}")
        time.sleep(0.05)
    return Running(process, data, port, log)


def postmasters(data: Path) -> list[int]:
    """Process ids of PostgreSQL servers on `data`, looked up in /proc."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue  # it ended while we looked
        if words[0].endswith(b"postgres") and any(str(data).encode() in word for word in words):
            found.append(int(entry.name))
    return found


async def until_gone(data: Path, within: float = 15) -> bool:
    """Whether no PostgreSQL is left on `data` after at most `within` seconds."""
    until = time.monotonic() + within
    while postmasters(data):
        if time.monotonic() > until:
            return False
        await asyncio.sleep(0.1)
    return True
