"""Many rows at once, inside the walls: COPY into a temporary table, INSERT … SELECT from there.

COPY itself is refused where row-level security is forced. This is as quick nearly, and triggers,
checks and policies see each row as they see any other. Call it with about 1,000 rows: the numbers
of the journal wait for the transaction.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import asyncpg
import orjson
from sqlalchemy import Column, MetaData, Table, insert, inspect, literal, select, update
from sqlalchemy.dialects.postgresql import JSONB, Range
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.schema import CreateTable, DropTable

from app.core.db import scope_of
from app.core.model import TenantModel

Rows = Iterable[Sequence[Any]]


async def pour(
    session: AsyncSession, model: type[TenantModel], columns: Sequence[str], rows: Rows
) -> None:
    """Insert rows of the session's organisation: values of `columns` in that order."""
    beside = await _beside(session, model, columns, rows)
    org_id = literal(scope_of(session).org_id)
    statement = insert(model).from_select(
        ["org_id", *columns],
        select(org_id, *(beside.c[name] for name in columns)),
        include_defaults=False,
    )
    await session.execute(statement.execution_options(dml_strategy="raw"))
    await session.execute(DropTable(beside))


async def pour_over(
    session: AsyncSession, model: type[TenantModel], columns: Sequence[str], rows: Rows
) -> None:
    """Give rows that are there other values: `id` and `columns`, in that order."""
    beside = await _beside(session, model, ["id", *columns], rows)
    statement = (
        update(model)
        .values({name: beside.c[name] for name in columns})
        .where(model.id == beside.c.id)
    )
    await session.execute(statement.execution_options(dml_strategy="core_only"))
    await session.execute(DropTable(beside))


async def _beside(
    session: AsyncSession, model: type[TenantModel], columns: Sequence[str], rows: Rows
) -> Table:
    """A temporary table of the same columns, with the rows in it."""
    mapped = inspect(model).columns
    beside = Table(
        f"poured_{model.__tablename__}",
        MetaData(),
        *(Column(name, mapped[name].type) for name in columns),
        prefixes=["temporary"],
    )
    await session.execute(CreateTable(beside))
    as_json = {place for place, name in enumerate(columns) if isinstance(mapped[name].type, JSONB)}
    records = [
        [_sent(value, as_json=place in as_json) for place, value in enumerate(row)] for row in rows
    ]
    connection = await session.connection()
    driver = (await connection.get_raw_connection()).driver_connection
    assert driver is not None
    await driver.copy_records_to_table(beside.name, records=records, columns=list(columns))
    return beside


def _sent(value: Any, *, as_json: bool) -> Any:
    """A value as COPY takes it."""
    if value is None:
        return None
    if as_json:
        return orjson.dumps(value).decode()
    if isinstance(value, Range):
        return asyncpg.Range(value.lower, value.upper)
    return value
