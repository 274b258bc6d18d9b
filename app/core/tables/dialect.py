"""Which character separates the cells of this file.

The headings decide: the separator is the one that cuts them into several. When several could, the
one under which the first rows have as many cells as the headings wins; then the one that gives
most columns. A first line `sep=;`, which Excel obeys and writes, settles it.
"""

import csv
import io
import itertools
import re

DELIMITERS = (",", ";", "\t", "|")
SEP_LINE = re.compile(r"\s*sep=([,;\t|])\s*", re.IGNORECASE)
_ROWS_LOOKED_AT = 20


def delimiter_of(sample: str) -> str:
    """Return the separator of the file that starts with `sample`; a comma when nothing tells."""
    told = SEP_LINE.fullmatch(next(io.StringIO(sample, newline=""), ""))
    if told is not None:
        return told[1]
    return max(DELIMITERS, key=lambda delimiter: _evidence(sample, delimiter))


def _evidence(sample: str, delimiter: str) -> tuple[int, int]:
    """Return (rows as wide as the headings, columns); nothing for a single column."""
    records = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
    try:
        filled = (record for record in records if record)
        widths = [len(record) for record in itertools.islice(filled, 1 + _ROWS_LOOKED_AT)]
    except csv.Error:
        widths = []
    if not widths or widths[0] == 1:
        return 0, 0
    return widths[1:].count(widths[0]), widths[0]
