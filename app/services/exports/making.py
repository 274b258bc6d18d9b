"""Making an export: every page of the list into one file, which is published when it is whole.

All pages are read in one transaction that only reads, at one moment: a row that is added, changed or
deleted meanwhile is in the file as it was then, once, or not at all. Filters that are relative to the
time are relative to that moment too. The file is written in a folder of this process and stored under
an id that nobody knows; the last transaction names it. A worker that dies leaves the folder to the
next export, which removes it, and at most an object without a name, which `files.sweeping` removes;
the next attempt starts again.

Progress is told in transactions of their own, in which the person's rights are looked at afresh: whoever
may no longer read the list, or has stopped it, gets nothing.
"""

import asyncio
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Select, select

from app.core import clock
from app.core.errors import Forbidden, Invalid
from app.core.ids import new_id
from app.core.objects import Key
from app.core.tables import SHEET_ROWS, Column, Format, TableFile, table_file
from app.core.tools import tools_of
from app.models.branches import Team, TerritoryMember
from app.models.exports import EXPORTED, UNFINISHED, Export, ExportStatus
from app.models.members import Member
from app.models.permissions import Permission, RecordScope
from app.models.technicians import Technician
from app.services.context import Ctx
from app.services.exports.reading import Read, ReadList
from app.services.facts import Fact, emit

JOB = "export"
MOST_PLACES = 1000
FOLDER = "truckroll-export-"
LEFT_BEHIND = timedelta(days=1)
"""A folder that is older has lost its worker."""
KEPT = timedelta(days=7)
"""How long a file can be downloaded."""
TOLD_EVERY = 2.0
"""Seconds between two looks at whether to go on."""


class Attempt(Protocol):
    """One attempt at making it."""

    def transaction(self, *, last: bool = False) -> AbstractAsyncContextManager[Ctx]:
        """A transaction in the name of whoever asked, with the rights they have now."""
        ...

    def snapshot(self) -> AbstractAsyncContextManager[Ctx]:
        """The same, reading only, of one moment."""
        ...


class Stopped(Exception):
    """Nobody waits for it any more."""


@dataclass
class _Making:
    """What the present attempt knows of its export."""

    export_id: UUID
    list: str
    format: Format
    asked: dict[str, str]
    columns: Sequence[str] | None
    rights: dict[str, Any]
    total: int = 0
    written: int = 0


async def carry_out(attempt: Attempt, read: ReadList, export_id: UUID) -> None:
    """Make it from its beginning, and publish it. Nothing is done about one that was stopped."""
    try:
        async with attempt.transaction() as ctx:
            making = await _begin(ctx, export_id)
        await asyncio.to_thread(forget_leftovers)
        with tempfile.TemporaryDirectory(prefix=FOLDER) as folder:
            path = Path(folder) / "export"
            async with attempt.snapshot() as ctx:
                making.rights = await rights_of(ctx)
                file = await _write(ctx, attempt, read, making, path)
            await asyncio.to_thread(file.finish)  # a large sheet takes a while: nobody waits for us
            await _publish(attempt, making, path)
    except Stopped:
        return


async def rights_of(ctx: Ctx) -> dict[str, Any]:
    """What this person is allowed now, and where they belong if that says what they see."""
    rights = {"permissions": sorted(ctx.permissions), "record_scope": ctx.record_scope.value}
    return rights if ctx.sees_all else rights | {"places": await _places_of(ctx)}


async def allowed(ctx: Ctx, rights: Mapping[str, Any]) -> bool:
    """Whether this person is allowed all that these rights allowed, and to export."""
    scope = RecordScope(rights.get("record_scope", RecordScope.all))
    if not (
        ctx.may(Permission.exports_write)
        and set(rights.get("permissions", ())) <= ctx.permissions
        and ctx.record_scope.reach >= scope.reach
    ):
        return False
    if ctx.sees_all:
        return True
    return set(rights.get("places", ())) <= set(await _places_of(ctx))


async def _places_of(ctx: Ctx) -> list[str]:
    """What a narrow scope goes by: whom this person is in the field, and the teams and territories
    whose work they see."""
    statements: list[Select[Any]] = [
        select(Technician.id).where(Technician.member_id == ctx.user_id)
    ]
    if ctx.sees_team:
        team = select(Member.team_id).where(Member.id == ctx.user_id)
        theirs = select(Technician.team_id).where(Technician.member_id == ctx.user_id)
        led = select(Team.id).where(Team.leader_id == ctx.user_id)
        statements += [team, theirs, led]
    if ctx.sees_territory:
        mine = TerritoryMember.member_id == ctx.user_id
        statements.append(select(TerritoryMember.territory_id).where(mine))
    places: set[str] = set()
    for statement in statements:
        places |= {str(id) for id in await ctx.session.scalars(statement.limit(MOST_PLACES)) if id}
    return sorted(places)


