"""Writing an organisation into an archive, from one moment and in bounded memory.

The rows of a table go to a file without a name first (a tar says how long a part is before it), so a
process that is killed leaves nothing behind. Files never change once they are there: they are copied
after the moment has passed.
"""

import asyncio
import hashlib
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import IO, Any, BinaryIO
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from app import __version__
from app.core import clock
from app.core.archive import READ, Writer
from app.core.db import Scope, Sessions
from app.core.errors import Unavailable
from app.core.objects import Content, Key, Missing
from app.core.tools import tools_of
from app.models.files import Part
from app.services.leaving import reading
from app.services.leaving.carried import ENTRIES, LEFT_OUT, TABLES, Carried
from app.services.leaving.reading import Figures

KIND = "organisation"
JOURNAL = "journal.jsonl"
TRIES = 200
PAUSE = 50
"""Milliseconds between two looks whether the journal is numbered."""

Told = Callable[[int, int], Awaitable[None]]
"""Told how many steps there are, and how many are done."""


@dataclass(frozen=True)
class Packed:
    """An archive that was written."""

    manifest: dict[str, Any]
    length: int

    @property
    def content_sha256(self) -> str:
        found: str = self.manifest["content_sha256"]
        return found

    @property
    def missing(self) -> list[str]:
        """Files whose content was not there."""
        found: list[str] = self.manifest["content"]["files"]["missing"]
        return found


async def pack(sessions: Sessions, org_id: UUID, out: BinaryIO, told: Told) -> Packed:
    """Write the archive of an organisation. Raises `Unavailable` while its journal is not numbered."""
    writer = Writer(out)
    steps = _Steps(told)
    async with sessions.open(Scope(org_id, source="archive")) as session:
        await _begin(session)
        await steps.expect(await reading.count(session))
        schema = await reading.schema(session)
        tables: dict[str, Any] = {}
        organisation: dict[str, Any] = {}
        for table in TABLES:
            found, first = await _table(session, writer, table, table.part, steps)
            tables[table.name] = found.told()
            if table.name == "organisation":
                organisation = orjson.loads(first or b"{}")
        entries, last = await _table(session, writer, ENTRIES, JOURNAL, steps)
        head = orjson.loads(last or b'{"seq": 0, "chain": ""}')
        sums = await reading.ledger(session)
        known = await reading.files(session)
        objects = tools_of(session).objects
    await steps.expect(len(known))
    parts: dict[str, Any] = {}
    missing: list[str] = []
    for id, picture in known:
        for part in Part if picture else (Part.content,):
            try:
                content = await objects.open(Key(org_id, id, part))
            except Missing:
                missing += [str(id)] if part is Part.content else []
                continue
            parts[f"{id}/{part}"] = await _file(writer, f"files/{id}/{part}", content)
        await steps.done(1)
    held = {
        "schema": schema,
        "organisation": {name: organisation.get(name) for name in ("id", "slug", "name")},
        "tables": tables,
        "journal": {**entries.told(), "seq": head["seq"], "chain": head["chain"]},
        "ledger": sums,
        "files": {"known": len(known), "parts": parts, "missing": missing},
    }
    manifest = {
        "kind": KIND,
        "truckroll": __version__,
        "made_at": clock.now().isoformat(),
        "content": held,
        "content_sha256": digest_of(held),
        "left_out": dict(LEFT_OUT),
    }
    writer.finish(manifest)
    await steps.end()
    return Packed(manifest, writer.length)


def digest_of(content: dict[str, Any]) -> str:
    """What two archives that hold the same have in common."""
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


async def _begin(session: AsyncSession) -> None:
    """A moment at which every entry of the journal has its number: the relay is that far in moments."""
    for _ in range(TRIES):
        await reading.begin(session)
        if await reading.all_numbered(session):
            return
        await session.rollback()
        await asyncio.sleep(PAUSE / 1000)
    raise Unavailable(
        "The journal's last entries have no number yet. Is a worker running? Try again in a moment.",
        headers={"Retry-After": "10"},
    )


async def _table(
    session: AsyncSession, writer: Writer, table: Carried, part: str, steps: "_Steps"
) -> tuple[Figures, bytes]:
    """Write a table's rows as a part: its figures, and its last line."""
    last, rows = b"", 0
    with tempfile.TemporaryFile() as spool:
        async for some in reading.lines(session, table):
            for line in some:
                last = line.encode()
                spool.write(last + b"\n")
            rows += len(some)
            await steps.done(len(some))
        written = writer.add(part, spool.tell(), _chunks(spool))
    return Figures(rows, written.sha256), last


def _chunks(spool: IO[bytes]) -> Any:
    spool.seek(0)
    while chunk := spool.read(READ):
        yield chunk


async def _file(writer: Writer, name: str, content: Content) -> dict[str, Any]:
    with writer.adding(name, content.length) as write:
        async for chunk in content.chunks:
            write(chunk)
    part = writer.parts[-1]
    return {"length": part.length, "sha256": part.sha256}


class _Steps:
    """Says how far it is, about once a second."""

    def __init__(self, told: Told) -> None:
        self._told, self._steps, self._done = told, 0, 0
        self._said = clock.now()

    async def expect(self, steps: int) -> None:
        self._steps += steps
        await self.end()

    async def done(self, steps: int) -> None:
        self._done += steps
        if (clock.now() - self._said).total_seconds() >= 1:
            await self.end()

    async def end(self) -> None:
        self._said = clock.now()
        await self._told(self._steps, self._done)
