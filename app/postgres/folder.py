"""Where a cluster lives, and what lies where in there.

That is the data folder somebody asked for. Only when root asks for one that PostgreSQL's
service user cannot reach (below a private home, say) the cluster lives in /var/lib/truckroll,
and a file `place` in the data folder says where: the data folder may then be moved, and one
that was deleted starts empty. Folders above the data folder are never changed.
"""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from app.postgres import private
from app.postgres.account import account_for
from app.postgres.errors import StartError

ELSEWHERE = Path("/var/lib/truckroll/clusters")


@dataclass(frozen=True)
class Folder:
    """Everything that one cluster keeps between starts."""

    path: Path

    @property
    def cluster(self) -> Path:
        """PostgreSQL's own data directory: the service user's, and complete if it is there."""
        return self.path / "cluster"

    @property
    def start_lock(self) -> Path:
        """See the package."""
        return self.path / "start.lock"

    @property
    def servers_lock(self) -> Path:
        """See the package."""
        return self.path / "servers.lock"

    @property
    def alive_lock(self) -> Path:
        """See the package."""
        return self.path / "alive.lock"

    @property
    def port(self) -> Path:
        """The port of the last start."""
        return self.path / "port"

    @property
    def start_log(self) -> Path:
        """What initdb, the watchdog and a server that is only starting had to say."""
        return self.path / "start.log"

    def new_start_log(self) -> TextIO:
        """An empty one; how the last server ended can be read in the one before."""
        if self.start_log.exists():
            self.start_log.replace(self.path / "start.log.before")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        return os.fdopen(os.open(self.start_log, flags, 0o600), "w")

    @property
    def logs(self) -> Path:
        """PostgreSQL's log, a file per weekday. The service user's."""
        return self.path / "log"

    def secret(self, name: str) -> Path:
        """One secret."""
        return self.path / "secrets" / name


def settle(data: Path) -> Folder:
    """The folder of the cluster that belongs to this data folder, made if it is not there."""
    data = data.resolve()
    private.make(data)
    path = _elsewhere(data) or data
    (path / "secrets").mkdir(mode=0o700, exist_ok=True)
    return Folder(path)


def _elsewhere(data: Path) -> Path | None:
    place = data / "place"
    if place.exists():
        path = Path(place.read_text())
        if not path.is_dir():
            raise StartError(
                f"{place} says that the database lives in {path}, and nothing is there. Bring it "
                f"back, or delete {place} to begin with an empty database."
            )
        return path
    cluster = data / "cluster"
    if cluster.exists() or account_for(cluster).reaches(data):
        return None
    path = ELSEWHERE / secrets.token_hex(8)
    for folder in (ELSEWHERE.parent, ELSEWHERE, path):
        private.make(folder)
    winner = Path(private.write_once(place, str(path)))
    if winner != path:
        path.rmdir()
    return winner
