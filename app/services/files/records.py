"""Files: keeping what was received, giving it back, and taking it out of sight.

A file is reached through the records it hangs on, or by whoever sent it. Deleting is soft; the
content stays, and counts, until `sweeping` removes it.
"""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import joinedload

from app.core import clock
from app.core.errors import Conflict, FieldError, Forbidden, NotFound
from app.core.ids import new_id
from app.core.objects import Content, Key, Missing
from app.core.tools import tools_of
from app.models.files import Attachment, File, Part
from app.models.members import Member
from app.services.context import Ctx
from app.services.facts import Fact, emit
from app.services.files.intake import Received
from app.services.files.kinds import refused
from app.services.files.reach import hangs_in_reach

SHOWN = (joinedload(File.sent_by),)
"""What an output of a file needs loaded."""


async def get(
    ctx: Ctx, id: UUID, *, lock: bool = False, deleted: bool = False, pointer: str | None = None
) -> File:
    """A file that hangs on a record this person may read, or that they sent.

    Raises `NotFound` for any other; `pointer` names the body field that held the id.
    """
    sent_by = await ctx.session.execute(select(File.sent_by_id).where(File.id == id))
    mine = ctx.user_id is not None and sent_by.scalar_one_or_none() == ctx.user_id
    if not mine and not await hangs_in_reach(ctx, id):
        detail = "There is no such file."
        raise NotFound(detail, errors=[FieldError(pointer, "not_found", detail)] if pointer else ())
    return await ctx.get(
        File, id, lock=lock, deleted=deleted, options=SHOWN, pointer=pointer, reached=True
    )


async def add(ctx: Ctx, received: Received, *, most_stored: int) -> File:
    """Keep what was received: the row, then its objects; a rollback leaves objects for the sweeper.

    Raises `Invalid` for what is larger than the organisation takes, `Conflict` when its storage is
    full.
    """
    largest = (await ctx.flags()).largest_upload_mb
    if received.length > largest * 1024**2:
        raise refused("too_large", f"Your organisation takes files of up to {largest} MB.")
    await _refuse_beyond(ctx, received.length, most_stored)
    picture = received.picture
    zone = (await ctx.organisation()).time_zone
    sender = await ctx.get(Member, ctx.user_id) if ctx.user_id else None
    file = await ctx.add(
        File(
            id=new_id(),
            name=received.name,
            media_type=received.media,
            length=received.length,
            sha256=received.sha256,
            width=picture.width if picture else None,
            height=picture.height if picture else None,
            taken_at=picture.taken_at(zone) if picture else None,
            sent_by=sender,
        )
    )
    await emit(ctx, Fact.file_sent, file, name=file.name, size=said(file.length))
    objects = tools_of(ctx.session).objects
    await objects.put(Key(ctx.org_id, file.id, Part.content), received.content)
    if picture is not None:
        for part in (Part.small, Part.large):
            await objects.put(Key(ctx.org_id, file.id, part), picture.folder / part)
    return file


async def content(ctx: Ctx, file: File, part: Part = Part.content) -> Content:
    """The bytes of a file, or of a picture's thumbnail. Raises `NotFound` when they are gone."""
    if part is not Part.content and file.width is None:
        raise NotFound("Only pictures have thumbnails.", code="no_thumbnail")
    try:
        return await tools_of(ctx.session).objects.open(Key(ctx.org_id, file.id, part))
    except Missing:
        raise NotFound(
            "The content of this file is missing from the store.", code="content_missing"
        ) from None


async def delete(ctx: Ctx, file: File) -> None:
    """Take a file out of sight, from every record it hangs on; `file` is locked.

    Raises `Forbidden` for somebody else's, unless one is of the office.
    """
    _refuse_others(ctx, file)
    file.deleted_at = clock.now()
    await emit(ctx, Fact.file_deleted, file, name=file.name)


async def delete_loose(ctx: Ctx, ids: Collection[UUID]) -> None:
    """Delete those of these files that are on no record any more; their content is removed as that of
    all deleted files (`sweeping.purge`). For whoever deletes what they were on."""
    hangs = select(Attachment.id).where(
        Attachment.org_id == File.org_id,
        Attachment.file_id == File.id,
        Attachment.deleted_at.is_(None),
    )
    loose = (
        select(File)
        .where(File.id.in_(ids), File.deleted_at.is_(None), ~exists(hangs.correlate(File)))
        .order_by(File.id)
        .with_for_update(of=File)
    )
    for file in (await ctx.session.scalars(loose)).all():
        file.deleted_at = clock.now()
        await emit(ctx, Fact.file_deleted, file, name=file.name)


async def restore(ctx: Ctx, file: File) -> File:
    """Bring a deleted file back; `file` is locked.

    Raises `Conflict` when it is not deleted or its content has been removed.
    """
    _refuse_others(ctx, file)
    if file.deleted_at is None:
        raise Conflict("This file is not deleted.", code="not_deleted")
    if file.purged_at is not None:
        raise Conflict(
            "The content of this file was removed for good. Send it again.", code="purged"
        )
    file.deleted_at = None
    await emit(ctx, Fact.file_restored, file, name=file.name)
    return file


def _refuse_others(ctx: Ctx, file: File) -> None:
    if not ctx.sees_all and file.sent_by_id != ctx.user_id:
        raise Forbidden("Only who sent it or the office may delete this file.", code="not_author")


async def _refuse_beyond(ctx: Ctx, length: int, most: int) -> None:
    stored = select(func.coalesce(func.sum(File.length), 0)).where(File.purged_at.is_(None))
    if (await ctx.session.execute(stored)).scalar_one() + length > most:
        raise Conflict(
            f"Your {said(most)} of storage are full. Delete files you need no more; they count for"
            " 30 more days, in which they can be restored.",
            code="storage_full",
        )


def said(length: int) -> str:
    """A number of bytes as people say it."""
    if length < 1000:
        return f"{length} bytes"
    if length < 1_000_000:
        return f"{length / 1000:.0f} KB"
    return (
        f"{length / 1_000_000:.1f} MB"
        if length < 1_000_000_000
        else f"{length / 1_000_000_000:.1f} GB"
    )
