"""Spreadsheets as somebody else's program reads them."""

import csv
import io
from datetime import date, datetime
from typing import Any

from python_calamine import CalamineWorkbook

from app.core.tables import restored


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
