"""The walls as PostgreSQL's own catalog shows them: every table of organisations, and no table by hand.

Each test asks for offenders and hopes for none. The short lists are reviewed: what stands there has
its reason beside it, and an entry that nothing needs any more fails too.
"""

from collections.abc import AsyncIterator

import asyncpg
import pytest_asyncio

from app.core.model import Base, TenantModel
from tests.support.catalog import names, tenant_tables
from tests.support.database import Database

POLICY = "(org_id = ( SELECT (current_setting('app.org_id'::text))::uuid AS current_setting))"
"""The raising form: without a context the setting is missing, and that is an error."""

OUTSIDE = {
    "identity": "what is read before an organisation is known; only identity services reach it",
    "system": "functions, the journal's numbers and the relay's state",
    "jobs": "the queue: read by the worker, which opens a context of its own for each job",
}
"""Schemas outside row-level security (`rulings.md` 4)."""

OWN_POLICIES = {
    "journal.relay_reads": "truckroll_relay",  # numbers every organisation's entries
    "search_documents.search_reads": "truckroll_search",  # owns the one search function, no login
} | {
    f"{table.name}.backup_reads": "truckroll_backup"  # copies everything, or the backup is none
    for table in Base.metadata.tables.values()
    if table.schema is None
}
"""Policies beside the wall's: each lets one role that never serves read, and nothing else."""

NOT_LED_BY_ORG = {
    "ix_journal_xid": "the relay reads all organisations' new entries at once",
}

LOOSE_IDS = {
    "attachments.entity_id": "hangs on a record of one of several tables; reached by `ctx.get`",
    "journal.actor_id": "outlives a person; the journal never changes",
    "journal.entity_id": "names a row of any table, also one that is gone",
    "bulk_rows.record_id": "one of the records of its bulk action, reached by `ctx.get`",
    "events.series_id": "what the events of one series share; there is no row of it",
    "exports.object_id": "names an object of the store, not a row",
    "import_changes.record_id": "a record of any table that an import made; it may be gone since",
    "import_issues.record_id": "the record that a row resembles, in the table of its `entity`",
    "import_rows.record_id": "the record that a row became; it may be gone since",
    "jobs.subject_id": "what a job is about, in the table its kind knows; `ask` takes the record",
    "ledger_entries.posting_id": "groups the lines of one posting; there is no posting row",
    "mails.about_id": "what a mail tells of, in any table; `send` takes the record",
    "notes.entity_id": "hangs on any record, reached through `ctx.get` of that record",
    "pings.technician_id": "a million rows a day, swept in time; the route reads the technician",
    "sample_records.record_id": "one of the records that were made as samples, by its table",
    "search_documents.entity_id": "written by the triggers of the records themselves",
    "stored_replies.principal_id": "whoever asked; swept after its time",
    "stories.subject_id": "names a row of any table; written by `emit` from loaded records",
    "taggings.entity_id": "hangs on any record, reached through `ctx.get` of that record",
}
"""UUID columns called `…_id` that no foreign key holds, and why."""

WITHOUT_RECORD = {
    "alert_clocks": "derived: when to look for alerts again",
    "raised_alerts": "derived: since when an alert stands; facts of the visit tell it",
    "counters": "moved by numbering, under its lock",
    "journal": "is the journal",
    "preferences": "what a person likes to see: about the screen, not the business",
    "pings": "where somebody was at an instant: it changes only to be more precise, and goes in time",
    "search_documents": "derived by triggers",
    "travel_times": "what a map service said of a drive, remembered for a while",
    "stories": "the journal's own index",
    "stored_replies": "about the request, not the business",
}
"""Tenant tables that are not records: no version, no journal entry."""

NOT_JOURNALLED = {
    "archives": "an archive holds the journal: what is known of it stands outside",
    "command_runs": "which entries of the journal a command of the board wrote",
    "commands": "what can be undone for some days; what it did is journalled",
    "import_changes": "what an import did to a record; that record's own entries tell it",
    "import_rows": "what a row became; that record's own entries tell it",
    "geocodes": "what a provider answered, remembered for a while",
    "site_lookups": "how far a background job is; what it does to a site is journalled",
    "import_issues": "what a file's rows were refused for; the import is journalled",
    "position_looks": "who looked: a record of itself",
    "positions": "where somebody is now; what was before it are pings",
    "jobs": "how the work is getting on; what it does is journalled",
    "support_reads": "what support read: a record of itself",
}

