"""Tables: reading the CSV files that people really send, and writing CSV and XLSX.

A file is read as a stream, row by row: a broken row is one `RowError`, and every other row is
still read. Only what makes the whole file unreadable (no headings, two columns with one name)
raises `TableError`. The standard library's `csv`, in strict mode, reads each record; what is
ours is finding where a record ends when somebody forgot a quote.
"""

from app.core.tables.columns import Column, Kind
from app.core.tables.csv_files import csv_head, csv_rows
from app.core.tables.formats import SHEET_ROWS, Format, TableFile, table_file
from app.core.tables.formulas import neutral, restored
from app.core.tables.reader import Table, read_table
from app.core.tables.rows import Code, NotATable, Row, RowError, TableError

__all__ = [
    "SHEET_ROWS",
    "Code",
    "Column",
    "Format",
    "Kind",
    "NotATable",
    "Row",
    "RowError",
    "Table",
    "TableError",
    "TableFile",
    "csv_head",
    "csv_rows",
    "neutral",
    "read_table",
    "restored",
    "table_file",
]
