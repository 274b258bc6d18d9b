"""From bytes to physical lines, a bounded piece at a time.

Bytes that are not valid in the file's encoding never stop the stream: each becomes a lone
surrogate, which no valid text contains (PEP 383), so the damage stays inside its own cell and is
found there. Lines keep their terminators, so that a quoted line break survives exactly.
"""

import codecs
import re
from collections import deque
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

CHUNK = 64 * 1024
DAMAGE = re.compile("[\ud800-\udfff]")
_QUOTED = re.compile(r'"[^"]*"')
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class Line(NamedTuple):
    """One physical line with its terminator; cut after `max_line` characters."""

    number: int
    text: str


class Lines(Iterator[Line]):
    """The lines of one file, in order; lines taken in vain can be given back.

    A file ends its lines with CR LF or LF; only one whose first line ends with a bare CR (what
    Excel calls "CSV (Macintosh)") is read that way, so that a stray CR spoils only its own row.
    """

    def __init__(self, source: BinaryIO, *, max_line: int, encoding: str | None = None) -> None:
        """Read the first piece of `source`, which settles encoding and terminator.

        `encoding` is what somebody says the file is written in; its byte order mark is skipped.
        """
        self.max_line = max_line
        self._source = source
        self._waiting: deque[Line] = deque()
        self._number = 0
        self._ready: deque[str] = deque()
        self._unfinished = ""
        self._ended = False

        self.opening = self._read_opening()
        marked, bom = _encoding_of(self.opening)
        self.encoding = encoding or marked
        bom = bom if self.encoding == marked else 0
        self._decode = codecs.getincrementaldecoder(self.encoding)(
            _STAND_IN if self.encoding.startswith("utf-16") else "surrogateescape"
        ).decode
        self.sample = self._decode(self.opening[bom:], self._ended)
        self._newline = _newline_of(self.sample)
        self._split(self.sample)

    def __next__(self) -> Line:
        """Return the next line, or stop at the end of the file."""
        if self._waiting:
            return self._waiting.popleft()
        while not self._ready and not self._ended:
            piece = self._source.read(CHUNK)
            self._ended = not piece
            self._split(self._decode(piece, self._ended))
        if self._ready:
            text = self._ready.popleft()
        elif self._unfinished:
            text, self._unfinished = self._unfinished, ""
        else:
            raise StopIteration
        self._number += 1
        return Line(self._number, text)

    def give_back(self, lines: list[Line]) -> None:
        """Put lines that were looked at back in front, to be read again."""
        self._waiting.extendleft(reversed(lines))

    def is_too_long(self, line: Line) -> bool:
        """Say whether the line was cut, its end thrown away."""
        return len(line.text) > self.max_line

    def _read_opening(self) -> bytes:
        opening = b""
        while len(opening) < CHUNK and not self._ended:
            piece = self._source.read(CHUNK - len(opening))
            self._ended = not piece
            opening += piece
        return opening

    def _split(self, text: str) -> None:
        """Cut decoded text into lines; of an endless one, keep just enough to see that it is."""
        most = self.max_line + 1
        first, *others = text.split(self._newline)
        self._unfinished = (self._unfinished + first)[:most]
        for other in others:
            self._ready.append(self._unfinished + self._newline)
            self._unfinished = other[:most]


def _encoding_of(opening: bytes) -> tuple[str, int]:
    for bom, encoding in _BOMS:
        if opening.startswith(bom):
            return encoding, len(bom)
    return "utf-8", 0


def _newline_of(sample: str) -> str:
    first = re.search(r"\r\n|\n|\r", _QUOTED.sub("", sample))
    return "\r" if first is not None and first[0] == "\r" else "\n"


def _lone_surrogate(error: UnicodeError) -> tuple[str, int]:
    """Stand in for undecodable UTF-16, which `surrogateescape` cannot express."""
    assert isinstance(error, UnicodeDecodeError)
    return "\udcff", error.end


_STAND_IN = "app.core.tables.lone_surrogate"
codecs.register_error(_STAND_IN, _lone_surrogate)
