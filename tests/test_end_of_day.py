"""What customers were told, whom to tell, what a day leaves to do, and the notes of days."""

from datetime import timedelta
from typing import Any

from tests.support.field import VISITS, Job, a_job, did, technician, verb
from tests.support.people import Company
from tests.support.queries import counted

HOUR = timedelta(hours=1)
TELL = "/api/v2/customers-to-tell"


def window(job: Job, hours: int = 0) -> dict[str, str]:
    start = job.nine + hours * HOUR
    return {"window_start": start.isoformat(), "window_end": (start + HOUR).isoformat()}


async def to_tell(job: Job, *visits: Any) -> dict[str, str]:
    """Why the customers of these visits have to be told, of those that do."""
    ids = {one["id"] for one in visits}
    found = (await job.dana.got(TELL))["data"]
    return {one["visit_id"]: one["reason"] for one in found if one["visit_id"] in ids}


async def ledger(job: Job, visit: Any) -> list[Any]:
    found = await job.dana.got("/api/v2/promises", visit_id=visit["id"], sort="created_at")
    return list(found["data"])


async def test_each_change_of_a_told_window_is_one_row_of_the_ledger(acme: Company) -> None:
    job = await a_job(acme)
    tess = await technician(acme)
    visit = await job.planned(tess, **window(job), told_via="phone", told_to="Ann")
    await did(job.dana, visit, "promise", **window(job, 1), told_via="sms", reason="a late start")
    rows = await ledger(job, visit)
    assert [(one["told_via"], one["told_to"], one["reason"]) for one in rows] == [
        ("phone", "Ann", None),
        ("sms", None, "a late start"),
    ]
    assert {one["told_by_id"] for one in rows} == {str(job.dana.user_id)}
    assert [one["closed_at"] is None for one in rows] == [False, True]
    assert [one["kept"] for one in rows] == [None, None]

    start = job.nine - 30 * HOUR * 2
    other = await job.visit(
        window_start=start.isoformat(), window_end=(start + HOUR).isoformat(), told_via="phone"
    )
    reply = await job.schedule(other, tess, start=start)
    assert reply.status_code == 200, reply.text
    times = {"arrived_at": 70, "started_at": 75, "finished_at": 90}
    said = {name: (start + timedelta(minutes=m)).isoformat() for name, m in times.items()}
    await did(job.dana, other, "complete", **said)
    assert [one["kept"] for one in await ledger(job, other)] == [False]


async def test_whoever_was_not_told_stands_on_the_list_until_they_are(acme: Company) -> None:
    job = await a_job(acme)
    tess = await technician(acme)
    written = await job.visit(**window(job))
    moved = await job.planned(tess, **window(job), told_via="phone")
    called_off = await job.visit(**window(job), told_via="phone")
    three = (written, moved, called_off)
    assert await to_tell(job, *three) == {written["id"]: "not_told"}
    # a drag inside the window tells nobody, and nobody has to be told; one beyond it has
    await did(
        job.dana, moved, "schedule", technician_ids=[tess], start=(job.nine + HOUR / 2).isoformat()
    )
    assert moved["id"] not in await to_tell(job, *three)
    await did(
        job.dana, moved, "schedule", technician_ids=[tess], start=(job.nine + 3 * HOUR).isoformat()
    )
    await did(job.dana, called_off, "cancel", reason="no parts")
    assert await to_tell(job, *three) == {
        written["id"]: "not_told",
        moved["id"]: "planned_outside",
        called_off["id"]: "canceled",
    }
    found = {one["visit_id"]: one for one in (await job.dana.got(TELL))["data"]}
    for one in three:
        row = found[one["id"]]
        said = (await ledger(job, one))[0]
        assert (row["since"], row["time_zone"]) == (said["created_at"], said["time_zone"])

    body = {"told_via": "phone", "told_to": "Ann"}
    for one in (written, called_off):
        await job.dana.made(TELL, {"visit_id": one["id"], **body})
    first = await job.dana.post(TELL, json={"visit_id": moved["id"], **body})
    assert (first.status_code, first.json()["code"]) == (409, "promise_first")
    again = await job.dana.post(TELL, json={"visit_id": called_off["id"], **body})
    assert (again.status_code, again.json()["code"]) == (409, "nothing_to_tell")
    await did(job.dana, moved, "promise", **window(job, 3), told_via="phone")
    assert await to_tell(job, *three) == {}
    assert [one["told_via"] for one in await ledger(job, written)] == ["not_yet", "phone"]
    story = await job.dana.got(f"{VISITS}/{called_off['id']}/timeline")
    said = "The customer was told that it does not take place (by phone, Ann)."
    assert story["data"][0]["sentence"] == said