DEFINERS = {
    "system.find(text[],text,text[],uuid[],integer)": "truckroll_search",
    "system.find_alike(text,text[],uuid[],integer)": "truckroll_search",
    "system.resembling(text,integer)": "truckroll_search",
    "system.open_ping_days(date,date)": "truckroll_owner",
    "system.drop_ping_days(date)": "truckroll_owner",
}
"""Functions that run as their owner: search, because trigrams are not leakproof (`rulings.md` 8); the
days of pings, because the serving role makes no tables."""


@pytest_asyncio.fixture(scope="module")
async def catalog(database: Database) -> AsyncIterator[asyncpg.Connection]:
    """A superuser's connection: it sees everything, which is the point."""
    connection = await asyncpg.connect(database.admin)
    yield connection
    await connection.close()


Catalog = asyncpg.Connection


async def test_tables_are_of_an_organisation_or_in_a_schema_that_is_outside(
    catalog: Catalog,
) -> None:
    schemas = await names(
        catalog,
        "select distinct n.nspname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " where c.relkind in ('r', 'p') and n.nspname !~ '^(pg_|information_schema$)'",
    )
    assert set(schemas) <= {"public", *OUTSIDE}
    without = await names(
        catalog,
        "select t from unnest($1::text[]) t where not exists (select from pg_attribute a"
        " where a.attrelid = ('public.' || t)::regclass and a.attname = 'org_id' and a.attnotnull"
        " and a.atttypid = 'uuid'::regtype)",
        await tenant_tables(catalog),
    )
    assert without == [], "A table of `public` has org_id uuid NOT NULL."


async def test_the_models_know_every_table(catalog: Catalog) -> None:
    modelled = {table.name for table in Base.metadata.tables.values() if table.schema is None}
    assert set(await tenant_tables(catalog)) == modelled


async def test_row_level_security_is_on_and_holds_the_owner(catalog: Catalog) -> None:
    lax = await names(
        catalog,
        "select relname from pg_class where relname = any ($1) and relnamespace = 'public'::regnamespace"
        " and not (relrowsecurity and relforcerowsecurity)",
        await tenant_tables(catalog),
    )
    assert lax == [], "Call system.protect('table', 'entity') in the migration."


async def test_every_table_has_the_wall_in_its_raising_form(catalog: Catalog) -> None:
    walled = await names(
        catalog,
        "select tablename from pg_policies where schemaname = 'public' and policyname = 'org_isolation'"
        " and permissive = 'PERMISSIVE' and cmd = 'ALL' and roles = '{public}'"
        " and qual = $1 and with_check = $1",
        POLICY,
    )
    assert walled == await tenant_tables(catalog)


async def test_no_other_policy_widens_it(catalog: Catalog) -> None:
    rows = await catalog.fetch(
        "select tablename || '.' || policyname, roles::text[], cmd from pg_policies"
        " where policyname <> 'org_isolation'"
    )
    assert {name: roles for name, roles, _ in rows} == {k: [v] for k, v in OWN_POLICIES.items()}
    assert {cmd for _, _, cmd in rows} <= {"SELECT"}
    served = await names(
        catalog,
        "select r from unnest($1::text[]) r where pg_has_role('truckroll_app', r, 'MEMBER')",
        sorted(set(OWN_POLICIES.values())),
    )
    assert served == [], "The serving role must not become one of these."


async def test_keys_begin_with_the_organisation(catalog: Catalog) -> None:
    rows = await catalog.fetch(
        "select i.indexrelid::regclass::text, i.indisunique, a.attname from pg_index i"
        " join pg_class t on t.oid = i.indrelid"
        " left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]"
        " where t.relname = any ($1) and t.relnamespace = 'public'::regnamespace",
        await tenant_tables(catalog),
    )
    loose = {name for name, _, first in rows if first != "org_id"}
    assert loose == set(NOT_LED_BY_ORG)
    assert {name for name, unique, first in rows if unique and first != "org_id"} == set()


