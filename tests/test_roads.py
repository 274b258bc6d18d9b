"""How long drives take: a map service asked in the background, remembered, and done without."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import pytest
from sqlalchemy import delete, select, text, update

from app.config import Settings
from app.core import clock
from app.core.db import Scope
from app.core.geo import Point
from app.core.places import NotNow
from app.core.roads import Band, Roads
from app.core.tools import tools_of
from app.integrations import roads as services
from app.integrations.roads import DIALECTS, RoadService
from app.integrations.roads_twin import PACE, RoadsTwin, drive
from app.models.travel_times import TravelTime
from app.process import make_tools
from app.scheduling.travel import STOP_SECONDS, Source, band_of, estimate, typical
from app.services.identity.acting import act_for
from app.services.tracking import roads as driving
from tests.support.field import did
from tests.support.jobs import working
from tests.support.map_services import a_map_service
from tests.support.people import Company, Person
from tests.support.queries import counted
from tests.support.roads import place
from tests.support.server import Server
from tests.support.tracking import ago, at_work, ping, told
from tests.test_geofences import a_pinned_job

MORNING = datetime(2026, 11, 24, 8, 0)  # noqa: DTZ001 - by the clock on the wall there
"""A Tuesday."""
HERE, THERE, FAR = place(0, 0), place(3_000, 2_000), place(9_000, -4_000)


@contextmanager
def spoken_to(name: str) -> Iterator[tuple[RoadsTwin, Roads]]:
    """A service of this name, and who plays it."""
    twin = RoadsTwin()
    if name == "twin":
        yield twin, twin
        return
    with a_map_service(twin) as url:
        yield twin, RoadService(name, url=url)


def a_grain(point: Point) -> Point:
    """As precisely as a place is told."""
    return Point(round(point.latitude, 5), round(point.longitude, 5))


EACH = pytest.mark.parametrize("name", ["twin", *DIALECTS])


@EACH
async def test_a_service_answers_with_a_whole_table_and_says_what_it_does_not_know(
    name: str,
) -> None:
    with spoken_to(name) as (twin, roads):
        starts, goals = [HERE, FAR][: roads.most_starts], [THERE, FAR]
        twin.islands.add(a_grain(THERE))
        twin.islands.add(THERE)
        leaving = MORNING if roads.by_the_hour else None
        table = await roads.table(starts, goals, leaving)
        assert [row[0] for row in table] == [None] * len(starts)
        said, real = table[0][1], drive(HERE, FAR, leaving)
        assert said is not None
        assert abs(said.seconds - real.seconds) <= 1
        assert abs(said.metres - real.metres) <= 2
        [(_, _, asked)] = twin.asked
        assert asked == leaving


@EACH
@pytest.mark.parametrize("mood", ["busy", "broken", "garbled", "cut", "silent", "endless"])
async def test_a_service_that_fails_in_any_way_is_not_now(
    name: str, mood: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "TIMEOUT", 0.3)
    with spoken_to(name) as (twin, roads):
        twin.moods.append(mood)
        with pytest.raises(NotNow, match=name) as refused:
            await roads.table([HERE], [THERE], None)
        assert refused.value.after == (timedelta(seconds=90) if mood == "busy" else None)
        assert (await roads.table([HERE], [THERE], None))[0][0] is not None


@pytest.mark.parametrize("name", DIALECTS)
async def test_a_service_that_is_not_there_is_not_now(name: str) -> None:
    with pytest.raises(NotNow, match=f"{name} did not answer"):
        await RoadService(name, url="http://127.0.0.1:9").table([HERE], [THERE], None)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"ROADS": "atlas"}, "ROADS must be one of: none, osrm, valhalla, twin"),
        ({"ROADS": "osrm"}, "needs ROADS_URL"),
        ({"ROADS": "valhalla", "ROADS_URL": "roads.example.com"}, "needs ROADS_URL"),
    ],
)
def test_settings_that_cannot_work_are_refused(
    given: dict[str, str], sentence: str, server: Server
) -> None:
    with pytest.raises(ValueError, match=sentence):
        make_tools(Settings.model_validate(given), "k" * 40, server.state.engine)


def test_hours_lie_in_bands_and_a_band_has_an_hour_to_come() -> None:
    week = [MORNING + timedelta(hours=n) for n in range(7 * 24)]
    today = MORNING.date()
    for local in week:
        band = band_of(local)
        stands = typical(band, today)
        assert stands is not None
        assert band_of(stands) is band
        assert stands.date() > today
    assert {band_of(one) for one in week} == set(Band) - {Band.any}
    assert typical(Band.any, today) is None


@asynccontextmanager
async def asking(server: Server, roads: Roads) -> AsyncIterator[None]:
    """The server and its worker ask this service."""
    sessions = server.state.sessions
    assert sessions.tools is not None
    before = sessions.tools
    sessions.tools = replace(before, roads=roads)
    try:
        async with working(server.database, sessions):
            yield
    finally:
        sessions.tools = before


async def until_provided(person: Person, path: str, **query: Any) -> Any:
    async with asyncio.timeout(20):
        while True:
            found = await person.got(path, **query)
            if '"provider"' in str(found).replace("'", '"'):
                return found
            await asyncio.sleep(0.1)


async def test_whoever_is_nearest_is_told_by_the_estimate_first_and_then_by_the_roads(
    acme: Company, server: Server
) -> None:
    job = await a_pinned_job(acme)
    twin = RoadsTwin(by_the_hour=False)
    here, river = place(2_500, 0), place(-1_800, 1_800)
    straight, across = await at_work(acme, "Nia Near"), await at_work(acme, "Fay Far")
    await told(job.dana, straight, [ping(ago(1), here.latitude, here.longitude)])
    await told(job.dana, across, [ping(ago(1), river.latitude, river.longitude)])
    path = "/api/v2/technicians/nearest"
    async with asking(server, twin):
        first = (await job.dana.got(path, site_id=job.work.site["id"]))["data"]
        ours = {one["technician"]["id"]: one["travel"] for one in first}
        assert {one["source"] for one in ours.values()} == {"estimate"}
        assert ours[across]["metres"] == estimate(river, place(0, 0)).metres
        then = (await until_provided(job.dana, path, site_id=job.work.site["id"]))["data"]
        by_road = {one["technician"]["id"]: one["travel"] for one in then}
        assert {one["source"] for one in by_road.values()} == {"provider"}
        # the grid is longer for whoever comes from the corner
        assert then[0]["technician"]["id"] == straight
        assert abs(by_road[across]["metres"] - 3_600) < 300
        seconds = by_road[across]["metres"] / PACE + STOP_SECONDS  # and finding the door
        assert abs(by_road[across]["seconds"] - seconds) <= 1
        await job.dana.got(path, site_id=job.work.site["id"])
        with counted(server) as queries:
            await job.dana.got(path, site_id=job.work.site["id"])
    assert len(twin.asked) == 1, "what is known is not asked again"
    assert not any("INSERT INTO travel_times" in one for one in queries)


async def test_every_leg_of_an_arrival_says_where_its_time_comes_from(
    acme: Company, server: Server
) -> None:
    job = await a_pinned_job(acme)
    tess = await at_work(acme, "Tess Ode")
    far = place(20_000, 12_000)
    await told(job.dana, tess, [ping(ago(1), far.latitude, far.longitude)])
    soon = clock.now() + timedelta(minutes=50)
    await job.planned(tess, at=clock.now() + timedelta(minutes=5))
    visit = await job.planned(tess, at=soon + timedelta(minutes=30))
    path = f"/api/v2/visits/{visit['id']}/eta"
    async with asking(server, RoadsTwin()):
        first = await job.dana.got(path)
        assert [leg["source"] for leg in first["legs"]] == ["estimate", "estimate"]
        then = await until_provided(job.dana, path)
        # both visits are at one site: nobody is asked how long it takes to stay
        assert [leg["source"] for leg in then["legs"]] == ["provider", "estimate"]
        assert abs(then["legs"][0]["metres"] - 32_000) < 300
        assert then["travel"] == then["legs"][-1]


async def test_a_service_that_fails_is_asked_later_and_the_estimate_stands(
    rival: Company, server: Server
) -> None:
    job = await a_pinned_job(rival)
    twin = RoadsTwin(moods=["busy"])
    tess = await at_work(rival, "Ola Off")
    far = place(9_000, 2_000)
    await told(job.dana, tess, [ping(ago(1), far.latitude, far.longitude)])
    path = "/api/v2/technicians/nearest"
    async with asking(server, twin):
        await job.dana.got(path, site_id=job.work.site["id"])
        async with asyncio.timeout(20):
            while twin.moods:
                await asyncio.sleep(0.05)
        await asyncio.sleep(0.3)
        [near] = (await job.dana.got(path, site_id=job.work.site["id"]))["data"]
        assert near["travel"]["source"] == "estimate"
        async with server.state.sessions.open(Scope(rival.id)) as session:
            assert tools_of(session).roads is twin
            ctx = await act_for(session, None)
            assert await driving.take(ctx) == [], "they said 90 seconds"
        with clock.set_to(clock.now() + timedelta(minutes=5)):
            async with server.state.sessions.open(Scope(rival.id)) as session:
                ctx = await act_for(session, None)
                [again] = await driving.take(ctx)
                assert abs(again.start.latitude - far.latitude) < 0.0013
        # from there, nobody wants to know a day later
        with clock.set_to(clock.now() + timedelta(days=1)):
            async with server.state.sessions.open(Scope(rival.id)) as session:
                assert await driving.go_on(await act_for(session, None)) == 1
                await session.commit()
    assert twin.asked == []


async def test_where_somebody_was_is_not_kept_for_what_it_cost_to_drive_there(
    acme: Company, server: Server
) -> None:
    """A square of 280 m, without who, and a day: gone after two."""
    job = await a_pinned_job(acme)
    tess = await at_work(acme, "Pia Private")
    far = place(7_777, 3_333)
    await told(job.dana, tess, [ping(ago(1), far.latitude, far.longitude)])
    path = "/api/v2/technicians/nearest"
    admin = await asyncpg.connect(server.database.admin)
    async with asking(server, RoadsTwin()):
        await until_provided(job.dana, path, site_id=job.work.site["id"])
        async with asyncio.timeout(20):
            while await admin.fetchval(
                "select count(*) from travel_times where org_id = $1 and due_at is not null",
                acme.id,
            ):
                await asyncio.sleep(0.05)
    rows = await admin.fetch("select * from travel_times where org_id = $1", acme.id)
    assert rows
    assert not {"technician_id", "created_at", "updated_at"} & set(rows[0].keys())
    assert all(row["start_latitude_e5"] % 250 == 0 for row in rows if row["moving"])
    with clock.set_to(clock.now() + timedelta(days=3, minutes=1)):
        async with server.state.sessions.open(Scope(acme.id)) as session:
            assert await driving.go_on(await act_for(session, None)) >= 1
            await session.commit()
    left = "select count(*) from travel_times where org_id = $1 and moving"
    assert await admin.fetchval(left, acme.id) == 0
    await admin.close()


async def test_it_waits_for_nobody_while_a_service_takes_its_time(
    acme: Company, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No transaction is open meanwhile."""
    monkeypatch.setattr(services, "TIMEOUT", 1.5)
    job = await a_pinned_job(acme)
    tess = await at_work(acme, "Sia Slow")
    visit = await job.planned(tess, at=clock.now())
    await did(job.dana, visit, "dispatch")
    slow = RoadsTwin(moods=["silent"] * 3)
    admin = await asyncpg.connect(server.database.admin)
    open_long = (
        "select count(*) from pg_stat_activity where datname = current_database()"
        " and state = 'idle in transaction' and now() - xact_start > interval '1 second'"
    )
    far = place(15_000, 100)
    async with asking(server, slow):
        here = [ping(ago(1), far.latitude, far.longitude)]
        await told(job.dana, tess, here)
        await job.dana.got(f"/api/v2/visits/{visit['id']}/eta")
        async with asyncio.timeout(20):
            while len(slow.moods) == 3:
                await asyncio.sleep(0.05)
        await asyncio.sleep(1.3)
        assert await admin.fetchval(open_long) == 0
    await admin.close()


