"""A new cluster. It appears under its name when it is complete, and not before.

Unicode text, compared by code point: the same order on every machine, whatever its C library.
People's order is the application's own affair.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from app.postgres import private
from app.postgres.account import Account
from app.postgres.binaries import Binaries
from app.postgres.errors import StartError
from app.postgres.folder import Folder

SUPERUSER = "postgres"


def create(
    folder: Folder, binaries: Binaries, account: Account, *, durable: bool, lock: int
) -> None:
    """Make the cluster. The caller holds `lock`, and initdb holds it too until it has ended."""
    for leftover in folder.path.glob("creating-*"):
        shutil.rmtree(leftover)
    side = Path(tempfile.mkdtemp(prefix="creating-", dir=folder.path))
    password = side / "password"
    password.write_text(private.secret(folder.secret("superuser")))
    for path in (password, side):
        os.chown(path, account.uid, account.gid)
    argv = _initdb(binaries, side / "cluster", password, durable=durable)
    with folder.new_start_log() as output:
        done = subprocess.run(  # noqa: S603 - our own arguments, no shell
            argv,
            cwd="/",
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=[lock],
            umask=0o077,
            check=False,
            **account.identity,
        )
    if done.returncode != 0:
        said = folder.start_log.read_text()
        raise StartError(f"PostgreSQL could not make its files in {side}. It said:\n{said}")
    (side / "cluster").rename(folder.cluster)
    private.keep(folder.path)
    shutil.rmtree(side)


def _initdb(
    binaries: Binaries, cluster: Path, password: Path, *, durable: bool
) -> list[str | Path]:
    argv: list[str | Path] = [
        binaries.program("initdb"),
        f"--pgdata={cluster}",
        f"--username={SUPERUSER}",
        f"--pwfile={password}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
    ]
    if binaries.major >= 17:
        argv += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    if not durable:
        argv += ["--no-sync"]
    return argv


def environment() -> dict[str, str]:
    """What PostgreSQL's programs may see of ours: no PG… setting, no secret, no language."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return kept | {"LC_ALL": "C"}
