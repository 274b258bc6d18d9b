"""Reading a file from the command line: the same import as by HTTP, while one looks on.

It acts as the system in one organisation. The job stands in the queue as any other: whoever works the
queue does it, this process too, and when it is killed the next one to work goes on where it stopped.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from app.config import Settings
from app.core.db import Scope, Sessions, make_engine
from app.core.ids import new_id
from app.core.wake import Wake
from app.models.imports import Encoding, Import, ImportIssue, ImportStatus, Separator
from app.process import make_bus, make_tools
from app.services import imports
from app.services.context import Ctx
from app.services.identity.acting import act_for, organisation_called
from app.services.imports import ImportDraft
from app.tasks.worker import Worker

SHOWN = 1000
"""Issues that are told at most; the API shows them all."""
LOOK = 0.5
"""Seconds between two looks at how far it is."""
ENDED = (ImportStatus.completed, ImportStatus.canceled, ImportStatus.failed)


class ImportFailed(ValueError):
    """The import was given up; the message says what to do."""


async def import_into(
    settings: Settings,
    url: str,
    secret_key: str,
    org: str,
    source: Path,
    draft: ImportDraft,
    *,
    encoding: Encoding | None = None,
    separator: Separator | None = None,
    sheet: str | None = None,
    told: Callable[[Import], None],
) -> tuple[Import, list[ImportIssue]]:
    """Import a file into the organisation with this short name, working the queue until it has ended.

    `told` hears how far it is. Raises as `imports.receive` and `imports.create` do for a file that
    cannot be read, and `ImportFailed`.
    """
    engine = make_engine(url, pool_size=4)
    wake = Wake(url, make_bus(settings))
    sessions = Sessions(
        engine, after_commit=wake.poke, tools=make_tools(settings, secret_key, engine)
    )
    stop = asyncio.Event()
    try:
        scope = _scope(await organisation_called(engine, org))
        async with (
            imports.receive(
                source, encoding=encoding, separator=separator, sheet=sheet
            ) as unrolled,
            _transaction(sessions, scope) as ctx,
        ):
            import_id = (await imports.begin(ctx, draft, unrolled)).id
        working = [
            asyncio.ensure_future(wake.run(stop)),
            asyncio.ensure_future(Worker(sessions, url).run(stop)),
        ]
        try:
            while (imported := await _now(sessions, scope, import_id)).status not in ENDED:
                told(imported)
                await asyncio.sleep(LOOK)
        finally:
            stop.set()
            await asyncio.gather(*working)
        if imported.status == ImportStatus.failed:
            raise ImportFailed(imported.failure or "The import failed.")
        return await _found(sessions, scope, import_id)
    finally:
        await engine.dispose()


async def import_file(
    sessions: Sessions, org_id: UUID, content: bytes, draft: ImportDraft
) -> tuple[Import, list[ImportIssue]]:
    """Read a file to its end, without a queue: the import with its counts, and what was found.

    Raises as `imports.receive` and `imports.create` do for a file that cannot be read.
    """
    scope = _scope(org_id)

    @asynccontextmanager
    async def transaction(*, last: bool = False) -> AsyncIterator[Ctx]:
        async with _transaction(sessions, scope) as ctx:
            yield ctx

    async with imports.receive(BytesIO(content)) as unrolled, transaction() as ctx:
        import_id = (await imports.create(ctx, draft, unrolled)).id
    await imports.read_in(transaction, import_id)
    return await _found(sessions, scope, import_id)


def _scope(org_id: UUID) -> Scope:
    return Scope(org_id, source="import", request_id=f"import-{new_id()}")


@asynccontextmanager
async def _transaction(sessions: Sessions, scope: Scope) -> AsyncIterator[Ctx]:
    async with sessions.open(scope) as session:
        yield await act_for(session, None)
        await session.commit()


async def _now(sessions: Sessions, scope: Scope, import_id: UUID) -> Import:
    async with _transaction(sessions, scope) as ctx:
        return await ctx.get(Import, import_id)


async def _found(
    sessions: Sessions, scope: Scope, import_id: UUID
) -> tuple[Import, list[ImportIssue]]:
    async with _transaction(sessions, scope) as ctx:
        issues = await ctx.session.scalars(
            select(ImportIssue)
            .where(ImportIssue.import_id == import_id)
            .order_by(ImportIssue.row, ImportIssue.id)
            .limit(SHOWN)
        )
        return await ctx.get(Import, import_id), list(issues)
