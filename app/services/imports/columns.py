"""What stands in a file's columns, for whoever says what they are: a few values of the first rows."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

import orjson

from app.core.errors import Conflict
from app.core.objects import Key, Missing
from app.core.tables import restored
from app.core.tools import tools_of
from app.models.imports import ROWS, Import
from app.models.permissions import Permission
from app.services.context import Ctx
from app.services.imports.kinds import KINDS
from app.services.imports.kinds.base import SECRET
from app.services.imports.mapping import map_columns
from app.services.imports.reading import NOT_KEPT

FIRST = 50
"""Rows that are looked at."""
FURTHEST = 1024 * 1024
"""Bytes of them."""
SHOWN = 3
LONGEST = 200


@dataclass(frozen=True)
class FileColumn:
    """A column of a file, and what it is read as."""

    heading: str
    field: str | None
    samples: list[str]


async def columns_of(ctx: Ctx, imported: Import) -> list[FileColumn]:
    """The columns with values of their first rows. Raises `Conflict` when the file is gone.

    What looks like a code, or is read as one, is shown to whoever may see codes.
    """
    if imported.file_removed_at is not None:
        raise Conflict(NOT_KEPT, code="file_gone")
    try:
        content = await tools_of(ctx.session).objects.open(Key(ctx.org_id, imported.file_id, ROWS))
    except Missing:
        raise Conflict(NOT_KEPT, code="file_gone") from None
    samples: dict[str, list[str]] = {heading: [] for heading in imported.headings}
    async for cells in _first_rows(content.chunks):
        for found, cell in zip(samples.values(), cells, strict=False):
            text = restored(str(cell)).strip()[:LONGEST]
            if text and text not in found and len(found) < SHOWN:
                found.append(text)
    hidden = set() if ctx.may(Permission.sites_access_codes) else codes_of(imported)
    return [
        FileColumn(heading, imported.mapping.get(heading), [] if heading in hidden else found)
        for heading, found in samples.items()
    ]


def codes_of(imported: Import) -> set[str]:
    """The columns that look like codes by their headings, or are read as such."""
    kind = KINDS[imported.kind]
    guessed: Mapping[str, str | None] = map_columns(kind, imported.headings).targets
    return {
        heading
        for heading in imported.headings
        if guessed.get(heading) in SECRET or imported.mapping.get(heading) in SECRET
    }


async def _first_rows(chunks: AsyncIterator[bytes]) -> AsyncIterator[list[str]]:
    """The cells of the first rows; what follows is not fetched."""
    head = b""
    async for chunk in chunks:
        head += chunk
        if head.count(b"\n") >= FIRST or len(head) >= FURTHEST:
            break
    for line in head.splitlines(keepends=True)[:FIRST]:
        if line.endswith(b"\n"):
            yield orjson.loads(line)[2]
