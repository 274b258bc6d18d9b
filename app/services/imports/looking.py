"""Who may see an import, what stands in its rows, and the codes among that."""

from uuid import UUID

from sqlalchemy import ColumnElement

from app.core.errors import Forbidden
from app.models.imports import Import, ImportKind
from app.models.permissions import Permission
from app.services.context import Ctx
from app.services.imports.columns import codes_of
from app.services.imports.kinds import KINDS
from app.services.imports.kinds.base import SECRET


async def look_at(ctx: Ctx, import_id: UUID, *, lock: bool = False) -> Import:
    """An import whose records this person may see. Raises `NotFound`, and `Forbidden`."""
    imported = await ctx.get(Import, import_id, lock=lock)
    KINDS[ImportKind(imported.kind)].require_read(ctx)
    return imported


async def look_into(
    ctx: Ctx, import_id: UUID, *, cells: bool = False, lock: bool = False
) -> Import:
    """An import whose rows this person may see: of others' only whoever sees every record.

    `cells` are the rows as they were sent, with whatever codes stand in them. Raises `NotFound`, and
    `Forbidden`.
    """
    imported = await look_at(ctx, import_id, lock=lock)
    if not ctx.sees_all and imported.made_by_id != ctx.user_id:
        raise Forbidden(
            "Somebody else sent this list, and your role does not see every record in it.",
            code="not_yours",
        )
    if cells:
        require_codes(ctx, imported)
        if not SECRET.isdisjoint(imported.mapping.values()):
            ctx.require(Permission.sites_access_codes)
    return imported


def require_codes(ctx: Ctx, imported: Import) -> None:
    """Raise `Forbidden` where somebody else's file holds codes that this person may not see.

    What looks like a code is one, also while it is left out or read as something else: how a column is
    read is changed in a moment. Whoever sent the file knows what stands in it; whoever ran it does not.
    """
    sent_it = imported.made_by_id == ctx.user_id and imported.file_of_id is None
    if not sent_it and codes_of(imported):
        ctx.require(Permission.sites_access_codes)


def shown_to(ctx: Ctx) -> list[ColumnElement[bool]]:
    """Which imports this person may see."""
    return [Import.kind.in_([name for name, kind in KINDS.items() if kind.shown(ctx)])]
