"""Where this installation keeps its things: the database, the roles' passwords, the secret.

Without `DATABASE_URL` the embedded PostgreSQL is started in the data folder and made ready; with it
the addresses come from the environment and nothing is started. Either way the schema is at its head
afterwards, or a sentence says what to run.
"""

import asyncio
import fcntl
import hashlib
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import asyncpg
from alembic.script import ScriptDirectory
from pydantic import SecretStr

from app.config import Environment, Settings
from app.core import prepare
from app.core.migrate import alembic_config, upgrade
from app.postgres import Cluster, StartError, start

DATABASE = "truckroll"
FILLING = "being filled by ./run seed"
"""The comment on the table of the revision while a large demo is being made."""


class NotReadyError(RuntimeError):
    """Why Truckroll cannot start here, in a sentence with the way out."""


class HalfRestored(NotReadyError):
    """What is there is the beginning of a restore that did not end."""


class HalfFilled(HalfRestored):
    """What is there is the beginning of a large demo that did not end."""


@dataclass(frozen=True)
class Installation:
    """Addresses and secrets of a running installation."""

    settings: Settings
    app_url: str
    owner_url: str | None
    relay_url: str | None
    secret_key: str
    demo_password: str
    embedded: bool


def say(line: str) -> None:
    """A line of progress for whoever started us."""
    print(line, flush=True)  # noqa: T201


@contextmanager
def only_one(data: Path) -> Iterator[Callable[[int], None]]:
    """Hold the data folder as its one server, and yield what leaves our port for a later one.

    Raises `NotReadyError` naming the server that has it.
    """
    data.mkdir(parents=True, exist_ok=True)
    with (data / "serve.lock").open("a+") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise NotReadyError(_running(held)) from None

        def leave(port: int) -> None:
            held.truncate(0)
            held.write(f"{os.getpid()} http://127.0.0.1:{port}")
            held.flush()

        yield leave


def _running(held: IO[str]) -> str:
    held.seek(0)
    pid, _, url = held.read().partition(" ")
    where = f" at {url} (process {pid})" if url else ""
    return f"Truckroll is already running here{where}. Stop it first, or start with another --data."


@contextmanager
def opened(settings: Settings) -> Iterator[Installation]:
    """The installation, its database up and migrated, until the block ends.

    Raises `NotReadyError` with what to do when it cannot be.
    """
    if settings.database_url:
        yield _outside(settings)
        return
    say("Starting PostgreSQL…")
    cluster = _started(settings.data / "postgres")
    try:
        yield _embedded(settings, cluster)
    finally:
        cluster.close()


def _embedded(settings: Settings, cluster: Cluster) -> Installation:
    if asyncio.run(prepare.prepare(_admin(cluster), DATABASE, _passwords(cluster))):
        say("Creating the database…")
    owner, app, relay = (
        cluster.dsn(DATABASE, role, cluster.secret(role))
        for role in (prepare.OWNER, prepare.APP, prepare.RELAY)
    )
    bring_to_head(owner)
    secret = settings.secret_key.get_secret_value() if settings.secret_key else None
    return Installation(
        settings,
        app_url=app,
        owner_url=owner,
        relay_url=relay,
        secret_key=secret or cluster.secret("secret_key"),
        demo_password=cluster.secret("demo")[:12],
        embedded=True,
    )


@dataclass(frozen=True)
class Stored:
    """What a backup is made of: the database as the role that reads everything, and the files."""

    url: str
    files: Path | None
    """None: they are in an object store."""
    key_marks: list[str]
    """What tells the keys of sealed secrets apart, without saying anything about them."""


@contextmanager
def stored(settings: Settings) -> Iterator[Stored]:
    """What is there now, running or not, as it is: nothing is made and nothing migrated.

    Raises `NotReadyError` where there is nothing.
    """
    files = None if settings.files_url else settings.data / "files"
    if settings.database_url:
        if settings.database_backup_url is None:
            raise NotReadyError(
                "Set DATABASE_BACKUP_URL to the address of truckroll_backup, the role that reads"
                " everything (./run db prepare makes it)."
            )
        secret = settings.secret_key or SecretStr(_kept(settings.data / "secret_key"))
        yield Stored(settings.database_backup_url, files, key_marks(settings, secret))
        return
    home = settings.data / "postgres"
    if not (home / "cluster").exists() and not (home / "place").exists():
        raise NotReadyError(f"There is no database in {settings.data}.")
    cluster = _started(home)
    try:
        secret = settings.secret_key or SecretStr(cluster.secret("secret_key"))
        url = cluster.dsn(DATABASE, prepare.BACKUP, cluster.secret(prepare.BACKUP))
        yield Stored(url, files, key_marks(settings, secret))
    finally:
        cluster.close()


