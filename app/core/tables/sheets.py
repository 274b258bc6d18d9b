"""Workbooks (XLSX): what is looked at before one is opened, and its cells as text.

A workbook is a zip of XML, so what it would unpack to is added up from its directory first. The rest
is `unrolling`'s, in a process that has little memory and little time.
"""

import datetime as dt
import math
import re
import struct
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.core.tables.headings import check_headings
from app.core.tables.rows import NotATable, Row, RowError, TableError

MOST_ENTRIES = 5_000
LARGEST_DIRECTORY = 2 * 1024 * 1024
LARGEST_UNPACKED = 1024 * 1024 * 1024
"""Bytes; 200,000 rows of 20 columns are about 200 MB."""
ZIP, OLD = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_PROGRAM = re.compile(r"vbaproject|oleobject|\.(exe|dll|js|vbs|scr|jar|lnk)$", re.IGNORECASE)
_END = struct.Struct("<4s4H2LH")
_CONTROLS = re.compile("[\x00\ud800-\udfff]")


def check_workbook(path: Path) -> None:
    """Refuse, by its directory alone, what is no workbook or unpacks to more than it may."""
    strange = "This is a zip file, not a workbook. Send an XLSX or CSV file."
    if not _small_directory(path):
        raise NotATable(strange)
    try:
        with zipfile.ZipFile(path) as packed:
            entries = packed.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise NotATable(strange) from None
    names = {entry.filename for entry in entries}
    if "xl/workbook.xml" not in names:
        if "content.xml" in names:
            raise NotATable("This is an OpenDocument spreadsheet. Save it as XLSX or CSV.")
        if "xl/workbook.bin" in names:
            raise NotATable("This is a binary workbook (XLSB). Save it as XLSX or CSV.")
        raise NotATable(strange)
    if any(_PROGRAM.search(name) for name in names):
        raise NotATable(
            "This workbook holds macros or embedded programs. Save it as XLSX without them."
        )
    if any(entry.flag_bits & 1 for entry in entries):
        raise NotATable("This workbook is protected by a password. Save it without one.")
    if sum(entry.file_size for entry in entries) > LARGEST_UNPACKED:
        raise NotATable("This workbook unpacks to more than we read. Split it, or send CSV.")


def _small_directory(path: Path) -> bool:
    """Whether the list of entries is one that may be read into memory."""
    with path.open("rb") as file:
        file.seek(0, 2)
        file.seek(max(file.tell() - 65_557, 0))
        tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END.size:
        return False
    *_, entries, size, _, _ = _END.unpack_from(tail, at)
    return bool(entries <= MOST_ENTRIES and size <= LARGEST_DIRECTORY)


class Sheet(Iterator[Row | RowError]):
    """One sheet, row by row as a CSV file would be; blank rows are passed over."""

    headings: tuple[str, ...]

    def __init__(self, found: Any, *, max_cell: int, max_columns: int) -> None:
        """`found` is calamine's sheet. Raises `TableError` without good headings."""
        self.name: str = found.name
        self._max_cell = max_cell
        start = found.start
        if start is None:
            raise TableError(f"The sheet “{self.name}” is empty. Its first row names the columns.")
        if found.width > 16 * max_columns:
            raise TableError(f"The sheet has {found.width} columns; we read at most {max_columns}.")
        self._rows = found.iter_rows()
        self._left = start[1]  # iter_rows begins in the corner, whatever stands there
        self._line = 0
        self._number = 0
        first = next(cells for cells in self._texts() if any(cells))
        while first and not first[-1]:
            first.pop()
        self.headings = tuple(cell.strip() for cell in first)
        check_headings(self.headings, max_columns=max_columns, max_cell=max_cell)

    def _texts(self) -> Iterator[list[str]]:
        for cells in self._rows:
            self._line += 1
            yield [said(cell) for cell in cells[self._left :]]

    def __next__(self) -> Row | RowError:
        cells = next(cells for cells in self._texts() if any(cell.strip() for cell in cells))
        self._number += 1
        width = len(self.headings)
        beyond = [cell for cell in cells[width:] if cell.strip()]
        cells = cells[:width] + [""] * (width - len(cells))
        if beyond:
            reason = "The row has cells beyond the last heading. Name their columns, or clear them."
            return self._broken(None, "too_many_cells", reason, cells)
        for heading, cell in zip(self.headings, cells, strict=True):
            if len(cell) > self._max_cell:
                reason = f"“{heading}” is longer than {self._max_cell:,} characters. Shorten it."
                return self._broken(heading, "cell_too_long", reason, cells)
            if _CONTROLS.search(cell):
                reason = f"“{heading}” contains a character that is no text. Remove it."
                return self._broken(heading, "nul_byte", reason, cells)
        return Row(self._number, self._line, dict(zip(self.headings, cells, strict=True)))

    def _broken(self, column: str | None, code: Any, reason: str, cells: list[str]) -> RowError:
        kept = dict(zip(self.headings, (cell[: self._max_cell] for cell in cells), strict=True))
        return RowError(self._number, self._line, column, code, reason, cells=kept)


def said(cell: Any) -> str:
    """A cell as somebody would have typed it: 12 rather than 12.0, dates as YYYY-MM-DD."""
    match cell:
        case str():
            return cell
        case bool():
            return "true" if cell else "false"
        case float() if math.isfinite(cell):
            # as a workbook shows it: fifteen digits, or 1.1 * 100 would be 110.00000000000001
            return f"{Decimal(f'{cell:.15g}'):f}"
        case dt.datetime() if cell.time() == dt.time():
            return cell.date().isoformat()
        case dt.datetime():
            return cell.replace(microsecond=0).isoformat()
        case dt.date() | dt.time():
            return cell.isoformat()
    return str(cell)
