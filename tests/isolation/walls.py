"""Taking one wall away, in tests alone: the product has no switch for it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from sqlalchemy import event
from sqlalchemy.orm import Session

from app.core import db
from app.core.model import Base, TenantRow
from tests.support.catalog import tenant_tables
from tests.support.database import Database

MODELS = sorted(
    (one.class_ for one in Base.registry.mappers if issubclass(one.class_, TenantRow)),
    key=lambda model: model.__tablename__,
)
"""Every model of a row that belongs to an organisation."""


@asynccontextmanager
async def undone(database: Database) -> AsyncIterator[asyncpg.Connection]:
    """A superuser's transaction that leaves nothing behind."""
    connection = await asyncpg.connect(database.admin)
    transaction = connection.transaction()
    await transaction.start()
    try:
        yield connection
    finally:
        await transaction.rollback()
        await connection.close()


@asynccontextmanager
async def without_the_criterion(_: asyncpg.Connection) -> AsyncIterator[None]:
    """The session adds no condition and refuses no row; it only stamps new ones."""
    event.remove(db.WalledSession, "do_orm_execute", db._add_the_criterion)
    event.remove(db.WalledSession, "before_flush", db._stamp)
    event.listen(db.WalledSession, "before_flush", _stamp_only)
    try:
        yield
    finally:
        event.remove(db.WalledSession, "before_flush", _stamp_only)
        event.listen(db.WalledSession, "before_flush", db._stamp)
        event.listen(db.WalledSession, "do_orm_execute", db._add_the_criterion)


def _stamp_only(session: Session, *_: Any) -> None:
    scope = session.info.get("scope")
    for row in session.new:
        if isinstance(row, TenantRow) and row.org_id is None and scope is not None:
            row.org_id = scope.org_id


@asynccontextmanager
async def without_row_level_security(admin: asyncpg.Connection) -> AsyncIterator[None]:
    """No table is walled by the database."""
    tables = await tenant_tables(admin)
    for table in tables:
        await admin.execute(f"alter table public.{table} no force row level security")
        await admin.execute(f"alter table public.{table} disable row level security")
    try:
        yield
    finally:
        for table in tables:
            await admin.execute(f"alter table public.{table} enable row level security")
            await admin.execute(f"alter table public.{table} force row level security")
