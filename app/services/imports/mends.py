"""What people put right in a file before it is taken: rows mended, and rows left out.

It stands on the rows of the import that the file was sent for, and lies over the file whenever it is
read, by that import or by one that does what it tried. The file itself stays as it was sent.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, or_, select
from sqlalchemy.dialects.postgresql import Insert, insert

from app.core.tables import Row, RowError
from app.models.imports import Checking, Import, ImportIssue, ImportRow, RowDid
from app.services.context import Ctx

MOST = 20_000
"""Rows of a file that can be mended or left out."""


@dataclass(frozen=True)
class Mends:
    """What lies over the rows of one file."""

    headings: Sequence[str]
    cells: dict[int, Sequence[str]]
    """What stands in the rows that were mended."""
    out: frozenset[int]
    """The rows that are left out."""

    def over(self, told: Iterator[Row | RowError]) -> Iterator[tuple[Row | RowError, bool]]:
        """Each row as it stands now, and whether it is left out."""
        for row in told:
            cells = self.cells.get(row.number)
            if cells is not None:
                row = Row(row.number, row.line, dict(zip(self.headings, cells, strict=True)))
            yield row, row.number in self.out


async def mends_of(ctx: Ctx, imported: Import) -> Mends:
    """What was mended and left out in the file of this import."""
    rows = (
        await ctx.session.execute(
            select(ImportRow.row, ImportRow.cells, ImportRow.mended, ImportRow.left_out)
            .where(
                ImportRow.import_id == imported.file_id,
                or_(ImportRow.mended, ImportRow.left_out),
            )
            .limit(MOST)
        )
    ).all()
    return Mends(
        imported.headings,
        {number: cells for number, cells, mended, _ in rows if mended and cells is not None},
        frozenset(number for number, _, _, out in rows if out),
    )


async def to_check(ctx: Ctx, imported: Import) -> set[int] | None:
    """The rows that a check of what changed looks at again; None: all."""
    if imported.checking != Checking.changed:
        return None
    return set(
        await ctx.session.scalars(
            select(ImportRow.row)
            .where(
                ImportRow.import_id == imported.id,
                or_(ImportRow.unchecked, ImportRow.did == RowDid.refused),
            )
            .limit(imported.rows_total)
        )
    )


async def marked(ctx: Ctx, imported: Import, rows: Sequence[int]) -> set[int]:
    """Those of these rows that this import knows to be mended."""
    if imported.checking is None or not rows:
        return set()
    return set(
        await ctx.session.scalars(
            select(ImportRow.row).where(
                ImportRow.import_id == imported.id, ImportRow.row.in_(rows), ImportRow.mended
            )
        )
    )


async def forget(ctx: Ctx, imported: Import, rows: Sequence[int]) -> None:
    """Take away what a former reading found in these rows: it is found anew."""
    await ctx.session.execute(
        delete(ImportIssue)
        .where(ImportIssue.import_id == imported.id, ImportIssue.row.in_(rows))
        .execution_options(synchronize_session=False)
    )


def over_former() -> Insert:
    """What became of rows, in place of what a former reading said; what people did to them stays."""
    row = insert(ImportRow)
    said = ("line", "did", "entity", "record_id", "says", "cells", "unchecked")
    return row.on_conflict_do_update(
        index_elements=["org_id", "import_id", "row"],
        set_={name: getattr(row.excluded, name) for name in said},
    )


async def count(ctx: Ctx, imported: Import) -> None:
    """Count what became of all rows, where only some were read again."""
    counted = await ctx.session.execute(
        select(ImportRow.did, func.count().label("many"))
        .where(ImportRow.import_id == imported.id)
        .group_by(ImportRow.did)
        .limit(len(RowDid))
    )
    many = {row.did: row.many for row in counted}
    for did in RowDid:
        setattr(imported, f"rows_{did}", many.get(did, 0))
