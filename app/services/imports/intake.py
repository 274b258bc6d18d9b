"""Taking a file of rows in, before any transaction: onto the disk, known, and unrolled.

Nothing of it is kept yet: the folder goes when the request has ended. `records.create` keeps it.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO

from app.core.errors import TooLarge, UnsupportedMedia, invalid_field
from app.core.tables import NotATable, TableError
from app.documents.tables import Unrolled, unroll
from app.models.imports import Encoding, Separator

LARGEST = 100 * 1024 * 1024
"""Bytes of a file."""
CHUNK = 1024 * 1024


@asynccontextmanager
async def receive(
    source: IO[bytes] | Path,
    *,
    encoding: Encoding | None = None,
    separator: Separator | None = None,
    sheet: str | None = None,
) -> AsyncIterator[Unrolled]:
    """The rows of a file, and how it was read, for as long as the block lasts.

    What is not said (`encoding`, `separator`, `sheet`) is found out. Raises `TooLarge`,
    `UnsupportedMedia` for what is no table, and `Invalid` for one without good headings.
    """
    with tempfile.TemporaryDirectory(prefix="truckroll-", ignore_cleanup_errors=True) as made:
        folder = Path(made)
        sent = source if isinstance(source, Path) else folder / "sent"
        if isinstance(source, Path):
            if sent.stat().st_size > LARGEST:
                raise _too_large()
        else:
            await asyncio.to_thread(_copy, source, sent)
        try:
            unrolled = await unroll(
                sent,
                folder / "rows",
                encoding=encoding,
                delimiter=separator.character if separator is not None else None,
                sheet=sheet,
            )
        except NotATable as error:
            raise UnsupportedMedia(str(error)) from error
        except TableError as error:
            raise invalid_field("file", str(error), code="unreadable") from error
        yield unrolled


def _copy(source: IO[bytes], to: Path) -> None:
    source.seek(0)
    length = 0
    with to.open("wb") as file:
        while chunk := source.read(CHUNK):
            length += len(chunk)
            if length > LARGEST:
                raise _too_large()
            file.write(chunk)


def _too_large() -> TooLarge:
    return TooLarge(f"The file is larger than {LARGEST // 1024**2} MB. Split it.")
