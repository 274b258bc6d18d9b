"""The serving role owns nothing, bypasses nothing, becomes nobody else; and without an organisation
it is answered with an error, not with an empty page (check A7).
"""

from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio

from app.core.db import make_engine
from app.core.guard import WrongRole, refuse_wrong_role
from app.core.prepare import APP, BACKUP, OWNER, RELAY, SEARCH
from tests.support.catalog import names, tenant_tables
from tests.support.database import Database
from tests.support.people import Company


@pytest_asyncio.fixture(scope="module")
async def served(database: Database) -> AsyncIterator[asyncpg.Connection]:
    """A bare connection as the serving role."""
    connection = await asyncpg.connect(database.app)
    yield connection
    await connection.close()


async def test_the_serving_role_is_ordinary(served: asyncpg.Connection) -> None:
    rights = await served.fetchrow(
        "select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication"
        " from pg_roles where rolname = current_user"
    )
    assert tuple(rights) == (False,) * 5
    owned = await names(
        served, "select relname from pg_class where relowner = current_user::regrole"
    )
    assert owned == []


@pytest.mark.parametrize("role", [OWNER, RELAY, BACKUP, SEARCH, "postgres"])
async def test_it_cannot_become_another(served: asyncpg.Connection, role: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await served.execute(f"set role {role}")


async def test_it_cannot_lift_the_walls(served: asyncpg.Connection) -> None:
    for table in await tenant_tables(served):
        for attempt in (
            f"alter table public.{table} disable row level security",
            f"drop policy org_isolation on public.{table}",
            f"truncate public.{table}",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await served.execute(attempt)


async def test_without_an_organisation_there_is_an_error(
    acme: Company, served: asyncpg.Connection
) -> None:
    dana = await acme.person("dispatcher")
    await dana.made("/api/v2/customers", {"name": "Somebody"})
    filled = ["customers", "journal", "members", "search_documents", "counters"]
    for table in filled:
        with pytest.raises((asyncpg.UndefinedObjectError, asyncpg.InvalidTextRepresentationError)):
            await served.fetch(f"select * from public.{table}")
    async with served.transaction():
        await served.execute("select set_config('app.org_id', $1, true)", str(acme.id))
        assert await served.fetchval("select count(*) from public.customers") == 1


async def test_the_server_starts_as_the_serving_role(database: Database) -> None:
    engine = make_engine(database.app, pool_size=1)
    await refuse_wrong_role(engine)
    await engine.dispose()


@pytest.mark.parametrize(
    ("role", "why"),
    [
        ("admin", "it is a superuser"),
        ("owner", f"it is or may become {OWNER}"),
        ("relay", f"it is or may become {RELAY}"),
    ],
)
async def test_the_server_refuses_the_roles_that_the_walls_do_not_hold(
    database: Database, role: str, why: str
) -> None:
    engine = make_engine(getattr(database, role), pool_size=1)
    with pytest.raises(WrongRole, match=why):
        await refuse_wrong_role(engine)
    await engine.dispose()


@pytest.mark.parametrize(
    ("grant", "why"),
    [
        ("alter role probe bypassrls", "it bypasses row-level security"),
        ("alter role probe createrole", "it may create roles"),
        (f"grant {SEARCH} to probe", f"it is or may become {SEARCH}"),
        ("alter table public.notes owner to probe", "it owns notes"),
    ],
)
async def test_the_server_refuses_a_login_that_was_given_too_much(
    database: Database, grant: str, why: str
) -> None:
    admin = await asyncpg.connect(database.admin)
    await admin.execute(f"create role probe login password 'probe' in role {APP}")
    engine = make_engine(database.url("probe").replace(database.cluster.secret("probe"), "probe"))
    try:
        await refuse_wrong_role(engine)
        await admin.execute(grant)
        with pytest.raises(WrongRole, match=why):
            await refuse_wrong_role(engine)
    finally:
        await engine.dispose()
        await admin.execute(f"reassign owned by probe to {OWNER}")
        await admin.execute("drop owned by probe")
        await admin.execute("drop role probe")
        await admin.close()
