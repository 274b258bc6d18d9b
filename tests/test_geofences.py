"""What positions say of visits: suggested or set, the same however they came."""

import asyncio
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from app.core import clock
from app.scheduling.track import Fix
from app.services.context import Ctx
from app.services.tracking import following
from app.tasks.schedules import in_each
from tests.support.deep import times
from tests.support.field import Job, a_job, did, facts, story
from tests.support.people import Company, Person, found_company
from tests.support.roads import MIDDLE, Day, along, drive, fix, place, standing
from tests.support.server import Server
from tests.support.tracking import at_work, told

EVENTS = "/api/v2/geofence-events"
FLAGS = "/api/v2/organisation/flags"


async def wants(company: Company, geofence: str) -> None:
    """The organisation wants it so."""
    olga = await company.person("owner")
    await olga.patched(FLAGS, (await olga.got(FLAGS))["version"], {"geofence": geofence})


async def a_pinned_job(company: Company) -> Job:
    """Work at a site whose place is known."""
    job = await a_job(company)
    path = f"/api/v2/sites/{job.work.site['id']}"
    pin = {"latitude": MIDDLE.latitude, "longitude": MIDDLE.longitude}
    await job.dana.patched(path, (await job.dana.got(path))["version"], pin)
    return job


def a_trip(
    pick: random.Random, start: datetime, *, every: float = 15, stop: float = 900
) -> list[Fix]:
    """To the middle, a stop, and away again."""
    began = start.timestamp()
    there = drive(Day(pick), (-3_000, 2_400), (20, -30))
    back = drive(Day(pick), (20, -30), (5_000, 1_000))
    end = there[-1][0]
    return [
        *(fix(began + at, *where, pick=pick) for at, *where in along(there, every)),
        *(
            fix(began + at, *where, pick=pick)
            for at, *where in standing(end + 1, stop, every, 20, -30)
        ),
        *(fix(began + end + stop + 2 + at, *where, pick=pick) for at, *where in along(back, every)),
    ]


def said(fixes: Sequence[Fix]) -> list[dict[str, Any]]:
    """As a device tells it."""
    return [
        {
            "at": datetime.fromtimestamp(one.at, UTC).isoformat(),
            "latitude": one.latitude,
            "longitude": one.longitude,
            "accuracy_m": one.accuracy,
        }
        for one in fixes
    ]


async def followed(server: Server) -> None:
    """What the clock does each minute."""
    await in_each(server.state.sessions, "follow_tracks", following.follow)


async def sent(
    person: Person, who: str, pings: Sequence[dict[str, Any]], at_once: int = 500
) -> int:
    """Tell all of them, in batches; how many were kept."""
    kept = 0
    for first in range(0, len(pings), at_once):
        kept += (await told(person, who, pings[first : first + at_once]))["kept"]
    return kept


async def test_an_arrival_is_suggested_and_somebody_says_it_was_so(
    acme: Company, server: Server
) -> None:
    await wants(acme, "suggest")
    job = await a_pinned_job(acme)
    tess = await acme.person("technician", "Tess")
    hers = await at_work(acme, "Tess Ode", who=tess)
    visit = await job.planned(hers, at=clock.now() - timedelta(minutes=90))
    await did(job.dana, visit, "dispatch")
    trip = said(a_trip(random.Random(1), clock.now() - timedelta(minutes=60)))
    assert await sent(tess, hers, trip) == len(trip)
    await followed(server)

    (event,) = (await tess.got(EVENTS, status="open"))["data"]
    assert (event["kind"], event["technician"]["name"]) == ("arrival", "Tess Ode")
    assert (await job.dana.got(f"/api/v2/visits/{visit['id']}"))["status"] == "dispatched"
    told_of = (await story(job.dana, f"/api/v2/visits/{visit['id']}"))[-1]
    assert told_of["sentence"] == "Tess Ode seems to have arrived."
    assert (told_of["actor"], told_of["occurred_at"]) == (None, event["at"])

    await tess.made(f"{EVENTS}/{event['id']}/accept")
    now = await job.dana.got(f"/api/v2/visits/{visit['id']}")
    assert (now["status"], now["arrived_at"]) == ("on_site", event["at"])
    again = await tess.post(f"{EVENTS}/{event['id']}/dismiss")
    assert (again.status_code, again.json()["code"]) == (409, "decided")

    await sent(
        tess, hers, trip[-3:] + said(a_trip(random.Random(2), clock.now() - timedelta(days=3)))
    )
    await followed(server)
    (left,) = (await job.dana.got(EVENTS, status="open", visit_id=visit["id"]))["data"]
    assert left["kind"] == "departure"  # the arrival is not suggested a second time
    await job.dana.made(f"{EVENTS}/{left['id']}/accept")
    done = await job.dana.got(f"/api/v2/visits/{visit['id']}")
    assert (done["status"], done["finished_at"]) == ("completed", left["at"])


