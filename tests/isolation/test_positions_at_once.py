"""Positions that are read and kept in one question hold behind either wall alone.

As for the hot reads: each clause is planted away while row-level security is off and the other
organisation holds rows with the very same ids; whatever then comes out must differ.
"""

from typing import Any
from uuid import UUID

import asyncpg

from app.core import clock
from app.core.crypto import token_hash
from app.services.hot.registry import TAKE_PINGS, TELL_POSITIONS
from tests.isolation.test_hot_reads import _copy, become_the_server, twins
from tests.isolation.walls import undone, without_row_level_security
from tests.support.catalog import tenant_tables
from tests.support.database import Database
from tests.support.world import World

__all__ = ["twins"]
LIVE = "select * from system.live_positions($1, array[$2::uuid], '2026-01-01', $3)"
HANG = """
update technicians set team_id = (select id from teams {ours}), active = true, deleted_at = null,
  member_id = null where org_id = {org} and id = {technician};
update teams set branch_id = (select id from branches {ours}) where org_id = {org};
update shifts set technician_id = {technician}, crew_id = null, valid_until = null
  where org_id = {org};
insert into shifts select (jsonb_populate_record(s, jsonb_build_object('id', md5('crew')::uuid,
  'technician_id', null, 'crew_id', (select id from crews {ours})))).* from shifts s {ours};
update crew_members set technician_id = {technician}, crew_id = (select id from crews {ours}),
  last_day = null where (org_id, id) = (select org_id, id from crew_members {ours});
update time_off set technician_id = {technician}, first_day = '2190-01-01', last_day = '2190-01-02'
  where org_id = {org};
update holidays set day = '2190-01-01' where (org_id, id) = (select org_id, id from holidays {ours});
insert into positions (org_id, id, at, latitude_e6, longitude_e6, accuracy_m, heard_at)
  values ({org}, {technician}, '2026-11-01', 1, 2, 3, '2026-11-01')
  on conflict (org_id, id) do update set at = excluded.at;
update position_looks set technician_id = {technician}, last_at = '2190-01-01'
  where (org_id, id) = (select org_id, id from position_looks {ours})
"""


async def _source(connection: asyncpg.Connection, name: str) -> str:
    return str(await connection.fetchval("select pg_get_functiondef($1::regproc)", name))


async def _answer(
    connection: asyncpg.Connection, source: str, sql: str, arguments: list[Any]
) -> Any:
    """What comes out in this writing; an error is an answer too."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        await connection.execute(source)
        return [tuple(row) for row in await connection.fetch(sql, *arguments)]
    except asyncpg.PostgresError as error:
        return error
    finally:
        await transaction.rollback()


def _without_each(source: str, clause: str) -> list[str]:
    """The writings in which it is missing in one place."""
    parts = source.split(clause)
    return [
        clause.join(parts[: n + 1]) + "true" + clause.join(parts[n + 1 :])
        for n in range(len(parts) - 1)
    ]


async def _hang(connection: asyncpg.Connection, world: World) -> UUID:
    technician, org = world.id("technician"), f"'{world.company.id}'::uuid"
    ours = f"where org_id = {org} limit 1"
    await connection.execute(HANG.format(org=org, ours=ours, technician=f"'{technician}'::uuid"))
    return UUID(technician)


async def test_every_clause_of_what_is_told_live_is_needed(
    twins: asyncpg.Connection,
    ours: World,
    victim: World,
) -> None:
    technician = await _hang(twins, ours)
    arguments = [ours.company.id, technician, clock.now()]
    live = await _source(twins, "system.live_positions")
    marks = await _source(twins, "system.working_marks")
    whole = await _answer(twins, live, LIVE, arguments)
    assert [len(row[-1]) for row in whole] == [2]  # nobody themselves, and one who looked
    for table in await tenant_tables(twins):
        await _copy(twins, table, ours.company.id, victim.company.id)
    await twins.execute(
        "update position_looks set looker_id = gen_random_uuid() where org_id = $1",
        victim.company.id,
    )
    assert await _answer(twins, live, LIVE, arguments) == whole
    found = 0
    for source in (live, marks):
        for alias in ("t", "k", "o", "h", "e", "s", "m", "f"):
            for mutant in _without_each(source, f" {alias}.org_id = p_org"):
                found += 1
                assert await _answer(twins, mutant, LIVE, arguments) != whole, mutant
    assert found == 10


async def test_a_technician_of_another_organisation_is_told_of_by_no_batch(
    database: Database, ours: World, victim: World
) -> None:
    """By their id, with row-level security and without it; and with the mark of another, too."""
    stranger = UUID(victim.id("technician"))
    now = clock.now()
    caller = [token_hash(ours.owner.tokens["access_token"]), now, "test", "test", ""]
    mark = "select mark from system.working_marks($1, array[$2::uuid], '2026-01-01')"
    at = int(now.timestamp()) - 60
    rows: list[Any] = [[now.date()], [at], [33.4], [-112.0], [5.0], [None]]
    for walled in (True, False):
        async with undone(database) as connection:
            theirs = await connection.fetchval(mark, victim.company.id, stranger)
            since = now.date().replace(month=1, day=1)
            asked = [*caller, None, stranger, since, theirs, *rows]
            live = [ours.company.id, [stranger], since, now]
            if walled:
                await become_the_server(connection, ours.company.id)
                assert (await connection.fetchrow(TAKE_PINGS, *asked))["state"] == "refused"
                assert await connection.fetch(TELL_POSITIONS, *live) == []
                continue
            async with without_row_level_security(connection):
                assert (await connection.fetchrow(TAKE_PINGS, *asked))["state"] == "refused"
                assert await connection.fetch(TELL_POSITIONS, *live) == []
                told = (
                    "select count(*) from pings where technician_id = $1 and at = to_timestamp($2)"
                )
                assert await connection.fetchval(told, stranger, at) == 0


async def test_a_batch_with_another_mark_keeps_nothing(database: Database, ours: World) -> None:
    technician = UUID(ours.id("technician"))
    now = clock.now()
    caller = [token_hash(ours.owner.tokens["access_token"]), now, "test", "test", ""]
    since = now.date().replace(month=1, day=1)
    at = int(now.timestamp()) - 60
    rows: list[Any] = [[now.date()], [at], [33.4], [-112.0], [5.0], [None]]
    async with undone(database) as connection:
        await connection.execute("set local session_replication_role = replica")
        await _hang(connection, ours)
        await become_the_server(connection, ours.company.id)
        count = "select count(*) from pings where technician_id = $1 and at = to_timestamp($2)"
        first = await connection.fetchrow(
            TAKE_PINGS, *caller, None, technician, since, "another", *rows
        )
        assert (first["state"], first["kept"]) == ("unknown", None)
        assert await connection.fetchval(count, technician, at) == 0
        mark = await connection.fetchval(
            "select mark from system.working_marks($1, array[$2::uuid], $3)",
            ours.company.id,
            technician,
            since,
        )
        kept = await connection.fetchrow(TAKE_PINGS, *caller, None, technician, since, mark, *rows)
        assert (kept["state"], kept["kept"], kept["news"]) == ("ok", 1, True)
        assert await connection.fetchval(count, technician, at) == 1
