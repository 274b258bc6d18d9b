"""Where this installation keeps its things: the database, the roles' passwords, the secret.

Without `DATABASE_URL` the embedded PostgreSQL is started in the data folder and made ready; with it
the addresses come from the environment and nothing is started. Either way the schema is at its head
afterwards, or a sentence says what to run.
"""

import asyncio
import fcntl
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import asyncpg
from alembic.script import ScriptDirectory

from app.config import Environment, Settings
from app.core import prepare
from app.core.migrate import alembic_config, upgrade
from app.postgres import Cluster, StartError, start

DATABASE = "truckroll"


class NotReadyError(RuntimeError):
    """Why Truckroll cannot start here, in a sentence with the way out."""


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
    try:
        cluster = start(settings.data / "postgres")
    except StartError as error:
        raise NotReadyError(str(error)) from error
    try:
        yield _embedded(settings, cluster)
    finally:
        cluster.close()


def _embedded(settings: Settings, cluster: Cluster) -> Installation:
    roles = (prepare.OWNER, prepare.APP, prepare.RELAY)
    passwords = {role: cluster.secret(role) for role in roles}
    admin = cluster.dsn("postgres", cluster.superuser, cluster.superuser_password)
    if asyncio.run(prepare.prepare(admin, DATABASE, passwords)):
        say("Creating the database…")
    owner, app, relay = (cluster.dsn(DATABASE, role, passwords[role]) for role in roles)
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


async def _present(url: str) -> str | None:
    """The schema's revision, or None for an empty database."""
    connection = await asyncpg.connect(url)
    try:
        if await connection.fetchval("select to_regclass('public.alembic_version')") is None:
            return None
        revision: str | None = await connection.fetchval("select version_num from alembic_version")
        return revision
    finally:
        await connection.close()


def head() -> str:
    """The newest migration's revision."""
    found = ScriptDirectory.from_config(alembic_config("")).get_current_head()
    assert found is not None
    return found


def bring_to_head(owner_url: str) -> None:
    """Migrate where there is something to migrate; quick when there is not."""
    present = asyncio.run(_present(owner_url))
    if present != head():
        say("Migrating the schema…")
        upgrade(owner_url)


async def _behind(app_url: str) -> str | None:
    try:
        present = await _present(app_url)
    except (OSError, asyncpg.PostgresError) as error:
        return f"DATABASE_URL does not answer: {error}"
    if present == head():
        return None
    return (
        f"The schema is at {present or 'nothing'} and this version needs {head()}. Run"
        " `./run db upgrade` with DATABASE_OWNER_URL set to the owning role."
    )
