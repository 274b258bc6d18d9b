"""The formats a table is written in."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from app.core.tables.columns import Column
from app.core.tables.csv_files import CsvFile
from app.core.tables.workbooks import XlsxFile


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
    made = CsvFile if shape is Format.csv else XlsxFile
    return made(path, columns, title=title)
