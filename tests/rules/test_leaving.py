"""No table is forgotten when an organisation leaves: each is carried, or stays for a reason that is said.

What is derived from the models (columns, keys, order) follows them; what is written by hand in
`services.leaving.carried` is held against the catalog here.
"""

import re
from collections.abc import AsyncIterator

import asyncpg
import pytest_asyncio

from app.core.model import Base
from app.services.leaving.carried import (
    BESIDE,
    ENTRIES,
    LEFT_OUT,
    PEOPLE,
    RECORDS,
    REWRITTEN,
    TABLES,
    references,
    together,
)
from tests.support.database import Database

SECRETS = re.compile(r"hash|secret|token|password|sealed|message|content$|chain|digest")
NO_SECRETS = {
    "files.sha256": "what a file is",
    "journal.digest": "what proves an entry",
    "journal.chain": "what proves the entries before it",
    "import_mappings.digest": "which headings a mapping is for",
    "mails.message": "read as nothing",
    "imports.content": "read as nothing",
}


@pytest_asyncio.fixture(scope="module")
async def catalog(database: Database) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database.admin)
    yield connection
    await connection.close()


async def test_every_table_leaves_or_stays_for_a_reason(catalog: asyncpg.Connection) -> None:
    found = {
        name.removeprefix("public.")
        for (name,) in await catalog.fetch(
            "select n.nspname || '.' || c.relname from pg_class c"
            " join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p')"
            " and n.nspname !~ '^(pg_|information_schema$)'"
        )
    }
    carried = {one.source.removesuffix(" t").removeprefix("public.") for one in TABLES}
    assert found == carried | {*LEFT_OUT} | {*BESIDE}
    assert not carried & LEFT_OUT.keys()
    assert [name for name, reason in LEFT_OUT.items() if len(reason.split()) < 3] == []


async def test_every_column_of_what_leaves_is_read(catalog: asyncpg.Connection) -> None:
    """Of the identity plane only what is named, and of a record everything."""
    for one in (*RECORDS, ENTRIES):
        table = "journal" if one is ENTRIES else one.name
        columns = {
            name
            for (name,) in await catalog.fetch(
                "select attname from pg_attribute where attrelid = ('public.' || $1)::regclass"
                " and attnum > 0 and not attisdropped and attgenerated = ''",
                table,
            )
        }
        beside = {"seq", "digest", "chain"} if one is ENTRIES else set()
        dated = {"xid"} if one is ENTRIES else set()
        assert {*one.columns} - beside == columns - {"org_id"} - dated, table
    named = {(name, column) for name, columns in REWRITTEN.items() for column in columns}
    there = {(one.name, column) for one in RECORDS for column in one.columns}
    assert named <= there


def test_nothing_that_leaves_is_called_a_secret() -> None:
    said = {
        f"{one.name}.{column}"
        for one in (*TABLES, ENTRIES)
        for column in one.columns
        if SECRETS.search(column)
    }
    assert said <= NO_SECRETS.keys()
    assert {one.name: {*one.columns} for one in PEOPLE}["users"] == {
        "id",
        "email",
        "name",
        "disabled_at",
        "created_at",
    }


def test_each_table_comes_after_those_it_points_at() -> None:
    done: set[str] = set()
    for group in together():
        names = {one.name for one in group}
        for name in names:
            known = {one.name for one in RECORDS}
            assert references(name) & known <= done | names, name
        done |= names
    assert done == {one.name for one in RECORDS}
    assert done <= {name for name, table in Base.metadata.tables.items() if table.schema is None}


async def test_only_the_owning_role_restores(database: Database) -> None:
    """Triggers step aside for it; the serving role may say what it likes."""
    said = []
    for url in (database.app, database.relay, database.owner):
        connection = await asyncpg.connect(url)
        async with connection.transaction():
            await connection.execute("set local app.restoring = 'on'")
            said.append(await connection.fetchval("select system.restoring()"))
        said.append(await connection.fetchval("select system.restoring()"))
        await connection.close()
    assert said == [False, False, False, False, True, False]


async def test_every_journal_steps_aside_for_a_restore(catalog: asyncpg.Connection) -> None:
    guarded = "WHEN ((NOT system.restoring()))"
    loose = await catalog.fetch(
        "select tgrelid::regclass from pg_trigger where tgname in ('journal',"
        " 'issued_lines_stand', 'issued_invoices_stand', 'payments_stand')"
        " and position($1 in pg_get_triggerdef(oid)) = 0",
        guarded,
    )
    assert loose == []
