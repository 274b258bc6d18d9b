"""Reading one organisation whole: rows as lines of JSON, and the figures that prove them.

Everything is read through a session of the organisation, so behind its wall, and by statements that
name the organisation besides: identity plane and journal numbers stand outside of row-level security.
"""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import scope_of
from app.services.leaving.carried import ENTRIES, TABLES, Carried

AT_ONCE = 500
"""Rows in memory; of tables that hold what may be large, one."""

_ONE_MOMENT = "set transaction read only"
_AS_WRITTEN = text(
    "select set_config('statement_timeout', '0', true), set_config('lock_timeout', '60000', true),"
    " set_config('idle_in_transaction_session_timeout', '0', true),"
    " set_config('timezone', 'UTC', true), set_config('datestyle', 'ISO', true),"
    " set_config('intervalstyle', 'iso_8601', true), set_config('bytea_output', 'hex', true),"
    " set_config('extra_float_digits', '1', true)"
)
"""As long as it takes, and whatever decides how a value is written as text."""

# entries are given out in order and numbered within moments: what has no number is among the last
_UNNUMBERED = text(
    "select exists (select from (select j.id from public.journal j where j.org_id = :org"
    " order by j.id desc limit :last) j where not exists (select from system.journal_numbers n"
    " where n.org_id = :org and n.entry_id = j.id))"
)
_LEDGER = text(
    "select t.currency || ' ' || t.account as account, sum(t.amount)::text as amount from public.ledger_entries t"
    " where t.org_id = :org group by 1 order by 1"
)
_SCHEMA = text("select version_num from public.alembic_version")
_FILES = text(
    "select t.id, t.width is not null from public.files t"
    " where t.org_id = :org and t.purged_at is null order by t.id"
)
_CHANGED_ENTRY = text(
    "select n.seq from system.journal_numbers n left join public.journal j"
    " on j.org_id = n.org_id and j.id = n.entry_id where n.org_id = :org"
    " and (j.id is null or system.digest_of(j) is distinct from n.digest) order by n.seq limit 1"
)


@dataclass(frozen=True)
class Figures:
    """What tells the rows of a table from others."""

    rows: int
    sha256: str

    def told(self) -> dict[str, Any]:
        return {"rows": self.rows, "sha256": self.sha256}


async def begin(session: AsyncSession) -> None:
    """One moment for everything that is read from now on. First in the session."""
    await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    await session.execute(text(_ONE_MOMENT))
    await as_written(session)


async def as_written(session: AsyncSession) -> None:
    """Let values be written as in every archive, for the rest of the transaction."""
    await session.execute(_AS_WRITTEN)


async def all_numbered(session: AsyncSession) -> bool:
    """Whether every entry of the journal that is seen has its number."""
    given = {"org": scope_of(session).org_id, "last": 1000}
    return not await session.scalar(_UNNUMBERED, given)


async def count(session: AsyncSession) -> int:
    """How many rows there are to read."""
    org, rows = scope_of(session).org_id, 0
    for one in (*TABLES, ENTRIES):
        counting = f"select count(*) from {one.source} where {one.where}"  # noqa: S608 - names of our own
        rows += await session.scalar(text(counting), {"org": org}) or 0
    return rows


async def lines(session: AsyncSession, table: Carried) -> AsyncIterator[list[str]]:
    """The rows of a table as JSON, some at a time."""
    at_once = 1 if table.wide else AT_ONCE
    found = await session.stream(
        text(table.query),
        {"org": scope_of(session).org_id},
        execution_options={"yield_per": at_once},
    )
    async for some in found.scalars().partitions(at_once):
        yield list(some)


async def figures(session: AsyncSession, table: Carried) -> Figures:
    """How many rows a table has, and the digest of their lines."""
    whole, rows = hashlib.sha256(), 0
    async for some in lines(session, table):
        for line in some:
            whole.update(line.encode() + b"\n")
        rows += len(some)
    return Figures(rows, whole.hexdigest())


async def schema(session: AsyncSession) -> str:
    """The schema's revision."""
    found: str = (await session.execute(_SCHEMA)).scalar_one()
    return found


async def ledger(session: AsyncSession) -> dict[str, str]:
    """The sums of the ledger's accounts."""
    found = await session.execute(_LEDGER, {"org": scope_of(session).org_id})
    return {one.account: one.amount for one in found}


async def files(session: AsyncSession) -> list[tuple[Any, bool]]:
    """The files whose content is kept: the id, and whether it is a picture."""
    found = await session.execute(_FILES, {"org": scope_of(session).org_id})
    return [(id, picture) for id, picture in found]


async def changed_entry(session: AsyncSession) -> int | None:
    """The first number of the journal whose entry is not what was written."""
    found: int | None = await session.scalar(_CHANGED_ENTRY, {"org": scope_of(session).org_id})
    return found
