"""A table, read as a stream: the headings first, then one `Row` or `RowError` after another.

Most records are one line that strict `csv` accepts at once. The rest of this module decides the
hard case, a quote left open at the end of its line. Either the cell goes on below, or somebody
forgot the closing quote and every row below would vanish into one cell. We read on for a bounded
stretch and judge:

- the quote ends at something that is not the end of a cell (what the next *opening* quote looks
  like from inside), or never ends within four times `max_cell`: it was forgotten;
- it ends properly and the record has as many cells as the headings: it is a long cell, as the
  standard has it. To read it otherwise one would have to suppose two mistakes instead of none;
- it ends, but in a record of the wrong shape, or in a file known to write bare quotes (12" pipe):
  it was forgotten if at least half of the lines it swallowed read as rows of their own.

A forgotten quote costs its own line only; reading goes on at the next one. The known limit: a
forgotten quote *and*, further down, the file's first bare quote at the end of a cell, in a place
that makes the right number of cells, is read as the standard reads it: one long cell.
"""

import csv
import io
from collections.abc import Iterator
from typing import BinaryIO

from app.core.tables.dialect import SEP_LINE, delimiter_of
from app.core.tables.lines import DAMAGE, Line, Lines
from app.core.tables.quotes import Quotes, State
from app.core.tables.rows import Code, Row, RowError, TableError

_WRONG_SHAPE: tuple[Code, ...] = ("too_few_cells", "too_many_cells", "cell_too_long")


def read_table(
    source: BinaryIO | bytes, *, max_cell: int = 10_000, max_columns: int = 200
) -> "Table":
    """Open a CSV file: UTF-8 or UTF-16 with a byte order mark; `,` `;` TAB or `|` between cells.

    Memory stays bounded whatever is sent: no line longer than `max_cell * max_columns` characters
    is kept, and at most four times `max_cell` characters are looked at ahead.
    """
    stream = io.BytesIO(source) if isinstance(source, bytes) else source
    return Table(stream, max_cell=max_cell, max_columns=max_columns)


