"""Alembic's environment. Migrations run as the owner and are the only thing that changes the schema."""

import asyncio
import os
from typing import Any

from alembic import context
from sqlalchemy import Connection, pool
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.ext.asyncio import create_async_engine

import app.models  # noqa: F401  (fills the metadata)
from app.core.model import Base
from app.models.journal import XID8

ischema_names["xid8"] = XID8  # type: ignore[assignment]

OUTSIDE = {"system", "jobs"}
"""Schemas whose objects are written as SQL in migrations and have no model."""


def include_name(name: str | None, kind: str, parents: Any) -> bool:
    return not (kind == "schema" and name in OUTSIDE)


def include_object(obj: Any, name: str | None, kind: str, reflected: bool, compare: Any) -> bool:
    return not (kind == "table" and name == "alembic_version")


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_schemas=True,
        include_name=include_name,
        include_object=include_object,
        compare_type=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def connect_and_migrate() -> None:
    url = context.config.attributes.get("url") or os.environ["DATABASE_OWNER_URL"]
    engine = create_async_engine(
        url.replace("postgresql://", "postgresql+asyncpg://", 1), poolclass=pool.NullPool
    )
    async with engine.connect() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()


def write_sql() -> None:
    """`alembic upgrade --sql`: what would be run, for whoever wants to read it first."""
    context.configure(
        dialect_name="postgresql",
        target_metadata=Base.metadata,
        literal_binds=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    write_sql()
else:
    asyncio.run(connect_and_migrate())
