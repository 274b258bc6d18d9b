"""`python -m …` without the seconds that Python takes to read Truckroll: forked from one that has.

Each program is a process as any other: a session and an environment of its own, killed and waited for by
its number. `tests/durability/test_run.py` starts the way users do, interpreter and all.
"""

import atexit
import gc
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 1 << 20
"""Bytes of a command with its environment."""


class Program:
    """A started program; what the stories need of `subprocess.Popen`."""

    def __init__(self, pid: int, ending: socket.socket, stdout: IO[str] | None) -> None:
        self.pid = pid
        self.stdout = stdout
        self.returncode: int | None = None
        self._ending = ending

    def poll(self) -> int | None:
        """The exit code, or None while it runs."""
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, negative for a signal. Raises TimeoutExpired."""
        if self.returncode is None:
            self._ending.settimeout(timeout)
            try:
                self.returncode = int(self._ending.recv(100))
            except (TimeoutError, BlockingIOError):
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0) from None
            self._ending.close()
        return self.returncode

    def communicate(self, timeout: float | None = None) -> tuple[str, None]:
        """What it still says until it ends."""
        assert self.stdout is not None
        with self.stdout as stdout:
            said = stdout.read()
        self.wait(timeout)
        return said, None

    def send_signal(self, how: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, how)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def python(
    module: str,
    *arguments: str | Path,
    environment: Mapping[str, str] | None = None,
    stdout: IO[Any] | None = None,
    together: bool = False,
) -> Program:
    """Start `python -m module arguments` here, in a process group of its own.

    Where `stdout` is not given, it and standard error are read from `Program.stdout`; else standard
    error is ours, or goes to `stdout` too (`together`).
    """
    said = None
    if stdout is None:
        reading, out = os.pipe()
        said, err = os.fdopen(reading, encoding="utf-8"), out
    else:
        out = stdout.fileno()
        err = out if together else 2
    ending, minded = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    command = {
        "module": module,
        "arguments": [str(one) for one in arguments],
        "environment": dict(os.environ if environment is None else environment),
    }
    socket.send_fds(_nest(), [json.dumps(command).encode()], [out, err, minded.fileno()])
    minded.close()
    if stdout is None:
        os.close(out)
    return Program(int(ending.recv(100)), ending, said)


@cache
def _nest() -> socket.socket:
    """Our end of the line to the process that forks; it ends when we do."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    started = subprocess.Popen(
        [sys.executable, "-m", "tests.support.nest", str(theirs.fileno())],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        pass_fds=[theirs.fileno()],
        start_new_session=True,
    )
    theirs.close()

    def end() -> None:
        ours.close()
        started.wait()

    atexit.register(end)
    return ours


def _hatch(line: socket.socket) -> None:
    """Fork a program for each command, until there will be none. Returns in the programs too."""
    while True:
        command, held, _, _ = socket.recv_fds(line, LONGEST, 3)
        if not command:
            return None
        if os.fork() == 0:
            line.close()
            return _mind(json.loads(command), *held)
        for one in held:
            os.close(one)


def _mind(command: dict[str, object], out: int, err: int, ending: int) -> None:
    """Start the program, and tell its number and then how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    pid = os.fork()
    if pid == 0:
        os.close(ending)
        return _become(command, out, err)
    os.close(out)
    os.close(err)
    told = socket.socket(fileno=ending)
    told.send(str(pid).encode())
    _, status = os.waitpid(pid, 0)
    told.send(str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def _become(command: dict[str, object], out: int, err: int) -> None:
    """Be the program: what it raises to exit passes through to the interpreter."""
    os.setsid()
    os.environ.clear()
    os.environ.update(command["environment"])  # type: ignore[arg-type]
    os.dup2(out, 1)
    os.dup2(err, 2)
    for one in {out, err}:
        os.close(one)
    module = str(command["module"])
    sys.argv = [module, *command["arguments"]]  # type: ignore[misc]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    import app.backup.bringing
    import app.backup.making
    import app.backup.restoring
    import app.cli
    import app.demo
    import app.serving
    import app.tasks.importing  # noqa: F401

    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # who minds a program is not waited for
    _hatch(socket.socket(fileno=int(sys.argv[1])))
