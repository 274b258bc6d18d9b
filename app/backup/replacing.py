"""Taking away what is here of an organisation that is brought in again.

What somebody writes meanwhile is never lost: where they did, nothing is replaced.
"""

import asyncio
from collections.abc import Container
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.objects import Key, Objects
from app.installation import NotReadyError
from app.models.exports import EXPORTED
from app.models.files import Part
from app.models.imports import ROWS
from app.services.files.sweeping import SETTLED
from app.services.leaving.archives import PART as ARCHIVE
from app.services.leaving.carried import LEFT_OUT, RECORDS

IDENTITY = ("identity.roles", "identity.memberships", "identity.sessions", "identity.invitations")
LOCK_TRIES = 10
SOMEBODY_HAS_IT = ("55P03", "40P01")
"""What the database says of a lock that does not come: it takes too long, or each waits for the other."""

# every write of an organisation shares it: trigger `share_writing` of the journal
_NOBODY_WRITES = text("select pg_advisory_xact_lock(uuid_hash_extended(:org, 0))")
_WRITTEN_SINCE = text(
    "select count(*) from public.journal where org_id = :org and xid <> '3'::xid8"
)
_SPOKEN_OF = text(
    "select id from public.files where org_id = :org"
    " union all select id from public.archives where org_id = :org"
    " union all select object_id from public.exports where org_id = :org and object_id is not null"
    " union all select id from public.imports where org_id = :org"
)
"""The objects that rows of the organisation speak of."""
PARTS = {*Part, ARCHIVE, EXPORTED, ROWS}
SOMEBODY_WROTE = (
    "Somebody has written into this organisation meanwhile, and nothing was replaced. Try again when"
    " nobody works in it, or stop the server first."
)


async def outdated(
    session: AsyncSession, objects: Objects, org_id: UUID, held: Container[str]
) -> list[Key]:
    """The objects that stand here and are not `held` by the archive (`id/part`). One without a row that
    was put there just now is left alone: somebody may be about to speak of it."""
    known = set(await session.scalars(_SPOKEN_OF, {"org": org_id}))
    settled = clock.now() - SETTLED
    return [
        one.key
        async for some in objects.of(org_id, since="", at_once=1000)
        for one in some
        if one.key.part in PARTS
        and f"{one.key.id}/{one.key.part}" not in held
        and (one.key.id in known or one.at < settled)
    ]


async def clear(session: AsyncSession, org_id: UUID, kept: int) -> None:
    """Take away what is here: one statement, so that each row finds what it points at gone.

    Raises `NotReadyError` where the journal has other entries than the `kept` ones.
    """
    tables = {f"public.{one}": "org_id" for one in LEFT_OUT if "." not in one}
    tables.pop("public.alembic_version")
    tables |= {f"public.{one.name}": "org_id" for one in RECORDS}
    tables |= {"system.journal_heads": "org_id", "system.journal_numbers": "org_id"}
    tables |= dict.fromkeys(IDENTITY, "org_id")
    taken = ", ".join(
        f"gone{place} as (delete from {name} where {column} = :org)"  # noqa: S608 - names of our own
        for place, (name, column) in enumerate(sorted(tables.items()))
    )
    entries = await session.scalar(
        text(
            f"with {taken}, entries as ("  # noqa: S608
            "delete from public.journal where org_id = :org returning id)"
            " select count(*) from entries"
        ),
        {"org": org_id},
    )
    if entries != kept:
        raise NotReadyError(SOMEBODY_WROTE)


async def nobody_wrote(session: AsyncSession, org_id: UUID) -> None:
    """Refuse to replace what somebody has written since it was kept."""
    if await session.scalar(_WRITTEN_SINCE, {"org": org_id}):
        raise NotReadyError(SOMEBODY_WROTE)


async def nobody_writes(session: AsyncSession, org_id: UUID) -> None:
    """The same for the last time: from here to the commit nobody writes into this organisation."""
    for _ in range(LOCK_TRIES):
        try:
            async with session.begin_nested():
                await session.execute(text("set local lock_timeout = '2s'"))
                await session.execute(_NOBODY_WRITES, {"org": org_id})
            break
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in SOMEBODY_HAS_IT:
                raise
            await asyncio.sleep(1)
    else:
        raise NotReadyError(SOMEBODY_WROTE)
    await nobody_wrote(session, org_id)
