"""Rows and objects that have lost each other, and content that has had its time.

The row and its objects are two stores that no transaction spans. An object without a row is what a
rollback or a crash left behind; a row without its object is a loss, and said aloud. Each looks only at
the last days, in batches: what is older has been looked at.

No transaction is open while the store is spoken to: it may be far away, and the database ends whoever
holds one in silence. What was seen before is looked at again, and locked, before it is changed.
"""

from collections.abc import Sequence
from datetime import timedelta

import structlog
from sqlalchemy import ColumnElement, select

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
    await ctx.session.commit()
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
        await ctx.session.commit()
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
        select(File.id)
        .where(File.created_at.between(now - LOOKED_BACK, now - SETTLED), File.purged_at.is_(None))
        .order_by(File.created_at, File.id)
        .limit(MOST)
    )
    ids = recent.all()
    await ctx.session.commit()
    lost = [id for id in ids if not await objects.has(Key(ctx.org_id, id, Part.content))]
    if len(lost) == len(ids):
        if ids:
            log.error("no file is in this store: is FILES_URL the same for all?", files=len(ids))
        return 0
    for file in await _still(ctx, File.id.in_(lost), File.purged_at.is_(None)):
        file.deleted_at = file.deleted_at or now
        file.purged_at = now
        await emit(ctx, Fact.file_lost, file, name=file.name)
    return 0


async def purge(ctx: Ctx) -> int:
    """Remove the content of files that were deleted long ago; their rows stay, to tell of them."""
    had_its_time = (File.deleted_at < clock.now() - DELETED_KEPT, File.purged_at.is_(None))
    old = await ctx.session.scalars(
        select(File.id).where(*had_its_time).order_by(File.id).limit(MOST)
    )
    ids = old.all()
    await ctx.session.commit()
    objects = tools_of(ctx.session).objects
    for id in ids:
        await objects.remove([Key(ctx.org_id, id, part) for part in Part])
    for file in await _still(ctx, File.id.in_(ids), *had_its_time):
        file.purged_at = clock.now()
        await emit(ctx, Fact.file_purged, file, name=file.name)
    return len(ids)


async def _still(ctx: Ctx, *conditions: ColumnElement[bool]) -> Sequence[File]:
    """The files of which that holds now, for whoever changes them."""
    rows = select(File).where(*conditions).order_by(File.id).limit(MOST).with_for_update(of=File)
    return (await ctx.session.scalars(rows)).all()
