"""PostgreSQL's own programs for copying a database, of a version that suits a server."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from app.postgres.binaries import folders
from app.postgres.creating import environment
from app.postgres.errors import StartError


@dataclass(frozen=True)
class Client:
    """An installed program and its major version."""

    path: Path
    major: int


def client(name: str, server: int) -> Client:
    """The program `name` for a server of this major version: the same, else the next above.

    Raises `StartError`: an older program does not know a newer server, and from 17 on `pg_restore`
    sets a parameter that a server before 17 refuses.
    """
    on_path = shutil.which(name)
    places = [folder / "bin" / name for folder in folders()] + ([Path(on_path)] if on_path else [])
    found = [Client(place, major) for place in places if (major := _major(place)) is not None]
    suits = [one for one in found if one.major >= server and (one.major >= 17) == (server >= 17)]
    fitting = sorted(suits, key=lambda one: one.major)
    if not fitting:
        have = ", ".join(f"{one.major} in {one.path}" for one in found) or "none"
        raise StartError(
            f"The server is PostgreSQL {server}, and there is no {name} here that suits it (found:"
            f" {have}). Install one: apt-get install postgresql-client-{server}."
        )
    return fitting[0]


@dataclass(frozen=True)
class Target:
    """A database as a program of PostgreSQL is told of it: the password is in no list of processes."""

    argument: str
    environment: dict[str, str]


def target(url: str) -> Target:
    """An address, split into what may be seen and what may not."""
    parts = urlsplit(url)
    who, _, where = parts.netloc.rpartition("@")
    user, _, _ = who.partition(":")
    shown = parts._replace(netloc=f"{user}@{where}").geturl()
    return Target(
        f"--dbname={shown}", environment() | {"PGPASSWORD": unquote(parts.password or "")}
    )


def _major(program: Path) -> int | None:
    try:
        asked = subprocess.run(  # noqa: S603 - our own arguments, no shell
            [program, "--version"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None  # absent, or for another machine
    match = re.search(r"\) (\d+)", asked.stdout)
    return int(match.group(1)) if match else None
