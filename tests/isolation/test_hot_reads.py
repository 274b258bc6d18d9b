"""Hot reads hold behind either wall alone: their own clauses, and row-level security (`rulings.md` 9).

Each of a function's clauses is planted away while row-level security is off and the other
organisation holds rows with the very same ids; whatever then comes out must differ.
"""

import re
from collections import defaultdict
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
import pytest_asyncio

from app.core.crypto import token_hash
from app.core.hot import SETTINGS
from app.models.permissions import Permission, RecordScope
from app.services.hot import LISTS, ONES
from app.services.hot.building import built, built_search
from app.services.hot.registry import ADD_CUSTOMER, FIND
from app.services.hot.shapes import Shape
from app.services.search import SEARCHED
from tests.isolation.walls import undone, without_row_level_security
from tests.support.catalog import tenant_tables
from tests.support.database import Database
from tests.support.world import World

RIGHTS = [one.value for one in Permission]
RECORDS = {"customers": "customer", "work_orders": "work_order", "visits": "visit"}
CLAUSE = re.compile(r"\b\w+\.org_id = (?:p_org|who\.org_id)")
READERS = {
    "system.customers_json": ("customers", "system.customers_json($1, array[$2::uuid], $3)"),
    "system.work_orders_json": (
        "work_orders",
        "system.work_orders_json($1, array[$2::uuid], $3, null)",
    ),
    "system.visits_json": ("visits", "system.visits_json($1, array[$2::uuid], $3)"),
}
HANG = """
update taggings set entity_id = {id} where (org_id, id) = (select org_id, id from taggings {ours});
update customer_contacts set customer_id = {customer} where (org_id, id) =
  (select org_id, id from customer_contacts {ours});
update ledger_entries set customer_id = {customer}, account = 'receivable', amount = 700
  where org_id = {org};
update checklist_items set work_order_id = {work_order}, done_at = null, required = true where (org_id, id) =
  (select org_id, id from checklist_items {ours});
update work_order_equipment set work_order_id = {work_order} where (org_id, id) =
  (select org_id, id from work_order_equipment {ours});
update notes set entity_id = {id}, deleted_at = null where (org_id, id) =
  (select org_id, id from notes {ours});
insert into notes select (jsonb_populate_record(n, jsonb_build_object('id', gen_random_uuid(),
  'entity_id', md5('elsewhere')::uuid))).* from notes n {ours};
update attachments set entity_id = {id}, deleted_at = null where (org_id, id) =
  (select org_id, id from attachments {ours});
update files set deleted_at = null where org_id = {org};
update contacts set deleted_at = null where org_id = {org};
update tags set deleted_at = null where org_id = {org};
update promises set visit_id = {visit}, closed_at = null where (org_id, id) =
  (select org_id, id from promises {ours});
update visit_pauses set visit_id = {visit} where (org_id, id) =
  (select org_id, id from visit_pauses {ours});
update assignments set visit_id = {visit}, status = 'offered' where (org_id, id) =
  (select org_id, id from assignments {ours});
delete from visit_vehicles where org_id = {org} and (org_id, id) not in
  (select org_id, id from visit_vehicles {ours});
update visit_vehicles set visit_id = {visit} where (org_id, id) =
  (select org_id, id from visit_vehicles {ours});
update visits set work_order_id = {work_order}, crew_id = (select id from crews {ours}),
  status = 'unscheduled', deleted_at = null where org_id = {org} and id = {visit};
update work_orders set customer_id = {customer}, status = 'ready', deleted_at = null
  where org_id = {org} and id = {work_order};
update job_types set gate = '[{{"before": "work_order.complete", "need": "notes", "at_least": 9}},
  {{"before": "work_order.complete", "need": "attachments", "at_least": 9}},
  {{"before": "visit.complete", "need": "every_step", "at_least": 1}},
  {{"before": "visit.complete", "need": "notes", "at_least": 9}},
  {{"before": "visit.complete", "need": "attachments", "at_least": 9}}]' where org_id = {org};
update customers set credit_held_at = '2026-01-01', credit_hold_reason = 'r',
  credit_held_by_id = (select id from members {ours}), service_stopped_at = '2026-01-01',
  service_stop_reason = 'r', service_stopped_by_id = (select id from members {ours}),
  deleted_at = null where org_id = {org} and id = {customer};
update visits set follows_id = null where org_id = {org};
update visits set follows_id = {visit}, deleted_at = null where org_id = {org} and id =
  (select id from visits where org_id = {org} and id <> {visit} order by id limit 1);
update work_orders set call_back_of_id = null where org_id = {org};
update work_orders set call_back_of_id = {work_order}, deleted_at = null where org_id = {org} and id =
  (select id from work_orders where org_id = {org} and id <> {work_order} order by id limit 1);
update work_orders set call_back_of_id =
  (select id from work_orders where org_id = {org} and id <> {work_order} order by id limit 1)
  where org_id = {org} and id = {work_order}
"""

