"""What a timeline shows of other records: what its reader may see of them, and no more."""

import asyncpg

from app.api.v2.stories import READ_WITH
from app.services.facts import Fact, entity_of
from app.services.stories import PARTS
from tests.support.field import VISITS, a_job, did, facts, story, technician
from tests.support.money import a_work_order, issued
from tests.support.people import Company
from tests.support.server import Server

ORDERS = "/api/v2/work-orders"
STAND_ALONE = {"bulk_action", "import", "job", "sample"}
"""Kinds whose facts stand in the journal and in nobody's timeline."""


async def test_a_technician_reads_of_the_work_and_not_of_the_money(acme: Company) -> None:
    amy, dana = await acme.person("accountant"), await acme.person("dispatcher")
    tina = await acme.person("technician", "tina")
    order = await a_work_order(acme)
    visit = await dana.made(VISITS, {"work_order_id": order["id"]})
    start = (await a_job(acme)).nine.isoformat()
    on_it = await technician(acme, "Tina", who=tina)
    await did(dana, visit, "schedule", technician_ids=[on_it], start=start)
    invoice = await issued(amy, order, "189")
    await amy.made(f"/api/v2/invoices/{invoice['id']}/payments", {"amount": 1, "method": "cash"})
    places = (f"{ORDERS}/{order['id']}", f"/api/v2/customers/{order['customer']['id']}")

    for place in places:
        assert {"invoice.drafted", "invoice.issued", "payment.recorded"} < set(
            await facts(amy, place)
        )
        told = await facts(tina, place)
        assert "visit.scheduled" in told
        assert not [fact for fact in told if fact.startswith(("invoice.", "payment."))]


async def test_a_technician_reads_of_own_work_and_not_of_others(acme: Company) -> None:
    job = await a_job(acme)
    tina = await acme.person("technician", "tina of tales")
    on_it, other = await technician(acme, who=tina), await technician(acme, "Ola Odd")
    mine, others = await job.planned(on_it), await job.planned(other)
    customer = f"/api/v2/customers/{job.work.customer['id']}"
    note = {"entity": "visit", "entity_id": others["id"], "body": "Keep this from Tina."}
    await job.dana.made("/api/v2/notes", note)

    places = (customer, f"/api/v2/sites/{job.work.site['id']}", f"/api/v2/technicians/{other}")
    for place in places:
        assert others["id"] in {one["entity_id"] for one in await story(job.dana, place)}
        seen = {one["entity_id"] for one in await story(tina, place)}
        assert seen.isdisjoint({others["id"], others["work_order_id"]})
    assert mine["id"] in {one["entity_id"] for one in await story(tina, customer)}


async def test_a_page_of_a_timeline_is_full_though_much_of_it_is_hidden(acme: Company) -> None:
    job = await a_job(acme)
    tina = await acme.person("technician", "tina of pages")
    mine = await job.planned(await technician(acme, who=tina))
    for _ in range(3):
        await job.visit()
    told = await tina.got(f"/api/v2/customers/{job.work.customer['id']}/timeline", limit=2)
    assert [one["entity_id"] for one in told["data"]] == [mine["work_order_id"], mine["id"]]
    assert told["next_before"] is not None


async def test_a_step_that_is_gone_stays_in_the_story(acme: Company) -> None:
    job = await a_job(acme)
    tina = await acme.person("technician", "tina of steps")
    mine = await job.planned(await technician(acme, who=tina))
    place = f"{ORDERS}/{mine['work_order_id']}"
    step = await job.dana.made(f"{place}/checklist-items", {"title": "Lock the gate"})
    assert (await job.dana.delete(f"{place}/checklist-items/{step['id']}")).status_code == 204
    assert (await facts(tina, place))[-2:] == ["checklist_item.added", "checklist_item.removed"]


async def test_everything_journalled_says_what_one_needs_to_read_it(server: Server) -> None:
    """Otherwise its entries stand in the journal without a word, for everybody and for ever."""
    connection = await asyncpg.connect(server.database.admin)
    journalled = await connection.fetch("select entity from system.tables where journalled")
    await connection.close()
    readable = {entity_of(model) for model in READ_WITH} | PARTS.keys()
    assert {row["entity"] for row in journalled} - readable == set()


def test_every_kind_of_fact_says_what_one_needs_to_read_it() -> None:
    told = {fact.value.partition(".")[0] for fact in Fact}
    assert told - {entity_of(model) for model in READ_WITH} == STAND_ALONE
