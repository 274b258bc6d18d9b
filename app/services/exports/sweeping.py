"""Taking away the files of exports whose time is over."""

from sqlalchemy import select

from app.core import clock
from app.core.objects import Key
from app.core.tools import tools_of
from app.models.exports import EXPORTED, Export, ExportStatus
from app.services.context import Ctx

MOST = 1000


async def expire(ctx: Ctx) -> int:
    """Remove files that have expired; their exports stay, and say so. How many there were."""
    old = await ctx.session.scalars(
        select(Export)
        .where(Export.status == ExportStatus.ready, Export.expires_at <= clock.now())
        .order_by(Export.expires_at, Export.id)
        .limit(MOST)
        .with_for_update(skip_locked=True)
    )
    rows = old.all()
    for export in rows:
        assert export.object_id is not None
        await tools_of(ctx.session).objects.remove([Key(ctx.org_id, export.object_id, EXPORTED)])
        export.status, export.object_id = ExportStatus.expired, None
    return len(rows)
