"""Archives that an owner asks for: made by a job, downloaded for a day, then removed.

The file is an object beside those of files, under the archive's own id. It is put there before the
row says `ready`, and a job that begins anew puts it there again.
"""

import hashlib
import tempfile
from datetime import timedelta
from typing import IO, Annotated, ClassVar
from uuid import UUID

import structlog
from sqlalchemy import select

from app.core import clock
from app.core.archive import READ
from app.core.db import Sessions
from app.core.errors import Conflict, NotFound
from app.core.filters import Fields, filterable
from app.core.listing import Column, Filter, ListQuery
from app.core.objects import Content, Key, Missing
from app.core.tools import tools_of
from app.models.archives import Archive, ArchiveStatus
from app.models.permissions import Permission
from app.services import jobs
from app.services.context import Ctx
from app.services.facts import Fact, emit
from app.services.leaving.packing import pack
from app.services.transactions import Transactions

log = structlog.get_logger()

JOB = "make_archive"
PART = "archive"
KEPT = timedelta(hours=24)
"""How long an archive can be downloaded."""
MOST = 100
GOING = (ArchiveStatus.queued, ArchiveStatus.running)


class ArchiveQuery(ListQuery):
    """Filters and sorts of the list of archives."""

    SORTS: ClassVar[dict[str, Column]] = {"created_at": Archive.created_at}
    FILTERS: ClassVar[Fields | None] = filterable(
        Archive.id,
        Archive.created_at,
        Archive.updated_at,
        Archive.status,
        Archive.asked_by_id,
        Archive.finished_at,
        Archive.expires_at,
    )

    status: Annotated[ArchiveStatus | None, Filter(Archive.status)] = None


async def ask(ctx: Ctx) -> Archive:
    """Have the whole organisation written into an archive. Raises `Conflict` while one is made."""
    if await ctx.session.scalar(select(Archive.id).where(Archive.status.in_(GOING)).limit(1)):
        raise Conflict(
            "An archive is being made already. Wait until it is ready, then download it.",
            code="being_made",
        )
    archive = await ctx.add(Archive(asked_by_id=ctx.user_id))
    await jobs.ask(ctx, JOB, archive)
    return archive


async def carry_out(sessions: Sessions, transaction: Transactions, archive_id: UUID) -> None:
    """Make the archive and put it where it can be downloaded; from the start each time it is begun."""
    async with transaction() as ctx:
        ctx.require(Permission.organisation_archive)
        archive = await ctx.get(Archive, archive_id, lock=True)
        if archive.status not in (*GOING, ArchiveStatus.failed):
            return  # a dead job that is tried again finds a failed one
        archive.status, archive.steps, archive.steps_done = ArchiveStatus.running, 0, 0
        archive.failure = archive.finished_at = None
        org_id, objects = ctx.org_id, tools_of(ctx.session).objects

    async def told(steps: int, done: int) -> None:
        async with transaction() as ctx:
            archive = await ctx.get(Archive, archive_id, lock=True)
            archive.steps, archive.steps_done = steps, done

    with tempfile.TemporaryFile() as file:
        packed = await pack(sessions, org_id, file, told)
        sha256 = _digest(file)
        file.seek(0)
        await objects.put(Key(org_id, archive_id, PART), file)
    async with transaction(last=True) as ctx:
        archive = await ctx.get(Archive, archive_id, lock=True)
        archive.status, archive.finished_at = ArchiveStatus.ready, clock.now()
        archive.expires_at = clock.now() + KEPT
        archive.length, archive.sha256 = packed.length, sha256
        archive.content_sha256, archive.missing_files = packed.content_sha256, len(packed.missing)
        await emit(
            ctx, Fact.organisation_archived, await ctx.organisation(), size=_size(packed.length)
        )


async def give_up(ctx: Ctx, archive_id: UUID | None, why: str) -> None:
    """Say why it could not be made."""
    assert archive_id is not None
    await tools_of(ctx.session).objects.remove([Key(ctx.org_id, archive_id, PART)])
    archive = await ctx.get(Archive, archive_id, lock=True)
    archive.status, archive.failure, archive.finished_at = ArchiveStatus.failed, why, clock.now()


async def content(ctx: Ctx, archive: Archive) -> Content:
    """What a download gives. Raises `NotFound` for one that is not ready, or has had its time."""
    if archive.status != ArchiveStatus.ready:
        raise NotFound(_not_there(archive))
    assert archive.expires_at is not None
    if archive.expires_at <= clock.now():
        raise NotFound("This archive has had its time. Have a new one made.")
    try:
        found = await tools_of(ctx.session).objects.open(Key(ctx.org_id, archive.id, PART))
    except Missing:
        raise NotFound("The archive's file is not there any more. Have a new one made.") from None
    log.info("archive taken", archive_id=str(archive.id), user_id=str(ctx.user_id))
    return found


def _not_there(archive: Archive) -> str:
    return {
        ArchiveStatus.failed: f"This archive could not be made: {archive.failure}",
        ArchiveStatus.removed: "This archive has had its time. Have a new one made.",
    }.get(archive.status, "This archive is still being made. Wait until its status is “ready”.")


async def sweep(ctx: Ctx) -> int:
    """Remove the files of archives that have had their time."""
    old = await ctx.session.scalars(
        select(Archive)
        .where(Archive.status == ArchiveStatus.ready, Archive.expires_at <= clock.now())
        .order_by(Archive.created_at, Archive.id)
        .limit(MOST)
        .with_for_update(skip_locked=True)
    )
    rows = old.all()
    await tools_of(ctx.session).objects.remove([Key(ctx.org_id, row.id, PART) for row in rows])
    for row in rows:
        row.status = ArchiveStatus.removed
    return 0


def _digest(file: IO[bytes]) -> str:
    file.seek(0)
    whole = hashlib.sha256()
    while chunk := file.read(READ):
        whole.update(chunk)
    return whole.hexdigest()


def _size(length: int) -> str:
    return f"{length / 1_000_000:,.1f} MB"
