"""Run a watchdog with PostgreSQL below it. Who calls holds `alive.lock` and so knows that
nothing of the cluster runs; the lock passes to the watchdog without ever being free.
"""

import os
import subprocess
import sys
from pathlib import Path

from app.postgres import port, settings
from app.postgres.account import Account
from app.postgres.answering import pid_file
from app.postgres.binaries import Binaries
from app.postgres.creating import environment
from app.postgres.errors import StartError
from app.postgres.folder import Folder

WATCHDOG = Path(__file__).with_name("watchdog.py")


def launch(
    folder: Folder,
    binaries: Binaries,
    account: Account,
    *,
    alive: int,
    durable: bool,
    extra: dict[str, str],
) -> int:
    """Start PostgreSQL without waiting until it is ready; answer the port it is to take."""
    _clear_pid_file(folder)
    folder.logs.mkdir(mode=0o700, exist_ok=True)
    os.chown(folder.logs, account.uid, account.gid)
    chosen = port.pick(folder.port)
    argv: list[str | Path] = [sys.executable, "-I", "-S", WATCHDOG]
    argv += ["--servers", folder.servers_lock, "--alive", str(alive)]
    if account.identity:
        argv += ["--user", str(account.uid), "--group", str(account.gid)]
    argv += ["--", binaries.program("postgres"), "-D", folder.cluster]
    argv += settings.arguments(port=chosen, logs=folder.logs, durable=durable, extra=extra)
    with folder.new_start_log() as output:
        subprocess.run(  # noqa: S603 - our own arguments, no shell
            argv,
            cwd="/",
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=[alive],
            start_new_session=True,
            check=False,  # if it fails the lock is free again, and the starter reads the log
        )
    return chosen


def _clear_pid_file(folder: Folder) -> None:
    """Take away what a killed server left. PostgreSQL itself would believe a reused number."""
    claim = pid_file(folder)
    if claim is not None and _serves(claim.pid, folder.cluster):
        raise StartError(
            f"Process {claim.pid} already serves {folder.cluster}, and it was started by other "
            "means. Stop it (pg_ctl stop), and start again."
        )
    (folder.cluster / "postmaster.pid").unlink(missing_ok=True)


def _serves(pid: int, cluster: Path) -> bool:
    try:
        return Path(f"/proc/{pid}/cwd").samefile(cluster)
    except (FileNotFoundError, PermissionError):
        return False  # gone, or of another user than the one who owns the cluster
