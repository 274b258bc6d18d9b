"""The board: a day as dispatchers see it, and what it tells of the times on it."""

from datetime import timedelta
from typing import Any

from tests.support.field import Job, a_job, technician
from tests.support.people import Company
from tests.support.queries import counted
from tests.test_warnings import shift

BOARD = "/api/v2/board"
HOUR = timedelta(hours=1)


async def seen(job: Job, **asked: Any) -> Any:
    """The board of the job's day."""
    return await job.dana.got(BOARD, **{"date": job.day, **asked})


def lane(board: Any, who: str) -> Any:
    """The only day of somebody's lane."""
    [found] = [one for one in board["lanes"] if one["id"] == who]
    [day] = found["days"]
    return day


def z(moment: Any) -> str:
    return str(moment.isoformat()).replace("+00:00", "Z")


async def test_a_day_shows_lanes_visits_and_the_drives_between_them(acme: Company) -> None:
    job = await a_job(acme)
    tess = await technician(acme)
    await shift(job, tess)
    first = await job.planned(tess, at=job.nine)
    second = await job.planned(tess, at=job.nine + 3 * HOUR)
    window = {"window_start": job.nine.isoformat(), "window_end": (job.nine + 2 * HOUR).isoformat()}
    shadow = await job.visit(**window)
    elsewhere = await job.planned(tess, at=job.nine + 48 * HOUR)

    board = await seen(job)
    day = lane(board, tess)
    assert day["visit_ids"] == [first["id"], second["id"]]
    assert [one["visit_id"] for one in day["stops"]] == day["visit_ids"]
    cells = {one["id"]: one for one in board["visits"]}
    assert elsewhere["id"] not in cells
    assert (cells[shadow["id"]]["promised_start"], shadow["id"] in board["unassigned"]) == (
        z(job.nine),
        True,
    )
    cell = cells[first["id"]]
    assert (cell["version"], cell["planned_start"], cell["number"]) == (
        first["version"],
        z(job.nine),
        first["work_order"]["number"],
    )
    assert cell["assigned"][0]["technician_id"] == tess
    assert [one["start"] for one in day["stops"]] == [z(job.nine), z(job.nine + 3 * HOUR)]
    # two visits at the same house
    assert (day["stops"][1]["drive_minutes"], day["totals"]["work_minutes"]) == (0, 120)
    assert day["pieces"][0]["kind"] == "work"
    assert board["counts"]["visits"] == len(board["visits"])


async def test_many_lanes_take_as_many_questions_as_one(acme: Company) -> None:
    job = await a_job(acme)
    asked = []
    for n in range(4):
        await job.planned(await technician(acme, f"Number {n}"))
        with counted(acme.server) as queries:
            await seen(job)
        asked.append(len(queries))
    assert asked[0] == asked[-1] < 30
