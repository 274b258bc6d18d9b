"""What is in a database, in figures: two databases with equal surveys hold the same.

It is taken by the backup role, which sees every organisation's rows. What cannot be the same in two
databases is left out: transaction ids and the relay's snapshot, what is unlogged, and the revision,
which a restore writes last.
"""

from typing import Any

import asyncpg

SETTINGS = {
    "timezone": "UTC",
    "datestyle": "ISO",
    "intervalstyle": "iso_8601",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "application_name": "truckroll backup",
}
"""Whatever decides how a value is written as text."""


def _ours(statement: str) -> str:
    """`statement` about the schemas that are not PostgreSQL's own, where it says OURS."""
    return statement.replace("OURS", "n.nspname !~ '^(pg_|information_schema$)'")


_COLUMNS = """
    select format('%I.%I', n.nspname, c.relname) as name,
           string_agg(format('t.%I', a.attname), ', ' order by a.attnum) as columns
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where OURS and c.relkind = 'r' and c.relpersistence = 'p'
       and c.oid not in ('public.alembic_version'::regclass, 'system.relay_state'::regclass)
       and not (c.oid = 'public.journal'::regclass and a.attname = 'xid')
     group by 1 order by 1
"""

# sixty bits of each row's digest, added up: equal whatever order the rows are read in
_CONTENT = """
    select count(*), coalesce(sum(('x' || left(encode(sha256(convert_to(row({columns})::text, 'UTF8')),
           'hex'), 15))::bit(60)::bigint), 0)::text from {name} t
"""

_OBJECTS = {
    "tables": """select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where OURS and c.relkind = 'r'""",
    "indexes": """select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where OURS and c.relkind = 'i'""",
    "constraints": """select count(*) from pg_constraint c
        join pg_namespace n on n.oid = c.connamespace where OURS and c.contype not in ('n', 't')""",
    "triggers": "select count(*) from pg_trigger where not tgisinternal",
    "functions": """select count(*) from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where OURS and not exists (select from pg_depend d where d.objid = p.oid
          and d.classid = 'pg_proc'::regclass and d.deptype = 'e')""",
    "policies": "select count(*) from pg_policies",
    "grants": """select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace,
        aclexplode(c.relacl) one where OURS and one.grantee <> c.relowner""",
}

_OWNED_BY_OTHERS = """
    select n.nspname as schema, p.oid::regprocedure::text as function, r.rolname as owner
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      join pg_roles r on r.oid = p.proowner
     where OURS and p.proowner <> n.nspowner and not exists (select from pg_depend d
       where d.objid = p.oid and d.classid = 'pg_proc'::regclass and d.deptype = 'e')
     order by 2
"""

_ORGANISATIONS = """
    select o.id::text as id, o.slug, coalesce(h.seq, 0) as seq,
           encode(coalesce(h.chain, ''), 'hex') as chain
      from identity.organisations o left join system.journal_heads h on h.org_id = o.id
     order by o.id
"""

_LEDGER = """
    select org_id::text, currency || ' ' || account, sum(amount)::text from public.ledger_entries
     group by 1, 2 order by 1, 2
"""

WALLESS = """
    select c.relname from pg_class c
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
       and c.relname <> 'alembic_version' and not (c.relrowsecurity and c.relforcerowsecurity
         and exists (select from pg_policies p where p.schemaname = 'public'
           and p.tablename = c.relname and p.policyname = 'org_isolation'))
     order by 1
"""
"""Tables of organisations that row-level security does not hold."""

UNBALANCED = """
    select org_id || ', posting ' || posting_id from public.ledger_entries
     group by org_id, posting_id, currency having sum(amount) <> 0 order by 1 limit 10
"""

BROKEN_CHAIN = """
    select org_id || ', number ' || seq from (
      select n.org_id, n.seq, n.chain, n.digest, system.digest_of(j) as present,
             row_number() over each as place, coalesce(lag(n.chain) over each, '') as before
        from system.journal_numbers n
        left join public.journal j on j.org_id = n.org_id and j.id = n.entry_id
      window each as (partition by n.org_id order by n.seq)) link
     where seq <> place or present is distinct from digest or chain <> sha256(before || digest)
     order by 1 limit 10
"""
"""Numbers at which the journal is not what was written (as `services.journal_chain`, for all)."""

UNNUMBERED = """
    select count(*) from public.journal j
     where not exists (select from system.journal_numbers n
                        where n.org_id = j.org_id and n.entry_id = j.id)
"""


async def take(connection: asyncpg.Connection) -> dict[str, Any]:
    """The survey, in the transaction that `connection` is in."""
    tables = {}
    for one in await connection.fetch(_ours(_COLUMNS)):
        rows, content = await connection.fetchrow(
            _CONTENT.format(columns=one["columns"], name=one["name"])
        )
        tables[one["name"]] = {"rows": rows, "content": content}
    ledger: dict[str, dict[str, str]] = {}
    for org_id, account, amount in await connection.fetch(_LEDGER):
        ledger.setdefault(org_id, {})[account] = amount
    return {
        "tables": tables,
        "objects": {kind: await connection.fetchval(_ours(sql)) for kind, sql in _OBJECTS.items()},
        "owned_by_others": [dict(one) for one in await connection.fetch(_ours(_OWNED_BY_OTHERS))],
        "organisations": {
            one["id"]: {
                "slug": one["slug"],
                "journal": {"seq": one["seq"], "chain": one["chain"]},
                "ledger": ledger.get(one["id"], {}),
            }
            for one in await connection.fetch(_ORGANISATIONS)
        },
    }


def differences(was: Any, now: Any, where: str = "") -> list[str]:
    """What is not the same in two surveys, as paths with both values."""
    if isinstance(was, dict) and isinstance(now, dict):
        return [
            one
            for key in sorted({*was, *now})
            for one in differences(was.get(key), now.get(key), f"{where}/{key}")
        ]
    return [] if was == now else [f"{where}: {was} was saved, {now} came back"]
