"""Reading a file from the command line: the same import as by HTTP, done while one waits.

It acts as the system in one organisation. A crash leaves an import that says `running` and the rows
of its finished batches; starting again with a key finds these rows and goes on.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from sqlalchemy import select

from app.core.db import Scope, Sessions, make_engine
from app.core.ids import new_id
from app.models.imports import Import, ImportIssue
from app.services import imports
from app.services.context import Ctx
from app.services.identity.acting import act_for, organisation_called
from app.services.imports import ImportDraft

SHOWN = 1000
"""Issues that are told at most; the API shows them all."""


async def import_into(url: str, org: str, draft: ImportDraft) -> tuple[Import, list[ImportIssue]]:
    """`import_file` for whoever has no process state: into the organisation with this short name."""
    engine = make_engine(url, pool_size=2)
    try:
        sessions = Sessions(engine)
        return await import_file(sessions, await organisation_called(engine, org), draft)
    finally:
        await engine.dispose()


async def import_file(
    sessions: Sessions, org_id: UUID, draft: ImportDraft
) -> tuple[Import, list[ImportIssue]]:
    """Read a file to its end: the import with its counts, and what was found, in the file's order.

    Raises as `imports.create` does for a file that cannot be read.
    """
    scope = Scope(org_id, source="import", request_id=f"import-{new_id()}")

    @asynccontextmanager
    async def transaction(*, last: bool = False) -> AsyncIterator[Ctx]:
        async with sessions.open(scope) as session:
            yield await act_for(session, None)
            await session.commit()

    async with transaction() as ctx:
        import_id = (await imports.create(ctx, draft)).id
    await imports.read_in(transaction, import_id)
    async with transaction() as ctx:
        issues = await ctx.session.scalars(
            select(ImportIssue)
            .where(ImportIssue.import_id == import_id)
            .order_by(ImportIssue.row, ImportIssue.id)
            .limit(SHOWN)
        )
        return await ctx.get(Import, import_id), list(issues)