class Table(Iterator[Row | RowError]):
    """A table that is being read; like any iterator, it is read once."""

    headings: tuple[str, ...]
    encoding: str
    delimiter: str

    def __init__(self, source: BinaryIO, *, max_cell: int, max_columns: int) -> None:
        """Read the headings; raise `TableError` when there are none to go by."""
        self._max_cell = min(max_cell, csv.field_size_limit())
        self._lines = Lines(source, max_line=max_cell * max_columns)
        self._number = 0
        self._bare_quotes = False
        self._read_in_vain = 0
        if self._lines.opening.startswith(b"PK\x03\x04"):
            raise TableError("This is a spreadsheet or a zip file. Save it as CSV and send that.")
        self.encoding = self._lines.encoding
        self.delimiter = delimiter_of(self._lines.sample)
        self.headings = self._read_headings(max_columns)

    def __next__(self) -> Row | RowError:
        """Return the next row, read or refused."""
        line = next(line for line in self._lines if not self._is_blank(line))
        self._number += 1
        if self._lines.is_too_long(line):
            limit = f"{self._lines.max_line:,}"
            return self._refuse(
                line, "line_too_long", f"The line is longer than {limit} characters."
            )
        try:
            cells = self._parse(line.text)
        except csv.Error:
            return self._read_on(line)
        self._notice_bare_quotes(line, cells)
        return self._judge(line, cells)

    # The headings

    def _read_headings(self, max_columns: int) -> tuple[str, ...]:
        filled = (line for line in self._lines if line.text.strip())
        line = next(filled, None)
        if line is not None and SEP_LINE.fullmatch(line.text):
            line = next(filled, None)
        if line is None:
            raise TableError("The file is empty. Its first line must name the columns.")
        headings = [heading.strip() for heading in self._heading_cells(line)]
        _check_headings(headings, max_columns, self._max_cell)
        return tuple(headings)

    def _heading_cells(self, line: Line) -> list[str]:
        """Read the heading record, which may go on over several lines inside quotes."""
        quotes = Quotes(self.delimiter)
        text = line.text
        state = quotes.feed(text)
        while state is State.OPEN and len(text) <= self._lines.max_line:
            following = next(self._lines, None)
            if following is None:
                break
            text += following.text
            state = quotes.feed(following.text)
        try:
            return self._parse(text)
        except csv.Error:
            raise TableError(
                "The line of headings cannot be read. Check its quotes: each must be closed."
            ) from None

    # One record

    def _is_blank(self, line: Line) -> bool:
        """Say whether the line holds nothing; in a single column, spaces are a cell."""
        bare = line.text.rstrip("\r\n")
        if len(self.headings) == 1:
            return not bare
        return not bare.strip() and self.delimiter not in bare

    def _parse(self, text: str) -> list[str]:
        return next(csv.reader([text], delimiter=self.delimiter, strict=True))

    def _judge(self, line: Line, cells: list[str]) -> Row | RowError:
        """Accept the cells of one record, or say what is wrong with them."""
        width = len(self.headings)
        cells = self._without_empty_tail(cells)
        for heading, cell in zip(self.headings, cells, strict=False):
            if "\0" in cell:
                reason = f"“{heading}” contains a NUL byte. Remove it and send the row again."
                return self._refuse(line, "nul_byte", reason, heading)
            damage = DAMAGE.search(cell)
            if damage is not None:
                what = self._describe(damage[0])
                reason = f"“{heading}” contains {what}. Save the file as UTF-8 and send it again."
                return self._refuse(line, "invalid_encoding", reason, heading)
            if len(cell) > self._max_cell:
                reason = f"“{heading}” is longer than {self._max_cell:,} characters. Shorten it."
                return self._refuse(line, "cell_too_long", reason, heading)
        if len(cells) < width:
            reason = f"The row has {len(cells)} cells and the headings name {width}."
            return self._refuse(line, "too_few_cells", reason, self.headings[len(cells)])
        if len(cells) > width:
            reason = (
                f"The row has {len(cells)} cells and the headings name {width}. "
                f"Put quotes around a cell that contains “{self.delimiter}”."
            )
            return self._refuse(line, "too_many_cells", reason)
        return Row(self._number, line.number, dict(zip(self.headings, cells, strict=True)))

    def _without_empty_tail(self, cells: list[str]) -> list[str]:
        """Drop the empty cells beyond the last heading, which spreadsheets like to add."""
        width = len(self.headings)
        return cells[:width] if not any(cells[width:]) else cells

    def _describe(self, damage: str) -> str:
        if self.encoding == "utf-8":
            return f"a byte that is not UTF-8 (0x{ord(damage) - 0xDC00:02X})"
        return "bytes that are not UTF-16"

    def _refuse(self, line: Line, code: Code, reason: str, column: str | None = None) -> RowError:
        return RowError(self._number, line.number, column, code, reason)

    # A record that is more than one good line

    def _read_on(self, line: Line) -> Row | RowError:
        """Decide whether a quote left open is a cell of several lines or a forgotten quote."""
        quotes = Quotes(self.delimiter)
        state = quotes.feed(line.text)
        column = self.headings[quotes.column] if quotes.column < len(self.headings) else None
        if state is State.BROKEN:
            reason = "A closing quote is followed by more text. Write two quotes to mean one."
            return self._refuse(line, "malformed", reason, column)
        if state is State.FINISHED:
            return self._refuse_finished(line)

        swallowed: list[Line] = []
        room = 4 * self._max_cell if self._has_patience(line) else 0
        while state is State.OPEN and room > 0 and quotes.column <= len(self.headings):
            following = next(self._lines, None)
            if following is None:
                break
            swallowed.append(following)
            if self._lines.is_too_long(following):
                break
            room -= len(following.text)
            state = quotes.feed(following.text)

        if state is State.FINISHED:
            record = self._whole_record(line, swallowed)
            if record is not None:
                return record
        self._lines.give_back(swallowed)
        self._read_in_vain += len(swallowed)
        reason = "A quote is opened in this row and never closed. Close it, or remove it."
        return self._refuse(line, "unclosed_quote", reason, column)

    def _has_patience(self, line: Line) -> bool:
        """Say whether to look ahead once more: a hostile file could make us do it at every line."""
        return self._read_in_vain <= 20_000 + 10 * line.number

    def _refuse_finished(self, line: Line) -> RowError:
        """Say why `csv` refused a line whose quotes are in order: it knows two reasons."""
        if len(line.text) > csv.field_size_limit():
            reason = f"A cell is longer than {self._max_cell:,} characters. Shorten it."
            return self._refuse(line, "cell_too_long", reason)
        reason = "A cell contains a line break. Remove it, or put quotes around the cell."
        return self._refuse(line, "malformed", reason)

    def _whole_record(self, line: Line, swallowed: list[Line]) -> Row | RowError | None:
        """Read the lines as one record, unless they look like rows of their own."""
        try:
            cells = self._parse(line.text + "".join(text for _, text in swallowed))
        except csv.Error:  # a cell beyond the limit of csv itself
            return None
        record = self._judge(line, cells)
        misshapen = isinstance(record, RowError) and record.code in _WRONG_SHAPE
        if (misshapen or self._bare_quotes) and self._are_rows(swallowed):
            return None
        return record

    def _are_rows(self, lines: list[Line]) -> bool:
        """Say whether at least half of these lines could each be a row.

        The last one, which closed the quote, counts only if it needs no second mistake to stand
        alone: a bare quote is one, unless the file is known to write them.
        """
        filled = [line for line in lines[:-1] if not self._is_blank(line)]
        standing = sum(self._stands_alone(line, bare_quotes=True) for line in filled)
        standing += self._stands_alone(lines[-1], bare_quotes=self._bare_quotes)
        return standing * 2 >= len(filled) + 1

    def _stands_alone(self, line: Line, *, bare_quotes: bool) -> bool:
        try:
            cells = self._parse(line.text)
        except csv.Error:
            return False
        right_width = len(self._without_empty_tail(cells)) == len(self.headings)
        return right_width and (bare_quotes or not _has_bare_quotes(line.text, cells))

    def _notice_bare_quotes(self, line: Line, cells: list[str]) -> None:
        self._bare_quotes = self._bare_quotes or _has_bare_quotes(line.text, cells)


def _has_bare_quotes(text: str, cells: list[str]) -> bool:
    """Say whether a cell holds a quote that was not doubled, as in `12" pipe`."""
    return '"' in text and '""' not in text and any('"' in cell for cell in cells)


def _check_headings(headings: list[str], max_columns: int, max_cell: int) -> None:
    if len(headings) > max_columns:
        raise TableError(
            f"The file has {len(headings)} columns; {max_columns} is the most we read."
        )
    if any(DAMAGE.search(heading) or "\0" in heading for heading in headings):
        raise TableError("The headings are not readable text. Save the file as CSV in UTF-8.")
    if any(len(heading) > max_cell for heading in headings):
        raise TableError(f"A heading is longer than {max_cell:,} characters.")
    seen: set[str] = set()
    for position, heading in enumerate(headings, start=1):
        if not heading:
            raise TableError(f"Column {position} has no heading. Name it, or remove the column.")
        if heading in seen:
            raise TableError(f"Two columns are called “{heading}”. Give each its own heading.")
        seen.add(heading)
