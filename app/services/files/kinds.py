"""What a file is, by its content. What it is called and what its sender says of it decide nothing.

Only the types of `Media` are taken. None of them is a document that a browser would run, packed
documents hold neither macros nor more than they may unpack to, and a name must not say otherwise.
"""

import codecs
import re
import struct
import zipfile
from pathlib import Path

import puremagic

from app.core.errors import FieldError, Invalid
from app.models.files import Media
from app.services.files.names import split

SUFFIXES: dict[Media, tuple[str, ...]] = {
    # the first one is given to a file whose name has none
    Media.jpeg: (".jpg", ".jpeg", ".jfif"),
    Media.png: (".png",),
    Media.webp: (".webp",),
    Media.pdf: (".pdf",),
    Media.text: (".txt", ".log", ".md"),
    Media.csv: (".csv",),
    Media.docx: (".docx",),
    Media.xlsx: (".xlsx",),
}
WORDS: dict[Media, str] = {
    Media.jpeg: "a JPEG picture",
    Media.png: "a PNG picture",
    Media.webp: "a WebP picture",
    Media.pdf: "a PDF",
    Media.text: "text",
    Media.csv: "text",
    Media.docx: "a Word document",
    Media.xlsx: "an Excel workbook",
}
TAKEN = "We take JPEG, PNG and WebP pictures, PDF, Word, Excel, text and CSV."
HEAD = 4096
BEGINNINGS = {
    Media.jpeg: b"\xff\xd8\xff",
    Media.png: b"\x89PNG\r\n\x1a\n",
    Media.webp: b"RIFF",
    Media.pdf: b"%PDF-",
}
PACKED = {"word/document.xml": Media.docx, "xl/workbook.xml": Media.xlsx}
MOST_ENTRIES = 5_000
LARGEST_DIRECTORY = 2 * 1024 * 1024
LARGEST_UNPACKED = 300 * 1024 * 1024
_PROGRAM = re.compile(r"vbaproject|oleobject|\.(exe|dll|js|vbs|scr|jar|lnk)$", re.IGNORECASE)
_CONTROLS = frozenset(range(32)) - set(b"\t\n\f\r") | {127}
_END = struct.Struct("<4s4H2LH")


def refused(code: str, detail: str) -> Invalid:
    """The refusal of a file."""
    return Invalid(detail, code=code, errors=[FieldError("/file", code, detail)])


def sniff(path: Path, name: str) -> Media:
    """The type of the file at `path`. Raises `Invalid` with a sentence for one we do not take."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    media = _by_signature(head) or _packed(path, head) or _text(path, head)
    if media is Media.text and split(name)[1].lower() in SUFFIXES[Media.csv]:
        return Media.csv
    return media


def named(name: str, media: Media) -> str:
    """`name`, with a suffix if it had none. Raises `Invalid` when it says another type."""
    suffix = split(name)[1].lower()
    if not suffix:
        return f"{name}{SUFFIXES[media][0]}"
    if suffix not in SUFFIXES[media]:
        raise refused(
            "other_content",
            f"The name says {suffix}, but the content is {WORDS[media]}. Name it …"
            f"{SUFFIXES[media][0]} if that is right.",
        )
    return name


def _by_signature(head: bytes) -> Media | None:
    try:
        found = {one.mime_type for one in puremagic.magic_string(head)}
    except (puremagic.PureError, ValueError):
        return None  # it knows no plain text
    for media, beginning in BEGINNINGS.items():
        if media.value in found and head.startswith(beginning):
            return media
    return None


def _packed(path: Path, head: bytes) -> Media | None:
    if not head.startswith(b"PK"):
        return None
    strange = refused("type_not_taken", f"Archives are not taken. {TAKEN}")
    if not _small_directory(path):
        raise strange
    try:
        with zipfile.ZipFile(path) as packed:
            entries = packed.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise strange from None
    names = {entry.filename for entry in entries}
    media = next((media for name, media in PACKED.items() if name in names), None)
    if media is None or "[Content_Types].xml" not in names:
        raise strange
    if any(_PROGRAM.search(name) for name in names):
        raise refused(
            "macros",
            "This document holds macros or embedded programs. Save it without and send that.",
        )
    if sum(entry.file_size for entry in entries) > LARGEST_UNPACKED:
        raise refused(
            "too_large_unpacked", "This document unpacks to more than it may. Send a PDF."
        )
    if any(entry.flag_bits & 1 for entry in entries):
        raise refused("encrypted", "This document is protected by a password. Send it without.")
    return media


def _small_directory(path: Path) -> bool:
    """Whether the list of entries is one that may be read into memory."""
    with path.open("rb") as file:
        file.seek(0, 2)
        file.seek(max(file.tell() - 65_557, 0))
        tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END.size:
        return False
    *_, entries, size, _, _ = _END.unpack_from(tail, at)
    return bool(entries <= MOST_ENTRIES and size <= LARGEST_DIRECTORY)


def _text(path: Path, head: bytes) -> Media:
    if head[4:8] == b"ftyp" and head[8:12] in (b"heic", b"heix", b"mif1", b"hevc", b"msf1"):
        raise refused(
            "type_not_taken",
            "HEIC pictures are not taken. Set the camera to “most compatible”, or send a JPEG.",
        )
    if head.lstrip(b"\xef\xbb\xbf\xfe\xff \t\r\n\f").startswith(b"<"):
        raise refused("type_not_taken", f"Web pages, SVG and XML are not taken. {TAKEN}")
    decode = codecs.getincrementaldecoder("utf-8")().decode
    with path.open("rb") as file:
        try:
            while chunk := file.read(1024 * 1024):
                if _CONTROLS.intersection(chunk):
                    raise refused("type_not_taken", f"This type of file is not taken. {TAKEN}")
                decode(chunk)
            decode(b"", True)
        except UnicodeDecodeError:
            raise refused(
                "type_not_taken", f"This is no text in UTF-8, nor another type of these. {TAKEN}"
            ) from None
    return Media.text
