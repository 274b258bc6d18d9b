"""The parent of PostgreSQL, which stops it when nobody is left to use it.

Run as a program with the standard library alone, in a session of its own, so that what kills a
server with its whole process group does not reach it. It holds `alive.lock`, which PostgreSQL
inherits from it, waits to have `servers.lock` alone, and then asks for a fast shutdown.

If this process is killed instead, the kernel sends PostgreSQL that same request: a server
without a watchdog would never be stopped, so it must not outlive one. If PostgreSQL is killed,
what it left behind is killed too; the next start then finds nothing that still holds its memory.
"""

import argparse
import ctypes
import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36

# The last server is gone: seconds from there until each, together less than ten. An immediate
# shutdown loses nothing either, it only leaves recovery to the next start.
SHUTDOWN = ((0.0, signal.SIGINT), (6.0, signal.SIGQUIT), (2.0, signal.SIGKILL))


def main() -> None:
    """Leave the starter, run PostgreSQL, and end with it."""
    arguments = _arguments()
    if os.fork() != 0:
        os._exit(0)  # the starter waits for this one only, and has no child to bury later
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)  # orphans of PostgreSQL become ours
    postmaster = _postmaster(arguments, libc)
    threading.Thread(
        target=_stop_when_alone, args=(arguments.servers, postmaster), daemon=True
    ).start()
    status = postmaster.wait()
    print(f"watchdog: PostgreSQL ended with status {status}", file=sys.stderr, flush=True)  # noqa: T201
    _end_orphans()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--servers", type=Path, required=True)
    parser.add_argument("--alive", type=int, required=True)
    parser.add_argument("--user", type=int)
    parser.add_argument("--group", type=int)
    parser.add_argument("command", nargs="+")
    return parser.parse_args()


def _postmaster(arguments: argparse.Namespace, libc: ctypes.CDLL) -> "subprocess.Popen[bytes]":
    watchdog = os.getpid()

    def die_with_the_watchdog() -> None:
        # This runs as the service user already: a change of user would undo the request.
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0)
        if os.getppid() != watchdog:
            os._exit(1)

    return subprocess.Popen(  # noqa: S603 - arguments of our own starter, no shell
        arguments.command,
        stdin=subprocess.DEVNULL,
        pass_fds=[arguments.alive],
        user=arguments.user,
        group=arguments.group,
        extra_groups=None if arguments.user is None else [],
        umask=0o077,
        preexec_fn=die_with_the_watchdog,  # no thread runs yet, so this is safe
    )


def _stop_when_alone(servers: Path, postmaster: "subprocess.Popen[bytes]") -> None:
    descriptor = os.open(servers, os.O_RDWR)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    for seconds, request in SHUTDOWN:
        time.sleep(seconds)
        postmaster.send_signal(request)


def _end_orphans() -> None:
    while children := _children():  # again, for what these have started themselves
        for child in children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def _children() -> list[int]:
    mine = str(os.getpid())
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended while we looked
        if text.rpartition(")")[2].split()[1] == mine:
            found.append(int(stat.parent.name))
    return found


if __name__ == "__main__":
    main()