@dataclass(frozen=True)
class Empty:
    """An empty database with its roles, for a restore."""

    owner_url: str
    relay_url: str
    backup_url: str
    secret_key: SecretStr


@contextmanager
def emptied(settings: Settings) -> Iterator[Empty]:
    """The database that a restore may fill: a new one, or what a restore that did not end has left.

    Raises `NotReadyError` where there is anything else.
    """
    if settings.database_url:
        yield _empty_outside(settings)
        return
    home, files = settings.data / "postgres", settings.data / "files"
    say("Starting PostgreSQL…")
    cluster = _started(home)
    try:
        owner = cluster.dsn(DATABASE, prepare.OWNER, cluster.secret(prepare.OWNER))
        half = asyncio.run(_dropped_half(_admin(cluster)))
        if not half and files.exists() and any(files.iterdir()):
            raise NotReadyError(f"There are files in {files}. {ELSEWHERE}")
        asyncio.run(prepare.prepare(_admin(cluster), DATABASE, _passwords(cluster)))
        yield Empty(
            owner,
            cluster.dsn(DATABASE, prepare.RELAY, cluster.secret(prepare.RELAY)),
            cluster.dsn(DATABASE, prepare.BACKUP, cluster.secret(prepare.BACKUP)),
            settings.secret_key or SecretStr(cluster.secret("secret_key")),
        )
    finally:
        cluster.close()


def drop_half_filled(settings: Settings) -> None:
    """Drop what a large demo that did not end has left. Nobody else may be at work here.

    Raises `NotReadyError` where the database is not ours to drop.
    """
    if settings.database_url:
        raise NotReadyError(
            "A large demo in this database did not end. Drop the database, make it again with"
            " ./run db prepare and ./run db upgrade, and run ./run seed again."
        )
    cluster = _started(settings.data / "postgres")
    try:
        asyncio.run(_dropped_half(_admin(cluster)))
    finally:
        cluster.close()


UNFINISHED = "restored-and-not-yet-in-use"
"""A mark among files that a restore has put there, until it has ended."""
ELSEWHERE = "A restore goes into an empty place only: name another one with --data."


def _empty_outside(settings: Settings) -> Empty:
    owner, relay, reader = (
        settings.database_owner_url,
        settings.database_relay_url,
        settings.database_backup_url,
    )
    if not (owner and relay and reader):
        raise NotReadyError(
            "Set DATABASE_OWNER_URL, DATABASE_RELAY_URL and DATABASE_BACKUP_URL too (./run db"
            " prepare makes the roles): a restore writes, numbers and compares with them."
        )
    try:
        if not asyncio.run(_nothing_in(owner)):
            raise NotReadyError("There is already something in this database. Name an empty one.")
    except HalfRestored as error:
        raise NotReadyError(
            "A restore into this database did not end. Drop the database, make it again with"
            " ./run db prepare, and restore again."
        ) from error
    files = settings.data / "files"
    somebodys = files.exists() and any(files.iterdir()) and not (files / UNFINISHED).exists()
    if somebodys and not settings.files_url:
        raise NotReadyError(f"There are files in {files}. {ELSEWHERE}")
    secret = settings.secret_key or SecretStr(_kept(settings.data / "secret_key"))
    return Empty(owner, relay, reader, secret)


async def _dropped_half(admin_url: str) -> bool:
    """Whether there was half a restore, which is gone now."""
    connection = await asyncpg.connect(admin_url)
    try:
        known = await connection.fetchval(
            "select count(*) from pg_database where datname = $1", DATABASE
        )
        if not known:
            return False
        try:
            if await _nothing_in(admin_url, database=DATABASE):
                return False
        except HalfRestored:
            await connection.execute(f'drop database "{DATABASE}"')
            return True
        raise NotReadyError(f"There is already a Truckroll in this data folder. {ELSEWHERE}")
    finally:
        await connection.close()


