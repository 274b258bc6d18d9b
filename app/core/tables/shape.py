"""What a record of this table must look like: as many cells as headings, of readable text.

The empty cells that spreadsheets like to add beyond the last heading are no fault.
"""

import csv
from dataclasses import dataclass

from app.core.tables.lines import DAMAGE
from app.core.tables.rows import Fault


def parse(text: str, delimiter: str) -> list[str]:
    """Read one record strictly; `csv.Error` when its quotes are not in order."""
    return next(csv.reader([text], delimiter=delimiter, strict=True))


def has_bare_quotes(text: str, cells: list[str]) -> bool:
    """Say whether a cell holds a quote that was not doubled, as in `12" pipe`."""
    return '"' in text and '""' not in text and any('"' in cell for cell in cells)


@dataclass(frozen=True, slots=True)
class Shape:
    """The headings, and the limits that every row keeps."""

    headings: tuple[str, ...]
    delimiter: str
    encoding: str
    max_cell: int

    def is_blank(self, text: str) -> bool:
        """Say whether a line holds nothing; in a single column, spaces are a cell."""
        bare = text.rstrip("\r\n")
        if len(self.headings) == 1:
            return not bare
        return not bare.strip() and self.delimiter not in bare

    def column(self, index: int) -> str | None:
        """Return the heading of a column, if it has one."""
        return self.headings[index] if index < len(self.headings) else None

    def row(self, cells: list[str]) -> dict[str, str] | Fault:
        """Accept the cells of one record, or say what is wrong with them."""
        width = len(self.headings)
        cells = self._without_empty_tail(cells)
        for heading, cell in zip(self.headings, cells, strict=False):
            fault = self._fault_of(heading, cell)
            if fault is not None:
                return fault
        if len(cells) == width:
            return dict(zip(self.headings, cells, strict=True))
        reason = f"The row has {len(cells)} cells and the headings name {width}."
        if len(cells) < width:
            return Fault("too_few_cells", reason, self.headings[len(cells)])
        remedy = f"Put quotes around a cell that contains “{self.delimiter}”."
        return Fault("too_many_cells", f"{reason} {remedy}")

    def stands_alone(self, text: str, *, bare_quotes: bool) -> bool:
        """Say whether a single line could be a row, with or without bare quotes in it."""
        try:
            cells = parse(text, self.delimiter)
        except csv.Error:
            return False
        right_width = len(self._without_empty_tail(cells)) == len(self.headings)
        return right_width and (bare_quotes or not has_bare_quotes(text, cells))

    def _without_empty_tail(self, cells: list[str]) -> list[str]:
        width = len(self.headings)
        return cells[:width] if not any(cells[width:]) else cells

    def _fault_of(self, heading: str, cell: str) -> Fault | None:
        if "\0" in cell:
            reason = f"“{heading}” contains a NUL byte. Remove it and send the row again."
            return Fault("nul_byte", reason, heading)
        damage = DAMAGE.search(cell)
        if damage is not None:
            what = self._describe(damage[0])
            reason = f"“{heading}” contains {what}. Save the file as UTF-8 and send it again."
            return Fault("invalid_encoding", reason, heading)
        if len(cell) > self.max_cell:
            reason = f"“{heading}” is longer than {self.max_cell:,} characters. Shorten it."
            return Fault("cell_too_long", reason, heading)
        return None

    def _describe(self, damage: str) -> str:
        if self.encoding.startswith("utf-16"):
            return "bytes that are not UTF-16"
        name = {"utf-8": "UTF-8", "windows-1252": "Windows-1252"}.get(self.encoding, self.encoding)
        return f"a byte that is not {name} (0x{ord(damage) - 0xDC00:02X})"
