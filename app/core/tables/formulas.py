"""Texts that a spreadsheet would take for formulas, written so that it does not, and read back.

A cell that begins with `=`, `+`, `-`, `@`, a tab or a line break, in any width, is given an apostrophe
in front, which spreadsheets do not show. Phone numbers and negative numbers stay as they are: they
cannot do anything. `restored` is the exact inverse, so what was exported is imported as it was.
"""

import re

_STARTS = "=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20"
_ACTIVE = re.compile(f"'*[{_STARTS}]")
_HARMLESS = re.compile(r"\+[0-9]{6,15}|-[0-9]{1,20}(\.[0-9]{1,10})?")


def neutral(text: str) -> str:
    """A text as a cell that no spreadsheet computes."""
    if _ACTIVE.match(text) and not _HARMLESS.fullmatch(text):
        return f"'{text}"
    return text


def restored(cell: str) -> str:
    """The text of a cell that `neutral` wrote."""
    return cell[1:] if cell.startswith("'") and _ACTIVE.match(cell) else cell
