"""What comes out of a table: a row, a row that could not be read, or no table at all.

`number` counts the rows of data from 1, as a person counts them under the headings; broken rows
count, blank lines do not. `line` is the line of the file on which the row starts, from 1.
"""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Code = Literal[
    "invalid_encoding",
    "nul_byte",
    "unclosed_quote",
    "malformed",
    "too_few_cells",
    "too_many_cells",
    "cell_too_long",
    "line_too_long",
]


@dataclass(frozen=True, slots=True)
class Row:
    """One row that was read; `cells` holds every heading, text exactly as it was sent."""

    number: int
    line: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class RowError:
    """One row that was not read, and why, in a sentence for the person who sent the file."""

    number: int
    line: int
    column: str | None
    code: Code
    reason: str
    text: str = field(default="", compare=False, repr=False)
    """The line as it stands in the file."""
    cells: dict[str, str] | None = field(default=None, compare=False, repr=False)
    """What could be made out of it, for whoever mends it."""


class Fault(NamedTuple):
    """What is wrong with a record, before it is known which row it is."""

    code: Code
    reason: str
    column: str | None = None


class TableError(ValueError):
    """The file as a whole cannot be read; the message says what to change in it."""


class NotATable(TableError):
    """What was sent is something else altogether."""
