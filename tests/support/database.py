"""One PostgreSQL for the whole run; a migrated template; a clone for each module that asks.

The template's name carries a hash of the migrations, so it is made once and again when they change.
"""

import asyncio
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import asyncpg

from app.core import prepare
from app.core.migrate import upgrade
from app.postgres import Cluster
from tests.support import memory

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Database:
    """Addresses of one test database, by role."""

    cluster: Cluster
    name: str
    redis: str | None = None
    """What hubs on it are reached by, where that is not its own NOTIFY."""

    def url(self, role: str) -> str:
        return self.cluster.dsn(self.name, role, self.cluster.secret(role))

    @property
    def app(self) -> str:
        return self.url(prepare.APP)

    @property
    def owner(self) -> str:
        return self.url(prepare.OWNER)

    @property
    def relay(self) -> str:
        return self.url(prepare.RELAY)

    @property
    def admin(self) -> str:
        """The superuser, for looking behind the walls."""
        return self.cluster.dsn(self.name, self.cluster.superuser, self.cluster.superuser_password)


@cache
def fingerprint() -> str:
    """Of everything that a migrated database comes from."""
    mark = hashlib.sha256()
    for path in sorted((ROOT / "migrations").rglob("*.py")):
        mark.update(path.read_bytes())
    mark.update((ROOT / "app" / "core" / "prepare.py").read_bytes())
    return mark.hexdigest()[:12]


def passwords(cluster: Cluster) -> dict[str, str]:
    """The passwords of the roles that log in."""
    return {role: cluster.secret(role) for role in prepare.LOGINS}


def _admin(cluster: Cluster) -> str:
    return cluster.dsn("postgres", cluster.superuser, cluster.superuser_password)


async def template(cluster: Cluster) -> str:
    """The migrated template's name, made when it is not there yet."""
    name = f"template_{fingerprint()}"
    connection = await asyncpg.connect(_admin(cluster))
    try:
        if await connection.fetchval("select true from pg_database where datname = $1", name):
            return name
        for old in await connection.fetch(
            "select datname from pg_database where datname like 'template\\_%' or datname like 'test\\_%'"
        ):
            await _drop(connection, cluster, old["datname"])
    finally:
        await connection.close()
    making = f"{name}_making"
    await prepare.prepare(_admin(cluster), making, passwords(cluster))
    await asyncio.to_thread(upgrade, Database(cluster, making).owner)
    connection = await asyncpg.connect(_admin(cluster))
    try:
        await connection.execute(f'alter database "{making}" rename to "{name}"')
    finally:
        await connection.close()
    return name


async def clone(cluster: Cluster, name: str) -> Database:
    """A fresh copy of the template."""
    source = await template(cluster)
    connection = await asyncpg.connect(_admin(cluster))
    try:
        await _drop(connection, cluster, name)
        where = await memory.tablespace(connection, cluster, name)
        await connection.execute(
            f'create database "{name}" template "{source}" tablespace "{where}"'
        )
        for statement in prepare.database_statements(name):
            await connection.execute(statement)
    finally:
        await connection.close()
    return Database(cluster, name)


async def drop(database: Database) -> None:
    """Throw a clone away, connections and all."""
    connection = await asyncpg.connect(_admin(database.cluster))
    try:
        await _drop(connection, database.cluster, database.name)
    finally:
        await connection.close()


async def _drop(connection: asyncpg.Connection, cluster: Cluster, name: str) -> None:
    await connection.execute(f'drop database if exists "{name}" with (force)')
    await memory.forget(connection, cluster, name)
