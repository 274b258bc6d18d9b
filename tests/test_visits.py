"""Visits through the door people use: made, promised, carried out, ended, told."""

from datetime import timedelta

from tests.support.field import VISITS, a_job, did, story, technician
from tests.support.people import Company


async def test_a_visit_is_planned_carried_out_and_told_whole(acme: Company) -> None:
    job = await a_job(acme)
    tom = await acme.person("technician", "tom")
    tech = await technician(acme, "Tom Ode", who=tom)
    order = await job.work.order()
    made = await job.dana.post(
        VISITS,
        json={
            "work_order_id": order["id"],
            "window_start": job.nine.isoformat(),
            "window_end": (job.nine + timedelta(hours=2)).isoformat(),
            "told_via": "phone",
            "told_to": "Mrs Lee",
            "instructions": "Use the side gate.",
        },
    )
    assert made.status_code == 201, made.text
    assert made.headers["etag"] == '"v1"'
    visit = made.json()
    assert (visit["status"], visit["duration_minutes"]) == ("unscheduled", 60)
    assert visit["time_zone"] == "America/Phoenix"
    assert visit["promise"]["wall_start"] == f"{job.day}T09:00-07:00"
    assert (visit["promise"]["told_via"], visit["promise"]["told_to"]) == ("phone", "Mrs Lee")
    assert visit["allowed_transitions"] == ["cancel", "promise", "schedule"]

    booked = await job.schedule(visit, tech, start=job.nine)
    assert booked.status_code == 200, booked.text
    visit = booked.json()
    assert (visit["status"], visit["planned_wall"]) == ("scheduled", f"{job.day}T09:00-07:00")
    assert visit["assignments"] == [
        {
            "technician_id": tech,
            "name": "Tom Ode",
            "status": "offered",
            "is_lead": True,
            "dispatched_at": None,
            "reason": None,
        }
    ]
    await did(job.dana, visit, "confirm", via="sms")
    await did(job.dana, visit, "dispatch")
    for name in ("accept", "en-route", "arrive", "start", "pause", "resume", "complete"):
        visit = await did(tom, visit, name)
    assert (visit["status"], visit["allowed_transitions"]) == ("completed", [])
    assert visit["assignments"][0]["status"] == "done"
    assert visit["travel_started_at"] < visit["arrived_at"] < visit["started_at"]
    assert visit["started_at"] < visit["pauses"][0]["started_at"] < visit["pauses"][0]["ended_at"]
    assert visit["pauses"][0]["ended_at"] < visit["finished_at"]

    told = await story(job.dana, f"/api/v2/work-orders/{order['id']}")
    number = order["number"]
    assert [one["sentence"] for one in told] == [
        f"Work order {number} was added.",
        "A visit of 60 minutes was added.",
        f"Arrival was promised for {job.said}, 09:00–11:00 (by phone, Mrs Lee).",
        f"The visit was booked for {job.said}, 09:00–10:00 with Tom Ode.",
        f"Work order {number} is scheduled.",
        "The customer confirmed the visit (by text message).",
        "The visit was dispatched to Tom Ode.",
        "Tom Ode accepted the visit.",
        "Tom Ode set off.",
        f"Work order {number} is in progress.",
        "Tom Ode arrived on site.",
        "Tom Ode started work.",
        "Work was paused.",
        "Work went on.",
        "Tom Ode completed the visit.",
        f"Work order {number} is complete.",
    ]
    assert {one["actor"]["name"] for one in told} == {"Dispatcher", "Tom"}
    for place in (f"{VISITS}/{visit['id']}", f"/api/v2/sites/{visit['site']['id']}"):
        assert "Tom Ode arrived on site." in [
            one["sentence"] for one in await story(job.dana, place)
        ]
