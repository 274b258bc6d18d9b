"""What would come of it, before anybody does it: a drop, an emergency and who gives way."""

from datetime import datetime, timedelta
from typing import Any

from tests.support.field import VISITS, Job, a_job, technician
from tests.support.people import Company, found_company
from tests.support.server import Server
from tests.test_board import BOARD, lane, seen, z
from tests.test_warnings import DAYS, shift

HOUR = timedelta(hours=1)


def hours(start: str, end: str) -> list[dict[str, str]]:
    return [{"weekday": day, "start": start, "end": end} for day in DAYS]


async def tried(job: Job, visit: Any, who: str, at: datetime) -> Any:
    """What a drop would do."""
    drop = {"visit_id": visit["id"], "technician_ids": [who], "start": at.isoformat()}
    reply = await job.dana.post(f"{BOARD}/consequence", json=drop)
    assert reply.status_code == 200, reply.text
    return reply.json()


async def test_what_a_drop_would_do_is_what_it_does(acme: Company) -> None:
    job = await a_job(acme)
    tess = await technician(acme)
    await shift(job, tess)
    await job.planned(tess, at=job.nine)
    held = await job.visit()
    path = f"{VISITS}/{held['id']}"
    before = await seen(job)

    found = await tried(job, held, tess, job.nine + 2 * HOUR)
    assert (found["refusal"], found["warnings"]) == (None, [])
    [changed] = found["lanes"]
    assert (changed["technician_id"], changed["more"]["work_minutes"]) == (tess, 60)
    clash = await tried(job, held, tess, job.nine + HOUR / 2)
    assert clash["refusal"]["code"] == "double_booking"
    late = await tried(job, held, tess, job.nine + 14 * HOUR)
    assert [one["code"] for one in late["warnings"]] == ["outside_shift"]
    # what was tried a moment ago is not remembered
    later = await tried(job, held, tess, job.nine + 4 * HOUR)
    assert later["stops"][0]["start"] == z(job.nine + 4 * HOUR)
    # nothing was written
    after = await seen(job)
    assert (await job.dana.got(path))["version"] == held["version"]
    assert (after["seq"], after["lanes"]) == (before["seq"], before["lanes"])

    reply = await job.schedule(held, tess, start=job.nine + 2 * HOUR)
    assert reply.status_code == 200, reply.text
    done = lane(await seen(job), tess)
    assert done["totals"] == changed["totals"]
    [stop] = found["stops"]
    assert {**stop, "technician_id": None} == {**done["stops"][-1], "technician_id": None}


async def test_an_emergency_is_proposed_with_whoever_gives_way(server: Server) -> None:
    job = await a_job(await found_company(server, "emergency"))
    tess = await technician(job.company)
    await shift(job, tess, spans=hours("09:00", "17:00"))
    window = {"window_start": job.nine.isoformat(), "window_end": (job.nine + HOUR).isoformat()}
    first = await job.planned(tess, at=job.nine + HOUR / 2, **window)
    second = await job.planned(tess, at=job.nine + 5 * HOUR)
    flood = await job.visit()
    asked = {"visit_id": flood["id"], "day": job.day}
    reply = await job.dana.post(f"{BOARD}/emergency", json=asked)
    assert reply.status_code == 200, reply.text
    [proposal] = reply.json()["proposals"]
    assert (proposal["technician_id"], proposal["promises_broken"]) == (tess, 1)
    [one] = proposal["displaces"]
    assert (one["visit_id"], one["version"], one["breaks_promise"]) == (
        first["id"],
        first["version"],
        True,
    )
    # nothing was written by it
    assert await job.dana.got(f"{VISITS}/{first['id']}") == first
    assert reply.json()["version"] == flood["version"]

    accept = [{name: one[name] for name in ("visit_id", "version", "becomes_start")}]
    done = await job.dana.post(
        f"{VISITS}/{flood['id']}/insert",
        json={"technician_ids": [tess], "start": proposal["start"], "accept": accept},
        headers={"If-Match": f'"v{reply.json()["version"]}"'},
    )
    assert done.status_code == 200, done.text
    day = lane(await seen(job), tess)
    assert day["visit_ids"] == [flood["id"], first["id"], second["id"]]
    again = await job.dana.post(f"{BOARD}/emergency", json={**asked, "visit_id": first["id"]})
    assert again.status_code == 200, again.text


async def test_an_emergency_names_everybody_who_is_free(server: Server) -> None:
    job = await a_job(await found_company(server, "free-hands"))
    free = [await technician(job.company, name) for name in ("Tess Ode", "Tom Ash", "Ida Moss")]
    for one in free:
        await shift(job, one)
    flood = await job.visit()
    asked = {"visit_id": flood["id"], "day": job.day}
    reply = await job.dana.post(f"{BOARD}/emergency", json=asked)
    assert reply.status_code == 200, reply.text
    found = reply.json()["proposals"]
    assert {one["technician_id"] for one in found} == {*free}
    assert [one["displaces"] for one in found] == [[], [], []]
    assert reply.json()["version"] == flood["version"]


async def test_a_drop_tells_of_the_lane_that_it_leaves_too(acme: Company) -> None:
    job = await a_job(acme)
    tess, tom = await technician(acme), await technician(acme, "Tom Ash")
    await shift(job, tess)
    held = await job.planned(tess, at=job.nine)
    found = await tried(job, held, tom, job.nine)
    less = {one["technician_id"]: one["more"]["work_minutes"] for one in found["lanes"]}
    assert less == {tess: -60, tom: 60}


async def test_a_reply_that_is_given_again_leads_to_the_command(acme: Company) -> None:
    job = await a_job(acme)
    made = await job.planned(await technician(acme))
    headers = {"Idempotency-Key": f"lost {made['id']}", "If-Match": f'"v{made["version"]}"'}
    body = {"start": (job.nine + 2 * HOUR).isoformat()}
    path = f"{VISITS}/{made['id']}/move"
    first = await job.dana.post(path, json=body, headers=headers)
    again = await job.dana.post(path, json=body, headers=headers)
    assert (first.status_code, again.headers["idempotent-replayed"]) == (200, "true")
    asked = again.headers["x-request-id"]
    assert asked == first.headers["x-request-id"]
    [command] = (await job.dana.got("/api/v2/commands", request_id=asked))["data"]
    undo = await job.dana.post(f"/api/v2/commands/{command['id']}/undo", json={})
    assert undo.status_code == 200, undo.text
    now = await job.dana.got(f"{VISITS}/{made['id']}")
    assert now["planned_start"] == made["planned_start"]