RESEMBLED_BY_ALL = """
update customers set phone = '+13125550001', second_phone = '+13125550002', email = 'v1@example.com',
  deleted_at = null where org_id = {org} and id = {customer};
update contacts set phone = '+13125550003', mobile = '+13125550004', email = 'v2@example.com',
  deleted_at = null where org_id = {org};
update sites set street = '4711 Kqvwz Road', city = 'Ostrava', postal_code = '60601-1',
  deleted_at = null where org_id = {org};
update customer_contacts set customer_id = {customer} where org_id = {org};
update site_parties set customer_id = {customer}, ends_on = null where org_id = {org}
"""

SHARED_NO_MORE = """
update contacts set phone = null, mobile = null, email = null where org_id = {org};
update sites set street = '1 Elsewhere' where org_id = {org};
update customers set deleted_at = created_at where org_id = {org}
"""


async def become_the_server(connection: asyncpg.Connection, org: UUID) -> None:
    """The serving role with the settings of the pool, in the context of `org`."""
    for name, value in SETTINGS.items():
        await connection.execute("select set_config($1, $2, true)", name, value)
    await connection.execute("set local role truckroll_app")
    for name in ("org_id", "actor_id", "source", "request_id", "now"):
        said = str(org) if name == "org_id" else ""
        await connection.execute("select set_config($1, $2, true)", f"app.{name}", said)


def questions(asker: World, org: UUID, ids: dict[str, str]) -> list[tuple[str, str, list[Any]]]:
    """Every built statement and every function that renders, asked about `org` by `asker`."""
    told = {"org": org, "user": asker.owner.user_id, "permissions": RIGHTS, "limit": 100}
    found = [
        (name, f"select {call} as body", [org, ids[table], RIGHTS])
        for name, (table, call) in READERS.items()
    ]
    for scope in RecordScope:
        for name, one in ONES.items():
            statement = built(Shape(one.model, one.render, scope))
            values = {**told, "id": ids[one.model.__tablename__], "limit": 1}
            found.append((f"{name} {scope}", statement.sql, statement.arguments(values)))
        for name, many in LISTS.items():
            for sort in many.query.SORTS:
                shape = Shape(many.model, many.render, scope, many.query, sort=sort, most=200)
                statement = built(shape)
                found.append((f"{name} {scope}", statement.sql, statement.arguments(told)))
        statement = built_search(scope, tuple(SEARCHED))
        values = {**told, "words": ["%victimzk%"], "digits": "", "entities": list(SEARCHED)}
        values["limit"] = 200
        found.append((f"search {scope}", statement.sql, statement.arguments(values)))
    return found


def ids_of(world: World) -> dict[str, str]:
    return {table: world.id(name) for table, name in RECORDS.items()}


async def test_without_row_level_security_a_strangers_id_finds_nothing(
    database: Database, ours: World, victim: World
) -> None:
    async with undone(database) as connection, without_row_level_security(connection):
        await become_the_server(connection, ours.company.id)
        for name, sql, arguments in questions(ours, ours.company.id, ids_of(victim)):
            for row in await connection.fetch(sql, *arguments):
                assert "VICTIMZK" not in (row["body"] or ""), name
        caller = [token_hash(ours.owner.tokens["access_token"]), _now(), "test", "test", ""]
        for name, one in ONES.items():
            id = ids_of(victim)[one.model.__tablename__]
            row = await connection.fetchrow(one.sql, *caller, id)
            assert (row["state"], row["body"]) == ("refused", None), name
        row = await connection.fetchrow(FIND, *caller, ["%victimzk%"], "", None, 200)
        assert (row["state"], row["body"]) == ("refused", None)
        await connection.execute("reset role")


