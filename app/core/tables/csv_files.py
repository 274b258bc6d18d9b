"""Writing CSV: UTF-8 with a byte order mark, because spreadsheets take it for another encoding without."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.core.tables.columns import Column, cell


def csv_head(columns: Sequence[Column]) -> bytes:
    """The line of headings, after the byte order mark."""
    return "\ufeff".encode() + _lines([[column.heading for column in columns]])


def csv_rows(columns: Sequence[Column], rows: Sequence[Any]) -> bytes:
    """The lines of some rows."""
    return _lines([[cell(column.of(row)) for column in columns] for row in rows])


def _lines(rows: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode()


class CsvFile:
    """A CSV file that is being written, some rows at a time; nothing of them is kept in memory."""

    def __init__(self, path: Path, columns: Sequence[Column], *, title: str) -> None:
        """Begin with the headings. `title` has no place in a CSV."""
        self._columns = columns
        self._file = path.open("wb")
        self._file.write(csv_head(columns))

    def add(self, rows: Sequence[Any]) -> None:
        """Write the next rows."""
        self._file.write(csv_rows(self._columns, rows))

    def finish(self) -> None:
        """Complete the file."""
        self._file.close()

    def abandon(self) -> None:
        """Let go of a file that will not be completed."""
        self._file.close()
