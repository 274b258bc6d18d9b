"""What changes is told to everyone who may see it, and to nobody else."""

import asyncio
from urllib.parse import urlsplit

import pytest

from app.core.bus import Postgres
from app.core.wake import LIVE, NUMBERED
from tests.support.cable import Cable
from tests.support.database import Database
from tests.support.field import a_job, did, technician
from tests.support.live import listening
from tests.support.people import Company
from tests.support.server import Server
from tests.support.work import ORDERS


async def test_what_changes_is_told_to_whoever_listens(acme: Company) -> None:
    job = await a_job(acme)
    tess = await technician(acme)
    visit = await job.visit()
    order = f"work_order:{visit['work_order_id']}"
    async with (
        listening(job.dana, f"board:{job.day}", order) as board,
        listening(await acme.person("viewer"), order) as viewer,
    ):
        planned = (await job.schedule(visit, tess, start=job.nine)).json()
        told = await board.fact("visit.scheduled")
        assert (told["entity"], told["id"], told["version"]) == (
            "visit",
            visit["id"],
            planned["version"],
        )
        assert told["topics"] == [f"board:{job.day}", order]
        assert (await viewer.fact("visit.scheduled"))["topics"] == [order]

        await did(job.dana, visit, "dispatch")
        await viewer.fact("visit.dispatched")
        seqs = [one["seq"] for one in viewer.all("event")]
        assert seqs == sorted(set(seqs))
        # nobody here listens to customers: a gap is not a loss
        await job.dana.made("/api/v2/customers", {"name": "Elsewhere"})
        last = (await board.fact("visit.dispatched"))["seq"]
        await board.until(lambda: board.all("up_to") and board.mark > last)


async def test_whoever_looks_at_all_work_hears_of_any_that_they_see(
    acme: Company, rival: Company
) -> None:
    job, theirs = await a_job(acme), await a_job(rival)
    tom = await acme.person("technician", "tom")
    async with (
        listening(job.dana, "work_orders") as all_of_it,
        listening(tom, "work_orders") as of_toms,
    ):
        await theirs.work.order()
        order = await job.work.order(status="draft")
        told = await all_of_it.fact("work_order.created")
        assert (told["id"], told["topics"]) == (order["id"], ["work_orders"])
        assert (await job.dana.post(f"{ORDERS}/{order['id']}/ready", json={})).is_success
        assert (await all_of_it.fact("work_order.ready"))["id"] == order["id"]
        made = await job.visit(work_order_id=order["id"])
        assert (await all_of_it.fact("visit.created"))["id"] == made["id"]
        assert (
            len([one for one in all_of_it.all("event") if one["fact"] == "work_order.created"]) == 1
        )
        assert of_toms.all("event") == []


async def test_what_is_no_notice_ends_nobodys_listening(acme: Company, server: Server) -> None:
    job = await a_job(acme)
    async with listening(job.dana, f"board:{job.day}") as live:
        async with server.state.bus.speaking() as say:
            for nonsense in ("nobody", "presence", "presence you too", f"presence {acme.id} half"):
                await say([(NUMBERED, nonsense), (LIVE, nonsense)])
        await job.planned(await technician(acme, "After All"))
        await live.fact("visit.scheduled")


async def test_a_line_on_which_nobody_answers_is_left(database: Database) -> None:
    """A firewall has forgotten it: it looks as it always did, and nothing comes any more."""
    where = urlsplit(database.app)
    backs: list[int] = []
    async with Cable.to(f"http://{where.hostname}:{where.port}") as cable:
        url = database.app.replace(f":{where.port}/", f":{urlsplit(cable.url).port}/")
        hearing = asyncio.create_task(
            Postgres(url, patience=0.2).hear(
                {LIVE: lambda _: None}, lambda: backs.append(1), asyncio.Event()
            )
        )
        async with asyncio.timeout(5):
            while not backs:
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.7)
        assert not hearing.done(), "silence is nothing, while somebody answers"
        cable.hush()
        noticed, _ = await asyncio.wait((hearing,), timeout=5)
        assert noticed
        with pytest.raises(OSError):
            hearing.result()
