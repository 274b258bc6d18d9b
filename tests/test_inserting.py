"""An emergency is put on a full board: who gives way is named first, and nobody vanishes."""

from datetime import datetime, timedelta
from typing import Any

from tests.support.field import VISITS, Job, a_job, did, story, technician, verb
from tests.support.people import Company

HOUR = timedelta(hours=1)


async def put_in(job: Job, visit: Any, *people: str, **more: Any) -> Any:
    """The reply to putting a visit in at nine."""
    body = {"technician_ids": list(people), "start": job.nine.isoformat(), **more}
    return await verb(job.dana, visit, "insert", **body)


def accepted(problem: Any) -> list[dict[str, Any]]:
    """All that the refusal named."""
    names = ("visit_id", "version", "becomes_start")
    return [{name: one[name] for name in names} for one in problem["displaces"]]


async def now(job: Job, visit: Any) -> Any:
    return await job.dana.got(f"{VISITS}/{visit['id']}")


def starts(visit: Any) -> datetime:
    return datetime.fromisoformat(visit["planned_start"])


async def test_who_gives_way_is_named_and_then_pushed_back(acme: Company) -> None:
    job = await a_job(acme)
    tess = await technician(acme)
    window = {
        "window_start": job.nine.isoformat(),
        "window_end": (job.nine + 90 * HOUR / 60).isoformat(),
    }
    first = await job.planned(tess, **window)
    second = await job.planned(tess, at=job.nine + HOUR)
    apart = await job.planned(tess, at=job.nine + 6 * HOUR)
    burst = await job.visit(duration_minutes=120)

    refused = await put_in(job, burst, tess)
    assert (refused.status_code, refused.json()["code"]) == (409, "displaces")
    named = refused.json()["displaces"]
    assert [one["visit_id"] for one in named] == [first["id"], second["id"]]
    assert [one["minutes_later"] for one in named] == [120, 120]
    assert [one["breaks_promise"] for one in named] == [True, False]
    number = first["work_order"]["number"]
    assert (
        f"{number} (Ann Lee) would start 120 minutes later, {job.said}, 11:00"
        in (refused.json()["detail"])
    )
    assert [await now(job, one) for one in (first, second, burst)] == [first, second, burst]

    half = await put_in(job, burst, tess, accept=accepted(refused.json())[:1])
    assert (half.status_code, half.json()["code"]) == (409, "displaces")
    reply = await put_in(job, burst, tess, accept=accepted(refused.json()), reason="Flooded")
    assert reply.status_code == 200, reply.text
    assert (starts(reply.json()), reply.json()["status"]) == (job.nine, "scheduled")
    assert starts(await now(job, first)) == job.nine + 2 * HOUR
    assert starts(await now(job, second)) == job.nine + 3 * HOUR
    assert await now(job, apart) == apart
    burst_number = burst["work_order"]["number"]
    told = (await story(job.dana, f"{VISITS}/{first['id']}"))[-1]
    assert told["sentence"] == (
        f"The visit gave way to {burst_number}: Flooded: it is planned for {job.said}, 11:00–12:00"
        f" instead of {job.said}, 09:00–10:00."
    )
    told = (await story(job.dana, f"{VISITS}/{burst['id']}"))[-1]
    assert told["sentence"].endswith(
        f"with Tess Ode: Flooded; {number}, {second['work_order']['number']} gave way."
    )


async def test_what_changed_meanwhile_is_asked_again(acme: Company) -> None:
    job = await a_job(acme)
    tess = await technician(acme)
    first = await job.planned(tess)
    burst = await job.visit()
    refused = (await put_in(job, burst, tess)).json()
    await did(job.dana, first, "resize", minutes=90)
    again = await put_in(job, burst, tess, accept=accepted(refused))
    assert (again.status_code, again.json()["code"]) == (409, "displaces")
    done = await put_in(job, burst, tess, accept=accepted(again.json()))
    assert done.status_code == 200, done.text


async def test_into_the_tray_with_the_promise_and_the_lock_stays(acme: Company) -> None:
    job = await a_job(acme)
    tess, uma = await technician(acme), await technician(acme, "Uma Pan")
    window = {
        "window_start": job.nine.isoformat(),
        "window_end": (job.nine + 2 * HOUR).isoformat(),
    }
    sent = await job.planned(tess, **window)
    await did(job.dana, sent, "dispatch")
    burst = await job.visit()
    refused = await put_in(job, burst, tess, displaced="tray")
    [named] = refused.json()["displaces"]
    assert (named["becomes_start"], named["breaks_promise"]) == (None, True)
    assert "would go into the tray" in refused.json()["detail"]
    done = await put_in(job, burst, tess, displaced="tray", accept=accepted(refused.json()))
    assert done.status_code == 200, done.text
    waiting = await now(job, sent)
    assert (waiting["status"], waiting["assignments"]) == ("unscheduled", [])
    assert waiting["promise"] is not None

    locked = await did(job.dana, await job.planned(uma), "lock", lock="both")
    other = await job.visit()
    clash = await put_in(job, other, uma)
    assert (clash.status_code, clash.json()["code"]) == (409, "double_booking")
    assert clash.json()["clash"]["visit_id"] == locked["id"]


async def test_those_who_share_a_visit_are_pushed_together(acme: Company) -> None:
    job = await a_job(acme)
    tess, uma = await technician(acme), await technician(acme, "Uma Pan")
    both = await job.planned(tess, uma)
    hers = await job.planned(uma, at=job.nine + HOUR)
    burst = await job.visit()
    refused = await put_in(job, burst, tess)
    assert [one["visit_id"] for one in refused.json()["displaces"]] == [both["id"], hers["id"]]
    done = await put_in(job, burst, tess, accept=accepted(refused.json()))
    assert done.status_code == 200, done.text
    assert [starts(await now(job, one)) for one in (both, hers)] == [
        job.nine + HOUR, job.nine + 2 * HOUR,
    ]  # fmt: skip


async def test_on_a_free_board_nobody_is_asked(acme: Company) -> None:
    job = await a_job(acme)
    tess = await technician(acme)
    done = await put_in(job, await job.visit(), tess)
    assert (done.status_code, done.json()["status"]) == (200, "scheduled")


async def test_an_emergency_is_taken_back_whole(acme: Company) -> None:
    job = await a_job(acme)
    tess = await technician(acme)
    before = [await job.planned(tess), await job.planned(tess, at=job.nine + HOUR)]
    burst = await job.visit()
    refused = await put_in(job, burst, tess)
    done = await put_in(job, burst, tess, accept=accepted(refused.json()))
    assert done.status_code == 200, done.text
    [last] = (await job.dana.got("/api/v2/commands", limit=1))["data"]
    undone = await job.dana.post(f"/api/v2/commands/{last['id']}/undo")
    assert undone.status_code == 200, undone.text
    assert (await now(job, burst))["status"] == "unscheduled"
    assert [starts(await now(job, one)) for one in before] == [starts(one) for one in before]
