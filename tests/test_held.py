"""Holding a time while a customer makes up their mind."""

from datetime import timedelta
from typing import Any

from app.core import clock
from app.core.db import Scope
from app.services.context import Ctx
from app.tasks.schedules import sweep_holds
from tests.support.field import VISITS, Job, a_job, story
from tests.support.people import Company
from tests.test_availability import at_work, booking, desk, offered, windows

HOLDS = "/api/v2/holds"
__all__ = ["desk"]


async def held(job: Job, order: Any, **more: Any) -> Any:
    """The best window of the job's day, held."""
    slot = (await offered(job, work_order_id=order["id"]))["slots"][0]
    return await job.dana.made(HOLDS, booking(order, slot, **more))


async def test_a_hold_takes_time_is_told_to_nobody_and_becomes_a_visit(desk: Company) -> None:
    job = await a_job(desk)
    tess = await at_work(desk, job)
    order = await job.work.order()
    hold = await held(job, order, note="Ann asks her husband", minutes=30)
    assert (hold["status"], hold["note"]) == ("open", "Ann asks her husband")
    assert [one["id"] for one in hold["technicians"]] == [tess]
    other = await job.work.order()
    found = await offered(job, work_order_id=other["id"])
    assert sorted(windows(found)) == ["10:00", "12:00", "14:00"]
    assert (await job.dana.got(VISITS))["data"] == []
    visit = await job.visit()
    refused = await job.schedule(visit, tess, start=job.nine - timedelta(minutes=30))
    assert refused.json()["clash"]["kind"] == "hold"
    assert "Tess Ode is held for somebody" in refused.json()["detail"]

    booked = await job.dana.made(f"{HOLDS}/{hold['id']}/book", {"told_via": "phone"})
    assert booked["work_order_id"] == order["id"]
    assert (booked["planned_start"], booked["planned_end"]) == (hold["starts_at"], hold["ends_at"])
    assert booked["promise"]["told_via"] == "phone"
    assert booked["warnings"] == []
    again = await job.dana.post(f"{HOLDS}/{hold['id']}/book", json={})
    assert (again.status_code, again.json()["code"]) == (409, "hold_ended")
    assert again.json()["visit_id"] == booked["id"]
    assert (await job.dana.delete(f"{HOLDS}/{hold['id']}")).status_code == 409
    said = [one["sentence"] for one in await story(job.dana, f"{HOLDS}/{hold['id']}")]
    assert "is held for Pumping" in said[0]
    assert "with Tess Ode until" in said[0]
    assert said[1].endswith("was booked.")


async def test_a_hold_is_released_or_made_longer(desk: Company) -> None:
    job = await a_job(desk)
    await at_work(desk, job)
    order = await job.work.order()
    hold = await held(job, order, minutes=1)
    longer = await job.dana.made(f"{HOLDS}/{hold['id']}/extend", {"minutes": 45})
    assert longer["expires_at"] > hold["expires_at"]
    assert (await job.dana.delete(f"{HOLDS}/{hold['id']}")).status_code == 204
    assert (await job.dana.delete(f"{HOLDS}/{hold['id']}")).status_code == 204
    gone = await job.dana.got(f"{HOLDS}/{hold['id']}")
    assert gone["status"] == "released"
    assert len(windows(await offered(job, work_order_id=order["id"]))) == 4
    assert (await job.dana.got(HOLDS, status="open"))["data"] == []


async def test_what_has_expired_keeps_nobody_and_is_swept(desk: Company) -> None:
    job = await a_job(desk)
    await at_work(desk, job)
    order = await job.work.order()
    hold = await held(job, order)
    async with desk.server.state.sessions.open(Scope(desk.id)) as session:
        ctx = Ctx(session, desk.id, None, frozenset())
        with clock.set_to(clock.now() + timedelta(minutes=16)):
            assert await sweep_holds(ctx) == 1
            await session.commit()
    late = await job.dana.post(f"{HOLDS}/{hold['id']}/book", json={})
    assert (late.status_code, late.json()["hold_status"]) == (409, "expired")
    assert len(windows(await offered(job, work_order_id=order["id"]))) == 4
    said = [one["sentence"] for one in await story(job.dana, f"{HOLDS}/{hold['id']}")]
    assert said[1].endswith("and nobody booked it.")


async def test_a_kind_of_work_at_a_point_is_held_before_anything_is_known(desk: Company) -> None:
    job = await a_job(desk)
    await at_work(desk, job)
    kind = {"job_type_id": job.work.job_type_id, "latitude": 33.45, "longitude": -112.07}
    slot = (await offered(job, **kind))["slots"][0]
    named = {"window_start": slot["window_start"], "window_end": slot["window_end"]}
    hold = await job.dana.made(HOLDS, {**kind, **named})
    assert (hold["latitude"], hold["site_id"]) == (33.45, None)
    refused = await job.dana.post(f"{HOLDS}/{hold['id']}/book", json={})
    assert refused.json()["errors"][0]["pointer"] == "/work_order_id"
    order = await job.work.order()
    booked = await job.dana.made(f"{HOLDS}/{hold['id']}/book", {"work_order_id": order["id"]})
    assert booked["planned_start"] == hold["starts_at"]
