"""Taking a file in, before any transaction: onto the disk, measured, known, and drawn anew.

Nothing of it is kept yet: the folder goes when the request has ended. `records.add` keeps it.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO

from app.core.errors import TooLarge
from app.documents import photographs
from app.documents.photographs import Redrawn, Unreadable
from app.models.files import PICTURES, Media
from app.services.files import kinds
from app.services.files.names import clean

CHUNK = 1024 * 1024


@dataclass(frozen=True)
class Received:
    """A file as it will be kept."""

    name: str
    media: Media
    length: int
    sha256: str
    content: Path
    picture: Redrawn | None


@asynccontextmanager
async def receive(source: IO[bytes], name: str, *, most: int) -> AsyncIterator[Received]:
    """Take in what `source` holds, at most so many bytes.

    Raises `TooLarge`, or `Invalid` with a sentence for what we do not take.
    """
    with tempfile.TemporaryDirectory(prefix="truckroll-", ignore_cleanup_errors=True) as made:
        folder = Path(made)
        sent = folder / "sent"
        length = await asyncio.to_thread(_copy, source, sent, most)
        if length == 0:
            raise kinds.refused("empty", "This file is empty.")
        called = clean(name)
        media = await asyncio.to_thread(kinds.sniff, sent, called)
        called = kinds.named(called, media)
        picture = None
        if media in PICTURES:
            try:
                picture = await photographs.redraw(sent, folder)
            except Unreadable as error:
                raise kinds.refused(error.code, error.detail) from error
        content = sent if picture is None else folder / "content"
        length, digest = await asyncio.to_thread(_measure, content)
        yield Received(called, media, length, digest, content, picture)


def _copy(source: IO[bytes], to: Path, most: int) -> int:
    source.seek(0)
    length = 0
    with to.open("wb") as file:
        while chunk := source.read(CHUNK):
            length += len(chunk)
            if length > most:
                raise TooLarge(f"This file is larger than {most // 1024**2} MB.")
            file.write(chunk)
    return length


def _measure(path: Path) -> tuple[int, str]:
    mark, length = sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            mark.update(chunk)
            length += len(chunk)
    return length, mark.hexdigest()