async def test_what_a_visit_has_gone_on_without_is_asked_no_more(
    acme: Company, server: Server
) -> None:
    """Neither listed nor to be had, from the move on: the clock has no part in it."""
    await wants(acme, "suggest")
    job = await a_pinned_job(acme)
    hers = await at_work(acme, "Tess Ode")
    visits = [
        await job.planned(hers, at=clock.now() - timedelta(minutes=minutes))
        for minutes in (200, 90)
    ]
    for n, visit in enumerate(visits):
        await did(job.dana, visit, "dispatch")
        trip = said(a_trip(random.Random(n), clock.now() - timedelta(minutes=170 - n * 110)))
        await sent(job.dana, hers, trip)
    await followed(server)
    (first, second) = await waiting(job, visits)
    assert (first["kind"], second["kind"]) == ("arrival", "arrival")
    await did(job.dana, visits[0], "en-route", occurred_at=first["at"])
    assert len(await waiting(job, visits)) == 2, "they are still on the way"
    await did(job.dana, visits[0], "arrive")
    await did(job.dana, visits[1], "cancel", reason="The customer called.")
    assert await waiting(job, visits) == []
    late = await job.dana.post(f"{EVENTS}/{first['id']}/accept")
    assert (late.status_code, late.json()["code"]) == (404, "not_found")


async def test_two_who_say_at_once_that_somebody_came_do_not_wait_for_each_other(
    acme: Company, server: Server
) -> None:
    """One takes the suggestion up, one taps by hand: whoever is second is told, and nobody is stuck."""
    await wants(acme, "suggest")
    job = await a_pinned_job(acme)
    stuck = "select deadlocks from pg_stat_database where datname = current_database()"
    admin = await asyncpg.connect(server.database.admin)
    before = await admin.fetchval(stuck)
    for n in range(times(2, deep=20)):
        hers = await at_work(acme, f"Tess Ode {n}")
        visit = await job.planned(hers, at=clock.now() - timedelta(minutes=90))
        await did(job.dana, visit, "dispatch")
        trip = said(a_trip(random.Random(n), clock.now() - timedelta(minutes=60)))
        await sent(job.dana, hers, trip)
        await followed(server)
        (event,) = await waiting(job, [visit])
        replies = await asyncio.gather(
            job.dana.post(f"{EVENTS}/{event['id']}/accept"),
            job.dana.post(f"/api/v2/visits/{visit['id']}/arrive", json={}),
        )
        assert sorted(one.status_code for one in replies) in ([200, 404], [200, 409])
        for verb in ("start", "complete"):
            await did(job.dana, visit, verb)
    await asyncio.sleep(1.1)  # so often does PostgreSQL tell what it has counted
    assert await admin.fetchval(stuck) == before
    await admin.close()


async def test_an_arrival_is_set_by_the_system_where_that_is_wanted(
    acme: Company, server: Server
) -> None:
    await wants(acme, "set")
    job = await a_pinned_job(acme)
    his = await at_work(acme, "Uwe Oh")
    visit = await job.planned(his, at=clock.now() - timedelta(minutes=90))
    path = f"/api/v2/visits/{visit['id']}"
    await did(job.dana, visit, "dispatch")
    trip = said(a_trip(random.Random(4), clock.now() - timedelta(minutes=60)))
    await sent(job.dana, his, trip)
    await followed(server)
    now = await job.dana.got(path)
    events = (await job.dana.got(EVENTS, visit_id=visit["id"], sort="at"))["data"]
    assert (now["status"], now["arrived_at"]) == ("on_site", events[0]["at"])
    # leaving is only suggested: it may be for parts
    assert [(one["kind"], one["status"]) for one in events] == [
        ("arrival", "set"), ("departure", "open"),
    ]  # fmt: skip
    (arrived,) = [one for one in await story(job.dana, path) if one["fact"] == "visit.arrived"]
    assert arrived["sentence"] == "Uwe Oh arrived on site: as the positions show."
    assert (arrived["actor"], arrived["source"]) == (None, "clock")

    await wants(acme, "off")
    another = await job.planned(his, at=clock.now() - timedelta(minutes=30))
    await did(job.dana, another, "dispatch")
    await sent(job.dana, his, said(a_trip(random.Random(5), clock.now() - timedelta(minutes=20))))
    await followed(server)
    assert "visit.arrival_seen" not in await facts(job.dana, f"/api/v2/visits/{another['id']}")


