"""The refused rows as a file of their own: the columns that were sent, and what is wrong beside them.

Mended in a spreadsheet and sent again as it is: our own columns are not read.
"""

import csv
import io
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager

from sqlalchemy import select

from app.core.tables import neutral, restored
from app.models.imports import Import, ImportIssue, ImportRow, RowDid, Separator
from app.services.context import Ctx
from app.services.imports.remembering import OURS

PAGE = 500
MOST_PROBLEMS = 20
"""Problems of one row that are told in its cell."""


async def refused_rows(
    ctx: Ctx, imported: Import, *, after: int
) -> tuple[Sequence[ImportRow], dict[int, list[str]]]:
    """The next refused rows, and what is wrong with each."""
    rows = (
        await ctx.session.scalars(
            select(ImportRow)
            .where(
                ImportRow.import_id == imported.id,
                ImportRow.did == RowDid.refused,
                ImportRow.row > after,
            )
            .order_by(ImportRow.row)
            .limit(PAGE)
        )
    ).all()
    problems: dict[int, list[str]] = {}
    for issue in await ctx.session.scalars(
        select(ImportIssue)
        .where(
            ImportIssue.import_id == imported.id,
            ImportIssue.severity == "error",
            ImportIssue.row.in_([one.row for one in rows]),
        )
        .order_by(ImportIssue.row, ImportIssue.id)
        .limit(PAGE * MOST_PROBLEMS)
    ):
        said = f"{issue.column}: {issue.reason}" if issue.column else issue.reason
        problems.setdefault(issue.row, []).append(said)
    return rows, problems


async def mendable(
    imported: Import, transaction: Callable[[], AbstractAsyncContextManager[Ctx]]
) -> AsyncIterator[bytes]:
    """The refused rows as CSV, in pieces; each page has a transaction of its own."""
    theirs = [one for one in imported.headings if one not in OURS]
    separator = Separator(imported.separator).character if imported.separator else ","
    yield "\ufeff".encode() + _lines([[neutral(one) for one in theirs] + list(OURS)], separator)
    after = 0
    while True:
        async with transaction() as ctx:
            rows, problems = await refused_rows(ctx, imported, after=after)
        if not rows:
            return
        yield _lines([_mended(one, imported, problems) for one in rows], separator)
        after = rows[-1].row


def _mended(row: ImportRow, imported: Import, problems: dict[int, list[str]]) -> list[str]:
    stood = dict(zip(imported.headings, row.cells or (), strict=False))
    cells = [
        # what reads back as the same text, and no spreadsheet computes
        neutral(restored(str(stood.get(heading, ""))))
        for heading in imported.headings
        if heading not in OURS
    ]
    return [*cells, str(row.row), neutral(" ".join(problems.get(row.row, [])))]


def _lines(rows: list[list[str]], separator: str) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n", delimiter=separator).writerows(rows)
    return out.getvalue().encode()
