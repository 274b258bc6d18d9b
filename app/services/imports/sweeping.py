"""What is kept of an import for a while: the rows of its file, what became of each, what it changed."""

from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, delete, func, or_, select
from sqlalchemy.orm import aliased

from app.core import clock
from app.core.objects import Key
from app.core.tools import tools_of
from app.models.imports import ROWS, Import, ImportChange, ImportRow, ImportStatus
from app.services.context import Ctx
from app.services.imports.records import FILES_KEPT

MOST = 1000
"""Rows a transaction takes away at most."""
AT_ONCE = 100
"""Imports it looks at."""
UNFINISHED = (ImportStatus.queued, ImportStatus.running, ImportStatus.undoing)


async def sweep(ctx: Ctx) -> int:
    """Let go of files that nobody runs, mends or takes back any more; that they were read stays.

    A file goes when all that was done with it is over. At most `MOST` rows at a time: that it cannot be
    taken back any more is said before the first of them goes.
    """
    other = aliased(Import)
    still = select(other.id).where(
        other.org_id == Import.org_id,
        other.file_of_id == Import.id,
        other.file_removed_at.is_(None),
    )
    found = await ctx.session.scalars(
        select(Import)
        .where(
            or_(Import.file_removed_at.is_(None), _left(ImportRow), _left(ImportChange)),
            func.coalesce(Import.finished_at, Import.created_at) < clock.now() - FILES_KEPT,
            Import.status.not_in(UNFINISHED),
            ~still.exists(),
        )
        .order_by(Import.finished_at, Import.id)
        .limit(AT_ONCE)
        .with_for_update(key_share=True, skip_locked=True)
    )
    old, gone = found.all(), 0
    for imported in old:
        imported.file_removed_at = imported.file_removed_at or clock.now()
        for table in (ImportRow, ImportChange):
            some = select(table.id).where(table.import_id == imported.id).limit(MOST - gone)
            done = await ctx.session.execute(
                delete(table).where(table.id.in_(some)).execution_options(synchronize_session=False)
            )
            gone += cast(CursorResult[Any], done).rowcount
            if gone >= MOST:
                return gone
        if imported.file_of_id is None:
            await tools_of(ctx.session).objects.remove([Key(ctx.org_id, imported.id, ROWS)])
    return MOST if len(old) == AT_ONCE else gone


def _left(table: type[ImportRow] | type[ImportChange]) -> ColumnElement[bool]:
    """Whether something is left: whoever swept before did not come to the end."""
    left = select(table.id).where(table.org_id == Import.org_id, table.import_id == Import.id)
    return left.correlate(Import).exists()
