"""What an organisation's rows are, in one number a table: the same before and after, or not.

Nothing of a row is read for it. Every version of a row carries the transaction that wrote it, and
these only grow: whatever is added, changed or taken away makes other sums.
"""

from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

import asyncpg
from asyncpg.prepared_stmt import PreparedStatement

_TABLES = """
    select n.nspname, c.relname, array_agg(a.attname) from pg_class c
      join pg_namespace n on n.oid = c.relnamespace
      join pg_attribute a on a.attrelid = c.oid and a.attname in ('org_id', 'id')
     where n.nspname in ('public', 'identity', 'jobs') and c.relkind in ('r', 'p')
     group by 1, 2 order by 1, 2
"""
_EVERY_TABLE = """
    select format('%I.%I', schemaname, tablename) from pg_tables
     where schemaname in ('public', 'identity', 'system', 'jobs')
       and tablename not in ('allowances', 'position_looks')
     order by 1
"""
_SUM = (
    "select '{table}', count(*) || ' ' || coalesce(sum(t.xmin::text::bigint), 0)"
    " || ' ' || coalesce(max(t.xmin::text::bigint), 0) from {table} t"
)

_NEXT = "select pg_current_snapshot()::text"
"""Which transactions have written or are at it: the same again, and nothing was written meanwhile."""

_of_one: dict[asyncpg.Connection, PreparedStatement] = {}
_of_all: dict[asyncpg.Connection, PreparedStatement] = {}
"""Of the few connections that ask. By itself asyncpg keeps no statement as long as these, and each
would be planned again every time."""
_seen: WeakKeyDictionary[asyncpg.Connection, dict[Any, tuple[str, dict[str, Any]]]]
_seen = WeakKeyDictionary()


async def fingerprint(admin: asyncpg.Connection, org_id: UUID) -> dict[str, Any]:
    """Table → how many rows of the organisation it holds, and what tells their versions."""
    if admin not in _of_one:
        _of_one[admin] = await _prepared(
            admin,
            " union all ".join(
                _SUM.format(table=f"{schema}.{table}")
                + f" where {'org_id' if 'org_id' in columns else 'id'} = $1"
                for schema, table, columns in await admin.fetch(_TABLES)
                if "org_id" in columns or table == "organisations"
            ),
        )
    return await _looked(admin, _of_one[admin], org_id)


async def everything(admin: asyncpg.Connection) -> dict[str, Any]:
    """Every table, whoever's rows it holds → how many, and what tells their versions. Not what
    callers have left of their rate limits: a refusal is charged too; nor that somebody looked where
    people are, which is noted of every read."""
    if admin not in _of_all:
        _of_all[admin] = await _prepared(
            admin,
            " union all ".join(
                _SUM.format(table=name) for (name,) in await admin.fetch(_EVERY_TABLE)
            ),
        )
    return await _looked(admin, _of_all[admin])


async def _prepared(admin: asyncpg.Connection, query: str) -> PreparedStatement:
    """A statement over all tables, by this process alone: helpers are begun for longer than it takes."""
    await admin.execute("set max_parallel_workers_per_gather = 0")
    return await admin.prepare(query)


async def _looked(
    admin: asyncpg.Connection, query: PreparedStatement, *values: Any
) -> dict[str, Any]:
    """What the query finds; what it found before, while nobody has written anything."""
    seen = _seen.setdefault(admin, {})
    upcoming = str(await admin.fetchval(_NEXT))
    if values not in seen or seen[values][0] != upcoming:
        seen[values] = upcoming, dict(await query.fetch(*values))
    return seen[values][1]