async def test_one_organisation_fills_neither_the_queue_nor_the_table(
    acme: Company, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who looks at each of many sites leaves room for the others, and old looks go first."""
    monkeypatch.setattr(driving, "MOST_WAITING", 4)
    monkeypatch.setattr(driving, "MOST_KEPT", 3)
    count = (
        "select count(*) filter (where due_at is not null and moving),"
        " count(*) filter (where due_at is not null and not moving),"
        " count(*) filter (where due_at is null) from travel_times"
    )
    twin = RoadsTwin(by_the_hour=False)
    sessions = server.state.sessions
    assert sessions.tools is not None
    before, sessions.tools = sessions.tools, replace(sessions.tools, roads=twin)
    now, goal = clock.now(), place(0, 0)

    def legs(first: int, number: int, *, moving: bool) -> list[driving.Leg]:
        starts = [place(2_000 * n, 5_000) for n in range(first, first + number)]
        return [driving.Leg(one, goal, now, "America/Phoenix", moving) for one in starts]

    try:
        async with sessions.open(Scope(acme.id)) as session:
            ctx = await act_for(session, None)
            await session.execute(delete(TravelTime))

            async def wanted(legs: list[driving.Leg]) -> tuple[int, ...]:
                said = await driving.times(ctx, legs)
                assert {one.source for one in said} == {Source.estimate}
                [row] = await session.execute(text(count))
                return tuple(row)

            assert await wanted(legs(0, 3, moving=True)) == (3, 0, 0)
            assert await wanted(legs(10, 3, moving=False)) == (1, 3, 0)
            assert await wanted(legs(20, 3, moving=True)) == (1, 3, 0)
            assert await wanted(legs(30, 2, moving=False)) == (0, 4, 0)
            assert await wanted(legs(40, 9, moving=True)) == (0, 4, 0), "they stay estimates"
            # another service does not wait for this one
            await session.execute(
                update(TravelTime).values(attempts=1, due_at=now + timedelta(hours=1))
            )
            twin.name = "another"
            assert await wanted(legs(50, 1, moving=False)) == (0, 5, 0)
            due = select(TravelTime.due_at).where(TravelTime.provider == "another")
            assert await session.scalar(due) <= clock.now()
            # what was answered is kept, but no more than that
            await session.execute(
                update(TravelTime).values(
                    attempts=0, due_at=None, answered_on=now.date(), seconds=1, metres=1
                )
            )
            assert await driving.go_on(ctx) == 2
            assert await driving.go_on(ctx) == 0
            await session.rollback()
    finally:
        sessions.tools = before
