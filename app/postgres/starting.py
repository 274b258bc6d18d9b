"""Start the server of a data folder, or attach to the one that runs.

`start` returns when the server has answered and was recognised. It holds the shared lock from
before it looked until `close`, so the server it found cannot be stopped under it. Settings
belong to whoever starts the server first; who attaches takes it as it is.
"""

import os
import sys
import time
from pathlib import Path

from app.postgres import binaries, locks, port, private
from app.postgres.account import account_for
from app.postgres.answering import port_if_ready
from app.postgres.cluster import Cluster
from app.postgres.creating import create
from app.postgres.errors import StartError
from app.postgres.folder import Folder, settle
from app.postgres.launching import launch

# A server that lost power replays its log first, which takes as long as it takes.
PATIENCE = 180.0


def start(data: Path, *, durable: bool = True, settings: dict[str, str] | None = None) -> Cluster:
    """A server for this folder. `durable=False` forgets on a power cut and is for tests."""
    if sys.platform != "linux":
        raise StartError("The built-in PostgreSQL needs Linux. Elsewhere, set DATABASE_URL.")
    try:
        return _start(data, durable=durable, extra=settings or {})
    except OSError as error:
        raise StartError(
            f"The database could not be started: {error.strerror} ({error.filename}). "
            "Mend that, run as the owner of that file, or choose another data folder."
        ) from error


def _start(data: Path, *, durable: bool, extra: dict[str, str]) -> Cluster:
    folder = settle(data)
    with locks.locked(folder.start_lock, locks.EXCLUSIVE, within=PATIENCE) as starting:
        servers = locks.lock(folder.servers_lock, locks.SHARED, within=PATIENCE)
        try:
            password = _password(folder)
            found = _port(folder, password, durable=durable, extra=extra, starting=starting)
        except BaseException:
            os.close(servers)
            raise
    return Cluster(folder, port=found, superuser_password=password, lock=servers)


def _port(
    folder: Folder, password: str, *, durable: bool, extra: dict[str, str], starting: int
) -> int:
    """The port of a server that answers. Whatever ran may be ending; then another is launched."""
    deadline = time.monotonic() + PATIENCE
    launched: int | None = None
    while time.monotonic() < deadline:
        alive = locks.try_lock(folder.alive_lock, locks.EXCLUSIVE)
        if alive is None:
            found = port_if_ready(folder, password)
            if found is not None:
                return found
            time.sleep(0.02)
            continue
        try:
            if launched is not None and port.is_free(launched):
                raise StartError(f"PostgreSQL stopped at once. {_last_words(folder)}")
            launched = _launch(folder, alive=alive, durable=durable, extra=extra, starting=starting)
        finally:
            os.close(alive)
    raise StartError(f"PostgreSQL did not answer within {PATIENCE:.0f} s. {_last_words(folder)}")


def _launch(
    folder: Folder, *, alive: int, durable: bool, extra: dict[str, str], starting: int
) -> int:
    account = account_for(folder.cluster)
    programs = binaries.usable(binaries.choose(folder.cluster), account)
    if not folder.cluster.exists():
        create(folder, programs, account, durable=durable, lock=starting)
    return launch(folder, programs, account, alive=alive, durable=durable, extra=extra)


def _password(folder: Folder) -> str:
    path = folder.secret("superuser")
    if folder.cluster.exists() and not path.exists():
        raise StartError(
            f"The password of the database in {folder.cluster} was in {path}. "
            "Bring that file back from a backup."
        )
    return private.secret(path)


def _last_words(folder: Folder) -> str:
    """The end of what the server wrote, newest file last, and where to read on."""
    files = [folder.start_log, *folder.logs.glob("*.log")]
    files = sorted((file for file in files if file.exists()), key=lambda file: file.stat().st_mtime)
    lines = [line for file in files for line in file.read_text(errors="replace").splitlines()]
    return f"It said, in {folder.start_log} and {folder.logs}:\n" + "\n".join(lines[-15:])
