"""Logos: which picture a document can print, and why not.

A logo is the one thing in a document that is not text, so it is the one thing that could reach
for a file, swell to gigabytes or take minutes to draw. Ask `refusal` when somebody uploads one.
"""

import re
from typing import Literal

import typst

from app.documents.pdf import compile_pdf

MAX_BYTES = 1_000_000
MAX_PIXELS = 16_000_000
PNG = b"\x89PNG\r\n\x1a\n"

# Elements that repeat others (a few lines of them draw for minutes), load others, or are slow.
_FORBIDDEN = re.compile(
    r"<!entity|<(?:[\w.-]+:)?(?:use|image|pattern|mask|marker|filter|script|foreignobject)\b",
    re.IGNORECASE,
)


def picture_format(data: bytes) -> Literal["png", "svg"]:
    return "png" if data.startswith(PNG) else "svg"


def as_data(data: bytes) -> dict[str, object]:
    """The picture as a template reads it; an array of bytes is what typst takes without a file."""
    return {"format": picture_format(data), "bytes": list(data)}


def refusal(data: bytes) -> str | None:
    """Why this picture cannot be printed, as a sentence for the person who chose it, or `None`."""
    if len(data) > MAX_BYTES:
        return "This picture is larger than 1 MB. Save a smaller one."
    if picture_format(data) == "png":
        width, height = int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
        if width * height > MAX_PIXELS:
            return "This picture has more than 16 million pixels. Save a smaller one."
    else:
        try:
            svg = data.decode()
        except UnicodeDecodeError:
            return "This is neither a PNG nor an SVG picture."
        # Clips that clip clips multiply; a logo needs a few, named one by one.
        clips = svg.lower().count("clip-path")
        if _FORBIDDEN.search(svg) or clips > (0 if "<style" in svg else 12):
            return "This SVG uses effects that cannot be printed. Save the logo as PNG."
    try:
        compile_pdf("picture.typ", as_data(data))
    except typst.TypstError:
        return "This picture cannot be read. Save it again as PNG or SVG."
    return None