async def test_every_table_has_a_primary_key(catalog: Catalog) -> None:
    without = await names(
        catalog,
        "select t from unnest($1::text[]) t where not exists (select from pg_constraint c"
        " where c.contype = 'p' and c.conrelid = ('public.' || t)::regclass)",
        await tenant_tables(catalog),
    )
    assert without == []


async def test_exclusions_stay_inside_the_organisation(catalog: Catalog) -> None:
    loose = await names(
        catalog,
        "select c.conname from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid"
        " and a.attnum = c.conkey[1] where c.contype = 'x' and a.attname <> 'org_id'",
    )
    assert loose == []


LOOSE_KEYS = """
    select c.conname from pg_constraint c
      join pg_attribute far on far.attrelid = c.confrelid and far.attname = 'org_id'
      join pg_attribute near on near.attrelid = c.conrelid and near.attname = 'org_id'
     where c.contype = 'f' and c.conparentid = 0 and not exists (
       select from unnest(c.conkey, c.confkey) as pair (mine, theirs)
        where pair.mine = near.attnum and pair.theirs = far.attnum)
"""


async def test_foreign_keys_carry_the_organisation(catalog: Catalog) -> None:
    assert await names(catalog, LOOSE_KEYS) == [], (
        "Use belongs_to(…): (org_id, x_id) → (org_id, id)."
    )


async def test_ids_are_held_by_a_foreign_key(catalog: Catalog) -> None:
    loose = await names(
        catalog,
        "select t || '.' || a.attname from unnest($1::text[]) t join pg_attribute a"
        " on a.attrelid = ('public.' || t)::regclass and a.attnum > 0 and not a.attisdropped"
        " where a.atttypid = 'uuid'::regtype and a.attname ~ '_id$' and a.attname <> 'org_id'"
        " and not exists (select from pg_constraint c where c.conrelid = a.attrelid"
        "   and c.contype = 'f' and a.attnum = any (c.conkey))",
        await tenant_tables(catalog),
    )
    assert loose == sorted(LOOSE_IDS), "Add belongs_to(…), or a line with its reason."


async def test_set_null_never_forgets_the_organisation(catalog: Catalog) -> None:
    wide = await names(
        catalog,
        "select c.conname from pg_constraint c where c.contype = 'f' and c.confdeltype in ('n', 'd')"
        " and (c.confdelsetcols is null or exists (select from pg_attribute a where a.attname = 'org_id'"
        "   and a.attrelid = c.conrelid and a.attnum = any (c.confdelsetcols)))",
    )
    assert wide == [], "Write ON DELETE SET NULL (column)."


async def test_records_are_counted_and_journalled(catalog: Catalog) -> None:
    tables = set(await tenant_tables(catalog))
    records = {
        mapper.class_.__tablename__
        for mapper in Base.registry.mappers
        if issubclass(mapper.class_, TenantModel)
    }
    assert tables - records == set(WITHOUT_RECORD)
    registered = dict(await catalog.fetch("select name, journalled from system.tables"))
    assert set(registered) == records
    assert {name for name, kept in registered.items() if not kept} == set(NOT_JOURNALLED)
    for trigger, expected in (("count_version", records), ("journal", records - {*NOT_JOURNALLED})):
        enabled = await names(
            catalog,
            "select tgrelid::regclass from pg_trigger where tgname = $1 and tgenabled = 'O'",
            trigger,
        )
        assert enabled == sorted(expected)


async def test_trigger_functions_name_the_columns_of_today(
    catalog: Catalog, database: Database
) -> None:
    bodies = (
        "select p.oid::regprocedure::text, pg_get_functiondef(p.oid) from pg_proc p"
        " where p.pronamespace = 'system'::regnamespace and p.proname ~ '^(count|journal)_'"
    )
    written = dict(await catalog.fetch(bodies))
    owner = await asyncpg.connect(database.owner)
    transaction = owner.transaction()
    await transaction.start()
    await owner.fetch("select system.write_triggers(name) from system.tables")
    fresh = dict(await owner.fetch(bodies))
    await transaction.rollback()
    await owner.close()
    stale = sorted(name for name in fresh if written.get(name) != fresh[name])
    assert stale == [], "End the migration with select system.write_triggers('table')."
    assert sorted(written) == sorted(fresh)


