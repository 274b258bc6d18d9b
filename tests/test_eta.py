"""When somebody will be there, through the door people ask at."""

import random
from datetime import datetime, timedelta
from typing import Any

from app.core import clock
from tests.support.field import did
from tests.support.people import Company
from tests.support.queries import counted
from tests.support.roads import Day, along, drive, fix, place
from tests.support.server import Server
from tests.support.tracking import ago, at_work, ping, told
from tests.test_geofences import a_pinned_job, said


def minutes_off(found: Any, of: str, what: datetime) -> float:
    return abs((datetime.fromisoformat(found[of]) - what).total_seconds()) / 60


async def test_it_is_foretold_from_position_and_plan(acme: Company, server: Server) -> None:
    job = await a_pinned_job(acme)
    tess = await at_work(acme, "Tess Ode")
    soon = clock.now() + timedelta(minutes=30)
    visit = await job.planned(tess, at=soon)
    path = f"/api/v2/visits/{visit['id']}"
    refused = await job.dana.get(f"{path}/eta")
    assert (refused.status_code, refused.json()["code"]) == (409, "no_position")

    near = place(2_000, 0)
    await told(job.dana, tess, [ping(ago(1), near.latitude, near.longitude)])
    found = await job.dana.got(f"{path}/eta")
    assert minutes_off(found, "at", soon) < 0.01  # nobody comes before the plan
    assert (found["stops_before"], found["promise"], found["learnt"]) == (0, None, False)
    assert found["travel"] == {"seconds": 414, "metres": 2700, "source": "estimate"}

    window = {
        "window_start": soon.isoformat(),
        "window_end": (soon + timedelta(minutes=15)).isoformat(),
        "told_via": "phone",
    }
    await did(job.dana, visit, "promise", **window)
    first = await job.planned(tess, at=clock.now() - timedelta(minutes=40))
    for verb in ("dispatch", "en-route", "arrive", "start"):
        await did(job.dana, first, verb)
    found = await job.dana.got(f"{path}/eta")
    assert (found["stops_before"], found["promise"]) == (1, "at_risk")
    # an hour of work has just begun, and then they drive
    assert minutes_off(found, "at", clock.now() + timedelta(seconds=3600 + 414 + 90)) < 1

    await did(job.dana, first, "complete")
    await did(job.dana, visit, "dispatch")
    await did(job.dana, visit, "en-route")
    found = await job.dana.got(f"{path}/eta")
    assert minutes_off(found, "at", clock.now() + timedelta(seconds=414)) < 2
    assert found["earliest"] <= found["at"] <= found["latest"]
    await did(job.dana, visit, "arrive")
    assert (await job.dana.get(f"{path}/eta")).json()["code"] == "arrived"

    (look,) = (
        await (await acme.person("owner")).got(
            f"/api/v2/technicians/{tess}/position-looks", looker_id=str(job.dana.user_id)
        )
    )["data"]
    assert (look["looked_at"], look["times"]) == ("arrival", 3)


async def test_after_the_shift_nobody_is_told_how_far_away_somebody_is(acme: Company) -> None:
    job, olga = await a_pinned_job(acme), await acme.person("owner")
    off = await at_work(acme, "Ossi Off")
    visit = await job.planned(off, at=clock.now() + timedelta(minutes=30))
    near = place(2_000, 0)
    await told(job.dana, off, [ping(ago(1), near.latitude, near.longitude)])
    path = f"/api/v2/visits/{visit['id']}/eta"
    assert (await job.dana.got(path))["travel"]["metres"] == 2700
    day = (clock.now() - timedelta(days=1)).date()
    away = {"technician_id": off, "name": "Away", "overrides": True, "spans": []}
    until = (day + timedelta(days=3)).isoformat()
    await olga.made("/api/v2/shifts", {**away, "valid_from": day.isoformat(), "valid_until": until})
    refused = await job.dana.get(path)
    assert (refused.status_code, refused.json()["code"]) == (409, "not_at_work")
    await did(job.dana, visit, "dispatch")
    await did(job.dana, visit, "en-route")  # they have set off: they are at work
    assert (await job.dana.got(path))["travel"]["metres"] == 2700


async def test_it_learns_from_the_drives_of_the_company(rival: Company, server: Server) -> None:
    """Everybody here drives a third as fast as roads allow."""
    job = await a_pinned_job(rival)
    slow = await at_work(rival, "Sly Slow")
    # a track ends with its day: no drive of these may go on past midnight
    earlier = timedelta(minutes=30 if clock.now().minute >= 30 else 0)
    for hours in range(10, 3, -1):
        begin = clock.now() - timedelta(hours=hours) - earlier
        pick = random.Random(hours)
        path = drive(Day(pick), (pick.uniform(1_500, 2_500), pick.uniform(1_500, 2_500)), (0, 0))
        trip = [(3 * at, *where) for at, *where in path]
        pings = said(
            [fix(begin.timestamp() + at, *where, pick=pick) for at, *where in along(trip, 15)]
        )
        visit = await job.planned(slow, at=begin)
        await did(job.dana, visit, "dispatch")
        await did(job.dana, visit, "en-route", occurred_at=begin.isoformat())
        await told(job.dana, slow, pings)
        arrived = begin + timedelta(seconds=trip[-1][0])
        for verb in ("arrive", "start", "complete"):
            await did(job.dana, visit, verb, occurred_at=arrived.isoformat())
    visit = await job.planned(slow, at=clock.now() - timedelta(minutes=20))
    await did(job.dana, visit, "dispatch")
    await did(job.dana, visit, "en-route")
    here = place(2_000, 0)
    await told(job.dana, slow, [ping(clock.now(), here.latitude, here.longitude)])
    with counted(server) as queries:
        found = await job.dana.got(f"/api/v2/visits/{visit['id']}/eta")
    assert found["learnt"] is True
    assert minutes_off(found, "at", clock.now()) > 1.3 * 414 / 60
    assert len(queries) < 16

    near = await job.dana.got("/api/v2/technicians/nearest", site_id=job.work.site["id"])
    (drive_there,) = [one["travel"] for one in near["data"] if one["technician"]["id"] == slow]
    assert drive_there == found["travel"], "who asks elsewhere is told the same"
    assert drive_there["source"] == "learnt"

    day = clock.today("America/Chicago")
    yesterday = (day - timedelta(days=1)).isoformat()
    legs = [
        leg
        for one in (day.isoformat(), yesterday)
        for leg in (await job.dana.got(f"/api/v2/technicians/{slow}/track", day=one))["legs"]
    ]
    driven = [leg["metres"] for leg in legs if leg["end"] is not None]
    assert len(driven) == 7
    assert all(2_000 < metres < 6_500 for metres in driven), driven
