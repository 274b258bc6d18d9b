"""Every table loses its policy while no session of ours stands before it, and it is seen (rulings 9)."""

from typing import Any

import asyncpg
import pytest

from tests.isolation.walls import MODELS
from tests.rules.test_catalog import POLICY
from tests.support.database import Database
from tests.support.world import World

MUTANTS = {
    "reads": "alter policy org_isolation on public.{table} using (true)",
    "writes": "alter policy org_isolation on public.{table} with check (true)",
    "is not forced on anybody": "alter table public.{table} disable row level security",
}
OURS = "select set_config('app.org_id', $1, true), set_config('app.source', 'test', true),\
 set_config('app.request_id', 'test', true)"


async def breaches(served: asyncpg.Connection, table: str, ours: World, victim: World) -> set[str]:
    """What the serving role can do to the victim's rows of `table` in a transaction of ours."""
    found = set()
    theirs = victim.company.id
    transaction = served.transaction()
    await transaction.start()
    await served.execute(OURS, str(ours.company.id))
    if await served.fetchval(f"select count(*) from public.{table} where org_id = $1", theirs):
        found.add("reads")
    columns = await served.fetchval(
        "select string_agg(quote_ident(attname), ', ') from pg_attribute where attnum > 0"
        " and attrelid = $1::regclass and attgenerated = '' and attidentity = ''"
        " and not attisdropped",
        f"public.{table}",
    )
    try:
        await served.execute(
            f"insert into public.{table} ({columns}) select {columns} from (select"
            f" (jsonb_populate_record(null::public.{table}, to_jsonb(t) || jsonb_build_object("
            f" 'org_id', '{theirs}'::uuid))).* from public.{table} t"
            f" where org_id = '{ours.company.id}' limit 1) moved"
        )
        found.add("writes")
    except asyncpg.InsufficientPrivilegeError as error:
        if f'for table "{table}"' not in str(error):
            found.add("writes")  # the journal's own policy stopped it, and not this table's
    except asyncpg.PostgresError:
        found.add("writes")
    await transaction.rollback()
    return found


@pytest.mark.parametrize("mutant", MUTANTS)
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__tablename__)
async def test_a_lost_policy_is_seen(
    model: type[Any], mutant: str, database: Database, admin: asyncpg.Connection,
    ours: World, victim: World,
) -> None:  # fmt: skip
    table = model.__tablename__
    served = await asyncpg.connect(database.app)
    assert await breaches(served, table, ours, victim) == set()
    await admin.execute(MUTANTS[mutant].format(table=table))
    seen = await breaches(served, table, ours, victim)
    await admin.execute(f"alter policy org_isolation on public.{table} using {POLICY}")
    await admin.execute(f"alter policy org_isolation on public.{table} with check {POLICY}")
    await admin.execute(f"alter table public.{table} enable row level security")
    await served.close()
    assert seen
