"""Unrolls a table, alone in a process that may not take much: `unrolling.py SOURCE ROWS OPTIONS`.

A workbook is read into memory whole, and may be hostile; so this is a script of its own, whose memory
is given back when it ends. Whatever was sent (CSV in any of its dialects, XLSX) becomes one line of JSON
a row: `[number, line, [cells]]`, or `[number, line, [cells], column, code, reason]` for a row that
could not be read. It answers with one line of JSON about the whole.
"""

import contextlib
import json
import os
import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
MEMORY = 900 * 1024 * 1024
SECONDS = 120
LARGEST_OUTPUT = 1024 * 1024 * 1024
MOST_ROWS = 250_000
MAX_CELL, MAX_COLUMNS = 10_000, 200
HEAD = 4096
_CONTROLS = frozenset(range(32)) - set(b"\t\n\f\r")


def limit() -> None:
    """Let this process take no more than a table needs."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_OUTPUT, LARGEST_OUTPUT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError):
        os.nice(10)  # requests come first


def unroll(source: Path, to: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Write the rows of `source` to `to`; what it is. Raises `TableError` for what is no table."""
    from app.core.tables import sheets

    with source.open("rb") as file:
        head = file.read(HEAD)
    if head.startswith(sheets.OLD):
        raise _refused(
            "This is an old workbook (XLS), or one protected by a password. Save it as XLSX"
            " without a password, or as CSV."
        )
    if head.startswith(b"PK"):
        return _workbook(source, to, options.get("sheet"))
    return _text(source, to, head, options.get("encoding"), options.get("delimiter"))


def _refused(sentence: str) -> Exception:
    from app.core.tables import NotATable

    return NotATable(sentence)


def _text(
    source: Path, to: Path, head: bytes, encoding: str | None, delimiter: str | None
) -> dict[str, Any]:
    from app.core.tables import read_table
    from app.core.tables.encodings import UTF_8, encoding_of

    with source.open("rb") as file:
        found = encoding_of(file)
    wide = (encoding or found).startswith("utf-16")
    if head.startswith(b"%PDF"):
        raise _refused("This is a PDF. Send the list as CSV or XLSX.")
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise _refused("This is a web page or XML, whatever it is called. Save it as CSV or XLSX.")
    controls = sum(byte in _CONTROLS for byte in head)
    if not wide and (controls * 20 > len(head) or _CONTROLS.intersection(head.split(b"\n")[0])):
        raise _refused("This is no table. Send CSV or XLSX.")
    with source.open("rb") as file:
        table = read_table(
            file,
            max_cell=MAX_CELL,
            max_columns=MAX_COLUMNS,
            encoding=encoding or found,
            delimiter=delimiter,
        )
        rows = _write(to, table.headings, table, table.delimiter)
    if encoding is None and found == UTF_8:
        encoding = table.encoding
    return {
        "format": "csv",
        "encoding": encoding or found,
        "delimiter": table.delimiter,
        "sheet": None,
        "headings": table.headings,
        "rows": rows,
    }


def _workbook(source: Path, to: Path, wanted: str | None) -> dict[str, Any]:
    import python_calamine as calamine

    from app.core.tables import NotATable, TableError, sheets

    sheets.check_workbook(source)
    try:
        with calamine.load_workbook(str(source)) as book:
            shown = [
                one.name
                for one in book.sheets_metadata
                if one.typ == calamine.SheetTypeEnum.WorkSheet
                and one.visible == calamine.SheetVisibleEnum.Visible
            ]
            names = ", ".join(f"“{name}”" for name in shown[:10])
            if wanted is not None and wanted not in shown:
                raise TableError(f"There is no sheet “{wanted}”. There are: {names}.")
            for name in [wanted] if wanted is not None else shown:
                found = book.get_sheet_by_name(name)
                if found.start is None and wanted is None:
                    continue
                sheet = sheets.Sheet(found, max_cell=MAX_CELL, max_columns=MAX_COLUMNS)
                rows = _write(to, sheet.headings, sheet, None)
                return {
                    "format": "xlsx",
                    "encoding": None,
                    "delimiter": None,
                    "sheet": sheet.name,
                    "headings": sheet.headings,
                    "rows": rows,
                }
    except (calamine.CalamineError, OSError) as error:
        raise NotATable(
            "This workbook is damaged. Open it in your spreadsheet program, save it again and send"
            " that."
        ) from error
    raise TableError("No sheet of this workbook holds anything.")


def _write(to: Path, headings: tuple[str, ...], rows: Iterator[Any], delimiter: str | None) -> int:
    from app.core.tables import RowError, TableError

    count = 0
    with to.open("w", encoding="utf-8") as out:
        for row in rows:
            count += 1
            if count > MOST_ROWS:
                raise TableError(f"The file has more than {MOST_ROWS:,} rows. Split it.")
            if isinstance(row, RowError):
                cells = _cells(row, headings, delimiter)
                line = [row.number, row.line, cells, row.column, row.code, row.reason]
            else:
                line = [row.number, row.line, list(row.cells.values())]
            out.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
    return count


def _cells(row: Any, headings: tuple[str, ...], delimiter: str | None) -> list[str]:
    """What can be made out of a row that could not be read, cell by cell."""
    import csv

    if row.cells is not None:
        return list(row.cells.values())
    text = row.text[:LONGEST].replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    try:
        cells = next(csv.reader([text.rstrip("\r\n")], delimiter=delimiter or ","), [])
    except csv.Error:
        cells = [text]
    width = len(headings)
    return [cell[:MAX_CELL] for cell in cells[:width]] + [""] * (width - len(cells))


LONGEST = 100_000
"""Characters of a broken row that are shown to whoever mends it."""


def main() -> None:
    """What a reader stumbles over ends this process: there is no table in it for us."""
    sys.path.insert(0, str(ROOT))
    limit()
    from app.core.tables import NotATable, TableError

    try:
        told = unroll(Path(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.argv[3]))
    except TableError as error:
        told = {"refused": str(error), "table": not isinstance(error, NotATable)}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
