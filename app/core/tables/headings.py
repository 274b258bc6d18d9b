"""The first record of a table, which names its columns.

Everything below is told by these names, so they must be there, be readable and differ. What is
wrong with them is wrong with the whole file.
"""

from app.core.tables.dialect import SEP_LINE
from app.core.tables.lines import DAMAGE, Lines
from app.core.tables.quotes import Quotes, State
from app.core.tables.rows import TableError


def heading_record(lines: Lines, delimiter: str) -> str:
    """Take the headings from the top of the file, over several lines where quotes ask for it."""
    filled = (line for line in lines if line.text.strip())
    line = next(filled, None)
    if line is not None and SEP_LINE.fullmatch(line.text):
        line = next(filled, None)
    if line is None:
        raise TableError("The file is empty. Its first line must name the columns.")
    quotes = Quotes(delimiter)
    text = line.text
    state = quotes.feed(text)
    while state is State.OPEN and len(text) <= lines.max_line:
        following = next(lines, None)
        if following is None:
            break
        text += following.text
        state = quotes.feed(following.text)
    return text


def check_headings(headings: tuple[str, ...], *, max_columns: int, max_cell: int) -> None:
    """Refuse headings by which nobody could tell the columns apart."""
    if len(headings) > max_columns:
        raise TableError(f"The file has {len(headings)} columns; we read at most {max_columns}.")
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
