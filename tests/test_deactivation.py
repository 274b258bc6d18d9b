"""Somebody leaves: their visits go back into the tray, and what was promised stays promised (B8)."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg

from tests.support.field import VISITS, Job, a_job, did, facts, story, technician
from tests.support.people import Company, Person
from tests.support.queries import counted
from tests.support.server import Server
from tests.support.waiting import until, waiting_for_locks

MEMBERS = "/api/v2/memberships"
TECHNICIANS = "/api/v2/technicians"
PROMISED = ("promised_start", "promised_end", "confirmed_at")


async def _three_visits(job: Job, *technicians: str) -> list[Any]:
    """Planned, promised and dispatched visits on three days."""
    made = []
    for day in range(3):
        at = job.nine + timedelta(days=day)
        window = {
            "window_start": at.isoformat(),
            "window_end": (at + timedelta(hours=2)).isoformat(),
        }
        visit = await did(job.dana, await job.visit(), "promise", told_via="phone", **window)
        reply = await job.schedule(visit, *technicians, start=at)
        assert reply.status_code == 200, reply.text
        made.append(await did(job.dana, reply.json(), "confirm", via="phone"))
    made[2] = await did(job.dana, made[2], "dispatch")
    return made


async def _someone(company: Company, name: str) -> tuple[Person, str]:
    who = await company.person("technician", name)
    return who, await technician(company, name.title(), who=who)


async def test_each_future_visit_goes_into_the_tray_with_its_promise_intact(acme: Company) -> None:
    owner, job = await acme.person("owner"), await a_job(acme)
    theo, his = await _someone(acme, "theo")
    before = await _three_visits(job, his)
    kept = await job.planned(await technician(acme, "Other"), at=job.nine + timedelta(days=5))

    done = await owner.made(f"{MEMBERS}/{theo.user_id}/deactivate", {"reason": "Moved to Ohio"})
    assert (done["member_id"], done["technician_id"]) == (str(theo.user_id), his)
    assert [one["id"] for one in done["handed_over"]] == [one["id"] for one in before]
    for was in before:
        now = await job.dana.got(f"{VISITS}/{was['id']}")
        assert now["status"] == "unscheduled"
        assert {name: now[name] for name in PROMISED} == {name: was[name] for name in PROMISED}
        assert now["planned_start"] is None
        assert now["assignments"] == []
        told = (await story(job.dana, f"{VISITS}/{was['id']}"))[-1]
        assert told["sentence"] == (
            "The visit was taken off the board: Theo does not work here any more."
        )
    assert "visit.recalled" in await facts(job.dana, f"{VISITS}/{before[2]['id']}")
    assert (await job.dana.got(f"{VISITS}/{kept['id']}"))["status"] == "scheduled"

    assert (await theo.get("/api/v2/me")).status_code == 401
    assert (await job.dana.got(f"{TECHNICIANS}/{his}"))["active"] is False
    last = (await owner.got(f"{MEMBERS}/{theo.user_id}/timeline"))["data"][0]
    assert last["sentence"] == (
        "Theo was deactivated: Moved to Ohio; 3 visits went back into the tray."
    )
    # the time is free again, for whoever takes over
    other = await technician(acme, "Successor")
    visit = await job.dana.got(f"{VISITS}/{before[0]['id']}")
    assert (await job.schedule(visit, other, start=job.nine)).status_code == 200


async def test_who_is_out_on_a_visit_is_not_taken_away_from_it(acme: Company) -> None:
    owner, job = await acme.person("owner"), await a_job(acme)
    tina, hers = await _someone(acme, "tina")
    begun = await job.planned(hers)
    later = await job.planned(hers, at=job.nine + timedelta(days=1))
    begun = await did(job.dana, begun, "en-route")
    refused = await owner.post(f"{MEMBERS}/{tina.user_id}/deactivate")
    assert (refused.status_code, refused.json()["code"]) == (409, "visits_begun")
    assert refused.json()["visits"] == [begun["id"]]
    assert (await job.dana.got(f"{VISITS}/{later['id']}"))["status"] == "scheduled"
    assert (await tina.get("/api/v2/me")).status_code == 200


async def test_a_technician_stops_and_goes_on_signing_in(acme: Company) -> None:
    job = await a_job(acme)
    toby, his = await _someone(acme, "toby")
    visit = await job.planned(his)
    other = await technician(acme, "Stays")
    meeting = {
        "title": "Safety meeting",
        "starts_at": (job.nine + timedelta(days=2)).isoformat(),
        "ends_at": (job.nine + timedelta(days=2, hours=1)).isoformat(),
    }
    event = await job.dana.made("/api/v2/events", {**meeting, "technician_ids": [his, other]})
    done = await job.dana.made(f"{TECHNICIANS}/{his}/deactivate")
    path = f"/api/v2/events/{event['id']}"
    left = await job.dana.got(path)
    assert his not in str(left["technicians"])
    assert other in str(left["technicians"])
    back = await job.dana.patch(
        path, json={"technician_ids": [his, other]}, headers={"If-Match": f'"v{left["version"]}"'}
    )
    assert (back.status_code, back.json()["code"]) == (409, "technician_inactive")
    anew = await job.dana.post("/api/v2/events", json={**meeting, "technician_ids": [his]})
    assert (anew.status_code, anew.json()["code"]) == (409, "technician_inactive")
    assert (await job.dana.got(path))["version"] == left["version"]
    assert [one["id"] for one in done["handed_over"]] == [visit["id"]]
    assert (await toby.get("/api/v2/me")).status_code == 200
    again = await job.dana.post(f"{TECHNICIANS}/{his}/deactivate")
    assert (again.status_code, again.json()["code"]) == (409, "already_inactive")
    fresh = await job.visit()
    refused = await job.schedule(fresh, his, start=job.nine)
    assert refused.json()["code"] == "technician_inactive"


async def test_who_was_suspended_before_is_handed_over(acme: Company) -> None:
    owner, job = await acme.person("owner"), await a_job(acme)
    tara, hers = await _someone(acme, "tara")
    visit = await job.planned(hers)
    await owner.made(f"{MEMBERS}/{tara.user_id}/suspend")
    assert (await job.dana.got(f"{VISITS}/{visit['id']}"))["status"] == "scheduled"
    done = await owner.made(f"{MEMBERS}/{tara.user_id}/deactivate")
    assert [one["id"] for one in done["handed_over"]] == [visit["id"]]
    own = await owner.post(f"{MEMBERS}/{owner.user_id}/deactivate")
    assert (own.status_code, own.json()["code"]) == (409, "own_membership")


async def test_bookings_made_meanwhile_are_handed_over_or_refused(acme: Company) -> None:
    owner, job = await acme.person("owner"), await a_job(acme)
    ted, his = await _someone(acme, "ted")
    visits = [await job.visit() for _ in range(6)]
    plans = [
        job.schedule(visit, his, start=job.nine + timedelta(hours=3 * n))
        for n, visit in enumerate(visits)
    ]
    leaving = owner.post(f"{MEMBERS}/{ted.user_id}/deactivate")
    *_, reply = await asyncio.gather(*plans, leaving)
    assert reply.status_code in (200, 409), reply.text
    again = await owner.post(f"{TECHNICIANS}/{his}/deactivate")
    assert again.json().get("code", "already_inactive") == "already_inactive"
    statuses = {(await job.dana.got(f"{VISITS}/{one['id']}"))["status"] for one in visits}
    assert statuses == {"unscheduled"}


async def test_an_event_that_changes_as_somebody_leaves_waits_its_turn(
    acme: Company, server: Server
) -> None:
    job = await a_job(acme)
    _, his = await _someone(acme, "tom of events")
    other = await technician(acme, "Stays too")
    meeting = {
        "title": "Stand-up", "technician_ids": [his, other],
        "starts_at": (job.nine + timedelta(days=3)).isoformat(),
        "ends_at": (job.nine + timedelta(days=3, hours=1)).isoformat(),
    }  # fmt: skip
    event = await job.dana.made("/api/v2/events", meeting)
    later = {"ends_at": (job.nine + timedelta(days=3, hours=2)).isoformat()}
    changing = job.dana.patch(
        f"/api/v2/events/{event['id']}", json=later, headers={"If-Match": '"v1"'}
    )
    behind = await asyncpg.connect(server.database.admin)
    with counted(server) as statements:
        async with behind.transaction():
            await behind.execute("select from resources where id = $1 for update", UUID(his))
            leaving = asyncio.create_task(job.dana.post(f"{TECHNICIANS}/{his}/deactivate"))
            await until(lambda: waiting_for_locks(behind, 1))
            late = asyncio.create_task(changing)
            await until(lambda: waiting_for_locks(behind, 2))
        left, changed = await leaving, await late
    await behind.close()
    assert (left.status_code, changed.status_code) == (200, 412)
    entered = [one for one in statements if "identity.enter" in one]
    assert len(entered) == 2, "neither was begun again: they met in one order"
