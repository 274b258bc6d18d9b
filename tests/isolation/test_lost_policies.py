"""Every table loses its policy while no session of ours stands before it, and it is seen (rulings 9)."""

from typing import Any

import asyncpg
import pytest

from tests.isolation.walls import MODELS, undone
from tests.support.database import Database
from tests.support.world import World

WHOLE = "select 'nothing is broken'"
BROKEN = {
    "reading": "alter policy org_isolation on public.{table} using (true)",
    "writing": "alter policy org_isolation on public.{table} with check (true)",
    "all of it": "alter table public.{table} disable row level security",
}


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__tablename__)
async def test_a_lost_policy_is_seen(
    model: type[Any], broken: str, database: Database, ours: World, victim: World
) -> None:
    table = model.__tablename__
    async with undone(database) as connection:
        assert await breaches(connection, table, ours, victim, made=WHOLE) == set()
    async with undone(database) as connection:
        assert await breaches(connection, table, ours, victim, made=BROKEN[broken])


async def breaches(
    connection: asyncpg.Connection, table: str, ours: World, victim: World, *, made: str
) -> set[str]:
    """What the serving role can do to the victim's rows of `table` after `made`, in our context.

    Triggers of ours stay out of it: the policy alone has to hold.
    """
    theirs, found = victim.company.id, set()
    columns = await connection.fetchval(
        "select string_agg(quote_ident(attname), ', ') from pg_attribute where attnum > 0"
        " and attrelid = $1::regclass and attgenerated = '' and attidentity = ''"
        " and not attisdropped",
        f"public.{table}",
    )
    await connection.execute(f"alter table public.{table} disable trigger user")
    await connection.execute(made.format(table=table))
    await connection.execute("set local role truckroll_app")
    await connection.execute("select set_config('app.org_id', $1, true)", str(ours.company.id))
    await connection.execute("select set_config('app.source', 'test', true)")
    await connection.execute("select set_config('app.request_id', 'test', true)")
    if await connection.fetchval(f"select count(*) from public.{table} where org_id = $1", theirs):
        found.add("reading")
    refusal = f'new row violates row-level security policy for table "{table}"'
    try:
        await connection.execute(
            f"insert into public.{table} ({columns}) select {columns} from (select"
            f" (jsonb_populate_record(null::public.{table}, to_jsonb(t) || jsonb_build_object("
            f" 'org_id', '{theirs}'::uuid))).* from public.{table} t"
            f" where org_id = '{ours.company.id}' limit 1) moved"
        )
        found.add("writing")
    except asyncpg.PostgresError as error:
        # anything but the policy's own refusal stands behind the policy: a key, a check
        found |= set() if str(error) == refusal else {"writing"}
    return found