async def test_with_the_organisation_swapped_row_level_security_gives_nothing(
    database: Database, ours: World, victim: World
) -> None:
    async with undone(database) as connection:
        await become_the_server(connection, ours.company.id)
        for name, sql, arguments in questions(victim, victim.company.id, ids_of(victim)):
            rows = await connection.fetch(sql, *arguments)
            assert [row["body"] for row in rows if row["body"]] == [], name
        await become_the_server(connection, victim.company.id)
        answered = [
            row["body"]
            for _, sql, arguments in questions(victim, victim.company.id, ids_of(victim))
            for row in await connection.fetch(sql, *arguments)
        ]
        assert any("VICTIMZK" in (body or "") for body in answered)  # it was there to be found


def _now() -> Any:
    from app.core import clock

    return clock.now()


@pytest_asyncio.fixture(scope="module")
async def clauses(database: Database) -> dict[str, str]:
    """The source of each function that names its organisation."""
    connection = await asyncpg.connect(database.admin)
    rows = await connection.fetch(
        "select n.nspname || '.' || p.proname as name, pg_get_functiondef(p.oid) as source"
        " from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
        " where n.nspname in ('system', 'identity')"
        " and p.proname = any (array['customers_json', 'work_orders_json', 'visits_json',"
        " 'read_customer', 'read_work_order', 'read_visit',"
        " 'create_customer', 'resembled', 'compared_json'])"
    )
    await connection.close()
    return {row["name"]: row["source"] for row in rows}


@pytest_asyncio.fixture
async def twins(database: Database, ours: World, victim: World) -> AsyncIterator[Any]:
    """Row-level security off, and everything of ours in the other organisation too, by the same ids."""
    async with undone(database) as connection, without_row_level_security(connection):
        await connection.execute("set local session_replication_role = replica")
        yield connection


@pytest.mark.parametrize("record", RECORDS)
async def test_every_clause_of_a_hot_read_is_needed(
    twins: asyncpg.Connection, ours: World, victim: World, clauses: dict[str, str], record: str
) -> None:
    ids = ids_of(ours)
    org = f"'{ours.company.id}'::uuid"
    await twins.execute(
        HANG.format(
            org=org,
            ours=f"where org_id = {org} limit 1",
            id=f"'{ids[record]}'::uuid",
            **{name: f"'{ids[table]}'::uuid" for table, name in RECORDS.items()},
        )
    )
    call = READERS[f"system.{record}_json"][1]
    rendering = (
        f"system.{record}_json",
        f"select {call} as body",
        [ours.company.id, ids[record], RIGHTS],
    )
    name = f"identity.read_{RECORDS[record]}"
    caller = [token_hash(ours.owner.tokens["access_token"]), _now(), "test", "test", ""]
    reading = (name, f"select body from {name}($1, $2, $3, $4, $5, $6)", [*caller, ids[record]])
    for function, sql, arguments in (rendering, reading):
        whole = await twins.fetchval(sql, *arguments)
        assert whole, function
        async with twins.transaction():
            for table in await tenant_tables(twins):
                await _copy(twins, table, ours.company.id, victim.company.id)
            assert await twins.fetchval(sql, *arguments) == whole, function
            source = clauses[function]
            places = list(CLAUSE.finditer(source))
            assert places, function
            # a visit of theirs that claims our work order, and a note of ours that hangs on it
            await twins.execute(
                "insert into public.visits select (jsonb_populate_record(v, jsonb_build_object("
                "'id', md5('elsewhere')::uuid))).* from public.visits v"
                " where org_id = $1 and id = $2",
                victim.company.id,
                ids["visits"],
            )
            survivors = [
                source[place.start() - 200 : place.end() + 60]
                for place in places
                if await _answer(
                    twins, f"{source[: place.start()]}true{source[place.end() :]}", sql, arguments
                )
                == whole
            ]
            assert survivors == [], function
            await twins.execute(source)


