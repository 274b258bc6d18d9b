"""Rows and objects that have lost each other, and content that has had its time.

The row and its objects are two stores that no transaction spans. An object without a row is what a
rollback or a crash left behind; a row without its object is a loss, and said aloud. Each looks only at
the last days, in batches: what is older has been looked at.
"""

from datetime import timedelta

import structlog
from sqlalchemy import select

from app.core import clock
from app.core.ids import first_id_of
from app.core.objects import Key
from app.core.tools import tools_of
from app.models.exports import EXPORTED, Export
from app.models.files import File, Part
from app.models.imports import ROWS, Import
from app.services.context import Ctx
from app.services.facts import Fact, emit
from app.services.files import arriving

log = structlog.get_logger()
SETTLED = timedelta(hours=1)
"""After that no request is still between its row and its objects."""
LOOKED_BACK = timedelta(days=3)
DELETED_KEPT = timedelta(days=30)
MOST = 1000


async def remove_orphans(ctx: Ctx) -> int:
    """Remove objects that no row speaks of. 0, as it looks at all there are."""
    objects, now = tools_of(ctx.session).objects, clock.now()
    async for some in objects.of(
        ctx.org_id, since=str(first_id_of(now - LOOKED_BACK)), at_once=MOST
    ):
        settled = [one.key for one in some if one.at < now - SETTLED]
        ids = {key.id for key in settled}
        known = {
            *await ctx.session.scalars(select(File.id).where(File.id.in_(ids)).limit(MOST)),
            *await ctx.session.scalars(
                select(Export.object_id).where(Export.object_id.in_(ids)).limit(MOST)
            ),
            *await ctx.session.scalars(select(Import.id).where(Import.id.in_(ids)).limit(MOST)),
        }
        ours = {*Part, EXPORTED, ROWS}
        await objects.remove([key for key in settled if key.part in ours and key.id not in known])
    return 0


async def report_lost(ctx: Ctx) -> int:
    """Take files out of sight whose content is not there, and say so in their story.

    Where none of them is there, this is another store than the one they were put into: a worker
    that was not told `FILES_URL`. Then nothing is done but say so in the log.
    """
    if await arriving.awaited(ctx.session):
        return 0  # they came with an archive, and are on their way
    objects, now = tools_of(ctx.session).objects, clock.now()
    recent = await ctx.session.scalars(
        select(File)
        .where(File.created_at.between(now - LOOKED_BACK, now - SETTLED), File.purged_at.is_(None))
        .order_by(File.created_at, File.id)
        .limit(MOST)
    )
    rows = recent.all()
    lost = [one for one in rows if not await objects.has(Key(ctx.org_id, one.id, Part.content))]
    if len(lost) == len(rows):
        if rows:
            log.error("no file is in this store: is FILES_URL the same for all?", files=len(rows))
        return 0
    for file in lost:
        file.deleted_at = file.deleted_at or now
        file.purged_at = now
        await emit(ctx, Fact.file_lost, file, name=file.name)
    return 0


async def purge(ctx: Ctx) -> int:
    """Remove the content of files that were deleted long ago; their rows stay, to tell of them."""
    old = await ctx.session.scalars(
        select(File)
        .where(File.deleted_at < clock.now() - DELETED_KEPT, File.purged_at.is_(None))
        .order_by(File.id)
        .limit(MOST)
    )
    rows = old.all()
    for file in rows:
        await tools_of(ctx.session).objects.remove(
            [Key(ctx.org_id, file.id, part) for part in Part]
        )
        file.purged_at = clock.now()
        await emit(ctx, Fact.file_purged, file, name=file.name)
    return len(rows)
