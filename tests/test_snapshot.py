"""What the planner sees of the database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from app.core.db import Scope
from app.scheduling import slots
from app.scheduling.lanes import Lane
from app.scheduling.model import Busy, Interval, Task, Weights
from app.scheduling.travel import UNKNOWN_SECONDS
from app.services.context import Ctx
from app.services.dispatching import snapshot
from app.services.dispatching.snapshot import Snapshot
from tests.support.field import PHOENIX, Job, a_job, did, needs, skill, technician
from tests.support.people import Company
from tests.support.queries import counted
from tests.test_warnings import shift

HOUR = timedelta(hours=1)


@asynccontextmanager
async def looking(company: Company) -> AsyncIterator[Ctx]:
    """Whoever plans for the company."""
    async with company.server.state.sessions.open(Scope(company.id)) as session:
        yield Ctx(session, company.id, None, frozenset())


async def looked(job: Job, **more: Any) -> Snapshot:
    """The day of the job as the planner sees it."""
    day = job.nine.astimezone(PHOENIX).date()
    async with looking(job.company) as ctx:
        return await snapshot.load(ctx, day, day, **more)


def lane_of(seen: Snapshot, who: str) -> Lane:
    [found] = [one for one in seen.lanes() if one.resource.technician == who]
    return found


async def test_a_day_holds_shift_break_visits_and_events(acme: Company) -> None:
    job = await a_job(acme)
    tess = await technician(acme)
    pause = {"minutes": 30, "earliest": "11:30", "latest": "12:30"}
    spans = [
        {"weekday": day, "start": "08:00", "end": "17:00", "breaks": [pause]}
        for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    ]
    await shift(job, tess, spans=spans)
    visit = await job.planned(tess)
    times = {"starts_at": job.nine + 4 * HOUR, "ends_at": job.nine + 5 * HOUR}
    said = {name: at.isoformat() for name, at in times.items()}
    meeting = {"title": "Safety", "technician_ids": [tess], **said}
    await job.dana.made("/api/v2/events", meeting)
    supply = {"kind": "supply_house", "title": "Parts", "technician_ids": [tess]}
    at = {"starts_at": job.nine + 6 * HOUR, "ends_at": job.nine + 6.5 * HOUR}
    await job.dana.made(
        "/api/v2/events", {**supply, **{name: one.isoformat() for name, one in at.items()}}
    )

    seen = await looked(job)
    lane = lane_of(seen, tess)
    nine = int(job.nine.timestamp())
    assert lane.resource.shift == Interval(nine - 3600, nine + 8 * 3600)
    assert lane.resource.pause is not None
    assert lane.resource.pause.duration == 1800
    assert [one.task.id for one in lane.standing] == [visit["id"]]
    assert lane.resource.busy == (
        Busy(nine + 4 * 3600, nine + 5 * 3600, "Safety"),
        Busy(nine + 6 * 3600, nine + 6 * 3600 + 1800, "Parts"),
    )
    # from nobody knows where
    assert lane.drives[0] == UNKNOWN_SECONDS


async def test_a_promise_without_anybody_is_a_shadow(acme: Company) -> None:
    job = await a_job(acme)
    window = {"window_start": job.nine.isoformat(), "window_end": (job.nine + 2 * HOUR).isoformat()}
    visit = await job.visit(**window)
    [shadow] = [one for one in (await looked(job)).shadows if one.id == visit["id"]]
    nine = int(job.nine.timestamp())
    assert (shadow.promised, shadow.duration) == (Interval(nine, nine + 7200), 3600)
    await did(job.dana, visit, "cancel", reason="changed their mind")
    assert visit["id"] not in {one.id for one in (await looked(job)).shadows}


async def test_slots_go_by_shift_skill_and_what_stands(acme: Company) -> None:
    job = await a_job(acme)
    vacuum = await skill(acme, "Vacuum truck")
    await needs(acme, job, {"skill_id": vacuum, "level": 2})
    tess = await technician(acme, skills=({"skill_id": vacuum, "level": 3},))
    tom = await technician(acme, "Tom Vega")
    await shift(job, tess)
    await shift(job, tom)
    await job.planned(tess, at=job.nine)
    other = await job.visit()

    seen = await looked(job, technician_ids=[tess, tom])
    nine = int(job.nine.timestamp())
    task = Task(other["id"], lane_of(seen, tess).standing[0].task.place, 3600, skills={vacuum: 2})
    windows = [Interval(nine, nine + 1800), Interval(nine + 3600, nine + 5400)]
    found = slots.search(task, seen.lanes(), windows, Weights()).slots
    [only] = found
    assert (only.window, only.seats[0].technician) == (windows[1], tess)


async def test_many_people_take_as_many_questions_as_one(acme: Company) -> None:
    job = await a_job(acme)
    everybody = [await technician(acme, f"Number {n}") for n in range(4)]
    for who in everybody:
        await job.planned(who)
    asked = []
    for some in (everybody[:1], everybody):
        with counted(acme.server) as queries:
            seen = await looked(job, technician_ids=some)
        assert sum(len(one.standing) for one in seen.days) == len(some)
        asked.append(len(queries))
    assert asked[0] == asked[1] < 25


async def test_of_some_it_says_what_it_says_of_all(acme: Company) -> None:
    job = await a_job(acme)
    tess, tom, una = [await technician(acme, name) for name in ("Tess Oh", "Tom Vega", "Una Reyes")]
    for who in (tess, tom, una):
        await shift(job, who)
    together = await job.planned(tess, tom, at=job.nine)
    alone = await job.planned(tom, at=job.nine + 3 * HOUR)
    theirs = await job.planned(una, at=job.nine + 3 * HOUR)
    times = {"starts_at": job.nine + 5 * HOUR, "ends_at": job.nine + 6 * HOUR}
    said = {name: at.isoformat() for name, at in times.items()}
    meeting = {"title": "Safety", "technician_ids": [tom, una], **said}
    await job.dana.made("/api/v2/events", meeting)

    everybody = await looked(job)
    for some in ([tess], [tom], [tess, tom], [una]):
        seen = await looked(job, technician_ids=some)
        wanted = [one for one in everybody.days if str(one.person.technician_id) in some]
        assert list(seen.days) == wanted
        assert seen.shadows == ()
    of_tom = await looked(job, technician_ids=[tom])
    assert {str(id) for id in of_tom.visits} == {together["id"], alone["id"]}
    assert theirs["id"] in {str(id) for id in everybody.visits}