async def test_every_clause_of_whom_somebody_resembles_is_needed(
    twins: asyncpg.Connection, ours: World, victim: World, clauses: dict[str, str]
) -> None:
    assert not CLAUSE.search(clauses["identity.create_customer"])  # it looks at nothing itself
    org, customer = ours.company.id, ours.id("customer")
    for link in ("customer_contacts", "site_parties"):
        one = f"(select id from {link} where org_id = '{org}' limit 1)"
        await twins.execute(f"delete from {link} where org_id = '{org}' and id <> {one}")
    await twins.execute(
        RESEMBLED_BY_ALL.format(org=f"'{org}'::uuid", customer=f"'{customer}'::uuid")
    )
    for table in await tenant_tables(twins):
        await _copy(twins, table, org, victim.company.id)
    house = "4711 Kqvwz Rd"
    asked = [
        *([None, f"+1312555000{n}", None, None, None, None] for n in (1, 2, 3, 4)),
        *([None, None, f"v{n}@example.com", None, None, None] for n in (1, 2)),
        [None, None, None, house, "ostrava", None],
        [None, None, None, house, None, "60601"],
    ]
    finding = "select cardinality(system.resembled($1, $2, $3, $4, $5, $6, $7, true))"
    telling = "select system.compared_json($1, array[$2::uuid], true, true)"
    proofs = (
        ("system.resembled", 10, finding, [[org, *one] for one in asked]),
        ("system.compared_json", 5, telling, [[org, customer]]),
    )
    said: dict[str, list[Any]] = defaultdict(list)
    # first all is there twice; then what is shared is only theirs, by the ids of ours
    for ours_share in (True, False):
        for name, clauses_in, sql, arguments in proofs:
            source = clauses[name]
            places = list(CLAUSE.finditer(source))
            assert len(places) == clauses_in, name
            mutants = [f"{source[: one.start()]}true{source[one.end() :]}" for one in places]
            for writing in (source, *mutants):
                said[writing] += [await _answers(twins, writing, sql, one) for one in arguments]
            assert all(said[source]) is ours_share, name
        await twins.execute(SHARED_NO_MORE.format(org=f"'{org}'::uuid"))
    for name, *_ in proofs:
        alike = [one for one in said if said[one] == said[clauses[name]]]
        assert alike == [clauses[name]], alike


async def _answers(
    connection: asyncpg.Connection, source: str, sql: str, arguments: list[Any]
) -> Any:
    """What a function answers in this writing, and nothing of it is left."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        await connection.execute(source)
        return await connection.fetchval(sql, *arguments)
    finally:
        await transaction.rollback()


async def test_a_customer_of_another_organisation_is_refused_by_the_wall(
    database: Database, ours: World, victim: World, clauses: dict[str, str]
) -> None:
    source = clauses["identity.create_customer"]
    stranger = f"'{victim.company.id}'::uuid"
    for insert in ("customers", "journal", "stories", "stored_replies"):
        begun = source.index(f"insert into public.{insert}")
        values = source.index("values", begun)
        at = re.compile(r"who\.org_id|\borg_id\b").search(source, values)
        assert at is not None
        mutant = f"{source[: at.start()]}{stranger}{source[at.end() :]}"
        async with undone(database) as connection:
            await connection.execute(mutant)
            for name, value in SETTINGS.items():
                await connection.execute("select set_config($1, $2, true)", name, value)
            await connection.execute("set local role truckroll_app")
            caller = [token_hash(ours.owner.tokens["access_token"]), _now(), "test", "test", ""]
            named = ["person", "active", "Zqxjv Wkbpf", "zqxjv wkbpf", None, None]
            rest = [None, None, None, None, None, None, False, None, None, None, None]
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
                await connection.fetchrow(
                    ADD_CUSTOMER, *caller, "key", None, b"", uuid4(), *named, *rest
                )


async def _copy(connection: asyncpg.Connection, table: str, ours: UUID, theirs: UUID) -> None:
    """The rows of ours as rows of theirs, instead of what they had."""
    columns = await connection.fetchval(
        "select string_agg(quote_ident(attname), ', ') from pg_attribute where attnum > 0"
        " and attrelid = $1::regclass and attgenerated = '' and attidentity = ''"
        " and not attisdropped and attname <> 'org_id'",
        f"public.{table}",
    )
    await connection.execute(f"delete from public.{table} where org_id = $1", theirs)
    await connection.execute(
        f"insert into public.{table} (org_id, {columns}) select $2, {columns} from public.{table}"
        " where org_id = $1",
        ours,
        theirs,
    )


async def _answer(
    connection: asyncpg.Connection, source: str, sql: str, arguments: list[Any]
) -> Any:
    """What a function answers in this writing; an error is an answer too."""
    try:
        async with connection.transaction():
            await connection.execute(source)
            return await connection.fetchval(sql, *arguments)
    except asyncpg.PostgresError as error:
        return error