async def test_one_stop_is_the_arrival_at_one_visit(acme: Company, server: Server) -> None:
    """Two visits at one site on one day; the first is ended by hand, with a suggestion left of it."""
    await wants(acme, "set")
    job = await a_pinned_job(acme)
    his = await at_work(acme, "Uwe Oh")
    starts = [clock.now() + timedelta(minutes=minutes) for minutes in (-180, 30)]
    visits = [await job.planned(his, at=start) for start in starts]
    for visit in visits:
        await did(job.dana, visit, "dispatch")
    await sent(job.dana, his, said(a_trip(random.Random(4), clock.now() - timedelta(minutes=150))))
    await followed(server)
    assert await stand(job, visits) == ["on_site", "dispatched"]
    (left,) = await waiting(job, visits)
    assert (left["visit_id"], left["kind"]) == (visits[0]["id"], "departure")

    (came,) = (await job.dana.got(EVENTS, status="set", visit_id=visits[0]["id"]))["data"]
    await did(job.dana, visits[0], "start", occurred_at=came["at"])
    await did(job.dana, visits[0], "complete", finished_at=left["at"])
    await followed(server)
    assert await waiting(job, visits) == []
    again = a_trip(random.Random(5), clock.now() - timedelta(minutes=45), stop=1_200)
    await sent(job.dana, his, said(again))
    await followed(server)
    assert await stand(job, visits) == ["completed", "on_site"]


async def test_an_arrival_far_from_the_plan_is_only_suggested(
    acme: Company, server: Server
) -> None:
    await wants(acme, "set")
    job = await a_pinned_job(acme)
    his = await at_work(acme, "Uwe Oh")
    visit = await job.planned(his, at=clock.now() + timedelta(hours=3))
    await did(job.dana, visit, "dispatch")
    await sent(job.dana, his, said(a_trip(random.Random(4), clock.now() - timedelta(minutes=60))))
    await followed(server)
    assert await stand(job, [visit]) == ["dispatched"]
    (event,) = await waiting(job, [visit])
    assert event["kind"] == "arrival"


async def waiting(job: Job, visits: Sequence[Any]) -> list[Any]:
    """What somebody is still asked about visits."""
    return [
        event
        for visit in visits
        for event in (await job.dana.got(EVENTS, status="open", visit_id=visit["id"]))["data"]
    ]


async def stand(job: Job, visits: Sequence[Any]) -> list[str]:
    """The statuses of visits."""
    return [(await job.dana.got(f"/api/v2/visits/{one['id']}"))["status"] for one in visits]


async def test_no_device_waits_for_its_track_to_be_followed(acme: Company, server: Server) -> None:
    await wants(acme, "suggest")
    job = await a_pinned_job(acme)
    his = await at_work(acme, "Uwe Oh")
    visit = await job.planned(his, at=clock.now() - timedelta(minutes=90))
    await did(job.dana, visit, "dispatch")
    trip = said(a_trip(random.Random(4), clock.now() - timedelta(minutes=60)))
    await sent(job.dana, his, trip[:-5])
    admin = await asyncpg.connect(server.database.admin)
    async with admin.transaction():  # somebody holds the visit, and what follows waits
        await admin.execute("select 1 from visits where id = $1 for update", visit["id"])
        following_on = asyncio.create_task(followed(server))
        waits = "select count(*) from pg_locks where not granted"
        async with asyncio.timeout(4):
            while not await admin.fetchval(waits):
                await asyncio.sleep(0.02)
            assert await sent(job.dana, his, trip[-5:]) == 5
            assert not following_on.done()
    await following_on
    fresh = "select fresh_from is not null from positions where id = $1"
    assert await admin.fetchval(fresh, his)  # what came meanwhile is looked at the next time
    await followed(server)
    assert not await admin.fetchval(fresh, his)
    await admin.close()
    (event,) = await waiting(job, [visit])
    assert event["kind"] == "arrival"


