"""Where a record stands after each physical line: finished, inside a quote, or broken.

The rules are those of RFC 4180 and of `csv` in strict mode: a quote opens only at the start of a
cell, two quotes inside mean one, and after the closing quote comes a delimiter or the line's end.
"""

from enum import Enum


class State(Enum):
    """What one can say of a record after the lines fed so far."""

    FINISHED = "finished"
    OPEN = "open"
    BROKEN = "broken"


class Quotes:
    """Follows the quotes of one record, line by line; `column` is the cell reached, from 0."""

    def __init__(self, delimiter: str) -> None:
        """Start at the first cell of a record."""
        self.column = 0
        self.state = State.FINISHED
        self._delimiter = delimiter

    def feed(self, line: str) -> State:
        """Read one more physical line of the record."""
        at = self._close(line, 0) if self.state is State.OPEN else 0
        while at is not None:
            if line.startswith('"', at):
                at = self._close(line, at + 1)
            else:
                at = self._next_cell(line, line.find(self._delimiter, at))
        return self.state

    def _close(self, line: str, at: int) -> int | None:
        """Look from inside a quote for its end; return where the next cell starts."""
        while True:
            at = line.find('"', at)
            if at < 0:
                self.state = State.OPEN
                return None
            if not line.startswith('"', at + 1):
                break
            at += 2
        if line.startswith(self._delimiter, at + 1):
            return self._next_cell(line, at + 1)
        after = line[at + 1 :].rstrip("\r\n")
        self.state = State.BROKEN if after else State.FINISHED
        return None

    def _next_cell(self, line: str, delimiter_at: int) -> int | None:
        if delimiter_at < 0:
            self.state = State.FINISHED
            return None
        self.column += 1
        return delimiter_at + 1
