"""Which encoding a CSV file is written in, by the whole of it.

A byte order mark settles it, and so do the NUL bytes of UTF-16 without one. Otherwise every byte
beyond ASCII is looked at: sequences that are proper UTF-8 speak for it, bytes that are none speak
for Windows-1252, what Excel writes in Western Europe and America. A stray byte in a file that is
UTF-8 elsewhere is damage, and costs its row only.
"""

import codecs
import re
from typing import BinaryIO, NamedTuple

UTF_8, UTF_16_LE, UTF_16_BE, WINDOWS_1252 = (
    "utf-8",
    "utf-16-le",
    "utf-16-be",
    "windows-1252",
)
CHUNK = 1024 * 1024
LOOKED_AT = 64 * 1024
_MARKS = (
    (codecs.BOM_UTF8, UTF_8),
    (codecs.BOM_UTF16_LE, UTF_16_LE),
    (codecs.BOM_UTF16_BE, UTF_16_BE),
)
_PROPER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_STRAY = re.compile(rb"[\x80-\xff]")
_NEVER = re.compile(rb"[\x81\x8d\x8f\x90\x9d\xff]")
"""What Windows-1252 does not have, and its ÿ, which nobody writes and every broken file has."""
_LONGEST = 3
"""Bytes of a sequence that may be cut off at the end of a chunk."""


class Evidence(NamedTuple):
    """What speaks for an encoding."""

    proper: int = 0
    """Sequences of UTF-8."""
    stray: int = 0
    """Bytes beyond ASCII outside of them."""
    never: int = 0
    """Those of them that are not Windows-1252 either."""


def encoding_of(source: BinaryIO) -> str:
    """The encoding of a file, by Python's name; the file is read to its end."""
    opening = source.read(LOOKED_AT)
    for mark, encoding in _MARKS:
        if opening.startswith(mark):
            return encoding
    if (wide := _wide(opening)) is not None:
        return wide
    found = Evidence()
    chunk, rest = opening, b""
    while chunk:
        chunk = rest + chunk
        following = source.read(CHUNK)
        cut = _cut(chunk) if following else len(chunk)
        found = _weighed(found, chunk[:cut])
        chunk, rest = following, chunk[cut:]
    believable = found.stray > found.proper and found.never * 10 <= found.stray
    return WINDOWS_1252 if believable else UTF_8


def _wide(opening: bytes) -> str | None:
    """UTF-16 without a mark: every other byte of what is mostly ASCII is NUL."""
    half = len(opening) // 2
    even, odd = opening[::2].count(0), opening[1::2].count(0)
    if half and odd * 3 >= half and even * 50 <= odd:
        return UTF_16_LE
    if half and even * 3 >= half and odd * 50 <= even:
        return UTF_16_BE
    return None


def _cut(chunk: bytes) -> int:
    """Where a chunk ends that cuts no sequence in two."""
    for back in range(1, min(_LONGEST, len(chunk)) + 1):
        byte = chunk[-back]
        if byte < 0x80:
            break
        if byte >= 0xC2:
            return len(chunk) - back
    return len(chunk)


def _weighed(found: Evidence, chunk: bytes) -> Evidence:
    if chunk.isascii():
        return found
    others, proper = _PROPER.subn(b"", chunk)
    return Evidence(
        found.proper + proper,
        found.stray + len(_STRAY.findall(others)),
        found.never + len(_NEVER.findall(others)),
    )