async def test_only_reviewed_functions_run_as_their_owner(catalog: Catalog) -> None:
    rows = await catalog.fetch(
        "select p.oid::regprocedure::text, p.proowner::regrole::text from pg_proc p"
        " join pg_namespace n on n.oid = p.pronamespace"
        " where p.prosecdef and n.nspname !~ '^(pg_|information_schema$)'"
    )
    assert dict(rows) == DEFINERS
    unpinned = await names(
        catalog,
        "select p.oid::regprocedure from pg_proc p where p.prosecdef and"
        " not 'search_path=pg_catalog, pg_temp' = any (p.proconfig)",
    )
    assert unpinned == [], "A definer function pins search_path to pg_catalog, pg_temp."


async def test_functions_of_triggers_pin_their_search_path(catalog: Catalog) -> None:
    unpinned = await names(
        catalog,
        "select distinct p.oid::regprocedure from pg_trigger t join pg_proc p on p.oid = t.tgfoid"
        " where not t.tgisinternal and not coalesce(p.proconfig::text, '') ~ 'search_path='",
    )
    assert unpinned == []


async def test_views_do_not_lend_rights(catalog: Catalog) -> None:
    lending = await names(
        catalog,
        "select c.oid::regclass from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " where n.nspname !~ '^(pg_|information_schema$)' and (c.relkind = 'm' or c.relkind = 'v'"
        " and not 'security_invoker=true' = any (coalesce(c.reloptions, '{}')))",
    )
    assert lending == [], "Views are security_invoker; a materialised view has no walls at all."


async def test_nobody_is_granted_more_than_rows(catalog: Catalog) -> None:
    granted = await names(
        catalog,
        "select grantee || ': ' || privilege_type || ' on ' || table_name"
        " from information_schema.role_table_grants"
        " where table_schema !~ '^(pg_|information_schema$)' and grantee <> 'truckroll_owner'"
        " and (privilege_type not in ('SELECT', 'INSERT', 'UPDATE', 'DELETE') or grantee = 'PUBLIC')",
    )
    assert granted == [], "TRUNCATE, TRIGGER and REFERENCES pass the walls."


async def test_the_serving_role_changes_no_history(catalog: Catalog) -> None:
    changes = await names(
        catalog,
        "select t || ' ' || act from unnest(array['journal', 'stories', 'ledger_entries',"
        " 'system.journal_numbers', 'system.journal_heads']) t,"
        " unnest(array['UPDATE', 'DELETE', 'TRUNCATE']) as act"
        " where has_table_privilege('truckroll_app', t, act)",
    )
    assert changes == []


async def test_nobody_creates_objects_but_the_owner(catalog: Catalog) -> None:
    creating = await names(
        catalog,
        "select r.rolname || ' in ' || n.nspname from pg_roles r, pg_namespace n"
        " where r.rolname ~ '^truckroll_' and r.rolname <> 'truckroll_owner'"
        " and n.nspname !~ '^(pg_|information_schema$)'"
        " and has_schema_privilege(r.oid, n.oid, 'CREATE')",
    )
    assert creating == []


async def test_money_and_time_are_exact(catalog: Catalog) -> None:
    vague = await names(
        catalog,
        "select t || '.' || a.attname || ' ' || format_type(a.atttypid, null) from unnest($1::text[]) t"
        " join pg_attribute a on a.attrelid = ('public.' || t)::regclass and a.attnum > 0"
        " where a.atttypid in ('real'::regtype, 'double precision'::regtype, 'money'::regtype,"
        " 'timestamp'::regtype, 'timetz'::regtype, 'json'::regtype, 'integer'::regtype,"
        " 'smallint'::regtype)",
        await tenant_tables(catalog),
    )
    assert vague == []


async def test_nothing_under_the_walls_is_an_enum(catalog: Catalog) -> None:
    enums = await names(
        catalog,
        "select t || '.' || a.attname from unnest($1::text[]) t join pg_attribute a"
        " on a.attrelid = ('public.' || t)::regclass and a.attnum > 0"
        " join pg_type y on y.oid = a.atttypid where y.typtype = 'e'",
        await tenant_tables(catalog),
    )
    assert enums == [], "Operators of enums are not leakproof: use text and one_of(…)."