async def test_a_bug_at_one_organisation_keeps_no_other_waiting(
    acme: Company, rival: Company, server: Server
) -> None:
    asked = []

    async def stumbles(ctx: Ctx) -> int:
        asked.append(ctx.org_id)
        raise AssertionError("nobody thought of this")

    with pytest.raises(ExceptionGroup):
        await in_each(server.state.sessions, "stumbles", stumbles)
    assert {acme.id, rival.id} <= set(asked)


async def test_late_twice_and_lied_gives_what_the_clean_order_gives(server: Server) -> None:
    """Check 4 of the issue; `make test-deep` tells 100,000 pings."""
    companies = [await found_company(server, name) for name in ("inorder", "anyhow")]
    pick = random.Random(times(7, deep=8))
    days = times(2, deep=14)
    every, stop = times(4, deep=2), times(900, deep=11_000)
    start = clock.now() - timedelta(days=days, minutes=30)
    truth: list[Fix] = []
    starts = [start + timedelta(days=day) for day in range(days)]
    for begin in starts:
        truth += a_trip(pick, begin, every=every, stop=stop)
    clean = said(truth)
    lies = [
        *({**one, "accuracy_m": 900} for one in pick.sample(clean, len(clean) // 20)),
        *(
            {**one, "at": (clock.now() + timedelta(hours=pick.uniform(1, 90))).isoformat()}
            for one in pick.sample(clean, len(clean) // 20)
        ),
        *(
            {**one, "accuracy_m": one["accuracy_m"] + 20, "longitude": one["longitude"] + 0.003}
            for one in pick.sample(clean, len(clean) // 20)
        ),
        *_elsewhere(pick, truth),
    ]
    mixed = [*clean, *pick.sample(clean, len(clean) // 3), *lies]
    pick.shuffle(mixed)
    found = []
    for company, pings in zip(companies, (clean, mixed), strict=True):
        await wants(company, "suggest")
        job = await a_pinned_job(company)
        who = await at_work(company, "Wim Ot")
        visits = []
        for begin in starts:
            visit = await job.planned(who, at=begin)
            visits.append(visit["id"])
            await did(job.dana, visit, "dispatch")
        for first in range(0, len(pings), 2_000):
            await sent(job.dana, who, pings[first : first + 2_000], 2_000)
            await followed(server)
        tracks = []
        for begin in starts:
            for day in {begin.date(), begin.date() - timedelta(days=1)}:
                seen = await job.dana.got(f"/api/v2/technicians/{who}/track", day=day.isoformat())
                tracks.append((day, seen["points"], seen["metres"]))
        events = (await job.dana.got(EVENTS, limit=200, sort="at"))["data"]
        found.append(
            (
                sorted(tracks, key=lambda one: str(one[0])),
                [(visits.index(one["visit_id"]), one["kind"], one["at"]) for one in events],
            )
        )
        await company.close()
    clean_found, mixed_found = found
    assert mixed_found == clean_found
    assert [kind for _, kind, _ in clean_found[1]] == ["arrival"] * days
    assert sum(metres for _, _, metres in clean_found[0]) > 8_000 * days
    admin = await asyncpg.connect(server.database.admin)
    by_org = await admin.fetch("select count(*) from pings where org_id = any($1) group by org_id", [
        one.id for one in companies
    ])  # fmt: skip
    print(f"{len(mixed):,} pings told, {len(clean):,} of them the clean sequence, in any order")
    seconds = len({int(one.at) for one in truth})
    assert {row["count"] for row in by_org} == {seconds, seconds + len(truth) // 20}
    await admin.close()


def _elsewhere(pick: random.Random, truth: Sequence[Fix]) -> list[dict[str, Any]]:
    """Where nobody could have been a moment later, precisely."""
    taken = {int(one.at) for one in truth}
    alone = [one for one in truth if int(one.at) + 1 not in taken]
    return said(
        [
            Fix(
                one.at + 1,
                *place(pick.uniform(2e5, 9e5), pick.uniform(2e5, 9e5)),
                5,
            )
            for one in pick.sample(alone, len(truth) // 20)
        ]
    )
