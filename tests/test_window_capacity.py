"""What windows hold, and what of them is kept back."""

from datetime import datetime, timedelta
from typing import Any

from tests.support.field import Job, a_job, story, technician
from tests.support.people import Company
from tests.test_availability import AVAILABILITY, BOOK, at_work, booking, desk, offered, windows
from tests.test_held import HOLDS

CAPACITY = "/api/v2/capacity"
RESERVES = f"{CAPACITY}/reserves"
__all__ = ["desk"]


async def first_window(job: Job) -> Any:
    """What the first window of the job's day holds."""
    found = await job.dana.got(CAPACITY, **{"from": job.day, "to": job.day})
    return found["windows"][0]


async def early(job: Job, order: Any) -> datetime:
    """When work would begin in the first window."""
    found = (await offered(job, work_order_id=order["id"]))["slots"]
    return min(datetime.fromisoformat(one["start"]) for one in found)


async def phoenix(desk: Company) -> None:
    """Let the organisation's clock show what the sites' do."""
    owner = await desk.person("owner")
    settings = await owner.got("/api/v2/organisation")
    zone = {"time_zone": "America/Phoenix"}
    await owner.patched("/api/v2/organisation", settings["version"], zone)


async def keep_back(desk: Company, reserves: Any) -> Any:
    owner = await desk.person("owner")
    seen = await owner.got(RESERVES)
    return await owner.put(
        RESERVES, json={"reserves": reserves}, headers={"If-Match": f'"v{seen["version"]}"'}
    )


async def test_sold_held_and_owed_are_counted_and_never_exceed(desk: Company) -> None:
    await phoenix(desk)
    job = await a_job(desk)
    for name in ("Tess", "Tom", "Uma"):
        await at_work(desk, job, name)
    empty = await first_window(job)
    assert (empty["start_local"], empty["available"], empty["reserved"]) == ("08:00", 270, 27)
    slots = {
        "sold": {"path": BOOK},
        "held": {"path": HOLDS},
        "shadows": {"path": BOOK, "assign": False},
    }
    window = None
    for kind, how in slots.items():
        order = await job.work.order()
        found = (await offered(job, work_order_id=order["id"]))["slots"]
        window = next(one for one in found if one["start_local"] == "08:00")
        more = {name: value for name, value in how.items() if name != "path"}
        await job.dana.made(str(how["path"]), booking(order, window, **more))
        assert (await first_window(job))[kind] > 0
    sold = []
    for _ in range(3):
        order = await job.work.order()
        sold.append((await job.dana.post(BOOK, json=booking(order, window))).status_code)
    assert set(sold) == {200, 409}
    after = await first_window(job)
    assert after["sold"] + after["held"] + after["shadows"] + after["reserved"] <= 270


async def test_what_is_kept_back_is_taken_by_who_may_and_that_is_told(desk: Company) -> None:
    await phoenix(desk)
    job = await a_job(desk)
    await at_work(desk, job)
    reserves = [{"percent": 50, "priority": "emergency", "release_hours": 4}]
    assert (await keep_back(desk, reserves)).status_code == 200
    order = await job.work.order()
    assert (await offered(job, work_order_id=order["id"]))["nothing_because"] == (
        "Every window is sold, but for what is kept back. Choose other days."
    )
    urgent = await job.work.order(priority="emergency")
    assert len(windows(await offered(job, work_order_id=urgent["id"]))) == 4
    forbidden = await job.dana.get(
        AVAILABILITY, params={"work_order_id": order["id"], "use_reserve": True}
    )
    assert forbidden.json()["permission"] == "capacity:reserve"
    mia = await desk.person("manager")
    asked = {"from": job.day, "to": job.day, "work_order_id": order["id"], "use_reserve": True}
    slot = (await mia.got(AVAILABILITY, **asked))["slots"][0]
    assert slot["room"]["from_reserve"] == 15
    visit = await mia.made(BOOK, booking(order, slot, use_reserve=True))
    said = [one["sentence"] for one in await story(mia, f"/api/v2/visits/{visit['id']}")]
    assert said[-1].startswith("15 minutes of what is kept back, ")


async def test_reserves_are_set_checked_and_put_back(desk: Company) -> None:
    owner = await desk.person("owner")
    usual = await owner.got(RESERVES)
    assert usual["usual"]
    assert usual["reserves"] == [
        {
            "minutes": None,
            "percent": 10,
            "priority": "emergency",
            "channel": None,
            "release_hours": 4,
        }
    ]
    assert (await keep_back(desk, [])).json()["reserves"] == []
    wrong = await keep_back(desk, [{"percent": 10, "minutes": 5, "channel": "portal"}])
    assert wrong.status_code == 422
    assert (await keep_back(desk, [{"minutes": 90, "channel": "portal"}])).status_code == 200
    unseen = await owner.put(RESERVES, json={"reserves": []})
    assert unseen.status_code == 428
    back = await keep_back(desk, None)
    assert back.json()["reserves"] == usual["reserves"]


async def test_who_has_no_hours_is_named_and_no_nought(desk: Company) -> None:
    owner = await desk.person("owner")
    settings = await owner.got("/api/v2/organisation")
    await owner.patched("/api/v2/organisation", settings["version"], {"working_hours": {}})
    job = await a_job(desk)
    await at_work(desk, job)
    idle = await technician(desk, "Ida Low")
    found = await job.dana.got(CAPACITY, **{"from": job.day, "to": job.day})
    [left] = found["left_out"]
    assert (left["id"], left["name"], left["days"]) == (idle, "Ida Low", [job.day])
    assert left["why"] == "No shift and no working hours say when. Give them a shift."


async def test_a_picture_is_drawn_anew_when_something_changes_and_shown_to_nobody_else(
    desk: Company, rival: Company
) -> None:
    job = await a_job(desk)
    tess = await at_work(desk, job)
    order = await job.work.order()
    assert await early(job, order) == job.nine - timedelta(minutes=40)
    theirs = await a_job(rival)
    strange = await offered(theirs, work_order_id=(await theirs.work.order())["id"])
    assert strange["slots"] == []
    assert strange["looked_at"] == 0
    # at once, though no relay numbers the journal here
    await job.planned(tess, at=job.nine)
    assert await early(job, order) == job.nine + timedelta(hours=1)
    off = {"technician_id": tess, "first_day": job.day, "last_day": job.day, "kind": "sick"}
    asked = await job.dana.made("/api/v2/time-off", off)
    await job.dana.made(f"/api/v2/time-off/{asked['id']}/approve")
    assert (await offered(job, work_order_id=order["id"]))["slots"] == []
