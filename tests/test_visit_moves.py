"""The moves of a visit: which are open when, to whom, and what each leaves behind."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from app.core import clock
from app.core.db import Scope
from app.models.permissions import SYSTEM_ROLES
from app.models.visits import Visit, VisitStatus
from tests.support.deep import some
from tests.support.field import VISITS, Job, a_job, did, story, technician, verb
from tests.support.people import Company

S = VisitStatus

WAY: dict[VisitStatus, tuple[str, ...]] = {
    S.scheduled: (),
    S.dispatched: ("dispatch",),
    S.en_route: ("dispatch", "en-route"),
    S.on_site: ("dispatch", "en-route", "arrive"),
    S.working: ("dispatch", "en-route", "arrive", "start"),
    S.paused: ("dispatch", "en-route", "arrive", "start", "pause"),
    S.completed: ("dispatch", "en-route", "arrive", "start", "complete"),
    S.incomplete: ("dispatch", "en-route", "incomplete"),
    S.no_access: ("dispatch", "en-route", "arrive", "no-access"),
    S.no_show: ("dispatch", "en-route", "arrive", "no-show"),
    S.canceled: ("cancel",),
    S.unscheduled: ("unschedule",),
    S.tentative: (),
}
"""The verbs that bring a scheduled visit to each status."""

ALONE = Visit.MOVES.keys() - {"swap"}
"""Verbs that need no other visit; `tests/test_swapping.py` tells of that one."""
OFFICE_ONLY = {name for name, move in Visit.MOVES.items() if move.permission != "visits:execute"}


def body(job: Job, name: str, tech: str) -> dict[str, Any]:
    """What a verb needs to be told."""
    now = clock.now()
    return {
        "schedule": {"technician_ids": [tech], "start": job.nine.isoformat()},
        "promise": {
            "window_start": job.nine.isoformat(),
            "window_end": (job.nine + timedelta(hours=2)).isoformat(),
            "told_via": "phone",
        },
        "confirm": {"via": "phone"},
        "move": {"start": (job.nine + timedelta(hours=3)).isoformat()},
        "resize": {"minutes": 90},
        "assign": {"technician_ids": [tech]},
        "split": {"minutes": 30},
        "insert": {
            "technician_ids": [tech],
            "start": (job.nine + timedelta(hours=5)).isoformat(),
        },
        "day-parts": {
            "technician_ids": [tech],
            "first_day": job.day,
            "days": 2,
            "weekdays": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
            "start_local": "08:00",
            "end_local": "09:00",
        },
        "lock": {"lock": "both"},
        "extend": {"minutes": 30},
        "swap": {"with_id": str(uuid4()), "with_version": 1},
        "complete": {
            name: (now + timedelta(seconds=n)).isoformat()
            for n, name in enumerate(("arrived_at", "started_at", "finished_at"))
        },
    }.get(name, {"reason": "It is so"})


async def brought_to(job: Job, tech: str, status: VisitStatus) -> Any:
    """A visit in `status`, by the verbs that lead there."""
    visit = await job.planned(tech)
    for name in WAY[status]:
        visit = await did(job.dana, visit, name, **body(job, name, tech))
    return visit


async def pencilled_in(company: Company, visit: Any) -> None:
    """No verb leads to `tentative` yet."""
    async with company.server.state.sessions.open(Scope(company.id, source="test")) as session:
        (await session.get_one(Visit, (company.id, visit["id"]))).status = S.tentative
        await session.commit()


@pytest.mark.parametrize("status", [one for one in S if one != S.tentative])
async def test_what_is_open_in_a_status_succeeds_and_nothing_else(
    acme: Company, status: VisitStatus
) -> None:
    job = await a_job(acme)
    tech = await technician(acme)
    visit = await brought_to(job, tech, status)
    legal = {name for name, move in Visit.MOVES.items() if status in move.sources}
    assert visit["status"] == status
    assert visit["allowed_transitions"] == sorted(legal)
    for name in ALONE - legal:
        reply = await verb(job.dana, visit, name, **body(job, name, tech))
        assert (name, reply.status_code, reply.json()["code"]) == (name, 409, "illegal_transition")
        assert reply.json()["status_now"] == status
    assert await job.dana.got(f"{VISITS}/{visit['id']}") == visit, "a refusal leaves nothing"
    for name in some(sorted(legal & ALONE), start=len(status) % 3):
        one = await brought_to(job, await technician(acme), status)
        who = [it["technician_id"] for it in one["assignments"]] or [await technician(acme)]
        planned = dict.fromkeys(("schedule", "insert", "day-parts"), "scheduled")
        target = Visit.MOVES[name].target or planned.get(
            name if status == S.unscheduled else "", status
        )
        moved = await did(job.dana, one, name, **body(job, name, who[0]))
        assert (name, moved["status"]) == (name, target)


async def test_what_is_pencilled_in_can_be_booked_or_dropped(acme: Company) -> None:
    job = await a_job(acme)
    tech = await technician(acme)
    visit = await job.planned(tech)
    await pencilled_in(acme, visit)
    now = await job.dana.got(f"{VISITS}/{visit['id']}")
    assert now["allowed_transitions"] == [
        "assign", "cancel", "day-parts", "insert", "lock", "move", "promise", "resize", "schedule", "split",
        "swap", "unlock", "unschedule",
    ]  # fmt: skip
    start = job.nine + timedelta(hours=1)
    assert (await job.schedule(now, tech, start=start)).json()["status"] == "scheduled"


async def test_every_verb_asks_for_the_permission_of_its_move(acme: Company) -> None:
    schema = acme.server.app.openapi()["paths"]
    assert {path.rpartition("/")[2] for path in schema if path.startswith(f"{VISITS}/{{id}}/")} == (
        Visit.MOVES.keys() | {"restore", "timeline", "history", "eta", "duplicate", "drop"}
    )
    job = await a_job(acme)
    tech = await technician(acme)
    visit = await job.planned(tech)
    for role in ("viewer", "accountant", "technician"):
        person = await acme.person(role, f"{role} without")
        granted = SYSTEM_ROLES[role][2]
        for name, move in Visit.MOVES.items():
            reply = await verb(person, visit, name, **body(job, name, tech))
            refused = move.permission not in granted
            # a technician who is not on the visit does not even see it
            assert (name, reply.status_code) == (name, 403 if refused else 404)


async def test_technicians_carry_out_their_own_visits_and_see_no_others(acme: Company) -> None:
    job = await a_job(acme)
    tom, uma = [await acme.person("technician", name) for name in ("tom", "uma")]
    toms, umas = await technician(acme, "Tom Ode", who=tom), await technician(acme, "Uma", who=uma)
    mine, hers = await job.planned(toms), await job.planned(umas)
    await did(job.dana, mine, "dispatch")
    assert [one["id"] for one in (await tom.got(VISITS))["data"]] == [mine["id"]]
    assert (await tom.get(f"{VISITS}/{hers['id']}")).status_code == 404
    assert (await verb(tom, hers, "en-route")).status_code == 404
    seen = await tom.got(f"{VISITS}/{mine['id']}")
    assert seen["allowed_transitions"] == ["accept", "arrive", "complete", "decline", "en-route"]
    for name in ("accept", "en-route", "arrive", "start"):
        await did(tom, mine, name)
    for name in OFFICE_ONLY:
        reply = await verb(tom, mine, name, **body(job, name, toms))
        assert (name, reply.status_code) == (name, 403)

    now = await job.dana.got(f"{VISITS}/{hers['id']}")
    both = await job.schedule(now, umas, toms, start=job.nine + timedelta(hours=1))
    assert (await tom.get(f"{VISITS}/{hers['id']}")).status_code == 200
    await job.schedule(both.json(), umas, start=job.nine + timedelta(hours=1))
    assert (await tom.get(f"{VISITS}/{hers['id']}")).status_code == 404, "taken off again"


async def test_who_declines_is_free_and_the_others_stay(acme: Company) -> None:
    job = await a_job(acme)
    tom, uma = [await acme.person("technician", name) for name in ("tim", "una")]
    toms, umas = await technician(acme, "Tim Ode", who=tom), await technician(acme, "Una", who=uma)
    visit = await job.planned(toms, umas)
    await did(job.dana, visit, "dispatch")
    unclear = await verb(job.dana, {"id": visit["id"]}, "accept")
    assert (unclear.status_code, unclear.json()["errors"][0]["pointer"]) == (422, "/technician_id")
    other = await verb(tom, {"id": visit["id"]}, "accept", technician_id=umas)
    assert (other.status_code, other.json()["code"]) == (403, "not_yours")
    await did(uma, visit, "accept")
    wordless = await verb(tom, {"id": visit["id"]}, "decline")
    assert (wordless.status_code, wordless.json()["errors"][0]["pointer"]) == (422, "/reason")

    declined = await did(tom, visit, "decline", reason="Fever")
    assert (declined["status"], declined["status_reason"]) == ("scheduled", "Fever")
    assert [
        (one["name"], one["status"], one["is_lead"], one["reason"])
        for one in declined["assignments"]
    ] == [("Tim Ode", "declined", False, "Fever"), ("Una", "accepted", True, None)]
    assert (await verb(tom, {"id": visit["id"]}, "en-route")).json()["code"] == "not_yours"
    await job.planned(toms), "his time is free"
    assert (await story(job.dana, f"/api/v2/technicians/{toms}"))[-2]["sentence"] == (
        "Tim Ode declined the visit: Fever."
    )

    await did(job.dana, visit, "dispatch")
    alone = await did(job.dana, visit, "decline", technician_id=umas, reason="Called in sick")
    assert alone["status"] == "scheduled"
    nobody = await verb(job.dana, {"id": visit["id"]}, "dispatch")
    assert (nobody.status_code, nobody.json()["code"]) == (409, "nobody_assigned")
    tray = await job.dana.got(VISITS, unassigned="true", work_order_id=visit["work_order_id"])
    assert [one["id"] for one in tray["data"]] == [visit["id"]]
    again = await job.schedule(alone, toms, start=job.nine + timedelta(hours=5))
    assert again.status_code == 200
    assert [one["status"] for one in again.json()["assignments"]] == [
        "declined", "declined", "offered",
    ]  # fmt: skip


async def test_another_time_has_to_be_accepted_again(acme: Company) -> None:
    job = await a_job(acme)
    tess = await technician(acme)
    visit = await did(job.dana, await job.planned(tess), "dispatch")
    visit = await did(job.dana, visit, "accept")
    assert visit["assignments"][0]["status"] == "accepted"
    moved = (await job.schedule(visit, tess, start=job.nine + timedelta(hours=1))).json()
    assert (moved["status"], moved["assignments"][0]["status"]) == ("dispatched", "offered")
    uma = await technician(acme, "Uma Pan")
    joined = (await job.schedule(moved, tess, uma, start=job.nine + timedelta(hours=1))).json()
    assert joined["assignments"][1]["dispatched_at"] is not None, "the visit is dispatched already"
    recalled = await did(job.dana, joined, "recall")
    assert [one["dispatched_at"] for one in recalled["assignments"]] == [None, None]


async def test_what_happened_earlier_keeps_its_own_time(acme: Company) -> None:
    job = await a_job(acme)
    visit = await did(job.dana, await job.planned(await technician(acme)), "dispatch")
    now = clock.now().replace(microsecond=0)
    ago = [(now - timedelta(minutes=n)).isoformat().replace("+00:00", "Z") for n in range(100)]
    visit = await did(job.dana, visit, "en-route", occurred_at=ago[90])
    visit = await did(job.dana, visit, "arrive", occurred_at=ago[60])
    before = await verb(job.dana, visit, "start", occurred_at=ago[61])
    assert (before.status_code, before.json()["errors"][0]["code"]) == (422, "out_of_order")
    assert before.json()["errors"][0]["pointer"] == "/occurred_at"
    assert f"({ago[61]}) cannot come before the arrival ({ago[60]})" in before.json()["detail"]
    visit = await did(job.dana, visit, "start", occurred_at=ago[55])
    early = await verb(job.dana, visit, "pause", occurred_at=ago[56])
    assert (early.status_code, early.json()["errors"][0]["code"]) == (422, "out_of_order")
    visit = await did(job.dana, visit, "pause", occurred_at=ago[40], reason="Parts")
    backwards = await verb(job.dana, visit, "resume", occurred_at=ago[41])
    assert (backwards.status_code, backwards.json()["errors"][0]["code"]) == (422, "out_of_order")
    visit = await did(job.dana, visit, "complete", occurred_at=ago[20])
    at = {name: visit[name] for name in ("travel_started_at", "arrived_at", "started_at")}
    assert [one.replace(".000000", "") for one in at.values()] == [ago[90], ago[60], ago[55]]
    assert visit["finished_at"].replace(".000000", "") == ago[20]
    assert visit["pauses"][0]["reason"] == "Parts"
    assert visit["pauses"][0]["ended_at"] == visit["finished_at"], "it ended while paused"
    told = await story(job.dana, f"{VISITS}/{visit['id']}")
    assert told[-1]["occurred_at"].replace(".000000", "") == ago[20]
    assert told[-1]["at"] > told[-1]["occurred_at"]


async def test_nothing_has_happened_more_than_a_year_ago(acme: Company) -> None:
    job = await a_job(acme)
    visit = await job.planned(await technician(acme))
    unset = await verb(job.dana, visit, "en-route", occurred_at="1980-01-01T00:00:00Z")
    assert (unset.status_code, unset.json()["errors"][0]["pointer"]) == (422, "/occurred_at")
    assert "Check the device's clock" in unset.json()["errors"][0]["detail"]


async def test_nothing_has_happened_in_the_future(acme: Company) -> None:
    job = await a_job(acme)
    visit = await job.planned(await technician(acme))
    ahead = (clock.now() + timedelta(minutes=4)).isoformat()
    beyond = (clock.now() + timedelta(minutes=10)).isoformat()
    for name, field in (("en-route", "occurred_at"), ("complete", "finished_at")):
        reply = await verb(job.dana, visit, name, **{field: beyond})
        assert (reply.status_code, reply.json()["errors"][0]["pointer"]) == (422, f"/{field}")
    await did(job.dana, visit, "en-route", occurred_at=ahead)
    arrived = await did(job.dana, visit, "arrive")
    assert arrived["arrived_at"] >= arrived["travel_started_at"], "a phone's clock may be ahead"


async def test_a_visit_that_nobody_tapped_is_filled_in(acme: Company) -> None:
    job = await a_job(acme)
    visit = await job.planned(await technician(acme))
    reply = await verb(job.dana, visit, "complete")
    assert (reply.status_code, reply.json()["code"]) == (422, "times_missing")
    assert [one["pointer"] for one in reply.json()["errors"]] == [
        "/arrived_at", "/started_at", "/finished_at",
    ]  # fmt: skip
    now = clock.now()
    times = {
        "arrived_at": (now - timedelta(hours=2)).isoformat(),
        "started_at": (now - timedelta(hours=3)).isoformat(),
        "finished_at": now.isoformat(),
    }
    turned = await verb(job.dana, visit, "complete", **times)
    assert (turned.status_code, turned.json()["errors"][0]["pointer"]) == (422, "/started_at")
    times["started_at"] = times["arrived_at"]
    done = await did(job.dana, visit, "complete", **times)
    assert (done["status"], done["travel_started_at"]) == ("completed", None)


async def test_the_server_decides_what_a_late_phone_may_still_do(acme: Company) -> None:
    job = await a_job(acme)
    tom = await acme.person("technician", "late tom")
    toms = await technician(acme, "Late Tom", who=tom)
    visit = await did(job.dana, await job.planned(toms), "dispatch")
    await did(job.dana, visit, "cancel", reason="The customer called")
    now = clock.now()
    times = {name: now.isoformat() for name in ("arrived_at", "started_at", "finished_at")}
    late = await verb(tom, {"id": visit["id"]}, "complete", **times)
    assert (late.status_code, late.json()["code"]) == (409, "illegal_transition")
    assert late.json()["status_now"] == "canceled"
    assert (await tom.got(f"{VISITS}/{visit['id']}"))["status_reason"] == "The customer called"


async def test_turning_to_other_work_forgets_the_way_but_not_the_story(acme: Company) -> None:
    job = await a_job(acme)
    visit = await job.planned(await technician(acme))
    await did(job.dana, visit, "en-route")
    diverted = await did(job.dana, visit, "divert", reason="Emergency next door")
    assert (diverted["status"], diverted["travel_started_at"]) == ("dispatched", None)
    assert (await story(job.dana, f"{VISITS}/{visit['id']}"))[-1]["sentence"] == (
        "Tess Ode turned to other work: Emergency next door."
    )


async def test_an_approved_work_order_is_not_opened_again_by_its_visit(acme: Company) -> None:
    job = await a_job(acme)
    visit = await brought_to(job, await technician(acme), S.completed)
    reopened = await did(job.dana, visit, "reopen", reason="It leaks")
    assert (reopened["status"], reopened["finished_at"]) == ("working", None)
    assert reopened["assignments"][0]["status"] == "accepted"
    await did(job.dana, visit, "complete")
    mia = await acme.person("manager")
    await mia.made(f"/api/v2/work-orders/{visit['work_order_id']}/approve")
    reply = await verb(job.dana, {"id": visit["id"]}, "reopen", reason="It leaks again")
    assert (reply.status_code, reply.json()["code"]) == (409, "work_order_ended")


async def test_if_match_guards_the_verbs_where_it_is_sent(acme: Company) -> None:
    job = await a_job(acme)
    visit = await job.planned(await technician(acme))
    await did(job.dana, visit, "dispatch")
    stale = await verb(job.dana, visit, "accept")
    assert (stale.status_code, stale.json()["current"]["status"]) == (412, "dispatched")
    free = await verb(job.dana, {"id": visit["id"]}, "accept")
    assert free.status_code == 200
    bare = await job.dana.post(f"{VISITS}/{visit['id']}/en-route")
    assert bare.status_code == 200, "a verb that needs no word needs no body"
    unknown = await verb(job.dana, {"id": visit["id"]}, "arrive", colour="red")
    assert unknown.status_code == 422