async def _nothing_in(url: str, **other: str) -> bool:
    """Whether a database has no table of anybody's. Raises `HalfRestored`."""
    connection = await asyncpg.connect(url, **other)
    try:
        await _refuse_half(connection)
        tables: int = await connection.fetchval(
            "select count(*) from information_schema.tables"
            " where table_schema not in ('pg_catalog', 'information_schema')"
        )
        return tables == 0
    finally:
        await connection.close()


def key_marks(settings: Settings, secret: SecretStr) -> list[str]:
    """A mark of each key that opens sealed secrets here."""
    keys = settings.encryption_keys or {"0": secret}
    return [
        f"{id}:{hashlib.sha256(b'mark:' + key.get_secret_value().encode()).hexdigest()[:16]}"
        for id, key in keys.items()
    ]


def _started(home: Path) -> Cluster:
    try:
        return start(home)
    except StartError as error:
        raise NotReadyError(str(error)) from error


def _admin(cluster: Cluster) -> str:
    return cluster.dsn("postgres", cluster.superuser, cluster.superuser_password)


def _passwords(cluster: Cluster) -> dict[str, str]:
    return {role: cluster.secret(role) for role in prepare.LOGINS}


def _outside(settings: Settings) -> Installation:
    assert settings.database_url is not None
    if settings.database_owner_url and settings.environment is Environment.local:
        bring_to_head(settings.database_owner_url)
    behind = asyncio.run(_behind(settings.database_url))
    if behind:
        raise NotReadyError(behind)
    secret = settings.secret_key.get_secret_value() if settings.secret_key else None
    return Installation(
        settings,
        app_url=settings.database_url,
        owner_url=settings.database_owner_url,
        relay_url=settings.database_relay_url,
        secret_key=secret or _kept(settings.data / "secret_key"),
        demo_password=_kept(settings.data / "demo_password")[:12],
        embedded=False,
    )


def _kept(path: Path) -> str:
    """A secret made once and kept 0600."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        with os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "w") as made:
            made.write(secrets.token_urlsafe(32))
    return path.read_text()


async def present(url: str) -> str | None:
    """The schema's revision, or None for an empty database.

    Raises `NotReadyError` for one whose restore has not ended: the revision is what it writes last.
    """
    connection = await asyncpg.connect(url)
    try:
        if await connection.fetchval("select to_regclass('public.alembic_version')") is None:
            return None
        await _refuse_half(connection)
        revision: str | None = await connection.fetchval("select version_num from alembic_version")
        return revision
    finally:
        await connection.close()


async def _refuse_half(connection: asyncpg.Connection) -> None:
    """The revision is what a restore writes last: a schema of ours without one is half."""
    if await connection.fetchval(
        "select to_regclass('public.alembic_version') is not null"
        " and to_regclass('system.tables') is not null"
    ) and not await connection.fetchval("select count(*) from public.alembic_version"):
        if (
            await connection.fetchval("select obj_description('public.alembic_version'::regclass)")
            == FILLING
        ):
            raise HalfFilled(
                "A large demo is being made in this database, or was and did not end. If no ./run seed"
                " is at work, run it again, with the same --scale: it drops what is there and begins anew."
            )
        raise HalfRestored(
            "A restore into this database did not end, and what is there is not whole. Run"
            " ./run restore again with the same archive."
        )


def head() -> str:
    """The newest migration's revision."""
    found = ScriptDirectory.from_config(alembic_config("")).get_current_head()
    assert found is not None
    return found


def bring_to_head(owner_url: str) -> None:
    """Migrate where there is something to migrate; quick when there is not."""
    if asyncio.run(present(owner_url)) != head():
        say("Migrating the schema…")
        upgrade(owner_url)


async def _behind(app_url: str) -> str | None:
    try:
        found = await present(app_url)
    except (OSError, asyncpg.PostgresError) as error:
        return f"DATABASE_URL does not answer: {error}"
    if found == head():
        return None
    return (
        f"The schema is at {found or 'nothing'} and this version needs {head()}. Run"
        " `./run db upgrade` with DATABASE_OWNER_URL set to the owning role."
    )
