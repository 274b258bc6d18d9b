"""Who runs PostgreSQL: the caller, unless the caller is root, whom PostgreSQL refuses.

For root it is the owner of an existing cluster, else the machine's `postgres`, else `nobody`.
It has to be an account with a name: initdb looks its own user id up and stops without one.
"""

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from app.postgres.errors import StartError

NAMES = ("postgres", "nobody")


class Identity(TypedDict, total=False):
    """The part of `subprocess` arguments that changes who a program runs as."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Account:
    """A user of this machine that PostgreSQL can run as."""

    uid: int
    gid: int

    @property
    def identity(self) -> Identity:
        """How to run a program as this account. Only root has to change, or may."""
        if self.uid == os.geteuid():
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def run(self, argv: Sequence[str | Path]) -> bool:
        """Whether this program, run as the account, succeeds."""
        try:
            done = subprocess.run(  # noqa: S603 - our own arguments, no shell
                argv,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=False,
                **self.identity,
            )
        except PermissionError:
            return False
        return done.returncode == 0

    def reaches(self, folder: Path) -> bool:
        """Whether the account may pass through this folder and all above it.

        The kernel is asked and no mode bits are added up: it also knows about access lists.
        """
        return not self.identity or self.run(["test", "-x", folder])


def account_for(cluster: Path) -> Account:
    """Who runs the server of this cluster, which need not exist yet."""
    mine = os.geteuid()
    owner = cluster.stat() if cluster.exists() else None
    if owner and owner.st_uid != mine and mine != 0:
        raise StartError(
            f"The database in {cluster} belongs to user id {owner.st_uid}, and you are {mine}. "
            "Run as that user or as root, or choose another data folder."
        )
    if owner and owner.st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    return _service_account() if mine == 0 else _caller()


def _caller() -> Account:
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        raise StartError(
            f"User id {os.geteuid()} has no name on this machine, and PostgreSQL wants one. "
            "Add it to /etc/passwd, or run as root."
        ) from None
    return Account(os.geteuid(), os.getegid())


def _service_account() -> Account:
    for name in NAMES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise StartError(
        "PostgreSQL refuses to run as root and this machine has neither a user postgres nor "
        "nobody. Make one (useradd --system postgres) or run as an ordinary user."
    )
