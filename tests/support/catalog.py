"""What the database's own catalog says: the schema as definitions, and the tables of organisations.

`definitions` names every object we own with its full definition, so that two schemas can be
compared and the difference read.
"""

from collections.abc import Iterable
from typing import Any

import asyncpg

OURS = "n.nspname !~ '^(pg_|information_schema$)'"

TENANT_TABLES = """
    select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'public' and c.relkind in ('r', 'p') and c.relname <> 'alembic_version'
     order by 1
"""

_NOT_OF_AN_EXTENSION = """
    not exists (select from pg_depend d where d.classid = '{catalog}'::regclass
                  and d.objid = {alias}.oid and d.deptype = 'e')
"""

_QUERIES = {
    "schema": f"select n.nspname, n.nspacl::text from pg_namespace n where {OURS}",
    "table": f"""
        select c.oid::regclass::text, concat_ws(' ', c.relkind, c.relrowsecurity,
               c.relforcerowsecurity, c.relowner::regrole, pg_get_viewdef(c.oid), c.reloptions)
          from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where {OURS} and c.relkind in ('r', 'p', 'v', 'm', 'S', 'f')
           and {_NOT_OF_AN_EXTENSION.format(catalog="pg_class", alias="c")}
    """,
    "column": f"""
        select c.oid::regclass::text || '.' || a.attname,
               concat_ws(' ', format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
                 a.attgenerated, pg_get_expr(d.adbin, d.adrelid))
          from pg_attribute a join pg_class c on c.oid = a.attrelid
          join pg_namespace n on n.oid = c.relnamespace
          left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
         where {OURS} and c.relkind in ('r', 'p', 'v', 'm') and a.attnum > 0
           and not a.attisdropped
           and {_NOT_OF_AN_EXTENSION.format(catalog="pg_class", alias="c")}
    """,
    "constraint": f"""
        select c.conrelid::regclass::text || '.' || c.conname, pg_get_constraintdef(c.oid)
          from pg_constraint c join pg_namespace n on n.oid = c.connamespace
         where {OURS} and c.conrelid <> 0 and c.contype not in ('n', 't')
    """,
    "index": f"""
        select c.oid::regclass::text, pg_get_indexdef(c.oid) from pg_class c
          join pg_namespace n on n.oid = c.relnamespace where {OURS} and c.relkind = 'i'
    """,
    "grant": f"""
        select c.oid::regclass::text || ' to ' || one.grantee::regrole, string_agg(
               one.privilege_type, ',' order by one.privilege_type)
          from pg_class c join pg_namespace n on n.oid = c.relnamespace, aclexplode(c.relacl) one
         where {OURS} and one.grantee <> c.relowner group by 1
    """,
    "grant on column": f"""
        select c.oid::regclass::text || '.' || a.attname || ' to ' || one.grantee::regrole,
               string_agg(one.privilege_type, ',' order by one.privilege_type)
          from pg_attribute a join pg_class c on c.oid = a.attrelid
          join pg_namespace n on n.oid = c.relnamespace, aclexplode(a.attacl) one
         where {OURS} group by 1
    """,
    "policy": """
        select schemaname || '.' || tablename || '.' || policyname,
               concat_ws(' ', permissive, roles, cmd, qual, '/', with_check) from pg_policies
    """,
    "trigger": f"""
        select t.tgrelid::regclass::text || '.' || t.tgname,
               pg_get_triggerdef(t.oid) || ' ' || t.tgenabled::text
          from pg_trigger t join pg_class c on c.oid = t.tgrelid
          join pg_namespace n on n.oid = c.relnamespace where {OURS} and not t.tgisinternal
    """,
    "function": f"""
        select p.oid::regprocedure::text,
               concat_ws(' ', pg_get_functiondef(p.oid), p.proowner::regrole, p.proacl)
          from pg_proc p join pg_namespace n on n.oid = p.pronamespace
         where {OURS} and p.prokind in ('f', 'p')
           and {_NOT_OF_AN_EXTENSION.format(catalog="pg_proc", alias="p")}
    """,
    "type": f"""
        select t.oid::regtype::text, concat_ws(' ', t.typtype,
               (select array_agg(e.enumlabel order by e.enumsortorder) from pg_enum e
                 where e.enumtypid = t.oid))
          from pg_type t join pg_namespace n on n.oid = t.typnamespace
         where {OURS} and t.typtype in ('e', 'd')
           and {_NOT_OF_AN_EXTENSION.format(catalog="pg_type", alias="t")}
    """,
}


async def definitions(connection: asyncpg.Connection) -> dict[str, str]:
    """Every object outside PostgreSQL's own schemas and extensions, with its definition."""
    found = {}
    for kind, query in _QUERIES.items():
        for name, definition in await connection.fetch(query):
            found[f"{kind} {name}"] = str(definition)
    return found


def difference(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """What was lost, added or changed, as lines a person can read."""
    lines = [f"- {name}: {before[name]}" for name in sorted(before.keys() - after.keys())]
    lines += [f"+ {name}: {after[name]}" for name in sorted(after.keys() - before.keys())]
    for name in sorted(before.keys() & after.keys()):
        if before[name] != after[name]:
            lines.append(f"~ {name}: {before[name]} → {after[name]}")
    return lines


async def tenant_tables(connection: asyncpg.Connection) -> list[str]:
    """The tables that hold rows of organisations: all of `public` but Alembic's own."""
    return [name for (name,) in await connection.fetch(TENANT_TABLES)]


async def names(connection: asyncpg.Connection, query: str, *values: Any) -> list[str]:
    """The first column of a query, sorted: mostly the offenders of a rule, and hoped to be none."""
    rows: Iterable[Any] = await connection.fetch(query, *values)
    return sorted(str(row[0]) for row in rows)
