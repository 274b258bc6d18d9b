"""Every composite key loses its organisation while neither wall stands, and it is seen (rulings 9)."""

import asyncpg
import pytest
from sqlalchemy import ForeignKeyConstraint

from app.core.model import NAMES, Base
from tests.isolation.walls import undone
from tests.rules.test_catalog import LOOSE_KEYS
from tests.support.catalog import names
from tests.support.database import Database
from tests.support.world import World

KEYS = [
    constraint
    for table in Base.metadata.sorted_tables
    if table.schema is None
    for constraint in sorted(table.foreign_key_constraints, key=lambda one: one.column_keys)
]


async def pointing_at_theirs(
    connection: asyncpg.Connection, key: ForeignKeyConstraint, ours: World, victim: World
) -> str | None:
    """The constraint that refuses, when a row of ours is made to point at a row of the victim's.

    A superuser asks, whom no policy holds, and triggers of ours stay out of it.
    """
    child, parent = key.table.name, key.referred_table
    [(mine, at)] = [
        (one.parent.name, one.column.name) for one in key.elements if one.parent.name != "org_id"
    ]
    await connection.execute(f"alter table public.{child} disable trigger user")
    for (other,) in await connection.fetch(  # what a row may hold beside what would object first
        "select conname from pg_constraint where contype = 'c' and conrelid = $1::regclass",
        f"public.{child}",
    ):
        await connection.execute(f"alter table public.{child} drop constraint {other}")
    if mine == "id":  # what points at us would object first
        for table, other in await connection.fetch(
            "select conrelid::regclass::text, conname from pg_constraint"
            " where contype = 'f' and confrelid = $1::regclass",
            f"public.{child}",
        ):
            await connection.execute(f"alter table {table} drop constraint {other}")
    try:
        moved = await connection.execute(
            f"update public.{child} set {mine} = (select {at} from {parent.fullname}"
            f"  where org_id = '{victim.company.id}' order by {at} limit 1)"
            f" where ctid = (select ctid from public.{child}"
            f"  where org_id = '{ours.company.id}' limit 1)"
        )
    except asyncpg.ForeignKeyViolationError as error:
        return str(error.constraint_name)
    assert moved == "UPDATE 1"
    return None


@pytest.mark.parametrize("key", KEYS, ids=lambda key: f"{key.table.name}.{key.column_keys[1]}")
async def test_a_lost_key_is_seen(
    key: ForeignKeyConstraint, database: Database, ours: World, victim: World
) -> None:
    name = NAMES["fk"] % {
        "table_name": key.table.name,
        "column_0_N_name": "_".join(key.column_keys),
    }
    async with undone(database) as connection:
        assert await pointing_at_theirs(connection, key, ours, victim) == name
    async with undone(database) as connection:
        await connection.execute(f"alter table public.{key.table.name} drop constraint {name}")
        assert await pointing_at_theirs(connection, key, ours, victim) != name


async def test_a_key_without_its_organisation_is_seen(database: Database) -> None:
    async with undone(database) as connection:
        await connection.execute("create table public.a (org_id uuid, id uuid primary key)")
        await connection.execute(
            "create table public.b (org_id uuid, a_id uuid constraint loose references public.a)"
        )
        assert await names(connection, LOOSE_KEYS) == ["loose"]
