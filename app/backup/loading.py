"""Reading an archive's rows into temporary tables: a row may come before the one it points at."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any, BinaryIO

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.archive import Damaged
from app.installation import NotReadyError
from app.services.leaving.carried import ENTRIES, Carried

AT_ONCE = 4 * 1024 * 1024
"""Bytes of rows that are sent to the database at a time."""
LONGEST_LINE = 256 * 1024 * 1024


class Lost(NotReadyError):
    """What came back is not what was saved."""


async def load(
    session: AsyncSession, table: Carried, content: BinaryIO, journal: dict[str, Any]
) -> None:
    """Read the rows of a table in. `journal`: what the manifest says of it. Raises `Lost`."""
    read = ", ".join(f'{expression} as "{name}"' for name, expression in table.columns.items())
    await session.execute(
        text(
            f"create temporary table load_{table.name} on commit drop as"  # noqa: S608 - names of our own
            f" select {read} from {table.source} with no data"
        )
    )
    filling = text(
        f"insert into pg_temp.load_{table.name} select * from"  # noqa: S608
        f" json_populate_recordset(null::pg_temp.load_{table.name}, cast(:rows as json))"
    )
    chain = _Chain()
    for some in _batches(content, table.part):
        if table is ENTRIES:
            chain.follow(some)
        rows = b"[" + b",".join(some) + b"]"
        await session.execute(filling, {"rows": rows.decode()})
    if table is ENTRIES and (chain.seq, chain.link.hex()) != (
        journal["seq"],
        journal["chain"],
    ):
        raise Lost("The journal does not end as the manifest says. Nothing was changed.")


class _Chain:
    """The journal's hash chain, made again from its links."""

    def __init__(self) -> None:
        self.seq, self.link = 0, b""

    def follow(self, lines: list[bytes]) -> None:
        """Raises `Lost` at the first entry that does not follow."""
        for line in lines:
            entry = orjson.loads(line)
            self.seq += 1
            self.link = sha256(self.link + bytes.fromhex(entry["digest"])).digest()
            if entry["seq"] != self.seq or entry["chain"] != self.link.hex():
                raise Lost(f"The journal's chain breaks at number {self.seq}. Nothing was changed.")


def _batches(content: BinaryIO, part: str) -> Iterator[list[bytes]]:
    """The lines of a part, some at a time."""
    lines: list[bytes] = []
    length, rest = 0, b""
    while chunk := content.read(1024 * 1024):
        *whole, rest = (rest + chunk).split(b"\n")
        if len(rest) > LONGEST_LINE:
            raise Damaged(f"{part} has a line that no archive has: it is too long.")
        for line in whole:
            lines.append(line)
            length += len(line)
            if length > AT_ONCE:
                yield lines
                lines, length = [], 0
    if rest:
        raise Damaged(f"{part} does not end with a whole line.")
    if lines:
        yield lines
