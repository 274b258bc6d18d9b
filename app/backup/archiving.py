"""Writing the archive of one organisation, as the operator does.

The server may run or not, and everybody goes on working: the rows are of one moment.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from sqlalchemy import text

from app.backup.making import beside, say
from app.config import Settings
from app.core.db import Sessions, make_engine
from app.core.errors import Refusal
from app.installation import Installation, NotReadyError, opened
from app.process import make_tools
from app.services.identity.acting import organisation_called
from app.services.leaving.packing import Packed, pack


def archive_of(settings: Settings, slug: str, to: Path) -> Packed:
    """Write the archive of the organisation called `slug` to a new file.

    Raises `NotReadyError` where there is such a file or no such organisation.
    """
    with opened(settings) as installation, beside(to) as out:
        return asyncio.run(_pack(installation, slug, out))


async def _pack(installation: Installation, slug: str, out: BinaryIO) -> Packed:
    async with served(installation) as sessions:
        try:
            org_id = await organisation_called(sessions.engine, slug)
            return await packed(installation, sessions, org_id, out)
        except Refusal as refusal:
            raise NotReadyError(refusal.detail) from refusal


async def packed(
    installation: Installation, sessions: Sessions, org_id: UUID, out: BinaryIO
) -> Packed:
    if installation.relay_url is not None:
        await number(installation.relay_url)
    return await pack(sessions, org_id, out, _tell())


def _tell() -> Any:
    said = -1

    async def told(steps: int, done: int) -> None:
        nonlocal said
        percent = done * 100 // steps if steps else 0
        if percent >= said + 10:
            said = percent
            say(f"  {done:,} of {steps:,} rows and files…")

    return told


async def number(relay_url: str) -> None:
    """Give the journal's entries their numbers now, whether or not a relay is running."""
    engine = make_engine(relay_url, pool_size=1)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("select system.number_journal()"))
    finally:
        await engine.dispose()


@asynccontextmanager
async def served(installation: Installation) -> AsyncIterator[Sessions]:
    """Sessions of the serving role, as the server has them."""
    engine = make_engine(installation.app_url, pool_size=2)
    tools = make_tools(installation.settings, installation.secret_key, engine)
    try:
        yield Sessions(engine, tools=tools)
    finally:
        await engine.dispose()
