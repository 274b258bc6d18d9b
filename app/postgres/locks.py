"""File locks that the kernel releases with the last process that holds them, however it ends.

A lock is a bare file descriptor and no file object: it must survive until somebody closes it
or the process dies, and not until the garbage collector looks at it. Descriptors made here are
not inherited by programs the process runs, except where `pass_fds` names one.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.postgres.errors import StartError

SHARED = fcntl.LOCK_SH
EXCLUSIVE = fcntl.LOCK_EX


def try_lock(path: Path, kind: int) -> int | None:
    """The lock, or None when somebody holds it in a way that excludes us."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def lock(path: Path, kind: int, *, within: float) -> int:
    """The lock, waiting for it some seconds and then giving up with a sentence."""
    deadline = time.monotonic() + within
    while (descriptor := try_lock(path, kind)) is None:
        if time.monotonic() > deadline:
            raise StartError(f"Another process has held {path} for {within:.0f} seconds. Stop it.")
        time.sleep(0.02)
    return descriptor


@contextmanager
def locked(path: Path, kind: int, *, within: float) -> Iterator[int]:
    """Hold the lock for the length of a block."""
    descriptor = lock(path, kind, within=within)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
