"""Every composite key loses its organisation while neither wall stands, and it is seen (rulings 9)."""

import asyncpg
import pytest
from sqlalchemy import ForeignKeyConstraint

from app.core.model import Base
from tests.rules.test_catalog import LOOSE_KEYS
from tests.support.catalog import names
from tests.support.world import World

KEYS = [
    constraint
    for table in Base.metadata.sorted_tables
    if table.schema is None
    for constraint in sorted(table.foreign_key_constraints, key=lambda one: one.column_keys)
]


async def pointing_at_theirs(
    admin: asyncpg.Connection, key: ForeignKeyConstraint, ours: World, victim: World
) -> str | None:
    """The constraint that refuses, when a row of ours is made to point at a row of the victim's.

    A superuser asks, whom no policy holds, and triggers of ours stay out of it.
    """
    child, parent = key.table.name, key.referred_table
    (mine, at), = [
        (one.parent.name, one.column.name) for one in key.elements if one.parent.name != "org_id"
    ]  # fmt: skip
    try:
        await admin.execute(f"alter table public.{child} disable trigger user")
        await admin.execute(
            f"update public.{child} set {mine} = (select {at} from {parent.fullname}"
            f"  where org_id = '{victim.company.id}' order by {at} limit 1)"
            f" where ctid = (select ctid from public.{child}"
            f"  where org_id = '{ours.company.id}' limit 1)"
        )
        await admin.execute("set constraints all immediate")
    except asyncpg.ForeignKeyViolationError as error:
        return str(error.constraint_name)
    return None


@pytest.mark.parametrize("key", KEYS, ids=lambda key: f"{key.table.name}.{key.column_keys[1]}")
async def test_a_lost_key_is_seen(
    key: ForeignKeyConstraint, admin: asyncpg.Connection, ours: World, victim: World
) -> None:
    name = await admin.fetchval(
        "select conname from pg_constraint where conrelid = $1::regclass and contype = 'f'"
        " and conkey @> (select array_agg(attnum) from pg_attribute where attrelid = conrelid"
        "   and attname = any ($2))",
        f"public.{key.table.name}",
        list(key.column_keys),
    )
    whole = admin.transaction()
    await whole.start()
    assert await pointing_at_theirs(admin, key, ours, victim) == name
    await whole.rollback()
    broken = admin.transaction()
    await broken.start()
    await admin.execute(f"alter table public.{key.table.name} drop constraint {name}")
    assert await pointing_at_theirs(admin, key, ours, victim) != name
    await broken.rollback()


async def test_a_key_without_its_organisation_is_seen(admin: asyncpg.Connection) -> None:
    planted = admin.transaction()
    await planted.start()
    await admin.execute("create table public.a (org_id uuid, id uuid primary key)")
    await admin.execute(
        "create table public.b (org_id uuid, a_id uuid constraint loose references public.a)"
    )
    assert await names(admin, LOOSE_KEYS) == ["loose"]
    await planted.rollback()
