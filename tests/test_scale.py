"""Large companies: what `fill` makes is whole, and every step of it could have been a person's."""

import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from app.backup import survey
from app.core import clock
from app.demo.scale import Filled, Urls, fill, large
from app.installation import HalfFilled, present
from tests.support.database import Database, clone, drop
from tests.support.deep import times
from tests.support.demo import NOON, PASSWORD, behind_the_walls, everything, fingerprints
from tests.support.people import Person, sign_in
from tests.support.server import Server

WORK_ORDERS = times(80, deep=100_000)
ORGANISATIONS = 2
WRONG = {
    "no wall around": survey.WALLESS,
    "a posting that does not balance": survey.UNBALANCED,
    "the journal is not what was written": survey.BROKEN_CHAIN,
}
DOUBLE_BOOKED = """
    select count(*) from bookings a join bookings b
      on (a.org_id, a.resource_id) = (b.org_id, b.resource_id) and a.id < b.id and a.during && b.during
"""
OFF_THE_LEDGER = """
    select count(*) from invoices i where i.status in ('paid', 'partially_paid', 'void') and (
      select coalesce(sum(e.amount), 0) from ledger_entries e
       where (e.org_id, e.invoice_id, e.account) = (i.org_id, i.id, 'receivable'))
      is distinct from (case i.status when 'partially_paid' then (select i.total - sum(p.amount)
        from payments p where (p.org_id, p.invoice_id) = (i.org_id, i.id)) else 0 end)
"""
UNSEARCHED = """
    select count(*) from work_orders w where not exists (select from search_documents d
     where (d.org_id, d.entity_id) = (w.org_id, w.id) and d.title = w.number)
"""
NEVER_ANALYZED = """
    select relname from pg_stat_user_tables where schemaname = 'public' and n_live_tup > 100
     and last_analyze is null
"""


def urls(database: Database) -> Urls:
    return Urls(app=database.app, relay=database.relay, owner=database.owner)


async def filled_on(database: Database, **how: Any) -> list[Filled]:
    with clock.set_to(NOON):
        return await fill(urls(database), WORK_ORDERS, ORGANISATIONS, password=PASSWORD, **how)


@pytest_asyncio.fixture(scope="module")
async def companies(server: Server) -> AsyncIterator[list[Filled]]:
    """Two organisations with their share of the work orders each."""
    lines: list[str] = []
    started = time.perf_counter()
    yield await filled_on(server.database, say=lines.append)
    print(f"{WORK_ORDERS} work orders in {time.perf_counter() - started:.1f} s")
    assert any("work orders" in line for line in lines)


@pytest_asyncio.fixture(scope="module")
async def dispatcher(server: Server, companies: list[Filled]) -> AsyncIterator[Person]:
    first = companies[0]
    person = await sign_in(server, first.dispatcher, first.slug, PASSWORD)
    yield person
    await person.aclose()


async def test_each_organisation_has_its_share(companies: list[Filled]) -> None:
    assert len({one.slug for one in companies}) == ORGANISATIONS
    share = WORK_ORDERS / ORGANISATIONS
    assert all(0.9 * share < one.work_orders < 1.2 * share + 40 for one in companies)


async def test_what_a_restore_proves_holds_for_what_was_filled(
    companies: list[Filled], database: Database
) -> None:
    async with behind_the_walls(database) as connection:
        found = {name: await connection.fetch(query) for name, query in WRONG.items()}
        assert found == {name: [] for name in WRONG}
        for query in (survey.UNNUMBERED, DOUBLE_BOOKED, OFF_THE_LEDGER, UNSEARCHED):
            assert await connection.fetchval(query) == 0, query
        assert await connection.fetch(NEVER_ANALYZED) == []
        assert await present(database.owner) is not None


async def test_it_looks_like_a_company_and_not_like_copies(
    companies: list[Filled], dispatcher: Person, database: Database
) -> None:
    customers = await everything(dispatcher, "/api/v2/customers")
    assert len(customers) == companies[0].customers
    assert len({one["name"] for one in customers}) == len(customers)
    async with behind_the_walls(database) as connection:
        days, busiest, invoices, totals = await connection.fetchrow(
            "select (select count(distinct planned_start::date) from visits where org_id = $1),"
            " (select max(n) from (select count(*) as n from visits where org_id = $1 and"
            "   planned_start is not null group by planned_start::date) as of_a_day),"
            " (select count(*) from invoices where org_id = $1),"
            " (select count(distinct total) from invoices where org_id = $1)",
            companies[0].org_id,
        )
    assert days > 20
    assert busiest < companies[0].work_orders / 4
    assert totals > min(invoices / 10, 500)


async def test_work_goes_on_where_the_past_ends(
    companies: list[Filled], dispatcher: Person
) -> None:
    [known] = (await dispatcher.got("/api/v2/work-orders", limit=1))["data"]
    made = await dispatcher.made(
        "/api/v2/work-orders",
        {
            "customer_id": known["customer_id"],
            "site_id": known["site_id"],
            "job_type_id": known["job_type_id"],
            "summary": "Kitchen drain backs up",
        },
    )
    assert made["number"] == f"WO-{1001 + companies[0].work_orders}"
    old = await dispatcher.got("/api/v2/work-orders", status="closed", sort="created_at", limit=1)
    story = await dispatcher.got(f"/api/v2/work-orders/{old['data'][0]['id']}/timeline")
    assert [one["fact"] for one in story["data"]] == ["work_order.created"]


async def test_the_same_seed_makes_the_same_rows(
    companies: list[Filled], database: Database, server: Server
) -> None:
    again = await clone(database.cluster, "test_scale_again")
    try:
        other = await filled_on(again)
        assert other[1] == companies[1]
        mine = await fingerprints(again, companies[1].org_id)
        theirs = await fingerprints(database, companies[1].org_id)
    finally:
        await drop(again)
    same = {name for name in mine if mine[name] == theirs[name]}
    assert {"customers", "sites", "work_orders", "visits", "invoices", "ledger_entries"} <= same


async def test_nothing_starts_on_half_of_it(database: Database) -> None:
    half = await clone(database.cluster, "test_scale_half")
    try:

        def stop(line: str) -> None:
            if "living" in line:
                raise KeyError(line)

        with pytest.raises(KeyError):
            await filled_on(half, say=stop)
        with pytest.raises(HalfFilled, match="run it again"):
            await present(half.owner)
    finally:
        await drop(half)


def test_a_company_grows_with_what_is_asked_of_it() -> None:
    small, hundred_thousand = large(1000), large(100_000)
    assert small.history.days < 365 < 1000 < hundred_thousand.history.days
    assert len(small.crew) < 6 < 40 < len(hundred_thousand.crew)
    assert len({one.name for one in hundred_thousand.crew}) == len(hundred_thousand.crew)
    assert len({large(10, place).who.slug for place in range(1000)}) == 1000
