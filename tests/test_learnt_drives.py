"""What a map service says of a drive reaches the planner's picture, whatever else it is asked meanwhile."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from app.core import clock
from app.core.db import Scope
from app.core.geo import Point
from app.core.roads import Band
from app.integrations.roads_twin import RoadsTwin
from app.models.permissions import Permission
from app.models.travel_times import SCALE, TravelTime
from app.scheduling import tables as t
from app.scheduling.distances import spot
from app.scheduling.model import Place
from app.scheduling.travel import STOP_SECONDS
from app.services.context import Ctx
from app.services.dispatching import pictures
from app.services.dispatching.pictures import Picture
from tests.support import clocks
from tests.support.field import PHOENIX, Job, a_job
from tests.support.people import Company
from tests.test_availability import at_work, desk

__all__ = ["desk"]
HERE, THERE, NEW = Point(33.45, -112.07), Point(33.47, -112.04), Point(33.41, -111.98)


async def visited(job: Job, at: Point, who: str, start: datetime) -> Any:
    """A visit to a site of its own."""
    site = await job.dana.made(
        "/api/v2/sites",
        {
            "customer_id": job.work.customer["id"],
            "street": "1 Elm St",
            "postal_code": "85001",
            "latitude": at.latitude,
            "longitude": at.longitude,
        },
    )
    order = await job.work.order(site_id=site["id"])
    return await job.planned(who, at=start, work_order_id=order["id"])


def learnt(start: Point, goal: Point, seconds: int) -> TravelTime:
    ends = [round(one * SCALE) for one in (*start, *goal)]
    names = ("start_latitude_e5", "start_longitude_e5", "goal_latitude_e5", "goal_longitude_e5")
    return TravelTime(
        **dict(zip(names, ends, strict=True)),
        provider=RoadsTwin().name,
        band=Band.any,
        moving=False,
        zone="America/Phoenix",
        seconds=seconds,
        metres=9_000,
        answered_on=clock.now().date(),
        attempts=1,
    )


def driven(picture: Picture, start: Point, goal: Point) -> list[int]:
    """The seconds of gaps between these two, as the tables have them."""
    table = picture.boards.table
    spots = [spot(one.point) for one in table.nodes.places]
    return [
        seconds
        for here, there, seconds in table.rows[[t.HERE, t.THERE, t.DRIVE]].T.tolist()
        if (spots[here], spots[there]) == (spot(start), spot(goal))
    ]


async def test_a_drive_that_is_learnt_reaches_the_tables_though_a_new_place_was_asked_for(
    desk: Company,
) -> None:
    job = await a_job(desk)
    tess = await at_work(desk, job)
    await visited(job, HERE, tess, job.nine)
    await visited(job, THERE, tess, job.nine + timedelta(hours=2))
    day = job.nine.astimezone(PHOENIX).date()
    sessions = desk.server.state.sessions
    assert sessions.tools is not None
    before, sessions.tools = sessions.tools, replace(sessions.tools, roads=RoadsTwin())
    caller, here = Place("caller", NEW), Place("here", HERE)

    async def asked(*rows: TravelTime, places: tuple[Place, ...] = ()) -> Picture:
        async with sessions.open(Scope(desk.id)) as session:
            ctx = Ctx(session, desk.id, None, frozenset(Permission))
            session.add_all(rows)
            await session.commit()
        async with sessions.open(Scope(desk.id)) as session:
            ctx = Ctx(session, desk.id, None, frozenset(Permission))
            return await pictures.of(ctx, day, day, places=places)

    try:
        with clocks.at(datetime.now(UTC).replace(microsecond=0)) as hands:
            [guessed] = driven(await asked(), HERE, THERE)
            assert guessed != 2_400 + STOP_SECONDS
            await asked(learnt(HERE, THERE, 2_400), places=(caller,))
            hands.set(clock.now() + timedelta(seconds=61))
            found = await asked()
            assert driven(found, HERE, THERE) == [2_400 + STOP_SECONDS]
            # what is known of a caller is asked for, and makes nothing anew
            again = await asked(learnt(NEW, HERE, 1_200), places=(caller,))
            assert again.boards.table.drives(caller, here) == 1_200 + STOP_SECONDS
            assert again.legs.leg(caller, here).seconds == 1_200 + STOP_SECONDS
            hands.set(clock.now() + timedelta(seconds=61))
            assert (await asked()).boards.table.rows is found.boards.table.rows
    finally:
        sessions.tools = before
