"""What an organisation's rows are, in one number a table: the same before and after, or not."""

from typing import Any
from uuid import UUID

import asyncpg

_TABLES = """
    select n.nspname, c.relname, array_agg(a.attname) from pg_class c
      join pg_namespace n on n.oid = c.relnamespace
      join pg_attribute a on a.attrelid = c.oid and a.attname in ('org_id', 'id')
     where n.nspname in ('public', 'identity', 'jobs') and c.relkind in ('r', 'p')
     group by 1, 2 order by 1, 2
"""


async def fingerprint(admin: asyncpg.Connection, org_id: UUID) -> dict[str, Any]:
    """Table → how many rows of the organisation it holds, and the digest of them all."""
    parts = []
    for schema, table, columns in await admin.fetch(_TABLES):
        if "org_id" in columns or table == "organisations":
            column = "org_id" if "org_id" in columns else "id"
            parts.append(
                f"select '{schema}.{table}', count(*) || ' ' || coalesce(md5(string_agg(t::text,"
                f" '|' order by t::text)), '') from {schema}.{table} t where {column} = $1"
            )
    rows = await admin.fetch(" union all ".join(parts), org_id)
    return dict(rows)


_EVERY_TABLE = """
    select format('%I.%I', schemaname, tablename) from pg_tables
     where schemaname in ('public', 'identity', 'system', 'jobs') and tablename <> 'allowances'
     order by 1
"""


async def everything(admin: asyncpg.Connection) -> dict[str, Any]:
    """Every table, whoever's rows it holds → how many, and the digest of them all. Not what callers
    have left of their rate limits: a refusal is charged too."""
    tables = [name for (name,) in await admin.fetch(_EVERY_TABLE)]
    parts = [
        f"select '{name}', count(*) || ' ' || coalesce(md5(string_agg(t::text, '|'"
        f" order by t::text)), '') from {name} t"
        for name in tables
    ]
    return dict(await admin.fetch(" union all ".join(parts)))
