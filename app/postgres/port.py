"""The port: the one of the last start when it is free, else any free one, remembered."""

import socket
from pathlib import Path

from app.postgres import private
from app.postgres.settings import HOST


def pick(remembered: Path) -> int:
    """A port that is free now. Somebody may still take it before PostgreSQL does."""
    last = remembered.read_text() if remembered.exists() else ""
    if last.isdecimal() and is_free(int(last)):
        return int(last)
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        chosen: int = probe.getsockname()[1]
    private.write(remembered, str(chosen))
    return chosen


def is_free(port: int) -> bool:
    """Whether PostgreSQL could listen here now."""
    with socket.socket() as probe:
        # As PostgreSQL does: connections of yesterday's server do not block its port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
