"""Opening an export's file: who may, and the links that let a browser fetch it.

A link is signed, names its export, its file and its person, and lasts an hour. It holds no key to anything
else, and it is no right: whoever follows it gets the file only while its person still works here and
is allowed everything that they were allowed when the file was made.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.core import clock
from app.core.crypto import Signer
from app.core.errors import Conflict, Forbidden, NotFound
from app.core.objects import Content, Key, Missing
from app.core.tools import tools_of
from app.models.exports import EXPORTED, Export, ExportStatus
from app.services.context import Ctx
from app.services.exports.making import allowed
from app.services.facts import Fact, emit

LASTS = timedelta(hours=1)


@dataclass(frozen=True)
class Linked:
    """What a link says."""

    org_id: UUID
    export_id: UUID
    user_id: UUID
    object_id: UUID
    until: datetime

    @classmethod
    def read(cls, link: str, signer: Signer, export_id: UUID) -> "Linked":
        """What is in a link of ours to this export. Raises `Forbidden` for any other, or an old one."""
        said = signer.open(link)
        if said is not None:
            org, export, user, stored, until = said.split("|")
            moment = datetime.fromisoformat(until)
            if UUID(export) == export_id and clock.now() < moment:
                return cls(UUID(org), UUID(export), UUID(user), UUID(stored), moment)
        raise Forbidden(
            "This link is not valid any more. Get a new one: look at the export again.",
            code="link_expired",
        )


async def link_of(ctx: Ctx, export: Export, signer: Signer) -> tuple[str, datetime] | None:
    """A new link to the export's file and when it ends, or None where there is nothing to open."""
    now = clock.now()
    if export.object_id is None or export.expires_at is None or export.expires_at <= now:
        return None
    if not await allowed(ctx, export.rights or {}):
        return None
    until = min(now + LASTS, export.expires_at)
    said = (ctx.org_id, export.id, export.asked_by_id, export.object_id, until.isoformat())
    return signer.sign("|".join(map(str, said))), until


async def opened(ctx: Ctx, linked: Linked) -> tuple[Export, Content]:
    """The export and its file, for the person of the link as they are now.

    Raises `NotFound`, `Conflict` when there is no file any more, `Forbidden` for whoever is allowed
    less than when it was made.
    """
    export = await ctx.get(Export, linked.export_id)
    if (
        export.status != ExportStatus.ready
        or export.object_id != linked.object_id
        or export.expires_at is None
        or export.expires_at <= clock.now()
    ):
        raise Conflict("The file of this export is gone. Export the list again.", code="expired")
    if not await allowed(ctx, export.rights or {}):
        raise Forbidden(
            "You are allowed less than when this file was made. Export the list again.",
            code="rights_changed",
        )
    try:
        content = await tools_of(ctx.session).objects.open(
            Key(ctx.org_id, linked.object_id, EXPORTED)
        )
    except Missing:
        raise NotFound(
            "The file of this export is missing from the store. Export the list again.",
            code="content_missing",
        ) from None
    await emit(ctx, Fact.export_downloaded, export, list=export.list.replace("-", " "))
    return export, content
