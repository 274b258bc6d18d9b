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

from app.core.tables.dialect import delimiter_of
from app.core.tables.headings import check_headings, heading_record
from app.core.tables.lines import Line, Lines
from app.core.tables.quotes import Quotes, State
from app.core.tables.rows import Code, Fault, Row, RowError, TableError
from app.core.tables.shape import Shape, has_bare_quotes, parse

_WRONG_SHAPE: tuple[Code, ...] = ("too_few_cells", "too_many_cells", "cell_too_long")


def read_table(
    source: BinaryIO | bytes,
    *,
    max_cell: int = 10_000,
    max_columns: int = 200,
    encoding: str | None = None,
    delimiter: str | None = None,
) -> "Table":
    """Open a CSV file: UTF-8 or UTF-16 with a byte order mark; `,` `;` TAB or `|` between cells.

    What it is written in (`encodings.encoding_of` finds out) and what separates its cells can be
    said instead.

    Memory stays bounded whatever is sent: no line longer than `max_cell * max_columns` characters
    is kept, and at most four times `max_cell` characters are looked at ahead. Time stays
    proportional to the file: looking ahead in vain has a budget.
    """
    stream = io.BytesIO(source) if isinstance(source, bytes) else source
    return Table(
        stream,
        max_cell=max_cell,
        max_columns=max_columns,
        encoding=encoding,
        delimiter=delimiter,
    )


class Table(Iterator[Row | RowError]):
    """A table that is being read; like any iterator, it is read once."""

    headings: tuple[str, ...]
    encoding: str
    delimiter: str

    def __init__(
        self,
        source: BinaryIO,
        *,
        max_cell: int,
        max_columns: int,
        encoding: str | None = None,
        delimiter: str | None = None,
    ) -> None:
        """Read the headings; raise `TableError` when there are none to go by."""
        max_cell = min(max_cell, csv.field_size_limit())
        self._lines = Lines(source, max_line=max_cell * max_columns, encoding=encoding)
        if self._lines.opening.startswith(b"PK\x03\x04"):
            raise TableError("This is a spreadsheet or a zip file. Save it as CSV and send that.")
        self.encoding = self._lines.encoding
        self.delimiter = delimiter or delimiter_of(self._lines.sample)
        try:
            cells = parse(heading_record(self._lines, self.delimiter), self.delimiter)
        except csv.Error:
            raise TableError(
                "The line of headings cannot be read. Check its quotes: each must be closed."
            ) from None
        self.headings = tuple(heading.strip() for heading in cells)
        check_headings(self.headings, max_columns=max_columns, max_cell=max_cell)
        self._shape = Shape(self.headings, self.delimiter, self.encoding, max_cell)
        self._number = 0
        self._bare_quotes = False
        self._read_in_vain = 0

    def __next__(self) -> Row | RowError:
        """Return the next row, read or refused."""
        line = next(line for line in self._lines if not self._shape.is_blank(line.text))
        self._number += 1
        record = self._read(line)
        if isinstance(record, Fault):
            code, reason, column = record
            return RowError(self._number, line.number, column, code, reason, line.text)
        return Row(self._number, line.number, record)

    def _read(self, line: Line) -> dict[str, str] | Fault:
        """Read the record that starts on this line."""
        if self._lines.is_too_long(line):
            reason = f"The line is longer than {self._lines.max_line:,} characters."
            return Fault("line_too_long", reason)
        try:
            cells = parse(line.text, self.delimiter)
        except csv.Error:
            return self._read_on(line)
        self._bare_quotes = self._bare_quotes or has_bare_quotes(line.text, cells)
        return self._shape.row(cells)

    def _read_on(self, line: Line) -> dict[str, str] | Fault:
        """Decide whether a quote left open is a cell of several lines or a forgotten quote."""
        quotes = Quotes(self.delimiter)
        state = quotes.feed(line.text)
        column = self._shape.column(quotes.column)
        if state is State.BROKEN:
            reason = "A closing quote is followed by more text. Write two quotes to mean one."
            return Fault("malformed", reason, column)
        if state is State.FINISHED:
            return self._fault_beside_quotes(line)

        swallowed: list[Line] = []
        room = 4 * self._shape.max_cell if self._has_patience(line) else 0
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
        return Fault("unclosed_quote", reason, column)

    def _has_patience(self, line: Line) -> bool:
        """Say whether to look ahead once more: a hostile file could make us do it at every line."""
        return self._read_in_vain <= 20_000 + 10 * line.number

    def _fault_beside_quotes(self, line: Line) -> Fault:
        """Say why `csv` refused a line whose quotes are in order: it knows two reasons."""
        if len(line.text) > csv.field_size_limit():
            reason = f"A cell is longer than {self._shape.max_cell:,} characters. Shorten it."
            return Fault("cell_too_long", reason)
        reason = "A cell contains a line break. Remove it, or put quotes around the cell."
        return Fault("malformed", reason)

    def _whole_record(self, line: Line, swallowed: list[Line]) -> dict[str, str] | Fault | None:
        """Read the lines as one record, unless they look like rows of their own."""
        text = "".join(part.text for part in [line, *swallowed])
        try:
            record = self._shape.row(parse(text, self.delimiter))
        except csv.Error:  # a cell beyond the limit of csv itself
            return None
        misshapen = isinstance(record, Fault) and record.code in _WRONG_SHAPE
        if (misshapen or self._bare_quotes) and self._are_rows(swallowed):
            return None
        return record

    def _are_rows(self, lines: list[Line]) -> bool:
        """Say whether at least half of these lines could each be a row.

        The last one, which closed the quote, counts only if it needs no second mistake to stand
        alone: a bare quote is one, unless the file is known to write them.
        """
        shape = self._shape
        *inner, last = [line.text for line in lines]
        filled = [text for text in inner if not shape.is_blank(text)]
        standing = sum(shape.stands_alone(text, bare_quotes=True) for text in filled)
        standing += shape.stands_alone(last, bare_quotes=self._bare_quotes)
        return standing * 2 >= len(filled) + 1