def forget_leftovers() -> None:
    """Remove what exports left in the system's folder whose workers died a day ago or more."""
    before = (clock.now() - LEFT_BEHIND).timestamp()
    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDER}*"):
        with suppress(OSError):  # another process was faster, or it is somebody else's
            if folder.stat().st_mtime < before:
                shutil.rmtree(folder)


async def _begin(ctx: Ctx, export_id: UUID) -> _Making:
    export = await _unfinished(ctx, export_id, ExportStatus.failed)  # somebody has it tried again
    export.status, export.started_at = ExportStatus.running, clock.now()
    export.rows_written, export.failure, export.finished_at = 0, None, None
    return _Making(
        export_id,
        export.list,
        Format(export.format),
        dict(export.asked),
        export.columns,
        await rights_of(ctx),
    )


async def _unfinished(ctx: Ctx, export_id: UUID, *also: ExportStatus) -> Export:
    """The export, locked. Raises `Stopped`, and `Forbidden` for whoever may not export any more."""
    ctx.require(Permission.exports_write)
    export = await ctx.get(Export, export_id, lock=True)
    if export.status not in (*UNFINISHED, *also):
        raise Stopped
    return export


async def _going_on(ctx: Ctx, making: _Making) -> Export:
    """The same, for whoever is still allowed what they were when the rows were read."""
    export = await _unfinished(ctx, making.export_id)
    if not await allowed(ctx, making.rights):
        raise Forbidden("You are allowed less than when this export began. Ask for it again.")
    return export


async def _write(
    ctx: Ctx, attempt: Attempt, read: ReadList, making: _Making, path: Path
) -> TableFile:
    """Write every page that this snapshot has; the file is to be finished."""
    moment, loop = clock.now(), asyncio.get_running_loop()
    page = await _page(ctx, read, making, moment, None)
    making.total = page.total or 0
    if making.format == Format.xlsx and making.total > SHEET_ROWS:
        raise Invalid(
            f"A spreadsheet holds {SHEET_ROWS:,} rows, and these are {making.total:,}. Ask for csv."
        )
    columns = _chosen(page.columns, making.columns)
    file: TableFile = table_file(making.format, path, columns, title=making.list)
    try:
        told = float("-inf")
        while True:
            await asyncio.to_thread(file.add, page.rows)
            making.written += len(page.rows)
            if loop.time() - told >= TOLD_EVERY:
                await _tell(attempt, making)
                told = loop.time()
            if page.next_cursor is None:
                break
            ctx.session.expunge_all()
            page = await _page(ctx, read, making, moment, page.next_cursor)
    except BaseException:
        file.abandon()
        raise
    return file


async def _page(
    ctx: Ctx, read: ReadList, making: _Making, moment: datetime, cursor: str | None
) -> Read:
    with clock.set_to(moment):
        return await read(ctx, making.list, making.asked, cursor=cursor, total=cursor is None)


def _chosen(seen: Sequence[Column], names: Sequence[str] | None) -> Sequence[Column]:
    if names is None:
        return seen
    by_heading = {column.heading: column for column in seen}
    return [by_heading[name] for name in names if name in by_heading]


async def _tell(attempt: Attempt, making: _Making) -> None:
    async with attempt.transaction() as ctx:
        export = await _going_on(ctx, making)
        export.rows_written, export.rows_total = making.written, making.total


async def _publish(attempt: Attempt, making: _Making, path: Path) -> None:
    async with attempt.transaction() as ctx:
        await _going_on(ctx, making)
        org_id, objects = ctx.org_id, tools_of(ctx.session).objects
    object_id, length = new_id(), (await asyncio.to_thread(path.stat)).st_size
    await objects.put(Key(org_id, object_id, EXPORTED), path)
    async with attempt.transaction(last=True) as ctx:
        export = await _going_on(ctx, making)
        export.status, export.object_id = ExportStatus.ready, object_id
        export.rows_written = export.rows_total = making.written
        export.length, export.rights = length, making.rights
        export.finished_at = clock.now()
        export.expires_at = export.finished_at + KEPT
        await emit(
            ctx,
            Fact.export_made,
            export,
            list=making.list.replace("-", " "),
            format=making.format,
            rows=making.written,
        )


async def give_up(ctx: Ctx, export_id: UUID | None, why: str) -> None:
    """Say that there is no file, and why."""
    assert export_id is not None
    export = await ctx.get(Export, export_id, lock=True)
    if export.status in UNFINISHED:
        export.status, export.failure = ExportStatus.failed, why
        export.finished_at = clock.now()
