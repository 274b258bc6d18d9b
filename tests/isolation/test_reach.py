"""The record scope is written twice, of one record and from the viewer's side: both name the same records.

Random organisations, in which everything hangs on anything, are asked both ways for every model that is
listed or searched in one trip, with every scope.
"""

import random
from collections.abc import AsyncIterator, Iterable
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy import select

from app.core.listing import among
from app.core.model import TenantRow
from app.models.permissions import RecordScope
from app.models.reach import FROM, reached
from app.services.hot import LISTS
from app.services.hot.building import written
from app.services.hot.shapes import ORG, AnyViewer
from app.services.search import SEARCHED
from tests.isolation.walls import undone
from tests.support.database import Database
from tests.support.deep import times
from tests.support.world import World

NARROW = [scope for scope in RecordScope if scope is not RecordScope.all]
EACH = 12
"""Rows of each table."""
PLAIN = {
    "technicians": {"external_key": None},
    "customers": {"external_key": None, "parent_id": None, "unclaimed": True},
    "contacts": {"external_key": None},
    "sites": {"external_key": None},
    "work_orders": {"external_key": None, "completed_at": None},
    "equipment": {"external_key": None},
    "invoices": {"number": None},
}
"""What is random in no row but its keys."""


@pytest_asyncio.fixture
async def connection(database: Database, ours: World) -> AsyncIterator[asyncpg.Connection]:
    async with undone(database) as connection:
        await connection.execute("set local session_replication_role = replica")
        for table in ("work_orders", "site_parties"):
            await connection.execute(f"alter table {table} enable always trigger claim_customer")
        yield connection


class Random:
    """An organisation whose records hang on each other at random."""

    def __init__(self, connection: asyncpg.Connection, org: UUID, seed: int) -> None:
        self._connection = connection
        self._org = org
        self.random = random.Random(seed)
        self.ids: dict[str, list[UUID]] = {}

    async def add(self, table: str, **keys: Iterable[UUID | None]) -> None:
        """Rows like the one that is there, with these keys drawn from what is given."""
        self.ids[table] = [uuid4() for _ in range(EACH)]
        columns = await self._connection.fetch(
            "select attname, format_type(atttypid, null) as type from pg_attribute"
            " where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = ''",
            table,
        )
        drawn = {name: list(of) for name, of in keys.items()}
        for id in self.ids[table]:
            said: dict[str, Any] = {"name": id, "number": id, **PLAIN.get(table, {}), "id": id}
            said |= {name: self.random.choice(of) for name, of in drawn.items()}
            there = {column["attname"] for column in columns}
            said = {name: value for name, value in said.items() if name in there}
            values = ", ".join(
                f"${2 + list(said).index(column['attname'])}::text::{column['type']}"
                if column["attname"] in said
                else f'v."{column["attname"]}"'
                for column in columns
            )
            names = ", ".join(f'"{column["attname"]}"' for column in columns)
            await self._connection.execute(
                f"insert into {table} ({names}) select {values} from {table} v"
                " where org_id = $1 order by id limit 1 on conflict do nothing",
                self._org,
                *(None if value is None else str(value) for value in said.values()),
            )

    async def fill(self, members: list[UUID]) -> None:
        nobody: list[UUID | None] = [None, None]
        await self.add("teams", leader_id=[*nobody, *members])
        await self.add("territories")
        few = self.ids["teams"][:3]
        await self.add("technicians", team_id=[*nobody, *few], member_id=[*nobody, *members])
        territories = self.ids["territories"][:4]
        await self.add("territory_members", territory_id=territories, member_id=members)
        await self.add("customers")
        await self.add("sites", territory_id=[*nobody, *territories])
        customers, sites = self.ids["customers"], self.ids["sites"]
        await self.add("site_parties", site_id=sites, customer_id=customers[:9])
        await self.add("work_orders", site_id=sites, customer_id=customers[:9])
        orders = self.ids["work_orders"]
        await self.add("visits", work_order_id=orders)
        await self.add(
            "assignments",
            visit_id=self.ids["visits"],
            technician_id=self.ids["technicians"],
            status=["offered", "accepted", "removed", "declined"],  # type: ignore[list-item]
        )
        await self.add("contacts")
        await self.add("customer_contacts", customer_id=customers, contact_id=self.ids["contacts"])
        await self.add("equipment", site_id=sites)
        await self.add("invoices", work_order_id=orders)
        await self._connection.execute(
            "delete from work_orders w where id = any($1) and not exists (select from visits v"
            " where v.work_order_id = w.id) and not exists (select from invoices i where i.work_order_id = w.id)",
            orders,
        )
        parties = self.ids["site_parties"]
        await self._connection.execute("delete from site_parties where id = any($1)", parties[:5])
        for table in ("work_orders", "site_parties"):
            await self._connection.execute(
                f"update {table} set customer_id = $2 where id = any($1)",
                self.ids[table][4:7],
                self.random.choice(customers),
            )


def test_whatever_narrows_and_is_listed_or_searched_is_reached() -> None:
    asked = {many.model for many in LISTS.values()} | {model for model, _ in SEARCHED.values()}
    narrowing = {
        model for model in asked if model.visible_to.__func__ is not TenantRow.visible_to.__func__
    }
    assert narrowing == asked & FROM.keys()


@pytest.mark.parametrize("scope", NARROW)
async def test_both_say_the_same_of_random_records(
    connection: asyncpg.Connection, ours: World, scope: RecordScope
) -> None:
    members: list[UUID] = [
        row["id"]
        for row in await connection.fetch(
            "select id from members where org_id = $1 limit 2", ours.company.id
        )
    ]
    some = 0
    for seed in range(times(1, deep=5)):
        made = Random(connection, ours.company.id, seed)
        await made.fill(members)
        # what was just written is not known to the planner, which then joins everything with everything
        await connection.execute(f"analyze {', '.join(made.ids)}")
        for member in (*members, uuid4()):
            values = {"org": ours.company.id, "user": member}
            for model in FROM:
                viewer = AnyViewer(scope)
                rows = select(model.id).where(model.org_id == ORG)
                found = []
                for condition in (
                    model.visible_to(viewer),
                    among(model.id, reached(model, viewer)),
                ):
                    statement = written(rows.where(condition))
                    arguments = statement.arguments(values)
                    found.append(
                        {row["id"] for row in await connection.fetch(statement.sql, *arguments)}
                    )
                assert found[0] == found[1], (model.__name__, scope, seed)
                some += len(found[0])
    assert some
