"""Going back to an older version with a company's data: what it knows no more goes, the rest stays."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import pytest_asyncio

from app.core.migrate import downgrade, upgrade
from app.postgres import Cluster
from tests.support.database import Database, clone, drop
from tests.support.field import a_job, technician
from tests.support.people import found_company
from tests.support.server import serving

BEFORE_WORKING_TIME = "0160"
BEFORE_COSTS = "0400"


@pytest_asyncio.fixture
async def fresh(cluster: Cluster) -> AsyncIterator[Database]:
    """A database that nobody else needs to be at the head."""
    made = await clone(cluster, "test_downgrades_with_data")
    yield made
    await drop(made)


async def test_absences_and_events_go_with_the_tables_that_hold_them(fresh: Database) -> None:
    async with serving(fresh) as server:
        company = await found_company(server, "older")
        job, tess = await a_job(company), await technician(company)
        await job.planned(tess)
        truck = await job.dana.made("/api/v2/vehicles", {"name": "Truck", "kind": "vehicle"})
        meeting = {
            "title": "Safety hour", "technician_ids": [tess], "vehicle_ids": [truck["id"]],
            "starts_at": (job.nine + timedelta(days=1)).isoformat(),
            "ends_at": (job.nine + timedelta(days=1, hours=1)).isoformat(),
        }  # fmt: skip
        await job.dana.made("/api/v2/events", meeting)
        first_day = (job.nine + timedelta(days=5)).date().isoformat()
        off = {"technician_id": tess, "kind": "vacation", "first_day": first_day}
        asked = await job.dana.made("/api/v2/time-off", off)
        await job.dana.made(f"/api/v2/time-off/{asked['id']}/approve")
        await company.close()
    booked = "select kind, count(*) from bookings group by kind order by kind"
    assert await _rows(fresh, booked) == [("event", 2), ("time_off", 1), ("visit", 1)]
    await asyncio.to_thread(downgrade, fresh.owner, BEFORE_WORKING_TIME)
    assert await _rows(fresh, booked) == [("visit", 1)]
    assert await _rows(fresh, "select kind from resources") == [("technician",)]
    await asyncio.to_thread(upgrade, fresh.owner)
    assert await _rows(fresh, booked) == [("visit", 1)]


async def test_templates_are_read_by_the_version_before_costs(fresh: Database) -> None:
    async with serving(fresh) as server:
        company = await found_company(server, "dearer")
        owner = await company.person("owner")
        priced = {"description": "Pumping", "unit_price": "385"}
        prices = [{**priced, "unit_cost": "120.5"}, {**priced, "description": "Digging"}]
        body = {"name": "Pump-out", "trade": "septic", "duration_minutes": 90}
        await owner.made("/api/v2/job-types", {**body, "price_lines": prices})
        await company.close()
    costs = """select one.line ->> 'description', one.line ->> 'unit_cost' from job_types,
        jsonb_array_elements(price_lines) with ordinality one (line, place) order by one.place"""
    assert await _rows(fresh, costs) == [("Pumping", "120.5"), ("Digging", None)]
    written = "select version, (select count(*) from journal) from job_types"
    before = await _rows(fresh, written)
    await asyncio.to_thread(downgrade, fresh.owner, BEFORE_COSTS)
    assert await _rows(fresh, costs) == [("Pumping", None), ("Digging", None)]
    assert await _rows(fresh, written) == before
    granted = "select count(*) from identity.roles where 'prices:costs' = any (permissions)"
    assert await _rows(fresh, granted) == [(0,)]
    await asyncio.to_thread(upgrade, fresh.owner)
    assert await _rows(fresh, granted) == [(4,)]


async def _rows(database: Database, query: str) -> list[tuple[object, ...]]:
    connection = await asyncpg.connect(database.admin)
    rows = [tuple(row) for row in await connection.fetch(query)]
    await connection.close()
    return rows
