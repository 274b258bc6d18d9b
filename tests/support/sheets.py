"""Spreadsheets as somebody else's program reads them."""

import csv
import io
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg
from python_calamine import CalamineWorkbook

from app.core.tables import restored
from tests.support.server import Server


def sheet(content: bytes) -> list[dict[str, Any]]:
    """The rows of a workbook's only sheet, by heading, with the types of their cells."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    assert len(book.sheet_names) == 1
    headings, *rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    return [dict(zip(map(str, headings), row, strict=True)) for row in rows]


def lines(content: bytes) -> list[dict[str, str]]:
    """The rows of a CSV, by heading."""
    text = content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def written(cell: Any) -> str:
    """The text that the CSV has where a sheet has this cell."""
    match cell:
        case bool():
            return "true" if cell else "false"
        case datetime():
            return f"{cell.isoformat(timespec='microseconds')}Z"
        case date():
            return cell.isoformat()
        case float():
            return f"{cell:.10f}".rstrip("0").rstrip(".")
    return str(cell)


def meant(cell: Any) -> str:
    """What an import takes a cell for."""
    return restored(written(cell))


async def many_customers(server: Server, org_id: UUID, count: int) -> None:
    """So many customers with distinct names, straight into the table."""
    connection = await asyncpg.connect(server.database.admin)
    async with connection.transaction():
        await connection.execute("set local session_replication_role = replica")
        await connection.execute(
            "insert into customers (org_id, id, kind, stage, name, sort_name, source, tax_exempt)"
            " select $1, gen_random_uuid(), 'person', 'active', 'M ' || lpad(n::text, 7, '0'),"
            " 'm ' || lpad(n::text, 7, '0'), 'moment', false from generate_series(1, $2) n",
            org_id,
            count,
        )
    await connection.close()


async def without_customers(server: Server, org_id: UUID) -> None:
    """Take them away again."""
    connection = await asyncpg.connect(server.database.admin)
    async with connection.transaction():
        await connection.execute("set local session_replication_role = replica")
        await connection.execute(
            "delete from customers where org_id = $1 and source = 'moment'", org_id
        )
    await connection.close()
