"""Tables that people send are unrolled by a process of their own that may be lost.

What comes back is bounded and plain: a file of rows, one line of JSON each, whatever was sent. Memory
and time of the reading are the child's (`unrolling`), and no more than two run at once.
"""

import asyncio
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import structlog

from app.core.tables import NotATable, Row, RowError, TableError
from app.documents import unrolling

log = structlog.get_logger()
WALL_SECONDS = 300
_two = asyncio.Semaphore(2)


@dataclass(frozen=True)
class Unrolled:
    """A table as rows in a file, and how it was read."""

    path: Path
    format: str
    encoding: str | None
    delimiter: str | None
    sheet: str | None
    headings: tuple[str, ...]
    rows: int


async def unroll(
    source: Path,
    to: Path,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | None = None,
) -> Unrolled:
    """Write the rows of `source` to `to`, both named from the root. Raises `TableError` with what to change in the file."""
    options = {"encoding": encoding, "delimiter": delimiter, "sheet": sheet}
    async with _two:
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-I", unrolling.__file__, str(source), str(to),
            orjson.dumps(options).decode(),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={"PYTHONDONTWRITEBYTECODE": "1"},
            cwd=to.parent,
        )  # fmt: skip
        try:
            async with asyncio.timeout(WALL_SECONDS):
                said, complaint = await child.communicate()
        except TimeoutError:
            raise _too_much() from None
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()
    if child.returncode != 0:
        last = complaint.decode(errors="replace").strip().rpartition("\n")[2][:200]
        log.warning("a table ended its process", returncode=child.returncode, complaint=last)
        raise _too_much()
    told = orjson.loads(said)
    if "refused" in told:
        raise (TableError if told["table"] else NotATable)(told["refused"])
    return Unrolled(
        to,
        told["format"],
        told["encoding"],
        told["delimiter"],
        told["sheet"],
        tuple(told["headings"]),
        told["rows"],
    )


def _too_much() -> NotATable:
    return NotATable(
        "This file cannot be read: it is damaged, or takes more memory than we give it. Save it as"
        " CSV and send that, in parts if it is very large."
    )


def rows_of(path: Path, headings: Sequence[str]) -> Iterator[Row | RowError]:
    """The rows that `unroll` wrote, in order."""
    with path.open("rb") as file:
        for line in file:
            yield _row(orjson.loads(line), headings)


def _row(told: list[Any], headings: Sequence[str]) -> Row | RowError:
    number, line, cells, *fault = told
    named = dict(zip(headings, cells, strict=True))
    if not fault:
        return Row(number, line, named)
    column, code, reason = fault
    return RowError(number, line, column, code, reason, cells=named)
