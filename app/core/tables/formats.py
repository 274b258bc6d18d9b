"""The formats a table is written in."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from app.core.tables.columns import Column
from app.core.tables.csv_files import CsvFile

SHEET_ROWS = 1_048_575
"""Rows of a sheet, below the headings."""


class Format(StrEnum):
    """How a table is written; the value is what its file's name ends with."""

    csv = "csv"
    xlsx = "xlsx"

    @property
    def media_type(self) -> str:
        """The type as `Accept` names it."""
        return _MEDIA_TYPES[self]


_MEDIA_TYPES = {
    Format.csv: "text/csv",
    Format.xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class TableFile(Protocol):
    """A file that is being written; it is whole once it is finished."""

    def add(self, rows: Sequence[Any]) -> None: ...
    def finish(self) -> None: ...
    def abandon(self) -> None: ...


def table_file(shape: Format, path: Path, columns: Sequence[Column], *, title: str) -> TableFile:
    """A file of this format at `path`, its headings written."""
    if shape is Format.csv:
        return CsvFile(path, columns, title=title)
    # who reads a table writes none, and would wait for it
    from app.core.tables.workbooks import XlsxFile

    return XlsxFile(path, columns, title=title)