async def test_a_day_ends_when_everything_is_closed_out_planned_again_and_billed(
    rival: Company,
) -> None:
    job = await a_job(rival)
    tess = await technician(rival)
    yesterday = job.nine - 72 * HOUR
    day = yesterday.date().isoformat()
    forgotten = await job.planned(tess, at=yesterday)
    undone = await job.planned(tess, at=yesterday + 2 * HOUR)
    for name, minutes in (("en-route", 120), ("arrive", 130), ("start", 131)):
        at = (yesterday + timedelta(minutes=minutes)).isoformat()
        await did(job.dana, undone, name, occurred_at=at)
    at = (yesterday + 3 * HOUR).isoformat()
    await did(job.dana, undone, "incomplete", occurred_at=at, reason="a part is missing")

    async def left() -> dict[str, list[str]]:
        found = await job.dana.got("/api/v2/end-of-day", day=day)
        assert found["not_closed_out"]["total"] == len(found["not_closed_out"]["data"])
        return {
            "not_closed_out": [one["visit_id"] for one in found["not_closed_out"]["data"]],
            "no_next_visit": [one["visit_id"] for one in found["no_next_visit"]["data"]],
            "unbilled": [one["work_order_id"] for one in found["unbilled"]["data"]],
        }

    assert await left() == {
        "not_closed_out": [forgotten["id"]],
        "no_next_visit": [undone["id"]],
        "unbilled": [],
    }
    times = {"arrived_at": 0, "started_at": 5, "finished_at": 60}
    said = {name: (yesterday + timedelta(minutes=m)).isoformat() for name, m in times.items()}
    await did(job.dana, forgotten, "complete", **said)
    await job.visit(work_order_id=undone["work_order_id"])
    done = forgotten["work_order_id"]
    assert await left() == {"not_closed_out": [], "no_next_visit": [], "unbilled": [done]}
    owner = await rival.person("owner")
    await owner.made(f"/api/v2/work-orders/{done}/invoices", {})
    assert await left() == {"not_closed_out": [], "no_next_visit": [], "unbilled": []}


async def test_a_day_has_notes_for_everybody_and_for_one(acme: Company) -> None:
    job = await a_job(acme)
    tess_signs_in = await acme.person("technician", "tess")
    tess, tom = await technician(acme, who=tess_signs_in), await technician(acme, "Tom Vega")
    notes = "/api/v2/day-notes"
    body = {"day": job.day, "body": "The dump closes at 15:00."}
    everybody = await job.dana.made(notes, body)
    own = await job.dana.made(notes, {**body, "technician_id": tess, "body": "New tyres at noon."})
    hers = await job.dana.made(notes, {**body, "technician_id": tom, "body": "Doctor at four."})
    seen = await tess_signs_in.got(notes, day_from=job.day)
    assert {one["id"] for one in seen["data"]} == {everybody["id"], own["id"]}
    changed = await job.dana.patched(f"{notes}/{own['id']}", 1, {"body": "New tyres at one."})
    assert changed["body"] == "New tyres at one."
    assert (await job.dana.delete(f"{notes}/{hers['id']}")).status_code == 204
    assert (await tess_signs_in.post(notes, json=body)).status_code == 403


async def test_lists_of_the_day_ask_as_much_for_one_as_for_many(acme: Company) -> None:
    job = await a_job(acme)
    asked = []
    for _ in range(2):
        for _ in range(1 + 2 * len(asked)):
            await job.visit(**window(job))
            late = await job.planned(await technician(acme), at=job.nine - 72 * HOUR)
            assert (await verb(job.dana, {"id": late["id"]}, "dispatch")).status_code == 200
        with counted(acme.server) as queries:
            await job.dana.got(TELL)
            await job.dana.got("/api/v2/end-of-day")
            await job.dana.got("/api/v2/promises")
        asked.append(len(queries))
    assert asked[0] == asked[1]
