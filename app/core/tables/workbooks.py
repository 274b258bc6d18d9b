"""Writing XLSX: one sheet, its headings frozen, one row in memory at a time.

A text is always a text cell, neutralised as in CSV: never a formula, a link or a number. What is a
number, a moment, a day or yes or no becomes a real cell where a spreadsheet keeps it exactly, and stays
a text where it would not: a spreadsheet counts with fifteen digits and knows no day before March 1900.
Spreadsheets know no time zones either: moments are in UTC, and their cells show the `Z`.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from app.core import clock
from app.core.tables.columns import Column, Kind, cell
from app.core.tables.formats import SHEET_ROWS

MOST_UNITS = 32_767
"""UTF-16 units of a cell."""
CUT = " … (cut: a cell of a spreadsheet ends here; the CSV has all of it)"
EXACT = 10**15
"""Above it a spreadsheet does not count exactly."""
FIRST_DAY = date(1900, 3, 1)
"""Before it, spreadsheets count days in two ways."""
NARROWEST, WIDEST = 8, 60
LOOKED_AT = 200
"""Rows by which the widths are chosen."""


class _Sheet(Worksheet):  # type: ignore[misc] # the library has no types
    """A sheet that takes every text for a text.

    The library writes a text between `<r>` and `</r>` as the markup of a formatted one: whoever
    could name a customer so could write the sheet.
    """

    def _xml_rich_inline_string(self, string: str, attributes: Any) -> None:
        self._xml_inline_string(string, string != string.strip(), attributes)


class XlsxFile:
    """A workbook that is being written, some rows at a time."""

    def __init__(self, path: Path, columns: Sequence[Column], *, title: str) -> None:
        """Begin with the headings; what does not fit into memory lies beside `path` meanwhile."""
        self._columns = columns
        self._book = xlsxwriter.Workbook(
            path, {"constant_memory": True, "tmpdir": str(path.parent), "use_zip64": True}
        )
        self._book.set_properties({"title": title, "created": clock.now().replace(tzinfo=None)})
        self._sheet = self._book.add_worksheet(title[:31], worksheet_class=_Sheet)
        self._moment = self._book.add_format({"num_format": 'yyyy-mm-dd hh:mm:ss"Z"'})
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._amounts: dict[int, Any] = {}
        self._widths = [len(column.heading) for column in columns]
        self._rows = 0
        self._sheet.freeze_panes(1, 0)
        bold = self._book.add_format({"bold": True})
        for place, column in enumerate(columns):
            self._sheet.write_string(0, place, column.heading, bold)

    def add(self, rows: Sequence[Any]) -> None:
        """Write the next rows. Raises `ValueError` beyond `SHEET_ROWS`."""
        if self._rows + len(rows) > SHEET_ROWS:
            raise ValueError("A sheet is full.")
        for row in rows:
            self._rows += 1
            for place, column in enumerate(self._columns):
                value = column.of(row)
                if value is not None:
                    self._write(place, column.kind, value)

    def finish(self) -> None:
        """Complete the file."""
        for place, width in enumerate(self._widths):
            self._sheet.set_column(place, place, min(max(width, NARROWEST), WIDEST) + 1)
        self._book.close()

    def abandon(self) -> None:
        """Let go of a file that will not be completed."""
        self._sheet._opt_close()
        self._book.fileclosed = True

    def _write(self, place: int, kind: Kind, value: Any) -> None:
        real = _real(kind, value)
        shown = 20 if kind is Kind.moment else len(cell(value))
        if self._rows <= LOOKED_AT:
            self._widths[place] = max(self._widths[place], shown)
        match real:
            case bool():
                self._sheet.write_boolean(self._rows, place, real)
            case datetime():
                self._sheet.write_datetime(self._rows, place, real, self._moment)
            case date():
                self._sheet.write_datetime(self._rows, place, real, self._day)
            case Decimal() if kind is Kind.amount:
                self._sheet.write_number(self._rows, place, float(real), self._money(real))
            case int() | float() | Decimal():
                self._sheet.write_number(self._rows, place, float(real))
            case _:
                self._sheet.write_string(self._rows, place, _fitting(real))

    def _money(self, amount: Decimal) -> Any:
        exponent = amount.as_tuple().exponent
        digits = -exponent if isinstance(exponent, int) else 0
        if digits not in self._amounts:
            shown = f"#,##0.{'0' * digits}" if digits else "#,##0"
            self._amounts[digits] = self._book.add_format({"num_format": shown})
        return self._amounts[digits]


def _real(kind: Kind, value: Any) -> Any:
    """The value as a real cell holds it, or as a text where that is not safe."""
    match kind:
        case Kind.moment:
            moment = datetime.fromisoformat(value).astimezone(UTC).replace(tzinfo=None)
            return moment if moment.date() >= FIRST_DAY else cell(value)
        case Kind.day:
            day = date.fromisoformat(value)
            return day if day >= FIRST_DAY else cell(value)
        case Kind.decimal | Kind.amount:
            number = Decimal(value)
            return number if len(number.as_tuple().digits) <= 15 else cell(str(value))
    if isinstance(value, bool | float) or (isinstance(value, int) and abs(value) < EXACT):
        return value
    return cell(value)


def _fitting(text: str) -> str:
    if len(text) <= MOST_UNITS // 2 or len(text.encode("utf-16-le")) // 2 <= MOST_UNITS:
        return text
    room = (MOST_UNITS - len(CUT)) * 2
    return text.encode("utf-16-le")[:room].decode("utf-16-le", errors="ignore") + CUT
